"""The command that prints the completion script of a shell: completion."""

from typing import Annotated

import typer

from readlist.cli.completion.shells import SCRIPTS
from readlist.cli.output import emit
from readlist.errors import UsageError

app = typer.Typer(rich_markup_mode=None)


@app.command()
def completion(
    shell: Annotated[str, typer.Argument(metavar="|".join(SCRIPTS), help="Your shell.", show_default=False)],
) -> None:
    """Print the completion script for a shell.

    It completes commands, options, tags, authors, IDs, saved queries and synonyms.

    bash: add eval "$(readlist completion bash)" to ~/.bashrc; zsh: the same with zsh in ~/.zshrc.
    fish: readlist completion fish > ~/.config/fish/completions/readlist.fish
    """
    if shell not in SCRIPTS:
        raise UsageError(f"unknown shell: {shell}; use one of: {', '.join(SCRIPTS)}")
    emit([SCRIPTS[shell]])
