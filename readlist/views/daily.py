"""What `today` shows on a terminal: of each new paper the comment, then the line of its title; below, what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from readlist.text import clean, clean_lines, plural
from readlist.views.blocks import MAX_TEXT_CELLS
from readlist.views.others import name_starring
from readlist.views.paper_layout import short_authors
from readlist.views.symbols import STAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import RenderableType

    from readlist.models import Entry
    from readlist.suggestions import DailyPapers, Suggestion

_ID_CELLS = 4
MAX_QUEUED = 3
"""Papers of the queue that are listed; `later` lists all."""


def daily_page(papers: DailyPapers, width: int, language: str = "") -> RenderableType:
    """Return the page, at most `width` terminal cells wide, with the comments in `language` where there are any."""
    return Group(*_blocks(papers, width, language))


def _blocks(papers: DailyPapers, width: int, language: str) -> Iterator[RenderableType]:
    yield Text(_heading(papers), style="bold")
    for suggestion in papers.new:
        yield Text("")
        yield _paper_block(suggestion, width, language)
    for heading, entries, more in (
        ("Due", papers.due, ""),
        ("Queue", papers.queued[:MAX_QUEUED], _more(len(papers.queued) - MAX_QUEUED, "readlist later")),
        (
            "Unread from the last 7 days",
            [suggestion.entry for suggestion in papers.earlier],
            _more(papers.earlier_total - len(papers.earlier), "readlist list --unread --since 7d"),
        ),
    ):
        if entries:
            yield Text(f"\n{heading}", style="bold")
            yield _title_lines(entries)
        if entries and more:
            yield Text(more, style="dim")


def _heading(papers: DailyPapers) -> str:
    """Return `10 new papers`, `3 of 10 new papers are left`, `Nothing new; newest digest 2025-05-27: 5 papers`."""
    count = plural(papers.total, "new paper" if papers.is_new else "paper")
    if papers.undecided < papers.total:
        verb = "is" if papers.undecided == 1 else "are"
        count = f"{papers.undecided:,} of {count} {verb} left"
    if papers.is_new:
        return count
    dates = [one.entry.paper.date for one in papers.new if one.entry.paper.date]
    return f"Nothing new. Newest digest{f' {max(dates)}' if dates else ''}: {count}" if papers.total else "Nothing new"


def _more(count: int, command: str) -> str:
    return f"{count:,} more: {command}" if count > 0 else ""


def _paper_block(suggestion: Suggestion, width: int, language: str) -> RenderableType:
    """Return the comment, the title line, and why the paper comes here."""
    entry = suggestion.entry
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(justify="right", no_wrap=True, min_width=_ID_CELLS)
    grid.add_column(max_width=max(1, min(width - _ID_CELLS - 1, MAX_TEXT_CELLS)), overflow="fold")
    if comment := _choose_comment(entry, language):
        grid.add_row("", Text(clean_lines(comment)))
    grid.add_row(Text(str(entry.paper.id), style="cyan"), _title_line(entry))
    if suggestion.reason:
        grid.add_row("", Text(clean(suggestion.reason), style="dim italic"))
    return grid


def _choose_comment(entry: Entry, language: str) -> str:
    """Return the comment in a language, the first one where the paper has none in it, "" where it has none at all."""
    comments = entry.paper.comments
    return comments.get(language) or next(iter(comments.values()), "")


def _title_line(entry: Entry) -> Text:
    paper = entry.paper
    authors, tags = short_authors(paper.authors), " ".join(f"#{clean(tag)}" for tag in entry.tags)
    line = Text()
    line.append(f"{STAR} " if entry.mark.starred else "", style="yellow")
    line.append(clean(paper.title), style="bold")
    line.append(f" · {authors}" if authors else "", style="dim")
    line.append(f" · {tags}" if tags else "", style="blue")
    if others := name_starring(entry.others):
        line.append(" · ", style="dim").append(STAR, style="yellow").append(f" {others}", style="dim")
    return line


def _title_lines(entries: Iterable[Entry]) -> RenderableType:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(justify="right", no_wrap=True, min_width=_ID_CELLS)
    grid.add_column(overflow="fold")
    for entry in entries:
        grid.add_row(Text(str(entry.paper.id), style="cyan"), Text(clean(entry.paper.title)))
    return grid
