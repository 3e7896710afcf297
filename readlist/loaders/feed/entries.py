"""The entries of a feed in RSS or Atom, each with its text as HTML.

    <rss>   <channel>  <item>    title  link         pubDate               content:encoded or description
    <feed>             <entry>   title  link @href   published or updated  content or summary: text, HTML or XHTML

Entries that are papers also have authors (dc:creator, or author with a name), categories (text, or @term), a guid or
id, prism:doi or dc:identifier, and, from arXiv, arxiv:announce_type.

`feed.parser` calls `parse_feed`, and imports this module when it needs it, for most digests are plain text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from readlist.loaders.markup import MAX_FEED_EVENTS, EventBudget, LimitExceeded, MarkupHandler, parse_markup
from readlist.loaders.page.html import parse_publication_date
from readlist.text import clean

if TYPE_CHECKING:
    import datetime as dt

MAX_ENTRIES = 5_000
"""Entries of one feed; most have ten, arXiv's API returns at most 2,000, and 10 MB have space for 5,000 abstracts."""

_ENTRY_TAGS = frozenset({"item", "entry"})
_EXTENSION_NAMESPACES = ("search.yahoo.com/mrss", "itunes.com")  # they have titles and descriptions of their own
_BODY_FIELDS = ("encoded", "content", "description", "summary")
_DATE_FIELDS = ("pubDate", "published", "date", "updated")
_AUTHOR_FIELDS = ("creator", "author")
_REPEATED_FIELDS = frozenset({*_AUTHOR_FIELDS, "category", "identifier"})
_ERROR_TITLE = "Feed error"  # of arXiv's feeds, to an unknown category
_EMAIL_WITH_NAME = re.compile(r"[^\s()]+@[^\s()]+\s*\(([^()]+)\)")


@dataclass(slots=True)
class Feed:
    """The entries of a feed; `problem` is why it was not parsed to its end, `title` says that it is a feed at all."""

    entries: list[Entry] = field(default_factory=list)
    title: str = ""
    problem: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it is a whole feed without an entry, as those of arXiv are at weekends, and no error message."""
        return bool(self.title) and not self.entries and not self.problem and not self.title.startswith(_ERROR_TITLE)


def parse_feed(xml: str, max_entries: int = MAX_ENTRIES) -> Feed:
    """Return the first entries and the title of a feed."""
    handler = _FeedHandler(max_entries)
    problem = parse_markup(xml, handler, EventBudget(MAX_FEED_EVENTS), xml=True)
    return Feed(handler.entries, clean("".join(handler.title)), problem)


@dataclass(slots=True)
class Entry:
    """The fields of an RSS item, Atom entry or JSON Feed item by name, and the lines at which it and they begin.

    Each field is a list of pieces of its text. `repeated` has the fields that may occur several times, such as authors.
    `alternate` is the link to its page that Atom has in an attribute.
    """

    line: int
    fields: dict[str, list[str]] = field(default_factory=dict)
    field_lines: dict[str, int] = field(default_factory=dict)
    repeated: dict[str, list[list[str]]] = field(default_factory=dict)
    alternate: str = ""

    @property
    def title(self) -> str:
        """The title on one line, without markup."""
        return clean(re.sub(r"<[^<>]*>", "", self.get("title")))

    @property
    def link(self) -> str:
        """The URL of its page."""
        return self.alternate or self.get("link").strip()

    @property
    def body(self) -> str:
        """The text as HTML; the full text is preferred to a summary."""
        return self.get(*_BODY_FIELDS)

    @property
    def body_line(self) -> int:
        """The line at which the body begins."""
        return next((self.field_lines.get(name, self.line) for name in _BODY_FIELDS if self.get(name)), self.line)

    @property
    def date(self) -> dt.date | None:
        """The day of publication."""
        return parse_publication_date(self.get(*_DATE_FIELDS).strip())

    @property
    def authors(self) -> list[str]:
        """The text of each field with authors; dc:creator is preferred, for the author of RSS is an e-mail address."""
        fields = next(filter(None, map(self.get_all, _AUTHOR_FIELDS)), [])
        return [match[1] if (match := _EMAIL_WITH_NAME.fullmatch(text)) else text for text in fields]

    def get(self, *names: str) -> str:
        """Return the first of these fields that is not blank, unchanged: the lines of a body are counted."""
        return next((text for name in names if (text := "".join(self.fields.get(name, ()))).strip()), "")

    def get_all(self, name: str) -> list[str]:
        """Return the texts of a repeated field that are not blank, each on one line."""
        return [text for pieces in self.repeated.get(name, ()) if (text := clean("".join(pieces)))]


class _FeedHandler(MarkupHandler):
    """Collects the entries. Elements within a field are XHTML and are written as HTML again."""

    def __init__(self, max_entries: int) -> None:
        self.entries: list[Entry] = []
        self._max_entries = max_entries
        self.title: list[str] = []
        self._entry: Entry | None = None
        self._field: list[str] | None = None
        self._depth = 0
        self._is_unescaped = False
        self._is_person = False
        self._in_feed_title = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        namespace, _, name = tag.rpartition("}")
        name = name.rpartition(":")[2]
        if self._entry is None:
            self._in_feed_title = name == "title" and not self.title
            if name in _ENTRY_TAGS:
                self._start_entry()
            return
        self._depth += 1
        if self._depth > 1 and self._is_person:
            self._start_person_field(self._entry, name)
        elif self._depth > 1 and self._field is not None:
            self._field.append(f"<{name}{''.join(map(_format_attribute, attributes.items()))}>")
        elif self._depth == 1:
            self._start_field(self._entry, namespace, name, attributes)

    def _start_entry(self) -> None:
        if len(self.entries) == self._max_entries:
            raise LimitExceeded(f"more than {self._max_entries:,} entries; the rest is ignored")
        self._entry = Entry(self.line)
        self.entries.append(self._entry)

    def _start_field(self, entry: Entry, namespace: str, name: str, attributes: Mapping[str, str]) -> None:
        if name == "link" and attributes.get("rel", "alternate") == "alternate":
            entry.alternate = entry.alternate or attributes.get("href", "")
        is_extension = any(extension in namespace for extension in _EXTENSION_NAMESPACES)
        self._is_unescaped = attributes.get("type", "").lower() in ("text", "xhtml")
        self._is_person = name == "author" and not is_extension
        entry.field_lines.setdefault(name, self.line)
        if is_extension:
            self._field = None
        elif name in _REPEATED_FIELDS:
            self._field = [attributes.get("term", "")]
            entry.repeated.setdefault(name, []).append(self._field)
        else:
            self._field = None if name in entry.fields else entry.fields.setdefault(name, [])

    def _start_person_field(self, entry: Entry, name: str) -> None:
        """Collect the name of a person, the first element in it, and not its e-mail address and affiliation."""
        self._field = entry.repeated["author"][-1] if self._depth == 2 and name == "name" else None  # noqa: PLR2004 -- within the author

    def end(self, tag: str) -> None:
        self._in_feed_title = False
        if self._entry is None:
            return
        if self._depth > 1 and self._is_person:
            self._field = None
        elif self._depth > 1 and self._field is not None:
            self._field.append(f"</{tag.rpartition('}')[2]}>")
        if self._depth <= 1:
            self._field = None
            self._is_person = False
        if self._depth == 0:
            self._entry = None
        else:
            self._depth -= 1

    def data(self, text: str) -> None:
        if self._in_feed_title:
            self.title.append(text)
        elif self._field is not None:
            is_plain = self._is_unescaped or (self._depth > 1 and not self._is_person)
            self._field.append(escape(text) if is_plain else text)


def _format_attribute(attribute: tuple[str, str]) -> str:
    name, value = attribute
    return f' {name.rpartition("}")[2]}="{escape(value)}"'
