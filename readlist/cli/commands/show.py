"""The command that shows papers in full: show."""

from typing import Annotated

import typer

from readlist.cli.context import open_library
from readlist.cli.options.items import ITEMS, raise_if_missing, report_if_empty, resolve_items
from readlist.cli.options.language import order_comments
from readlist.cli.options.output import JSON
from readlist.cli.output import emit_data, on_terminal, render

app = typer.Typer(rich_markup_mode=None)


_ALL_AUTHORS = Annotated[bool, typer.Option("--all-authors", help="Name all authors, also of more than ten.")]


@app.command()
def show(context: typer.Context, items: ITEMS, all_authors: _ALL_AUTHORS = False, json: JSON = False) -> None:
    """Show papers in full: abstract, comments, links, note.

    On a terminal, the first three of more than ten authors are named and the others counted; in a pipe all are named.
    """
    library = open_library(context)
    selected = resolve_items(library, items)
    report_if_empty(selected)
    entries = library.entries(selected.ids)
    if json:
        from readlist.exporters.json import dump_array, entry_dict, entry_dict_with_others

        emit_data(dump_array(map(entry_dict_with_others if library.people() else entry_dict, entries)))
    elif entries:
        from readlist.views.paper import paper_pages

        all_authors = all_authors or not on_terminal()  # what reads a pipe looks for names
        shown = order_comments(entries)
        render(lambda width: paper_pages(shown, width, all_authors=all_authors))
    raise_if_missing(selected)
