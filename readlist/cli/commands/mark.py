"""Commands that set a status or a star: read, unread, reading, skip, star, unstar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from readlist import edits
from readlist.cli.change_report import ChangeTexts, report_change, status_texts
from readlist.cli.context import open_library
from readlist.cli.options.items import OPTIONAL_ITEMS, WHERE, YES, raise_if_missing, select_papers
from readlist.cli.registry import COMMANDS
from readlist.errors import UsageError
from readlist.models import Status

_FIRST_YEAR = 1900
"""Of `--on`; an earlier one is a typing error."""

_ON = Annotated[
    str | None,
    typer.Option("--on", metavar="DATE", help="Date the change on this day, at noon, instead of now."),
]

app = typer.Typer(rich_markup_mode=None)

_UNSTARRED = ChangeTexts("Removed the star", "Removed the star from", "", "without a star")
_DATED: dict[str, tuple[edits.SetStatus | edits.SetStar, ChangeTexts]] = {
    "read": (edits.SetStatus(Status.READ), status_texts("read")),
    "reading": (edits.SetStatus(Status.READING), status_texts("reading")),
    "skip": (edits.SetStatus(Status.SKIPPED), status_texts("skipped")),
    "star": (edits.SetStar(True), ChangeTexts("Starred", "Starred", "", "starred")),
}
"""Commands with the option `--on`; one that takes something back has no day worth keeping."""
_UNDATED: dict[str, tuple[edits.MarkEdit, ChangeTexts]] = {
    "unread": (edits.SetStatus(Status.UNREAD), status_texts("unread")),
    "unstar": (edits.SetStar(False), _UNSTARRED),
}


def _build_command(edit: edits.MarkEdit, texts: ChangeTexts) -> Callable[..., None]:
    def command(context: typer.Context, items: OPTIONAL_ITEMS = None, where: WHERE = None, yes: YES = False) -> None:
        _mark(context, edit, texts, items, where, yes=yes)

    return command


def _build_dated_command(edit: edits.SetStatus | edits.SetStar, texts: ChangeTexts) -> Callable[..., None]:
    def command(
        context: typer.Context,
        items: OPTIONAL_ITEMS = None,
        where: WHERE = None,
        on: _ON = None,
        yes: YES = False,
    ) -> None:
        if on is None:
            _mark(context, edit, texts, items, where, yes=yes)
        else:
            day = _parse_past_day(on)
            _mark(context, edit._replace(on=day), texts.on(day), items, where, yes=yes)

    return command


def _mark(
    context: typer.Context,
    edit: edits.MarkEdit,
    texts: ChangeTexts,
    items: Sequence[str] | None,
    where: str | None,
    *,
    yes: bool,
) -> None:
    library = open_library(context)
    selected = select_papers(library, items, where, yes=yes)
    report_change(library, library.apply(edit, selected.papers).entries, selected.papers, texts)
    raise_if_missing(selected)


def _parse_past_day(text: str) -> dt.date:
    """Parse the value of `--on`. Raises UsageError for a day in the future or before 1900."""
    from readlist.cli.options.days import parse_day_option

    today = dt.date.today()
    day = parse_day_option("--on", text, today)
    if not day.year >= _FIRST_YEAR or day > today:
        problem = "a day in the future" if day > today else f"before {_FIRST_YEAR}"
        raise UsageError(f"--on: {problem}: {day}; write a date such as {today}, yesterday")
    return day


for _name, (_edit, _texts) in _DATED.items():
    app.command(_name, help=COMMANDS[_name].summary)(_build_dated_command(_edit, _texts))
for _name, (_undated, _texts) in _UNDATED.items():
    app.command(_name, help=COMMANDS[_name].summary)(_build_command(_undated, _texts))
