"""The data model: a paper as the digests have it (Paper), what the user did with it (Mark), and both together (Entry).

Named tuples, without I/O and without knowledge of any file format: to create such a class at start-up, and its values,
takes a fraction of the time that a frozen dataclass takes. For the same reason the annotations are not strings, each of
which would be compiled. They equal any tuple of the same values, so values of two classes are never compared; the
identity codes of a paper count as well. Times are UTC, aware, in whole seconds.
"""

import datetime as dt
from collections.abc import Mapping
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


class Order(NamedTuple):
    """An order in which papers are listed: one of `search.orders.ORDERS`, perhaps reversed."""

    name: str
    is_reversed: bool = False

    def __str__(self) -> str:
        """Return the order as a user types it."""
        return f"-{self.name}" if self.is_reversed else self.name


RELEVANCE, NEWEST = Order("relevance"), Order("date")
"""The usual orders of `search` and of `list`."""
