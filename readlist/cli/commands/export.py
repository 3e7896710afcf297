"""The command that writes papers in another format: export."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from readlist.cli.context import open_library
from readlist.cli.files import write_file
from readlist.cli.options.query import QueryCommand, print_notices, query_options
from readlist.cli.output import emit, error, info
from readlist.errors import ReadlistError, UsageError
from readlist.exporters.registry import EXPORTERS, load_exporter
from readlist.text import plural

if TYPE_CHECKING:
    from readlist.models import Entry
    from readlist.search.query.ast import Query

app = typer.Typer(rich_markup_mode=None)

_FORMATS = ", ".join(EXPORTERS)


@app.command(cls=QueryCommand)
@query_options
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
            metavar="DIR", help="Write or update one Markdown file per paper in DIR; text that you added is kept."
        ),
    ] = None,
) -> None:
    """Export papers to another format.

    All papers, or those that match QUERY, newest digest first.
    """
    if to not in EXPORTERS:
        raise UsageError(f"unknown format: {to}; use one of: {_FORMATS}")
    if split and (output or to != "markdown"):
        raise UsageError("--split writes Markdown files into DIR; omit --output and --to")
    library = open_library(context)
    if (target := split or output) and library.contains_path(target):
        raise ReadlistError(f"cannot export into the library's own directories: {target}; choose another path")
    result = print_notices(library.find(query, ranked=False))
    entries = (hit.entry for hit in result.hits)
    if split:
        _split(split, entries)
    elif output is None or str(output) == "-":
        emit(load_exporter(to)(entries))
    else:
        write_file(output, load_exporter(to)(entries), force=force)
        info(f"Exported {plural(result.total, 'paper')} to {output}")


def _split(directory: Path, entries: "Iterable[Entry]") -> None:
    from readlist.cli.vault import update_vault

    counts, problems = update_vault(directory, entries)
    for problem in problems:
        error(str(problem))
    (state, written), *others = counts.items()
    info(", ".join([f"{plural(written, 'file')} {state}", *(f"{count:,} {state}" for state, count in others)]))
    if problems:
        raise typer.Exit(1)
