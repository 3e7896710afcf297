"""The command that queues and postpones papers, and lists these: later."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from readlist.cli.change_report import ChangeTexts, report_change
from readlist.cli.context import open_library, print_if_intact
from readlist.cli.options.items import OPTIONAL_ITEMS, WHERE, YES, raise_if_missing, select_papers
from readlist.cli.options.output import output_options
from readlist.cli.output import EMPTY_HINT, Form, Output, emit, emit_data, render
from readlist.errors import UsageError
from readlist.later import Postpone, parse_future_date

if TYPE_CHECKING:
    from readlist.library.library import Library
    from readlist.models import PaperRef

app = typer.Typer(rich_markup_mode=None)

_MAX_DATE_WORDS = 3
_DATE_HINT = "write 2025-06-02, tomorrow, monday, 3d, 2w"


@app.command()
@output_options
def later(
    context: typer.Context,
    items: OPTIONAL_ITEMS = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Postpone them until this day: 2025-06-02, tomorrow, monday, 3d, 2w."),
    ] = None,
    first: Annotated[bool, typer.Option("--first", help="Add them to the beginning of the queue.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Remove them from the queue, or their date.")] = False,
    where: WHERE = None,
    yes: YES = False,
    *,
    output: Output,
) -> None:
    """Queue papers, or postpone them until a date.

    Without ITEMs, list the queued and postponed papers. The command next suggests queued papers first, in their order.
    The last ITEM may be the date. A paper that is marked as read or skipped is no longer queued or postponed.
    """
    if sum((until is not None, first, drop)) > 1:
        raise UsageError("--until, --first and --drop exclude each other; pass one of them")
    library = open_library(context, changes=bool(items) or where is not None)
    if not items and where is None:
        if until is not None or first or drop:
            raise UsageError("no papers selected; pass ITEMs or --where QUERY")
        _list(context, library, output)
        return
    items, date = _split_date(items or [], until)
    if date and (first or drop):
        raise UsageError("a date, --first and --drop exclude each other; pass one of them")
    selected = select_papers(library, items, where, yes=yes)
    edit, texts = _build_edit(library, selected.papers, date, first=first, drop=drop)
    report_change(library, library.apply(edit, selected.papers).entries, selected.papers, texts)
    raise_if_missing(selected)


def _split_date(items: list[str], until: str | None) -> tuple[list[str], dt.date | None]:
    """Return the items without a date at their end, and the date, that of --until where it is given.

    A date is one item, or the last two or three of them: in 3 days, next week, 2 June 2025.
    """
    today = dt.date.today()
    if until is not None:
        if date := parse_future_date(until, today):
            return items, date
        raise UsageError(f"--until: invalid date: {until or '(empty)'}; {_DATE_HINT}")
    for count in range(min(len(items), _MAX_DATE_WORDS), 0, -1):
        words = " ".join(items[-count:])
        if (count > 1 and not any(map(str.isalpha, words))) or words.isdecimal():
            continue  # IDs, as in 2027 12 31 or 271231
        if date := parse_future_date(words, today):
            return items[:-count], date
    return items, None


def _build_edit(
    library: "Library", papers: "Sequence[PaperRef]", date: dt.date | None, *, first: bool, drop: bool
) -> tuple[Postpone, ChangeTexts]:
    if drop:
        state = "queued or postponed"
        texts = ChangeTexts(f"No longer {state}", "Removed the queue position or date of", "", f"not {state}")
        return Postpone.drop(papers), texts
    if date:
        when = f"until {date}"
        return Postpone.until(papers, date), ChangeTexts(f"Postponed {when}", "Postponed", when, f"postponed {when}")
    ends = library.queue_ends()
    if first:
        texts = ChangeTexts("First in the queue", "Queued", "at the beginning", "first in the queue")
        return Postpone.prepend(papers, ends), texts
    texts = ChangeTexts("Queued", "Queued", "", "queued")
    return Postpone.append(papers, ends), texts


def _list(context: typer.Context, library: "Library", output: Output) -> None:
    entries = library.postponed()
    if not entries:
        hint = "No papers are queued or postponed. To queue one: readlist later ID"
        print_if_intact(context, hint if library.digests() else EMPTY_HINT)
    if output.form is Form.JSON:
        from readlist.exporters.json import dump_array, entry_dict

        emit_data(dump_array(map(entry_dict, entries)))
    elif output.form is Form.TSV:
        from readlist.exporters.tsv import export

        emit(export(entries, header=output.header))
    elif entries:
        from readlist.views.later import postponed_table

        render(lambda _: postponed_table(entries, dt.date.today()))
