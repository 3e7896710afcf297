"""The page of one paper: everything known about it, for `readlist show` and the right side of `browse`.

Text columns are limited to a width that is easy to read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from readlist.models import Status
from readlist.redaction import redact_digest_name
from readlist.text import clean, clean_lines, clean_markdown, find_arxiv_ids, parse_arxiv_id
from readlist.urls import arxiv_page
from readlist.views.blocks import MAX_TEXT_CELLS, SideBar
from readlist.views.others import describe_marks
from readlist.views.symbols import STAR

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from readlist.models import Appearance, Entry, Mark, Paper

_MAX_AUTHORS = 10
"""Authors that are all named: about two lines. Of more, the first few are named and the others counted."""
_FIRST_AUTHORS = 3
_INDENT = 2
_TAB = 4
"""Cells of a tab in a note, as Markdown counts it."""
_MIN_WIDTH_FOR_INDENT = 41

_LANGUAGES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "ja": "Japanese",
    "ko": "Korean",
    "ru": "Russian",
    "zh": "Chinese",
}


def paper_pages(entries: Sequence[Entry], width: int, *, all_authors: bool = False) -> RenderableType:
    """Return the pages of several papers, with a blank line between them."""
    blocks: list[RenderableType] = []
    for entry in entries:
        blocks += ["", paper_page(entry, width, all_authors=all_authors)]
    return Group(*blocks[1:])


def paper_page(entry: Entry, width: int, *, all_authors: bool = False) -> RenderableType:
    """Return the page, at most `width` terminal cells wide; the comments are in the order of the digest.

    Without `all_authors` a long list of authors is folded.
    """
    return _arrange(_blocks(entry, all_authors=all_authors), width)


def brief_page(entry: Entry, width: int, *, language: str = "", all_authors: bool = False) -> RenderableType:
    """Return a page whose first lines tell whether to read the paper, for a small screen.

    The details are one line, and the comments, that in `language` first, are above the abstract; without `all_authors`
    three authors of many are named.
    """
    return _arrange(_brief_blocks(entry, language, all_authors=all_authors), width)


def _arrange(blocks: Iterator[RenderableType], width: int) -> RenderableType:
    """Return blocks below each other, separated by blank lines."""
    indent = _INDENT if width >= _MIN_WIDTH_FOR_INDENT else 0
    page = Table.grid()
    page.add_column(width=max(1, min(width - 2 * indent, MAX_TEXT_CELLS)))
    for i, block in enumerate(blocks):
        if i:
            page.add_row("")
        page.add_row(block)
    return Padding(page, (0, indent), expand=False)


def _blocks(entry: Entry, *, all_authors: bool) -> Iterator[RenderableType]:
    """Yield the parts of the page."""
    paper, mark = entry.paper, entry.mark
    authors = join_authors(paper.authors, is_folded=not all_authors)
    yield Text.assemble((clean(paper.title), "bold"), (f"\n{authors}".rstrip(), "dim"))
    yield _label_grid(_details(entry))
    for language, text in paper.comments.items():
        yield _section(_language_name(language), clean_lines(text))
    if paper.abstract:
        yield _section("Abstract", clean_lines(paper.abstract))
    if references := list(_references(paper)):
        yield _label_grid(references)
    if mark.note:
        yield _note(mark)
    yield from _notes_of_others(entry)


def _brief_blocks(entry: Entry, language: str, *, all_authors: bool) -> Iterator[RenderableType]:
    """Yield the parts of the brief page."""
    paper = entry.paper
    authors = join_authors(paper.authors, is_folded=not all_authors, limit=_FIRST_AUTHORS + 1)
    head = [Text(clean(paper.title), "bold"), *([Text(authors, "dim")] if authors else []), _brief_details(entry)]
    others = describe_marks(entry.others)
    yield Group(*head, *([Text(others, "yellow")] if others else []))
    for code, text in sorted(paper.comments.items(), key=lambda comment: comment[0] != language):
        yield _section(_language_name(code), clean_lines(text))
    if paper.abstract:
        yield _section("Abstract", clean_lines(paper.abstract))
    urls = [("url", clean(paper.url)), ("arXiv", _arxiv_url(paper.arxiv_id))]
    if references := [*((label, url) for label, url in urls if url), *_references(paper)]:
        yield _label_grid(references)
    if entry.mark.note:
        yield _note(entry.mark)
    yield from _notes_of_others(entry)


def _notes_of_others(entry: Entry) -> Iterator[RenderableType]:
    yield from (_note(mark, f"Note by {clean(person)}") for person, mark in entry.others if mark.note)


def _note(mark: Mark, heading: str = "Note") -> RenderableType:
    title = f"{heading} · {_local_day(mark.note_at)}" if mark.note_at else heading
    return Group(Text(title, style="bold yellow"), SideBar(Text(clean_markdown(mark.note).expandtabs(_TAB))))


def join_authors(authors: Sequence[str], *, is_folded: bool = True, limit: int = _MAX_AUTHORS) -> str:
    """Return the names, separated by commas; `is_folded`, of more than `limit` the first three and how many follow.

    >>> join_authors(["A", "B"]), join_authors("ABCDEFGHIJK"), join_authors("ABCDEFGHIJK", is_folded=False)
    ('A, B', 'A, B, C and 8 more', 'A, B, C, D, E, F, G, H, I, J, K')
    """
    if not is_folded or len(authors) <= limit:
        return ", ".join(map(clean, authors))
    return f"{', '.join(map(clean, authors[:_FIRST_AUTHORS]))} and {len(authors) - _FIRST_AUTHORS:,} more"


def _details(entry: Entry) -> list[tuple[str, str]]:
    """Return (label, value) of the fields that are neither title nor text; those without a value are left out."""
    paper = entry.paper
    details = [
        ("id", str(paper.id)),
        ("status", _format_status(entry.mark)),
        ("others", describe_marks(entry.others)),
        ("digest" if len(paper.digests) == 1 else "digests", "\n".join(map(_format_appearance, paper.digests))),
        ("tags", " ".join(f"#{clean(tag)}" for tag in entry.tags)),
        ("url", clean(paper.url)),
        ("arXiv", _arxiv_url(paper.arxiv_id)),
        ("DOI", "" if paper.doi and paper.doi in paper.url.lower() else clean(paper.doi)),
        ("corrected", ", ".join(name.removesuffix("_id") for name in paper.corrections)),
        ("merged", ", ".join(str(other.id) for other in paper.merged)),
        ("key", paper.key),
    ]
    return [(label, value) for label, value in details if value]


def _brief_details(entry: Entry) -> Text:
    """Return `12 · 2025-05-27 · ★ starred · unread · queued · #quantization`."""
    tags = " ".join(f"#{clean(tag)}" for tag in entry.tags)
    later = entry.mark.later
    place = "" if later is None else "queued" if isinstance(later, int) else f"postponed until {later}"
    parts = (str(entry.paper.id), str(entry.paper.date or "undated"), _format_status(entry.mark), place)
    return Text.assemble(" · ".join(filter(None, parts)), " · " if tags else "", (tags, "blue"))


def _references(paper: Paper) -> Iterator[tuple[str, str]]:
    """Yield (label, URLs) of what the abstract and the comments link to, other arXiv papers apart."""
    arxiv_ids = find_arxiv_ids("\n".join((paper.abstract, *paper.comments.values())))
    if links := [clean(url) for url in paper.links if url != paper.url and parse_arxiv_id(url) not in arxiv_ids]:
        yield ("links", "\n".join(links))
    if mentions := [_arxiv_url(arxiv_id) for arxiv_id in arxiv_ids if arxiv_id != paper.arxiv_id]:
        yield ("mentions", "\n".join(mentions))


def _arxiv_url(arxiv_id: str) -> str:
    return arxiv_page(clean(arxiv_id)) if arxiv_id else ""


def _label_grid(rows: list[tuple[str, str]]) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in rows:
        grid.add_row(Text(label), Text(value))
    return grid


def _section(title: str, text: str) -> RenderableType:
    return Group(Text(title, style="bold cyan"), Text(text, overflow="fold"))


def _language_name(code: str) -> str:
    """Return the English name of an ISO 639-1 code, the code itself where it is not known."""
    return _LANGUAGES.get(code) or clean(code)


def _format_status(mark: Mark) -> str:
    """Return star, status and its date: `★ starred · read on 2025-06-01`."""
    preposition = {Status.READING: "since ", Status.READ: "on "}.get(mark.status, "")
    date = f" {preposition}{_local_day(mark.status_at)}" if mark.status_at and mark.status is not Status.UNREAD else ""
    return f"{f'{STAR} starred · ' if mark.starred else ''}{mark.status}{date}"


def _local_day(time: dt.datetime) -> str:
    """Return the day in the local time zone."""
    return time.astimezone().date().isoformat()


def _format_appearance(appearance: Appearance) -> str:
    name = redact_digest_name(clean(appearance.source)) or "added by you"
    return f"{appearance.date or 'undated'}  {name}"
