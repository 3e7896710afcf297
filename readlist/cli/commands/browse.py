"""The full-screen reader: browse."""

import os
import signal
import sys
import tempfile
from typing import TYPE_CHECKING

import typer

from readlist.cli.browser import find_browser, give, takes_over
from readlist.cli.context import open_library
from readlist.cli.options.query import QueryCommand, parse_query, takes_query_text
from readlist.cli.output import HOW_TO_BEGIN, fail, say
from readlist.errors import ReadlistError, UsageError

if TYPE_CHECKING:
    from readlist.browse.backlog import Backlog
    from readlist.browse.draft import Draft

app = typer.Typer(rich_markup_mode=None)


@app.command(cls=QueryCommand)
@takes_query_text
def browse(context: typer.Context, query: str) -> None:
    """Read, tick off, note and tag papers on the full screen.

    All papers, or those that a query finds. The key ? tells the others.
    """
    if not _has_terminal():
        raise UsageError("browse needs a terminal; elsewhere there are list and show")
    try:
        from readlist.browse.backlog import Backlog

        library = open_library(context)
        backlog = Backlog(library, lambda text: parse_query(text, lambda: library), query)
        if backlog.library_size:
            _run(backlog)
        else:
            say(HOW_TO_BEGIN)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "textual":
            raise
        raise ReadlistError('browse needs one more package: pip install "readlist[browse]"') from error


def _has_terminal() -> bool:
    """Whether there is a screen on which a cursor can be moved."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") not in {"", "dumb"}


def _run(backlog: "Backlog") -> None:
    from readlist.browse.app import Browser

    browser = Browser(backlog, _open)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.getsignal(signal.SIGTERM))  # the terminal was closed
    try:
        browser.run()
    finally:
        if browser.draft:
            _save(browser.draft)


def _save(draft: "Draft") -> None:
    """Save a note that was being written when readlist was told to end."""
    try:
        draft.save()
    except ReadlistError as error:
        fail(f"{error}; your note is in {_kept(draft.text)}")


def _kept(text: str) -> str:
    handle, name = tempfile.mkstemp(prefix="readlist-note-", suffix=".md")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return name


def _open(address: str) -> None:
    command = find_browser(os.environ)
    if not command or takes_over(command):
        raise ReadlistError(f"there is no browser with a window of its own; the address is {address}")
    give(command, address)
