"""Commands on saved queries: query, query save, query show, query delete."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from readlist import definition_edits
from readlist.cli.context import open_library, print_if_intact
from readlist.cli.options.output import output_options
from readlist.cli.options.query import QueryCommand, parse_query
from readlist.cli.options.sort import SORT
from readlist.cli.output import Output, emit, info, print_rows, success
from readlist.query_names import fold_query_name

if TYPE_CHECKING:
    from rich.console import RenderableType

    from readlist.definitions import SavedQuery

_NAME = Annotated[str, typer.Argument(metavar="NAME", help="One word; queries use it as @NAME.", show_default=False)]

_COLUMNS = ("name", "query", "at", "sort")

app = typer.Typer(rich_markup_mode=None)


@app.command("query")
@output_options
def list_(context: typer.Context, output: Output) -> None:
    """List the saved queries."""
    queries = [query for _, query in sorted(open_library(context).definitions().queries.items()) if query]
    if not queries:
        print_if_intact(context, "No saved queries. To save one: readlist query save NAME QUERY")
    print_rows(queries, _COLUMNS, _fields, _table, output)


@app.command("query save", cls=QueryCommand)
def save(
    context: typer.Context,
    name: _NAME,
    words: Annotated[list[str], typer.Argument(metavar="QUERY...", help="As for search.", show_default=False)],
    sort: SORT = None,
) -> None:
    """Save a query under a name, for use as @NAME.

    It replaces a saved query of the same name. With --sort, a list of @NAME alone has this order.
    """
    library = open_library(context)
    edit = definition_edits.SaveQuery.parse(name, " ".join(words), _format_order(sort))
    parse_query(edit.text, lambda: library, (edit.name,))
    sorted_by = f" --sort {edit.sort}" if edit.sort else ""
    if library.apply(edit).definitions.queries:
        success(f"Saved query @{edit.name}: {edit.text}{sorted_by}")
    else:
        info(f"Query unchanged: @{edit.name}: {edit.text}{sorted_by}")


def _format_order(sort: str | None) -> str:
    """Return an order as it is saved, "" for none. Raises UsageError for an unknown one."""
    if sort is None:
        return ""
    from readlist.search.orders import parse_order

    return str(parse_order(sort))


@app.command("query show")
def show(context: typer.Context, name: _NAME) -> None:
    """Print a saved query."""
    definitions = open_library(context).definitions()
    emit([definition_edits.find_saved_query(definitions, fold_query_name(name)).text, "\n"])


@app.command("query delete")
def delete(context: typer.Context, name: _NAME) -> None:
    """Delete a saved query."""
    name = fold_query_name(name)
    open_library(context).apply(definition_edits.DeleteQuery(name))
    success(f"Deleted query @{name}")


def _fields(query: "SavedQuery") -> dict[str, Any]:
    from readlist.dates import format_utc

    return {"name": query.name, "query": query.text, "at": format_utc(query.at), "sort": query.sort}


def _table(queries: "Sequence[SavedQuery]") -> "RenderableType":
    from readlist.views.tables import queries_table

    return queries_table(queries)
