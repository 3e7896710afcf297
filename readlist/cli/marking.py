"""Commands that change marks: read, unread, reading, skip, star, unstar, note, tag."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from readlist.cli.editor import edit
from readlist.cli.home import open_library
from readlist.cli.items import ITEM, SOME_ITEMS, WHERE, YES, choose, complain_of_missing, resolve
from readlist.cli.output import say, write
from readlist.errors import UsageError
from readlist.models import Entry, Status

if TYPE_CHECKING:
    from readlist.library import Library

    Change = Callable[[Library, Sequence[int]], list[Entry]]

app = typer.Typer(rich_markup_mode=None)


def _status(status: Status) -> Change:
    return lambda library, ids: library.set_status(ids, status)


def _star(*, starred: bool) -> Change:
    return lambda library, ids: library.set_star(ids, starred=starred)


_STATES: list[tuple[str, str, str, Change]] = [
    ("read", "Mark papers as read.", "read", _status(Status.READ)),
    ("unread", "Mark papers as unread.", "unread", _status(Status.UNREAD)),
    ("reading", "Mark papers as being read.", "being read", _status(Status.READING)),
    ("skip", "Mark papers as skipped.", "skipped", _status(Status.SKIPPED)),
    ("star", "Star papers.", "starred", _star(starred=True)),
    ("unstar", "Take the star from papers.", "without a star", _star(starred=False)),
]


def _marks(state: str, change: Change) -> Callable[..., None]:
    """A command that brings papers into a state."""

    def command(context: typer.Context, items: SOME_ITEMS = None, where: WHERE = None, yes: YES = False) -> None:
        library = open_library(context)
        chosen = choose(library, items, where, yes=yes)
        _say_what_is_so(library, change(library, chosen.ids), chosen.ids, state)
        complain_of_missing(chosen)

    return command


for _name, _help, _state, _change in _STATES:
    app.command(_name, help=_help)(_marks(_state, _change))


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
        write([entry.mark.note + "\n"] if entry.mark.note else [])
        return
    id_ = entry.paper.id
    if clear:
        changed = library.set_note(id_, "")
    elif text:
        changed = library.append_note(id_, sys.stdin.read() if text == ["-"] else " ".join(text))
    else:
        changed = library.set_note(id_, edit(entry.mark.note, name=f"note-{id_}.md"))
    if not changed:
        say("the note is as it was")
    else:
        done = "saved" if changed[0].mark.note else "removed"
        say(f"note on {id_} {done}: {entry.paper.title}")


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
    changed = library.retag(chosen.ids, add=add or (), remove=remove or ())
    done = [f"tagged #{name.lstrip('#')}" for name in add or ()] + [f"without #{t.lstrip('#')}" for t in remove or ()]
    _say_what_is_so(library, changed, chosen.ids, " and ".join(done))
    complain_of_missing(chosen)


def _say_what_is_so(library: Library, changed: Sequence[Entry], chosen: Sequence[int], state: str) -> None:
    """One line after each change: which papers are now in which state."""
    if len(changed) == 1:
        say(f"{changed[0].paper.id} is now {state}: {changed[0].paper.title}")
    elif changed:
        say(f"{len(changed)} papers are now {state}: {_ranges([entry.paper.id for entry in changed])}")
    elif len(chosen) == 1:
        (entry,) = library.entries(chosen)
        say(f"{entry.paper.id} is {state} already: {entry.paper.title}")
    elif chosen:
        say(f"all {len(chosen)} papers are {state} already")


def _ranges(ids: Sequence[int]) -> str:
    """Ids as a person writes them.

    >>> _ranges([12, 15, 16, 17, 3])
    '3 12 15-17'
    """
    spans: list[list[int]] = []
    for id_ in sorted(ids):
        if spans and id_ == spans[-1][1] + 1:
            spans[-1][1] = id_
        else:
            spans.append([id_, id_])
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
