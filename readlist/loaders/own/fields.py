"""One entry of an export: from the fields that `readlist help json` documents to a paper and the user's mark.

The other modules of this package bring what a format contains into these fields. Nothing in an export is trusted: it
may have been edited, or made up. A field of another type, or out of its bounds, is reported and left out; an entry
without a title is no paper. An export of an older version lacks fields that were added since.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from readlist.dois import identify_doi, parse_doi
from readlist.edits import MAX_NOTE, MAX_TAG, MAX_TITLE
from readlist.loaders.limits import MAX_ITEMS, MAX_LINE, apply_limits, drop_long_links, quote, truncate
from readlist.loaders.tracking import unwrap_links
from readlist.models import MAX_POSITION, Appearance, Mark, Paper, Status
from readlist.text import (
    clean,
    clean_lines,
    encode_invisible,
    fold_tag,
    normalize_note,
    paper_key,
    parse_arxiv_id,
    printable_line,
)
from readlist.urls import HTTP_URL

if TYPE_CHECKING:
    from collections.abc import Iterator

Fields = Mapping[str, Any]
Report = Callable[[str], None]
"""Receives the reason of a problem."""

MAX_KEY = 80
"""Characters of a key: its slug has at most 60, and 7 follow."""
_KEY = re.compile(r"[^\W_]+(?:-[^\W_]+)*-[0-9a-f]{6}")
_STATUSES = frozenset(status.value for status in Status)
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_DATE_LENGTH = len("2025-02-11")
_MAX_TIME_LENGTH = len("2025-02-11T08:00:00.000000+00:00")
_YEARS = range(2, 9999)
"""A time in year 1 or 9999 overflows in another time zone."""


def is_entry(value: object) -> bool:
    """Return whether a JSON value is an entry of readlist, by the fields that every entry has and no other format."""
    return (
        isinstance(value, dict)
        and type(value.get("id")) is int
        and all(isinstance(value.get(name), str) for name in ("key", "title", "status"))
        and isinstance(value.get("digests"), list)
    )


@dataclass(frozen=True, slots=True)
class EntryReader:
    """Reads the fields of one entry; `source_name` is the digest of a paper that names none."""

    fields: Fields
    source_name: str
    report: Report

    def read_paper(self) -> Paper | None:
        """Return the paper within the limits, None for one without a title."""
        title = clean(self._text("title"))
        if not title:
            self.report("no title; the entry is ignored")
            return None
        links, own_urls = self._read_urls(self._list("links")), self._read_urls([self._text("url")])
        arxiv_id = self._text("arxiv_id")
        if arxiv_id and not parse_arxiv_id(arxiv_id):
            self.report(f"not an arXiv ID: {quote(clean(arxiv_id))}; ignored")
        doi = self._text("doi")
        if doi and not parse_doi(doi):
            self.report(f"not a DOI: {quote(clean(doi))}; ignored")
        paper = Paper(
            title=title,
            authors=tuple(filter(None, map(clean, self._list("authors")))),
            abstract=clean_lines(self._text("abstract")),
            comments=self._read_comments(),
            tags=tuple(filter(None, map(clean, self._read_digest_tags()))),
            arxiv_id=parse_arxiv_id(arxiv_id),
            url=next(iter(own_urls), ""),
            doi=identify_doi(parse_doi(doi))[1],
            digests=self._read_digests(),
            loaded_at=self._time("loaded_at"),
            key=self._read_key(),
        )
        # Not the links in its texts: the library that was exported had those that it lists.
        return apply_limits(paper, self.report)._replace(links=unwrap_links(links))

    def read_mark(self) -> Mark | None:
        """Return what the user did with the paper; None where that is nothing."""
        note = truncate(normalize_note(self._text("note")), MAX_NOTE, "note", self.report)
        mark = Mark(
            key="",
            status=self._read_status(),
            status_at=self._time("status_at"),
            starred=self._read_star(),
            starred_at=self._time("starred_at"),
            tags_added=self._read_own_tags("my_tags"),
            tags_removed=self._read_own_tags("removed_tags"),
            tags_at=self._time("tags_at"),
            note=note,
            note_at=self._time("note_at"),
            later=self._read_later(),
            later_at=self._time("later_at"),
        )
        return mark if mark != Mark("") else None

    # Fields of a paper

    def _read_key(self) -> str:
        """Return the key, the computed one where the entry has none that is a key: the store needs one per entry."""
        key = self._text("key")
        if len(key) <= MAX_KEY and _KEY.fullmatch(key):
            return key
        return paper_key(clean(self._text("title")), next(map(clean, self._list("authors")), ""))

    def _read_urls(self, texts: list[str]) -> list[str]:
        urls = [encode_invisible(clean(text)) for text in texts if text]
        usable = [url for url in urls if HTTP_URL.fullmatch(url)]
        if len(usable) < len(urls):
            self.report("a URL that is not http or https is ignored")
        return list(drop_long_links(dict.fromkeys(usable), self.report))

    def _read_comments(self) -> dict[str, str]:
        value = self.fields.get("comments")
        if not isinstance(value, dict):
            self._report_invalid("comments")
            return {}
        comments = {
            language: text
            for language, comment in value.items()
            if _LANGUAGE.fullmatch(language) and isinstance(comment, str) and (text := clean_lines(comment))
        }
        if len(comments) < len(value):
            self.report("a comment that is no text, or in no language, is ignored")
        return comments

    def _read_digest_tags(self) -> list[str]:
        """Return the digests' tags; exports of older versions have only those in effect."""
        if "digest_tags" in self.fields:
            return self._list("digest_tags")
        own = set(map(fold_tag, self._list("my_tags")))
        return [tag for tag in self._list("tags") if fold_tag(tag) not in own]

    def _read_digests(self) -> tuple[Appearance, ...]:
        value = self.fields.get("digests")
        digests = list(filter(None, map(self._read_digest, value if isinstance(value, list) else [])))
        if not isinstance(value, list) or len(digests) < len(value):
            self.report("a digest without a name or with an invalid date is ignored")
        if len(digests) > MAX_ITEMS:
            self.report(f"digests truncated: {len(digests):,} digests; the first {MAX_ITEMS:,} are kept")
        return tuple(dict.fromkeys(digests[:MAX_ITEMS])) or (Appearance(None, self.source_name),)

    def _read_digest(self, value: object) -> Appearance | None:
        if not isinstance(value, dict) or not isinstance(value.get("source"), str):
            return None
        source, date = clean(value["source"])[:MAX_TITLE].strip(), value.get("date")
        if not date:
            return Appearance(None, source)
        if not isinstance(date, str) or len(date) != _DATE_LENGTH:
            return None
        try:
            return Appearance(dt.date.fromisoformat(date), source)
        except ValueError:
            return None

    # Fields of a mark

    def _read_status(self) -> Status:
        status = self._text("status")
        if status in _STATUSES:
            return Status(status)
        if status:
            self._report_invalid("status")
        return Status.UNREAD

    def _read_star(self) -> bool:
        starred = self.fields.get("starred")
        if not isinstance(starred, bool):
            self._report_invalid("starred")
        return starred is True

    def _read_later(self) -> int | dt.date | None:
        value = self.fields.get("later")
        if type(value) is int and abs(value) <= MAX_POSITION:
            return value
        if isinstance(value, str):
            if re.fullmatch(r"-?[0-9]{1,12}", value):  # as CSV has it
                return int(value)
            with contextlib.suppress(ValueError):
                date = dt.date.fromisoformat(value) if len(value) == _DATE_LENGTH else None
                if date and date.year in _YEARS:
                    return date
        if value not in (None, ""):
            self._report_invalid("later")
        return None

    def _read_own_tags(self, name: str) -> tuple[str, ...]:
        by_name: dict[str, str] = {}
        for tag in (printable_line(text).lstrip("#") for text in self._list(name)):
            if tag and len(tag) <= MAX_TAG and " " not in tag:
                by_name.setdefault(fold_tag(tag), tag)
            else:
                self.report(f"invalid tag: {quote(clean(tag))}; ignored")
        return tuple(by_name.values())

    # Values

    def _text(self, name: str) -> str:
        value = self.fields.get(name)
        if isinstance(value, str):
            return value[:MAX_LINE]
        self._report_invalid(name)
        return ""

    def _list(self, name: str) -> list[str]:
        value = self.fields.get(name)
        items = value if isinstance(value, list) else []
        texts = [item for item in items if isinstance(item, str)]
        if not isinstance(value, list) or len(texts) < len(items):
            self._report_invalid(name)
        return texts

    def _time(self, name: str) -> dt.datetime | None:
        text = self._text(name)
        if not text:
            return None
        try:
            time = dt.datetime.fromisoformat(text) if len(text) <= _MAX_TIME_LENGTH else None
        except ValueError:
            time = None
        if time is None or time.tzinfo is None or time.year not in _YEARS:
            self._report_invalid(name)
            return None
        return time.astimezone(dt.UTC).replace(microsecond=0)

    def _report_invalid(self, name: str) -> None:
        """Report a field that is not what it should be, unless it is not there at all."""
        if self.fields.get(name) is not None:
            self.report(f"{name} is not valid; ignored")


class EntryCollector:
    """Collects the papers and marks of the entries of one export; an entry with a key that it has had is left out."""

    def __init__(self, source_name: str) -> None:
        self.papers: list[Paper] = []
        self.marks: dict[int, Mark] = {}
        self._source_name = source_name
        self._keys: set[str] = set()

    def add(self, fields: Fields, report: Report) -> None:
        """Add the entry with these fields."""
        reader = EntryReader(fields, self._source_name, report)
        paper = reader.read_paper()
        if paper is None:
            return
        if paper.key in self._keys:
            report(f"a second entry with the key {quote(paper.key)}; ignored")
            return
        self._keys.add(paper.key)
        if mark := reader.read_mark():
            self.marks[len(self.papers)] = mark
        self.papers.append(paper)


def numbered_report(report: Callable[[int, str], None], line: int, number: int) -> Report:
    """Return a report that names the entry with this number, counted from 1, and its line, 0 where it has none."""
    return lambda reason: report(line, f"entry {number}: {reason}")


def iter_own(values: list[object]) -> Iterator[tuple[int, Fields | None]]:
    """Yield the number of each value of an array, counted from 1, and its fields, None for one that is no entry."""
    for number, value in enumerate(values, 1):
        yield number, value if isinstance(value, dict) and is_entry(value) else None
