"""The application: global options, and every command in the order in which `--help` lists them."""

from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer
from typer._click.utils import make_default_short_help
from typer.core import TyperGroup
from typer.main import get_group

import readlist
from readlist.cli.context import open_library
from readlist.cli.output import write

MODULES = {
    "load": "load",
    "update": "load",
    "digests": "digests",
    "search": "search",
    "list": "search",
    "show": "search",
    "open": "open",
    "next": "recommend",
    "similar": "recommend",
    "browse": "browse",
    "read": "mark",
    "unread": "mark",
    "reading": "mark",
    "skip": "mark",
    "star": "mark",
    "unstar": "mark",
    "note": "mark",
    "tag": "mark",
    "tags": "search",
    "tags rename": "tags",
    "query": "tags",
    "stats": "stats",
    "undo": "history",
    "redo": "history",
    "history": "history",
    "export": "export",
    "doctor": "doctor",
    "backup": "backup",
    "completion": "completion",
    "help": "help",
}
"""Command -> the module of cli.commands that has it."""
EXAMPLES = {
    "load": "load seeds",
    "search": 'search "quantizd training"',
    "list": "list tag:rl --unread --since 7d",
    "show": "show 12",
    "open": "open 12 --mark reading",
    "next": "next tag:rl",
    "similar": "similar 12",
    "browse": "browse is:unread",
    "read": "read 12 15-18",
    "unread": "unread 12",
    "reading": "reading 12",
    "skip": 'skip --where "tag:vision date:..2025-01"',
    "star": "star 12",
    "unstar": "unstar 12",
    "note": 'note 12 "compare with MXFP4"',
    "tag": "tag 12 --add to-try --remove quantization",
    "tags": "tags is:unread",
    "tags rename": "tags rename rl reinforcement-learning",
    "stats": "stats tag:rl",
    "undo": "undo 2",
    "export": "export tag:rl --read --to html -o rl.html",
}
"""What stands at the end of a command's help, behind `readlist`."""
_RENAME = len(["tags", "rename", "OLD", "NEW"])
_HELP = {"-h", "--help"}


class LazyGroup(TyperGroup):
    """Commands whose module is imported when they are called: making them all takes 9 ms of every start."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = dict.fromkeys(MODULES)  # type: ignore[assignment] # the names, for "Did you mean"

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order of `--help`."""
        return list(MODULES)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands with what SUMMARIES says of them, as many words as the line takes."""
        from readlist.cli.registry import SUMMARIES

        room = formatter.width - max(map(len, SUMMARIES)) - 6  # the indentation, as typer reckons it
        with formatter.section("Commands"):
            formatter.write_dl([(name, make_default_short_help(text, room)) for name, text in SUMMARIES.items()])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that `args` begin with; `tags rename OLD NEW` is one, any other `tags …` takes a query."""
        if args[:2] == ["tags", "rename"] and (len(args) == _RENAME or _HELP & set(args[2:])):
            return "tags rename", self.get_command(ctx, "tags rename"), args[2:]
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name, None where there is none."""
        if cmd_name not in MODULES:
            return None
        command: Any = _group(MODULES[cmd_name]).get_command(ctx, cmd_name)
        if cmd_name in EXAMPLES:
            command.epilog = f"Example: readlist {EXAMPLES[cmd_name]}"
        return command


@cache
def _group(module: str) -> TyperGroup:
    return get_group(import_module(f"readlist.cli.commands.{module}").app)


app = typer.Typer(
    cls=LazyGroup,
    add_completion=False,
    rich_markup_mode=None,  # rich help doubles the time that --help takes
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        write([f"readlist {readlist.__version__}\n"])
        raise typer.Exit


@app.callback()
def readlist_(
    context: typer.Context,
    home: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Folder of the library.", envvar="READLIST_HOME", show_default=False),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a bug.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Keep a reading list of research papers, fed by daily digests.

    Load digests, find any paper again by whatever scrap you remember, tick off what you have read, keep notes,
    export lists. Alone it says where you stand; `readlist help query` explains queries.
    """
    context.obj.home, context.obj.debug = home, debug
    if context.invoked_subcommand is None:
        from readlist.cli.commands.overview import standing

        write(standing(open_library(context)))
