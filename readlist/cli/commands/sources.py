"""Commands on the sources that `update` reads again: sources, sources forget."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from readlist.cli.context import open_library, print_if_intact
from readlist.cli.options.output import output_options
from readlist.cli.output import NO_SOURCES, Form, Output, print_rows, success
from readlist.errors import NoSuchItem, UsageError
from readlist.redaction import redact_url

if TYPE_CHECKING:
    from rich.console import RenderableType

    from readlist.counts import SourceCount
    from readlist.library.library import Library

_COLUMNS = ("location", "kind", "papers", "loaded_at", "only")

app = typer.Typer(rich_markup_mode=None)


@app.command()
@output_options
def sources(context: typer.Context, output: Output) -> None:
    """List the sources that update reads again.

    Possible secrets in a URL (password, values of the query string, tokens) are printed as "…"; --json prints the whole
    URL.
    """
    counts = open_library(context).sources()
    if not counts:
        print_if_intact(context, NO_SOURCES)
    print_rows(counts, _COLUMNS, _fields if output.form is Form.JSON else _columns, _table, output)


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
        if library.untrack(_find_location(library, source)):
            success(f"Source removed: {redact_url(source)}; its papers are kept")
        else:
            unknown.append(redact_url(source))
    if unknown:
        raise NoSuchItem(f"no such source: {', '.join(unknown)}; to list them: readlist sources")


def _find_location(library: "Library", source: str) -> str:
    """Return the location of a source that is named as `sources` lists it, else the name itself.

    Raises UsageError where several sources are listed like this.
    """
    locations = [count.location for count in library.sources()]
    if source in locations:
        return source
    same = [location for location in locations if redact_url(location) == source]
    if len(same) > 1:
        raise UsageError(f"ambiguous source: {source}; pass the location from: readlist sources --json")
    return same[0] if same else source


def _fields(count: "SourceCount") -> dict[str, Any]:
    from readlist.dates import format_utc

    return {
        "location": count.location,
        "kind": count.kind,
        "papers": count.papers,
        "loaded_at": format_utc(count.loaded_at) if count.loaded_at else None,
        "only": count.only,
    }


def _columns(count: "SourceCount") -> dict[str, Any]:
    return {**_fields(count), "location": redact_url(count.location)}


def _table(counts: "Sequence[SourceCount]") -> "RenderableType":
    from readlist.views.tables import sources_table

    return sources_table(counts)
