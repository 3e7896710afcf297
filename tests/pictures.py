"""The pictures of the terminal in README.md, made from the seeds.

    python -m tests.pictures

writes them into .github/. They show the same on every machine and every day: the library is made anew, with a clock
that stands still.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import html
import io
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from readlist.library.library import Directories, Library
from readlist.models import Entry, Mark, Status
from readlist.search.query.parser import parse
from tests.conftest import ROOT

FOLDER = ROOT / ".github"
WIDTH = 80
TODAY = dt.date(2025, 6, 1)
NOW = dt.datetime(2025, 5, 30, 9, tzinfo=dt.UTC)


def pictures() -> Iterator[tuple[str, str]]:
    """Each picture: its file's name, and the SVG."""
    with tempfile.TemporaryDirectory() as folder:
        library = example(Path(folder))
        for name, (command, view) in VIEWS.items():
            yield f"{name}.svg", drawn(command, view(library))
        yield "browse.svg", asyncio.run(browsed(library))


class _SetFields(NamedTuple):
    """An edit that sets any fields of a mark."""

    fields: Mapping[str, object]

    def describe(self) -> str:
        return "example"

    def apply(self, entry: Entry) -> Mark:
        return replace(entry.mark, **self.fields)  # type: ignore[arg-type] # the fields of a mark, by name


def example(folder: Path) -> Library:
    """A library of the seeds, in which something was read, starred, skipped and noted."""
    library = Library(Directories(folder / "data", folder / "state", folder / "cache"))
    library.load([str(ROOT / "seeds")])

    def mark(ids: list[int], **fields: object) -> None:
        library.apply(_SetFields(fields), ids)

    mark([1, 2, 6], status=Status.READ, status_at=NOW - dt.timedelta(weeks=2))
    mark([9, 12], status=Status.READ, status_at=NOW)
    mark([8], status=Status.SKIPPED, status_at=NOW)
    mark([13], status=Status.READING, status_at=NOW)
    mark([9], starred=True, starred_at=NOW, note="Compare with OREAL: what is left of the gain?", note_at=NOW)
    return library


def searched(library: Library) -> RenderableType:
    from readlist.views.papers import papers_table

    found = library.find(parse("GRPO", TODAY), ranked=True)
    return papers_table(found.hits, WIDTH)


def shown(library: Library) -> RenderableType:
    from readlist.views.paper import paper_page

    (entry,) = library.entries([9])
    return paper_page(entry, WIDTH)


def counted(library: Library) -> RenderableType:
    from readlist.views.stats import stats_page

    return stats_page(library.stats(parse("", TODAY), TODAY), WIDTH)


VIEWS: Mapping[str, tuple[str, Callable[[Library], RenderableType]]] = {
    "search": ("readlist search GRPO", searched),
    "show": ("readlist show 9", shown),
    "stats": ("readlist stats", counted),
}


async def browsed(library: Library) -> str:
    """The full-screen reader at its first paper."""
    from readlist.browse.app import Browser
    from readlist.browse.backlog import Backlog

    browser = Browser(Backlog(library, lambda text: parse(text, TODAY), ""), lambda _: None)
    async with browser.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        return _without_fonts(browser.export_screenshot(title="readlist browse"))


def drawn(command: str, view: RenderableType) -> str:
    """A terminal in which `command` has just been typed."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor", _environ={}
    )
    console.print(Text.assemble(("$ ", "dim"), command))
    console.print(view, markup=False, highlight=False, emoji=False)
    svg = console.export_svg(title="readlist", theme=DIMMED_MONOKAI, unique_id="readlist")
    return re.sub(r'textLength="([\d.]+)"([^>]*)>([^<]*)<', _with_wide_letters, _without_fonts(svg))


def _without_fonts(svg: str) -> str:
    """A picture asks no server for its letters."""
    return re.sub(r"\s*@font-face \{.*?\}\n", "\n", svg, flags=re.DOTALL)


def _with_wide_letters(found: re.Match[str]) -> str:
    """Rich gives every letter the room of one cell; Hangul takes two."""
    text = html.unescape(found[3])
    length = float(found[1]) / max(1, len(text)) * cell_len(text)
    return f'textLength="{length:g}"{found[2]}>{found[3]}<'


def words(svg: str) -> list[str]:
    """What a picture says, line by line: how it is drawn differs between versions of rich."""
    return [html.unescape(line).replace("\xa0", " ") for line in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, svg in pictures():
        (FOLDER / name).write_text(svg, encoding="utf-8")
