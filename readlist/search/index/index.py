"""The index: one disposable SQLite file that answers every read command, so that none opens the store.

Made from the store and never read back into it: deleting it loses nothing. It is true where three things hold:
its format is ours, the stamps of the store's files are those that it was made from, and its own modification time is
SEAL, a moment in the past that we set after every change of ours. Any other change of the file, by a process that was
killed half-way too, moves that time. (Of 400 damaged copies SQLite's quick_check noticed 49.)

Changes are one transaction with a rollback journal. WAL was rejected: its side files do not follow when the whole
file is replaced, and as the last connection closes it costs the same writes. `synchronous` is NORMAL, so that
a power loss leaves the old state or the new one, which the stamps tell apart.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from readlist.models import (
    DigestCount,
    Entry,
    Provenance,
    SearchResult,
    Stats,
    Suggestions,
    TagCount,
    TrackedSource,
    UserDefinitions,
)
from readlist.search.index import schema
from readlist.search.index.schema import from_blob
from readlist.search.tokens import BARRIER

if TYPE_CHECKING:
    import datetime as dt

    from readlist.models import ResultIds, Status
    from readlist.search.query.parser import Query

Stamps: TypeAlias = tuple[str, str]
"""The identities of the two store files, papers and marks, in one state."""

Progress: TypeAlias = Callable[[int, int], None]
"""Called with how many entries are done and how many there are."""

SEAL = 946_684_800
"""2000-01-01 in seconds: whole and even, so that every file system can keep it."""
WAIT = 10.0
"""Seconds to wait for another process to finish its change."""
_HOLDING = ("entries", "sources", "queries", "aliases")
"""The tables of which one holds something unless the store is empty; documents come with a source or a paper."""
_NO_DEFINITIONS = UserDefinitions()
_BATCH = 500
"""Entries that are written together; a tenth faster than one by one, and 2 MB of memory."""
_LEFTOVER = 600
"""Seconds after which a half-built file belongs to a process that has died."""


_DIGESTS = """
    SELECT a.date, a.source, count(*), sum(p.status = 'unread'), ifnull(d.location, ''), ifnull(d.loaded_at, '')
    FROM appearances a JOIN papers p USING (id)
    LEFT JOIN (SELECT name, location, max(loaded_at) AS loaded_at FROM documents GROUP BY name) d ON d.name = a.source
    GROUP BY a.date, a.source ORDER BY a.date DESC, a.source
"""


def no_progress(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


class IndexCorrupt(Exception):
    """The index cannot be read or changed; build it anew."""


class Index:
    """The index in one file.

    Raises IndexDamaged where the file is damaged, missing or locked; `rebuild` raises OSError where none can be made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    # Making it

    def is_current(self, stamps: Stamps) -> bool:
        """Whether the index is sound as far as is cheap to tell and was made from the store files with these stamps."""
        try:
            with self._reading() as db:
                return self._is_of(db, stamps)
        except (IndexCorrupt, OSError):
            return False

    def _is_of(self, db: sqlite3.Connection, stamps: Stamps) -> bool:
        facts = dict(db.execute("SELECT name, value FROM facts"))
        return facts == _facts(stamps) and self._path.stat().st_mtime_ns == SEAL * 10**9

    def rebuild(
        self,
        entries: Iterable[Entry],
        origins: Provenance,
        stamps: Stamps,
        definitions: UserDefinitions = _NO_DEFINITIONS,
    ) -> None:
        """Build the index anew beside the old one, then take its place. `entries` should come in the order of ids."""
        import tempfile

        _make_folder(self._path.parent)
        self._remove_leftovers()
        handle, name = tempfile.mkstemp(prefix=f"{self._path.name}.", suffix=".new", dir=self._path.parent)
        os.close(handle)
        new = Path(name)
        new.chmod(0o600)  # the umask may have taken more away
        try:
            _build(new, entries, origins, stamps, definitions)
            self._replace(new)
        except sqlite3.ProgrammingError:  # a bug, and no fault of the disk
            raise
        except sqlite3.DatabaseError as error:
            raise OSError(f"cannot build the index: {error}") from error
        finally:
            new.unlink(missing_ok=True)

    def _remove_leftovers(self) -> None:
        for left in self._path.parent.glob(f"{self._path.name}.*.new*"):
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > _LEFTOVER:
                    left.unlink()

    def _replace(self, new: Path) -> None:
        """Put `new` in place, while nobody is changing the old one and without the journal of one who died at it."""
        if not self._path.exists():
            new.replace(self._path)
            return
        journal = self._path.with_name(f"{self._path.name}-journal")
        with contextlib.closing(sqlite3.connect(self._path, timeout=WAIT, isolation_level=None)) as old:
            with contextlib.suppress(sqlite3.Error):
                old.execute("BEGIN EXCLUSIVE")
            journal.unlink(missing_ok=True)
            new.replace(self._path)

    def update(  # noqa: PLR0913 -- a change of the store has so many sides
        self,
        entries: Iterable[Entry],
        origins: Provenance,
        before: Stamps,
        after: Stamps,
        definitions: UserDefinitions = _NO_DEFINITIONS,
        *,
        progress: Progress = no_progress,
    ) -> None:
        """Add or replace these entries, origins and definitions; afterwards the index is what a rebuild would make.

        They are what changed in the store between `before` and `after`. Raises IndexDamaged where the index is not that
        of `before`: a rebuild that began long ago may have put an older one in its place.
        """
        latest = {entry.paper.id: entry for entry in entries}
        in_order = [latest[id_] for id_ in sorted(latest)]
        if self._is_empty(before):
            self.rebuild(_counted(in_order, progress), origins, after, definitions)
            return
        with self._changing() as db:
            self._refuse_any_but(db, before)
            _put(db, in_order, progress)
            _put_origins(db, origins)
            _put_definitions(db, definitions)
            db.executemany("UPDATE facts SET value = ? WHERE name = ?", ((v, n) for n, v in _facts(after).items()))

    def _refuse_any_but(self, db: sqlite3.Connection, stamps: Stamps) -> None:
        if not self._is_of(db, stamps):
            raise IndexCorrupt("it is of another state of the store")

    def _is_empty(self, stamps: Stamps) -> bool:
        with self._reading() as db:
            self._refuse_any_but(db, stamps)
            return not any(db.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() for name in _HOLDING)  # noqa: S608

    # Asking it

    def find(self, query: Query, *, ranked: bool, limit: int | None) -> SearchResult:
        """The papers that answer `query`: the best first if `ranked`, else the newest digest first; at most `limit`."""
        from readlist.search.results import find

        with self._reading() as db:
            return find(db, query, ranked=ranked, limit=limit)

    def suggest(self, query: Query, limit: int | None) -> Suggestions:
        """The untouched papers that answer `query`, what the reader would like first; at most `limit`."""
        from readlist.search.recommend.recommend import suggest

        with self._reading() as db:
            return suggest(db, query, limit)

    def similar(self, ids: Sequence[int], limit: int | None) -> Suggestions:
        """The papers that are most like those with these ids; at most `limit`."""
        from readlist.search.recommend.recommend import similar

        with self._reading() as db:
            return similar(db, ids, limit)

    def listing(self, query: Query) -> ResultIds:
        """All papers that answer `query`, by id: the best first where it has words, else the newest digest first."""
        from readlist.search.results import listing

        with self._reading() as db:
            return listing(db, query)

    def statuses(self) -> dict[int, Status]:
        """How far the reader is with each paper."""
        from readlist.search.results import statuses

        with self._reading() as db:
            return statuses(db)

    def entries(self, ids: Sequence[int]) -> list[Entry]:
        """The entries of these ids that there are, in their order."""
        from readlist.search.results import entries_of

        with self._reading() as db:
            return entries_of(db, ids)

    def ids_between(self, first: int, last: int) -> list[int]:
        """The ids from `first` to `last`, both included, that papers have."""
        return self._ids("SELECT id FROM papers WHERE id BETWEEN ? AND ? ORDER BY id", first, last)

    def by_key(self, key: str) -> list[int]:
        """The paper with this key."""
        return self._ids("SELECT id FROM papers WHERE key = ?", schema.storable(key))

    def by_arxiv(self, arxiv: str) -> list[int]:
        """The papers with this arXiv id."""
        return self._ids("SELECT id FROM papers WHERE arxiv = ? AND arxiv <> '' ORDER BY id", schema.storable(arxiv))

    def _ids(self, sql: str, *values: str | int) -> list[int]:
        with self._reading() as db:
            return [id_ for (id_,) in db.execute(sql, values)]

    def origins(self) -> Provenance:
        """Where the papers came from."""
        with self._reading() as db:
            documents = [schema.to_document(*row) for row in db.execute("SELECT * FROM documents")]
            sources = [schema.to_source(*row) for row in db.execute("SELECT * FROM sources")]
            return Provenance({it.location: it for it in documents}, {it.location: it for it in sources})

    def definitions(self) -> UserDefinitions:
        """What the reader named."""
        with self._reading() as db:
            queries = [schema.to_saved_query(*row) for row in db.execute("SELECT * FROM queries")]
            aliases = [schema.to_tag_alias(*row) for row in db.execute("SELECT * FROM aliases")]
            return UserDefinitions({it.name: it for it in queries}, {it.old: it for it in aliases})

    def tags(self, query: Query) -> list[TagCount]:
        """The tags in effect among the papers that answer `query`, the most frequent first, spelt as most often."""
        from readlist.search.results import tags_of

        with self._reading() as db:
            return tags_of(db, query)

    def stats(self, query: Query, today: dt.date) -> Stats:
        """How the reader is getting on with the papers that answer `query`."""
        from readlist.search.statistics import stats

        with self._reading() as db:
            return stats(db, query, today)

    def offers(self, kind: str, typed: str) -> list[tuple[str, str]]:
        """What may stand where `typed` is begun, see `offers`."""
        from readlist.search.completion import offers

        with self._reading() as db:
            return offers(db, kind, typed)

    def digests(self) -> list[DigestCount]:
        """Every digest that a paper came in, the newest first."""
        with self._reading() as db:
            sources = [schema.to_source(*row) for row in db.execute("SELECT * FROM sources")]
            return [_placed(schema.to_digest_count(*row), sources) for row in db.execute(_DIGESTS)]

    def fault(self, entries: Iterable[Entry], definitions: UserDefinitions = _NO_DEFINITIONS) -> str:
        """What is wrong with an index of these entries, in the order of their ids, and definitions; "" for nothing."""
        from readlist.search.index.integrity import fault

        try:
            with _failing_as_damage(), contextlib.closing(_open(self._path, "rw")) as db:
                return fault(db, entries) or (
                    "" if self.definitions() == definitions else "it has other definitions than the store"
                )
        except IndexCorrupt as error:
            return str(error)

    # Connections

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection on which everything belongs to one state of the index."""
        with _failing_as_damage(), contextlib.closing(_open_to_read(self._path)) as db:
            yield db

    @contextlib.contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        with _failing_as_damage(), contextlib.closing(_open(self._path, "rw")) as db:
            # Exclusive, so that no reader looks between the commit and the seal.
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("BEGIN EXCLUSIVE")
            yield db
            db.execute("COMMIT")
            os.utime(self._path, (SEAL, SEAL))


def _make_folder(folder: Path) -> None:
    """Make a folder, and those above it, its owner's only under any umask; one that exists is left alone."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)


@contextlib.contextmanager
def _failing_as_damage() -> Iterator[None]:
    """Raise IndexDamaged for what a damaged, missing or locked file causes.

    A wrong statement or value of ours is none of these but a bug, which no rebuild would mend.
    """
    try:
        yield
    except sqlite3.ProgrammingError:
        raise
    except (sqlite3.DatabaseError, schema.Undecodable, OSError) as error:
        raise IndexCorrupt(str(error)) from error


def _open(path: Path, mode: str) -> sqlite3.Connection:
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=WAIT, isolation_level=None)
    db.execute("PRAGMA trusted_schema = OFF")
    return db


def _open_to_read(path: Path) -> sqlite3.Connection:
    """A connection with a read transaction begun.

    Who opens the file just before it is replaced may meet the journal of a change to the new file and take it for his
    own: he tries again, on the new one.
    """
    for patience in (0.01, 0.1, 0.0):
        db = _open(path, "ro")
        try:
            db.execute("BEGIN")
            db.execute("SELECT 1 FROM facts").fetchone()
        except sqlite3.Error as error:
            db.close()
            if not patience or not isinstance(error, sqlite3.OperationalError):
                raise
            time.sleep(patience)
        else:
            return db
    raise AssertionError("the last attempt returns or raises")


def _facts(stamps: Stamps) -> dict[str, str]:
    return {"format": schema.FORMAT, "papers": stamps[0], "marks": stamps[1]}


def _placed(count: DigestCount, sources: Sequence[TrackedSource]) -> DigestCount:
    """The count with the source that its document lies in, in place of the document."""
    return count._replace(location=next((it.location for it in sources if it.contains(count.location)), ""))


# Building


def _build(
    path: Path, entries: Iterable[Entry], origins: Provenance, stamps: Stamps, definitions: UserDefinitions
) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"PRAGMA page_size = {schema.PAGE_SIZE}")
        db.execute("PRAGMA journal_mode = OFF")  # the file counts only once it is whole and in its place
        db.execute("PRAGMA synchronous = OFF")
        schema.create(db)
        db.executemany("INSERT INTO words (words, rank) VALUES (?, ?)", _WHILE_BUILDING)
        db.execute("BEGIN")
        arriving = iter(entries)
        while some := list(islice(arriving, _BATCH)):
            db.executemany(schema.INSERT_TEXT, map(schema.text_row, some))
            _insert_rows(db, some)
        _put_origins(db, origins)
        _put_definitions(db, definitions)
        db.executemany("INSERT INTO facts VALUES (?, ?)", _facts(stamps).items())
        db.executemany("INSERT INTO words (words, rank) VALUES (?, ?)", _AFTERWARDS)
        db.execute("INSERT INTO words (words) VALUES ('optimize')")
        _insert_vocabulary(db)
        db.execute("COMMIT")
        db.executescript(schema.INDEXES)
    _sync(path)
    os.utime(path, (SEAL, SEAL))


_WHILE_BUILDING = (("hashsize", 32 << 20),)
"""FTS5 collects 32 MB of postings before it writes; with its own 1 MB building takes 15 % longer."""
_AFTERWARDS = (("hashsize", 1 << 20), ("automerge", 0))
"""Changes then merge 16 small segments at a time. Merged the usual way, bit by bit, one load in twenty took 1 s at
100,000 papers: a step cannot be shorter than the longest list of places, and BARRIER's has 5 MB."""


def _insert_vocabulary(db: sqlite3.Connection) -> None:
    """Take in every token of `words`: asking FTS5 for them takes a third of the time of keeping a set in Python."""
    db.execute("CREATE VIRTUAL TABLE temp.held USING fts5vocab (main, words, row)")
    db.create_function("kind_of", 1, schema.kind_of)
    db.execute(
        "INSERT INTO vocabulary"
        " SELECT kind_of(term), length(term), term, doc FROM held WHERE term <> ? ORDER BY 1, 2, 3",
        (BARRIER,),
    )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _insert_rows(db: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    db.executemany(schema.INSERT_ENTRY, ((entry.paper.id, schema.to_blob(entry)) for entry in entries))
    db.executemany(schema.INSERT_PAPER, map(schema.paper_row, entries))
    db.executemany(schema.INSERT_TAG, chain.from_iterable(map(schema.tag_rows, entries)))
    db.executemany(schema.INSERT_APPEARANCE, chain.from_iterable(map(schema.appearance_rows, entries)))


def _put_origins(db: sqlite3.Connection, origins: Provenance) -> None:
    """Add or replace documents and sources, and remove those that are None."""
    for table, changes in zip(("documents", "sources"), origins, strict=True):
        gone = [(location,) for location, value in changes.items() if value is None]
        db.executemany(f"DELETE FROM {table} WHERE location = ?", gone)  # noqa: S608 -- one of two words
    db.executemany(schema.INSERT_DOCUMENT, map(schema.document_row, filter(None, origins.documents.values())))
    db.executemany(schema.INSERT_SOURCE, filter(None, origins.sources.values()))


def _put_definitions(db: sqlite3.Connection, definitions: UserDefinitions) -> None:
    """Add or replace queries and renamed tags, and remove those that are None."""
    for table, changes in zip(("queries", "aliases"), definitions, strict=True):
        gone = [(name,) for name, value in changes.items() if value is None]
        db.executemany(f"DELETE FROM {table} WHERE name = ?", gone)  # noqa: S608 -- one of two words
    db.executemany(schema.INSERT_QUERY, map(schema.query_row, filter(None, definitions.queries.values())))
    db.executemany(schema.INSERT_ALIAS, map(schema.alias_row, filter(None, definitions.aliases.values())))


# Changing


def _counted(entries: Sequence[Entry], progress: Progress) -> Iterator[Entry]:
    for number, entry in enumerate(entries):
        progress(number, len(entries))
        yield entry


def _put(db: sqlite3.Connection, entries: Sequence[Entry], progress: Progress) -> None:
    """Add or replace entries; their words are touched only where they changed, which a tick does not."""
    counts: Counter[str] = Counter()
    reworded: list[Entry] = []
    for entry in _counted(entries, progress):
        old = _forget_rows(db, entry.paper.id)
        if old is None:
            reworded.append(entry)
        elif schema.text_row(old) != schema.text_row(entry):
            reworded.append(entry)
            db.execute(schema.DELETE_TEXT, schema.text_row(old))
            counts.subtract(schema.tokens_of(old))
    _insert_rows(db, entries)
    db.executemany(schema.INSERT_TEXT, map(schema.text_row, reworded))
    counts.update(chain.from_iterable(map(schema.tokens_of, reworded)))
    _count_words(db, counts)


def _count_words(db: sqlite3.Connection, counts: Mapping[str, int]) -> None:
    """Let `vocabulary` know that so many more papers hold each word, or fewer."""
    changed = sorted((*schema.vocabulary_key(word), count) for word, count in counts.items() if count)
    db.executemany(schema.COUNT_WORD, changed)
    db.executemany(schema.DELETE_WORD, (key for *key, count in changed if count < 0))


def _forget_rows(db: sqlite3.Connection, id_: int) -> Entry | None:
    """Remove what a new row would not replace; returns the entry as it was, None where there was none."""
    blob = db.execute("SELECT entry FROM entries WHERE id = ?", (id_,)).fetchone()
    if not blob:
        return None
    old = from_blob(blob[0])
    db.executemany("DELETE FROM tags WHERE tag = ? AND id = ?", (row[:2] for row in schema.tag_rows(old)))
    db.executemany("DELETE FROM appearances WHERE date = ? AND source = ? AND id = ?", schema.appearance_rows(old))
    return old
