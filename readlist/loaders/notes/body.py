"""The text of a note: abstract, comments by language and tags, told apart line by line.

The abstract is the quote before any comment, and what stands below a heading or in a callout that says so. Comments are
in the language of `<english>` marks, where there are any, and else of their script: as in the newsletter, whatever
stands between two foreign paragraphs is of that comment, and what follows the last one is the English comment.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from readlist.loaders import limits
from readlist.loaders.languages import LATIN, language
from readlist.loaders.newsletter import lines as newsletter_lines
from readlist.loaders.notes import markdown
from readlist.loaders.notes.markdown import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from readlist.loaders.notes.markdown import Line

# arXiv shows such an abstract as it was typed; the newsletter shows the words.
_LATEX = re.compile(r"\\(?:text(?:bf|it|tt|sc|sf|rm|sl)?|emph|underline|url)\{([^{}]*+)\}")
_CALLOUT = re.compile(r"\[!([\w-]+)\][+-]?\s*")


class Body:
    """What stands below the head of a note; `tags` without their "#", `links` are those that no text shows."""

    def __init__(self, say: Callable[[int, str], None]) -> None:
        self.tags: list[str] = []
        self.links: list[str] = []
        self._say = say
        self._abstract: list[str] = []
        self._comment: list[list[str]] = []
        self._english: list[list[str]] = []  # within the marks
        self._in_english = False
        self._in_paragraph = False
        self._in_quote = False
        self._is_abstract = False  # what is quoted, or stands below the heading

    def read(self, lines: Iterable[Line]) -> None:
        """Take the lines, one after the other."""
        for line in lines:
            self.links += line.links
            if line.kind in (Kind.TEXT, Kind.LINK):
                self.add(line.text)
            elif line.kind is Kind.QUOTE:
                self._take_quote(line.text)
            else:
                self._in_paragraph = False
                self._leave_quote()
                self._take_structure(line)

    def add(self, text: str) -> None:
        """Take a line of text: of the abstract where that goes on, else of a comment."""
        if self._in_quote and not (self._is_abstract and _goes_on(self._abstract, text)):
            self._leave_quote()
        if self._is_abstract:
            self._abstract.append(text)
        else:
            self._add_comment(text)

    def abstract(self, other: str, say: limits.Say) -> str:
        """The abstract on one line, or else the `other` one, without LaTeX's commands for the look of words."""
        text = _LATEX.sub(r"\1", " ".join(self._abstract) or other)
        return limits.cut(text, limits.MAX_TEXT, "abstract", say)

    def comments(self, say: limits.Say) -> dict[str, str]:
        """The comments by language, paragraphs parted by a blank line."""
        comments = _by_language(["\n".join(lines) for lines in self._comment])
        if self._english:
            comments[LATIN] = ["\n".join(lines) for lines in self._english] + comments.get(LATIN, [])
        return {
            code: limits.cut("\n\n".join(paragraphs), limits.MAX_TEXT, f"comment ({code})", say)
            for code, paragraphs in comments.items()
        }

    def _take_structure(self, line: Line) -> None:
        if line.kind is Kind.TAGS:
            self._is_abstract = False
            self._take_tags(line)
        elif line.kind is Kind.HEADING:
            self._is_abstract = markdown.is_abstract(line.text)
            if line.text and not markdown.is_section(line.text):
                self._add_comment(line.text)
                self._in_paragraph = False
        elif line.kind in (Kind.ENGLISH, Kind.END_OF_ENGLISH):
            self._is_abstract = False
            self._in_english = line.kind is Kind.ENGLISH

    def _take_tags(self, line: Line) -> None:
        found, others = newsletter_lines.tags(line.text)
        self.tags += found
        if others:
            text = " ".join(others)
            self._say(line.number, f"not a tag, kept with the comment: {limits.excerpt(text)}")
            self._add_comment(text)
            self._in_paragraph = False

    def _take_quote(self, text: str) -> None:
        """A quote is the abstract where it says so, or where no comment stands above it."""
        if callout := _CALLOUT.match(text):
            text = text[callout.end() :]
            self._is_abstract = markdown.is_abstract(callout[1]) or markdown.is_abstract(text)
            text = "" if markdown.is_section(text) else text
        elif not self._in_quote:
            self._is_abstract = self._is_abstract or not (self._comment or self._english)
        self._in_quote = True
        if not text:
            self._in_paragraph = False
        elif self._is_abstract:
            self._abstract.append(text)
        else:
            self._add_comment(text)

    def _leave_quote(self) -> None:
        if self._in_quote:
            self._in_quote = self._is_abstract = self._in_paragraph = False

    def _add_comment(self, text: str) -> None:
        paragraphs = self._english if self._in_english else self._comment
        if not (self._in_paragraph and paragraphs):
            paragraphs.append([])
        paragraphs[-1].append(text)
        self._in_paragraph = True


def _goes_on(abstract: Sequence[str], text: str) -> bool:
    """Whether a line below a quote, without the mark of one, is still of its sentence."""
    return bool(abstract) and newsletter_lines.is_open(abstract[-1]) and language(text) == LATIN


def _by_language(paragraphs: Sequence[str]) -> dict[str, list[str]]:
    codes = [language(text) for text in paragraphs]
    foreign = [at for at, code in enumerate(codes) if code != LATIN]
    if not foreign:
        return {LATIN: list(paragraphs)} if paragraphs else {}
    first, end = foreign[0], foreign[-1] + 1
    while first > 0 and _are_links(paragraphs[first - 1]):
        first -= 1
    while end < len(paragraphs) and _are_links(paragraphs[end]):
        end += 1
    code = Counter(codes[at] for at in foreign).most_common(1)[0][0]
    comments = {code: list(paragraphs[first:end])}
    if english := [*paragraphs[:first], *paragraphs[end:]]:
        comments[LATIN] = english
    return comments


def _are_links(paragraph: str) -> bool:
    return all(map(newsletter_lines.is_only_link, paragraph.split("\n")))
