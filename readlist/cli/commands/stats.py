"""The command that shows reading statistics: stats."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from readlist.cli.context import open_library
from readlist.cli.files import duplicate_descriptor, write_descriptor, write_file
from readlist.cli.options.output import JSON
from readlist.cli.options.query import (
    QueryCommand,
    parse_query,
    print_query_notices,
    query_text_options,
    report_no_match,
)
from readlist.cli.output import emit, emit_data, info, on_terminal, render, stdout_encoding, tsv_line
from readlist.errors import ReadlistError, UsageError

if TYPE_CHECKING:
    from readlist.library.library import Library
    from readlist.models import Entry
    from readlist.search.query.ast import Query
    from readlist.stats import Stats, YearReview

_ROW_NAMES = {
    "weeks": "week",
    "tags": "tag",
    "months": "month",
    "longest_unread": "longest_unread",
    "activity": "activity",
    "reading_days": "reading_day",
    "authors": "author",
    "starred_papers": "starred_paper",
    "oldest_unread": "oldest_unread",
}
"""The first field of the rows of each list."""
_FORMATS = {"markdown": (".md", ".markdown"), "html": (".html", ".htm")}
"""The formats of --to, and the endings of file names that choose them."""

app = typer.Typer(rich_markup_mode=None)


@app.command(cls=QueryCommand)
@query_text_options
def stats(
    context: typer.Context,
    query: str,
    year: Annotated[
        str | None, typer.Option(metavar="YEAR", help="Year in review: papers added, read, skipped, starred and noted.")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="markdown|html", help="Format of the review; else by the suffix of FILE."),
    ] = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="With --year: write to FILE, not to stdout.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite FILE.")] = False,
    json: JSON = False,
) -> None:
    """Show reading statistics.

    The papers by status, what was added, read and skipped by week or month, the days on which papers were read, the
    tags, and the papers that have been unread for longest. With --year the same of one year, for a report.
    """
    today = dt.date.today()
    if year is None:
        if to is not None or output is not None or force:
            option = "--to" if to is not None else "--output" if output is not None else "--force"
            raise UsageError(f"{option} is for a year in review; add --year {today.year}")
        _show_stats(context, query, today, json=json)
        return
    number = _parse_year(year, today)
    path = _parse_path(output)
    format_ = _choose_format(to, path, json=json)
    descriptor = duplicate_descriptor(path) if path else None
    library, parsed = _open(context, query)
    if path and library.contains_path(path):
        raise ReadlistError(f"cannot write into the library's own directories: {path}; choose another path")
    print_query_notices(library, parsed)
    review = library.review_year(parsed, number, today)
    if format_ is None:
        _show_year(review, query, json=json)
        return
    pieces = _export(review, query, format_)
    if path is None:
        emit_data(pieces)
        return
    if descriptor is None:
        write_file(path, pieces, force=force)
    else:
        write_descriptor(descriptor, path, pieces)
    info(f"Wrote the review of {number} to {path}")


def _open(context: typer.Context, query: str) -> "tuple[Library, Query]":
    library = open_library(context)
    return library, parse_query(query, lambda: library)


# Statistics


def _show_stats(context: typer.Context, query: str, today: dt.date, *, json: bool) -> None:
    library, parsed = _open(context, query)
    print_query_notices(library, parsed)
    statistics = library.stats(parsed, today)
    if not statistics.papers:
        report_no_match(context, library, parsed)
    if json:
        _print_json(_stats_fields(statistics))
    elif not on_terminal():
        emit(map(tsv_line, _rows(_stats_fields(statistics))))
    elif statistics.papers:
        from readlist.views.bars import choose_glyphs
        from readlist.views.stats import stats_page

        glyphs = choose_glyphs(stdout_encoding())
        render(lambda width: stats_page(statistics, width, glyphs))


def _stats_fields(statistics: "Stats") -> dict[str, Any]:
    return {
        "papers": statistics.papers,
        **{str(status): papers for status, papers in statistics.statuses.items()},
        "starred": statistics.starred,
        "growth": statistics.growth,
        "weeks": [{**week._asdict(), "monday": week.monday.isoformat()} for week in statistics.weeks],
        "tags": [tag._asdict() for tag in statistics.tags],
        "months": [month._asdict() for month in statistics.months],
        "longest_unread": [_unread_fields(entry) for entry in statistics.longest_unread],
        "activity": [month._asdict() for month in statistics.activity],
        "reading_days": [{"date": day.date.isoformat(), "read": day.read} for day in statistics.reading_days],
    }


def _unread_fields(entry: "Entry") -> dict[str, Any]:
    first = entry.paper.first_date
    return {"id": entry.paper.id, "since": first.isoformat() if first else "", "title": entry.paper.title}


# The year in review


def _parse_year(text: str, today: dt.date) -> int:
    if not re.fullmatch(r"(?a)\d{4}", text) or int(text) < dt.MINYEAR:
        raise UsageError(f"invalid year: {text or '(empty)'}; pass four digits, such as {today.year}")
    return int(text)


def _parse_path(output: str | None) -> Path | None:
    if output == "":
        raise UsageError("empty value for --output; pass a path")
    return Path(output) if output and output != "-" else None


def _choose_format(to: str | None, path: Path | None, *, json: bool) -> str | None:
    """Return the format that --to names, else that of the suffix of the file; None for neither."""
    if json and (to is not None or path):
        raise UsageError(f"pass --json or {'--to' if to is not None else '--output'}, not both")
    if to is None and path is None:
        return None
    wanted = path.suffix.lower() if path and to is None else f".{to}"
    for name, suffixes in _FORMATS.items():
        if wanted in (*suffixes, f".{name}"):
            return name
    formats = " or ".join(_FORMATS)
    if to is not None:
        raise UsageError(f"unknown format: {to or '(empty)'}; use {formats}")
    raise UsageError(f"no format of a review has the suffix {wanted or '(none)'}: {path}; add --to {formats}")


def _show_year(review: "YearReview", query: str, *, json: bool) -> None:
    if json:
        _print_json(_year_fields(review))
    elif not on_terminal():
        emit(map(tsv_line, _rows(_year_fields(review))))
    else:
        from readlist.views.bars import choose_glyphs
        from readlist.views.year_review import year_page

        glyphs = choose_glyphs(stdout_encoding())
        render(lambda width: year_page(review, query, width, glyphs))


def _export(review: "YearReview", query: str, format_: str) -> Iterator[str]:
    if format_ == "html":
        from readlist.exporters.year_html import export_year as export_html

        return export_html(review, query)
    from readlist.exporters.year_markdown import export_year as export_markdown

    return export_markdown(review, query)


def _year_fields(review: "YearReview") -> dict[str, Any]:
    week = review.busiest_week
    return {
        "year": review.year,
        **{name: count for name, count in review.total._asdict().items() if name != "period"},
        "unread": review.unread,
        "busiest_month": review.busiest_month,
        "busiest_week": week.isoformat() if week else None,
        "previous_year": review.previous._asdict(),
        "activity": [month._asdict() for month in review.months],
        "reading_days": [{"date": day.date.isoformat(), "read": day.read} for day in review.reading_days],
        "tags": [tag._asdict() for tag in review.tags],
        "authors": [author._asdict() for author in review.authors],
        "starred_papers": [
            {"id": paper.entry.paper.id, "date": paper.date.isoformat(), "title": paper.entry.paper.title}
            for paper in review.starred
        ],
        "oldest_unread": [_unread_fields(entry) for entry in review.oldest_unread],
    }


# Output


def _print_json(fields: Mapping[str, object]) -> None:
    from readlist.exporters.json import dump_object

    emit_data(dump_object(fields))


def _rows(fields: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    """Yield one row per figure, its name first: `unread 12`, `week MONDAY added read skipped`."""
    for name, value in fields.items():
        if isinstance(value, list):
            yield from ((_ROW_NAMES[name], *figure.values()) for figure in value)
        elif isinstance(value, dict):
            yield name, *value.values()
        else:
            yield name, value
