"""Commands on the sources that `update` reads again: sources, sources forget."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from readlist.cli.context import open_library
from readlist.cli.options.output import JSON
from readlist.cli.output import NO_SOURCES, info, print_rows, success
from readlist.errors import NoSuchItem

if TYPE_CHECKING:
    from rich.console import RenderableType

    from readlist.models import SourceCount

app = typer.Typer(rich_markup_mode=None)


@app.command()
def sources(context: typer.Context, json: JSON = False) -> None:
    """List the sources that update reads again."""
    counts = open_library(context).sources()
    if not counts:
        info(NO_SOURCES)
    print_rows(counts, _fields, _table, json=json)


@app.command("sources forget")
def forget(
    context: typer.Context,
    names: Annotated[
        list[str], typer.Argument(metavar="SOURCE...", help="As listed by readlist sources.", show_default=False)
    ],
) -> None:
    """Remove a source from update; its papers are kept."""
    library = open_library(context)
    unknown = []
    for source in names:
        if library.untrack(source):
            success(f"Source removed: {source}; its papers are kept")
        else:
            unknown.append(source)
    if unknown:
        raise NoSuchItem(f"no such source: {', '.join(unknown)}; to list them: readlist sources")


def _fields(count: "SourceCount") -> dict[str, Any]:
    from readlist.dates import format_utc

    return {
        "location": count.location,
        "kind": count.kind,
        "papers": count.papers,
        "loaded_at": format_utc(count.loaded_at) if count.loaded_at else None,
    }


def _table(counts: "Sequence[SourceCount]") -> "RenderableType":
    from readlist.views.tables import sources_table

    return sources_table(counts)
