"""Commands that suggest papers: next, similar."""

from typing import TYPE_CHECKING, Annotated

import typer

from readlist.cli.commands.search import Json
from readlist.cli.context import open_library
from readlist.cli.options.items import ITEMS, complain_of_missing, resolve
from readlist.cli.options.query import QueryCommand, explain, takes_query
from readlist.cli.output import HOW_TO_BEGIN, on_terminal, say, show, write

if TYPE_CHECKING:
    from readlist.models import Suggestions
    from readlist.search.query.parser import Query

SHOWN_ON_TERMINAL = 5
"""Papers that a terminal shows unless told otherwise: as many as one may choose from at a glance."""

Limit = Annotated[
    int | None,
    typer.Option(
        "--limit", "-n", metavar="N", min=0, help="Papers at most, 0 for all; 5 on a terminal, else all, if not given."
    ),
]

app = typer.Typer(rich_markup_mode=None)


@app.command(cls=QueryCommand)
@takes_query
def next(context: typer.Context, query: "Query", limit: Limit = None, json: Json = False) -> None:  # noqa: A001 -- the command
    """Suggest what to read next, and say why.

    Learned from what you starred, noted, read and skipped; without that the newest come first.
    """
    library = open_library(context)
    explain(library, query)
    suggested = library.next(query, limit=_most(limit, json=json))
    if not suggested.total:
        say("nothing unread found" if library.digests() else HOW_TO_BEGIN)
    elif not suggested.learned:
        say("the newest first: star, note or read papers, and what is like them will come first")
    _print_suggested(suggested, json=json)


@app.command()
def similar(context: typer.Context, items: ITEMS, limit: Limit = None, json: Json = False) -> None:
    """Find the papers that are most like those named, read or not."""
    library = open_library(context)
    chosen = resolve(library, items)
    if chosen.ids:
        suggested = library.similar(chosen.ids, limit=_most(limit, json=json))
        if not suggested.papers:
            say("no other paper is like it" if len(chosen.ids) == 1 else "no other paper is like them")
        _print_suggested(suggested, json=json)
    complain_of_missing(chosen)


def _most(limit: int | None, *, json: bool) -> int | None:
    if limit is None:
        return SHOWN_ON_TERMINAL if on_terminal() and not json else None
    return limit or None


def _print_suggested(suggested: "Suggestions", *, json: bool) -> None:
    if json:
        from readlist.exporters.json import dump_array, suggestion_dict

        write(dump_array(map(suggestion_dict, suggested.papers)))
    elif not on_terminal():
        from readlist.exporters.tsv import export

        write(export(one.entry for one in suggested.papers))
    elif suggested.papers:
        from readlist.views.papers import suggestions_table

        show(lambda width: suggestions_table(suggested.papers, width))
