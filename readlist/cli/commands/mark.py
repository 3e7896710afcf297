"""Commands that set a status or a star: read, unread, reading, skip, star, unstar."""

from __future__ import annotations

from collections.abc import Callable

import typer

from readlist import edits
from readlist.cli.change_report import ChangeTexts, report_change, status_texts
from readlist.cli.context import open_library
from readlist.cli.options.items import OPTIONAL_ITEMS, WHERE, YES, raise_if_missing, select_papers
from readlist.cli.registry import COMMANDS
from readlist.models import Status

app = typer.Typer(rich_markup_mode=None)

_UNSTARRED = ChangeTexts("Removed the star", "Removed the star from", "", "without a star")
_COMMANDS: dict[str, tuple[edits.MarkEdit, ChangeTexts]] = {
    "read": (edits.SetStatus(Status.READ), status_texts("read")),
    "unread": (edits.SetStatus(Status.UNREAD), status_texts("unread")),
    "reading": (edits.SetStatus(Status.READING), status_texts("reading")),
    "skip": (edits.SetStatus(Status.SKIPPED), status_texts("skipped")),
    "star": (edits.SetStar(True), ChangeTexts("Starred", "Starred", "", "starred")),
    "unstar": (edits.SetStar(False), _UNSTARRED),
}


def _build_command(edit: edits.MarkEdit, texts: ChangeTexts) -> Callable[..., None]:
    def command(context: typer.Context, items: OPTIONAL_ITEMS = None, where: WHERE = None, yes: YES = False) -> None:
        library = open_library(context)
        selected = select_papers(library, items, where, yes=yes)
        report_change(library, library.apply(edit, selected.papers).entries, selected.papers, texts)
        raise_if_missing(selected)

    return command


for _name, (_edit, _texts) in _COMMANDS.items():
    app.command(_name, help=COMMANDS[_name].summary)(_build_command(_edit, _texts))
