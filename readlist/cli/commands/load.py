"""Commands that bring papers in: load, update."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Annotated

import typer

from readlist.cli.context import open_library
from readlist.cli.output import fail, row, say, say_done, write
from readlist.cli.progress import shown_progress
from readlist.cli.stdin import piped_bytes
from readlist.errors import UsageError
from readlist.models import LoadReport, Paper, Problem

NAMED = 5
"""Papers and notes that a report names one by one; of more it says how many."""

TOLD = 100
"""Problems of one source that a report tells one by one: who has more has given us something else than a digest."""

DRY_RUN = Annotated[bool, typer.Option("--dry-run", help="Say what would be loaded, and change nothing.")]

app = typer.Typer(rich_markup_mode=None)


@app.command()
def load(
    context: typer.Context,
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Digests and notes: files, folders, addresses of pages and feeds, or - for stdin.",
            show_default=False,
        ),
    ],
    dry_run: DRY_RUN = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Let addresses lead into your own network.")
    ] = False,
) -> None:
    """Load digests; loading again what is loaded changes nothing.

    Text, saved pages, feeds and Markdown notes are told apart by what they hold. In a folder *.txt, *.md, *.html and
    *.xml are taken, folders in it too. The sources are remembered for `readlist update`.
    """
    if not all(map(str.strip, sources)):
        raise UsageError("a source without a name; the folder that you are in is called .")
    named = [source for source in sources if source != "-"]
    piped = _piped() if "-" in sources else None
    with shown_progress() as progress:
        report = open_library(context).load(named, piped, private=allow_private, dry_run=dry_run, progress=progress)
    _tell(report, dry_run=dry_run)
    _sum_up(report, dry_run=dry_run)
    if report.failures:
        raise typer.Exit(1)


@app.command()
def update(context: typer.Context, dry_run: DRY_RUN = False) -> None:
    """Load what is new from every source that was loaded from.

    Right for cron: without a terminal it says nothing but what went wrong.
    """
    library = open_library(context)
    with shown_progress() as progress:
        report = library.update(dry_run=dry_run, progress=progress)
    _tell(report, dry_run=dry_run)
    if sys.stderr.isatty() or dry_run:
        _sum_up(report, dry_run=dry_run)
    if report.failures:
        raise typer.Exit(1)


def _tell(report: LoadReport, *, dry_run: bool) -> None:
    """Say what was met on the way, paper by paper and line by line."""
    if dry_run:
        write(row((paper.date or "undated", paper.title)) for paper in report.added)
    if len(report.repeated) <= NAMED:
        for paper in report.repeated:
            say(f"{paper.id} seen again in {_last_seen(paper)}: {paper.title}")
    if report.skipped_names:
        say(f"{len(report.skipped_names):,} without a paper: {_some(report.skipped_names)}")
    for line in _in_short(report.problems):
        say(line)
    for failure in report.failures:
        fail(str(failure))


def _piped() -> bytes:
    from readlist.loaders.files import MAX_FILE

    return piped_bytes(MAX_FILE)


def _in_short(problems: Sequence[Problem]) -> Iterator[str]:
    """A line a problem; of a source that has many of them the first, and how many more."""
    for source, of_one in groupby(problems, key=lambda problem: problem.source):
        told = list(of_one)
        yield from map(str, told[:TOLD])
        if len(told) > TOLD:
            yield f"{source}: {len(told) - TOLD:,} more like these"


def _last_seen(paper: Paper) -> dt.date | str:
    seen = paper.digests[-1]
    return seen.date or seen.source


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED:,} more" if len(names) > NAMED else "")


def _sum_up(report: LoadReport, *, dry_run: bool) -> None:
    if dry_run:
        say(f"{summary(report)}; a dry run, nothing was changed")
    elif report.added or report.updated or report.repeated:
        say_done(summary(report))
    else:
        say(summary(report))


def summary(report: LoadReport) -> str:
    """What a load did to the library, in papers: `13 added, 2 updated, 1 seen again in 2025-02-12, 4 unchanged`."""
    counts = ((report.added, "added"), (report.updated, "updated"), (report.repeated, _seen_again(report.repeated)))
    changed = [f"{len(papers):,} {what}" for papers, what in counts if papers]
    if changed:
        return ", ".join(changed + ([f"{report.unchanged:,} unchanged"] if report.unchanged else []))
    if report.unchanged:
        return f"nothing new: {report.unchanged:,} paper{'s' if report.unchanged > 1 else ''} unchanged"
    return "nothing new"


def _seen_again(papers: Iterable[Paper]) -> str:
    days = {_last_seen(paper) for paper in papers}
    return f"seen again in {days.pop()}" if len(days) == 1 else "seen again"
