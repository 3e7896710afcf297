"""Handouts: what the formats for readers have in common: sections of papers, and the fields that are shown.

`markdown`, `html`, `text` and `mail` take a `Handout` and its sections; `registry.export_handout` calls them. A field
that is not shown is removed from the entry, so that it is not in the data of an HTML page either.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias, TypeVar

from readlist.errors import UsageError
from readlist.models import Appearance, Entry, Mark, Paper
from readlist.text import clean, fold_tag, is_blank, list_some, parse_arxiv_id, printable_line

FIELDS: Mapping[str, str] = {
    "authors": "the authors",
    "date": "the date of the newest digest",
    "tags": "the tags in effect",
    "status": "unread, reading, read or skipped; in Markdown a checkbox",
    "star": "a star on papers that you starred",
    "comment": "the comments of the digests",
    "abstract": "the abstract",
    "note": "your note",
    "id": "the ID in your library",
    "arxiv": "the arXiv ID",
    "doi": "the DOI",
}
"""The fields of a paper that a handout can show, besides its title and link, which it always shows."""
DEFAULT_FIELDS = frozenset({"authors", "tags", "star", "comment", "note"})
"""What Markdown, text and mail show, with the abstract where a paper has no comment."""
_FIELDS_WITHOUT_COMMENT = DEFAULT_FIELDS | {"abstract"}
PAGE_FIELDS = DEFAULT_FIELDS | {"status", "abstract"}
"""What an HTML page shows."""
GROUPINGS = ("date", "tag", "status", "person", "none")
"""What papers can be grouped by."""
DEFAULT_TITLE = "Reading list"

_Value = TypeVar("_Value", Entry, Mark, Paper)
_MAX_AUTHORS = 5
_MARK_FIELDS = {
    "status": ("status", "status_at", "later", "later_at"),
    "star": ("starred", "starred_at"),
    "tags": ("tags_added", "tags_removed", "tags_at"),
    "note": ("note", "note_at"),
}
"""By a field: the fields of a mark that belong to it."""
_REMOVABLE_FIELDS = frozenset({"authors", "abstract", "comment", *_MARK_FIELDS})
"""The fields that `select_fields` can remove from an entry; the others are details that are shown or not."""
_EMPTY_MARK = Mark("")
_FIELD_ALIASES = {
    "author": "authors",
    "tag": "tags",
    "starred": "star",
    "comments": "comment",
    "notes": "note",
    "arxiv_id": "arxiv",
}
"""The names of the fields in JSON and in queries, where they are others."""


class MailHeader(NamedTuple):
    """The header of a mail: when it is sent (with a time zone), and addresses as `mail.parse_addresses` accepts them.

    Without a sender the mail has no From, which `sendmail -t` adds; without recipients it has no To.
    """

    date: dt.datetime
    sender: str = ""
    recipients: tuple[str, ...] = ()


class Handout(NamedTuple):
    """The title, introduction and options of a handout, and what it shows of each paper.

    `intro` is Markdown, above the papers. `fields` are names of FIELDS, None for the default of the format. `language`
    is the one of several comments to show (ISO 639-1), "" for all. Only a mail has a `mail` header.
    """

    title: str = DEFAULT_TITLE
    intro: str = ""
    fields: frozenset[str] | None = None
    language: str = ""
    mail: MailHeader | None = None


DEFAULT_HANDOUT = Handout()

Heading: TypeAlias = str | dt.date


class Section(NamedTuple):
    """Papers under one heading, "" for none; a date is the date of their digest."""

    heading: Heading
    entries: Sequence[Entry]


def parse_fields(text: str) -> frozenset[str]:
    """Return the fields that a list names, separated by commas or spaces; "title" is accepted, as always shown.

    Raises UsageError for another name.

    >>> sorted(parse_fields("title, Comments,note"))
    ['comment', 'note']
    """
    names = [_FIELD_ALIASES.get(name, name) for name in text.casefold().replace(",", " ").split()]
    for name in names:
        if name not in FIELDS and name != "title":
            raise UsageError(f"unknown field: {printable_line(name)}; use: {', '.join(FIELDS)}")
    if not names:
        raise UsageError(f"no field in --fields; use: {', '.join(FIELDS)}")
    return frozenset(names) - {"title"}


# Sections


def group_entries(entries: Iterable[Entry], by: str) -> list[Section]:
    """Return sections of the entries by one of GROUPINGS but "person", each with its entries in their order.

    Dates are sorted, the newest first; tags and statuses are in the order of their first paper. A paper with several
    tags is in the section of its first one.
    """
    if by == "none":
        return [Section("", tuple(entries))]
    groups: dict[Heading, tuple[Heading, list[Entry]]] = {}
    for entry in entries:
        key, heading = _GROUP_FUNCTIONS[by](entry)
        groups.setdefault(key, (heading, []))[1].append(entry)
    sections = [Section(heading, tuple(group)) for heading, group in groups.values()]
    if by == "date":
        sections.sort(key=lambda section: str(section.heading or ""), reverse=True)
        sections = [section._replace(heading=section.heading or "Undated") for section in sections]
    return sections


def group_by_person(entries: Iterable[Entry], people: Mapping[int, Sequence[str]]) -> list[Section]:
    """Return a section for each of the persons that `people` has by the IDs of papers, in the order of their names.

    A paper is in the section of each of its persons; after them, "" is the user, and papers without one come last.
    Below the name of another person, the user's note would be taken for that person's, and is left out.
    """
    groups: dict[str | None, list[Entry]] = {}
    for entry in entries:
        for person in people.get(entry.paper.id) or (None,):
            groups.setdefault(person, []).append(_without_note(entry) if person else entry)
    names: list[str | None] = [*sorted(filter(None, groups)), "", None]
    headings = {"": "Me", None: "Nobody"}
    return [Section(headings.get(name) or clean(str(name)), tuple(groups[name])) for name in names if name in groups]


def _without_note(entry: Entry) -> Entry:
    return entry._replace(mark=entry.mark._replace(note="", note_at=None)) if entry.mark.note else entry


def _group_by_date(entry: Entry) -> tuple[Heading, Heading]:
    return entry.paper.date or "", entry.paper.date or ""


def _group_by_tag(entry: Entry) -> tuple[Heading, Heading]:
    tag = printable_line(entry.tags[0]) if entry.tags else ""
    return fold_tag(tag), f"#{tag}" if tag else "No tag"


def _group_by_status(entry: Entry) -> tuple[Heading, Heading]:
    status = entry.mark.status.value
    return status, status.capitalize()


_GROUP_FUNCTIONS: Mapping[str, Callable[[Entry], tuple[Heading, Heading]]] = {
    "date": _group_by_date,
    "tag": _group_by_tag,
    "status": _group_by_status,
}
"""By the grouping: what the entries of a group have in common, and their heading."""


# Fields


def fields_to_show(handout: Handout, entry: Entry) -> frozenset[str]:
    """Return the fields that Markdown, text and mail show of an entry."""
    if handout.fields is not None:
        return handout.fields
    has_comment = not all(map(is_blank, entry.paper.comments.values()))
    return DEFAULT_FIELDS if has_comment else _FIELDS_WITHOUT_COMMENT


def select_fields(entry: Entry, fields: frozenset[str], language: str = "") -> Entry:
    """Return the entry without what `fields` do not name, and with the comment in `language` only.

    A paper without a comment in this language has its first one in another language.
    """
    paper, mark = entry.paper, entry.mark
    if fields >= _REMOVABLE_FIELDS and not language and not any(map(is_blank, paper.comments.values())):
        return entry  # the common case of a page
    selected = {
        "authors": paper.authors if "authors" in fields else (),
        "abstract": paper.abstract if "abstract" in fields else "",
        "comments": _select_comment(paper.comments, language) if "comment" in fields else {},
        "tags": paper.tags if "tags" in fields else (),
    }
    return _replace_changed(
        entry,
        paper=_replace_changed(paper, **selected),
        mark=_replace_changed(mark, **_hidden_mark_fields(fields)),
        tags=entry.tags if "tags" in fields else (),
    )


def drop_provenance(entry: Entry, fields: Collection[str]) -> Entry:
    """Return the entry without the names of its digests, which may be those of local files, and the time of its load.

    The date of the newest digest is kept where `fields` name it.
    """
    paper = entry.paper
    digests = (Appearance(paper.date, ""),) if "date" in fields and paper.date else ()
    return entry._replace(paper=paper._replace(digests=digests, loaded_at=None))


def _select_comment(comments: Mapping[str, str], language: str) -> Mapping[str, str]:
    present = {code: text for code, text in comments.items() if not is_blank(text)}
    if not language or not present:
        return present
    code = language if language in present else next(iter(present))
    return {code: present[code]}


@cache
def _hidden_mark_fields(fields: frozenset[str]) -> Mapping[str, object]:
    """Return the fields of a mark that `fields` do not name, with the values that they have in an empty one."""
    hidden = [name for field, names in _MARK_FIELDS.items() if field not in fields for name in names]
    return {name: getattr(_EMPTY_MARK, name) for name in hidden}


def _replace_changed(value: _Value, **fields: Any) -> _Value:
    """Return the value with these fields: the same one where it has them already, as most entries have."""
    changed = {name: new for name, new in fields.items() if getattr(value, name) != new}
    return value._replace(**changed) if changed else value


def format_details(entry: Entry, fields: Collection[str]) -> list[str]:
    """Return the digest's date, the identifiers and the ID as far as `fields` name them and the paper has them."""
    paper = entry.paper
    details = []
    if "date" in fields and paper.date:
        details.append(str(paper.date))
    if "arxiv" in fields and (arxiv_id := parse_arxiv_id(paper.arxiv_id)):
        details.append(f"arXiv:{arxiv_id}")
    if "doi" in fields and (doi := clean(paper.doi)):
        details.append(f"doi:{doi}")
    if "id" in fields:
        details.append(f"ID {paper.id}")
    return details


def format_first_authors(paper: Paper) -> str:
    """Return the authors for text and mail: the first five and the number of the others, all where there are six.

    The paper is that of a clean entry.
    """
    names = paper.authors
    return list_some(names, _MAX_AUTHORS if len(names) > _MAX_AUTHORS + 1 else len(names))
