"""Store files: the one safe way to write them, and the only code that opens one for writing.

TinyDB's own storage writes in place, and loses data when it is killed, when the disk is full and when two processes
write (`tests/faults` shows it). Here a change takes these steps:

 1. Take the library's lock, which ends with its process, so that nobody changes the file that is to be replaced.
 2. Open the file again and verify all of its bytes: by the checksums of its tables, see `stored_table`; where those are
    missing or wrong, by those of its lines. A corrupt or newer file is never overwritten: that would make the loss
    final.
 3. Change the tables in memory. An exception, Ctrl-C or a change of nothing ends here: the file is not touched.
 4. Write all of it to a temporary file (0600), unchanged lines as they are in the old file, which stays open: what
    cannot be serialized, or does not fit on the disk, leaves the old file intact.
 5. In the same directory, symlinks followed: a rename is atomic within one file system only, and a link stays a link.
 6. fsync it: a rename that reaches the disk before the content leaves an empty file after a power failure.
 7. Keep the old file as a backup, see `backups`; it was verified in step 2.
 8. os.replace: the old file or the new one, never anything in between. No other program may have saved meanwhile.
 9. fsync the directory. Only now is the change saved.
10. Copy the file, or what differs in a large one, so that later corruption does not lose the last change.
11. On any failure the temporary file is removed; that of a killed process is removed by the next change.

Readers never lock and never write: what they have opened stays complete while a writer replaces it.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from readlist.dates import utc_now
from readlist.errors import ReadlistError, StoreError
from readlist.opening import NotRegularFile, open_regular, read_regular
from readlist.private_files import ensure_directory, fsync_directory
from readlist.store import format as file_format
from readlist.store.atomic import os_errors_as, temporary_files, temporary_path, write_and_fsync
from readlist.store.backups import Backup, Backups
from readlist.store.fingerprint import fingerprint, replaced_meanwhile, stat_fingerprint
from readlist.store.format import META, Content
from readlist.temporary_files import remove_abandoned

if TYPE_CHECKING:
    from readlist.store.database import Database
    from readlist.store.format import AnyTables, Record, Validate
    from readlist.store.identity import Identity
    from readlist.store.lock import Lock
    from readlist.store.records import RecordValidator

REPAIR = "to repair it: readlist doctor --fix"
_READ_AHEAD = 1 << 20
MIN_INCREMENTAL_BYTES = 1 << 23
"""Size of the files of which the last state is an incremental backup; a smaller one is copied in milliseconds."""


class FileStatus(NamedTuple):
    """What is wrong with a store file; `newer_backup` is a newer state, which another program replaced by the file."""

    problem: Problem | None
    newer_backup: Backup | None

    @property
    def corruption(self) -> tuple[str, ...]:
        """A phrase for each fault of a corrupt file."""
        return self.problem.details if self.problem else ()


class Problem(NamedTuple):
    """Why a store file must not be changed."""

    kind: Literal["missing", "newer", "corrupt", "foreign"]
    message: str
    remedy: str
    details: tuple[str, ...] = ()
    """A phrase for each fault of a corrupt file."""

    def describe(self, effect: str) -> str:
        """Return a line about it; `effect` is what that means for the command: `nothing was changed`."""
        more = f" and {len(self.details) - 1} more" if len(self.details) > 1 else ""
        faults = f": {self.details[0]}{more}" if self.details else ""
        return "; ".join(filter(None, (f"{self.message}{faults}", effect, self.remedy)))


class StoreFile:
    """A JSON file of the library with these tables; the one named like the file holds what the file is for.

    `state` is the library's state directory, in which the backups are.
    """

    def __init__(self, path: Path, lock: Lock, state: Path, identity: Identity, tables: Sequence[str]) -> None:
        self.path = path
        self.backups = Backups(state / "backups" / path.name)
        self.lock = lock
        self.identity = identity
        self.tables = tables
        self.main_table = path.stem
        self.read_fingerprint = ""
        """The fingerprint of the state that was read to be changed, "" where there was no file."""
        self.saved_fingerprint = ""
        """That of the state that was saved in its place, "" before it was about to be saved."""
        self._must_stay: Callable[[], bool] | None = None
        self._is_unfinished = False
        """Whether the file is one that `save_early` created: no state of which there should be a backup."""
        self._open: Database | None = None
        self._sequence = 0

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """Lock the file and read it; what the block changes is saved once, at its end, all or nothing.

        The types of the records are not checked: that would take as long as the change. The library is not changed
        while its index says that a record is corrupt, see `library.transaction`.

        Raises StoreError when the file is corrupt, missing, newer or foreign, Busy when the lock cannot be had,
        ReadlistError with path and reason when it cannot be read or saved.
        """
        from readlist.store.database import Database

        with self.lock, gc_paused():
            with os_errors_as("read", self.path):
                remove_abandoned(temporary_files(Path(os.path.realpath(self.path))))
            content, before = self._open_state()
            self.require_usable(content)
            self._forget_early_save()
            self._open, self._sequence = Database(before), content.metadata.sequence
            try:
                yield self._open
            except BaseException:
                if self._must_stay and not self._must_stay():
                    self._restore(before)
                raise
            else:
                if self._open.memory.is_changed:
                    self.save(self._open.memory.tables, self._sequence)
            finally:
                self._open = None  # its tables keep the replaced file open, and so its blocks on the disk

    def save_early(self, must_stay: Callable[[], bool]) -> None:
        """Save what the block of `transaction` changed so far.

        Where the block fails afterwards, what was before is saved again, unless it `must_stay`.
        """
        if self._open is not None and self._open.memory.is_changed:
            self._must_stay = must_stay
            is_new = not self.read_fingerprint
            self._sequence = self.save(self._open.memory.tables, self._sequence, keeps_backup=not is_new)
            self._is_unfinished = is_new
            self._open.memory.is_changed = False
            self.read_fingerprint = self.saved_fingerprint

    @property
    def is_saved_early(self) -> bool:
        """Whether `save_early` saved what was not taken back."""
        return self._must_stay is not None

    def _open_state(self) -> tuple[Content, AnyTables]:
        """Read the file to change it; returns what is known of it, and its tables: parsed, or as they are stored."""
        from readlist.store.stored_table import open_tables

        with os_errors_as("read", self.path), suppress(FileNotFoundError, NotRegularFile):
            handle = open_regular(self.path)
            with os.fdopen(handle, "rb") as file:
                present = stat_fingerprint(os.fstat(handle))  # before it is verified: it may be changed meanwhile
                if tables := open_tables(self.path, file, self.tables):
                    self.read_fingerprint, self.saved_fingerprint = present, ""
                    return Content({META: dict(tables[META])}), tables
        content = self.read_state(validate=None)
        return content, dict(content.tables)

    def _restore(self, tables: AnyTables) -> None:
        """Take back what `save_early` saved; where that fails, it stays."""
        was_saved = self._is_replaced or self.saved_fingerprint == self.read_fingerprint
        with suppress(ReadlistError):
            if was_saved:
                self.save(tables, self.read_state(validate=None).metadata.sequence)
            self._forget_early_save()

    def _forget_early_save(self) -> None:
        self._must_stay, self.saved_fingerprint, self._is_unfinished = None, "", False

    def read_content(self, backup: Path | None = None, *, validate: bool = True) -> Content:
        """Read the content of the file, or of one of its backups, and validate the types of its records."""
        validator = None
        if validate:
            from readlist.store.records import RecordValidator

            validator = RecordValidator()
        if backup and (base := self.find_base(backup)):
            return self._read_incremental(backup, self._read(base, validator)[0], validator)
        return self._read(backup or self.path, validator)[0]

    def find_base(self, backup: Path) -> Path | None:
        """Return the full backup that an incremental one is based on, None for a full one. Raises ReadlistError."""
        bases = self.backups.find_bases(backup)
        if len(bases) > 1:
            from readlist.store.incremental import is_based_on

            with os_errors_as("read", backup):
                difference = read_regular(backup)
            bases.sort(key=lambda base: not is_based_on(difference, _read_metadata(base)))
        return next(iter(bases), None)

    def read_difference(self, backup: Path, base: Path) -> Content:
        """Return what an incremental backup has besides the records of its base, which are not read."""
        from readlist.store.records import RecordValidator

        metadata = {file_format.META_ID: _read_metadata(base)}
        without_records = Content({META: metadata} | {name: {} for name in self.tables})
        return self._read_incremental(backup, without_records, RecordValidator())

    def _read_incremental(self, path: Path, base: Content, validate: RecordValidator | None) -> Content:
        from readlist.store.incremental import apply_difference

        with os_errors_as("read", path):
            difference = read_regular(path)
        return apply_difference(difference, base, self.tables, validate)

    def read_state(self, validate: Validate | None) -> Content:
        """Read the file to change it: `save` replaces this state only."""
        content, self.read_fingerprint = self._read(self.path, validate)
        self.saved_fingerprint = ""
        return content

    @property
    def is_saved(self) -> bool:
        """Whether the state that was read was replaced by what was saved, even if that failed afterwards."""
        return self.is_saved_early or self._is_replaced

    @property
    def known_fingerprint(self) -> str:
        """The fingerprint of the state that was saved, or else read."""
        return self.saved_fingerprint if self._is_replaced else self.read_fingerprint

    @property
    def _is_replaced(self) -> bool:
        return bool(self.saved_fingerprint) and fingerprint(self.path) != self.read_fingerprint

    def examine(self, content: Content) -> FileStatus:
        """Return what is wrong with the file with this content."""
        return FileStatus(self.find_problem(content), self._find_newer_backup(content))

    def find_problem(self, content: Content) -> Problem | None:
        """Return why the file with this content must not be changed, None where it may be."""
        if missing := self._find_missing():
            return missing
        if problem := find_content_problem(self.path, content, REPAIR):
            return problem
        if self.identity.is_foreign(self.path):
            remedy = (
                f"to restore this library's file: readlist backup restore {self.path.name}; "
                "to keep this file: readlist doctor --fix"
            )
            return Problem("foreign", f"data file belongs to another library: {self.path}", remedy)
        return None

    def require_usable(self, content: Content) -> None:
        """Raise StoreError where the file with this content must not be changed."""
        if problem := self.find_problem(content):
            raise StoreError(problem.describe("nothing was changed"))

    def require_fingerprint(self, present: str) -> None:
        """Raise Busy unless this is the fingerprint of the state that was read to be changed."""
        if present != self.read_fingerprint:
            raise replaced_meanwhile(self.path)

    def _find_missing(self) -> Problem | None:
        """Return the problem of a file that does not exist and did, None where it exists or never did.

        Creating an empty file would rotate its backups until none has the lost records.
        """
        with os_errors_as("read", self.path):
            if self.path.exists():
                return None
            link = f" (symbolic link to {self.path.readlink()})" if self.path.is_symlink() else ""
        backup = next(self.iter_valid_backups(), None)
        if backup:
            remedy = f"to restore the backup of {backup[0].time.astimezone():%Y-%m-%d %H:%M}: readlist doctor --fix"
        elif not link and not self.identity.is_expected(self.path):
            return None
        elif former := self.identity.find_former_states():
            remedy = f"its backups are in the former state directory {former[0]}; to restore it: readlist doctor --fix"
        else:
            remedy = "it has no backup; copy the file back, or to start with an empty file: readlist doctor --fix"
        return Problem("missing", f"data file is missing: {self.path}{link}", remedy)

    def iter_valid_backups(self) -> Iterator[tuple[Backup, Content]]:
        """Iterate over the backups of this library that are complete and not newer, the newest first."""
        library = self.identity.read_id()
        for backup in self.backups:
            with suppress(ReadlistError):  # one that cannot be read does not count
                content = self.read_content(backup.path)
                if content.is_valid and content.metadata.library in {"", library}:
                    yield backup, content

    def _find_newer_backup(self, content: Content) -> Backup | None:
        newest = next(iter(self.backups), None)
        if newest and not newest.is_pinned and 0 < content.metadata.sequence < newest.sequence:
            return newest
        return None

    def _read(self, path: Path, validate: Validate | None) -> tuple[Content, str]:
        """Read a file; returns its content and its fingerprint."""
        with os_errors_as("read", path), gc_paused():
            try:
                handle = open_regular(path)
            except NotRegularFile:
                if path.is_symlink() and not path.exists():  # reported as missing
                    return file_format.empty_content(self.tables), ""
                raise
            except FileNotFoundError:
                return file_format.empty_content(self.tables), ""
            with os.fdopen(handle, "rb", buffering=_READ_AHEAD) as file:
                read_fingerprint = stat_fingerprint(os.fstat(handle))
                return file_format.parse(file, self.tables, validate), read_fingerprint

    def save(self, tables: AnyTables, sequence: int, *, is_valid: bool = True, keeps_backup: bool = True) -> int:
        """Save the tables in place of the state that `read_state` read, which has this sequence; returns the new one.

        `is_valid` says that the file to be replaced is worth a backup, `keeps_backup` that the new state is.
        """
        from readlist.store.serialization import Serialization

        target = Path(os.path.realpath(self.path))
        with os_errors_as("save", self.path):
            ensure_directory(target.parent)
            replaced = self.backups.sequence_of(target, sequence) if self.read_fingerprint else sequence
            newest = self.backups.last_sequence
            is_successor = not sequence or newest <= replaced == sequence  # a file of an older schema has none
            sequence = max(replaced, newest) + 1
            known = tables[file_format.META].get(file_format.META_ID, {})
            metadata = {"schema": file_format.SCHEMA, "library": self.identity.read_id(), "sequence": sequence}
            tables = {**tables, file_format.META: {file_format.META_ID: {**known, **metadata}}}
            with temporary_path(target) as temporary:
                serialization = Serialization(tables)
                write_and_fsync(temporary, serialization.chunks(), serialization.head)
                self.require_fingerprint(fingerprint(target))
                if is_valid and self.read_fingerprint and not self._is_unfinished:
                    self.backups.add_link(target, replaced, is_successor=is_successor)
                _set_modification_time(temporary, sequence)
                self.saved_fingerprint = fingerprint(temporary)
                self.require_fingerprint(fingerprint(target))  # again, since the link takes longest
                temporary.replace(target)
            fsync_directory(target.parent)
            if keeps_backup and not self._add_incremental(target, sequence, tables, serialization.head()):
                self.backups.add_copy(target, sequence)
            self._is_unfinished = False
        return sequence

    def _add_incremental(self, target: Path, sequence: int, tables: AnyTables, head: bytes) -> bool:
        """Keep what differs from the state before, which has a backup; returns whether that is better than a copy."""
        with suppress(ReadlistError, OSError):
            size = target.stat().st_size
            newest = next(iter(self.backups), None)
            is_base = newest and newest.base is None and fingerprint(newest.path) == self.read_fingerprint
            if size >= MIN_INCREMENTAL_BYTES and newest and is_base and not self.is_saved_early:
                from readlist.store.incremental import encode_difference

                if difference := encode_difference(head, tables, size):
                    return self.backups.add_incremental(target, sequence, newest, difference)
        return False


def find_content_problem(path: Path, content: Content, remedy: str) -> Problem | None:
    """Return why this content of a store file or backup is not valid; `remedy` is that of corruption."""
    if content.is_newer:
        schemas = f"(schema {content.schema}, supported: {file_format.SCHEMA})"
        return Problem("newer", f"data file has a newer schema: {path} {schemas}", "upgrade readlist")
    if content.corruption:
        return Problem("corrupt", f"data file is corrupt: {path}", remedy, content.corruption)
    return None


def _read_metadata(path: Path) -> Record:
    """Return the record of `_meta` of a store file, {} where it is corrupt. Raises ReadlistError."""
    with os_errors_as("read", path), os.fdopen(open_regular(path), "rb") as file:
        return file_format.parse_header([file.readline(), file.readline()]) or {}


def _set_modification_time(path: Path, sequence: int) -> None:
    """Set the modification time to this second, its microseconds to the sequence of the save, the rest at random.

    So two states of a file differ in it although the clock stands still, or the file system's advances in long steps;
    and, but for one in a thousand, two that were saved on two machines in one second as the same sequence.
    """
    now = int(utc_now().timestamp())
    rest = int.from_bytes(os.urandom(4), "big") % 1000
    with suppress(OSError):  # a disk that refuses times: size and inode have to differ
        os.utime(path, ns=(time := now * 10**9 + sequence % 10**6 * 1000 + rest, time))


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause the garbage collector, which would look at every record while 100,000 of them are parsed."""
    was_enabled = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if was_enabled:
            gc.enable()
