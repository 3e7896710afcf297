"""The schema of the index: its tables, the statements that fill them, and what each full-text column contains.

- metadata: format of the index, fingerprints of the store files that it was built from
- entries: the whole entry with a checksum, so that no command that reads opens the store
- deleted: the same of papers that the user deleted, which are in no other table except `merged`
- merged: the ID and key of a paper that was merged into another one -> that paper
- papers: what filters and orders need, in narrow rows that are fast to scan; `later` is a number, an ISO date or NULL
- tags: folded tag -> papers
- appearances: digest -> papers
- identities: identity code -> papers, deleted ones too, among which a load looks for those that it has already
- words: FTS5, contentless; the text is in `entries` already
- vocabulary: every token of `words`, and how many papers have it (document frequency)
- word_lists: the same tokens, many in a row, by script class, length and first letter: a misspelled word is compared
  with tokens of similar length, which are read far faster so
- totals: how many papers there are, which SQLite would count one by one, and a checksum of `identities`
- sounds: the Latin words of the vocabulary by the key of their sounds
- acronyms: acronym and long form, as papers define them, and how many papers do
- documents, sources: what was loaded, and what an update reads again
- queries, aliases, synonyms: saved queries, renamed tags, groups of synonyms
- people, others, others_tags: the other persons of a lab, their marks by the keys of papers, and the tags that they
  added, folded; `words` has the tokens of the note as `tokens.token_line` writes them, `tags` the tags, one a line
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from readlist.search.fields import PRESENCES
from readlist.search.tokens import BARRIER

if TYPE_CHECKING:
    import sqlite3

    from readlist.models import Entry

FORMAT = "11"
"""Raise it with any change to the tables, the tokens or the blob: an index of another format is rebuilt."""

COLUMN_TEXTS: dict[str, Callable[[Entry], Iterable[str]]] = {
    "title": lambda entry: (entry.paper.title,),
    "authors": lambda entry: entry.paper.authors,
    "tags": lambda entry: entry.tags,
    "abstract": lambda entry: (entry.paper.abstract,),
    "comments": lambda entry: entry.paper.comments.values(),
    "note": lambda entry: (entry.mark.note,),
}
"""The texts that each column of `words` contains; no phrase matches across two of them."""
COLUMNS = tuple(COLUMN_TEXTS)
HAS_BITS = {name: 1 << bit for bit, name in enumerate(PRESENCES)}
"""The bit in `papers.has` of each value of `has:`."""

PAGE_SIZE = 8192
"""Bytes; pages of 4096 would hold one entry each and waste the rest."""

TABLES = f"""
    CREATE TABLE metadata (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE entries (id INTEGER PRIMARY KEY, entry BLOB NOT NULL);
    CREATE TABLE papers (
        id INTEGER PRIMARY KEY, key TEXT NOT NULL, arxiv TEXT NOT NULL, doi TEXT NOT NULL, date TEXT NOT NULL,
        first TEXT NOT NULL, loaded_at TEXT NOT NULL, status TEXT NOT NULL, status_at TEXT NOT NULL,
        starred INTEGER NOT NULL, starred_at TEXT NOT NULL, note_at TEXT NOT NULL, later, later_at TEXT NOT NULL,
        has INTEGER NOT NULL, urls TEXT NOT NULL
    );
    CREATE TABLE deleted (id INTEGER PRIMARY KEY, key TEXT NOT NULL, entry BLOB NOT NULL);
    CREATE TABLE merged (paper INTEGER, id INTEGER, key TEXT NOT NULL, PRIMARY KEY (paper, id)) WITHOUT ROWID;
    CREATE TABLE tags (tag TEXT, id INTEGER, spelling TEXT NOT NULL, PRIMARY KEY (tag, id)) WITHOUT ROWID;
    CREATE TABLE appearances (date TEXT, source TEXT, id INTEGER, PRIMARY KEY (date, source, id)) WITHOUT ROWID;
    CREATE TABLE identities (code INTEGER, id INTEGER, PRIMARY KEY (code, id)) WITHOUT ROWID;
    CREATE TABLE vocabulary (word TEXT PRIMARY KEY, papers INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE word_lists (
        script TEXT, length INTEGER, start TEXT, words TEXT NOT NULL, PRIMARY KEY (script, length, start)
    ) WITHOUT ROWID;
    CREATE TABLE totals (papers INTEGER NOT NULL, identities INTEGER NOT NULL);
    CREATE TABLE sounds (key TEXT, word TEXT, PRIMARY KEY (key, word)) WITHOUT ROWID;
    CREATE TABLE acronyms (short TEXT, long TEXT, papers INTEGER NOT NULL, PRIMARY KEY (short, long)) WITHOUT ROWID;
    CREATE TABLE documents (
        location TEXT PRIMARY KEY, name TEXT, version TEXT, papers INTEGER, problems INTEGER, loaded_at TEXT,
        left_out INTEGER
    ) WITHOUT ROWID;
    CREATE TABLE sources (location TEXT PRIMARY KEY, private INTEGER, only TEXT) WITHOUT ROWID;
    CREATE TABLE queries (name TEXT PRIMARY KEY, query TEXT, at TEXT, sort TEXT) WITHOUT ROWID;
    CREATE TABLE aliases (name TEXT PRIMARY KEY, new TEXT, at TEXT, tag TEXT) WITHOUT ROWID;
    CREATE TABLE synonyms (name TEXT PRIMARY KEY, words TEXT, at TEXT) WITHOUT ROWID;
    CREATE TABLE people (name TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE others (
        key TEXT, person TEXT, status TEXT NOT NULL, status_at TEXT NOT NULL, starred INTEGER NOT NULL,
        starred_at TEXT NOT NULL, note TEXT NOT NULL, note_at TEXT NOT NULL, tags TEXT NOT NULL, words TEXT NOT NULL,
        PRIMARY KEY (key, person)
    ) WITHOUT ROWID;
    CREATE TABLE others_tags (key TEXT, person TEXT, tag TEXT, PRIMARY KEY (key, person, tag)) WITHOUT ROWID;
    CREATE VIRTUAL TABLE words USING fts5 (
        {", ".join(COLUMNS)}, content='', columnsize=0, tokenize="ascii tokenchars '+#'"
    );
"""
INDEXES = """
    CREATE INDEX papers_by_date ON papers (date DESC, id);
    CREATE INDEX papers_by_status ON papers (status, date DESC, id);
    CREATE INDEX papers_by_key ON papers (key);
    CREATE INDEX papers_by_later ON papers (later) WHERE later IS NOT NULL;
    CREATE INDEX acronyms_by_long ON acronyms (long);
    CREATE INDEX papers_by_arxiv ON papers (arxiv) WHERE arxiv <> '';
    CREATE INDEX papers_by_doi ON papers (doi) WHERE doi <> '';
"""
"""Created after the rows, which is faster than updating them with every row."""

BUILD_SETTINGS = (("hashsize", 32 << 20),)
"""Settings of FTS5 for a build: it collects 32 MB of postings before it writes, instead of 1 MB."""
UPDATE_SETTINGS = (("hashsize", 1 << 20), ("automerge", 0))
"""Settings of FTS5 after a build. Updates merge 16 small segments at a time. Automerge was rejected: a step cannot be
shorter than the longest position list, that of BARRIER, so that a few loads in a large library took far longer."""

INSERT_ENTRY = "INSERT OR REPLACE INTO entries VALUES (?, ?)"
INSERT_PAPER = "INSERT OR REPLACE INTO papers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_DELETED = "INSERT OR REPLACE INTO deleted VALUES (?, ?, ?)"
INSERT_MERGED = "INSERT OR IGNORE INTO merged VALUES (?, ?, ?)"
INSERT_TAG = "INSERT OR REPLACE INTO tags VALUES (?, ?, ?)"
DELETE_TAG = "DELETE FROM tags WHERE tag = ? AND id = ?"
INSERT_APPEARANCE = "INSERT OR IGNORE INTO appearances VALUES (?, ?, ?)"
DELETE_APPEARANCE = "DELETE FROM appearances WHERE date = ? AND source = ? AND id = ?"
CREATE_CODES = "CREATE TEMP TABLE codes (code INTEGER, id INTEGER)"
"""Of a build: rows of `identities` in any order, which are sorted before they are inserted, as INDEXES are."""
INSERT_CODE = "INSERT INTO temp.codes VALUES (?, ?)"
SORT_CODES = "INSERT OR IGNORE INTO identities SELECT code, id FROM temp.codes ORDER BY 1, 2"
DROP_CODES = "DROP TABLE temp.codes"
INSERT_IDENTITY = "INSERT OR IGNORE INTO identities VALUES (?, ?)"
DELETE_IDENTITY = "DELETE FROM identities WHERE code = ? AND id = ?"
COUNT_WORD = "INSERT INTO vocabulary VALUES (?, ?) ON CONFLICT (word) DO UPDATE SET papers = papers + excluded.papers"
"""Changes how many papers have a word; one that no paper has any more is removed by DELETE_WORD."""
DELETE_WORD = "DELETE FROM vocabulary WHERE word = ?"
SUM_IDENTITIES = "SELECT coalesce(sum(code + 31 * id), 0) FROM identities"
"""The checksum of `identities`: no load takes a paper for new because a row was lost or altered."""
FIND_AND_SUM_IDENTITIES = """
    SELECT coalesce(sum(code + 31 * id), 0),
        group_concat(id) FILTER (WHERE code IN (SELECT value FROM json_each(?)))
    FROM identities
"""
"""SUM_IDENTITIES, and the IDs of the papers with one of these codes."""
COUNT_TOTALS = f"INSERT INTO totals SELECT count(*), ({SUM_IDENTITIES}) FROM papers"  # noqa: S608 -- constants
UPDATE_TOTALS = "UPDATE totals SET papers = (SELECT count(*) FROM papers), identities = identities + ?"
INSERT_SOUND = "INSERT OR IGNORE INTO sounds VALUES (?, ?)"
DELETE_SOUND = "DELETE FROM sounds WHERE key = ? AND word = ?"
COUNT_ACRONYM = (
    "INSERT INTO acronyms VALUES (?, ?, ?) ON CONFLICT (short, long) DO UPDATE SET papers = papers + excluded.papers"
)
DELETE_ACRONYM = "DELETE FROM acronyms WHERE short = ? AND long = ? AND papers < 1"
INSERT_DOCUMENT = "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)"
INSERT_SOURCE = "INSERT OR REPLACE INTO sources VALUES (?, ?, ?)"
INSERT_QUERY = "INSERT OR REPLACE INTO queries VALUES (?, ?, ?, ?)"
INSERT_ALIAS = "INSERT OR REPLACE INTO aliases VALUES (?, ?, ?, ?)"
INSERT_SYNONYMS = "INSERT OR REPLACE INTO synonyms VALUES (?, ?, ?)"
INSERT_PERSON = "INSERT INTO people VALUES (?)"
INSERT_OTHER = "INSERT INTO others VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_OTHER_TAG = "INSERT OR IGNORE INTO others_tags VALUES (?, ?, ?)"
INSERT_TEXT = f"INSERT INTO words (rowid, {', '.join(COLUMNS)}) VALUES (?{', ?' * len(COLUMNS)})"  # noqa: S608 -- constants
DELETE_TEXT = INSERT_TEXT.replace("(rowid", "(words, rowid").replace("(?", "('delete', ?")
CHANGE_TEXT = DELETE_TEXT.replace("'delete'", "?")
"""Deletes a text where the first value is "delete", inserts one where it is None: one after the other for a row, since
FTS5 writes what it has collected before it goes back to a lower ID."""


def create_tables(connection: sqlite3.Connection) -> None:
    """Create the empty tables; INDEXES are created after the rows."""
    connection.executescript(TABLES)


def configure_fts(connection: sqlite3.Connection, settings: Iterable[tuple[str, int]]) -> None:
    """Set options of FTS5, which are stored in the index."""
    connection.executemany("INSERT INTO words (words, rank) VALUES (?, ?)", settings)


def select_vocabulary(connection: sqlite3.Connection) -> tuple[str, tuple[str]]:
    """Return a statement, with its values, for the rows that `vocabulary` has when it fits `words`."""
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab (main, words, row)")
    return "SELECT term, doc FROM terms WHERE term <> ?", (BARRIER,)


def read_schema(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    """Return what identifies a complete index of this format: its schema and the settings of FTS5."""
    tables = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall()
    settings = connection.execute("SELECT k, v FROM words_config ORDER BY k").fetchall()
    return [*tables, *settings]


def expected_schema() -> list[tuple[object, ...]]:
    """Return what `read_schema` returns for an intact index."""
    import contextlib
    import sqlite3

    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        create_tables(connection)
        connection.executescript(INDEXES)
        configure_fts(connection, (*BUILD_SETTINGS, *UPDATE_SETTINGS))
        return read_schema(connection)
