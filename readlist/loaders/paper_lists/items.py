"""One item or row of a list of papers: its title, its link, and what stands beside them as the comment.

    - [On Tides](https://arxiv.org/abs/2501.00001) [[code]](https://github.com/ada/tides) - A study of tides.
    - **On Tides**, ICLR 2025. [[paper](https://openreview.net/forum?id=x)] ![stars](https://img.shields.io/…)
    | [On Tides](https://doi.org/10.1000/182) | Ada Lovelace, Alan Turing | 조수에 대한 연구 |

The title is the text of the link to the paper; where that only says what it leads to (`paper`, `arXiv:2501.00001`), it
is the text in bold, in quotation marks, or before the link.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from readlist.dates import parse_date_line
from readlist.loaders.identifiers import is_paper_link
from readlist.loaders.newsletter.lines import LineKind, classify_line, split_tag_line
from readlist.loaders.notes.markdown import strip_emphasis
from readlist.loaders.paper_lists.authors import are_names_alone, read_authors
from readlist.loaders.paper_lists.inline import (
    cut_links,
    find_links,
    is_label,
    render,
    strip_number,
    strip_ornaments,
    strip_separators,
)
from readlist.loaders.paper_lists.labels import Label, parse_label, split_tags
from readlist.loaders.person_names import split_author_line

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from readlist.loaders.paper_lists.inline import InlineLink

_MAX_ITEM = 20_000
"""Characters of a line that is searched for a title; a longer one is no item of a list."""
_BOLD = re.compile(r"(\*\*|__)(?=\S)([^*\n]{1,600}?)(?<=\S)\1")
_QUOTED = re.compile(r"[\"“]([^\"“”]{5,400}[^\"“”,.])[,.]?[\"”]")
_SENTENCE_END = re.compile(r"\.\s|\s[-–—|]\s|[:：]\s|,\s\*|\s[(\[]")
_DATE_PREFIX = re.compile(r"[\[(`*]{0,3}(\d{4}[-./]\d{1,2}[-./]\d{1,2})[\])`*]{0,3}[\s:,|–—-]*")
_EMPHASIZED = re.compile(r"([*_])([^*_\n]{5,4000})\1")
_TAGS_AT_END = re.compile(r"(?:(?:\A|(?<=\s))#(?!\d+(?:\s|\Z))[^\s#]\S*\s?)++\Z")
_FULL_STOP = re.compile(r"\.\s")
_NUMBER = re.compile(r"(?:\d{1,4}\)|\[\d{1,4}\]|#\d{1,4})\s+")
_AUTHORS = re.compile(r"\s*[-–—,:]?\s*(?:by\s+)?[(（]([^()（）]{3,4000})[)）]")
_VENUE_PREFIX = re.compile(r"(?:\[[^\[\]]{1,60}\]|\([^()]{1,60}\))\s*[-–—:|]?\s*")
_YEAR_PREFIX = re.compile(r"(\[[^\[\]]{0,30}(?<!\d)(?:19|20)\d\d(?!\d)[^\[\]]{0,30}\])[\s:.–—-]*(?=\S)")
"""Year and venue at the beginning of a title: `[2022]`, `[ICML 2021]`."""
_MAX_SENTENCES = 20


class _Title(NamedTuple):
    """A title, where it starts and ends in the line, and whether it is the text of a link."""

    text: str
    start: int
    end: int


@dataclass(slots=True)
class ListedPaper:
    """A paper of a list; the first of `links` is its own. `comment` has one paragraph an item, empty ones left out."""

    title: str
    links: list[str]
    authors: tuple[str, ...] = ()
    date: dt.date | None = None
    abstract: str = ""
    comment: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    hidden_links: list[str] = field(default_factory=list)


def parse_item(text: str) -> ListedPaper | None:
    """Return the paper in a normalized line; None where no link in it leads to one, or no title stands beside it.

    >>> parse_item("[On Tides](https://arxiv.org/abs/2501.00001) - A study. [[code]](https://github.com/ada/tides)").title
    'On Tides'
    """
    if len(text) > _MAX_ITEM:
        return None
    date = None
    if number := _NUMBER.match(text):
        text = text[number.end() :]
    if prefix := _DATE_PREFIX.match(text):
        date = parse_date_line(prefix[1])
        text = text[prefix.end() :] if date else text
    links = find_links(text)
    own = choose_own_link(links)
    title = _find_title(text, links) if own else None
    if own is None or title is None:
        return None
    return _build_paper(text, links, own, title, date)


def choose_own_link(links: Sequence[InlineLink]) -> InlineLink | None:
    """Return the link of the paper: the first whose target shows that it is one, else the first that says so."""
    own = next((link for link in links if is_paper_link(link.url)), None)
    return own or next((link for link in links if link.leads_to_paper), None)


def _build_paper(
    text: str, links: Sequence[InlineLink], own: InlineLink, title: _Title, date: dt.date | None
) -> ListedPaper:
    year = _YEAR_PREFIX.match(title.text)
    before, after = f"{text[: title.start]} {year[1] if year else ''}", text[title.end :]
    authors: tuple[str, ...] = ()
    in_parentheses = _AUTHORS.match(after)
    if in_parentheses and (authors := _read_names(in_parentheses[1])):
        after = after[in_parentheses.end() :]
    comment = _beside(before, after)
    tags = _TAGS_AT_END.search(comment)
    comment = strip_separators(comment[: tags.start()]) if tags else comment
    if not authors:
        authors, comment = _split_authors(comment)
    labels = [link.url for link in links if link.is_label and link.url != own.url]
    hidden = [link.url for link in links if not link.is_label and link.url != own.url]
    return ListedPaper(
        title.text[year.end() :] if year else title.text,
        list(dict.fromkeys((own.url, *labels))),
        authors,
        date,
        comment=[comment] if comment else [],
        tags=split_tag_line(tags[0])[0] if tags else [],
        hidden_links=hidden,
    )


def _read_names(text: str) -> tuple[str, ...]:
    """Return the names in a text that is a list of at least two, else (): one may be a venue, (Nature)."""
    names = split_author_line(text)
    return tuple(names) if are_names_alone(text) else ()


def _split_authors(comment: str) -> tuple[tuple[str, ...], str]:
    """Return the names with which a comment begins, up to a full stop or the end, and the rest of it."""
    text = comment.removeprefix("by ")
    emphasized = _EMPHASIZED.match(text)
    if emphasized and (names := _read_names(emphasized[2].rstrip("."))):
        return names, strip_separators(text[emphasized.end() :])
    ends = [match.start() for match in islice(_FULL_STOP.finditer(text), _MAX_SENTENCES)]
    for end in (len(text), *reversed(ends)):
        if names := _read_names(text[:end].rstrip(".")):
            return names, strip_separators(text[end:])
    return (), comment


def _beside(*parts: str) -> str:
    """Return the text beside a title, without the links that are labels, "" where that is no word."""
    return strip_separators(" ".join(filter(None, (strip_separators(drop_labels(part)) for part in parts))))


def drop_labels(text: str) -> str:
    """Return a line as rendered, without the links that only say what they lead to."""
    return render(cut_links(text, [link for link in find_links(text) if link.is_label]))[0]


# Titles


def _find_title(text: str, links: Sequence[InlineLink]) -> _Title | None:
    """Return the title: the text of a link to a paper, else of the link at the start, else in bold, or in quotes."""
    named = [link for link in links if not link.is_label and link.text]
    papers = [link for link in named if is_paper_link(link.url)]
    first = next(iter(papers), None) or next((link for link in named if link.start == 0), None)
    if first:
        before = text[: first.start].rstrip("*_")
        return _Title(_clean_title(first.text), len(before), len(text) - len(text[first.end :].lstrip("*_")))
    for pattern, group in ((_BOLD, 2), (_QUOTED, 1)):
        for match in pattern.finditer(text):
            title = _clean_title(drop_labels(match[group]))
            if title and not is_label(title) and not parse_label(f"{title}:"):
                return _Title(title, match.start(), match.end())
    return _find_plain_title(text, links)


def _find_plain_title(text: str, links: Sequence[InlineLink]) -> _Title | None:
    """Return the sentence before the first link, or after the links at the beginning."""
    start, end = 0, links[0].start
    if not strip_separators(text[:end]):
        last = next((n for n, link in enumerate(links[1:]) if strip_separators(text[links[n].end : link.start])), None)
        start = links[-1 if last is None else last].end
        end = len(text) if last is None else links[last + 1].start
    part = text[start:end].lstrip(" -–—:|,]).")
    if venue := _VENUE_PREFIX.match(part):
        part = part[venue.end() :]
    start = end - len(part)
    sentence_end = _SENTENCE_END.search(part, 1)
    if sentence_end:
        end = start + sentence_end.start()
    title = _clean_title(render(text[start:end])[0])
    return _Title(title, start, end) if title and not is_label(title) else None


def is_bold_title(text: str) -> bool:
    """Return whether a line is a title in bold and nothing else."""
    return _BOLD.fullmatch(text) is not None and bool(_read_bold_title(text))


def parse_bold_line(text: str) -> ListedPaper | None:
    """Return the paper of a line that begins with its title in bold and has its link directly beside it."""
    title = _read_bold_title(text)
    paper = parse_item(text) if title else None
    bold, links = _BOLD.match(text), find_links(text)
    if not bold or not links or paper is None or not title.endswith(paper.title):
        return None
    return None if strip_separators(text[bold.end() : links[0].start]) else paper


def _read_bold_title(text: str) -> str:
    """Return the text in bold with which a line begins, "" where there is none or it is no title."""
    bold = _BOLD.match(text)
    title = _clean_title(render(bold[2])[0]) if bold else ""
    return title if not is_label(title) and not parse_label(f"{title}:") else ""


def _clean_title(text: str) -> str:
    return strip_number(strip_ornaments(strip_separators(text)).rstrip("[(").strip())


# Lines below an item


def add_lines(paper: ListedPaper, texts: Sequence[str]) -> None:
    """Add the lines below a title, of which the first may be its authors."""
    authors, count = ("", 0) if paper.authors else read_authors(texts, paper.title, expected=False)
    if authors:
        paper.authors = tuple(split_author_line(authors))
    for text in texts[count:]:
        add_line(paper, text)


def add_line(paper: ListedPaper, text: str) -> None:
    """Add a line below the item, or a cell of its row: a field, a date, tags, or a paragraph of the comment."""
    labeled = parse_label(text)
    if labeled and labeled.label is Label.AUTHORS and not paper.authors:
        paper.authors = tuple(split_author_line(render(labeled.value)[0]))
    elif labeled and labeled.label is Label.TAGS:
        paper.tags += split_tags(labeled.value)
    elif labeled and labeled.label is Label.ABSTRACT:
        paper.abstract = render(labeled.value)[0]
    elif date := parse_date_line(labeled.value if labeled and labeled.label is Label.DATE else text):
        paper.date = date
    elif classify_line(text) is LineKind.TAGS:
        paper.tags += split_tag_line(text)[0]
    elif not paper.authors and not paper.comment and (names := _read_names(strip_emphasis(text) or render(text)[0])):
        paper.authors = names
    else:
        links = find_links(text)
        paper.links += (link.url for link in links if link.is_label and link.url not in paper.links)
        paper.hidden_links += (link.url for link in links if not link.is_label)
        value = labeled.value if labeled and labeled.label in (Label.COMMENT, Label.LINK) else text
        paragraph = strip_separators(drop_labels(value))
        if not paper.authors and _EMPHASIZED.match(paragraph):
            paper.authors, paragraph = _split_authors(paragraph)
        if paragraph:
            paper.comment.append(paragraph)
