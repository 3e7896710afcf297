"""Edits of marks, and what a load changes, as values that describe themselves.

    SetStatus SetStar AppendNote ReplaceNote EditTags     apply(entry) -> Mark; also `later.Postpone`
    LoadPapers UntrackSource RestoreBackup                data that `Library.apply` hands to a transaction

`describe()` is what the history calls the edit. Edits are pure: `Library.apply` reads and writes the store. An edit
that changes nothing returns the value it was given, including its times.

Corrections of papers are in `paper_edits`, saved queries, tag names and synonyms in `definition_edits`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from readlist.dates import utc_now
from readlist.errors import ReadlistError, UsageError
from readlist.models import Entry, Mark, Status
from readlist.text import (
    clean,
    fold_tag,
    normalize_note,
    printable_line,
    require_unicode,
)

if TYPE_CHECKING:
    from readlist.models import Paper
    from readlist.sources import LoadedDocument, TrackedSource

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
            mark = mark._replace(later=None, later_at=_now())
        if mark.status is self.status and _is_of_day(mark.status_at, self.on):
            return mark
        return mark._replace(status=self.status, status_at=_time_of(self.on))


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
        return mark._replace(starred=self.starred, starred_at=_time_of(self.on))


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
        changed = mark._replace(tags_added=tuple(own.values()), tags_removed=tuple(hidden.values()))
        return mark if changed == mark else changed._replace(tags_at=_now())


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
        mark = mark._replace(status=source.status, status_at=source.status_at)
    if not mark.starred and mark.starred_at is None:
        mark = mark._replace(starred=source.starred, starred_at=source.starred_at)
    if not mark.note and mark.note_at is None:
        mark = mark._replace(note=source.note, note_at=source.note_at)
    if not has_later:
        mark = mark._replace(later=source.later, later_at=source.later_at)
    return _fill_tags(drop_if_done_since(mark) if has_status is not has_later else mark, source)


def drop_if_done_since(mark: Mark) -> Mark:
    """Return the mark without `later` if the paper was read or skipped after it had been queued or postponed.

    For the marks of two libraries or papers, of which one has the status and the other `later`.
    """
    if mark.later is None or mark.status not in {Status.READ, Status.SKIPPED}:
        return mark
    if mark.later_at and (mark.status_at is None or mark.later_at > mark.status_at):
        return mark  # to be read again
    return mark._replace(later=None, later_at=mark.status_at)


def _fill_tags(mark: Mark, source: Mark) -> Mark:
    decided = set(map(fold_tag, (*mark.tags_added, *mark.tags_removed)))
    added, removed = (
        tuple(tag for tag in tags if fold_tag(tag) not in decided) for tags in (source.tags_added, source.tags_removed)
    )
    if decided and not added and not removed:
        return mark
    times = [time for time in (mark.tags_at, source.tags_at) if time]
    return mark._replace(
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


Edit: TypeAlias = MarkEdit | LoadPapers | UntrackSource | RestoreBackup


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
        paper = paper._replace(tags=tags)
    if mark and (mark.tags_added or mark.tags_removed):
        added, removed = _renamed(mark.tags_added, renamed_tags), _renamed(mark.tags_removed, renamed_tags)
        own = {fold_tag(tag) for tag in added}
        mark = mark._replace(tags_added=added, tags_removed=tuple(tag for tag in removed if fold_tag(tag) not in own))
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
    return mark if text == mark.note else mark._replace(note=text, note_at=_now())


def _now() -> dt.datetime:
    return utc_now().replace(microsecond=0)
