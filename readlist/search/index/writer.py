"""Writing the index: build it from the store, or update it by what changed there. Called by `library.index_sync`.

A change is one transaction with a rollback journal. WAL was rejected: its side files do not follow when the whole file
is replaced, and closing the last connection costs the same writes. `synchronous` is NORMAL, so that a power loss leaves
the old state or the new one, which the fingerprints distinguish.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from readlist.definitions import UserDefinitions
from readlist.models import Entry
from readlist.opening import NotRegularFile, open_regular
from readlist.private_files import FILE_MODE, ensure_directory, open_private
from readlist.search.index import checksum, schema
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
from readlist.search.index.tables import change_contents, filling, insert_contents, with_progress
from readlist.sources import Provenance
from readlist.temporary_files import create_in_use, remove_abandoned, unique_number

if TYPE_CHECKING:
    from readlist.search.index.people_rows import People

IndexProgress: TypeAlias = Callable[[int, int], None]
"""Called with the number of entries done and their total."""

_HAS_CONTENT = """
    SELECT EXISTS (SELECT 1 FROM entries) OR EXISTS (SELECT 1 FROM deleted) OR EXISTS (SELECT 1 FROM sources)
        OR EXISTS (SELECT 1 FROM queries) OR EXISTS (SELECT 1 FROM aliases) OR EXISTS (SELECT 1 FROM synonyms)
        OR EXISTS (SELECT 1 FROM people)
"""
"""False for the index of an empty store; documents come with a source or an entry."""
_LOCK_SUFFIX = "-lock"


class IndexContents(NamedTuple):
    """What an index is built from; in an update, what changed: there None means a removed document or name.

    `entries` has each paper once; in a build they should come in the order of their IDs. `removed` are, in an update,
    the IDs of papers that the store no longer has, and `replaced_codes` the identity codes that papers had before, by
    the IDs of those of which the record is new or different now. `people` are the marks of the other persons of a lab,
    all of them also in an update; None where they did not change.
    """

    entries: Iterable[Entry] = ()
    provenance: Provenance = Provenance()
    definitions: UserDefinitions = UserDefinitions()
    removed: Collection[int] = ()
    people: People | None = None
    replaced_codes: Mapping[int, Iterable[int]] = {}


# Build


def build(path: Path, contents: IndexContents, fingerprints: Fingerprints, *, is_private: bool = False) -> None:
    """Build the index beside the old one, then replace it.

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
        with filling(connection):
            insert_contents(connection, contents)
            connection.executemany("INSERT INTO metadata VALUES (?, ?)", build_metadata(fingerprints).items())
    _fsync(path)


def _set_clean_time(path: Path) -> None:
    with checksum.open_to_sum(path) as file:
        checksum.set_clean_time(path, file)


def _fsync(path: Path) -> None:
    handle = open_regular(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# Update


def ignore_progress(_done: int, _total: int) -> None:
    """Ignore the progress of an update."""


def update(
    path: Path,
    changes: IndexContents,
    before: Fingerprints,
    after: Fingerprints,
    *,
    progress: IndexProgress = ignore_progress,
) -> None:
    """Add, replace or remove what changed in the store between `before` and `after`.

    Afterwards the index is what a rebuild would create. Raises IndexStale where the index is not that of `before`: a
    rebuild that began long ago may have replaced it by an older one. It is raised also where so many papers were
    removed that a rebuild from those that are left is faster. Raises IndexFailure, and OSError for a rebuild.
    """
    if not is_clean(path):
        raise IndexStale("the index was changed by another program, or is corrupt")
    if _is_empty(path, before):
        entries = changes.entries if isinstance(changes.entries, Sequence) else tuple(changes.entries)
        build(path, changes._replace(entries=with_progress(entries, progress)), after)
        return
    with _write_transaction(path) as connection:
        _require_version(connection, path, before)
        change_contents(connection, changes, progress)
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
