"""Edits of papers: what a user corrects, merges, deletes and fills, as values that describe themselves.

    EditPaper                                    apply(paper) -> Paper
    MergePapers DeletePapers RestorePapers
    FillPapers                                   data that `Library.apply` hands to a transaction

`describe()` is what the history calls the edit, see `edits`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from readlist.dates import parse_date_line, utc_now
from readlist.dois import identify_doi, parse_doi
from readlist.edits import MAX_AUTHOR, MAX_TEXT, MAX_TITLE, drop_if_done_since
from readlist.errors import UsageError
from readlist.models import FieldCorrection, Mark, Paper, Status
from readlist.redaction import redact_url
from readlist.text import clean, clean_lines, fold_tag, parse_arxiv_id, require_unicode
from readlist.urls import rejection_reason

FieldValue: TypeAlias = str | tuple[str, ...]


class EditPaper(NamedTuple):
    """Correct fields of a paper, over what its sources say; with `resets` its other corrections are removed."""

    values: Mapping[str, FieldValue]
    resets: bool = False

    @classmethod
    def parse(cls, texts: Mapping[str, str], *, resets: bool = False) -> EditPaper:
        """Read the fields of CORRECTABLE as a user types them. Raises UsageError for an invalid value."""
        return cls({name: CORRECTABLE[name](require_unicode(text)) for name, text in texts.items()}, resets)

    def describe(self) -> str:
        """Return `edit` with the options that do the same, without their values."""
        return " ".join(("edit", *["--reset"] * self.resets, *(f"--{option_name(name)}" for name in self.values)))

    def apply(self, paper: Paper) -> Paper:
        """Return the paper with its corrections as they are to be; the fields themselves are not changed."""
        known = {} if self.resets else dict(paper.corrections)
        at = utc_now().replace(microsecond=0)
        changed = {
            name: FieldCorrection(value, at)
            for name, value in self.values.items()
            if self.resets or value != field_value(paper, name)
        }
        return paper._replace(corrections={**known, **changed})


class MergePapers(NamedTuple):
    """Merge two papers: the one with the lower ID stays, and the ID and key of the other refer to it."""

    def describe(self) -> str:
        """Return `merge`."""
        return "merge"


class DeletePapers(NamedTuple):
    """Remove papers from everything, and from what `load` and `update` add, until they are restored."""

    def describe(self) -> str:
        """Return `delete`."""
        return "delete"


class RestorePapers(NamedTuple):
    """Restore deleted papers."""

    def describe(self) -> str:
        """Return `delete --restore`."""
        return "delete --restore"


class FillPapers(NamedTuple):
    """Fill empty fields of papers with what was found about them; an identifier in place of a title is replaced."""

    fields: Mapping[str, Mapping[str, FieldValue]]
    """Field -> value, by the key of the paper: arxiv_id, doi, url, abstract, authors, title."""
    command: str

    def describe(self) -> str:
        """Return the command line."""
        return self.command


PaperEdit: TypeAlias = EditPaper | MergePapers | DeletePapers | RestorePapers | FillPapers


# Fields


def option_name(field: str) -> str:
    """Return what the command line calls a field: "arxiv" for arxiv_id, else its name."""
    return field.removesuffix("_id")


def field_value(paper: Paper, name: str) -> FieldValue:
    """Return the value of a field of CORRECTABLE in the form of a correction."""
    if name == "date":
        return paper.date.isoformat() if paper.date else ""
    value: FieldValue = getattr(paper, name)
    return value


def split_authors(text: str) -> tuple[str, ...]:
    """Return the names in a list that is separated by ";", or by "," where there is no ";".

    >>> split_authors("Ada Lovelace, Alan Turing"), split_authors("Lovelace, Ada; Turing, Alan")
    (('Ada Lovelace', 'Alan Turing'), ('Lovelace, Ada', 'Turing, Alan'))

    Raises UsageError for a name that is too long, and where a text has no name.
    """
    names = tuple(filter(None, map(clean, text.split(";" if ";" in text else ","))))
    if text.strip() and not names:
        raise UsageError(f"invalid authors: {clean(text)}; write A. Ada, B. Bob")
    for name in names:
        _require_length(name, MAX_AUTHOR, "author")
    return names


def _parse_title(text: str) -> str:
    title = clean(text)
    if not title:
        raise UsageError("the title is empty; a paper needs one")
    return _require_length(title, MAX_TITLE, "title")


def _parse_date(text: str) -> str:
    text = clean(text)
    if not text:
        return ""
    date = parse_date_line(text)
    if date is None:
        raise UsageError(f"invalid date: {text}; write 2025-02-11")
    return date.isoformat()


def _parse_url(text: str) -> str:
    url = clean(text)
    if url and (reason := rejection_reason(url)):
        raise UsageError(f"invalid URL: {redact_url(url)}; {reason}")
    return url


def _parse_arxiv_id(text: str) -> str:
    text = clean(text)
    arxiv_id = parse_arxiv_id(text)
    if text and not arxiv_id:
        raise UsageError(f"invalid arXiv ID: {text}; write 2502.06781")
    return arxiv_id


def _parse_doi(text: str) -> str:
    text = clean(text)
    arxiv_id, doi = identify_doi(parse_doi(text))
    if arxiv_id:
        raise UsageError(f"invalid DOI: {text}; arXiv assigned it; set the arXiv ID to {arxiv_id}")
    if text and not doi:
        raise UsageError(f"invalid DOI: {text}; write 10.1000/182")
    return doi


def _parse_abstract(text: str) -> str:
    return _require_length(clean_lines(text).strip(), MAX_TEXT, "abstract")


def _require_length(text: str, limit: int, name: str) -> str:
    if len(text) > limit:
        raise UsageError(f"{name} is too long: {len(text):,} characters; the maximum is {limit:,}")
    return text


CORRECTABLE: Mapping[str, Callable[[str], FieldValue]] = {
    "title": _parse_title,
    "authors": split_authors,
    "date": _parse_date,
    "url": _parse_url,
    "arxiv_id": _parse_arxiv_id,
    "doi": _parse_doi,
    "abstract": _parse_abstract,
}
"""The fields that can be corrected, each with the function that reads it as a user types it."""


# Marks


def merge_marks(kept: Mark, other: Mark) -> Mark:
    """Return the mark of a paper after another one was merged into it, which keeps its key.

    The status is the one set later. A star is kept, and so is the place in the queue or the date of a postponed paper,
    unless it was read or skipped since. Tags are united, and of two notes the later one follows the other.
    """
    later = other if _is_later(other.status_at, kept.status_at) and other.status is not Status.UNREAD else kept
    starred = kept if kept.starred or not other.starred else other
    postponed = kept if kept.later is not None or other.later is None else other
    removed = {fold_tag(tag) for tag in (*kept.tags_added, *other.tags_added)}
    notes = sorted((kept, other), key=lambda mark: mark.note_at or dt.datetime.min.replace(tzinfo=dt.UTC))
    merged = Mark(
        kept.key,
        status=later.status,
        status_at=later.status_at,
        starred=starred.starred,
        starred_at=starred.starred_at,
        tags_added=_unite(kept.tags_added, other.tags_added),
        tags_removed=tuple(
            tag for tag in _unite(kept.tags_removed, other.tags_removed) if fold_tag(tag) not in removed
        ),
        tags_at=_latest(kept.tags_at, other.tags_at),
        note="\n\n".join(dict.fromkeys(mark.note for mark in notes if mark.note)),
        note_at=_latest(kept.note_at, other.note_at),
        later=postponed.later,
        later_at=postponed.later_at,
    )
    return merged if later is postponed else drop_if_done_since(merged)


def _unite(tags: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    by_name: dict[str, str] = {}
    for tag in (*tags, *others):
        by_name.setdefault(fold_tag(tag), tag)
    return tuple(by_name.values())


def _is_later(time: dt.datetime | None, other: dt.datetime | None) -> bool:
    return time is not None and (other is None or time > other)


def _latest(*times: dt.datetime | None) -> dt.datetime | None:
    return max(filter(None, times), default=None)
