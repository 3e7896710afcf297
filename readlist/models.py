"""The nouns: what a digest says (Paper), what the reader did (Mark), and both together (Entry).

Frozen, without I/O, and without knowledge of any file format. Times are UTC, aware, in whole seconds. What is only
ever a row of values is a named tuple: making such a class takes 0.06 ms of every start, a frozen dataclass 0.43.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """How far the reader is with a paper."""

    UNREAD = "unread"
    READING = "reading"
    READ = "read"
    SKIPPED = "skipped"


class Appearance(NamedTuple):
    """One digest that a paper appeared in: its date (None where the digest had none) and the name of its file."""

    date: dt.date | None
    source: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What the digests say of one paper; `id` is 0 and `key` empty until a store has taken it in.

    `comments` maps a language (ISO 639-1, such as "ko" and "en") to its text, paragraphs parted by a blank line.
    `digests` is every appearance, the first one first. `arxiv_id` carries no version. Empty means not known.
    """

    title: str
    authors: tuple[str, ...] = ()
    abstract: str = ""
    comments: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    arxiv_id: str = ""
    url: str = ""
    digests: tuple[Appearance, ...] = ()
    id: int = 0
    key: str = ""

    @property
    def date(self) -> dt.date | None:
        """The newest dated digest it appeared in."""
        return max((seen.date for seen in self.digests if seen.date), default=None)


@dataclass(frozen=True, slots=True)
class Mark:
    """What the reader did with the paper of this key; each field has the time of its last change, None for never.

    `tags_added` and `tags_removed` are the reader's own changes to the digests' tags; `note` is Markdown.
    """

    key: str
    status: Status = Status.UNREAD
    status_at: dt.datetime | None = None
    starred: bool = False
    starred_at: dt.datetime | None = None
    tags_added: tuple[str, ...] = ()
    tags_removed: tuple[str, ...] = ()
    tags_at: dt.datetime | None = None
    note: str = ""
    note_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper and its mark: the row that every command works on."""

    paper: Paper
    mark: Mark
    tags: tuple[str, ...]
    """The tags in effect: the digests' without the removed ones, then the reader's own."""


class Excerpt(NamedTuple):
    """One line of a field around a match; `spans` are the (start, end) character offsets to highlight in `text`."""

    field: str
    text: str
    spans: tuple[tuple[int, int], ...] = ()


class Hit(NamedTuple):
    """One search result: the higher the score the better; `matched` says where it matched, None for filters alone."""

    entry: Entry
    score: float = 0.0
    matched: Excerpt | None = None


class Correction(NamedTuple):
    """A query word that matches no paper, and the words of the vocabulary that were searched instead."""

    word: str
    replacements: tuple[str, ...]

    def __str__(self) -> str:
        replacements = ", ".join(f'"{word}"' for word in self.replacements)
        return f'No match for "{self.word}"; showing results for {replacements}'


class SearchResult(NamedTuple):
    """The result of a query: the hits asked for, and how many papers match in all.

    `corrections` are the misspelled words that were replaced; `did_you_mean` lists the closest words or tags where no
    paper matches; `partial_match` is True where no paper holds all words and the best partial matches are the hits.
    """

    hits: tuple[Hit, ...]
    total: int
    corrections: tuple[Correction, ...] = ()
    did_you_mean: tuple[str, ...] = ()
    partial_match: bool = False

    @property
    def notices(self) -> tuple[str, ...]:
        """Messages about words that were replaced or left out, a line each."""
        partial_match = "No paper has all of these words; showing the papers that have most of them"
        return (*map(str, self.corrections), *([partial_match] if self.partial_match else []))


class ResultIds(NamedTuple):
    """Every paper that a query finds, by id, in order; `result` has the first of them and what should be told."""

    ids: tuple[int, ...]
    result: SearchResult


class Suggestion(NamedTuple):
    """A paper to read next: the higher the score the better; `reason` says in a line why, "" for its date alone."""

    entry: Entry
    score: float = 0.0
    reason: str = ""
    terms: tuple[str, ...] = ()
    """The words in `reason` that the paper shares with what the reader knows."""


class Suggestions(NamedTuple):
    """Papers to read next, the best first, out of `total`; `learned` says whether the reader's history chose them."""

    papers: tuple[Suggestion, ...]
    total: int
    learned: bool


class DigestCount(NamedTuple):
    """A digest that has been loaded, with how many papers it brought and how many of them are unread.

    `location` is the source that it was found in, "" for what was piped in or is no longer remembered; `loaded_at` is
    when it was last loaded, as far as known.
    """

    digest: Appearance
    papers: int
    unread: int
    location: str = ""
    loaded_at: dt.datetime | None = None


class SourceCount(NamedTuple):
    """A tracked source: its location, its kind ("file", "folder" or "URL"), and what was loaded from it.

    `papers` counts the papers of its documents, a paper of two documents twice; `loaded_at` is when the last of them
    was loaded, None where none was.
    """

    location: str
    kind: str
    papers: int
    loaded_at: dt.datetime | None


class TagCount(NamedTuple):
    """A tag in effect, in its most frequent spelling, with how many papers carry it and how many of them are unread."""

    tag: str
    papers: int
    unread: int


class BackupCount(NamedTuple):
    """A backup of a store file: when that was saved, its size in bytes, and how many papers or marks are in it.

    `records` is None for one that is damaged or from a newer readlist.
    """

    name: str
    at: dt.datetime
    records: int | None
    size: int


class Week(NamedTuple):
    """Seven days from a Monday on, by the reader's clock: papers whose first digest is of them, and papers done."""

    monday: dt.date
    added: int = 0
    read: int = 0
    skipped: int = 0


class MonthCount(NamedTuple):
    """The papers whose first digest is of a month, "2025-02", and how many of them are unread."""

    month: str
    papers: int
    unread: int


class Stats(NamedTuple):
    """How a reader is getting on with some papers.

    `weeks` ends with this one, `months` with the newest that has papers; `longest_unread` begins with the first seen.
    """

    papers: int
    statuses: Mapping[Status, int]
    starred: int
    weeks: tuple[Week, ...]
    tags: tuple[TagCount, ...]
    months: tuple[MonthCount, ...]
    longest_unread: tuple[Entry, ...]

    @property
    def growth(self) -> int:
        """Papers that came in the weeks shown, less those that were read or skipped in them."""
        return sum(week.added - week.read - week.skipped for week in self.weeks)


class Problem(NamedTuple):
    """Something in a source that could not be placed or read; `line` counts from 1, 0 is the source as a whole."""

    source: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.reason}" if self.line else f"{self.source}: {self.reason}"


class TrackedSource(NamedTuple):
    """A file, a folder or an address that was loaded from and is looked at again by an update.

    `location` is an absolute path or a URL; `private` says that it may lead to a private address.
    """

    location: str
    private: bool = False

    def holds(self, location: str) -> bool:
        """Whether a file or page is this source, or lies in it."""
        return location == self.location or location.startswith(self.location.rstrip(os.sep) + os.sep)


class LoadedDocument(NamedTuple):
    """A file or page that was loaded, as it was then, so that it need not be read while it is the same.

    `location` is an absolute path or a URL, `name` what its papers call their digest. `version` is another one whenever
    the content is; "" is never the same. `papers` and `problems` count what was found in it.
    """

    location: str
    name: str
    version: str
    papers: int
    problems: int
    loaded_at: dt.datetime


class Provenance(NamedTuple):
    """Where papers came from, by location; in a change of it None stands for what is no longer known."""

    documents: Mapping[str, LoadedDocument | None] = {}
    sources: Mapping[str, TrackedSource | None] = {}


class SavedQuery(NamedTuple):
    """A query that the reader gave a name, by which other queries call it: `@name`; `at` is when."""

    name: str
    text: str
    at: dt.datetime


class TagAlias(NamedTuple):
    """A tag that is shown as another one wherever it stands; `old` is folded, `new` is as it is to be spelt."""

    old: str
    new: str
    at: dt.datetime


class UserDefinitions(NamedTuple):
    """What the reader named: queries by their names, tags by their old ones; in a change None is for what is gone."""

    queries: Mapping[str, SavedQuery | None] = {}
    aliases: Mapping[str, TagAlias | None] = {}

    @property
    def renamed_tags(self) -> dict[str, str]:
        """The new spelling of each renamed tag."""
        return {old: renamed.new for old, renamed in self.aliases.items() if renamed}


class AppliedEdit(NamedTuple):
    """What an edit changed: the entries that differ now, and the definitions."""

    entries: tuple[Entry, ...] = ()
    definitions: UserDefinitions = UserDefinitions()


class LoadReport(NamedTuple):
    """What a load did to the library, or would do.

    `repeated` were known and have been seen in one more digest, `unchanged` counts those that stayed as they were.
    """

    added: tuple[Paper, ...] = ()
    updated: tuple[Paper, ...] = ()
    repeated: tuple[Paper, ...] = ()
    unchanged: int = 0
    skipped_names: tuple[str, ...] = ()
    """Notes and pages in a folder that hold no paper."""
    problems: tuple[Problem, ...] = ()
    """Lines that could not be placed."""
    failures: tuple[Problem, ...] = ()
    """Sources that could not be read at all."""
