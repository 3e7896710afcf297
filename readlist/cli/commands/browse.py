"""The command that starts the full-screen view: browse."""

import os
import signal
import sys
import tempfile
from typing import TYPE_CHECKING

import typer

from readlist.cli.browser import find_browser, needs_terminal, open_url
from readlist.cli.context import open_library, print_if_intact
from readlist.cli.options.query import QueryCommand, parse_query, query_text_options
from readlist.cli.options.sort import SORT, choose_order
from readlist.cli.output import EMPTY_HINT, error
from readlist.cli.signals import install_handlers
from readlist.errors import Busy, ReadlistError, UsageError
from readlist.models import RELEVANCE

if TYPE_CHECKING:
    from readlist.browse.backlog import Backlog
    from readlist.browse.draft import NoteDraft
    from readlist.models import Entry
    from readlist.paper_edits import EditPaper

QUIT_TIMEOUT_SECONDS = 600.0
"""How long a quit waits to save changes while another process holds the lock."""

app = typer.Typer(rich_markup_mode=None)


@app.command(cls=QueryCommand)
@query_text_options
def browse(context: typer.Context, query: str, sort: SORT = None) -> None:
    """Read, mark, note and tag papers in a full-screen view.

    All papers, or those that match QUERY, best match first, without words the newest digest first. The key ? lists the
    other keys.
    """
    if not _has_terminal():
        raise UsageError("browse needs a terminal; in a pipe use list and show")
    try:
        from readlist.browse.backlog import Backlog

        library = open_library(context)
        order = choose_order(context, library, sort, RELEVANCE)
        backlog = Backlog(library, lambda text: parse_query(text, lambda: library), query, order)
        if backlog.library_size:
            _run(backlog)
        else:
            print_if_intact(context, EMPTY_HINT)
    except ModuleNotFoundError as failure:
        if (failure.name or "").partition(".")[0] != "textual":
            raise
        raise ReadlistError('browse needs the package textual; run: pip install "readlist[browse]"') from failure


def _has_terminal() -> bool:
    """Return whether there is a terminal on which a cursor can be moved."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") not in {"", "dumb"}


def _run(backlog: "Backlog") -> None:
    from readlist.browse.app import Browser
    from readlist.browse.display import Programs
    from readlist.cli.config import read_setting

    browser = Browser(backlog, Programs(_open, _edit), read_setting("language") or "")
    _handle_hangup()
    try:
        browser.run()
    finally:
        install_handlers()  # asyncio has reset those that the browser set
        _handle_hangup()
        exit_code = _save(browser.draft) if browser.draft else 0
        backlog.set_lock_timeout(QUIT_TIMEOUT_SECONDS)
        exit_code = _save_pending(backlog) or exit_code
    if browser.ended_by:
        raise SystemExit(128 + browser.ended_by)
    if exit_code:  # what was typed is not all saved
        raise typer.Exit(exit_code)


def _handle_hangup() -> None:
    """Let a closed terminal end the program like SIGTERM."""
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.getsignal(signal.SIGTERM))


def _save_pending(backlog: "Backlog") -> int:
    """Save the changes that were made while another process held the lock; Ctrl-C gives up waiting for it.

    Returns the exit code: 0 where all of them are saved.
    """
    exit_code = 0
    try:
        if backlog.pending:
            for failure in backlog.retry():
                exit_code = failure.exit_code
                error(str(failure))
    finally:
        if backlog.pending:
            exit_code = Busy.exit_code
            error(backlog.describe_pending())
        for note in backlog.unsaved_notes:
            error(f"your note is in {_write_recovery_file(note)}")
    return exit_code


def _save(draft: "NoteDraft") -> int:
    """Save a note that was being written when a signal ended the program; returns the exit code."""
    try:
        draft.save()
    except ReadlistError as failure:
        error(f"{failure}; your note is in {_write_recovery_file(draft.text)}")
        return failure.exit_code
    return 0


def _write_recovery_file(text: str) -> str:
    handle, name = tempfile.mkstemp(prefix="readlist-note-", suffix=".md")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return name


def _edit(entry: "Entry") -> "EditPaper":
    """Let the user correct a paper in the editor; return the corrections, without values where there are none."""
    from readlist.cli.editor import edit_text
    from readlist.cli.paper_form import edited_paper, format_form, parse_corrections

    form = format_form(entry.paper)
    try:
        with edit_text(form, edited_paper(entry.paper)) as text:
            return parse_corrections(form, text)
    except ReadlistError as failure:
        raise ReadlistError("; ".join((str(failure), *getattr(failure, "__notes__", ())))) from failure


def _open(url: str) -> None:
    command = find_browser(os.environ)
    if not command or needs_terminal(command):
        raise ReadlistError(f"no web browser with a window of its own; the URL is {url}")
    open_url(command, url)
