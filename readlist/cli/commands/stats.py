"""How it is going: stats."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from readlist.cli.commands.search import Json
from readlist.cli.context import open_library
from readlist.cli.options.query import QueryCommand, explain, takes_query
from readlist.cli.output import HOW_TO_BEGIN, on_terminal, row, say, show, write

if TYPE_CHECKING:
    from readlist.models import Stats
    from readlist.search.query.parser import Query

app = typer.Typer(rich_markup_mode=None)


@app.command(cls=QueryCommand)
@takes_query
def stats(context: typer.Context, query: "Query", json: Json = False) -> None:
    """Show how it is going: what is unread, and what was read each week."""
    import datetime as dt

    library = open_library(context)
    explain(library, query)
    counted = library.stats(query, dt.date.today())
    if not counted.papers:
        say("nothing found" if library.digests() else HOW_TO_BEGIN)
    if json:
        from readlist.exporters.json import dump_object

        write(dump_object(_fields(counted)))
    elif not on_terminal():
        write(map(row, _rows(counted)))
    elif counted.papers:
        from readlist.views.stats import stats_page

        show(lambda width: stats_page(counted, width))


def _fields(counted: "Stats") -> dict[str, Any]:
    waiting = [
        {"id": entry.paper.id, "since": str(entry.paper.first_date or ""), "title": entry.paper.title}
        for entry in counted.longest_unread
    ]
    return {
        "papers": counted.papers,
        **{str(status): papers for status, papers in counted.statuses.items()},
        "starred": counted.starred,
        "growth": counted.growth,
        "weeks": [{**week._asdict(), "monday": week.monday.isoformat()} for week in counted.weeks],
        "tags": [tag._asdict() for tag in counted.tags],
        "months": [month._asdict() for month in counted.months],
        "longest_unread": waiting,
    }


def _rows(counted: "Stats") -> Iterator[tuple[object, ...]]:
    """A row a figure, its kind first: `unread 12`, `week 2025-02-10 added read skipped`, `tag rl papers unread`."""
    for name, value in _fields(counted).items():
        if isinstance(value, list):
            yield from ((_ROW[name], *figure.values()) for figure in value)
        else:
            yield name, value


_ROW = {"weeks": "week", "tags": "tag", "months": "month", "longest_unread": "longest_unread"}
"""What the first field of a row is for each list."""
