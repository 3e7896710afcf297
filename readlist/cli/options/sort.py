"""The option --sort: in which order papers are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from readlist.library.library import Library
    from readlist.models import Order

_HELP = "relevance, date, loaded, read, starred, noted, title, author, votes or random; -date reverses an order."

SORT = Annotated[str | None, typer.Option("--sort", metavar="ORDER", help=_HELP)]


def choose_order(
    context: typer.Context, library: Library, sort: str | None, default: Order, *, has_setting: bool = False
) -> Order:
    """Return the order of `--sort`, else that of a saved query which is the whole query, else the default.

    The default is that of the setting `sort` where the output `has_setting`. Raises UsageError for an unknown order.
    """
    if sort is None:
        sort = _saved_sort(library, context.params.get("words") or ())
    if not sort and has_setting:
        from readlist.cli.config import read_setting

        sort = read_setting("sort")
    if not sort:
        return default
    from readlist.search.orders import parse_order

    return parse_order(sort)


def _saved_sort(library: Library, words: list[str] | tuple[str, ...]) -> str:
    if len(words) != 1 or not words[0].startswith("@"):
        return ""
    import re

    from readlist.query_names import QUERY_NAME, fold_query_name

    if not re.fullmatch(f"@{QUERY_NAME}", words[0]):
        return ""
    saved = library.definitions().queries.get(fold_query_name(words[0]))
    return saved.sort if saved else ""
