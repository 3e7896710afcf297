"""The application: global options, and every command in the order in which `--help` lists them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import readlist
from readlist.cli import exporting, finding, loading, marking

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,  # rich help doubles the time that --help takes
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"readlist {readlist.__version__}")
        raise typer.Exit


@app.callback()
def readlist_(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="Folder of the library.", envvar="READLIST_HOME", show_default=False)
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Keep a reading list of research papers, fed by daily digests.

    Load digests, find any paper again by whatever scrap you remember, tick off what you have read, keep notes,
    export lists.
    """
    context.obj = home


loading.register(app)
finding.register(app)
marking.register(app)
exporting.register(app)
