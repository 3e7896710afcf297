"""The reader of these tests: without a terminal through Textual's pilot, or as a process on a terminal."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import select
import subprocess
import sys
from collections.abc import Awaitable, Callable

from textual.pilot import Pilot

from readlist.browse.app import Browser
from readlist.browse.backlog import Backlog
from readlist.browse.display import Programs
from readlist.library.library import Library
from readlist.models import Entry
from readlist.paper_edits import EditPaper
from readlist.search.query.ast import Query
from readlist.search.query.parser import parse

LARGE, SMALL, MIDDLING = (200, 60), (80, 24), (120, 40)

Steps = Callable[[Pilot[None]], Awaitable[None]]


def edit_nothing(_: Entry) -> EditPaper:
    return EditPaper({})


PROGRAMS = Programs(lambda _: None, edit_nothing)


def query(text: str) -> Query:
    return parse(text, dt.date(2025, 6, 1))


def open_backlog(library: Library, text: str = "") -> Backlog:
    return Backlog(library, query, text)


def entry(library: Library, id_: int) -> Entry:
    (only,) = library.entries([id_])
    return only


def browse(
    library: Library, steps: Steps, text: str = "", size: tuple[int, int] = SMALL, *, language: str = ""
) -> Browser:
    """Run the application without a terminal; `steps` are the actions of the user."""
    browser = Browser(open_backlog(library, text), PROGRAMS, language)

    async def run() -> None:
        async with browser.run_test(size=size, notifications=True) as pilot:
            await steps(pilot)

    asyncio.run(run())
    return browser


def press_keys(*keys: str) -> Steps:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press(*keys)

    return steps


def screen_lines(
    library: Library, *keys: str, text: str = "", size: tuple[int, int] = SMALL, language: str = ""
) -> list[str]:
    """Return the lines of the screen after these keys."""
    lines: list[str] = []

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press(*keys)
        await wait_for_redraw(pilot)
        lines.extend(rendered_lines(pilot.app))

    browse(library, steps, text, size, language=language)
    return lines


async def wait_for_redraw(pilot: Pilot[None]) -> None:
    """Wait until the screen is drawn again."""
    await pilot.pause()
    await pilot.pause(0.05)


def rendered_lines(browser: object) -> list[str]:
    assert isinstance(browser, Browser)
    strips = browser.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


def start_browse(terminal: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "readlist", "browse"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**os.environ, "TERM": "xterm-256color"},
        start_new_session=True,
    )


def read_until(screen: int, *texts: bytes) -> bytes:
    """Return the output up to where all of these texts are in it."""
    output = b""
    while missing := [text for text in texts if text not in output]:
        assert select.select([screen], [], [], 60)[0], f"{missing} is not in {output!r}"
        output += os.read(screen, 65536)
    return output
