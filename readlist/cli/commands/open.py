"""The command that opens papers in a browser: open."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from readlist import edits
from readlist.cli.browser import find_browser, give
from readlist.cli.context import open_library
from readlist.cli.options.items import ASK_ABOVE, ITEMS, YES, complain_of_missing, resolve
from readlist.cli.output import say, say_done, write
from readlist.errors import ReadlistError, UsageError
from readlist.models import Status
from readlist.text import clean, format_ranges
from readlist.urls import reading_url, rejection_reason

if TYPE_CHECKING:
    from readlist.library.library import Library
    from readlist.models import Entry

_SHOWN = 80
"""Characters of an address that is not opened which are shown."""
_MARKS = {"reading": Status.READING, "read": Status.READ}

app = typer.Typer(rich_markup_mode=None)


@app.command("open")
def open_(
    context: typer.Context,
    items: ITEMS,
    print_: Annotated[bool, typer.Option("--print", help="Print the addresses, and open nothing.")] = False,
    mark: Annotated[
        str | None, typer.Option("--mark", metavar="|".join(_MARKS), help="Mark them so, once they are open.")
    ] = None,
    yes: YES = False,
) -> None:
    """Open papers in your browser: their link, else their page at arXiv, else a search for the title.

    Over SSH, without a display and without a browser the addresses are printed. $BROWSER says which browser.
    """
    if mark is not None and mark not in _MARKS:
        raise UsageError(f"no such mark: {mark}; there are {', '.join(_MARKS)}")
    library = open_library(context)
    chosen = resolve(library, items)
    entries = library.entries(chosen.ids)
    browser = [] if print_ else find_browser(os.environ)
    if browser:
        _ask(len(entries), yes=yes)
    opened = [entry.paper.id for entry in entries if _open(browser, entry)]
    if mark and opened:
        _mark(library, opened, mark)
    complain_of_missing(chosen)
    if len(opened) < len(entries):
        raise typer.Exit(ReadlistError.exit_code)


def _open(browser: list[str], entry: Entry) -> bool:
    """Open a paper, or print where it is; False where its address is not one to be opened, which is said."""
    own = entry.paper.url
    if own and (reason := rejection_reason(own)):
        say(f"{entry.paper.id} is not opened: {reason}: {clean(own[:_SHOWN])}{'…' * (len(own) > _SHOWN)}")
        return False
    url = reading_url(entry.paper)
    if browser:
        give(browser, url)
    else:
        write([f"{url}\n"])
    return True


def _ask(count: int, *, yes: bool) -> None:
    if count > ASK_ABOVE and not yes:
        if not sys.stdin.isatty():
            raise UsageError(f"nothing was opened; add --yes if you mean {count:,} pages")
        typer.confirm(f"Open {count:,} pages?", abort=True, err=True)


def _mark(library: Library, ids: list[int], mark: str) -> None:
    changed = library.apply(edits.SetStatus(_MARKS[mark]), ids).entries
    if changed:
        which = changed[0].paper.title if len(changed) == 1 else f"{len(changed)} papers"
        say_done(f"{format_ranges(entry.paper.id for entry in changed)} now {mark}: {which}")
