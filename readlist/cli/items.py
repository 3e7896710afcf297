"""Items: how a person names papers, one by one, by range, by what stdin says, or by a query."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from readlist.cli.output import say
from readlist.cli.query import parse_query
from readlist.errors import NoSuchItem, UsageError

if TYPE_CHECKING:
    from readlist.library import Library, Resolved

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
        spelt += [line.split()[0] for line in sys.stdin if line.strip()] if item == "-" else [item]
    return spelt


def _found(library: Library, where: str, *, yes: bool) -> Resolved:
    from readlist.library import Resolved

    ids = tuple(hit.entry.paper.id for hit in library.find(parse_query(where), ranked=False).hits)
    say(f"{len(ids):,} paper{'s' * (len(ids) != 1)} found")
    if len(ids) > ASK_ABOVE and not yes:
        if not sys.stdin.isatty():
            raise UsageError(f"this would change {len(ids):,} papers; add --yes if it should")
        typer.confirm("Change them all?", abort=True, err=True)
    return Resolved(ids, ())
