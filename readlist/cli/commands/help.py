"""The command that prints help: help, help COMMAND, help TOPIC, help --man."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from readlist.cli.output import emit, on_terminal, render
from readlist.cli.registry import find_command
from readlist.cli.topics import read_topics
from readlist.errors import UsageError

if TYPE_CHECKING:
    from readlist.cli.topics import Topic

_MAX_WIDTH = 100
"""Columns of a topic at most: longer lines are hard to read."""

app = typer.Typer(rich_markup_mode=None)


@app.command("help")
def help_(
    context: typer.Context,
    name: Annotated[
        list[str] | None, typer.Argument(metavar="[COMMAND|TOPIC]...", help="A command or topic.", show_default=False)
    ] = None,
    man: Annotated[bool, typer.Option("--man", help="Print the man page, in troff.")] = False,
) -> None:
    """Show help on a command or topic.

    Without arguments it lists both. Where a topic has the name of a command, COMMAND --help shows the command's help.
    The man page: readlist help --man | man -l -
    """
    root: Any = context.parent
    if man:
        from readlist.cli.man import man_page

        emit(man_page(root))
    elif name and (topic := read_topics().get(" ".join(name))):
        _print_topic(topic)
    else:
        emit([_command_help(root, name or []), "\n"])


def _command_help(root: Any, words: list[str]) -> str:
    """Return what --help after these words prints."""
    if not words:
        return str(root.get_help())
    name, length = find_command(words)
    if length != len(words):
        raise UsageError(f"no such command or topic: {' '.join(words)}; to list them: readlist help")
    command = root.command.get_command(root, name)
    return str(typer.Context(command, parent=root, info_name=name).get_help())


def _print_topic(topic: Topic) -> None:
    """Render the Markdown on a terminal; print it as it is into a pipe."""
    if not on_terminal():
        emit([topic.text])
        return
    from rich.constrain import Constrain
    from rich.markdown import Markdown

    render(lambda width: Constrain(Markdown(topic.text), min(width, _MAX_WIDTH)))
