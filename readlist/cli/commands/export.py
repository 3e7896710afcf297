"""Commands that hand a list on: export."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from readlist.cli.context import open_library
from readlist.cli.files import write_file
from readlist.cli.options.query import QueryCommand, explained, takes_query
from readlist.cli.output import fail, say, write
from readlist.errors import ReadlistError, UsageError
from readlist.exporters.registry import EXPORTERS, load_exporter

if TYPE_CHECKING:
    from readlist.models import Entry
    from readlist.search.query.parser import Query

app = typer.Typer(rich_markup_mode=None)

_FORMATS = ", ".join(EXPORTERS)


@app.command(cls=QueryCommand)
@takes_query
def export(
    context: typer.Context,
    query: "Query",
    to: Annotated[
        str, typer.Option("--to", metavar="FORMAT", help=f"One of {_FORMATS}.", show_default=True)
    ] = "markdown",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to FILE, not to stdout.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite FILE.")] = False,
    split: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write a Markdown file a paper into DIR, or bring those there up to date; what you added stays.",
        ),
    ] = None,
) -> None:
    """Export all papers, or those that a query finds.

    The newest digest comes first.
    """
    if to not in EXPORTERS:
        raise UsageError(f"no such format: {to}; there are {_FORMATS}")
    if split and (output or to != "markdown"):
        raise UsageError("--split writes Markdown into a folder; it goes with neither --output nor another format")
    library = open_library(context)
    if (target := split or output) and library.contains_path(target):
        raise ReadlistError(f"{target} is the library's own; nothing was written")
    found = explained(library.find(query, ranked=False))
    entries = (hit.entry for hit in found.hits)
    if split:
        _split(split, entries)
    elif output is None or str(output) == "-":
        write(load_exporter(to)(entries))
    else:
        write_file(output, load_exporter(to)(entries), force=force)
        say(f"{found.total:,} paper{'s' * (found.total != 1)} exported to {output}")


def _split(folder: Path, entries: "Iterable[Entry]") -> None:
    from readlist.cli.vault import split

    counts, problems = split(folder, entries)
    for problem in problems:
        fail(str(problem))
    say(", ".join(f"{count:,} {what}" for what, count in counts.items()))
    if problems:
        raise typer.Exit(1)
