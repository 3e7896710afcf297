"""The command that shows new papers: today."""

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from readlist.cli.context import open_library, print_if_intact
from readlist.cli.options.handout import HandoutOptions, handout_options, report_missing_recipient
from readlist.cli.options.output import LIMIT, PAPERS_ON_TERMINAL, default_form, effective_limit, output_options
from readlist.cli.options.query import (
    QueryCommand,
    parse_query,
    print_query_notices,
    query_text_options,
    report_no_match,
)
from readlist.cli.output import EMPTY_HINT, Form, Output, emit, emit_data, info, on_terminal, render
from readlist.errors import ReadlistError, UsageError
from readlist.exporters.registry import HANDOUT_FORMATS

if TYPE_CHECKING:
    from readlist.exporters.handout import Handout
    from readlist.library.library import Library
    from readlist.models import Entry
    from readlist.suggestions import DailyPapers

app = typer.Typer(rich_markup_mode=None)


@app.command(cls=QueryCommand)
@query_text_options
@handout_options
@output_options
def today(
    context: typer.Context,
    query: str,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="|".join(HANDOUT_FORMATS),
            help="Print papers loaded since the last --to in this format; nothing if there are none.",
        ),
    ] = None,
    limit: LIMIT = None,
    *,
    output: Output,
    handout: HandoutOptions,
) -> None:
    """Show new, due, queued and recent unread papers.

    New papers are those loaded from digests since you last ran today on an earlier day; if there are none, the newest
    digest is shown. The papers that you would probably like come first, each below its comment. With a query, papers
    do not count as seen.
    """
    if to is not None and (output.header or limit is not None or output.form is not default_form()):
        raise UsageError("--to prints all new papers in its own format; omit the other formats and --limit")
    options = _build_handout(handout, to)
    library = open_library(context)
    if to is not None and options:
        _send(library, query, to, options)
        return
    parsed = parse_query(query, lambda: library)
    print_query_notices(library, parsed)
    papers = library.today(parsed, limit=effective_limit(limit, PAPERS_ON_TERMINAL, output))
    if not papers.last_id:
        print_if_intact(context, EMPTY_HINT)
        return
    if query and not papers.total and not (output.form is Form.TABLE and on_terminal()):  # the page says it there
        report_no_match(context, library, parsed)
    if output.form is Form.JSON:
        from readlist.exporters.json import dump_array

        emit_data(dump_array(_entry_dicts(papers)))
    elif output.form is Form.TABLE:
        from readlist.cli.config import read_setting
        from readlist.views.daily import daily_page

        language = read_setting("language") or ""
        render(lambda width: daily_page(papers, width, language))
        if len(papers.new) < papers.undecided:
            info(f"{len(papers.new):,} of {papers.undecided:,} papers; --limit 0 shows all")
        if on_terminal() and not query:  # a query shows only some of the new papers
            _remember(library.record_seen, papers)
    else:
        from readlist.exporters.tsv import export

        emit(export(_iter_entries(papers), header=output.header))


def _build_handout(handout: HandoutOptions, to: str | None) -> "Handout | None":
    """Return the handout that the options describe, None without --to. Raises UsageError as they do."""
    if to is None:
        handout.check_format("the terminal")
        return None
    if to not in HANDOUT_FORMATS:
        raise UsageError(f"unknown format: {to}; use one of: {', '.join(HANDOUT_FORMATS)}")
    return handout.build(to, f"New papers, {dt.date.today()}")


def _send(library: "Library", query: str, to: str, options: "Handout") -> None:
    """Print the papers loaded since the last call with this query as a handout and record that; nothing if none."""
    from readlist.exporters.handout import Section
    from readlist.exporters.registry import export_handout

    papers = library.unsent(parse_query(query, lambda: library), query)
    if not papers.is_new or not papers.new:
        return
    sections = [Section("", [suggestion.entry for suggestion in papers.new])]
    if papers.due:
        sections = [sections[0]._replace(heading="New"), Section("Due", papers.due)]
    emit_data(export_handout(to, sections, options))
    report_missing_recipient(options)
    _remember(partial(library.record_sent, query), papers)


def _remember(record: Callable[[int], None], papers: "DailyPapers") -> None:
    """Record up to which paper was shown or sent; if that fails, they are shown again."""
    try:
        record(papers.last_id)
    except ReadlistError as failure:
        info(f"readlist: the papers will be shown as new again: {failure}")


def _iter_entries(papers: "DailyPapers") -> "Iterator[Entry]":
    yield from (suggestion.entry for suggestion in papers.new)
    yield from papers.due


def _entry_dicts(papers: "DailyPapers") -> Iterator[dict[str, object]]:
    """Yield the entries with the group that each belongs to: `new`, `due`, `queue` or `earlier`."""
    from readlist.exporters.json import suggestion_dict
    from readlist.suggestions import Suggestion

    groups = {
        "new": papers.new,
        "due": map(Suggestion, papers.due),
        "queue": map(Suggestion, papers.queued),
        "earlier": papers.earlier,
    }
    for group, suggestions in groups.items():
        yield from ({**suggestion_dict(one), "group": group} for one in suggestions)
