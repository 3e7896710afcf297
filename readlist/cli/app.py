"""The Typer application: the global options, and the commands of `registry`, imported when they are called."""

import gc
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command_from_info, get_command_name

import readlist
from readlist.cli.arguments import PATH_METAVARS, split_global_options
from readlist.cli.context import open_library
from readlist.cli.output import emit
from readlist.cli.pager import use_pager
from readlist.cli.registry import COLLECTING, COMMANDS, Command, find_command, list_subcommands
from readlist.errors import UsageError
from readlist.text import require_unicode

_MIN_SIMILARITY = 0.61
"""Of a command that is suggested for an unknown one, from 0 to 1; "serch" and "fetch" have 0.6."""


class LazyGroup(TyperGroup):
    """The commands of `registry`; the module of a command is imported when the command is called or described.

    Names of two words, such as `tags rename`, are commands of this group too: `tags` is a command with arguments of its
    own, which a nested Typer group cannot be.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names, in the order of `--help`."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of this name, None where there is none."""
        return _build_command(COMMANDS[cmd_name]) if cmd_name in COMMANDS else None

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the global options, wherever they are in the command line."""
        options, others = split_global_options(args)
        return super().parse_args(ctx, [*options, *others])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return name, command and remaining words for a command line that begins with a command."""
        name, length = find_command(args)
        command = self.get_command(ctx, name)
        if command is None or _is_unknown_subcommand(command, args, length):
            raise UsageError(_describe_unknown(args))
        if name in COLLECTING:
            gc.freeze()  # what was imported so far: it stays, and looking at it takes 3 ms of a short load
            gc.enable()
        return name, command, args[length:]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands under the headings of their groups, then the help topics."""
        from readlist.cli.topics import read_topics

        sections: dict[str, list[tuple[str, str]]] = {}
        for command in COMMANDS.values():
            sections.setdefault(command.group, []).append((command.name, command.summary))
        sections["Topics (readlist help TOPIC)"] = [(topic.name, topic.summary) for topic in read_topics().values()]
        width = max(map(len, COMMANDS))
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), summary) for name, summary in rows])


def _require_unicode(context: Any, param: Any, value: Any) -> Any:
    """Return the value of a parameter that is text. Raises UsageError where it has bytes that are not UTF-8."""
    for text in value if isinstance(value, list | tuple) else [value]:
        if isinstance(text, str):
            require_unicode(text)
    return value


@cache
def _build_command(entry: Command) -> Any:
    """Import the module of a command, and build of its commands this one."""
    module = import_module(f"readlist.cli.commands.{entry.module}").app
    (info,) = (one for one in module.registered_commands if _read_name(one) == entry.name)
    command: Any = get_command_from_info(info, pretty_exceptions_short=True, rich_markup_mode=None)
    for param in command.params:
        if param.callback is None and (param.metavar or "").strip("[].").lower() not in PATH_METAVARS:
            param.callback = _require_unicode
    command.epilog = "\n\n".join(_describe_usage(entry))
    return command


def _read_name(command: Any) -> str:
    return command.name or get_command_name(command.callback.__name__)


def _describe_usage(entry: Command) -> Iterator[str]:
    yield f"Example: readlist {entry.example}"
    if names := [name for name in COMMANDS if name.startswith(f"{entry.name} ")]:
        yield f"See also: {', '.join(f'readlist {name}' for name in names)}"
    if entry.has_symbols:
        from readlist.views.symbols import describe_symbols

        yield f"{describe_symbols()}."
        yield "Columns, output formats and the pager: readlist help lists"


def _is_unknown_subcommand(command: Any, args: list[str], length: int) -> bool:
    """Return whether a command without arguments is followed by a word: `query nope`, `digests forget`."""
    has_arguments = any(param.param_type_name == "argument" for param in command.params)
    if has_arguments or len(args) == length or args[length].startswith("-"):
        return False
    return bool(list_subcommands(args[0]) or _find_close_names(" ".join(args[: length + 1])))


def _describe_unknown(args: list[str]) -> str:
    name = " ".join(args[: 2 if args[0] in COMMANDS else 1])
    close = _find_close_names(name)
    hint = f"did you mean: {', '.join(close)}?" if close else "to list the commands: readlist help"
    return f"no such command: {name}; {hint}"


def _find_close_names(name: str) -> list[str]:
    words = name.count(" ")
    return get_close_matches(name, [known for known in COMMANDS if known.count(" ") == words], cutoff=_MIN_SIMILARITY)


app = typer.Typer(
    cls=LazyGroup,
    add_completion=False,
    rich_markup_mode=None,  # importing rich would double the time that --help takes
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(requested: bool) -> None:
    if requested:
        emit([f"readlist {readlist.__version__}\n"])
        raise typer.Exit


@app.callback()
def readlist_(
    context: typer.Context,
    home: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Library directory.", envvar="READLIST_HOME", show_default=False),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an internal error.")] = False,
    no_pager: Annotated[bool, typer.Option("--no-pager", help="Print long output without $PAGER.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Keep a reading list of research papers, loaded from daily digests.

    Without a command: a summary of the library. --home, --debug and --no-pager may also follow the command.
    """
    use_pager(enabled=not no_pager)
    context.obj.home, context.obj.debug = home, debug
    if context.invoked_subcommand is None:
        from readlist.cli.overview import INTRODUCTION, describe_library

        emit(describe_library(open_library(context)) or ([] if context.obj.store_problems else [INTRODUCTION]))
