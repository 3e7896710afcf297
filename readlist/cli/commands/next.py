"""Commands that suggest papers: next, similar."""

from typing import TYPE_CHECKING

import typer

from readlist.cli.context import open_library, print_if_intact
from readlist.cli.options.items import ITEMS, raise_if_missing, report_if_empty, resolve_items
from readlist.cli.options.output import (
    SUGGESTION_LIMIT,
    SUGGESTIONS_ON_TERMINAL,
    effective_limit,
    paper_output_options,
)
from readlist.cli.options.query import QueryCommand, print_query_notices, query_options
from readlist.cli.output import EMPTY_HINT, Form, Output, emit, emit_data, info, render
from readlist.paper_columns import suggestion_row

if TYPE_CHECKING:
    from readlist.search.query.ast import Query
    from readlist.suggestions import Suggestions

app = typer.Typer(rich_markup_mode=None)


@app.command("next", cls=QueryCommand)
@query_options
@paper_output_options
def next_(context: typer.Context, query: "Query", limit: SUGGESTION_LIMIT = None, *, output: Output) -> None:
    """Suggest what to read next, with reasons.

    Suggestions are learned from the papers that you starred, noted, read and skipped; before that the newest come
    first.
    """
    library = open_library(context)
    print_query_notices(library, query)
    suggestions = library.next(query, limit=effective_limit(limit, SUGGESTIONS_ON_TERMINAL, output))
    if not suggestions.total:
        print_if_intact(context, "No unread papers match" if library.digests() else EMPTY_HINT)
    elif not suggestions.learned:
        info("No starred, noted or read papers yet; showing the newest papers first")
    _print_suggestions(suggestions, output)


@app.command()
@paper_output_options
def similar(context: typer.Context, items: ITEMS, limit: SUGGESTION_LIMIT = None, *, output: Output) -> None:
    """Find the papers most similar to given papers.

    Read papers are included.
    """
    library = open_library(context)
    selected = resolve_items(library, items)
    report_if_empty(selected)
    if selected.ids:
        limit = effective_limit(limit, SUGGESTIONS_ON_TERMINAL, output)
        suggestions = library.similar(selected.ids, limit=limit)
        if not suggestions.papers:
            info("No similar papers")
        _print_suggestions(suggestions, output)
    raise_if_missing(selected)


def _print_suggestions(suggestions: "Suggestions", output: Output) -> None:
    if output.form is Form.JSON:
        from readlist.exporters.json import dump_array, suggestion_dict

        emit_data(dump_array(map(suggestion_dict, suggestions.papers)))
    elif output.form is Form.TSV:
        from readlist.exporters.tsv import export

        emit(export(map(suggestion_row, suggestions.papers), output.columns, header=output.header))
    elif suggestions.papers:
        from readlist.views.paper_layout import TableOptions
        from readlist.views.papers import suggestions_table

        options = TableOptions(output.columns, output.one_line)
        render(lambda width: suggestions_table(suggestions.papers, width, options))
