"""Commands on synonyms: words, words add, words delete."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from readlist import definition_edits
from readlist.cli.context import open_library, print_if_intact
from readlist.cli.options.output import output_options
from readlist.cli.output import Form, Output, info, print_rows, success

if TYPE_CHECKING:
    from rich.console import RenderableType

    from readlist.definitions import Synonyms

app = typer.Typer(rich_markup_mode=None)


@app.command("words")
@output_options
def list_(context: typer.Context, output: Output) -> None:
    """List your synonyms."""
    groups = [group for _, group in sorted(open_library(context).definitions().synonyms.items()) if group]
    if not groups:
        print_if_intact(context, "No synonyms. To add some: readlist words add WORD = WORD")
    print_rows(groups, ("words",), _fields if output.form is Form.JSON else _columns, _table, output)


@app.command("words add")
def add(
    context: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(metavar="WORD = WORD...", help="Words or phrases that mean the same.", show_default=False),
    ],
) -> None:
    """Define words that mean the same in a search.

    A word may be a phrase: knowledge distillation = 지식 증류. If a word has synonyms already, all of them become one
    group. To undo: readlist undo.
    """
    edit = definition_edits.AddSynonyms.parse(" ".join(words))
    changed = [group for group in open_library(context).apply(edit).definitions.synonyms.values() if group]
    for group in changed:
        success(f"Added: {definition_edits.format_synonyms(group.words)}")
    if not changed:
        info(f"No change: already synonyms: {definition_edits.format_synonyms(edit.words)}")


@app.command("words delete")
def delete(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="WORD", help="A word or phrase.", show_default=False)],
) -> None:
    """Delete a word from its synonyms.

    If one word is left, it has no synonyms any more and is deleted too. To undo: readlist undo.
    """
    edit = definition_edits.DeleteSynonym.parse(" ".join(words))
    remaining = [group for group in open_library(context).apply(edit).definitions.synonyms.values() if group]
    rest = "; ".join(definition_edits.format_synonyms(group.words) for group in remaining)
    success(f"Deleted: {edit.word}; {f'still synonyms: {rest}' if rest else 'no synonym is left in its group'}")


def _fields(group: "Synonyms") -> dict[str, Any]:
    from readlist.dates import format_utc

    return {"words": group.words, "at": format_utc(group.at)}


def _columns(group: "Synonyms") -> dict[str, Any]:
    return {"words": definition_edits.format_synonyms(group.words)}  # as `words add` reads it


def _table(groups: "Sequence[Synonyms]") -> "RenderableType":
    from readlist.views.tables import synonyms_table

    return synonyms_table(groups)
