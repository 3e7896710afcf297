"""The command that shows papers in full: show."""

import typer

from readlist.cli.context import open_library
from readlist.cli.options.items import ITEMS, raise_if_missing, report_if_empty, resolve_items
from readlist.cli.options.language import order_comments
from readlist.cli.options.output import JSON
from readlist.cli.output import emit_data, render

app = typer.Typer(rich_markup_mode=None)


@app.command()
def show(context: typer.Context, items: ITEMS, json: JSON = False) -> None:
    """Show papers in full: abstract, comments, links, note."""
    library = open_library(context)
    selected = resolve_items(library, items)
    report_if_empty(selected)
    entries = library.entries(selected.ids)
    if json:
        from readlist.exporters.json import export

        emit_data(export(entries))
    else:
        from readlist.views.paper import paper_page

        for entry in order_comments(entries):
            render(lambda width, entry=entry: paper_page(entry, width))  # type: ignore[misc] # binds the entry now
    raise_if_missing(selected)
