"""Items: how a person names papers, one by one, by range, by what stdin says, or by a query."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from readlist.cli.options.query import explained, parse_query
from readlist.cli.output import say
from readlist.cli.stdin import first_words
from readlist.errors import NoSuchItem, ReadlistError, UsageError

if TYPE_CHECKING:
    from readlist.library.library import Library
    from readlist.search.items import Resolved

ASK_ABOVE = 10
"""Papers that --where may change without being asked: a screenful is a choice, more may be a slip."""

_ITEM_HELP = "An id, a range (15-18), an arXiv id or a key; - reads them from stdin."

ITEM = Annotated[str, typer.Argument(metavar="ITEM", help="An id, an arXiv id or a key.", show_default=False)]
ITEMS = Annotated[list[str], typer.Argument(metavar="ITEM...", help=_ITEM_HELP, show_default=False)]
SOME_ITEMS = Annotated[list[str] | None, typer.Argument(metavar="ITEM...", help=_ITEM_HELP, show_default=False)]
WHERE = Annotated[str | None, typer.Option("--where", metavar="QUERY", help="All papers that QUERY finds, instead.")]
YES = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before many papers are changed.")]


def resolve(library: Library, items: Sequence[str]) -> Resolved:
    """The papers that `items` name; `-` stands for the ids that stdin names, the first word of each line."""
    return library.resolve(_spelt_out(items))


def choose(library: Library, items: Sequence[str] | None, where: str | None, *, yes: bool) -> Resolved:
    """The papers that a change is about: those named, or those that a query finds, once the reader agrees."""
    if bool(items) == (where is not None):
        raise UsageError("name papers, or choose them with --where QUERY, one of the two")
    return resolve(library, items) if items else _found(library, where or "", yes=yes)


def complain_of_missing(chosen: Resolved) -> None:
    """Raise NoSuchItem for items that name no paper; called last, when all the others are done."""
    if chosen.missing:
        raise NoSuchItem(f"no such paper: {', '.join(chosen.missing)}")


def _spelt_out(items: Iterable[str]) -> list[str]:
    spelt: list[str] = []
    for item in items:
        spelt += first_words() if item == "-" else [item]
    return spelt


def _found(library: Library, where: str, *, yes: bool) -> Resolved:
    from readlist.search.items import Resolved
    from readlist.search.query.parser import all_of

    query = parse_query(where, lambda: library)
    if query == all_of([]):
        raise UsageError("--where with an empty query would mean every paper; write is:unread, tag:rl, date:2024..")
    found = explained(library.find(query, ranked=False))
    if found.partial_match:
        raise UsageError("nothing was changed, because no paper has all of these words")
    say(f"{found.total:,} paper{'s' * (found.total != 1)} found")
    if (found.total > ASK_ABOVE or found.corrections) and not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):  # nobody sees the question, or nobody can answer it
            raise UsageError("nothing was changed; add --yes if these are the papers that you mean")
        if not typer.confirm("Change them?" if found.total != 1 else "Change it?", err=True):
            raise ReadlistError("nothing was changed")
    return Resolved(tuple(hit.entry.paper.id for hit in found.hits), ())
