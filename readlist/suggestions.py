"""Papers that are suggested to be read: by `next`, `similar` and `today`."""

from typing import NamedTuple

from readlist.models import Entry


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
