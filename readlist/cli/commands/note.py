"""The command that shows, edits and extends the note on a paper: note."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from readlist import edits
from readlist.cli.context import open_library
from readlist.cli.editor import EditedText, edit_text
from readlist.cli.options.items import ITEM, find_entry
from readlist.cli.output import emit, info, success
from readlist.cli.stdin import read_stdin_text
from readlist.errors import UsageError
from readlist.text import clean_markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from readlist.library.library import Library
    from readlist.models import Entry

_ID_OR_RANGE = r"#?\d+(?:-\d+)?"

app = typer.Typer(rich_markup_mode=None)


class NoteCommand(TyperCommand):
    """A command whose arguments after the first are text, with any first character: `note 9 "- a bullet"`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words that are exactly an option as options, every other one after ITEM as text."""
        options = {name for param in self.get_params(ctx) if param.param_type_name == "option" for name in param.opts}
        return super().parse_args(ctx, _move_options_first(args, options))


def _move_options_first(args: Sequence[str], options: set[str]) -> list[str]:
    """Return the options among `args`, `--`, then ITEM and text.

    Raises UsageError for a second ITEM before the text.
    """
    end = args.index("--") if "--" in args else len(args)
    first: list[str] = []
    words: list[str] = []
    for arg in args[:end]:
        is_option = arg in options or (not words and arg.startswith("-") and arg != "-")
        (first if is_option else words).append(arg)
    if len(words) > 2 and re.fullmatch(_ID_OR_RANGE, words[1]):  # noqa: PLR2004 -- ITEM, a second one, text
        raise UsageError(f'a note belongs to one paper: {" ".join(words[:2])}; write: readlist note ITEM "TEXT"')
    return [*first, "--", *words, *args[end + 1 :]]


@app.command(cls=NoteCommand)
def note(
    context: typer.Context,
    item: ITEM,
    text: Annotated[list[str] | None, typer.Argument(metavar="[TEXT]...", help="A paragraph to add.")] = None,
    show: Annotated[bool, typer.Option("--show", help="Print the note.")] = False,
    clear: Annotated[bool, typer.Option("--clear", help="Remove the note.")] = False,
) -> None:
    """Add to the note on a paper, or edit it.

    Without TEXT the note opens in $VISUAL or $EDITOR; with - as TEXT it is read from stdin. Quote a TEXT that has
    special characters.
    """
    if bool(text) + show + clear > 1:
        raise UsageError("pass only one of TEXT, --show and --clear")
    library = open_library(context)
    entry = find_entry(library, item, "note")
    if show:
        emit([clean_markdown(entry.mark.note) + "\n"] if entry.mark.note else [])
    elif clear:
        _change(library, entry, edits.ReplaceNote(""))
    elif text:
        _change(library, entry, edits.AppendNote(read_stdin_text() if text == ["-"] else " ".join(text)))
    else:
        with edit_text(entry.mark.note, note_texts(entry.paper.id)) as new:
            _change(library, entry, edits.ReplaceNote(new, entry.mark.note))


def note_texts(id_: int) -> EditedText:
    """Return what the editor's messages say about the note on the paper with this ID."""
    by_argument = "pass the text: readlist note ITEM TEXT"
    return EditedText("the note", f"note-{id_}.md", by_argument, f"readlist note {id_} -")


def _change(library: Library, entry: Entry, edit: edits.MarkEdit) -> None:
    changed = library.apply(edit, [entry.paper.ref]).entries
    paper = (changed[0] if changed else entry).paper
    name = f"{paper.id} {paper.title}"
    if changed:
        success(f"Note {'saved' if changed[0].mark.note else 'removed'}: {name}")
    elif edit == edits.ReplaceNote(""):
        info(f"No note to remove: {name}")
    else:
        info(f"Note unchanged: {name}")
