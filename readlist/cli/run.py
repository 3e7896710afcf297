"""Running one command: the only place where exceptions become a message and an exit code."""

from __future__ import annotations

import re
import sys

import typer
from typer.exceptions import TyperException

from readlist.cli.app import app
from readlist.cli.arguments import split_global_options
from readlist.cli.context import Session
from readlist.cli.output import error, info, prepare_streams, release_streams
from readlist.cli.registry import find_command
from readlist.cli.signals import EXIT_INTERRUPTED
from readlist.errors import NoSuchItem, QueryError, ReadlistError, StoreError
from readlist.text import mask_unprintable

EXIT_INTERNAL_ERROR = 70
"""EX_SOFTWARE of sysexits.h."""
_CARET_CONTEXT, _CARET_WIDTH = 40, 70
"""Characters of a query shown before the caret, and in all."""
_USAGE_MESSAGES = (
    (r"^Option '(.+)' requires an argument$", r"option \1 needs a value"),
    (r"^Option '(.+)' does not take a value$", r"option \1 takes no value"),
    (r"^Got unexpected extra argument\S* \((.*)\)$", r"unexpected argument: \1"),
    (r"^Missing argument '(.+?)(?:\.\.\.)?'$", r"missing argument: \1"),
    (
        r"^Invalid value for '\[?(.+?)\]?'(?: / '.+?')?: '(.*)' is not a valid int\S*(?: range)?$",
        r"invalid value for \1: \2; write a number",
    ),
    (
        r"^Invalid value for '\[?(.+?)\]?'(?: / '.+?')?: (.*) is not in the range x>=(\d+)$",
        r"invalid value for \1: \2; the minimum is \3",
    ),
)
"""Patterns of Typer's messages, and the form that replaces them."""
_ESCAPED_BYTE = r"(?<!\\)\\udc[89a-f][0-9a-f]"
"""A byte that is not UTF-8, as Typer's messages quote it by `repr`."""


def run() -> int:
    """Run the command in sys.argv; return the exit code."""
    prepare_streams()
    session = Session()
    code = _run(session)
    if code != StoreError.exit_code:  # a StoreError has reported the problem already
        for message in session.store_problems:
            error(message)
    release_streams()
    is_caused_by_store = session.store_problems and code in {0, NoSuchItem.exit_code}  # the item may be among the lost
    return StoreError.exit_code if is_caused_by_store else code


def _run(session: Session) -> int:
    try:
        code = int(app(prog_name="readlist", standalone_mode=False, obj=session) or 0)
    except ReadlistError as failure:
        error(str(failure))
        if isinstance(failure, QueryError):
            _print_caret(failure)
        code = failure.exit_code
    except TyperException as failure:
        error(_describe_usage_error(failure))
        code = failure.exit_code
    except typer.Abort:  # Ctrl-C at a prompt, which comes before the change
        info("")  # the cursor is still on the line of the prompt
        error("interrupted; nothing was changed")
        code = EXIT_INTERRUPTED
    except OSError as failure:
        error(": ".join(map(str, filter(None, (failure.filename, failure.strerror or failure)))))
        code = ReadlistError.exit_code
    except Exception as failure:  # noqa: BLE001 -- internal errors are reported in one line too
        code = _handle_internal_error(failure, debug=session.debug)
    else:
        if code == EXIT_INTERRUPTED:
            error("interrupted")
    return code


def _handle_internal_error(failure: Exception, *, debug: bool) -> int:
    """Report an internal error, unless orjson raised it because of a signal in a function that it called."""
    if isinstance(failure.__cause__, SystemExit):
        raise failure.__cause__ from None
    if isinstance(failure.__cause__, KeyboardInterrupt):
        error("interrupted")
        return EXIT_INTERRUPTED
    _report_internal_error(failure, debug=debug)
    return EXIT_INTERNAL_ERROR


def _report_internal_error(failure: Exception, *, debug: bool) -> None:
    from readlist.cli.crash import describe, redacted_traceback

    if debug:
        for line in redacted_traceback(failure):
            info(line)
    else:
        error(f"internal error: {describe(failure)} (rerun with --debug and report it)")


def _describe_usage_error(failure: TyperException) -> str:
    """Return Typer's message in the form of our own: `no such option: --foo; see: readlist list --help`."""
    if options := getattr(failure, "possibilities", None):
        return f"no such option: {failure.option_name}; did you mean: {', '.join(sorted(options))}?"  # type: ignore[attr-defined] # NoSuchOption
    message = re.sub(_ESCAPED_BYTE, "\ufffd", " ".join(failure.format_message().split()).rstrip("."))
    context = getattr(failure, "ctx", None)
    for pattern, replacement in _USAGE_MESSAGES:
        message = re.sub(pattern, replacement, message)
    if context and "argument: " in message:  # missing or too many
        usage = " ".join(context.get_usage().split()).removeprefix("Usage: ")
        hint = f"usage: {usage.replace('{', '').replace('}', '')}"
    else:
        name, _ = find_command(split_global_options(sys.argv[1:])[1])  # an option without a value has no context
        hint = f"see: {' '.join(['readlist', *name.split(), '--help'])}"
    return f"{message[:1].lower()}{message[1:]}; {hint}"


def _print_caret(failure: QueryError) -> None:
    """Print the query, or the part of a long one that matters, with a caret under the column of the error."""
    from rich.cells import cell_len

    start = max(0, failure.column - _CARET_CONTEXT)
    window = mask_unprintable(failure.query[start : start + _CARET_WIDTH])
    info(f"  {window}")
    info(f"  {' ' * cell_len(window[: failure.column - start])}^")
