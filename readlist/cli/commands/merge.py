"""The command that merges two entries of the same paper: merge."""

from __future__ import annotations

from typing import Annotated

import typer

from readlist.cli.context import open_library
from readlist.cli.options.items import ITEM, find_entry
from readlist.cli.output import success
from readlist.paper_edits import MergePapers

app = typer.Typer(rich_markup_mode=None)


@app.command()
def merge(
    context: typer.Context,
    first: ITEM,
    second: Annotated[str, typer.Argument(metavar="ITEM", help="The other paper.", show_default=False)],
) -> None:
    """Merge two entries of the same paper.

    The paper keeps the lower ID; the other ID and key refer to it. Digests, comments, tags and notes of both are kept,
    a star too, and the status that was set last. To separate them again: readlist undo.
    """
    library = open_library(context)
    refs = [find_entry(library, item, "merge").paper.ref for item in (first, second)]
    (merged,) = library.apply(MergePapers(), refs).entries
    success(f"Merged {max(refs).id} into {merged.paper.id}: {merged.paper.title}")
