"""The command that shows what is new: today."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from readlist.cli.context import open_library, print_if_intact
from readlist.cli.options.output import JSON, LIMIT, PAPERS_ON_TERMINAL, effective_limit
from readlist.cli.options.query import QueryCommand, print_query_notices, query_options
from readlist.cli.output import EMPTY_HINT, emit, emit_data, info, on_terminal, render

if TYPE_CHECKING:
    from readlist.library.library import Library
    from readlist.models import DailyPapers, Entry
    from readlist.search.query.ast import Query

app = typer.Typer(rich_markup_mode=None)


@app.command(cls=QueryCommand)
@query_options
def today(context: typer.Context, query: "Query", limit: LIMIT = None, json: JSON = False) -> None:
    """Show what is new, what is due, and what is left.

    New is what was loaded from digests since you last looked, on an earlier day; where that is nothing, the newest
    digest is shown. The papers that you would probably like come first, each below its comment.
    """
    library = open_library(context)
    print_query_notices(library, query)
    limit = effective_limit(limit, PAPERS_ON_TERMINAL, json=json)
    papers = library.today(query, limit=limit)
    if not papers.last_id:
        print_if_intact(context, EMPTY_HINT)
    elif json:
        from readlist.exporters.json import dump_array

        emit_data(dump_array(_entry_dicts(papers)))
    elif on_terminal():
        from readlist.views.daily import daily_page

        render(lambda width: daily_page(papers, width))
        if len(papers.new) < papers.undecided:
            info(f"{len(papers.new):,} of {papers.undecided:,} papers; --limit 0 shows all")
        _record_seen(library, papers)
    else:
        from readlist.exporters.tsv import export

        emit(export(_iter_entries(papers)))


def _record_seen(library: "Library", papers: "DailyPapers") -> None:
    """Remember that the papers were shown; where that cannot be saved, they are shown again another day."""
    try:
        library.record_seen(papers.last_id)
    except OSError as failure:
        info(f"cannot remember what was shown: {failure.strerror}")


def _iter_entries(papers: "DailyPapers") -> "Iterator[Entry]":
    yield from (suggestion.entry for suggestion in papers.new)
    yield from papers.due


def _entry_dicts(papers: "DailyPapers") -> Iterator[dict[str, object]]:
    """Yield the entries with the group that each belongs to: `new`, `due`, `queue` or `earlier`."""
    from readlist.exporters.json import suggestion_dict
    from readlist.models import Suggestion

    groups = {
        "new": papers.new,
        "due": map(Suggestion, papers.due),
        "queue": map(Suggestion, papers.queued),
        "earlier": papers.earlier,
    }
    for group, suggestions in groups.items():
        yield from ({**suggestion_dict(one), "group": group} for one in suggestions)
