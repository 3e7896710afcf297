"""The command that shows reading statistics: stats."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from readlist.cli.context import open_library, print_if_intact
from readlist.cli.options.output import JSON
from readlist.cli.options.query import QueryCommand, print_query_notices, query_options
from readlist.cli.output import EMPTY_HINT, emit, emit_data, on_terminal, render, tsv_line

if TYPE_CHECKING:
    from readlist.models import Stats
    from readlist.search.query.ast import Query

_ROW_NAMES = {"weeks": "week", "tags": "tag", "months": "month", "longest_unread": "longest_unread"}
"""The first field of the rows of each list."""

app = typer.Typer(rich_markup_mode=None)


@app.command(cls=QueryCommand)
@query_options
def stats(context: typer.Context, query: "Query", json: JSON = False) -> None:
    """Show reading statistics.

    The papers by status, the papers added, read and skipped in each of the last weeks, by tag and by month, and those
    that have been unread for longest.
    """
    import datetime as dt

    library = open_library(context)
    print_query_notices(library, query)
    statistics = library.stats(query, dt.date.today())
    if not statistics.papers:
        print_if_intact(context, "No papers match" if library.digests() else EMPTY_HINT)
    if json:
        from readlist.exporters.json import dump_object

        emit_data(dump_object(_fields(statistics)))
    elif not on_terminal():
        emit(map(tsv_line, _rows(statistics)))
    elif statistics.papers:
        from readlist.views.stats import stats_page

        render(lambda width: stats_page(statistics, width))


def _fields(statistics: "Stats") -> dict[str, Any]:
    longest_unread = [
        {"id": entry.paper.id, "since": _first_date(entry), "title": entry.paper.title}
        for entry in statistics.longest_unread
    ]
    return {
        "papers": statistics.papers,
        **{str(status): papers for status, papers in statistics.statuses.items()},
        "starred": statistics.starred,
        "growth": statistics.growth,
        "weeks": [{**week._asdict(), "monday": week.monday.isoformat()} for week in statistics.weeks],
        "tags": [tag._asdict() for tag in statistics.tags],
        "months": [month._asdict() for month in statistics.months],
        "longest_unread": longest_unread,
    }


def _rows(statistics: "Stats") -> Iterator[tuple[object, ...]]:
    """Yield one row per figure, its name first: `unread 12`, `week MONDAY added read skipped`."""
    for name, value in _fields(statistics).items():
        if isinstance(value, list):
            yield from ((_ROW_NAMES[name], *figure.values()) for figure in value)
        else:
            yield name, value


def _first_date(entry: Any) -> str:
    return min((appearance.date.isoformat() for appearance in entry.paper.digests if appearance.date), default="")
