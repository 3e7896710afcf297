"""Commands that change marks: read, unread, reading, skip, star, unstar, note, tag."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from readlist import edits
from readlist.cli.context import open_library
from readlist.cli.editor import edited
from readlist.cli.options.items import ITEM, SOME_ITEMS, WHERE, YES, choose, complain_of_missing, resolve
from readlist.cli.output import say, say_done, write
from readlist.cli.stdin import piped_text
from readlist.errors import UsageError
from readlist.models import Entry, Status
from readlist.text import clean_markdown, fold_tag, format_ranges

if TYPE_CHECKING:
    from readlist.library.library import Library

app = typer.Typer(rich_markup_mode=None)


_STATES: list[tuple[str, str, str, edits.MarkEdit]] = [
    ("read", "Mark papers as read.", "read", edits.SetStatus(Status.READ)),
    ("unread", "Mark papers as unread.", "unread", edits.SetStatus(Status.UNREAD)),
    ("reading", "Mark papers as being read.", "being read", edits.SetStatus(Status.READING)),
    ("skip", "Mark papers as skipped.", "skipped", edits.SetStatus(Status.SKIPPED)),
    ("star", "Star papers.", "starred", edits.SetStar(True)),
    ("unstar", "Take the star from papers.", "without a star", edits.SetStar(False)),
]


def _marks(state: str, edit: edits.MarkEdit) -> Callable[..., None]:
    """A command that brings papers into a state."""

    def command(context: typer.Context, items: SOME_ITEMS = None, where: WHERE = None, yes: YES = False) -> None:
        library = open_library(context)
        chosen = choose(library, items, where, yes=yes)
        _say_what_is_so(library, library.apply(edit, chosen.ids).entries, chosen.ids, state)
        complain_of_missing(chosen)

    return command


for _name, _help, _state, _edit in _STATES:
    app.command(_name, help=_help)(_marks(_state, _edit))


@app.command()
def note(
    context: typer.Context,
    item: ITEM,
    text: Annotated[list[str] | None, typer.Argument(metavar="[TEXT]...", help="A paragraph to add.")] = None,
    show: Annotated[bool, typer.Option("--show", help="Print the note.")] = False,
    clear: Annotated[bool, typer.Option("--clear", help="Remove the note.")] = False,
) -> None:
    """Add a paragraph to your note on a paper, or edit it.

    Without TEXT the note opens in $VISUAL or $EDITOR; with - as TEXT it is read from stdin.
    """
    if bool(text) + show + clear > 1:
        raise UsageError("TEXT, --show and --clear exclude each other")
    library = open_library(context)
    chosen = resolve(library, [item])
    complain_of_missing(chosen)
    if len(chosen.ids) > 1:
        raise UsageError("a note belongs to one paper")
    (entry,) = library.entries(chosen.ids)
    if show:
        write([clean_markdown(entry.mark.note) + "\n"] if entry.mark.note else [])
        return
    if clear:
        changed = library.apply(edits.ReplaceNote(""), chosen.ids).entries
    elif text:
        changed = library.apply(edits.AppendNote(piped_text() if text == ["-"] else " ".join(text)), chosen.ids).entries
    else:
        with edited(entry.mark.note, name=f"note-{entry.paper.id}.md") as new:
            changed = library.apply(edits.ReplaceNote(new, entry.mark.note), chosen.ids).entries
    if not changed:
        say("the note is as it was")
    else:
        done = "saved" if changed[0].mark.note else "removed"
        say_done(f"note on {entry.paper.id} {done}: {entry.paper.title}")


@app.command()
def tag(
    context: typer.Context,
    items: SOME_ITEMS = None,
    add: Annotated[list[str] | None, typer.Option("--add", "-a", metavar="TAG", help="A tag to add.")] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", "-r", metavar="TAG", help="A tag to take off.")
    ] = None,
    where: WHERE = None,
    yes: YES = False,
) -> None:
    """Add your own tags to papers, and take tags off."""
    if not add and not remove:
        raise UsageError("say which tags, with --add TAG or --remove TAG")
    library = open_library(context)
    chosen = choose(library, items, where, yes=yes)
    renamed = library.definitions().renamed_tags
    add, remove = ([renamed.get(fold_tag(name), name) for name in names or ()] for names in (add, remove))
    changed = library.apply(edits.EditTags.parse(add=add, remove=remove), chosen.ids).entries
    done = [f"tagged #{name.lstrip('#')}" for name in add] + [f"without #{name.lstrip('#')}" for name in remove]
    _say_what_is_so(library, changed, chosen.ids, " and ".join(done))
    complain_of_missing(chosen)


def _say_what_is_so(library: Library, changed: Sequence[Entry], chosen: Sequence[int], state: str) -> None:
    """One line after each change: which papers are now in which state."""
    if len(changed) == 1:
        say_done(f"{changed[0].paper.id} is now {state}: {changed[0].paper.title}")
    elif changed:
        say_done(f"{len(changed)} papers are now {state}: {format_ranges([entry.paper.id for entry in changed])}")
    elif len(chosen) == 1:
        (entry,) = library.entries(chosen)
        say(f"{entry.paper.id} is {state} already: {entry.paper.title}")
    elif chosen:
        say(f"all {len(chosen)} papers are {state} already")
