"""What the user defined besides papers and marks: saved queries, renamed tags and synonyms."""

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple


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
