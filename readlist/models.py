"""The data model: a paper as the digests have it (Paper), what the user did with it (Mark), and both together (Entry).

Named tuples, without I/O and without knowledge of any file format: creating such a class at start-up costs a tenth of a
frozen dataclass, and creating a value a third. For the same reason the annotations are not strings, each of which would
be compiled. Times are UTC, aware, in whole seconds.
"""

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """The reading status of a paper."""

    UNREAD = "unread"
    READING = "reading"
    READ = "read"
    SKIPPED = "skipped"


class PaperRef(NamedTuple):
    """Names a paper across time: the key decides, the ID is where the store looks first.

    An ID is valid only together with the papers.json that it was read from: in the file of another machine it may be
    that of another paper.
    """

    id: int
    key: str


class Appearance(NamedTuple):
    """A digest that a paper appeared in: its date, None where it has none, and the name of its file or page.

    The name is "" where the paper was added by hand, on that date: that is no digest.
    """

    date: dt.date | None
    source: str


MAX_POSITION = 10**12
"""The largest position in the queue of papers to read next, by which numbers of other programs are bounded."""


class FieldCorrection(NamedTuple):
    """The user's value of a field of a paper, and when it was entered, in UTC.

    It is a text, for the authors a tuple of names, for the date an ISO date; "" means that there is none.
    """

    value: str | tuple[str, ...]
    at: dt.datetime


class Paper(NamedTuple):
    """A paper as the digests describe it; `id` is 0 and `key` "" until it is stored.

    A paper that was read from an export of readlist has the key of the library that was exported.

    `comments` maps a language (ISO 639-1: "ko", "en") to its text, paragraphs separated by a blank line. `digests` are
    all appearances, the first one first. `arxiv_id` has no version, `doi` is in lower case and never one of arXiv.
    `loaded_at` is when a library first had the paper. Empty means not known.

    Of a stored paper, `corrections` has the fields that the user corrected, by their names, with "date" for the date of
    the newest digest; the fields have the corrected values. `merged` are the papers that were merged into this one,
    `deleted_at` is when the user deleted it, None where it is not deleted. `identity_codes` are those by which a load
    finds it in the index, see `store.identity_codes`; only a paper that goes into the index has them.
    """

    title: str
    authors: tuple[str, ...] = ()
    abstract: str = ""
    comments: Mapping[str, str] = {}
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    arxiv_id: str = ""
    url: str = ""
    digests: tuple[Appearance, ...] = ()
    id: int = 0
    key: str = ""
    doi: str = ""
    loaded_at: dt.datetime | None = None
    corrections: Mapping[str, FieldCorrection] = {}
    merged: tuple[PaperRef, ...] = ()
    deleted_at: dt.datetime | None = None
    identity_codes: tuple[int, ...] = ()

    @property
    def ref(self) -> PaperRef:
        """The reference by which a change names this paper."""
        return PaperRef(self.id, self.key)

    @property
    def date(self) -> dt.date | None:
        """The date of the newest dated digest."""
        if len(self.digests) == 1:  # as nearly every paper has
            return self.digests[0].date
        return max((appearance.date for appearance in self.digests if appearance.date), default=None)

    @property
    def first_date(self) -> dt.date | None:
        """The date of the earliest dated digest."""
        if len(self.digests) == 1:
            return self.digests[0].date
        return min((appearance.date for appearance in self.digests if appearance.date), default=None)


class Mark(NamedTuple):
    """What the user did with the paper of this key; each field has the time of its last change, None for never.

    `tags_added` and `tags_removed` are the user's own changes to the digests' tags; `note` is Markdown. `later` is
    the date until which the paper is postponed, or its position in the queue of papers to read next, an ascending
    number.
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
    later: int | dt.date | None = None
    later_at: dt.datetime | None = None


class PersonMark(NamedTuple):
    """The mark of another person of a lab, as far as it is shared: status, star, added tags and note, with times."""

    person: str
    mark: Mark


class Entry(NamedTuple):
    """A paper and its mark: the row that every command works on."""

    paper: Paper
    mark: Mark
    tags: tuple[str, ...]
    """The tags in effect: those of the digests without the removed ones, then the user's own."""
    others: tuple[PersonMark, ...] = ()
    """The marks of other persons of a lab, by their names; only where the entry was read from the index."""

    @property
    def stars_of_others(self) -> int:
        """How many other persons starred the paper."""
        return sum(other.mark.starred for other in self.others)

    @property
    def votes(self) -> int:
        """How many persons starred the paper, the user included."""
        return self.mark.starred + self.stars_of_others


# Search


class Order(NamedTuple):
    """An order in which papers are listed: one of `search.orders.ORDERS`, perhaps reversed."""

    name: str
    is_reversed: bool = False

    def __str__(self) -> str:
        """Return the order as a user types it."""
        return f"-{self.name}" if self.is_reversed else self.name


RELEVANCE, NEWEST = Order("relevance"), Order("date")
"""The usual orders of `search` and of `list`."""


class Excerpt(NamedTuple):
    """One line of a field around a match; `spans` are the (start, end) character offsets to highlight in `text`."""

    field: str
    text: str
    spans: tuple[tuple[int, int], ...] = ()


class Hit(NamedTuple):
    """One search result, the better the higher its score; `matched` is None where only filters matched.

    `is_partial` says that the paper does not have all words of the query.
    """

    entry: Entry
    score: float = 0.0
    matched: Excerpt | None = None
    is_partial: bool = False


class Correction(NamedTuple):
    """A query word that no paper contains, and the vocabulary words searched for instead."""

    word: str
    replacements: tuple[str, ...]

    def __str__(self) -> str:
        replacements = ", ".join(f'"{word}"' for word in self.replacements)
        return f'No match for "{self.word}"; showing results for {replacements}'


MAX_ADDITIONS = 3
"""Words of a query for which a notice names others."""


class Replacement(NamedTuple):
    """A word of a query, and words that mean the same, which papers were found by that do not have it."""

    word: str
    replacements: tuple[str, ...]

    def __str__(self) -> str:
        replacements = ", ".join(f'"{word}"' for word in self.replacements)
        return f'{replacements} for "{self.word}"'


class Exclusion(NamedTuple):
    """A filter of a query that no paper satisfies, of the `papers` that have its words."""

    filter: str
    papers: int

    def __str__(self) -> str:
        return f"{self.papers:,} {'matches' if self.papers == 1 else 'match'} without {self.filter}"


class SearchResult(NamedTuple):
    """The result of a query: the hits asked for, and how many papers have all of its words.

    `corrections` are the words that no paper has, `additions` what was searched for as well; `did_you_mean` lists the
    closest words or tags where no paper matches, `exclusion` is the filter to which that is due.
    """

    hits: tuple[Hit, ...]
    total: int
    corrections: tuple[Correction, ...] = ()
    did_you_mean: tuple[str, ...] = ()
    additions: tuple[Replacement, ...] = ()
    exclusion: Exclusion | None = None

    @property
    def notices(self) -> tuple[str, ...]:
        """Messages about words that were replaced or added, a line each."""
        return (*map(str, self.corrections), *self._addition_notices)

    @property
    def _addition_notices(self) -> tuple[str, ...]:
        if not self.additions:
            return ()
        added = "; ".join(map(str, self.additions[:MAX_ADDITIONS]))
        others = f"; and for {len(self.additions) - MAX_ADDITIONS} more" if len(self.additions) > MAX_ADDITIONS else ""
        return (f"Also searching {added}{others} (quote a word to search only this)",)


class ResultIds(NamedTuple):
    """All papers that match a query, in order; `result` has the first of them and the notices."""

    papers: tuple[PaperRef, ...]
    result: SearchResult

    @property
    def ids(self) -> tuple[int, ...]:
        """The IDs of the papers."""
        return tuple(paper.id for paper in self.papers)


class PaperStatuses(NamedTuple):
    """The status of each paper by its ID, in a library whose papers are of this `version`.

    The version is the same as long as no paper and no ID changes. `keys` has the key of each paper by its ID, None
    where the version is the one that the caller knows.
    """

    version: str
    by_id: Mapping[int, Status]
    keys: Mapping[int, str] | None


class Suggestion(NamedTuple):
    """A paper to read next, the better the higher its score; `reason` is a line, "" where only its date counts."""

    entry: Entry
    score: float = 0.0
    reason: str = ""
    terms: tuple[str, ...] = ()
    """The words in `reason` that the paper shares with papers the user liked."""


class Suggestions(NamedTuple):
    """Papers to read next, the best first, out of `total`; `learned` says whether the user's history ranked them."""

    papers: tuple[Suggestion, ...]
    total: int
    learned: bool


class DailyPapers(NamedTuple):
    """The papers of `today`: new ones, due ones, queued ones, and undecided ones of the days before.

    Where nothing is new, so `is_new` is false, `new` are those of the newest digest. Of the `total` papers there,
    `undecided` are unread and not queued or postponed; `new` are the best of these. `earlier` are the best of
    `earlier_total` papers. `last_id` is the last ID of the library.
    """

    new: tuple[Suggestion, ...]
    total: int
    undecided: int
    is_new: bool
    due: tuple[Entry, ...]
    queued: tuple[Entry, ...]
    earlier: tuple[Suggestion, ...]
    earlier_total: int
    last_id: int


# Counts


class DigestCount(NamedTuple):
    """A loaded digest, with how many papers it contains and how many of them are unread.

    `location` is the source that contains it, "" for stdin or a source that is no longer tracked; `loaded_at` is when
    it was last loaded, None where that is not known.
    """

    digest: Appearance
    papers: int
    unread: int
    location: str = ""
    loaded_at: dt.datetime | None = None


class SourceCount(NamedTuple):
    """A tracked source: its location, its kind ("file", "directory" or "URL"), and what was loaded from it.

    `papers` counts the papers of its documents, a paper of two documents twice; `loaded_at` is when the last of them
    was loaded, None where none was. `only` is the query that its papers must match to be loaded, "" for all of them.
    """

    location: str
    kind: str
    papers: int
    loaded_at: dt.datetime | None
    only: str = ""


class TagCount(NamedTuple):
    """A tag in effect, in its most frequent spelling, with how many papers have it and how many of them are unread."""

    tag: str
    papers: int
    unread: int


class RestoreReport(NamedTuple):
    """What restoring a backup changes: how many papers or marks are restored, changed and removed.

    `at` is when the backup was saved, `definitions` the number of saved queries, tag names, synonym groups or sources
    that differ. Without a name: the file was missing or foreign, and no backup is chosen yet, or there was none.
    """

    name: str = ""
    at: dt.datetime | None = None
    restored: int = 0
    changed: int = 0
    removed: int = 0
    definitions: int = 0


class BackupCount(NamedTuple):
    """A backup of a store file: when it was saved, its size in bytes, and how many papers or marks it contains.

    `records` is None where the backup is corrupt or written by a newer version.
    """

    name: str
    at: dt.datetime
    records: int | None
    size: int


# Sources


class Problem(NamedTuple):
    """A part of a source that could not be read or assigned; `line` counts from 1, 0 is the source as a whole."""

    source: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.reason}" if self.line else f"{self.source}: {self.reason}"


class TrackedSource(NamedTuple):
    """A file, directory or URL that was loaded and is read again by `update`.

    `location` is an absolute path or a URL; `private` permits that it leads to a private address. `only` is the query
    that its papers must match to be loaded, "" for all of them.
    """

    location: str
    private: bool = False
    only: str = ""

    def contains(self, location: str) -> bool:
        """Return whether a file or page is this source, or is inside it."""
        return location == self.location or location.startswith(self.location.rstrip(os.sep) + os.sep)


class LoadedDocument(NamedTuple):
    """A file or page that was loaded; while it is unchanged, it is not read again.

    `location` is an absolute path or a URL, `name` what its papers call their digest. `version` changes with the
    content; "" is never the same. `papers` and `problems` count what was found in it, without the papers `left_out`,
    which do not match the query of its source.
    """

    location: str
    name: str
    version: str
    papers: int
    problems: int
    loaded_at: dt.datetime
    left_out: int = 0


class Provenance(NamedTuple):
    """Where papers came from, by location; in a difference None means deleted."""

    documents: Mapping[str, LoadedDocument | None] = {}
    sources: Mapping[str, TrackedSource | None] = {}


class MergeResult(NamedTuple):
    """What merging loaded papers changes; a paper that is loaded twice counts once.

    `repeated` were known and appear in one more digest, `unchanged` counts those that stayed the same.
    """

    added: Sequence[Paper] = ()
    updated: Sequence[Paper] = ()
    repeated: Sequence[Paper] = ()
    withdrawn: Sequence[Paper] = ()
    """Papers that are no longer in a file in which they were."""
    unchanged: int = 0
    deleted: int = 0
    """Papers that the user deleted."""
    marks: int = 0
    """Papers whose mark has more than before: a status, a star, tags or a note."""


class LoadReport(NamedTuple):
    """What a load changed, or would change.

    `repeated` were known and appear in one more digest, `unchanged` counts those that stayed the same, `marks` papers
    whose mark has more than before.
    """

    added: Sequence[Paper] = ()
    updated: Sequence[Paper] = ()
    repeated: Sequence[Paper] = ()
    unchanged: int = 0
    skipped_names: tuple[str, ...] = ()
    """Notes and pages in a directory that contain no paper."""
    problems: tuple[Problem, ...] = ()
    """Lines that could not be assigned."""
    failures: tuple[Problem, ...] = ()
    """Sources that could not be read at all."""
    marks: int = 0
    withdrawn: Sequence[Paper] = ()
    """Papers that are no longer in a file in which they were."""
    deleted: int = 0
    """Papers that the user deleted."""
    left_out: int = 0
    """Papers that do not match the query of their source."""
    revisions: int = 0
    """New versions of papers that a feed announces, which are not loaded."""


# Definitions


class SavedQuery(NamedTuple):
    """A query that the user saved under a name, by which other queries refer to it: `@name`; `at` is when.

    `sort` is the order in which a list of its papers alone is shown, as the user wrote it, "" for the usual one.
    """

    name: str
    text: str
    at: dt.datetime
    sort: str = ""


class TagAlias(NamedTuple):
    """A tag that is shown under another name on every paper; `old` is folded, `new` is the spelling to show."""

    old: str
    new: str
    at: dt.datetime


class Synonyms(NamedTuple):
    """A group of words or phrases that mean the same, as the user wrote them; `at` is when the group last changed."""

    words: tuple[str, ...]
    at: dt.datetime


class UserDefinitions(NamedTuple):
    """Saved queries by name, tag aliases by the folded old name, and synonyms by the folded first word of their group.

    In a difference None means deleted.
    """

    queries: Mapping[str, SavedQuery | None] = {}
    aliases: Mapping[str, TagAlias | None] = {}
    synonyms: Mapping[str, Synonyms | None] = {}

    @property
    def renamed_tags(self) -> dict[str, str]:
        """The new spelling of each renamed tag, by its folded old name."""
        return {old: alias.new for old, alias in self.aliases.items() if alias}


class AppliedEdit(NamedTuple):
    """What an edit changed: the entries, definitions and provenance that differ, as they are now.

    `merged` says what became of the papers of a load.
    """

    entries: Sequence[Entry] = ()
    definitions: UserDefinitions = UserDefinitions()
    provenance: Provenance = Provenance()
    merged: MergeResult = MergeResult()
