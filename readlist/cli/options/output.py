"""Options for the output of commands that read: its form, its columns, and how many papers."""

from collections.abc import Callable
from typing import Annotated

import typer

from readlist.cli.config import read_setting
from readlist.cli.options.parameters import expand_parameter
from readlist.cli.output import Form, Output, info, on_terminal
from readlist.errors import UsageError
from readlist.paper_columns import parse_columns
from readlist.text import plural

PAPERS_ON_TERMINAL = 20
"""Papers that search and list print on a terminal by default: what fits on a screen."""
SUGGESTIONS_ON_TERMINAL = 5
"""Papers that next and similar print on a terminal by default: enough to choose from at a glance."""

_LISTS = frozenset({"list", "search"})
"""The commands that the setting `columns` is for; those that give reasons have columns of their own."""

_LIMIT_HELP = "Maximum number of papers, 0 for all. Default: {} in a table on a terminal, else all."

JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
LIMIT = Annotated[
    int | None, typer.Option("--limit", "-n", metavar="N", min=0, help=_LIMIT_HELP.format(PAPERS_ON_TERMINAL))
]
SUGGESTION_LIMIT = Annotated[
    int | None, typer.Option("--limit", "-n", metavar="N", min=0, help=_LIMIT_HELP.format(SUGGESTIONS_ON_TERMINAL))
]
ROW_LIMIT = Annotated[
    int | None,
    typer.Option("--limit", "-n", metavar="N", min=0, help="Maximum number of rows, 0 for all. Default: all."),
]
_TABLE = Annotated[bool, typer.Option("--table", help="Print a table, also in a pipe.")]
_TSV = Annotated[bool, typer.Option("--tsv", help="Print tab-separated lines, also on a terminal.")]
_HEADER = Annotated[bool, typer.Option("--header", help="Print the names of the columns before tab-separated lines.")]
_COLUMNS = Annotated[
    str | None,
    typer.Option(
        "--columns", metavar="COLUMNS", help="Columns to print, in order: id,date,title. Names: readlist help lists."
    ),
]
_ONE_LINE = Annotated[bool, typer.Option("--one-line", "-1", help="Print one line per paper in any width.")]


def output_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` the options for a form in place of its parameter `output`, an Output."""
    return expand_parameter(command, "output", _build_output)


def paper_output_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command`, which lists papers, these options and those for columns."""
    return expand_parameter(command, "output", _build_paper_output)


def effective_limit(limit: int | None, default_on_terminal: int, output: Output) -> int | None:
    """Return how many papers to print; None is all."""
    if limit is None and output.form is Form.TABLE and on_terminal():
        return _configured_limit(default_on_terminal) or None
    return limit or None


def report_limit(limit: int | None, total: int, noun: str, output: Output) -> None:
    """Print below a table how many of `total` rows are shown, if not all."""
    if limit and limit < total and output.form is Form.TABLE:
        info(f"{limit:,} of {plural(total, noun)}; --limit 0 shows all")


def _configured_limit(default_on_terminal: int) -> int:
    """Return the setting `limit`, which is that of today, list and search; suggestions stay few."""
    configured = read_setting("limit") if default_on_terminal == PAPERS_ON_TERMINAL else None
    return int(configured) if configured else default_on_terminal


def default_form() -> Form:
    """Return the form without options for one."""
    return Form.TABLE if on_terminal() else Form.TSV


def _build_output(
    context: typer.Context, json: JSON = False, table: _TABLE = False, tsv: _TSV = False, header: _HEADER = False
) -> Output:
    """Return the form that is asked for, else a table on a terminal and lines in a pipe.

    Raises UsageError for options that contradict each other.
    """
    forms = [form for form, is_set in ((Form.JSON, json), (Form.TABLE, table), (Form.TSV, tsv)) if is_set]
    if len(forms) > 1:
        raise UsageError(f"contradicting options: {' and '.join(f'--{form}' for form in forms)}; choose one of them")
    form = forms[0] if forms else default_form()
    if header and forms and form is not Form.TSV:
        raise UsageError(f"contradicting options: --header and --{form}; --header is for --tsv")
    return Output(form, header=header)


def _build_paper_output(
    context: typer.Context,
    columns: _COLUMNS = None,
    one_line: _ONE_LINE = False,
    json: JSON = False,
    table: _TABLE = False,
    tsv: _TSV = False,
    header: _HEADER = False,
) -> Output:
    output = _build_output(context, json=json, table=table, tsv=tsv, header=header)
    if columns is None and output.form is Form.TABLE and context.info_name in _LISTS:
        columns = read_setting("columns")
    if columns is None:
        return output._replace(one_line=one_line)
    if output.form is Form.JSON:
        raise UsageError("contradicting options: --columns and --json; JSON has all fields")
    return output._replace(columns=parse_columns(columns), one_line=one_line)
