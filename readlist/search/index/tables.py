"""The tables of an index on an open connection: fill them, and change them by the difference.

Called by `writer` for the file of the library and by `temporary` for one in memory. No files and no transactions here.
A deleted paper is in no table but `deleted` and `merged`, so that no query has to leave it out.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, starmap
from typing import TYPE_CHECKING

from readlist.search.expansion.vocabulary import count_papers_with
from readlist.search.index import definition_rows, rows, schema, word_lists
from readlist.search.index.errors import IndexStale
from readlist.search.index.row_changes import EntryChange, TextCounts, text_change
from readlist.search.lookups import count_all

if TYPE_CHECKING:
    from readlist.definitions import UserDefinitions
    from readlist.models import Entry
    from readlist.search.index.people_rows import People
    from readlist.search.index.reader import Connection
    from readlist.search.index.writer import IndexContents, IndexProgress
    from readlist.sources import Provenance

BATCH = 500
"""Entries that are written together, which is faster than one by one and takes little memory."""
LARGE_CHANGE = 20
"""A change of the texts of more than one in so many papers leaves so much deleted in FTS5 that searches take twice as
long: it is written like a build, and optimized. After a change of tags or notes alone, a search for their words takes
some milliseconds more."""


# Fill


@contextlib.contextmanager
def filling(connection: Connection) -> Iterator[None]:
    """Create the tables, let the block insert rows, then add what is computed from all of them."""
    schema.create_tables(connection)
    schema.configure_fts(connection, schema.BUILD_SETTINGS)
    connection.execute("BEGIN")
    yield
    schema.configure_fts(connection, schema.UPDATE_SETTINGS)
    connection.execute("INSERT INTO words (words) VALUES ('optimize')")
    _insert_vocabulary(connection)
    connection.execute(schema.COUNT_TOTALS)
    connection.execute("COMMIT")
    connection.executescript(schema.INDEXES)


def insert_contents(connection: Connection, contents: IndexContents) -> None:
    """Insert everything into empty tables."""
    entries = iter(contents.entries)
    connection.execute(schema.CREATE_CODES)
    while batch := list(islice(entries, BATCH)):
        _insert_batch(connection, [entry for entry in batch if not entry.paper.deleted_at])
        _insert_deleted(connection, [entry for entry in batch if entry.paper.deleted_at])
        connection.executemany(schema.INSERT_CODE, chain.from_iterable(map(rows.identity_rows, batch)))
    connection.execute(schema.SORT_CODES)
    connection.execute(schema.DROP_CODES)
    _upsert_provenance(connection, contents.provenance)
    upsert_definitions(connection, contents.definitions)
    _insert_people(connection, contents.people or {})


def insert_entries(connection: Connection, entries: Iterable[Entry]) -> None:
    """Insert entries that queries find, whether their papers are deleted or not, into empty tables."""
    remaining = iter(entries)
    while batch := list(islice(remaining, BATCH)):
        _insert_batch(connection, batch)


def _insert_batch(connection: Connection, entries: Sequence[Entry]) -> None:
    connection.executemany(schema.INSERT_TEXT, map(rows.text_row, entries))
    _insert_rows(connection, entries)
    _update_acronyms(connection, Counter(chain.from_iterable(map(rows.acronym_definitions, entries))))


def _insert_vocabulary(connection: Connection) -> None:
    """Insert every token of `words`, as FTS5 lists them, which is faster than collecting them in Python."""
    select, values = schema.select_vocabulary(connection)
    connection.execute(f"INSERT INTO vocabulary {select}", values)
    words = [word for (word,) in connection.execute("SELECT word FROM vocabulary ORDER BY word")]
    word_lists.insert(connection, words)
    connection.executemany(schema.INSERT_SOUND, sorted(rows.sound_rows(words)))


# Change


def change_contents(connection: Connection, changes: IndexContents, progress: IndexProgress) -> None:
    """Add, replace and remove what changed; afterwards the tables have what `insert_contents` would insert.

    An entry may be deleted now, or no longer. Each paper is among the changes once. Raises IndexStale where fewer
    papers would be left than are removed.
    """
    entries = sorted(changes.entries, key=lambda entry: entry.paper.id)
    deleted = [entry for entry in entries if entry.paper.deleted_at]
    ids = [*changes.removed, *(entry.paper.id for entry in entries)]
    for statement in ("DELETE FROM deleted WHERE id = ?", "DELETE FROM merged WHERE paper = ?"):
        connection.executemany(statement, ((id_,) for id_ in ids))
    _remove_entries(connection, [*changes.removed, *(entry.paper.id for entry in deleted)])
    _upsert_entries(connection, [entry for entry in entries if not entry.paper.deleted_at], progress)
    _insert_deleted(connection, deleted)
    change_of_sum = _replace_codes(connection, entries, changes.replaced_codes)
    _upsert_provenance(connection, changes.provenance)
    upsert_definitions(connection, changes.definitions)
    connection.execute(schema.UPDATE_TOTALS, (change_of_sum,))
    if changes.people is not None:
        for table in ("people", "others", "others_tags"):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 -- constants
        _insert_people(connection, changes.people)


def with_progress(entries: Sequence[Entry], progress: IndexProgress) -> Iterator[Entry]:
    """Yield the entries, and report each of them."""
    for number, entry in enumerate(entries):
        progress(number, len(entries))
        yield entry


def _remove_entries(connection: Connection, ids: Collection[int]) -> None:
    """Remove entries with all of their rows. Raises IndexStale where fewer papers would be left than are removed."""
    if not ids:
        return
    if 2 * len(ids) > BATCH:
        papers = count_all(connection)
        if papers < 2 * len(ids) and papers > BATCH:
            raise IndexStale("most papers were removed")
    counts = TextCounts()
    for id_ in sorted(ids):
        if (old := _read_entry(connection, id_)) is not None:
            _remove_words_tags_and_digests(connection, old, counts)
    for statement in ("DELETE FROM entries WHERE id = ?", "DELETE FROM papers WHERE id = ?"):
        connection.executemany(statement, ((id_,) for id_ in ids))
    _write_counts(connection, counts)


def _remove_words_tags_and_digests(connection: Connection, old: Entry, counts: TextCounts) -> None:
    row = rows.text_row(old)
    connection.execute(schema.DELETE_TEXT, row)
    counts.remove(old, row)
    connection.executemany(schema.DELETE_TAG, (row[:2] for row in rows.tag_rows(old)))
    connection.executemany(schema.DELETE_APPEARANCE, rows.appearance_rows(old))


def _write_counts(connection: Connection, counts: TextCounts) -> None:
    """Add the changes to the vocabulary and the acronyms."""
    _update_vocabulary(connection, counts.words.counts())
    _update_acronyms(connection, counts.acronyms.counts())


def _upsert_entries(connection: Connection, entries: Sequence[Entry], progress: IndexProgress) -> None:
    """Add or replace entries; their words are written only where they changed, which a new status does not."""
    papers = count_all(connection)
    is_large = len(entries) * LARGE_CHANGE > papers
    schema.configure_fts(connection, schema.BUILD_SETTINGS if is_large else ())
    counts = TextCounts()
    remaining, large_changes = with_progress(entries, progress), 0
    while batch := list(islice(remaining, BATCH)):
        changes = [EntryChange(_read_entry(connection, entry.paper.id), entry) for entry in batch]
        large_changes += _upsert_batch(connection, changes, counts)
    _write_counts(connection, counts)
    schema.configure_fts(connection, schema.UPDATE_SETTINGS if is_large else ())
    if large_changes * LARGE_CHANGE > papers:
        connection.execute("INSERT INTO words (words) VALUES ('optimize')")


def _upsert_batch(connection: Connection, changes: Sequence[EntryChange], counts: TextCounts) -> int:
    """Write what differs of some entries; return of how many more than the tags and the note does."""
    entries = [change.new for change in changes]
    connection.executemany(schema.INSERT_ENTRY, ((entry.paper.id, rows.encode_entry(entry)) for entry in entries))
    papers = (rows.paper_row(change.new) for change in changes if change.has_other(rows.paper_row))
    connection.executemany(schema.INSERT_PAPER, papers)
    for make_rows, width, delete, insert in (
        (rows.tag_rows, 2, schema.DELETE_TAG, schema.INSERT_TAG),
        (rows.appearance_rows, 3, schema.DELETE_APPEARANCE, schema.INSERT_APPEARANCE),
    ):
        differences = [change.diff_rows(make_rows, width) for change in changes]
        connection.executemany(delete, (row[:width] for removed, _ in differences for row in removed))
        connection.executemany(insert, (row for _, added in differences for row in added))
    connection.executemany(schema.INSERT_MERGED, chain.from_iterable(map(rows.merged_rows, entries)))
    changed = list(filter(None, map(text_change, changes)))
    connection.executemany(schema.CHANGE_TEXT, chain.from_iterable(text.statements() for text in changed))
    counts.change(changed, [change for change in changes if change.has_other(rows.definition_texts)])
    return sum(text.is_large for text in changed)


def _replace_codes(
    connection: Connection, entries: Iterable[Entry], replaced_codes: Mapping[int, Iterable[int]]
) -> int:
    """Replace the identity codes of papers of which the record changed; a new status or tag changes none.

    Returns by how much their checksum changes, which stays wrong where rows were lost before.
    """
    replaced = {(code, id_) for id_, codes in replaced_codes.items() for code in codes}
    connection.executemany(schema.DELETE_IDENTITY, replaced)
    changed = {row for entry in entries if entry.paper.id in replaced_codes for row in rows.identity_rows(entry)}
    connection.executemany(schema.INSERT_IDENTITY, changed)
    return _sum_identities(changed) - _sum_identities(replaced)


def _sum_identities(identities: Iterable[tuple[int, int]]) -> int:
    """Return the checksum of rows of `identities`, as SUM_IDENTITIES computes it."""
    return sum(code + 31 * id_ for code, id_ in identities)


def _update_vocabulary(connection: Connection, counts: Mapping[str, int]) -> None:
    """Add `counts`, negative ones too, to the numbers of papers that have each word."""
    changes = sorted((word, count) for word, count in counts.items() if count)
    if not changes:  # as after most changes of marks: nothing else is imported
        return
    added = [word for word, count in changes if count > 0 and not count_papers_with(connection, word)]
    connection.executemany(schema.COUNT_WORD, changes)
    removed = [word for word, count in changes if count < 0 and count_papers_with(connection, word) < 1]
    connection.executemany(schema.DELETE_WORD, ((word,) for word in removed))
    word_lists.change(connection, added, removed)
    connection.executemany(schema.INSERT_SOUND, rows.sound_rows(added))
    connection.executemany(schema.DELETE_SOUND, rows.sound_rows(removed))


def _update_acronyms(connection: Connection, counts: Mapping[tuple[str, str], int]) -> None:
    """Add `counts`, negative ones too, to the numbers of papers that define each acronym."""
    changes = sorted((*definition, count) for definition, count in counts.items() if count)
    connection.executemany(schema.COUNT_ACRONYM, changes)
    connection.executemany(schema.DELETE_ACRONYM, (key for *key, count in changes if count < 0))


def _read_entry(connection: Connection, id_: int) -> Entry | None:
    row = connection.execute("SELECT id, entry FROM entries WHERE id = ?", (id_,)).fetchone()
    return rows.decode_entry(*row) if row else None


# Rows, of a build or an update


def _insert_rows(connection: Connection, entries: Sequence[Entry]) -> None:
    connection.executemany(schema.INSERT_ENTRY, ((entry.paper.id, rows.encode_entry(entry)) for entry in entries))
    connection.executemany(schema.INSERT_PAPER, map(rows.paper_row, entries))
    connection.executemany(schema.INSERT_TAG, chain.from_iterable(map(rows.tag_rows, entries)))
    connection.executemany(schema.INSERT_APPEARANCE, chain.from_iterable(map(rows.appearance_rows, entries)))
    connection.executemany(schema.INSERT_MERGED, chain.from_iterable(map(rows.merged_rows, entries)))


def _insert_deleted(connection: Connection, entries: Sequence[Entry]) -> None:
    connection.executemany(schema.INSERT_DELETED, map(rows.deleted_row, entries))
    connection.executemany(schema.INSERT_MERGED, chain.from_iterable(map(rows.merged_rows, entries)))


def _insert_people(connection: Connection, people: People) -> None:
    if not people:
        return
    from readlist.search.index import people_rows

    connection.executemany(schema.INSERT_PERSON, ((name,) for name in people))
    connection.executemany(schema.INSERT_OTHER, people_rows.other_rows(people))
    connection.executemany(schema.INSERT_OTHER_TAG, people_rows.other_tag_rows(people))


def _upsert_provenance(connection: Connection, provenance: Provenance) -> None:
    documents, sources = provenance
    _delete_removed(connection, "DELETE FROM documents WHERE location = ?", documents)
    _delete_removed(connection, "DELETE FROM sources WHERE location = ?", sources)
    connection.executemany(schema.INSERT_DOCUMENT, map(definition_rows.document_row, filter(None, documents.values())))
    connection.executemany(schema.INSERT_SOURCE, filter(None, sources.values()))


def upsert_definitions(connection: Connection, definitions: UserDefinitions) -> None:
    """Insert, replace and remove saved queries, renamed tags and synonyms."""
    queries, aliases, synonyms = definitions
    _delete_removed(connection, "DELETE FROM queries WHERE name = ?", queries)
    _delete_removed(connection, "DELETE FROM aliases WHERE name = ?", aliases)
    _delete_removed(connection, "DELETE FROM synonyms WHERE name = ?", synonyms)
    connection.executemany(schema.INSERT_QUERY, map(definition_rows.query_row, filter(None, queries.values())))
    connection.executemany(schema.INSERT_ALIAS, map(definition_rows.alias_row, filter(None, aliases.values())))
    groups = ((name, group) for name, group in synonyms.items() if group)
    connection.executemany(schema.INSERT_SYNONYMS, starmap(definition_rows.synonyms_row, groups))


def _delete_removed(connection: Connection, statement: str, changes: Mapping[str, object]) -> None:
    """Execute `statement` for each name of which the value is None."""
    connection.executemany(statement, [(name,) for name, value in changes.items() if value is None])
