"""ITEM arguments and --where: how a command line names papers, and the confirmation before many are changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from readlist.cli.options.query import parse_query, print_notices, report_unclosed_quote
from readlist.cli.output import info
from readlist.cli.questions import can_ask, confirm
from readlist.cli.stdin import read_stdin_items
from readlist.errors import NoSuchItem, ReadlistError, UsageError
from readlist.text import list_some, plural

if TYPE_CHECKING:
    from readlist.library.library import Library
    from readlist.models import Entry
    from readlist.search.items import Resolved

CONFIRM_ABOVE = 10
"""Papers that a command changes or opens without confirmation; more may be a mistake."""

_IDS = r"#?\d{1,9}(?:-\d{1,9})?"
_ID_OR_KEY = r"#?[0-9]+(?:-[0-9]+)?|.*-[0-9a-f]{6}"
_ITEM_HELP = "IDs (12 or 9,10), a range (15-18), an arXiv ID, a DOI or a key; - reads them from stdin."

ITEM = Annotated[str, typer.Argument(metavar="ITEM", help="An ID, an arXiv ID, a DOI or a key.", show_default=False)]
ITEMS = Annotated[list[str], typer.Argument(metavar="ITEM...", help=_ITEM_HELP, show_default=False)]
OPTIONAL_ITEMS = Annotated[list[str] | None, typer.Argument(metavar="ITEM...", help=_ITEM_HELP, show_default=False)]
WHERE = Annotated[
    str | None, typer.Option("--where", metavar="QUERY", help="All papers that match QUERY, instead of ITEMs.")
]
YES = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]


def resolve_items(library: Library, items: Sequence[str]) -> Resolved:
    """Return the papers that `items` name; `-` means the first word of each line of stdin."""
    return library.resolve(_expand_stdin(items))


def select_papers(library: Library, items: Sequence[str] | None, where: str | None, *, yes: bool) -> Resolved:
    """Return the papers to change: those that `items` name, or those that match `where`.

    For more than CONFIRM_ABOVE papers the user is asked. Raises UsageError unless exactly one of `items` and `where` is
    given, and where nobody can be asked; ReadlistError where the user declines.
    """
    if bool(items) == (where is not None):
        problem = "both ITEMs and --where" if items else "no papers selected"
        raise UsageError(f"{problem}; pass ITEMs or --where QUERY, not both")
    if not items:
        return _select_matches(library, where or "", yes=yes)
    selected = resolve_items(library, items)
    _require_names(selected)
    report_if_empty(selected)
    if len(selected.papers) > CONFIRM_ABOVE and not yes:
        _confirm(len(selected.papers))
    return selected


def _require_names(selected: Resolved) -> None:
    """Raise UsageError for items that cannot name a paper, such as a misspelled date or an option without hyphens.

    An ID or key that no paper has does not keep the other papers from being changed, but a word that is something else
    shows that the command was meant differently.
    """
    from readlist.search.query.identifiers import parse_identifier

    unknown = [item for item in selected.missing if item not in selected.deleted and not parse_identifier(item)]
    if words := [item for item in unknown if not re.fullmatch(_ID_OR_KEY, item)]:
        raise UsageError(f"not an ID, arXiv ID, DOI or key: {list_some(words)}; nothing was changed")


def raise_if_missing(selected: Resolved) -> None:
    """Raise NoSuchItem for items that name no paper; called last, so that the other papers are processed."""
    if not selected.missing:
        return
    numbers: list[str] = []
    names: list[str] = []
    for item in selected.missing:
        if item in selected.deleted:
            continue
        if item.isdecimal():  # the common case of many
            numbers.append(item)
        else:
            (numbers if re.fullmatch(r"[\d-]+", item) else names).append(item)
    messages = [
        *_describe_deleted(selected),
        *([f"no paper has ID {list_some(numbers)}"] if numbers else []),
        *([f"no paper has the arXiv ID, DOI or key: {list_some(names)}"] if names else []),
    ]
    raise NoSuchItem("; ".join(messages))


def find_entry(library: Library, item: str, command: str) -> Entry:
    """Return the entry of the one paper that an ITEM of this command names.

    Raises NoSuchItem where there is none, UsageError where there are several.
    """
    selected = resolve_items(library, [item])
    raise_if_missing(selected)
    if not selected.ids:
        raise UsageError(f"no paper on stdin; write: readlist {command} ID")
    if len(selected.ids) > 1:
        raise UsageError(f"more than one paper: {item}; write: readlist {command} ID")
    entries = library.entries(selected.ids)
    if [entry.paper.ref for entry in entries] != list(selected.papers):  # replaced or removed just now
        raise NoSuchItem(f"paper is no longer in the library: {item}; nothing was changed")
    return entries[0]


def select_deleted(library: Library, items: Sequence[str] | None, where: str | None, *, yes: bool) -> Resolved:
    """Return the papers that `items` name, deleted ones too, or the deleted ones that match `where`."""
    if where is not None:
        return select_papers(library, items, f"is:deleted ({where})" if where.strip() else where, yes=yes)
    if not items:
        raise UsageError("no papers selected; pass ITEMs or --where QUERY, not both")
    resolved = resolve_items(library, items)
    deleted = (paper for papers in resolved.deleted.values() for paper in papers)
    papers = tuple(dict.fromkeys((*resolved.papers, *deleted)))
    missing = tuple(item for item in resolved.missing if item not in resolved.deleted)
    selected = resolved._replace(papers=papers, missing=missing, deleted={})
    report_if_empty(selected)
    if len(papers) > CONFIRM_ABOVE and not yes:
        _confirm(len(papers))
    return selected


def _describe_deleted(selected: Resolved) -> Iterator[str]:
    """Yield what restores the papers that items name although they were deleted."""
    from readlist.text import format_ranges

    if ids := sorted({paper.id for papers in selected.deleted.values() for paper in papers}):
        named, them = ("paper", "it") if len(ids) == 1 else ("papers", "them")
        verb = "was" if len(ids) == 1 else "were"
        yield (
            f"{named} {list_some(list(map(str, ids)))} {verb} deleted; to restore {them}:"
            f" readlist delete --restore {format_ranges(ids)}"
        )


def report_if_empty(selected: Resolved) -> None:
    """Print a message where the only item was `-` and stdin names no papers."""
    if not selected.papers and not selected.missing:
        info("No papers on stdin")


def _expand_stdin(items: Iterable[str]) -> list[str]:
    expanded: list[str] = []
    for item in items:
        expanded += read_stdin_items() if item == "-" else [item]
    return [part for item in expanded for part in _split_ids(item)]


def _split_ids(item: str) -> list[str]:
    """Return the IDs and ranges of a list of them, without "#" and with the lower end first; any other item as it is.

    >>> _split_ids("9,10"), _split_ids("#9"), _split_ids("18-15"), _split_ids("2502.06781")
    (['9', '10'], ['9'], ['15-18'], ['2502.06781'])
    """
    if not re.fullmatch(rf"{_IDS}(?:,{_IDS})*,?", item):
        return [item]
    ranges = (part.split("-") for part in item.replace("#", "").split(",") if part)
    return ["-".join(sorted(ends, key=int)) for ends in ranges]


def _select_matches(library: Library, where: str, *, yes: bool) -> Resolved:
    from readlist.search.items import Resolved
    from readlist.search.query.ast import all_of

    query = parse_query(where, lambda: library)
    report_unclosed_quote(where)
    if query == all_of([]):
        raise UsageError("--where is empty and would match every paper; write is:unread, tag:rl, date:2024..")
    result = print_notices(library.find(query))
    info(_describe_count(result.total))
    if (result.total > CONFIRM_ABOVE or result.corrections) and not yes:
        _confirm(result.total)
    return Resolved(tuple(hit.entry.paper.ref for hit in result.hits), ())


def _confirm(count: int) -> None:
    """Ask whether to change so many papers. Raises UsageError without a terminal, ReadlistError for no."""
    if not can_ask():
        raise UsageError(f"confirmation needed: {plural(count, 'paper')}; nothing was changed; add --yes")
    if not confirm(f"Change {plural(count, 'paper')}?"):
        raise ReadlistError("nothing was changed")


def _describe_count(total: int) -> str:
    return f"{plural(total, 'paper')} {'matches' if total == 1 else 'match'}" if total else "No papers match"
