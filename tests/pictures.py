"""Write the pictures of the terminal in README.md, with the papers of the seeds, into .github/.

    python -m tests.pictures

They are the same on every machine and every day: the library is new, and its times are constants.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import html
import io
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from readlist.library.library import Directories, Library
from readlist.models import RELEVANCE, Entry, Mark, Status
from readlist.search.query.parser import parse
from tests.conftest import ROOT
from tests.library_files import refs

PICTURES = ROOT / ".github"
WIDTH = 80
READY_SECONDS = 30
"""How long to wait for the whole screen of browse."""
TODAY = dt.date(2025, 6, 1)
NOW = dt.datetime(2025, 5, 30, 9, tzinfo=dt.UTC)


def render_pictures() -> Iterator[tuple[str, str]]:
    """Yield the file name and the SVG of each picture."""
    with tempfile.TemporaryDirectory() as folder:
        library = example_library(Path(folder))
        for name, (command, view) in VIEWS.items():
            yield f"{name}.svg", terminal_svg(command, view(library))
        yield "browse.svg", asyncio.run(browse_screenshot(library))


class _SetFields(NamedTuple):
    """An edit that sets fields of a mark."""

    fields: Mapping[str, Any]

    def describe(self) -> str:
        return "example"

    def apply(self, entry: Entry) -> Mark:
        return entry.mark._replace(**self.fields)


def example_library(folder: Path) -> Library:
    """Return a library of the seeds with papers that are read, starred, skipped and have a note."""
    library = Library(Directories(folder / "data", folder / "state", folder / "cache"))
    library.load([str(ROOT / "seeds")])

    def mark(ids: list[int], **fields: Any) -> None:
        library.apply(_SetFields(fields), refs(library, ids))

    mark([1, 2, 6], status=Status.READ, status_at=NOW - dt.timedelta(weeks=2))
    mark([9, 12], status=Status.READ, status_at=NOW)
    mark([8], status=Status.SKIPPED, status_at=NOW)
    mark([13], status=Status.READING, status_at=NOW)
    mark([9], starred=True, starred_at=NOW, note="Compare with OREAL: what is left of the gain?", note_at=NOW)
    return library


def search_view(library: Library) -> RenderableType:
    from readlist.views.papers import papers_table

    result = library.find(parse("GRPO", TODAY), order=RELEVANCE)
    return papers_table(result.hits, WIDTH)


def paper_view(library: Library) -> RenderableType:
    from readlist.views.paper import paper_page

    (entry,) = library.entries([9])
    return paper_page(entry, WIDTH)


def stats_view(library: Library) -> RenderableType:
    from readlist.views.stats import stats_page

    return stats_page(library.stats(parse("", TODAY), TODAY), WIDTH)


VIEWS: Mapping[str, tuple[str, Callable[[Library], RenderableType]]] = {
    "search": ("readlist search GRPO", search_view),
    "show": ("readlist show 9", paper_view),
    "stats": ("readlist stats", stats_view),
}


async def browse_screenshot(library: Library) -> str:
    """Return the full-screen reader at its first paper, as SVG."""
    from readlist.browse.app import Browser
    from readlist.browse.backlog import Backlog
    from tests.browse.reader import PROGRAMS

    browser = Browser(Backlog(library, lambda text: parse(text, TODAY), ""), PROGRAMS)
    async with browser.run_test(size=(120, 36)) as pilot:
        async with asyncio.timeout(READY_SECONDS):
            while not browser.screen.query("FooterKey"):  # the footer is filled after the first picture
                await pilot.pause()
        await pilot.pause()
        return remove_fonts(browser.export_screenshot(title="readlist browse"))


def terminal_svg(command: str, view: RenderableType) -> str:
    """Return a terminal after `command`, as SVG."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor", _environ={}
    )
    console.print(Text.assemble(("$ ", "dim"), command))
    console.print(view, markup=False, highlight=False, emoji=False)
    svg = console.export_svg(title="readlist", theme=DIMMED_MONOKAI, unique_id="readlist")
    return re.sub(r'textLength="([\d.]+)"([^>]*)>([^<]*)<', _widen_text, remove_fonts(svg))


def remove_fonts(svg: str) -> str:
    """Remove fonts that a viewer would download."""
    return re.sub(r"\s*@font-face \{.*?\}\n", "\n", svg, flags=re.DOTALL)


def _widen_text(match: re.Match[str]) -> str:
    """Give Hangul two cells; Rich gives every character one."""
    text = html.unescape(match[3])
    length = float(match[1]) / max(1, len(text)) * cell_len(text)
    return f'textLength="{length:g}"{match[2]}>{match[3]}<'


def text_lines(svg: str) -> list[str]:
    """Return the lines of text of a picture; their layout differs between versions of Rich."""
    return [html.unescape(line).replace("\xa0", " ") for line in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for name, svg in render_pictures():
        (PICTURES / name).write_text(svg, encoding="utf-8")
