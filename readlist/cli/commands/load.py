"""Commands that add papers: load, update."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Annotated

import typer

from readlist.cli.context import open_library, print_if_intact
from readlist.cli.options.query import parse_query
from readlist.cli.output import NO_SOURCES, emit, error, info, on_terminal, success, tsv_line
from readlist.cli.progress import progress_bar
from readlist.cli.stdin import read_stdin_bytes
from readlist.errors import UsageError
from readlist.models import Paper
from readlist.redaction import redact_digest_name
from readlist.reports import LoadReport
from readlist.sources import Problem
from readlist.text import clean, list_some, plural

MAX_REPEATED = 5
"""Repeated papers that a report names; more are only counted."""
MAX_TITLES = 20
"""New papers whose titles `update` lists on a terminal: two days; the rest is for `today`."""
MAX_PROBLEMS = 100
"""Problems of one source that a report lists; a source with more is not a digest."""

_NOTHING_NEW = "Nothing new"

DRY_RUN = Annotated[bool, typer.Option("--dry-run", help="Print what would be loaded, and change nothing.")]

app = typer.Typer(rich_markup_mode=None)


@app.command()
def load(
    context: typer.Context,
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Digests, notes and bibliographies: files, directories, URLs of pages and feeds, or - for stdin.",
            show_default=False,
        ),
    ],
    dry_run: DRY_RUN = False,
    allow_private: Annotated[bool, typer.Option("--allow-private", help="Allow URLs in your own network.")] = False,
    only: Annotated[
        str | None,
        typer.Option(
            "--only", metavar="QUERY", help="Load only papers that match, also in later updates; '' removes the query."
        ),
    ] = None,
) -> None:
    """Load papers from files, directories, URLs or stdin.

    The format is detected from the content: text, saved pages, feeds, mail, Markdown notes, bibliographies, exports of
    readlist. In a directory and its subdirectories, *.txt, *.md, *.html, *.bib and others are read (readlist help
    formats). Loading the same source again changes nothing. The sources are remembered for readlist update, each with
    its --only.
    """
    if not all(map(str.strip, sources)):
        raise UsageError("a SOURCE is empty; for the current directory write: readlist load .")
    locations = [source for source in sources if source != "-"]
    library = open_library(context)
    if only:
        parse_query(only, lambda: library)  # an error comes before stdin is read
    stdin = _read_stdin() if "-" in sources else None
    with progress_bar() as progress:
        report = library.load(locations, stdin, private=allow_private, only=only, dry_run=dry_run, progress=progress)
    _print_details(report, dry_run=dry_run)
    _print_summary(report, dry_run=dry_run)
    if report.failures:
        raise typer.Exit(1)


@app.command()
def update(context: typer.Context, dry_run: DRY_RUN = False) -> None:
    """Load what is new in all sources.

    Suitable for cron: without a terminal it prints errors and problems only. On a terminal it lists up to 20 new
    papers.
    """
    library = open_library(context)
    with progress_bar() as progress:
        report = library.update(dry_run=dry_run, progress=progress)
    _print_details(report, dry_run=dry_run)
    if on_terminal() and not dry_run and len(report.added) <= MAX_TITLES:
        emit(f"{paper.id} {clean(paper.title)}\n" for paper in report.added)
    if sys.stderr.isatty() or dry_run:
        if any(report) or library.sources():
            _print_summary(report, dry_run=dry_run)
        else:
            print_if_intact(context, NO_SOURCES)
    if report.failures:
        raise typer.Exit(1)


def _print_details(report: LoadReport, *, dry_run: bool) -> None:
    """Print repeated papers, files without a paper, problems and failures, one per line."""
    if dry_run:
        emit(tsv_line((paper.date or "undated", paper.title)) for paper in report.added)
    if len(report.repeated) <= MAX_REPEATED:
        for paper in report.repeated:
            info(f"Already in the library: {paper.id} {paper.title}; now also in digest {_last_digest(paper)}")
    if len(report.withdrawn) <= MAX_REPEATED:
        for paper in report.withdrawn:
            info(f"No longer in a digest: {paper.id} {paper.title}")
    if report.skipped_names:
        info(f"{plural(len(report.skipped_names), 'file')} without a paper: {list_some(report.skipped_names)}")
    for line in _list_problems(report.problems):
        info(line)
    for failure in report.failures:
        error(str(failure))


def _read_stdin() -> bytes:
    from readlist.loaders.files import MAX_EXPORT

    return read_stdin_bytes(MAX_EXPORT)


def _list_problems(problems: Sequence[Problem]) -> Iterator[str]:
    """Yield one line per problem; of a source with many problems the first ones, and how many more there are."""
    for source, group in groupby(problems, key=lambda problem: problem.source):
        lines = list(map(str, group))
        yield from lines[:MAX_PROBLEMS]
        if len(lines) > MAX_PROBLEMS:
            yield f"{source}: {plural(len(lines) - MAX_PROBLEMS, 'more problem')}"


def _last_digest(paper: Paper) -> dt.date | str:
    appearance = paper.digests[-1]
    return appearance.date or redact_digest_name(appearance.source)


def _print_summary(report: LoadReport, *, dry_run: bool) -> None:
    is_changed = bool(report.added or report.updated or report.repeated or report.withdrawn or report.marks)
    if report.failures and not is_changed and not report.unchanged:
        return  # the errors say all
    if dry_run:
        info(f"Dry run, nothing was changed: {summarize(report)}")
    elif is_changed:
        success(summarize(report))
    else:
        info(summarize(report))


def summarize(report: LoadReport) -> str:
    """Return what a load did: `13 papers added, 2 updated, 1 already in the library, 4 unchanged, 5 marks added`.

    Papers that `--only` left out and new versions that a feed announces come last.
    """
    changes = _summarize_changes(report)
    left_out = []
    if report.left_out:
        count = plural(report.left_out, "paper") if changes == _NOTHING_NEW else f"{report.left_out:,}"
        left_out.append(f"{count} left out by --only")
    if report.revisions:
        left_out.append(f"{plural(report.revisions, 'new version')} left out")
    if not left_out:
        return changes
    return f"{changes}{': ' if changes == _NOTHING_NEW else ', '}{', '.join(left_out)}"


def _summarize_changes(report: LoadReport) -> str:
    counts = (
        (len(report.added), "added"),
        (len(report.updated), "updated"),
        (len(report.repeated), "already in the library"),
        (len(report.withdrawn), "no longer in a digest"),
    )
    changes = [(count, state) for count, state in counts if count]
    marks = [f"{plural(report.marks, 'mark')} added"] * bool(report.marks)
    if not changes and marks:
        return ", ".join([*marks, *([f"{plural(report.unchanged, 'paper')} unchanged"] * bool(report.unchanged))])
    deleted = [f"{plural(report.deleted, 'deleted paper')} left out"] * bool(report.deleted)
    if not changes:
        unchanged = [f"{plural(report.unchanged, 'paper')} unchanged"] * bool(report.unchanged)
        return ": ".join((_NOTHING_NEW, *([", ".join([*unchanged, *deleted])] * bool(unchanged or deleted))))
    (first, state), *others = (*changes, (report.unchanged, "unchanged"))
    counted = [f"{plural(first, 'paper')} {state}", *(f"{count:,} {state}" for count, state in others if count)]
    return ", ".join([*counted, *deleted, *marks])
