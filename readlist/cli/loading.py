"""Commands that bring papers in: load."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from readlist.cli.home import open_library
from readlist.cli.output import fail, say
from readlist.cli.progress import shown_progress
from readlist.models import LoadReport

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
    say(summary(report))
    if report.failures:
        raise typer.Exit(1)


def summary(report: LoadReport) -> str:
    """What a load did to the library, in papers: `13 added, 2 updated, 1 seen again, 4 unchanged`."""
    changes = ((report.added, "added"), (report.updated, "updated"), (report.repeated, "seen again"))
    changed = [f"{number:,} {what}" for number, what in changes if number]
    if changed:
        return ", ".join(changed + ([f"{report.unchanged:,} unchanged"] if report.unchanged else []))
    if report.unchanged:
        return f"nothing new: {report.unchanged:,} paper{'s' if report.unchanged > 1 else ''} unchanged"
    return "nothing new"
