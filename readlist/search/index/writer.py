"""Writing the index: build it from the store, or update it by what changed there. Called by `library.index_sync`.

A change is one transaction with a rollback journal. WAL was rejected: its side files do not follow when the whole file
is replaced, and closing the last connection costs the same writes. `synchronous` is NORMAL, so that a power loss leaves
the old state or the new one, which the fingerprints distinguish.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, starmap
from pathlib import Path
from typing import NamedTuple, TypeAlias

from readlist.models import Entry, Provenance, UserDefinitions
from readlist.opening import NotRegularFile, open_regular
from readlist.private_files import FILE_MODE, ensure_directory, open_private
from readlist.search.index import checksum, rows, schema
from readlist.search.index.errors import (
    SQLITE_ERRORS,
    IndexStale,
    failure_class,
    require_regular_files,
    translate_errors,
)
from readlist.search.index.reader import (
    LOCK_TIMEOUT_SECONDS,
    Connection,
    Fingerprints,
    build_metadata,
    connect,
    is_clean,
    matches_fingerprints,
    read_transaction,
)
from readlist.temporary_files import create_in_use, remove_abandoned, unique_number

IndexProgress: TypeAlias = Callable[[int, int], None]
"""Called with the number of entries done and their total."""

_HAS_CONTENT = """
    SELECT EXISTS (SELECT 1 FROM entries) OR EXISTS (SELECT 1 FROM sources)
        OR EXISTS (SELECT 1 FROM queries) OR EXISTS (SELECT 1 FROM aliases) OR EXISTS (SELECT 1 FROM synonyms)
"""
"""False for the index of an empty store; documents come with a source or an entry."""
_BATCH = 500
"""Entries that are written together, which is faster than one by one and takes little memory."""
_LOCK_SUFFIX = "-lock"


class IndexContents(NamedTuple):
    """What an index is built from; in an update, what changed: there None means a removed document or name.

    `removed` are, in an update, the IDs of papers that the store no longer has.
    """

    entries: Iterable[Entry] = ()
    provenance: Provenance = Provenance()
    definitions: UserDefinitions = UserDefinitions()
    removed: Collection[int] = ()


# Build


def build(path: Path, contents: IndexContents, fingerprints: Fingerprints, *, is_private: bool = False) -> None:
    """Build the index beside the old one, then replace it; the entries should come in the order of their IDs.

    An index that `is_private` is read by this process alone; it need not show that it is current, for which a disk may
    refuse to set the time. Raises OSError where no index can be created.
    """
    ensure_directory(path.parent)
    _remove_abandoned_files(path)
    with _temporary_path(path) as temporary:
        try:
            _write_file(temporary, contents, fingerprints)
            with contextlib.suppress(OSError) if is_private else contextlib.nullcontext():
                _set_clean_time(temporary)
            _replace(path, temporary)
        except sqlite3.DatabaseError as error:
            if failure_class(error) is None:
                raise
            raise OSError(f"cannot build the index: {error}") from error


@contextlib.contextmanager
def _temporary_path(path: Path) -> Iterator[Path]:
    """Create an empty file for a new index, and remove it at the end if it is still there.

    It is in use while a second file is locked, not the file itself: where the system's two kinds of locks are one, as
    on NFS, SQLite could not open that.
    """
    temporary = path.with_name(f"{path.name}.{unique_number()}.new")
    lock = temporary.with_name(f"{temporary.name}{_LOCK_SUFFIX}")
    handle = create_in_use(lock, FILE_MODE)
    try:
        os.close(open_private(str(temporary), os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        yield temporary
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        os.close(handle)
        with contextlib.suppress(OSError):
            lock.unlink(missing_ok=True)


def _remove_abandoned_files(path: Path) -> None:
    """Remove the temporary files of processes that died; where that cannot be known they are kept."""
    for temporary in path.parent.glob(f"{path.name}.*.new"):
        if not remove_abandoned([temporary.with_name(f"{temporary.name}{_LOCK_SUFFIX}")]):
            remove_abandoned([temporary])  # nobody has locked the second file, which exists before this one
    remove_abandoned(path.parent.glob(f"{path.name}.*.new{_LOCK_SUFFIX}"))


def _replace(path: Path, temporary: Path) -> None:
    """Move `temporary` to `path`, while nobody changes the old index, and without the journal of a killed process.

    What is not a regular file is replaced as well: the path is ours. Raises OSError for a directory.
    """
    journal = path.with_name(f"{path.name}-journal")
    try:
        require_regular_files(path)
        is_index = path.exists()
    except NotRegularFile:
        is_index = False
    if not is_index:
        for side_file in (journal, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            side_file.unlink(missing_ok=True)
        temporary.replace(path)
        return
    with contextlib.closing(sqlite3.connect(path, timeout=LOCK_TIMEOUT_SECONDS, isolation_level=None)) as old:
        with contextlib.suppress(*SQLITE_ERRORS):
            old.execute("BEGIN EXCLUSIVE")
        journal.unlink(missing_ok=True)
        temporary.replace(path)


def _write_file(path: Path, contents: IndexContents, fingerprints: Fingerprints) -> None:
    uri = f"{path.absolute().as_uri()}?nolock=1"  # nobody else opens it
    with contextlib.closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {schema.PAGE_SIZE}")
        connection.execute("PRAGMA journal_mode = OFF")  # the file counts only once it is complete and in its place
        connection.execute("PRAGMA synchronous = OFF")
        schema.create_tables(connection)
        schema.configure_fts(connection, schema.BUILD_SETTINGS)
        connection.execute("BEGIN")
        entries = iter(contents.entries)
        while batch := list(islice(entries, _BATCH)):
            connection.executemany(schema.INSERT_TEXT, map(rows.text_row, batch))
            _insert_rows(connection, batch)
            _update_acronyms(connection, Counter(chain.from_iterable(map(rows.acronym_definitions, batch))))
        _upsert_provenance(connection, contents.provenance)
        _upsert_definitions(connection, contents.definitions)
        connection.executemany("INSERT INTO metadata VALUES (?, ?)", build_metadata(fingerprints).items())
        schema.configure_fts(connection, schema.UPDATE_SETTINGS)
        connection.execute("INSERT INTO words (words) VALUES ('optimize')")
        _insert_vocabulary(connection)
        connection.execute("COMMIT")
        connection.executescript(schema.INDEXES)
    _fsync(path)


def _set_clean_time(path: Path) -> None:
    with checksum.open_to_sum(path) as file:
        checksum.set_clean_time(path, file)


def _insert_vocabulary(connection: Connection) -> None:
    """Insert every token of `words`, as FTS5 lists them, which is faster than collecting them in Python."""
    select, values = schema.select_vocabulary(connection)
    connection.execute(f"INSERT INTO vocabulary {select} ORDER BY 1, 2, 3", values)
    words = [word for (word,) in connection.execute("SELECT word FROM vocabulary WHERE script = 'w'")]
    connection.executemany(schema.INSERT_SOUND, sorted(rows.sound_rows(words)))


def _fsync(path: Path) -> None:
    handle = open_regular(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# Update


def update(
    path: Path, changes: IndexContents, before: Fingerprints, after: Fingerprints, *, progress: IndexProgress
) -> None:
    """Add, replace or remove what changed in the store between `before` and `after`.

    Afterwards the index is what a rebuild would create. Raises IndexStale where the index is not that of `before`: a
    rebuild that began long ago may have replaced it by an older one. It is raised also where so many papers were
    removed that a rebuild from those that are left is faster. Raises IndexFailure, and OSError for a rebuild.
    """
    latest = {entry.paper.id: entry for entry in changes.entries}
    entries = [latest[id_] for id_ in sorted(latest)]
    if not is_clean(path):
        raise IndexStale("the index was changed by another program, or is corrupt")
    if _is_empty(path, before):
        build(path, changes._replace(entries=_with_progress(entries, progress)), after)
        return
    with _write_transaction(path) as connection:
        _require_version(connection, path, before)
        _remove_entries(connection, changes.removed)
        _upsert_entries(connection, entries, progress)
        _upsert_provenance(connection, changes.provenance)
        _upsert_definitions(connection, changes.definitions)
        metadata = build_metadata(after)
        connection.executemany("UPDATE metadata SET value = ? WHERE name = ?", ((v, n) for n, v in metadata.items()))


@contextlib.contextmanager
def _write_transaction(path: Path) -> Iterator[Connection]:
    with (
        translate_errors(path),
        checksum.open_to_sum(path) as file,  # closed after the connection, whose locks that would end
        contextlib.closing(connect(path, "rw")) as connection,
    ):
        # Exclusive, so that no reader opens the file between the commit and the reset of its modification time.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("BEGIN EXCLUSIVE")
        yield connection
        connection.execute("COMMIT")
        checksum.set_clean_time(path, file)


def _require_version(connection: Connection, path: Path, fingerprints: Fingerprints) -> None:
    if not matches_fingerprints(connection, path, fingerprints):
        raise IndexStale("the index was built from another state of the store")


def _is_empty(path: Path, fingerprints: Fingerprints) -> bool:
    with read_transaction(path) as connection:
        _require_version(connection, path, fingerprints)
        (has_content,) = connection.execute(_HAS_CONTENT).fetchone()
        return not has_content


def _with_progress(entries: Sequence[Entry], progress: IndexProgress) -> Iterator[Entry]:
    for number, entry in enumerate(entries):
        progress(number, len(entries))
        yield entry


def _remove_entries(connection: Connection, ids: Collection[int]) -> None:
    """Remove entries with all of their rows. Raises IndexStale where fewer papers would be left than are removed."""
    if not ids:
        return
    (papers,) = connection.execute("SELECT count(*) FROM papers").fetchone()
    if papers < 2 * len(ids) and papers > _BATCH:
        raise IndexStale("most papers were removed")
    counts = _TextCounts()
    for id_ in sorted(ids):
        if (old := _delete_derived_rows(connection, id_)) is not None:
            _delete_text(connection, old, counts)
    for statement in ("DELETE FROM entries WHERE id = ?", "DELETE FROM papers WHERE id = ?"):
        connection.executemany(statement, ((id_,) for id_ in ids))
    counts.write(connection)


class _TextCounts:
    """By how much the numbers of papers change that have a word, or that define an acronym."""

    def __init__(self) -> None:
        self._words: Counter[str] = Counter()
        self._acronyms: Counter[tuple[str, str]] = Counter()

    def add(self, entry: Entry) -> None:
        self._words.update(rows.distinct_tokens(entry))
        self._acronyms.update(rows.acronym_definitions(entry))

    def subtract(self, entry: Entry) -> None:
        self._words.subtract(rows.distinct_tokens(entry))
        self._acronyms.subtract(rows.acronym_definitions(entry))

    def write(self, connection: Connection) -> None:
        """Add the changes to the tables."""
        _update_vocabulary(connection, self._words)
        _update_acronyms(connection, self._acronyms)


def _delete_text(connection: Connection, old: Entry, counts: _TextCounts) -> None:
    """Delete the words of an entry; subtracts them from `counts`."""
    connection.execute(schema.DELETE_TEXT, rows.text_row(old))
    counts.subtract(old)


def _upsert_entries(connection: Connection, entries: Sequence[Entry], progress: IndexProgress) -> None:
    """Add or replace entries; their words are written only where they changed, which a new status does not."""
    counts = _TextCounts()
    changed_texts: list[Entry] = []
    for entry in _with_progress(entries, progress):
        old = _delete_derived_rows(connection, entry.paper.id)
        if old is None:
            changed_texts.append(entry)
        elif rows.text_row(old) != rows.text_row(entry) or rows.definition_texts(old) != rows.definition_texts(entry):
            changed_texts.append(entry)
            _delete_text(connection, old, counts)
    _insert_rows(connection, entries)
    connection.executemany(schema.INSERT_TEXT, map(rows.text_row, changed_texts))
    for entry in changed_texts:
        counts.add(entry)
    counts.write(connection)


def _update_vocabulary(connection: Connection, counts: Mapping[str, int]) -> None:
    """Add `counts`, negative ones too, to the numbers of papers that have each word."""
    changes = sorted((*rows.vocabulary_key(word), count) for word, count in counts.items() if count)
    connection.executemany(schema.COUNT_WORD, changes)
    connection.executemany(schema.DELETE_WORD, (key for *key, count in changes if count < 0))
    sounds = {sign: [word for _, _, word, count in changes if count * sign > 0] for sign in (1, -1)}
    connection.executemany(schema.INSERT_SOUND, rows.sound_rows(sounds[1]))
    connection.executemany(schema.DELETE_SOUND, rows.sound_rows(sounds[-1]))


def _update_acronyms(connection: Connection, counts: Mapping[tuple[str, str], int]) -> None:
    """Add `counts`, negative ones too, to the numbers of papers that define each acronym."""
    changes = sorted((*definition, count) for definition, count in counts.items() if count)
    connection.executemany(schema.COUNT_ACRONYM, changes)
    connection.executemany(schema.DELETE_ACRONYM, (key for *key, count in changes if count < 0))


def _delete_derived_rows(connection: Connection, id_: int) -> Entry | None:
    """Delete the rows that a new entry would not replace; return the old entry, None where there is none."""
    row = connection.execute("SELECT id, entry FROM entries WHERE id = ?", (id_,)).fetchone()
    if not row:
        return None
    old = rows.decode_entry(*row)
    connection.executemany("DELETE FROM tags WHERE tag = ? AND id = ?", (row[:2] for row in rows.tag_rows(old)))
    connection.executemany(
        "DELETE FROM appearances WHERE date = ? AND source = ? AND id = ?", rows.appearance_rows(old)
    )
    return old


# Rows, of a build or an update


def _insert_rows(connection: Connection, entries: Sequence[Entry]) -> None:
    connection.executemany(schema.INSERT_ENTRY, ((entry.paper.id, rows.encode_entry(entry)) for entry in entries))
    connection.executemany(schema.INSERT_PAPER, map(rows.paper_row, entries))
    connection.executemany(schema.INSERT_TAG, chain.from_iterable(map(rows.tag_rows, entries)))
    connection.executemany(schema.INSERT_APPEARANCE, chain.from_iterable(map(rows.appearance_rows, entries)))


def _upsert_provenance(connection: Connection, provenance: Provenance) -> None:
    documents, sources = provenance
    _delete_removed(connection, "DELETE FROM documents WHERE location = ?", documents)
    _delete_removed(connection, "DELETE FROM sources WHERE location = ?", sources)
    connection.executemany(schema.INSERT_DOCUMENT, map(rows.document_row, filter(None, documents.values())))
    connection.executemany(schema.INSERT_SOURCE, filter(None, sources.values()))


def _upsert_definitions(connection: Connection, definitions: UserDefinitions) -> None:
    queries, aliases, synonyms = definitions
    _delete_removed(connection, "DELETE FROM queries WHERE name = ?", queries)
    _delete_removed(connection, "DELETE FROM aliases WHERE name = ?", aliases)
    _delete_removed(connection, "DELETE FROM synonyms WHERE name = ?", synonyms)
    connection.executemany(schema.INSERT_QUERY, map(rows.query_row, filter(None, queries.values())))
    connection.executemany(schema.INSERT_ALIAS, map(rows.alias_row, filter(None, aliases.values())))
    groups = ((name, group) for name, group in synonyms.items() if group)
    connection.executemany(schema.INSERT_SYNONYMS, starmap(rows.synonyms_row, groups))


def _delete_removed(connection: Connection, statement: str, changes: Mapping[str, object]) -> None:
    """Execute `statement` for each name of which the value is None."""
    connection.executemany(statement, [(name,) for name, value in changes.items() if value is None])
