"""Commands that bring papers in: load."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from readlist.cli.home import open_library
from readlist.cli.output import fail, say
from readlist.cli.progress import shown_progress

app = typer.Typer(rich_markup_mode=None)


@app.command()
def load(
    context: typer.Context,
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Digest files, folders (searched for *.txt, folders in them too), or - for stdin.",
            show_default=False,
        ),
    ],
) -> None:
    """Load digests; loading again what is loaded changes nothing."""
    paths = [Path(source) for source in sources if source != "-"]
    piped = sys.stdin.buffer.read() if "-" in sources else None
    with shown_progress() as progress:
        report = open_library(context).load(paths, piped, progress)
    for problem in report.problems:
        say(str(problem))
    for failure in report.failures:
        fail(str(failure))
    from readlist.views.counts import load_summary

    say(load_summary(report))
    if report.failures:
        raise typer.Exit(1)
