"""What a reader can name, queries and tags: each change is a function of the names as they are, and gives what changes.

A change that changes nothing gives none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from readlist import edits
from readlist.errors import NoSuchItem, UsageError
from readlist.models import Names, RenamedTag, SavedQuery
from readlist.text import clean, fold_tag

if TYPE_CHECKING:
    from collections.abc import Collection

Change: TypeAlias = Callable[[Names], Names]

MAX_NAME = 40
"""Characters of the name of a query."""
MAX_SAVED = 1_000
"""Characters of a saved query: what takes more is a list, and lists are made of tags. A query may call a thousand."""
NAME = r"\w[\w.-]*"
"""A word, so that `@name` ends where the word does: fresh, to-read, 2025.q2, 강화학습."""
_NAMED = 10
"""Queries that are named where one is not found."""


def folded_name(text: str) -> str:
    """The name of a query as it is kept, without the @ that it may be typed with; case does not matter.

    >>> folded_name("@Fresh")
    'fresh'

    Raises UsageError for what cannot be a name.
    """
    name = clean(text).removeprefix("@").casefold()
    if not re.fullmatch(NAME, name) or len(name) > MAX_NAME:
        raise UsageError(
            f"not a name: '{clean(text)}'; a name is one word of letters, digits, - and . ({MAX_NAME} at most)"
        )
    return name


def save_query(name: str, text: str) -> Change:
    """Give a query a name, in place of what had it before. Raises UsageError for one that is too long or empty."""
    text = clean(text)
    if not text:
        raise UsageError("an empty query would mean every paper; write is:unread, tag:rl, date:2024..")
    if len(text) > MAX_SAVED:
        raise UsageError(f"a saved query has {MAX_SAVED:,} characters at most; this one has {len(text):,}")

    def change(known: Names) -> Names:
        before = known.queries.get(name)
        return Names() if before and before.text == text else Names({name: SavedQuery(name, text, _now())})

    return change


def delete_query(name: str) -> Change:
    """Let go of a saved query. The change raises NoSuchItem where there is none."""

    def change(known: Names) -> Names:
        if not known.queries.get(name):
            raise NoSuchItem(f"no saved query @{name}{_there_are(known.queries)}")
        return Names({name: None})

    return change


def find_query(known: Names, name: str) -> SavedQuery:
    """The query of this name. Raises NoSuchItem."""
    if saved := known.queries.get(name):
        return saved
    raise NoSuchItem(f"no saved query @{name}{_there_are(known.queries)}")


def rename_tag(old: str, new: str) -> Change:
    """Show a tag as another one wherever it stands, now and in what is loaded later; the two are one from then on.

    No name leads to a second one: what was renamed to `old` goes with it, and where `new` has another name itself, that
    one is meant, unless it is `old`: renaming back is what it says. A tag may be renamed to another spelling of itself.
    Raises UsageError for what is no tag.
    """
    (before,), ((after, spelt),) = edits.named_tags([old]), edits.named_tags([new]).items()

    def change(known: Names) -> Names:
        meant = known.tags.get(after, spelt)
        to = spelt if fold_tag(meant) in (before, after) else meant
        olds = {before, *(name for name, tag in known.tags.items() if fold_tag(tag) == before)}
        made: dict[str, RenamedTag | None] = {
            name: RenamedTag(name, to, _now()) for name in olds if known.tags.get(name) != to
        }
        if fold_tag(to) in known.renames and fold_tag(to) != before:
            made[fold_tag(to)] = None
        return Names(renames=made)

    return change


def _there_are(names: Collection[str]) -> str:
    named = ", ".join(f"@{name}" for name in sorted(names)[:_NAMED])
    return f"; there are {named}{' and others' * (len(names) > _NAMED)}" if named else "; there is none yet"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)
