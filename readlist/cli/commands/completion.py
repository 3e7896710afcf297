"""The command that prints what a shell needs to complete readlist's words: completion."""

from typing import Annotated

import typer

from readlist.cli.completion.shells import SCRIPTS
from readlist.cli.output import write
from readlist.errors import UsageError

app = typer.Typer(rich_markup_mode=None)


@app.command()
def completion(
    shell: Annotated[str, typer.Argument(metavar="|".join(SCRIPTS), help="Your shell.", show_default=False)],
) -> None:
    """Print what lets your shell complete commands, tags, authors, ids and queries.

    bash and zsh: put eval "$(readlist completion bash)" into ~/.bashrc, or the same with zsh into ~/.zshrc.
    fish: readlist completion fish > ~/.config/fish/completions/readlist.fish
    """
    if shell not in SCRIPTS:
        raise UsageError(f"no such shell: {shell}; there are {', '.join(SCRIPTS)}")
    write([SCRIPTS[shell]])
