"""Where the papers of a Markdown digest begin: a marked title, its links, and the authors beside it or below.

    ## On Tides                         ### 1. [On Tides](https://…)        - **On Tides** (Ada Lovelace, Alan Turing)
    Ada Lovelace; Alan Turing           *Ada Lovelace · Alan Turing*          https://…

A digest marks all of its titles alike: those of the style of the first paper are titles, other marked lines are text.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from readlist.dates import is_unreadable_date, parse_date_line
from readlist.loaders.identifiers import is_paper_link
from readlist.loaders.newsletter.lines import LineKind, classify_line
from readlist.loaders.notes.header import split_title
from readlist.loaders.notes.markdown import is_section_heading
from readlist.loaders.paper_lists.authors import are_plain_names, read_authors
from readlist.loaders.paper_lists.inline import cut_links, find_links, render, strip_number, strip_separators
from readlist.loaders.paper_lists.labels import Label, parse_label, read_link_line
from readlist.loaders.paper_lists.lines import LineMark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from readlist.loaders.paper_lists.lines import MarkdownLine

_MAX_HEADER = 80
"""Lines of a title with its links and authors."""
_MAX_TITLE = 600
_MAX_ITEM_INDENT = 3
_MAX_HEADER_LINE = 200_000
_HEADER_MARKS = (LineMark.BLANK, LineMark.TEXT, LineMark.ITEM)
_KINDS_BELOW_HEADER = (LineKind.DATE, LineKind.UNREADABLE_DATE, LineKind.TAGS)
_BOLD = re.compile(r"(\*\*|__)(?=\S)(.{1,600}?)(?<=\S)\1(?![*_])")


class TitleStyle(NamedTuple):
    """How a digest marks its titles: the mark of the line, "*" or "[" where it has none, the level of a heading, and
    the indentation of an item.
    """

    mark: LineMark
    level: int
    emphasis: str


@dataclass(frozen=True, slots=True)
class MarkedTitle:
    """A line that may be the title of a paper: its text, the links in it, and what stands beside the title.

    `is_link` says that the title itself is a link, which is the first of `links`.
    """

    style: TitleStyle
    text: str
    links: tuple[str, ...]
    rest: str
    is_link: bool


@dataclass(frozen=True, slots=True)
class PaperStart:
    """The title of a paper at index `start`, its links and authors; the text of the paper begins at index `end`.

    `number` is the number of the title's line.
    `authors` is a list without parentheses, "" where there is none; `rest` is text beside the title that is no author.
    """

    number: int
    start: int
    end: int
    title: MarkedTitle
    links: tuple[str, ...]
    authors: str
    rest: str


def find_paper_starts(lines: Sequence[MarkdownLine]) -> list[PaperStart]:
    """Return the starts of the papers of a digest, in their order; an empty list where the lines are no digest."""
    starts: list[PaperStart] = []
    index = 0
    while index < len(lines):
        start = _find_start(lines, index)
        if start:
            starts.append(start)
        index = start.end if start and start.authors else index + 1
    styles = Counter(start.title.style for start in starts if _is_certain(start))
    if not styles:
        return []
    if not _are_items_papers(lines, starts):
        return []
    style = next((style for style, count in styles.items() if count > 1), next(iter(styles)))
    return [start for start in starts if start.title.style == style]


def _are_items_papers(lines: Sequence[MarkdownLine], starts: Sequence[PaperStart]) -> bool:
    """Return whether most items have authors, where the first paper is an item: a list of links has few."""
    if starts[0].title.style.mark is not LineMark.ITEM:
        return True
    style = starts[0].title.style
    items = sum(line.mark is LineMark.ITEM and line.indent == style.level for line in lines)
    with_authors = sum(bool(start.authors) for start in starts if start.title.style == style)
    return with_authors * 2 > items


def _is_certain(start: PaperStart) -> bool:
    """Return whether a start shows that the file is a digest: an item of a list without authors does not."""
    return bool(start.authors) or start.title.style.mark is not LineMark.ITEM


def _find_start(lines: Sequence[MarkdownLine], index: int) -> PaperStart | None:
    title = parse_title(lines[index])
    if title is None:
        return None
    start = _read_header(lines, index, title)
    has_paper_link = title.is_link and is_paper_link(title.links[0])
    return start if start.authors or has_paper_link else None


# Titles


def parse_title(line: MarkdownLine) -> MarkedTitle | None:
    """Return the title with which a line begins, by its marks; None for a line without one."""
    if line.is_code or len(line.text) > _MAX_TITLE:
        return None
    if line.mark is LineMark.HEADING:
        return _parse_heading(line)
    is_top_item = line.mark is LineMark.ITEM and line.indent <= _MAX_ITEM_INDENT
    if not is_top_item and (line.mark is not LineMark.TEXT or line.indent):
        return None
    style = TitleStyle(line.mark, line.indent, "") if is_top_item else TitleStyle(line.mark, 0, line.text[:1])
    return _parse_emphasized(line.text, style)


def _parse_heading(line: MarkdownLine) -> MarkedTitle | None:
    text = line.text
    if is_section_heading(text) or parse_date_line(text) or is_unreadable_date(text):
        return None
    text = strip_number(text)
    style = TitleStyle(LineMark.HEADING, line.level, "")
    if emphasized := _parse_emphasized(text, style):
        return emphasized
    text, labels = _cut_labels(text)
    title, authors = split_title(text, after_link=True) if text else ("", "")
    if authors and not are_plain_names(authors[1:-1]):
        title, authors = text, ""
    return MarkedTitle(style, title or text, labels, authors, is_link=bool(labels)) if text else None


def _parse_emphasized(text: str, style: TitleStyle) -> MarkedTitle | None:
    """Return the title that is a link, or in bold, at the beginning of a text, with the links beside it."""
    own: tuple[str, ...] = ()
    bold = _BOLD.match(text)
    inner, rest = (bold[2], text[bold.end() :]) if bold else (text, "")
    first = next(iter(find_links(inner)), None)
    if first and first.start == 0 and not first.is_label:
        rest = inner[first.end :] + rest
        own = (first.url,)
        title = first.text
    elif bold:
        title, own = _cut_labels(inner)
    else:
        return None
    title = strip_number(title)
    rest, labels = _cut_labels(rest)
    is_title = title and not parse_date_line(title) and not parse_label(f"{title}:") and not is_section_heading(title)
    return MarkedTitle(style, title, (*own, *labels), rest, is_link=bool(own or labels)) if is_title else None


def _cut_labels(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a text without the links that only say what they lead to, and their targets; other links are rendered."""
    labels = [link for link in find_links(text) if link.is_label]
    rendered = render(cut_links(text, labels))[0]
    return strip_separators(rendered) if labels else rendered, tuple(link.url for link in labels)


# Authors and links below a title


def _read_header(lines: Sequence[MarkdownLine], index: int, title: MarkedTitle) -> PaperStart:
    """Return the start of the paper with this title: links and authors may be beside it, and on the lines below."""
    links, rest = list(title.links), title.rest
    is_expected = title.is_link or title.style.mark is LineMark.HEADING
    below = list(_iter_header_texts(lines, index))
    authors, count = read_authors([rest, *below], title.text, expected=is_expected) if rest else ("", 0)
    position = count - 1 if authors else 0
    rest = "" if authors else rest
    while position < len(below):
        text = below[position]
        if own_links := read_link_line(text):
            links += own_links
            position += 1
        elif not text:
            position += 1
        elif not authors and (not rest or _states_authors(text)):
            authors, count = read_authors(below[position:], title.text, expected=is_expected)
            if not authors:
                break
            position += count
        else:
            break
    end = index + 1 + position
    return PaperStart(
        lines[index].number, index, end, title, tuple(dict.fromkeys(links)), authors, strip_separators(rest)
    )


def _states_authors(text: str) -> bool:
    field = parse_label(text)
    return field is not None and field.label is Label.AUTHORS


def _iter_header_texts(lines: Sequence[MarkdownLine], index: int) -> Iterator[str]:
    """Yield the texts of the lines below a title up to one that cannot be part of its header; "" is a blank line."""
    title = lines[index]
    for line in lines[index + 1 : index + 1 + _MAX_HEADER]:
        is_next_item = line.mark is LineMark.ITEM and title.mark is LineMark.ITEM and line.indent <= title.indent
        if line.mark not in _HEADER_MARKS or line.is_code or is_next_item or len(line.text) > _MAX_HEADER_LINE:
            return
        if line.text and classify_line(line.text) in _KINDS_BELOW_HEADER:
            return
        yield line.text
