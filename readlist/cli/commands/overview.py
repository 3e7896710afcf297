"""What `readlist` alone says: where one stands, in three lines, and what one may do next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from readlist.library.library import Library
    from readlist.models import Hit

EMPTY = """\
readlist keeps a list of papers, fed by daily digests; yours is still empty.
To begin: readlist load FOLDER, with digests as text, saved pages, feeds or notes in it.
Then: readlist search WORDS · readlist next · readlist help
"""
SHOWN = 60
"""Characters of a title, so that its line stays one."""


def standing(library: Library) -> Iterator[str]:
    """How many papers there are, the last digest, what is being read, and what may come next."""
    from readlist.search.query.parser import all_of, parse_term

    newest = library.find(all_of([]), ranked=False, limit=1)
    if not newest.total:
        yield EMPTY
        return
    unread = library.find(parse_term("is", "unread"), ranked=False, limit=1).total
    reading = library.find(parse_term("is", "reading"), ranked=False, limit=1)
    day = newest.hits[0].entry.paper.date
    digest = f" · last digest {day}" if day else ""
    yield f"{newest.total:,} paper{'s' * (newest.total != 1)}, {unread:,} unread{digest}\n"
    yield f"reading now: {_named(reading.hits, reading.total)}\n"
    yield f"Next: {'readlist next' if unread else 'readlist update'} · readlist search WORDS · readlist help\n"


def _named(hits: tuple[Hit, ...], total: int) -> str:
    if not hits:
        return "nothing"
    paper = hits[0].entry.paper
    title = paper.title if len(paper.title) <= SHOWN else f"{paper.title[: SHOWN - 1]}…"
    return f"{paper.id} {title}{f' and {total - 1:,} more' if total > 1 else ''}"
