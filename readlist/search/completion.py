"""What may stand where a reader is typing, from what the library holds: (text, what it is), some of it at most.

What was typed stays as it was typed, since shells hold `RL` and `rl` to be two.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping

from readlist.search.index.schema import FORMAT, from_blob
from readlist.text import fold, fold_tag

MAX_OFFERS = 100
"""Of one kind: a shell asks before it shows more."""
MAX_PAPERS = 30
"""Papers, a line each: what fits a screen."""
_LAST = "\U0010ffff"


def offers(db: sqlite3.Connection, kind: str, typed: str) -> list[tuple[str, str]]:
    """What begins with `typed`: of "tag" the most frequent, of "paper" the newest; nothing from an older index."""
    if db.execute("SELECT value FROM facts WHERE name = 'format'").fetchone() != (FORMAT,):
        return []
    return list(_KINDS[kind](db, typed))


def _tags(db: sqlite3.Connection, typed: str) -> Iterator[tuple[str, str]]:
    start = fold_tag(typed)
    rows = db.execute(
        "SELECT min(spelt), count(*) AS papers FROM tags WHERE tag >= ? AND tag < ?"
        " GROUP BY tag ORDER BY papers DESC, tag LIMIT ?",
        (start, start + _LAST, MAX_OFFERS),
    )
    return ((typed + tag[len(typed) :], _papers(papers)) for tag, papers in rows)


def _authors(db: sqlite3.Connection, typed: str) -> Iterator[tuple[str, str]]:
    """Names, each part on its own, as one searches for them; of nothing typed they would be all people there are."""
    start = fold(typed)
    if not start:
        return
    db.execute("CREATE VIRTUAL TABLE temp.held USING fts5vocab (main, words, col)")
    rows = db.execute(
        "SELECT term, doc FROM held WHERE term >= ? AND term < ? AND col = 'authors' LIMIT ?",
        (start, start + _LAST, MAX_OFFERS),
    )
    for name, papers in rows:
        yield typed + name[len(start) :], _papers(papers)


def _ids(db: sqlite3.Connection, typed: str) -> Iterator[tuple[str, str]]:
    if typed and not typed.isdecimal():
        return
    rows = db.execute(
        "SELECT entry FROM papers JOIN entries USING (id) WHERE id IN"
        " (SELECT id FROM papers WHERE CAST(id AS TEXT) LIKE ? ORDER BY date DESC, id LIMIT ?) ORDER BY date DESC, id",
        (f"{typed}%", MAX_PAPERS),
    )
    for paper in (from_blob(blob).paper for (blob,) in rows):
        yield str(paper.id), paper.title


def _queries(db: sqlite3.Connection, typed: str) -> Iterator[tuple[str, str]]:
    start = typed.casefold()
    rows = db.execute("SELECT name, query FROM queries WHERE name >= ? AND name < ?", (start, start + _LAST))
    return ((typed + name[len(typed) :], query) for name, query in rows)


def _papers(count: int) -> str:
    return f"{count:,} paper{'s' * (count != 1)}"


_KINDS: Mapping[str, Callable[[sqlite3.Connection, str], Iterator[tuple[str, str]]]] = {
    "tag": _tags,
    "author": _authors,
    "paper": _ids,
    "query": _queries,
}
