"""Completions from the index: what can follow what is typed, as (text, description), a limited number.

Called by the completion of the shells. The typed characters stay as typed, since shells distinguish `RL` from `rl`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from readlist.search.fields import ANYONE
from readlist.search.index.definition_rows import decode_synonyms
from readlist.search.index.rows import decode_entry
from readlist.search.index.schema import FORMAT
from readlist.text import fold_for_search, fold_tag, plural

if TYPE_CHECKING:
    import sqlite3

MAX_COMPLETIONS = 100
"""Of one kind: a shell asks before it lists more."""
MAX_PAPERS = 30
"""Papers, a line each: what fits a screen."""
_AFTER_ALL = "\U0010ffff"
"""Sorts after every character that a name has."""

Completion: TypeAlias = tuple[str, str]
"""What can be typed, and its description."""


def complete(connection: sqlite3.Connection, kind: str, typed: str, papers: str) -> list[Completion]:
    """Return what begins with `typed`: of kind "tag" the most frequent, of "paper" the newest, and of "author",
    "person", "query" and "synonym".

    An index of another format has none; it may be read without being current, except for papers: `papers` is the
    present fingerprint of papers.json, and of an index that was built from another one the IDs may be wrong.
    """
    metadata = dict(connection.execute("SELECT name, value FROM metadata"))
    if metadata.get("format") != FORMAT or (kind == "paper" and metadata.get("papers") != papers):
        return []
    return list(_KINDS[kind](connection, typed))


def _tags(connection: sqlite3.Connection, typed: str) -> Iterator[Completion]:
    start = fold_tag(typed)
    rows = connection.execute(
        "SELECT min(spelling), count(*) AS papers FROM tags WHERE tag >= ? AND tag < ?"
        " GROUP BY tag ORDER BY papers DESC, tag LIMIT ?",
        (start, start + _AFTER_ALL, MAX_COMPLETIONS),
    )
    return ((typed + tag[len(typed) :], plural(papers, "paper")) for tag, papers in rows)


def _authors(connection: sqlite3.Connection, typed: str) -> Iterator[Completion]:
    """Return the parts of names, as one searches for them; none for an empty start, since that would be everyone."""
    start = fold_for_search(typed)
    if not start:
        return
    connection.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab (main, words, col)")
    rows = connection.execute(
        "SELECT term, doc FROM terms WHERE term >= ? AND term < ? AND col = 'authors' LIMIT ?",
        (start, start + _AFTER_ALL, MAX_COMPLETIONS),
    )
    for name, papers in rows:
        yield typed + name[len(start) :], plural(papers, "paper")


def _ids(connection: sqlite3.Connection, typed: str) -> Iterator[Completion]:
    if typed and not typed.isdecimal():
        return
    rows = connection.execute(
        "SELECT id, entry FROM papers JOIN entries USING (id) WHERE id IN"
        " (SELECT id FROM papers WHERE CAST(id AS TEXT) LIKE ? ORDER BY date DESC, id LIMIT ?) ORDER BY date DESC, id",
        (f"{typed}%", MAX_PAPERS),
    )
    for paper in (decode_entry(*row).paper for row in rows):
        yield str(paper.id), paper.title


def _people(connection: sqlite3.Connection, typed: str) -> Iterator[Completion]:
    """Return the other persons of the lab, with how many papers each has marked, then ANYONE."""
    rows = connection.execute(
        "SELECT name, count(person) FROM people LEFT JOIN others ON person = name GROUP BY name ORDER BY name"
    )
    people = [(name, plural(papers, "paper")) for name, papers in rows]
    for name, description in [*people, (ANYONE, "any of them")] if people else []:
        if name.casefold().startswith(typed.casefold()):
            yield typed + name[len(typed) :], description


def _queries(connection: sqlite3.Connection, typed: str) -> Iterator[Completion]:
    start = typed.casefold()
    rows = connection.execute(
        "SELECT name, query FROM queries WHERE name >= ? AND name < ?", (start, start + _AFTER_ALL)
    )
    return ((typed + name[len(typed) :], query) for name, query in rows)


def _synonyms(connection: sqlite3.Connection, typed: str) -> Iterator[Completion]:
    start = typed.casefold()
    for row in connection.execute("SELECT * FROM synonyms"):
        _, group = decode_synonyms(*row)
        for word in group.words:
            if word[: len(typed)].casefold() == start:
                yield typed + word[len(typed) :], " = ".join(group.words)


_KINDS: Mapping[str, Callable[[sqlite3.Connection, str], Iterator[Completion]]] = {
    "tag": _tags,
    "author": _authors,
    "paper": _ids,
    "person": _people,
    "query": _queries,
    "synonym": _synonyms,
}
