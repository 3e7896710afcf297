"""The newsletter as plain text: dates, and below each date its papers.

    2025년 2월 11일                           the date of the papers below
    A Title on One Line
    (First Author, Second Author)
    The abstract. Its code is available at
    https://example.org                      a line that a link broke goes on
    .
    둘째 언어로 된 논평                         a comment in a second language, known by its script
    A comment in English
    #tag #another-tag

Everything but title and authors may be missing. What a line is, is decided in layout.py; here the lines become papers.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from readlist.dates import date_line, from_file_name
from readlist.digests import limits
from readlist.digests.languages import LATIN, language
from readlist.digests.layout import (
    TAIL,
    Kind,
    Line,
    authors,
    glue,
    is_author_line,
    is_only_link,
    is_open,
    kind,
    starts_with_link,
    tags,
)
from readlist.digests.source import Loaded
from readlist.models import Appearance, Paper, Problem
from readlist.text import arxiv_id, clean, links

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from readlist.digests.source import Source


_HEAD = 8  # lines within which nearly every digest has its first paper


class Newsletter:
    """The loader of this format."""

    def detect(self, source: Source) -> bool:
        """Whether there is a title with authors below it."""
        lines = _lines(source.text)
        head = list(islice(lines, _HEAD))
        return _holds_paper(head) or _holds_paper([*head, *lines])

    def load(self, source: Source) -> Loaded:
        """The papers, and the lines that belong to none."""
        reader = _Reader(source.name)
        reader.read(list(_lines(source.text)))
        return Loaded(tuple(_with_links_placed(reader.papers)), tuple(reader.problems))


def _lines(text: str) -> Iterator[Line]:
    """The lines that are not blank, cleaned."""
    for number, raw in enumerate(text.splitlines(), 1):
        if line := clean(raw[: limits.MAX_LINE]):
            yield Line(number, line, kind(line))


def _starts(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Of each paper the index of its title and that of its authors, which only the paper's own link may part."""
    at = 0
    while at < len(lines) - 1:
        expected = at == 0 or lines[at - 1].kind in (Kind.DATE, Kind.TAGS)
        below = at + 2 if lines[at + 1].kind is Kind.LINK and at + 2 < len(lines) else at + 1
        if is_author_line(lines[at], lines[below], expected=expected):
            yield at, below
            at = below
        at += 1


def _holds_paper(lines: Sequence[Line]) -> bool:
    return next(_starts(lines), None) is not None


@dataclass(slots=True)
class _Draft:
    """The lines of one paper, sorted by what they are."""

    date: dt.date | None
    title: Line
    authors: Line
    body: list[Line]
    tags: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    """What stands below the tags, which end a paper."""


class _Reader:
    """Goes through the lines of one source, once."""

    def __init__(self, name: str) -> None:
        self.papers: list[Paper] = []
        self.problems: list[Problem] = []
        self._name = name
        self._date = from_file_name(name)
        self._draft: _Draft | None = None

    def read(self, lines: Sequence[Line]) -> None:
        starts = dict(_starts(lines))
        at = 0
        while at < len(lines):
            below = starts.get(at)
            if below is not None:
                self._finish()
                self._draft = _Draft(self._date, lines[at], lines[below], list(lines[at + 1 : below]))
                at = below
            elif lines[at].kind is Kind.DATE:
                self._finish()
                self._date = date_line(lines[at].text)
            elif self._draft:
                self._add(self._draft, lines[at])
            else:
                self._say(lines[at].number, "belongs to no paper: there is no title with authors above it")
            at += 1
        self._finish()

    def _add(self, draft: _Draft, line: Line) -> None:
        if line.kind is Kind.TAGS:
            found, others = tags(line.text)
            draft.tags += found
            if others:
                self._say(line.number, f"not a tag, kept with the comment: {limits.excerpt(' '.join(others))}")
                draft.late.append(" ".join(others))
        elif draft.tags:
            self._say(line.number, "stands below the tags without authors of its own, kept with the paper above")
            draft.late.append(line.text)
        else:
            draft.body.append(line)

    def _finish(self) -> None:
        """The paper is complete."""
        if draft := self._draft:
            self.papers.append(_paper(draft, self._name, lambda reason: self._say(draft.title.number, reason)))
            self._draft = None

    def _say(self, line: int, reason: str) -> None:
        self.problems.append(Problem(self._name, line, reason))


def _paper(draft: _Draft, source: str, say: limits.Say) -> Paper:
    url = _own_link(draft)
    texts = _parted(_whole_lines(draft.body[1:] if url else draft.body))
    for line in draft.late:
        texts.comments.setdefault(language(line), []).append(line)
    abstract = limits.cut(" ".join(texts.abstract), limits.MAX_TEXT, "abstract", say)
    commentary = {
        code: limits.cut("\n\n".join(paragraphs), limits.MAX_TEXT, f"comment ({code})", say)
        for code, paragraphs in texts.comments.items()
    }
    return Paper(
        title=limits.cut(draft.title.text, limits.MAX_TITLE, "title", say),
        authors=limits.cut_all(authors(draft.authors.text), limits.MAX_AUTHOR, "author", say),
        abstract=abstract,
        commentary=commentary,
        tags=tuple(dict.fromkeys(limits.cut_all(draft.tags, limits.MAX_TAG, "tag", say))),
        links=limits.usable_links(_links((abstract, *commentary.values())), say),
        arxiv_id=arxiv_id(url),
        url=url,
        digests=(Appearance(draft.date, source),),
    )


def _links(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(link for text in texts if "://" in text for link in links(text)))


def _own_link(draft: _Draft) -> str:
    """The paper's own link: one alone on the line below title or authors, if it leads to arXiv or an abstract follows.

    A link anywhere else is a mention: other papers, code, a project page.
    """
    if not draft.body or draft.body[0].kind is not Kind.LINK:
        return ""
    link = next(iter(links(draft.body[0].text)), "")
    above_authors = draft.body[0].number < draft.authors.number
    own = above_authors or arxiv_id(link) or (len(draft.body) > 1 and _may_be_abstract(draft.body[1]))
    return link if own and len(link) <= limits.MAX_URL else ""


def _may_be_abstract(line: Line) -> bool:
    return line.kind is Kind.TEXT and line.text[0].isalnum() and language(line.text) == LATIN


def _whole_lines(body: Sequence[Line]) -> list[str]:
    """The lines as they were before links broke them."""
    whole: list[list[str]] = []
    tail, after_link = "", False
    for line in body:
        joint = glue(tail, line.text, after_link=after_link) if whole else None
        if joint is None:
            whole.append([line.text])
            tail = line.text[-TAIL:]
        else:
            whole[-1] += (joint, line.text)
            tail = (tail + joint + line.text[-TAIL:])[-TAIL:]
        after_link = starts_with_link(line.text)
    return ["".join(parts) for parts in whole]


@dataclass(slots=True)
class _Texts:
    """A paper's text: the abstract's lines, and the paragraphs of the comments by language."""

    abstract: Sequence[str]
    comments: dict[str, list[str]]


def _parted(lines: Sequence[str]) -> _Texts:
    """Part the abstract from the comments."""
    codes = [language(line) for line in lines]
    foreign = [at for at, code in enumerate(codes) if code != LATIN]
    if not foreign:
        end = _end_of_abstract(lines)
        return _Texts(lines[:end], {LATIN: list(lines[end:])} if end < len(lines) else {})
    first, last = _with_links_around(lines, foreign[0], foreign[-1])
    code = Counter(codes[at] for at in foreign).most_common(1)[0][0]
    comments = {code: list(lines[first : last + 1])}
    if last + 1 < len(lines):
        comments[LATIN] = list(lines[last + 1 :])
    return _Texts(lines[:first], comments)


def _end_of_abstract(lines: Sequence[str]) -> int:
    """Where no second language shows it, an abstract ends with the first line that ends a sentence."""
    if lines and is_only_link(lines[0]):
        return 0
    return next((at + 1 for at, line in enumerate(lines) if not is_open(line)), len(lines))


def _with_links_around(lines: Sequence[str], first: int, last: int) -> tuple[int, int]:
    """Links alone on a line next to the comment in the second language are part of it."""
    while first > 0 and is_only_link(lines[first - 1]):
        first -= 1
    while last + 1 < len(lines) and is_only_link(lines[last + 1]):
        last += 1
    return first, last


def _with_links_placed(papers: Sequence[Paper]) -> Iterator[Paper]:
    """A comment of links alone is in no language: it goes to the one in which the digest's comments begin."""
    first = Counter(next(iter(paper.commentary)) for paper in papers if paper.commentary and not _only_links(paper))
    code = first.most_common(1)[0][0] if first else LATIN
    for paper in papers:
        yield replace(paper, commentary={code: paper.commentary[LATIN]}) if _only_links(paper) else paper


def _only_links(paper: Paper) -> bool:
    """Whether the comment has no text but links."""
    if paper.commentary.keys() != {LATIN}:
        return False
    return all(map(is_only_link, paper.commentary[LATIN].split("\n\n")))
