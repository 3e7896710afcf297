"""The body of a note, below its header: abstract, comments by language, tags and links.

The abstract is the quotation before any comment, or the text below an "Abstract" heading or in an abstract callout.
Comments are in the language that `<english>` tags state, else in that of their script: as in the newsletter, what lies
between two foreign paragraphs belongs to that comment, and what follows the last one is the English comment.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from readlist.loaders.languages import DEFAULT_LANGUAGE, detect_language, find_foreign_span
from readlist.loaders.limits import quote
from readlist.loaders.newsletter.line_joining import is_incomplete_sentence
from readlist.loaders.newsletter.lines import split_tag_line
from readlist.loaders.notes.markdown import NoteLineKind, is_abstract_heading, is_section_heading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from readlist.loaders.notes.markdown import NoteLine

# Abstracts copied from arXiv have these commands; the newsletter has plain text.
_LATEX_FORMATTING = re.compile(r"\\(?:text(?:bf|it|tt|sc|sf|rm|sl)?|emph|underline|url)\{([^{}]*+)\}")
_MIN_CODE_INDENT = 4
_CALLOUT = re.compile(r"\[!([\w-]+)\][+-]?\s*")


class NoteBody:
    """The parsed body: `tags` have no "#", `links` are the link targets that no text shows."""

    def __init__(self, report: Callable[[int, str], None]) -> None:
        self.tags: list[str] = []
        self.links: list[str] = []
        self._report = report
        self._abstract: list[str] = []
        self._comment: list[list[str]] = []  # the lines of each paragraph
        self._english: list[list[str]] = []  # those within <english> tags
        self._in_english = False
        self._in_paragraph = False
        self._in_quote = False
        self._in_list = False
        self._in_abstract = False  # within the quotation, or below the heading

    def add_lines(self, lines: Iterable[NoteLine]) -> None:
        """Parse lines, in the order of the file."""
        for line in lines:
            self.links += line.links
            if line.kind in (NoteLineKind.TEXT, NoteLineKind.LINK):
                self.add_text(self._get_indent(line) + line.text)
            elif line.kind is NoteLineKind.QUOTE:
                self._add_quote(line.text)
            else:
                self._in_paragraph = False
                self._in_list = self._in_list and line.kind is NoteLineKind.BLANK
                self._end_quote()
                self._add_structure(line)

    def add_text(self, text: str) -> None:
        """Add a line of text, to the abstract where that continues, else to a comment."""
        if self._in_quote and not (self._in_abstract and _continues_abstract(self._abstract, text)):
            self._end_quote()
        if self._in_abstract:
            self._abstract.append(text.strip())
        else:
            self._add_comment(text)

    def _get_indent(self, line: NoteLine) -> str:
        """Return the indentation of a line where it has a meaning in Markdown: in lists and in code."""
        self._in_list = line.is_item or (self._in_list and bool(line.indent))
        is_meant = line.is_code or self._in_list or len(line.indent) >= _MIN_CODE_INDENT
        return line.indent if is_meant else ""

    def get_abstract(self, default: str) -> str:
        """Return the abstract on one line, or else `default`; LaTeX commands for formatting are removed."""
        return _LATEX_FORMATTING.sub(r"\1", " ".join(self._abstract) or default)

    def get_comments(self) -> dict[str, str]:
        """Return the comments by language, paragraphs separated by a blank line."""
        comments = split_by_language(["\n".join(lines) for lines in self._comment])
        if self._english:
            english = ["\n".join(lines) for lines in self._english]
            comments[DEFAULT_LANGUAGE] = english + comments.get(DEFAULT_LANGUAGE, [])
        return {language: "\n\n".join(paragraphs) for language, paragraphs in comments.items()}

    def _add_structure(self, line: NoteLine) -> None:
        if line.kind is NoteLineKind.TAGS:
            self._in_abstract = False
            self._add_tags(line)
        elif line.kind is NoteLineKind.HEADING:
            self._in_abstract = is_abstract_heading(line.text)
            if line.text and not is_section_heading(line.text):
                self._add_comment(line.text)
                self._in_paragraph = False
        elif line.kind in (NoteLineKind.ENGLISH, NoteLineKind.END_OF_ENGLISH):
            self._in_abstract = False
            self._in_english = line.kind is NoteLineKind.ENGLISH

    def _add_tags(self, line: NoteLine) -> None:
        tags, others = split_tag_line(line.text)
        self.tags += tags
        if others:
            words = " ".join(others)
            self._report(line.number, f"not a tag: {quote(words)}; added to the comment")
            self._add_comment(words)
            self._in_paragraph = False

    def _add_quote(self, text: str) -> None:
        """Add a quoted line: of the abstract if its callout says so, or if no comment precedes the quotation."""
        if callout := _CALLOUT.match(text):
            text = text[callout.end() :]
            self._in_abstract = is_abstract_heading(callout[1]) or is_abstract_heading(text)
            text = "" if is_section_heading(text) else text
        elif not self._in_quote:
            self._in_abstract = self._in_abstract or not (self._comment or self._english)
        self._in_quote = True
        if not text:
            self._in_paragraph = False
        elif self._in_abstract:
            self._abstract.append(text)
        else:
            self._add_comment(text)

    def _end_quote(self) -> None:
        if self._in_quote:
            self._in_quote = self._in_abstract = self._in_paragraph = False

    def _add_comment(self, text: str) -> None:
        paragraphs = self._english if self._in_english else self._comment
        if not (self._in_paragraph and paragraphs):
            paragraphs.append([])
        paragraphs[-1].append(text)
        self._in_paragraph = True


def _continues_abstract(abstract: Sequence[str], text: str) -> bool:
    """Return whether a line below a quotation, without a quotation mark, continues its last sentence."""
    return bool(abstract) and is_incomplete_sentence(abstract[-1]) and detect_language(text) == DEFAULT_LANGUAGE


def split_by_language(paragraphs: Sequence[str]) -> dict[str, list[str]]:
    """Return the paragraphs of a comment by language: those in a second language and between them, and the others."""
    span = find_foreign_span(paragraphs)
    if span is None:
        return {DEFAULT_LANGUAGE: list(paragraphs)} if paragraphs else {}
    comments = {span.language: list(paragraphs[span.start : span.end])}
    if english := [*paragraphs[: span.start], *paragraphs[span.end :]]:
        comments[DEFAULT_LANGUAGE] = english
    return comments
