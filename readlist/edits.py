"""What a reader can do to a mark: each change is a function of the entry as it is, and gives the mark as it is to be.

A change that changes nothing gives the very mark that it was given, its times included.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from readlist.errors import ReadlistError, UsageError
from readlist.models import Entry, Mark
from readlist.text import clean, clean_markdown, fold_tag

if TYPE_CHECKING:
    from readlist.models import Paper, Status

Change: TypeAlias = Callable[[Entry], Mark]

MAX_NOTE = 10_000
"""Characters a note may have: ten pages; what is longer is a file of its own."""
MAX_TAG = 64
"""Characters a tag may have."""


def join(paper: Paper, mark: Mark | None, renames: Mapping[str, str] | None = None) -> Entry:
    """The row of a paper and its mark, with the tags in effect; renamed tags bear their new names in all of it.

    `renames` has the new spelling of each folded old name, which no other renames, so that joining again is no change.
    """
    if renames:
        paper, mark = _with_new_names(paper, mark, renames)
    if mark is None:
        return Entry(paper, Mark(paper.key), paper.tags)
    removed = {fold_tag(tag) for tag in mark.tags_removed}
    in_effect: dict[str, str] = {}
    for tag in (*paper.tags, *mark.tags_added):
        if fold_tag(tag) not in removed:
            in_effect.setdefault(fold_tag(tag), tag)
    return Entry(paper, mark, tuple(in_effect.values()))


def _with_new_names(paper: Paper, mark: Mark | None, renames: Mapping[str, str]) -> tuple[Paper, Mark | None]:
    if (tags_ := _renamed(paper.tags, renames)) != paper.tags:
        paper = replace(paper, tags=tags_)
    if mark and (mark.tags_added or mark.tags_removed):
        added, removed = _renamed(mark.tags_added, renames), _renamed(mark.tags_removed, renames)
        own = {fold_tag(tag) for tag in added}
        mark = replace(mark, tags_added=added, tags_removed=tuple(tag for tag in removed if fold_tag(tag) not in own))
    return paper, mark


def _renamed(tags: Sequence[str], renames: Mapping[str, str]) -> tuple[str, ...]:
    """The tags by their new names; what has become one tag stands once."""
    by_name: dict[str, str] = {}
    for tag in tags:
        new = renames.get(fold_tag(tag), tag)
        by_name.setdefault(fold_tag(new), new)
    return tuple(by_name.values())


def status(new: Status) -> Change:
    """Set the status."""

    def change(entry: Entry) -> Mark:
        mark = entry.mark
        return mark if mark.status is new else replace(mark, status=new, status_at=_now())

    return change


def star(*, starred: bool) -> Change:
    """Star or unstar."""

    def change(entry: Entry) -> Mark:
        mark = entry.mark
        return mark if mark.starred is starred else replace(mark, starred=starred, starred_at=_now())

    return change


def note(text: str) -> Change:
    """Replace the note by `text`, which is Markdown; "" removes it. The change raises UsageError beyond MAX_NOTE."""
    return lambda entry: _with_note(entry.mark, clean_markdown(text))


def note_after(before: str, text: str) -> Change:
    """Replace the note by `text` if it still is `before`, which was edited to make it.

    The change raises ReadlistError where another terminal has written to it meanwhile.
    """

    def change(entry: Entry) -> Mark:
        if entry.mark.note != before:
            raise ReadlistError("the note was changed elsewhere meanwhile; it is as it was changed there")
        return note(text)(entry)

    return change


def paragraph(text: str) -> Change:
    """Add a paragraph to the note. The change raises UsageError beyond MAX_NOTE."""
    added = clean_markdown(text)
    return lambda entry: _with_note(entry.mark, "\n\n".join(filter(None, (entry.mark.note, added))))


def tags(*, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Change:
    """Add and remove tags of the reader's own; a digest's tag is only hidden, and adding it again shows it.

    Raises UsageError for what is no tag, and for a tag that is both added and removed.
    """
    adding, removing = named_tags(add), named_tags(remove)
    if both := adding.keys() & removing.keys():
        raise UsageError(f"cannot both add and remove #{min(both)}")
    return lambda entry: _with_tags(entry, adding, removing)


def _with_note(mark: Mark, text: str) -> Mark:
    if len(text) > MAX_NOTE:
        raise UsageError(f"a note holds {MAX_NOTE:,} characters; this one would have {len(text):,}")
    return mark if text == mark.note else replace(mark, note=text, note_at=_now())


def named_tags(names: Iterable[str]) -> dict[str, str]:
    """Tags as a person types them, by their folded names. Raises UsageError for what is no tag."""
    cleaned = [clean(tag).lstrip("#") for tag in names]
    for tag in cleaned:
        if not tag or len(tag) > MAX_TAG or " " in tag:
            raise UsageError(f"not a tag: '{tag}'; a tag is one word of at most {MAX_TAG} characters")
    return {fold_tag(tag): tag for tag in cleaned}


def _with_tags(entry: Entry, adding: Mapping[str, str], removing: Mapping[str, str]) -> Mark:
    mark = entry.mark
    digests = {fold_tag(tag): tag for tag in entry.paper.tags}
    own = {fold_tag(tag): tag for tag in mark.tags_added}
    hidden = {fold_tag(tag): tag for tag in mark.tags_removed}
    for name, tag in adding.items():
        hidden.pop(name, None)
        if name not in digests:
            own.setdefault(name, tag)
    for name in removing:
        own.pop(name, None)
        if name in digests:
            hidden.setdefault(name, digests[name])
    changed = replace(mark, tags_added=tuple(own.values()), tags_removed=tuple(hidden.values()))
    return mark if changed == mark else replace(changed, tags_at=_now())


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)
