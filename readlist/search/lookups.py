"""Lookups: rows of the index by ID, key or name, without a query. Called by `library` and the other modules."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from readlist.models import Entry, PaperRef, PersonMark, Status
from readlist.search.index.errors import RowDecodeError
from readlist.search.index.rows import (
    FIRST_AUTHOR_IN_ENTRY,
    TITLE_IN_ENTRY,
    decode_entry,
    decode_ref,
)
from readlist.search.index.schema import FIND_AND_SUM_IDENTITIES
from readlist.search.tokens import replace_surrogates

if TYPE_CHECKING:
    import sqlite3

    from readlist.query_results import PaperStatuses

_OTHER_COLUMNS = "o.key, o.person, o.status, o.status_at, o.starred, o.starred_at, o.note, o.note_at, o.tags"
_BATCH = 5_000
"""IDs of one statement, of which SQLite limits the placeholders."""


def get_entries(connection: sqlite3.Connection, ids: Sequence[int]) -> list[Entry]:
    """Return the entries of these IDs, in their order, without those that do not exist."""
    entries: dict[int, Entry] = {}
    for rows in _select(connection, "id, entry FROM entries", ids):
        entries.update((id_, decode_entry(id_, blob)) for id_, blob in rows)
    _add_others(connection, entries)
    return [entries[id_] for id_ in ids if id_ in entries]


def _add_others(connection: sqlite3.Connection, entries: dict[int, Entry]) -> None:
    """Give entries the marks of the other persons of a lab."""
    if not connection.execute("SELECT 1 FROM others LIMIT 1").fetchone():
        return
    from readlist.search.index.people_rows import decode_person_mark

    others: dict[int, list[PersonMark]] = {}
    for rows in _select(connection, f"id, {_OTHER_COLUMNS} FROM papers CROSS JOIN others o USING (key)", [*entries]):
        for id_, *row in rows:
            others.setdefault(id_, []).append(decode_person_mark(*row))
    for id_, marks in others.items():
        entries[id_] = entries[id_]._replace(others=tuple(marks))


def count_all(connection: sqlite3.Connection) -> int:
    """Return how many papers there are. Raises RowDecodeError where there is no such number."""
    row = connection.execute("SELECT papers FROM totals").fetchone()
    if not row or not isinstance(row[0], int) or row[0] < 0:
        raise RowDecodeError("no number of papers")
    return row[0]


def get_people(connection: sqlite3.Connection) -> list[str]:
    """Return the names of the other persons of the lab, sorted."""
    return [name for (name,) in connection.execute("SELECT name FROM people ORDER BY name")]


def require_entries(connection: sqlite3.Connection, ids: Sequence[int]) -> list[Entry]:
    """Return the entries of IDs that were read from the index itself. Raises RowDecodeError where one is missing."""
    entries = get_entries(connection, ids)
    if len(entries) < len(ids):
        raise RowDecodeError("papers without an entry")
    return entries


def get_refs(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, PaperRef]:
    """Return the papers of these IDs that exist, by their IDs, the keys from rows with a checksum."""
    refs: dict[int, PaperRef] = {}
    for rows in _select(connection, "id, entry FROM entries", ids):
        refs.update((id_, decode_ref(id_, blob)) for id_, blob in rows)
    return refs


def get_titles(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, str]:
    """Return the titles of these papers, not verified as by `get_keys`. Raises RowDecodeError where one is missing."""
    return _read_texts(connection, TITLE_IN_ENTRY, ids)


def get_first_authors(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, str]:
    """Return the first authors of these papers, "" for none; as `get_titles`."""
    return _read_texts(connection, FIRST_AUTHOR_IN_ENTRY, ids)


def _read_texts(connection: sqlite3.Connection, text: str, ids: Sequence[int]) -> dict[int, str]:
    texts: dict[int, str] = {}
    for rows in _select(connection, f"id, ifnull({text}, '') FROM entries", ids):
        texts.update(rows)
    if texts.keys() < set(ids):
        raise RowDecodeError("papers without an entry")
    return texts


def get_keys(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, str]:
    """Return the keys of the papers of these IDs: faster than `get_refs`, for lists of any length, but not verified."""
    keys: dict[int, str] = {}
    for rows in _select(connection, "id, key FROM papers", ids):
        keys.update(rows)
    return keys


def get_keys_between(connection: sqlite3.Connection, first: str, last: str) -> Iterator[tuple[int, str]]:
    """Yield the ID and key of each paper that may have a digest of these dates: between its earliest and newest one.

    The dates are ISO, both included; "" is before all, and the date of papers without any.
    """
    yield from connection.execute("SELECT id, key FROM papers WHERE date >= ? AND first <= ?", (first, last))


def _select(connection: sqlite3.Connection, columns: str, ids: Sequence[int]) -> Iterator[sqlite3.Cursor]:
    """Yield the rows of these IDs in batches; as cursors, because lists of rows make the garbage collector run."""
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        placeholders = ", ".join("?" * len(batch))
        yield connection.execute(f"SELECT {columns} WHERE id IN ({placeholders})", batch)


def get_statuses(connection: sqlite3.Connection, known_version: str = "") -> PaperStatuses:
    """Return the status of each paper, and their keys unless the caller knows those of this version.

    Raises RowDecodeError for a status that does not exist.
    """
    from readlist.query_results import PaperStatuses

    statuses = {status.value: status for status in Status}
    (version,) = connection.execute("SELECT value FROM metadata WHERE name = 'papers'").fetchone()
    try:
        by_id = {id_: statuses[status] for id_, status in connection.execute("SELECT id, status FROM papers")}
    except KeyError as error:
        raise RowDecodeError(f"unknown status: {error}") from error
    is_known = known_version == version != ""
    return PaperStatuses(version, by_id, None if is_known else dict(connection.execute("SELECT id, key FROM papers")))


def find_ids_in_range(connection: sqlite3.Connection, first: int, last: int) -> list[int]:
    """Return the IDs from `first` to `last`, both included, that papers have."""
    return _ids(connection, "SELECT id FROM papers WHERE id BETWEEN ? AND ? ORDER BY id", first, last)


def find_ids_by_key(connection: sqlite3.Connection, key: str) -> list[int]:
    """Return the ID of the paper with this key, or of that into which the paper with this key was merged."""
    key = replace_surrogates(key)
    return _ids(connection, "SELECT id FROM papers WHERE key = ?", key) or _ids(
        connection, "SELECT DISTINCT p.id FROM merged m JOIN papers p ON p.id = m.paper WHERE m.key = ? ORDER BY 1", key
    )


def find_merged_ids(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, int]:
    """Return the IDs of the papers into which those with these IDs were merged, by these IDs."""
    sql = "SELECT m.id, m.paper FROM merged m JOIN papers p ON p.id = m.paper ORDER BY m.paper DESC"
    wanted = set(ids)
    return {id_: paper for id_, paper in connection.execute(sql) if id_ in wanted} if wanted else {}


def find_ids_by_identifier(connection: sqlite3.Connection, field: str, value: str) -> list[int]:
    """Return the IDs of the papers with this arXiv ID or DOI; `field` is "arxiv" or "doi"."""
    sql = f"SELECT id FROM papers WHERE {field} = ? AND {field} <> '' ORDER BY id"  # noqa: S608 -- one of two names
    return _ids(connection, sql, replace_surrogates(value))


def find_ids_by_codes(connection: sqlite3.Connection, codes: Collection[int]) -> list[int]:
    """Return the IDs of the papers, deleted ones too, that have one of these identity codes, in ascending order.

    Raises RowDecodeError where the codes were altered or lost: a load would add a paper again. All of them are read,
    for their checksum and by the search, which therefore sees the same rows; that takes 0.03 s at 100,000 papers.
    """
    wanted = f"[{','.join(map(str, sorted(codes)))}]"
    checksum, ids = connection.execute(FIND_AND_SUM_IDENTITIES, (wanted,)).fetchone()
    if [(checksum,)] != connection.execute("SELECT identities FROM totals").fetchall():
        raise RowDecodeError("identity codes do not match their checksum")
    try:
        return sorted({int(id_) for id_ in ids.split(",")}) if ids else []
    except ValueError as error:
        raise RowDecodeError(f"identity code of no paper: {error}") from error


def get_deleted(connection: sqlite3.Connection) -> list[Entry]:
    """Return the entries of the deleted papers, in the order of their IDs."""
    return [decode_entry(*row) for row in connection.execute("SELECT id, entry FROM deleted ORDER BY id")]


def _ids(connection: sqlite3.Connection, sql: str, *values: str | int) -> list[int]:
    return [id_ for (id_,) in connection.execute(sql, values)]


def read_synonyms(connection: sqlite3.Connection) -> list[tuple[str, ...]]:
    """Return the groups of words that mean the same for the user."""
    rows = connection.execute("SELECT * FROM synonyms ORDER BY name").fetchall()
    if not rows:  # as for nearly every user: what decodes them is not imported
        return []
    from readlist.search.index.definition_rows import decode_synonyms

    return [decode_synonyms(*row)[1].words for row in rows]
