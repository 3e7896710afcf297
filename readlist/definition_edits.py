"""Edits of definitions: saved queries, tag aliases and synonyms, as values that describe themselves.

    SaveQuery DeleteQuery RenameTag
    AddSynonyms DeleteSynonym         apply(definitions) -> UserDefinitions, the difference

`describe()` is what the history calls the edit, see `edits`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from readlist.dates import utc_now
from readlist.definitions import SavedQuery, Synonyms, TagAlias, UserDefinitions
from readlist.edits import parse_tags
from readlist.errors import NoSuchItem, UsageError
from readlist.query_names import TODAY, fold_query_name
from readlist.text import clean, fold, fold_tag, list_some, require_unicode, split_words

MAX_SAVED_QUERY = 1_000
"""Characters of a saved query; a longer one is a list of papers, for which there are tags."""
MAX_SYNONYM = 64
"""Characters of a synonym, which is a word or a phrase, not a sentence."""
MAX_SYNONYMS = 20
"""Words in a group of synonyms; a search for one of them has to look for all."""
_MIN_SYNONYMS = 2
_SYNONYMS_FORM = "write: readlist words add WORD = WORD"
_MAX_NAMES_LISTED = 10
"""Saved queries, or words with synonyms, that an error message lists."""


# Saved queries


class SaveQuery(NamedTuple):
    """Save a query under a name, in place of the one that had it."""

    name: str
    text: str
    sort: str = ""

    @classmethod
    def parse(cls, name: str, text: str, sort: str = "") -> SaveQuery:
        """Check name and query as a user types them. Raises UsageError for an invalid name or query."""
        text = clean(require_unicode(text))
        if not text:
            raise UsageError("an empty query would match every paper; write is:unread, tag:rl, date:2024..")
        if len(text) > MAX_SAVED_QUERY:
            raise UsageError(
                f"query is too long to be saved: {len(text):,} characters; the maximum is {MAX_SAVED_QUERY:,}"
            )
        name = fold_query_name(name)
        if name == TODAY:
            raise UsageError(f"@{TODAY} is a query of readlist itself; choose another name")
        return cls(name, text, sort)

    def describe(self) -> str:
        """Return `query save NAME`."""
        return f"query save {self.name}"

    def apply(self, known: UserDefinitions) -> UserDefinitions:
        """Return the saved query, or nothing where it is saved already."""
        before = known.queries.get(self.name)
        if before and (before.text, before.sort) == (self.text, self.sort):
            return UserDefinitions()
        return UserDefinitions({self.name: SavedQuery(self.name, self.text, _now(), self.sort)})


class DeleteQuery(NamedTuple):
    """Delete a saved query."""

    name: str

    def describe(self) -> str:
        """Return `query delete NAME`."""
        return f"query delete {self.name}"

    def apply(self, known: UserDefinitions) -> UserDefinitions:
        """Return the deletion. Raises NoSuchItem where no query has this name."""
        find_saved_query(known, self.name)
        return UserDefinitions({self.name: None})


def find_saved_query(known: UserDefinitions, name: str) -> SavedQuery:
    """Return the saved query of this name. Raises NoSuchItem, which lists those that exist."""
    if saved := known.queries.get(name):
        return saved
    raise NoSuchItem(f"no saved query: @{name}; {_list_names(known.queries)}")


def _list_names(names: Collection[str]) -> str:
    if not names:
        return "no query is saved yet"
    listed = ", ".join(f"@{name}" for name in sorted(names)[:_MAX_NAMES_LISTED])
    return f"saved queries: {listed}{' and others' * (len(names) > _MAX_NAMES_LISTED)}"


# Tag aliases


class RenameTag(NamedTuple):
    """Show a tag under another name on every paper, also on papers loaded later; the two are one tag from then on.

    `old` and `new` are folded, `spelling` is how `new` is shown.
    """

    old: str
    new: str
    spelling: str

    @classmethod
    def parse(cls, old: str, new: str) -> RenameTag:
        """Read tags as a user types them. Raises UsageError for an invalid tag."""
        (old_tag,), ((new_tag, spelling),) = parse_tags([old]), parse_tags([new]).items()
        return cls(old_tag, new_tag, spelling)

    def describe(self) -> str:
        """Return `tags rename OLD NEW`."""
        return f"tags rename {self.old} {self.spelling}"

    def apply(self, known: UserDefinitions) -> UserDefinitions:
        """Return the aliases that change.

        An alias never leads to another alias: tags that were renamed to `old` are renamed too, and where `new` is
        itself an alias, its target is taken, unless that is `old`. A tag may be renamed to another spelling of itself.
        """
        target = known.renamed_tags.get(self.new, self.spelling)
        to = self.spelling if fold_tag(target) in (self.old, self.new) else target
        olds = {self.old, *(name for name, tag in known.renamed_tags.items() if fold_tag(tag) == self.old)}
        aliases: dict[str, TagAlias | None] = {
            name: TagAlias(name, to, _now()) for name in olds if known.renamed_tags.get(name) != to
        }
        if fold_tag(to) in known.aliases and fold_tag(to) != self.old:
            aliases[fold_tag(to)] = None
        return UserDefinitions(aliases=aliases)


# Synonyms


class AddSynonyms(NamedTuple):
    """Let words mean the same; with those that have synonyms already, their groups become one."""

    words: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> AddSynonyms:
        """Read words or phrases with "=" between them. Raises UsageError for invalid ones, or fewer than two."""
        text = clean(require_unicode(text))
        words = _drop_duplicates(map(_parse_synonym, text.split("=")))
        if len(words) < _MIN_SYNONYMS:
            raise UsageError(f"synonyms need two different words: {text}; {_SYNONYMS_FORM}")
        _require_few(words)
        return cls(words)

    def describe(self) -> str:
        """Return `words add WORD = WORD`."""
        return f"words add {format_synonyms(self.words)}"

    def apply(self, known: UserDefinitions) -> UserDefinitions:
        """Return the groups that change, nothing where the words are in one group already.

        Where some of the words are in groups, all of these become one; the words of the group with the smallest key
        come first. Raises UsageError where that would be more than MAX_SYNONYMS words.
        """
        names = set(map(fold, self.words))
        groups = {
            key: group
            for key, group in sorted(known.synonyms.items())
            if group and not names.isdisjoint(map(fold, group.words))
        }
        words = _drop_duplicates([*(word for group in groups.values() for word in group.words), *self.words])
        if [words] == [group.words for group in groups.values()]:
            return UserDefinitions()
        _require_few(words)
        return UserDefinitions(synonyms={**dict.fromkeys(groups), **_group(words)})


class DeleteSynonym(NamedTuple):
    """Remove a word from its group of synonyms; a group of which one word is left is deleted."""

    word: str

    @classmethod
    def parse(cls, text: str) -> DeleteSynonym:
        """Read a word or phrase as a user types it. Raises UsageError for an empty one."""
        word = clean(require_unicode(text))
        if not word:
            raise UsageError("empty word; write: readlist words delete WORD")
        return cls(word)

    def describe(self) -> str:
        """Return `words delete WORD`."""
        return f"words delete {self.word}"

    def apply(self, known: UserDefinitions) -> UserDefinitions:
        """Return the group without the word, or its deletion. Raises NoSuchItem where the word has no synonyms."""
        name = fold(self.word)
        groups = {key: group for key, group in known.synonyms.items() if group and name in map(fold, group.words)}
        if not groups:
            raise NoSuchItem(f"no synonyms of: {self.word}; {_list_synonyms(known)}")
        changed: dict[str, Synonyms | None] = dict.fromkeys(groups)
        for group in groups.values():
            changed |= _group(tuple(word for word in group.words if fold(word) != name))
        return UserDefinitions(synonyms=changed)


def _parse_synonym(text: str) -> str:
    """Return a word or phrase as it is stored. Raises UsageError for one that is empty, too long or no word."""
    word = clean(text)
    if not word:
        raise UsageError(f"empty word; {_SYNONYMS_FORM}")
    if not split_words(word):
        raise UsageError(f"no letter or digit in: {word}; {_SYNONYMS_FORM}")
    if len(word) > MAX_SYNONYM:
        raise UsageError(f"word is too long: {len(word):,} characters; the maximum is {MAX_SYNONYM}: {word}")
    return word


def format_synonyms(words: Iterable[str]) -> str:
    """Return words as `AddSynonyms.parse` reads them."""
    return " = ".join(words)


def _drop_duplicates(words: Iterable[str]) -> tuple[str, ...]:
    """Return the words in order, of several spellings that `fold` makes equal the first."""
    by_name: dict[str, str] = {}
    for word in words:
        by_name.setdefault(fold(word), word)
    return tuple(by_name.values())


def _require_few(words: Sequence[str]) -> None:
    if len(words) > MAX_SYNONYMS:
        raise UsageError(f"too many synonyms in one group: {len(words):,}; the maximum is {MAX_SYNONYMS}")


def _group(words: tuple[str, ...]) -> dict[str, Synonyms | None]:
    """Return these words as a group by its key, none where they are too few."""
    return {fold(words[0]): Synonyms(words, _now())} if len(words) >= _MIN_SYNONYMS else {}


def _list_synonyms(known: UserDefinitions) -> str:
    words = sorted(word for group in known.synonyms.values() if group for word in group.words)
    return f"words with synonyms: {list_some(words, _MAX_NAMES_LISTED)}" if words else "there are no synonyms yet"


DefinitionsEdit: TypeAlias = SaveQuery | DeleteQuery | RenameTag | AddSynonyms | DeleteSynonym


def _now() -> dt.datetime:
    return utc_now().replace(microsecond=0)
