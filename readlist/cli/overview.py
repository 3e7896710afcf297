"""What `readlist` prints without a command: a summary of the library, in three lines."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from readlist.text import plural

if TYPE_CHECKING:
    from readlist.library.library import Library
    from readlist.query_results import Hit

INTRODUCTION = """\
readlist stores papers from daily digests. The library is empty.
To add papers: readlist load PATH (a file, directory or URL; or - for stdin)
Then: readlist search WORDS · readlist next · readlist help
"""
"""The summary of an empty library."""
_MAX_COLUMNS = 80
"""Terminal cells of a line, at most."""


def describe_library(library: Library) -> list[str]:
    """Return lines with the papers, the newest digest, what is being read, and the next commands; [] without papers."""
    from readlist.search.query.ast import all_of
    from readlist.search.query.terms import parse_term

    newest = library.find(all_of([]), limit=1)
    if not newest.total:
        return []
    unread = library.find(parse_term("is", "unread"), limit=1).total
    reading = library.find(parse_term("is", "reading"), limit=1)
    day = newest.hits[0].entry.paper.date
    digest = f" · newest digest {day}" if day else ""
    return [
        f"{plural(newest.total, 'paper')}, {unread:,} unread{digest}\n",
        f"Reading: {_describe_first(reading.hits, reading.total)}\n",
        f"Next: {'readlist next' if unread else 'readlist update'} · readlist search WORDS · readlist help\n",
    ]


def _describe_first(hits: tuple[Hit, ...], total: int) -> str:
    if not hits:
        return "nothing"
    paper = hits[0].entry.paper
    more = f" and {total - 1:,} more" if total > 1 else ""
    return _truncate(f"{paper.id} {paper.title}", _MAX_COLUMNS - len("Reading: ") - len(more)) + more


def _truncate(text: str, cells: int) -> str:
    """Return the text, cut with "…" where it is wider than `cells`; `rich.cells` would slow the start."""
    ends = list(accumulate(2 if east_asian_width(character) in "WF" else 1 for character in text))
    if not ends or ends[-1] <= cells:
        return text
    return f"{text[: sum(end < cells for end in ends)].rstrip()}…"
