"""The command that opens papers in a web browser: open."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from readlist import edits
from readlist.cli.browser import find_browser, open_url
from readlist.cli.change_report import report_change, status_texts
from readlist.cli.context import open_library
from readlist.cli.options.items import CONFIRM_ABOVE, ITEMS, YES, raise_if_missing, report_if_empty, resolve_items
from readlist.cli.output import emit, error
from readlist.cli.questions import can_ask, confirm
from readlist.errors import ReadlistError, UsageError
from readlist.models import Status
from readlist.text import clean, plural
from readlist.urls import pdf_url, reading_url, rejection_reason

if TYPE_CHECKING:
    from readlist.models import Paper

_MAX_URL_SHOWN = 80
"""Characters of a rejected URL that are shown."""
_STATUSES = {"reading": Status.READING, "read": Status.READ}

app = typer.Typer(rich_markup_mode=None)


@app.command("open")
def open_(
    context: typer.Context,
    items: ITEMS,
    pdf: Annotated[bool, typer.Option("--pdf", help="Open the PDF instead of the page.")] = False,
    print_: Annotated[bool, typer.Option("--print", help="Print the URLs and open nothing.")] = False,
    mark: Annotated[
        str | None, typer.Option("--mark", metavar="|".join(_STATUSES), help="Set this status on the opened papers.")
    ] = None,
    yes: YES = False,
) -> None:
    """Open papers in the web browser.

    The page of a paper is its link, else its arXiv page, else a search for its title. A PDF is that of arXiv,
    OpenReview or the ACL Anthology, or a link to one. Over SSH, without a display or without a web browser the URLs are
    printed. $BROWSER names the web browser.
    """
    if mark is not None and mark not in _STATUSES:
        raise UsageError(f"unknown status for --mark: {mark}; use one of: {', '.join(_STATUSES)}")
    library = open_library(context, changes=mark is not None)
    selected = resolve_items(library, items)
    report_if_empty(selected)
    entries = library.entries(selected.ids)
    browser = [] if print_ else find_browser(os.environ)
    if browser:
        _confirm(len(entries), yes=yes)
    find_url = _find_pdf if pdf else _find_page
    opened = [entry.paper.ref for entry in entries if _open(browser, find_url(entry.paper))]
    if mark and opened and (changed := library.apply(edits.SetStatus(_STATUSES[mark]), opened).entries):
        report_change(library, changed, opened, status_texts(mark))
    raise_if_missing(selected)
    if len(opened) < len(entries):
        raise typer.Exit(ReadlistError.exit_code)


def _find_page(paper: Paper) -> str:
    """Return the URL of a paper; "" for one that must not be opened, after a message."""
    if paper.url and (reason := rejection_reason(paper.url)):
        shown = f"{clean(paper.url[:_MAX_URL_SHOWN])}{_ellipsis(paper.url)}"
        error(f"URL not opened: {shown} (paper {paper.id}): {reason}")
        return ""
    return reading_url(paper)


def _find_pdf(paper: Paper) -> str:
    """Return the URL of a paper's PDF; "" where none is known, after a message."""
    if not (url := pdf_url(paper)):
        error(f"no PDF is known: {paper.id} {paper.title}; to open its page: readlist open {paper.id}")
    return url


def _open(browser: list[str], url: str) -> bool:
    """Open a URL, or print it; return False where there is none."""
    if not url:
        return False
    if browser:
        open_url(browser, url)
    else:
        emit([f"{url}\n"])
    return True


def _ellipsis(url: str) -> str:
    return "…" if len(url) > _MAX_URL_SHOWN else ""


def _confirm(count: int, *, yes: bool) -> None:
    if count > CONFIRM_ABOVE and not yes:
        if not can_ask():
            raise UsageError(f"confirmation needed: {plural(count, 'page')}; nothing was opened; add --yes")
        if not confirm(f"Open {plural(count, 'page')}?"):
            raise ReadlistError("nothing was opened")
