"""Commands that find papers: search, list."""

from typing import TYPE_CHECKING, Annotated

import typer

from readlist.cli.context import open_library, print_if_intact
from readlist.cli.options.output import LIMIT, PAPERS_ON_TERMINAL, effective_limit, paper_output_options
from readlist.cli.options.query import QueryCommand, describe_no_match, print_notices, query_options
from readlist.cli.options.sort import SORT, choose_order
from readlist.cli.output import Form, Output, emit, emit_data, info, render
from readlist.models import NEWEST, RELEVANCE
from readlist.text import plural

if TYPE_CHECKING:
    from readlist.library.library import Library
    from readlist.query_results import SearchResult
    from readlist.search.query.ast import Query

app = typer.Typer(rich_markup_mode=None)


EXACT = Annotated[
    bool,
    typer.Option(
        "--exact", help="Only papers with all words as typed: no corrections, other forms, synonyms or nearest matches."
    ),
]


@app.command(cls=QueryCommand)
@query_options
@paper_output_options
def search(
    context: typer.Context,
    query: "Query",
    sort: SORT = None,
    exact: EXACT = False,
    limit: LIMIT = None,
    *,
    output: Output,
) -> None:
    """Find papers by any words, best match first.

    All fields are searched, in every language. Misspelled words are corrected, and other forms of a word, acronyms and
    words that mean the same are found as well. Where fewer than ten papers have all words, the nearest matches follow.
    """
    library = open_library(context)
    limit = effective_limit(limit, PAPERS_ON_TERMINAL, output)
    order = choose_order(context, library, sort, RELEVANCE)
    result = library.find(query, order=order, limit=limit, exact=exact)
    _report(context, library, query, result)
    if output.form is Form.JSON:
        from readlist.exporters.json import dump_array, hit_dict

        emit_data(dump_array(map(hit_dict, result.hits)))
    else:
        _print_hits(result, output, excerpts=True)


@app.command("list", cls=QueryCommand)
@query_options
@paper_output_options
def list_(context: typer.Context, query: "Query", sort: SORT = None, limit: LIMIT = None, *, output: Output) -> None:
    """List papers, newest digest first."""
    library = open_library(context)
    limit = effective_limit(limit, PAPERS_ON_TERMINAL, output)
    order = choose_order(context, library, sort, NEWEST, has_setting=output.form is Form.TABLE)
    result = library.find(query, order=order, limit=limit)
    _report(context, library, query, result)
    if output.form is Form.JSON:
        from readlist.exporters.json import export

        emit_data(export(hit.entry for hit in result.hits))
    else:
        _print_hits(result, output, excerpts=False)


def _report(context: typer.Context, library: "Library", query: "Query", result: "SearchResult") -> None:
    """Print the notices of a search, and a message if no paper matches."""
    print_notices(result)
    if not result.hits and not result.total:
        print_if_intact(context, describe_no_match(library, query, result))


def _print_hits(result: "SearchResult", output: Output, *, excerpts: bool) -> None:
    """Print a table or a line for each hit, then how many papers were found.

    `excerpts` puts a match outside the title on a line of its own in wide tables too.
    """
    nearest = sum(hit.is_partial for hit in result.hits)
    if output.form is Form.TSV:
        from readlist.exporters.tsv import export

        emit(export(result.hits, output.columns, header=output.header))
        if nearest:
            info(
                f"{plural(result.total, 'paper')} with all words; {plural(nearest, 'nearest match', 'nearest matches')}"
            )
        return
    if result.hits:
        from readlist.views.paper_layout import TableOptions
        from readlist.views.papers import results_table

        options = TableOptions(output.columns, output.one_line, excerpts)
        render(lambda width: results_table(result.hits, width, options))
    if len(result.hits) - nearest < result.total:
        info(f"{len(result.hits) - nearest:,} of {result.total:,} papers; --limit 0 shows all")
