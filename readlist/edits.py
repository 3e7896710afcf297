"""Edits: everything a user can change in a library, as values that describe themselves.

    SetStatus SetStar AppendNote ReplaceNote EditTags     apply(entry) -> Mark
    SaveQuery DeleteQuery RenameTag
    AddSynonyms DeleteSynonym                             apply(definitions) -> UserDefinitions, the difference
    LoadPapers UntrackSource RestoreBackup                data that `Library.apply` hands to a transaction

`describe()` is what the history calls the edit. Edits are pure: `Library.apply` reads and writes the store. An edit
that changes nothing returns the value it was given, including its times.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from readlist.dates import utc_now
from readlist.errors import NoSuchItem, ReadlistError, UsageError
from readlist.models import Entry, Mark, SavedQuery, Status, Synonyms, TagAlias, UserDefinitions
from readlist.text import (
    clean,
    drop_ignored,
    fold,
    fold_tag,
    list_some,
    normalize_note,
    printable_line,
    require_unicode,
    split_words,
)

if TYPE_CHECKING:
    from readlist.models import LoadedDocument, Paper, TrackedSource

MAX_NOTE = 10_000
"""Characters of a note: ten pages; a longer text belongs in a file of its own."""
MAX_TITLE = 500
"""Characters of a title."""
MAX_AUTHOR = 200
"""Characters of an author's name."""
MAX_TEXT = 20_000
"""Characters of an abstract, and of the comment in one language."""
MAX_TAG = 64
"""Characters of a tag."""
MAX_QUERY_NAME = 40
"""Characters of a saved query's name."""
MAX_SAVED_QUERY = 1_000
"""Characters of a saved query; a longer one is a list of papers, for which there are tags."""
MAX_SYNONYM = 64
"""Characters of a synonym, which is a word or a phrase, not a sentence."""
MAX_SYNONYMS = 20
"""Words in a group of synonyms; a search for one of them has to look for all."""
TODAY = "today"
"""The name of the query that needs no saving: `@today` matches the new papers that the command `today` lists."""
QUERY_NAME = r"\w[\w.\u200c\u200d-]*"
"""Pattern of a saved query's name, one word, so that `@name` ends where the word ends: fresh, 2025.q2, 강화학습.
Joiners in it are dropped, where the query is saved and where it is used."""
_MIN_SYNONYMS = 2
_SYNONYMS_FORM = "write: readlist words add WORD = WORD"
_MAX_NAMES_LISTED = 10
"""Saved queries, or words with synonyms, that an error message lists."""


# Marks


class SetStatus(NamedTuple):
    """Set the reading status, as of now or of an earlier day in local time."""

    status: Status
    on: dt.date | None = None

    def describe(self) -> str:
        """Return the command that does the same: `read`, `unread`, `reading`, `skip`, `read --on 2025-02-11`."""
        return _with_day("skip" if self.status is Status.SKIPPED else self.status.value, self.on)

    def apply(self, entry: Entry) -> Mark:
        """Return the mark with this status; a read or skipped paper is no longer queued or postponed.

        One that has the status already gets another time if that is of another day.
        """
        mark = entry.mark
        if mark.later is not None and self.status in {Status.READ, Status.SKIPPED}:
            mark = replace(mark, later=None, later_at=_now())
        if mark.status is self.status and _is_of_day(mark.status_at, self.on):
            return mark
        return replace(mark, status=self.status, status_at=_time_of(self.on))


class SetStar(NamedTuple):
    """Add or remove the star, as of now or of an earlier day in local time."""

    starred: bool
    on: dt.date | None = None

    def describe(self) -> str:
        """Return `star`, `unstar` or `star --on 2025-02-11`."""
        return _with_day("star" if self.starred else "unstar", self.on)

    def apply(self, entry: Entry) -> Mark:
        """Return the mark with or without a star; the time as `SetStatus`."""
        mark = entry.mark
        if mark.starred is self.starred and _is_of_day(mark.starred_at, self.on):
            return mark
        return replace(mark, starred=self.starred, starred_at=_time_of(self.on))


def _with_day(command: str, day: dt.date | None) -> str:
    return f"{command} --on {day}" if day else command


def _is_of_day(time: dt.datetime | None, day: dt.date | None) -> bool:
    """Return whether a time is of this day in local time, which any time is of None."""
    return day is None or (time is not None and time.astimezone().date() == day)


def _time_of(day: dt.date | None) -> dt.datetime:
    """Return the time of a change that is dated: now for None and for today, else noon in local time."""
    if day is None or day == dt.date.today():
        return _now()
    return dt.datetime.combine(day, dt.time(12)).astimezone(dt.UTC)  # no change of the clocks is at noon


class AppendNote(NamedTuple):
    """Add a paragraph of Markdown to the note."""

    text: str

    def describe(self) -> str:
        """Return `note`; the history does not repeat what the user wrote."""
        return "note"

    def apply(self, entry: Entry) -> Mark:
        """Return the mark with the longer note. Raises UsageError beyond MAX_NOTE."""
        added = normalize_note(self.text)
        return _with_note(entry.mark, "\n\n".join(filter(None, (entry.mark.note, added))))


class ReplaceNote(NamedTuple):
    """Replace the note by `text`, which is Markdown; "" removes it.

    With `expected`, only where the note still is this text: it is what the user edited to make `text`.
    """

    text: str
    expected: str | None = None

    def describe(self) -> str:
        """Return `note`, or `note --clear`."""
        return "note" if self.text else "note --clear"

    def apply(self, entry: Entry) -> Mark:
        """Return the mark with the new note.

        Raises UsageError beyond MAX_NOTE, and ReadlistError where the note is no longer `expected`.
        """
        if self.expected is not None and entry.mark.note != self.expected:
            raise ReadlistError("the note was changed by another command; it was not overwritten; edit it again")
        return _with_note(entry.mark, normalize_note(self.text))


class EditTags(NamedTuple):
    """Add and remove tags of the user's own, each by its folded name.

    A digest's tag is only hidden; adding it again shows it.
    """

    added: Mapping[str, str]
    removed: Mapping[str, str]

    @classmethod
    def parse(cls, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> EditTags:
        """Read tags as a user types them. Raises UsageError for an invalid tag, and for one both added and removed."""
        added, removed = parse_tags(add), parse_tags(remove)
        if both := added.keys() & removed.keys():
            raise UsageError(f"tag is both added and removed: #{min(both)}; pass it once")
        return cls(added, removed)

    def rename(self, renamed_tags: Mapping[str, str]) -> EditTags:
        """Return the edit with the present names of these tags. Raises UsageError for one both added and removed."""
        added, removed = (
            [renamed_tags.get(name, tag) for name, tag in tags.items()] for tags in (self.added, self.removed)
        )
        return EditTags.parse(add=added, remove=removed)

    def describe(self) -> str:
        """Return `tag --add TAG --remove TAG`."""
        options = (
            *(f"--add {tag}" for tag in self.added.values()),
            *(f"--remove {tag}" for tag in self.removed.values()),
        )
        return " ".join(("tag", *options))

    def apply(self, entry: Entry) -> Mark:
        """Return the mark with these tags added and removed."""
        mark = entry.mark
        digest_tags = {fold_tag(tag): tag for tag in entry.paper.tags}
        own = {fold_tag(tag): tag for tag in mark.tags_added}
        hidden = {fold_tag(tag): tag for tag in mark.tags_removed}
        for name, tag in self.added.items():
            hidden.pop(name, None)
            if name not in digest_tags:
                own.setdefault(name, tag)
        for name in self.removed:
            own.pop(name, None)
            if name in digest_tags:
                hidden.setdefault(name, digest_tags[name])
        changed = replace(mark, tags_added=tuple(own.values()), tags_removed=tuple(hidden.values()))
        return mark if changed == mark else replace(changed, tags_at=_now())


def fill_marks(
    papers: Mapping[int, Paper],
    sources: Mapping[int, Mark],
    find_mark: Callable[[str], Mark | None],
    renamed_tags: Mapping[str, str],
) -> dict[str, Mark]:
    """Return the marks, by key, that differ once they have what loaded sources say; see `fill_mark`.

    `papers` are those of the sources as the library has them, `sources` their marks in the sources, by one number.
    """
    changed: dict[str, Mark] = {}
    for number, paper in papers.items():
        before = changed.get(paper.key) or find_mark(paper.key) or Mark(paper.key)
        mark = build_entry(paper, before, renamed_tags).mark
        after = fill_mark(mark, build_entry(paper, sources[number], renamed_tags).mark)
        if after != mark:
            changed[paper.key] = after
    return changed


def fill_mark(mark: Mark, source: Mark) -> Mark:
    """Return the mark with what a loaded source says about the paper, where the user has decided nothing.

    A status, a star, a note and `later` are filled where they were never set, nor removed again; a tag where it was
    neither added nor removed. Each time comes with its values.
    """
    has_status = mark.status is not Status.UNREAD or mark.status_at is not None
    has_later = mark.later is not None or mark.later_at is not None
    if not has_status:
        mark = replace(mark, status=source.status, status_at=source.status_at)
    if not mark.starred and mark.starred_at is None:
        mark = replace(mark, starred=source.starred, starred_at=source.starred_at)
    if not mark.note and mark.note_at is None:
        mark = replace(mark, note=source.note, note_at=source.note_at)
    if not has_later:
        mark = replace(mark, later=source.later, later_at=source.later_at)
    return _fill_tags(drop_if_done_since(mark) if has_status is not has_later else mark, source)


def drop_if_done_since(mark: Mark) -> Mark:
    """Return the mark without `later` if the paper was read or skipped after it had been queued or postponed.

    For the marks of two libraries or papers, of which one has the status and the other `later`.
    """
    if mark.later is None or mark.status not in {Status.READ, Status.SKIPPED}:
        return mark
    if mark.later_at and (mark.status_at is None or mark.later_at > mark.status_at):
        return mark  # to be read again
    return replace(mark, later=None, later_at=mark.status_at)


def _fill_tags(mark: Mark, source: Mark) -> Mark:
    decided = set(map(fold_tag, (*mark.tags_added, *mark.tags_removed)))
    added, removed = (
        tuple(tag for tag in tags if fold_tag(tag) not in decided) for tags in (source.tags_added, source.tags_removed)
    )
    if decided and not added and not removed:
        return mark
    times = [time for time in (mark.tags_at, source.tags_at) if time]
    return replace(
        mark,
        tags_added=(*mark.tags_added, *added),
        tags_removed=(*mark.tags_removed, *removed),
        tags_at=max(times, default=None) if added or removed or not mark.tags_at else mark.tags_at,
    )


class MarkEdit(Protocol):
    """An edit of one mark."""

    def describe(self) -> str:
        """Return what the history calls it, without the IDs of the papers."""
        ...

    def apply(self, entry: Entry, /) -> Mark:
        """Return the entry's mark as it is to be. Raises ReadlistError where it must not be changed."""
        ...


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


def fold_query_name(text: str) -> str:
    """Return the name under which a query is saved: without the leading @, case folded.

    >>> fold_query_name("@Fresh")
    'fresh'

    Raises UsageError for an invalid name.
    """
    name = drop_ignored(clean(text)).removeprefix("@").casefold()
    if not re.fullmatch(QUERY_NAME, name) or len(name) > MAX_QUERY_NAME:
        form = f"a name is one word of letters, digits, - and ., at most {MAX_QUERY_NAME} characters"
        raise UsageError(f"invalid query name: {clean(text)}; {form}")
    return name


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


# Papers and sources


class LoadPapers(NamedTuple):
    """Add papers that loaders read, each in a digest, and remember the documents and sources that they came from."""

    papers: Sequence[Paper]
    documents: Sequence[LoadedDocument]
    sources: Sequence[TrackedSource]
    command: str
    """The command line, without counts: `load seeds`, `update`."""
    marks: Mapping[int, Mark] = {}
    """What the sources say about the user's reading, by the number of the paper in `papers`; see `fill_mark`."""
    moved: Sequence[str] = ()
    """The former locations of documents that are now at another one."""

    def describe(self) -> str:
        """Return the command line."""
        return self.command


class UntrackSource(NamedTuple):
    """Stop loading a source on `update`; its papers stay."""

    location: str

    def describe(self) -> str:
        """Return `sources forget SOURCE`."""
        from readlist.redaction import redact_url

        return f"sources forget {redact_url(clean(self.location))}"


class RestoreBackup(NamedTuple):
    """Bring the records of a store file back to those of a backup."""

    name: str
    records: Mapping[str, Mapping[str, Mapping[str, object] | None]]
    """Table -> ID -> record as the backup has it, None where it has none; only those that differ."""

    def describe(self) -> str:
        """Return `backup restore NAME`."""
        return f"backup restore {self.name}"


Edit: TypeAlias = MarkEdit | DefinitionsEdit | LoadPapers | UntrackSource | RestoreBackup


def stub_title(arxiv_id: str, doi: str, url: str) -> str:
    """Return the title of a paper of which only an identifier is known, "" for one without any.

    >>> stub_title("2502.06781", "", ""), stub_title("", "10.1000/182", "")
    ('arXiv:2502.06781', 'doi:10.1000/182')
    """
    if arxiv_id:
        return f"arXiv:{arxiv_id}"
    return f"doi:{doi}" if doi else url


# Entries


def build_entry(paper: Paper, mark: Mark | None, renamed_tags: Mapping[str, str] | None = None) -> Entry:
    """Join a paper and its mark to the row that commands work on, with the tags in effect.

    `renamed_tags` maps folded tags to their new spelling, none of which is renamed itself, so that building an entry
    from the paper and mark of an entry changes nothing.
    """
    if renamed_tags:
        paper, mark = _rename_tags(paper, mark, renamed_tags)
    if mark is None:
        return Entry(paper, Mark(paper.key), paper.tags)
    removed = {fold_tag(tag) for tag in mark.tags_removed}
    in_effect: dict[str, str] = {}
    for tag in (*paper.tags, *mark.tags_added):
        if fold_tag(tag) not in removed:
            in_effect.setdefault(fold_tag(tag), tag)
    return Entry(paper, mark, tuple(in_effect.values()))


def _rename_tags(paper: Paper, mark: Mark | None, renamed_tags: Mapping[str, str]) -> tuple[Paper, Mark | None]:
    if (tags := _renamed(paper.tags, renamed_tags)) != paper.tags:
        paper = replace(paper, tags=tags)
    if mark and (mark.tags_added or mark.tags_removed):
        added, removed = _renamed(mark.tags_added, renamed_tags), _renamed(mark.tags_removed, renamed_tags)
        own = {fold_tag(tag) for tag in added}
        mark = replace(mark, tags_added=added, tags_removed=tuple(tag for tag in removed if fold_tag(tag) not in own))
    return paper, mark


def _renamed(tags: Sequence[str], renamed_tags: Mapping[str, str]) -> tuple[str, ...]:
    """Return the tags under their new names, each once."""
    by_name: dict[str, str] = {}
    for tag in tags:
        new = renamed_tags.get(fold_tag(tag), tag)
        by_name.setdefault(fold_tag(new), new)
    return tuple(by_name.values())


def parse_tags(names: Iterable[str]) -> dict[str, str]:
    """Read tags as a user types them; returns folded name -> spelling. Raises UsageError for an invalid tag."""
    tags = {}
    for name in map(printable_line, map(require_unicode, names)):
        tag = name.lstrip("#")
        if not tag or len(tag) > MAX_TAG or " " in tag:
            raise UsageError(f"invalid tag: {name or '(empty)'}; a tag is one word of at most {MAX_TAG} characters")
        tags[fold_tag(tag)] = tag
    return tags


def _with_note(mark: Mark, text: str) -> Mark:
    require_unicode(text)
    if len(text) > MAX_NOTE:
        raise UsageError(f"note is too long: {len(text):,} characters; the maximum is {MAX_NOTE:,}")
    return mark if text == mark.note else replace(mark, note=text, note_at=_now())


def _now() -> dt.datetime:
    return utc_now().replace(microsecond=0)
