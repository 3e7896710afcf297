"""Commands that find papers: search, list."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from readlist.cli.context import open_library, print_if_intact
from readlist.cli.options.output import JSON, LIMIT, PAPERS_ON_TERMINAL, effective_limit
from readlist.cli.options.query import QueryCommand, print_notices, query_options
from readlist.cli.output import EMPTY_HINT, emit, info, on_terminal, render

if TYPE_CHECKING:
    from readlist.library.library import Library
    from readlist.models import Hit, SearchResult
    from readlist.search.query.ast import Query

app = typer.Typer(rich_markup_mode=None)


@app.command(cls=QueryCommand)
@query_options
def search(context: typer.Context, query: "Query", limit: LIMIT = None, json: JSON = False) -> None:
    """Find papers by any words, best match first.

    All fields are searched, in every language, and misspelled words are corrected.
    """
    _print_matches(context, query, ranked=True, limit=limit, json=json)


@app.command("list", cls=QueryCommand)
@query_options
def list_(context: typer.Context, query: "Query", limit: LIMIT = None, json: JSON = False) -> None:
    """List papers, newest digest first."""
    _print_matches(context, query, ranked=False, limit=limit, json=json)


def _print_matches(context: typer.Context, query: "Query", *, ranked: bool, limit: int | None, json: bool) -> None:
    library = open_library(context)
    limit = effective_limit(limit, PAPERS_ON_TERMINAL, json=json)
    result = print_notices(library.find(query, ranked=ranked, limit=limit))
    if not result.total:
        print_if_intact(context, _describe_no_match(library, result))
    if json:
        from readlist.exporters.json import dump_array, entry_dict, hit_dict

        emit(dump_array(hit_dict(hit) if ranked else entry_dict(hit.entry) for hit in result.hits))
    elif on_terminal():
        _print_table(result.hits)
        if len(result.hits) < result.total:
            info(f"{len(result.hits):,} of {result.total:,} papers; --limit 0 shows all")
    else:
        from readlist.exporters.tsv import export

        emit(export(result.hits))


def _print_table(hits: "Sequence[Hit]") -> None:
    if hits:
        from readlist.views.papers import papers_table

        render(lambda width: papers_table(hits, width))


def _describe_no_match(library: "Library", result: "SearchResult") -> str:
    if not library.digests():
        return EMPTY_HINT
    suggestion = f". Did you mean: {', '.join(result.did_you_mean)}?" if result.did_you_mean else ""
    return f"No papers match{suggestion}"
