"""Saved queries, which any query calls as @NAME: query save, query list, query show, query delete."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from readlist import naming
from readlist.cli.home import open_library
from readlist.cli.output import say, say_done, show_counts, write
from readlist.cli.query import QueryCommand, parse_query

if TYPE_CHECKING:
    from rich.console import RenderableType

    from readlist.models import SavedQuery

NAME = Annotated[str, typer.Argument(metavar="NAME", help="One word; queries call it as @NAME.", show_default=False)]
JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]

app = typer.Typer(rich_markup_mode=None)
query_app = typer.Typer(rich_markup_mode=None, help="Keep queries under a name, for @NAME in any query.")
app.add_typer(query_app, name="query")


@query_app.command(cls=QueryCommand)
def save(
    context: typer.Context,
    name: NAME,
    words: Annotated[list[str], typer.Argument(metavar="QUERY...", help="As for search.", show_default=False)],
) -> None:
    """Give a query a name; a query that had it before goes."""
    library = open_library(context)
    name, text = naming.folded_name(name), " ".join(words)
    change = naming.save_query(name, text)
    parse_query(text, lambda: library, (name,))
    if library.name(f"query save {name}", change).queries:
        say_done(f"@{name} is now: {text}")
    else:
        say(f"@{name} is that already: {text}")


@query_app.command("list")
def list_(context: typer.Context, json: JSON = False) -> None:
    """List the saved queries."""
    saved = [query for _, query in sorted(open_library(context).names().queries.items()) if query]
    if not saved:
        say("no query is saved yet; save one with: readlist query save NAME QUERY")
    show_counts(saved, _fields, _table, json=json)


@query_app.command("show")
def show_(context: typer.Context, name: NAME) -> None:
    """Print what a saved query is."""
    write([naming.find_query(open_library(context).names(), naming.folded_name(name)).text, "\n"])


@query_app.command()
def delete(context: typer.Context, name: NAME) -> None:
    """Let go of a saved query."""
    name = naming.folded_name(name)
    open_library(context).name(f"query delete {name}", naming.delete_query(name))
    say_done(f"@{name} is no longer saved")


def _fields(saved: "SavedQuery") -> dict[str, Any]:
    from readlist.exports.json import iso

    return {"name": saved.name, "query": saved.text, "at": iso(saved.at)}


def _table(saved: "Sequence[SavedQuery]") -> "RenderableType":
    from readlist.views.names import queries_table

    return queries_table(saved)
