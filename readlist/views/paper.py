"""The page of one paper that `show` shows: everything known of it, laid out to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from readlist.models import Status
from readlist.text import clean, clean_lines, clean_markdown, find_arxiv_ids, parse_arxiv_id
from readlist.views.blocks import Barred
from readlist.views.fragments import STAR, language_name

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from rich.console import RenderableType

    from readlist.models import Appearance, Entry, Mark, Paper

_MEASURE = 88
"""Terminal cells of a line of text at most: longer lines are hard to read."""
_INDENT = 2
_NARROW = 40
"""Cells of width below which there is none left for an indent."""


def paper_page(entry: Entry, width: int, *, brief: bool = False) -> RenderableType:
    """The page, in `width` terminal cells at most; the texts come in the order in which the digest has them.

    A `brief` one tells in a line or two what else takes a line each, so that the abstract begins on a small screen.
    """
    indent = _INDENT if width > _NARROW else 0
    page = Table.grid()
    page.add_column(width=max(1, min(width - 2 * indent, _MEASURE)))
    for i, block in enumerate(_blocks(entry, _in_brief(entry) if brief else _facts(_about(entry)))):
        if i:
            page.add_row("")
        page.add_row(block)
    return Padding(page, (0, indent), expand=False)


def _blocks(entry: Entry, about: RenderableType) -> Iterator[RenderableType]:
    """The parts of the page, a blank line between two."""
    paper, mark = entry.paper, entry.mark
    yield Text.assemble((clean(paper.title), "bold"), (f"\n{', '.join(map(clean, paper.authors))}".rstrip(), "dim"))
    yield about
    if paper.abstract:
        yield _section("Abstract", clean_lines(paper.abstract))
    for language, text in paper.comments.items():
        yield _section(language_name(language), clean_lines(text))
    if elsewhere := list(_elsewhere(paper)):
        yield _facts(elsewhere)
    if mark.note:
        title = f"Note · {_day(mark.note_at)}" if mark.note_at else "Note"
        yield Group(Text(title, style="bold yellow"), Barred(Text(clean_markdown(mark.note))))


def _about(entry: Entry) -> list[tuple[str, str]]:
    """Labelled facts on the paper and on what the reader did with it; what is not known is left out."""
    paper = entry.paper
    facts = [
        ("id", str(paper.id)),
        ("status", _status(entry.mark)),
        ("digest" if len(paper.digests) == 1 else "digests", "\n".join(map(_appearance, paper.digests))),
        ("tags", " ".join(f"#{clean(tag)}" for tag in entry.tags)),
        ("link", clean(paper.url)),
        ("arXiv", _arxiv_page(paper.arxiv_id)),
        ("key", paper.key),
    ]
    return [fact for fact in facts if fact[1]]


def _in_brief(entry: Entry) -> RenderableType:
    """`12 · 2025-05-27 · ★ starred · unread · #quantization`, and where it is to be read."""
    paper = entry.paper
    tags = " ".join(f"#{clean(tag)}" for tag in entry.tags)
    said = (str(paper.id), str(paper.date or "undated"), _status(entry.mark))
    line = Text.assemble(" · ".join(said), " · " if tags else "", (tags, "blue"))
    links = [link for link in (clean(paper.url), _arxiv_page(paper.arxiv_id)) if link]
    return Text("\n").join([line, *(Text(link, "dim") for link in links)])


def _elsewhere(paper: Paper) -> Iterator[tuple[str, str]]:
    """The links in the texts, and the other papers that they mention."""
    ids = find_arxiv_ids("\n".join((paper.abstract, *paper.comments.values())))
    if links := [clean(link) for link in paper.links if link != paper.url and parse_arxiv_id(link) not in ids]:
        yield ("links", "\n".join(links))
    if others := [_arxiv_page(name) for name in ids if name != paper.arxiv_id]:
        yield ("mentions", "\n".join(others))


def _arxiv_page(name: str) -> str:
    return f"https://arxiv.org/abs/{clean(name)}" if name else ""


def _facts(facts: list[tuple[str, str]]) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in facts:
        grid.add_row(Text(label), Text(value))
    return grid


def _section(title: str, text: str) -> RenderableType:
    return Group(Text(title, style="bold cyan"), Text(text, overflow="fold"))


def _status(mark: Mark) -> str:
    """How far the reader is, and since when: `★ starred · read on 2025-06-01`."""
    verb = {Status.READING: "since ", Status.READ: "on "}.get(mark.status, "")
    since = f" {verb}{_day(mark.status_at)}" if mark.status_at and mark.status is not Status.UNREAD else ""
    return f"{f'{STAR} starred · ' if mark.starred else ''}{mark.status}{since}"


def _day(time: dt.datetime) -> str:
    """The reader's own day, where the reader is."""
    return time.astimezone().date().isoformat()


def _appearance(seen: Appearance) -> str:
    return f"{seen.date or 'undated'}  {clean(seen.source)}".rstrip()
