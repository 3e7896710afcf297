"""The command that shows what is new: today."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from readlist.cli.context import open_library, print_if_intact
from readlist.cli.options.handout import HandoutOptions, handout_options, report_missing_recipient
from readlist.cli.options.output import LIMIT, PAPERS_ON_TERMINAL, effective_limit, output_options
from readlist.cli.options.query import QueryCommand, print_query_notices, query_options
from readlist.cli.output import EMPTY_HINT, Form, Output, emit, emit_data, info, on_terminal, render
from readlist.errors import UsageError
from readlist.exporters.registry import HANDOUT_FORMATS

if TYPE_CHECKING:
    from readlist.exporters.handout import Handout
    from readlist.library.library import Library
    from readlist.models import DailyPapers, Entry
    from readlist.search.query.ast import Query

app = typer.Typer(rich_markup_mode=None)


@app.command(cls=QueryCommand)
@query_options
@handout_options
@output_options
def today(
    context: typer.Context,
    query: "Query",
    handout: HandoutOptions,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="|".join(HANDOUT_FORMATS),
            help="Print what is new since the last --to in this format; nothing where nothing is.",
        ),
    ] = None,
    limit: LIMIT = None,
    *,
    output: Output,
) -> None:
    """Show what is new, what is due, and what is left.

    New is what was loaded from digests since you last looked, on an earlier day; where that is nothing, the newest
    digest is shown. The papers that you would probably like come first, each below its comment.
    """
    if to is not None and (output.form is Form.JSON or limit is not None):
        raise UsageError("--to prints all that is new; omit --json and --limit")
    options = _build_handout(handout, to)
    library = open_library(context)
    if to is not None and options:
        _send(library, query, to, options)
        return
    print_query_notices(library, query)
    limit = effective_limit(limit, PAPERS_ON_TERMINAL, output)
    papers = library.today(query, limit=limit)
    if not papers.last_id:
        print_if_intact(context, EMPTY_HINT)
    elif output.form is Form.JSON:
        from readlist.exporters.json import dump_array

        emit_data(dump_array(_entry_dicts(papers)))
    elif output.form is Form.TABLE:
        from readlist.cli.config import read_setting
        from readlist.views.daily import daily_page

        language = read_setting("language") or ""
        render(lambda width: daily_page(papers, width, language))
        if len(papers.new) < papers.undecided:
            info(f"{len(papers.new):,} of {papers.undecided:,} papers; --limit 0 shows all")
        if on_terminal():
            _remember(library.record_seen, papers)
    else:
        from readlist.exporters.tsv import export

        emit(export(_iter_entries(papers), header=output.header))


def _build_handout(handout: HandoutOptions, to: str | None) -> "Handout | None":
    """Return what the options of a hand-out say, None without --to. Raises UsageError as they do."""
    if to is None:
        handout.check_format("the terminal")
        return None
    if to not in HANDOUT_FORMATS:
        raise UsageError(f"unknown format: {to}; use one of: {', '.join(HANDOUT_FORMATS)}")
    return handout.build(to, f"New papers, {dt.date.today()}")


def _send(library: "Library", query: "Query", to: str, options: "Handout") -> None:
    """Print what is new since the last time as a hand-out, and remember it; print nothing where nothing is new."""
    from readlist.exporters.handout import Section
    from readlist.exporters.registry import export_handout

    papers = library.unsent(query)
    if not papers.is_new or not papers.new:
        return
    sections = [Section("", [suggestion.entry for suggestion in papers.new])]
    if papers.due:
        sections = [sections[0]._replace(heading="New"), Section("Due", papers.due)]
    emit_data(export_handout(to, sections, options))
    report_missing_recipient(options)
    _remember(library.record_sent, papers)


def _remember(record: Callable[[int], None], papers: "DailyPapers") -> None:
    """Remember up to which paper was shown or sent; where that cannot be saved, it is shown again."""
    try:
        record(papers.last_id)
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
