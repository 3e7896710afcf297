"""Mail: the digest in a message, in a saved web page (MHTML), and in each message of a mailbox (mbox).

    multipart/alternative   text/html, else text/plain
    multipart/related       its first part; the others are images and frames
    other multiparts        all parts but attachments
    message/rfc822          a forwarded message, also one that is attached

The text of a part is a document that the other loaders parse. Papers without a date get the date in the subject, else
that of the message. Line numbers in problems are those of the decoded text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from readlist.dates import find_date
from readlist.errors import NoPaper, ReadlistError
from readlist.loaders.base import ParseResult, ProblemLog, Source
from readlist.loaders.files import MAILDIR_MESSAGES
from readlist.loaders.mail.mailbox import is_mail, split_messages
from readlist.loaders.person_names import look_like_names
from readlist.models import Appearance
from readlist.sources import Problem

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from readlist.loaders.base import Loader
    from readlist.loaders.mail.mime import MailBudget, Part
    from readlist.models import Mark, Paper

_HTML_TYPES = ("text/html", "application/xhtml+xml")
_TEXT_TYPES = ("text/plain", "text/markdown")
_MAILDIR_FLAGS = r"[:;!]2,[A-Za-z]*\Z"


class MailLoader:
    """The loader of mail; `markup_loaders` parse HTML parts, `text_loaders` those in plain text."""

    name = "mail (EML, MHTML, mbox)"

    def __init__(self, markup_loaders: tuple[Loader, ...], text_loaders: tuple[Loader, ...]) -> None:
        self._markup_loaders = markup_loaders
        self._text_loaders = text_loaders

    def detect(self, source: Source) -> bool:
        """Return whether the data begins like a message or mailbox.

        Its papers are not looked for: the other loaders must not parse what is encoded.
        """
        return is_mail(source.data)

    def parse(self, source: Source) -> ParseResult:
        """Return the papers of all messages; messages of a mailbox that are no digest are ignored.

        Raises:
            NoPaper: no message contains a paper.
            ReadlistError: an HTML part needs packages that are not installed, and nothing else contains a paper.
        """
        from readlist.loaders.mail.mime import MailBudget, parse_message

        # The flags of a message in a Maildir change when it is read; its name without them does not.
        name = re.sub(_MAILDIR_FLAGS, "", source.name)
        is_mailbox, messages = split_messages(source.data)
        contains_other_mail = is_mailbox or source.directory in MAILDIR_MESSAGES
        budget = MailBudget()
        reader = _MessageReader(name, budget, self._markup_loaders, self._text_loaders)
        result = _Collection()
        for number, data in enumerate(messages, 1):
            if not budget.take_part():
                break
            message = reader.read(parse_message(data, budget))
            if is_mailbox:
                message.problems = [_add_number(problem, number) for problem in message.problems]
            if not contains_other_mail or _is_digest(message.papers):
                result.add(message)
        reasons = [*budget.reasons, *([str(reader.error)] if reader.error else [])]
        problems = (*(Problem(name, 0, reason) for reason in reasons), *result.problems)
        if not result.papers:
            raise reader.error or NoPaper(_describe_failure(problems, is_mailbox=is_mailbox))
        return ParseResult(tuple(result.papers), problems, result.marks)


def _describe_failure(problems: Sequence[Problem], *, is_mailbox: bool) -> str:
    """Return why mail contains no paper: the first problem, else what a paper has to be."""
    reason = problems[0].reason if problems else "a paper is a title, then a line of authors in parentheses"
    return f"no paper found in this {'mailbox' if is_mailbox else 'message'}; {reason}"


def _is_digest(papers: Iterable[Paper]) -> bool:
    """Return whether one of the papers is not two lines of ordinary mail: `Lunch is at one.` above `(or later)`."""
    return any(
        paper.arxiv_id or (paper.authors and look_like_names(paper.authors) and paper.abstract) for paper in papers
    )


def _add_number(problem: Problem, number: int) -> Problem:
    """Return a problem that says in which message of a mailbox it is."""
    line = f", line {problem.line}" if problem.line else ""
    return problem._replace(line=0, reason=f"message {number}{line}: {problem.reason}")


@dataclass(slots=True)
class _Collection:
    """The papers, problems and marks of several documents."""

    papers: list[Paper] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    marks: dict[int, Mark] = field(default_factory=dict)

    def add(self, other: _Collection | ParseResult) -> None:
        """Append the content of another document; the numbers of marked papers are adjusted."""
        self.marks |= {len(self.papers) + index: mark for index, mark in other.marks.items()}
        self.papers += other.papers
        self.problems += other.problems


class _MessageReader:
    """Reads the messages of a file; `error` is that of a loader whose packages are not installed, None for none."""

    def __init__(
        self, name: str, budget: MailBudget, markup_loaders: tuple[Loader, ...], text_loaders: tuple[Loader, ...]
    ) -> None:
        self.error: ReadlistError | None = None
        self._name = name
        self._budget = budget
        self._markup_loaders = markup_loaders
        self._text_loaders = text_loaders

    def read(self, message: Part) -> _Collection:
        """Return the papers of a message; those without a date get the date of the message."""
        page_url = _find_page_url(message)
        collection = self._read_part(message, page_url)
        if any(appearance.date is None for paper in collection.papers for appearance in paper.digests):
            date = _find_message_date(message, page_url, self._name)
            collection.papers = [_add_date(paper, date) for paper in collection.papers]
        return collection

    def _read_part(self, part: Part, page_url: str) -> _Collection:
        kind = part.content_type
        if kind == "message/rfc822":
            return _join(map(self.read, part.children))
        if part.is_attachment:
            return _Collection()
        if not kind.startswith("multipart/"):
            return self._read_text(part, page_url)
        children = part.children[:1] if kind == "multipart/related" else part.children
        if kind == "multipart/alternative":
            children = sorted(children, key=lambda child: not child.contains(*_HTML_TYPES))
        collections = (self._read_part(child, page_url) for child in children)
        if kind == "multipart/alternative":
            return next((collection for collection in collections if collection.papers), _Collection())
        return _join(collections)

    def _read_text(self, part: Part, page_url: str) -> _Collection:
        """Return the papers of a part that is text, none for a part of another type."""
        is_html = part.content_type in _HTML_TYPES
        if not is_html and part.content_type not in _TEXT_TYPES:
            return _Collection()
        from readlist.loaders.mail.decoding import decode_part, remove_signature
        from readlist.loaders.tracking import MAX_UNWRAPPED, unwrap_text

        log = ProblemLog(self._name)
        text = decode_part(part, partial(log.report, 0))
        if not (self._budget.take_html(text) if is_html else self._budget.take_text(text)):
            return _Collection()
        if is_html:
            # Markup need not begin with a tag here. It is on the same line, for lines are counted.
            collection = self._parse(f"<html>{text}", page_url, self._markup_loaders)
        else:
            text = remove_signature(text)
            if text.count("://") <= MAX_UNWRAPPED:  # for a link to arXiv shows the loaders what a paper is
                text = unwrap_text(text)
            collection = self._parse_plain_text(text)
        collection.problems[:0] = log.problems
        return collection

    def _parse_plain_text(self, text: str) -> _Collection:
        """Parse a text; if it contains no paper, with the marks of quotation removed: it may be quoted as a whole."""
        from readlist.loaders.mail.forwarding import remove_forwarding_headers, remove_quotation_marks

        text = remove_forwarding_headers(text)
        collection = self._parse(text, "", self._text_loaders)
        if collection.papers or (unquoted := remove_quotation_marks(text)) == text:
            return collection
        return self._parse(unquoted, "", self._text_loaders) if self._budget.take_text(unquoted) else collection

    def _parse(self, text: str, url: str, loaders: Iterable[Loader]) -> _Collection:
        """Parse a text with the first loader that detects its format.

        The loader gets no name, so that it finds no date in it: the name of a mailbox may have that of its export.
        """
        source = Source("", text, url=url)
        try:
            result = next((loader.parse(source) for loader in loaders if loader.detect(source)), ParseResult((), ()))
        except NoPaper:
            return _Collection()
        except ReadlistError as error:
            self.error = error
            return _Collection()
        papers = [_set_source(paper, self._name) for paper in result.papers]
        papers[-1:] = map(_remove_footer, papers[-1:])
        problems = [problem._replace(source=self._name) for problem in result.problems]
        return _Collection(papers, problems, dict(result.marks))


def _join(collections: Iterable[_Collection]) -> _Collection:
    joined = _Collection()
    for collection in collections:
        joined.add(collection)
    return joined


def _remove_footer(paper: Paper) -> Paper:
    """Return the last paper of a message without the footer of the message, which is below its comments."""
    from readlist.loaders.mail.decoding import remove_footer

    comments = {language: remove_footer(text) for language, text in paper.comments.items()}
    return paper._replace(comments={language: text for language, text in comments.items() if text})


def _set_source(paper: Paper, name: str) -> Paper:
    return paper._replace(digests=tuple([appearance._replace(source=name) for appearance in paper.digests]))


def _add_date(paper: Paper, date: dt.date | None) -> Paper:
    return paper._replace(digests=tuple([Appearance(known or date, source) for known, source in paper.digests]))


def _find_page_url(message: Part) -> str:
    """Return the URL of a saved page, "" for a message that someone sent."""
    part = message
    while True:
        fields = part.fields
        url = "".join((fields.get("snapshot-content-location") or fields.get("content-location", "")).split())
        if url.lower().startswith(("http://", "https://")):
            return url
        if not part.children or not part.content_type.startswith("multipart/"):
            return ""
        part = part.children[0]


def _find_message_date(message: Part, page_url: str, name: str) -> dt.date | None:
    """Return the date in the subject, else that of the message, else that in the name of the file, None for none.

    The date of a saved page is the time of saving, so that in its URL is used instead.
    """
    from readlist.loaders.mail.decoding import decode_subject
    from readlist.loaders.page.html import parse_publication_date
    from readlist.loaders.page.parser import date_from_source_name

    if date := find_date(decode_subject(message.fields.get("subject", ""))):
        return date
    date = date_from_source_name(page_url) if page_url else parse_publication_date(message.fields.get("date", ""))
    return date or date_from_source_name(name)
