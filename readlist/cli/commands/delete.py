"""The command that deletes papers and restores them: delete."""

from __future__ import annotations

from typing import Annotated

import typer

from readlist.cli.change_report import ChangeTexts, report_change
from readlist.cli.context import open_library
from readlist.cli.options.items import OPTIONAL_ITEMS, WHERE, YES, raise_if_missing, select_deleted, select_papers
from readlist.paper_edits import DeletePapers, RestorePapers

app = typer.Typer(rich_markup_mode=None)

_DELETED = ChangeTexts("Deleted", "Deleted", "", "deleted")
_RESTORED = ChangeTexts("Restored", "Restored", "", "in the library")


@app.command()
def delete(
    context: typer.Context,
    items: OPTIONAL_ITEMS = None,
    where: WHERE = None,
    restore: Annotated[bool, typer.Option("--restore", help="Restore deleted papers.")] = False,
    yes: YES = False,
) -> None:
    """Delete papers; later loads leave them out.

    A deleted paper is in no list, search or export, and load and update do not add it again. Its status, star, tags and
    note are kept. To list deleted papers: readlist list is:deleted. To restore them: readlist undo, or readlist delete
    --restore.
    """
    library = open_library(context)
    if restore:
        selected = select_deleted(library, items, where, yes=yes)
        changed = library.apply(RestorePapers(), selected.papers).entries
        report_change(library, changed, selected.papers, _RESTORED)
    else:
        selected = select_papers(library, items, where, yes=yes)
        changed = library.apply(DeletePapers(), selected.papers).entries
        report_change(library, changed, selected.papers, _DELETED)
    raise_if_missing(selected)
