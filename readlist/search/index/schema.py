"""The tables of the index, and an entry as a row of them.

- entries: the whole entry, so that no read command opens the store
- papers: what filters and orders need, in narrow rows; a scan of 100,000 takes 5 ms
- tags: folded tag -> papers
- appearances: digest -> papers
- words: FTS5, contentless; the text is in `entries` already
- vocabulary: every token of `words`, by kind and length, so that a misspelt word is compared with its likes only, and
  how many papers hold it, which says how much it tells of them
- documents, sources: what was loaded, and what an update looks at again
- queries, aliases: what the reader named
- facts: format and stamps
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from readlist.models import (
    Appearance,
    DigestCount,
    Entry,
    LoadedDocument,
    Mark,
    Paper,
    SavedQuery,
    Status,
    TagAlias,
    TrackedSource,
)
from readlist.search.tokens import BARRIER, FIRST_SYLLABLE, column, indexed
from readlist.text import fold_tag

if TYPE_CHECKING:
    import sqlite3

_T = TypeVar("_T")

FORMAT = "4"
"""Raise it with any change to the tables, the tokens or the blob: an index of another format is built anew."""

PARTS: dict[str, Callable[[Entry], Iterable[str]]] = {
    "title": lambda entry: (entry.paper.title,),
    "authors": lambda entry: entry.paper.authors,
    "tags": lambda entry: entry.tags,
    "abstract": lambda entry: (entry.paper.abstract,),
    "comments": lambda entry: entry.paper.comments.values(),
    "note": lambda entry: (entry.mark.note,),
}
"""What each column of `words` holds of an entry, in parts that no phrase may span."""
COLUMNS = tuple(PARTS)
COLUMN_OF = {
    "title": "title",
    "author": "authors",
    "tag": "tags",
    "note": "note",
    "comment": "comments",
    "abstract": "abstract",
}
"""The column that holds the words of each field of the query language."""
HAS = {"note": 1, "abstract": 2, "tag": 4, "arxiv": 8, "url": 16}
"""The bit in `papers.has` of each thing that `has:` asks for."""

PAGE_SIZE = 8192
"""Bytes; an entry has 2 kB, so that pages of 4096 would hold one each and waste the rest."""

TABLES = f"""
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE entries (id INTEGER PRIMARY KEY, entry BLOB NOT NULL);
    CREATE TABLE papers (
        id INTEGER PRIMARY KEY, key TEXT NOT NULL, arxiv TEXT NOT NULL, date TEXT NOT NULL, added TEXT NOT NULL,
        status TEXT NOT NULL, status_at TEXT NOT NULL, starred INTEGER NOT NULL, has INTEGER NOT NULL,
        urls TEXT NOT NULL
    );
    CREATE TABLE tags (tag TEXT, id INTEGER, spelt TEXT NOT NULL, PRIMARY KEY (tag, id)) WITHOUT ROWID;
    CREATE TABLE appearances (date TEXT, source TEXT, id INTEGER, PRIMARY KEY (date, source, id)) WITHOUT ROWID;
    CREATE TABLE vocabulary (
        kind TEXT, length INTEGER, word TEXT, papers INTEGER NOT NULL, PRIMARY KEY (kind, length, word)
    ) WITHOUT ROWID;
    CREATE TABLE documents (
        location TEXT PRIMARY KEY, name TEXT, version TEXT, papers INTEGER, problems INTEGER, loaded_at TEXT
    ) WITHOUT ROWID;
    CREATE TABLE sources (location TEXT PRIMARY KEY, private INTEGER) WITHOUT ROWID;
    CREATE TABLE queries (name TEXT PRIMARY KEY, query TEXT, at TEXT) WITHOUT ROWID;
    CREATE TABLE aliases (name TEXT PRIMARY KEY, new TEXT, at TEXT, tag TEXT) WITHOUT ROWID;
    CREATE VIRTUAL TABLE words USING fts5 ({", ".join(COLUMNS)}, content='', tokenize="ascii tokenchars '+#'");
"""
INDEXES = """
    CREATE INDEX papers_by_date ON papers (date DESC, id);
    CREATE INDEX papers_by_status ON papers (status, date DESC, id);
    CREATE INDEX papers_by_key ON papers (key);
    CREATE INDEX papers_by_arxiv ON papers (arxiv) WHERE arxiv <> '';
"""

INSERT_ENTRY = "INSERT OR REPLACE INTO entries VALUES (?, ?)"
INSERT_PAPER = "INSERT OR REPLACE INTO papers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_TAG = "INSERT OR REPLACE INTO tags VALUES (?, ?, ?)"
INSERT_APPEARANCE = "INSERT OR IGNORE INTO appearances VALUES (?, ?, ?)"
COUNT_WORD = (
    "INSERT INTO vocabulary VALUES (?, ?, ?, ?)"
    " ON CONFLICT (kind, length, word) DO UPDATE SET papers = papers + excluded.papers"
)
"""Counts some more papers, or fewer, for a word; one that is left with none is removed by DELETE_WORD."""
DELETE_WORD = "DELETE FROM vocabulary WHERE kind = ? AND length = ? AND word = ? AND papers < 1"
INSERT_DOCUMENT = "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?)"
INSERT_SOURCE = "INSERT OR REPLACE INTO sources VALUES (?, ?)"
INSERT_QUERY = "INSERT OR REPLACE INTO queries VALUES (?, ?, ?)"
INSERT_ALIAS = "INSERT OR REPLACE INTO aliases VALUES (?, ?, ?, ?)"
INSERT_TEXT = f"INSERT INTO words (rowid, {', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 -- constants
DELETE_TEXT = INSERT_TEXT.replace("(rowid", "(words, rowid").replace("(?", "('delete', ?")

# A letter of another script that looks like a Latin one, and the Greek ones by their name too: μP is typed uP or muP.
_ALIKE = """
α a alpha, β b beta, γ y gamma, δ d delta, ε e epsilon, ζ z zeta, η n eta, θ o theta, ι i iota, κ k kappa, λ l lambda,
μ u mu, ν v nu, ξ e xi, ο o omicron, π n pi, ρ p rho, σ s sigma, ς s sigma, τ t tau, υ u upsilon, φ o phi, χ x chi,
ψ y psi, ω w omega, а a, в b, е e, к k, м m, н h, о o, р p, с c, т t, у y, х x, і i, ѕ s, ј j
"""
LOOK_ALIKES: dict[str, tuple[str, ...]] = {letter: tuple(spelt) for letter, *spelt in map(str.split, _ALIKE.split(","))}


class Undecodable(Exception):
    """A row of the index is not what was written into it."""


def storable(text: str) -> str:
    """`text` with "?" for what no UTF-8 can hold: half a surrogate pair, which a shell makes of a stray byte."""
    return text.encode("utf-8", "replace").decode()


def kind_of(word: str) -> str:
    """The words that a word is compared with: "h" Hangul, Kana and Han, "m" with Latin look-alikes, "w" others."""
    if word.isascii():
        return "w"
    if max(word) >= FIRST_SYLLABLE:
        return "h"
    alike = sum(character in LOOK_ALIKES for character in word)
    return "m" if alike and (len(word) == 1 or any(map(str.isascii, word))) else "w"


def vocabulary_key(word: str) -> tuple[str, int, str]:
    """Where a token stands in `vocabulary`."""
    return kind_of(word), len(word), word


def text_row(entry: Entry) -> tuple[int | str, ...]:
    """An entry as a row of `words`."""
    return (entry.paper.id, *(indexed(parts(entry)) for parts in PARTS.values()))


def tokens_of(entry: Entry) -> set[str]:
    """The distinct tokens of an entry."""
    return set(chain.from_iterable(column(parts(entry)) for parts in PARTS.values())) - {BARRIER}


def paper_row(entry: Entry) -> tuple[int, str, str, str, str, str, str, bool, int, str]:
    """An entry as a row of `papers`."""
    paper, mark = entry.paper, entry.mark
    days = [seen.date for seen in paper.digests if seen.date]
    has = (mark.note, paper.abstract, entry.tags, paper.arxiv_id, paper.url or paper.links)
    return (
        paper.id,
        paper.key,
        paper.arxiv_id,
        max(days).isoformat() if days else "",
        min(days).isoformat() if days else "",
        mark.status.value,
        mark.status_at.isoformat() if mark.status_at else "",
        mark.starred,
        sum(bit for bit, value in zip(HAS.values(), has, strict=True) if value),
        "\n".join(filter(None, (paper.url, *paper.links))).casefold(),
    )


def tag_rows(entry: Entry) -> Iterator[tuple[str, int, str]]:
    """An entry as rows of `tags`."""
    return ((fold_tag(tag), entry.paper.id, tag) for tag in entry.tags)


def appearance_rows(entry: Entry) -> Iterator[tuple[str, str, int]]:
    """An entry as rows of `appearances`."""
    for seen in entry.paper.digests:
        yield seen.date.isoformat() if seen.date else "", seen.source, entry.paper.id


def to_blob(entry: Entry) -> bytes:
    """The whole entry as JSON, fields by place; null for a mark that was never touched and for tags as the digest's."""
    import orjson

    paper, mark = entry.paper, entry.mark
    digests = [(seen.date, seen.source) for seen in paper.digests]
    head = (paper.id, paper.key, paper.title, paper.authors, paper.abstract, dict(paper.comments), paper.tags)
    rest = (paper.links, paper.arxiv_id, paper.url, digests)
    marked = None if mark == Mark(paper.key) else _mark_values(mark)
    return orjson.dumps((*head, *rest, marked, None if entry.tags == paper.tags else entry.tags))


def _mark_values(mark: Mark) -> tuple[Any, ...]:
    reader_tags = (mark.tags_added, mark.tags_removed, mark.tags_at)
    return (mark.status, mark.status_at, mark.starred, mark.starred_at, *reader_tags, mark.note, mark.note_at)


def document_row(document: LoadedDocument) -> tuple[str | int, ...]:
    """What was loaded as a row of `documents`."""
    return (*document[:-1], document.loaded_at.isoformat())


def query_row(saved: SavedQuery) -> tuple[str, str, str]:
    """A saved query as a row of `queries`."""
    return saved.name, saved.text, saved.at.isoformat()


def alias_row(renamed: TagAlias) -> tuple[str, str, str, str]:
    """A renamed tag as a row of `aliases`, with the new name as `tags` has it."""
    return renamed.old, renamed.new, renamed.at.isoformat(), fold_tag(renamed.new)


# Rows -> models


def _decoder(decode: Callable[..., _T]) -> Callable[..., _T]:
    """`decode`, raising Undecodable where the values of a row are not such as we write."""

    @wraps(decode)
    def decoded(*values: Any) -> _T:
        try:
            return decode(*values)
        except (ValueError, TypeError, KeyError) as error:
            raise Undecodable(f"{type(error).__name__}: {error}") from error

    return decoded


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"no text: {value!r}")
    return value


@_decoder
def to_document(*row: Any) -> LoadedDocument:
    """The document that `document_row` wrote."""
    location, name, version, papers, problems, loaded_at = row
    return LoadedDocument(
        _text(location), _text(name), _text(version), papers, problems, dt.datetime.fromisoformat(loaded_at)
    )


@_decoder
def to_source(location: str, private: int) -> TrackedSource:
    """The source of a row of `sources`."""
    return TrackedSource(_text(location), bool(private))


@_decoder
def to_saved_query(name: str, text: str, at: str) -> SavedQuery:
    """The query that `query_row` wrote."""
    return SavedQuery(_text(name), _text(text), dt.datetime.fromisoformat(at))


@_decoder
def to_tag_alias(old: str, new: str, at: str, _: str) -> TagAlias:
    """The tag that `alias_row` wrote."""
    return TagAlias(_text(old), _text(new), dt.datetime.fromisoformat(at))


@_decoder
def to_digest_count(day: str, source: str, *counted: Any) -> DigestCount:
    """How many papers came in the digest of a row of `appearances`, and where and when it was loaded."""
    digest = Appearance(dt.date.fromisoformat(day) if day else None, _text(source))
    papers, unread, location, loaded_at = counted
    return DigestCount(digest, papers, unread, _text(location), _time(loaded_at))


@_decoder
def from_blob(blob: bytes) -> Entry:
    """The entry that `to_blob` wrote."""
    import orjson

    *head, links, arxiv, url, digests, marked, in_effect = orjson.loads(blob)
    id_, key, title, authors, abstract, comments, tags = head
    paper = Paper(
        id=id_,
        key=key,
        title=title,
        authors=tuple(authors),
        abstract=abstract,
        comments=comments,
        tags=tuple(tags),
        links=tuple(links),
        arxiv_id=arxiv,
        url=url,
        digests=tuple(Appearance(dt.date.fromisoformat(day) if day else None, source) for day, source in digests),
    )
    mark = Mark(key) if marked is None else _mark(key, *marked)
    return Entry(paper, mark, paper.tags if in_effect is None else tuple(in_effect))


def _mark(  # noqa: PLR0913, PLR0917 -- the fields of a mark
    key: str,
    status: str,
    status_at: str | None,
    starred: bool,
    starred_at: str | None,
    added: list[str],
    removed: list[str],
    tags_at: str | None,
    note: str,
    note_at: str | None,
) -> Mark:
    return Mark(
        key,
        status=Status(status),
        status_at=_time(status_at),
        starred=starred,
        starred_at=_time(starred_at),
        tags_added=tuple(added),
        tags_removed=tuple(removed),
        tags_at=_time(tags_at),
        note=note,
        note_at=_time(note_at),
    )


def _time(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def create(db: sqlite3.Connection) -> None:
    """Make the empty tables; `INDEXES` come after the rows, which takes half the time."""
    db.executescript(TABLES)
