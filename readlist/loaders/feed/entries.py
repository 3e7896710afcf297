"""The entries of a feed, each with its text as HTML.

    <rss>   <channel>  <item>    title  link         pubDate               content:encoded or description
    <feed>             <entry>   title  link @href   published or updated  content or summary: text, HTML or XHTML

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

MAX_ENTRIES = 1_000
"""Entries of one feed; most have ten, and three years of a daily digest have as many."""

_ENTRY_TAGS = frozenset({"item", "entry"})
_EXTENSION_NAMESPACES = ("search.yahoo.com/mrss", "itunes.com")  # they have titles and descriptions of their own
_BODY_FIELDS = ("encoded", "content", "description", "summary")
_DATE_FIELDS = ("pubDate", "published", "date", "updated")


def parse_feed(xml: str) -> tuple[list[Entry], str]:
    """Return the entries, and why the feed was not parsed to its end ("" where it was)."""
    handler = _FeedHandler()
    problem = parse_markup(xml, handler, EventBudget(MAX_FEED_EVENTS), xml=True)
    return handler.entries, problem


@dataclass(slots=True)
class Entry:
    """The fields of an RSS item or Atom entry by name, and the lines at which it and they begin.

    `alternate` is the link to its page that Atom has in an attribute.
    """

    line: int
    fields: dict[str, list[str]] = field(default_factory=dict)
    field_lines: dict[str, int] = field(default_factory=dict)
    alternate: str = ""

    @property
    def title(self) -> str:
        """The title on one line, without markup."""
        return clean(re.sub(r"<[^<>]*>", "", self._get("title")))

    @property
    def link(self) -> str:
        """The URL of its page."""
        return self.alternate or self._get("link").strip()

    @property
    def body(self) -> str:
        """The text as HTML; the full text is preferred to a summary."""
        return self._get(*_BODY_FIELDS)

    @property
    def body_line(self) -> int:
        """The line at which the body begins."""
        return next((self.field_lines[name] for name in _BODY_FIELDS if self._get(name)), self.line)

    @property
    def date(self) -> dt.date | None:
        """The day of publication."""
        return parse_publication_date(self._get(*_DATE_FIELDS).strip())

    def _get(self, *names: str) -> str:
        """Return the first of these fields that is not blank, unchanged: the lines of a body are counted."""
        return next((text for name in names if (text := "".join(self.fields.get(name, ()))).strip()), "")


class _FeedHandler(MarkupHandler):
    """Collects the entries. Elements within a field are XHTML and are written as HTML again."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._entry: Entry | None = None
        self._field: list[str] | None = None
        self._depth = 0
        self._is_unescaped = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        namespace, _, name = tag.rpartition("}")
        name = name.rpartition(":")[2]
        if self._entry is None:
            if name in _ENTRY_TAGS:
                self._start_entry()
            return
        self._depth += 1
        if self._depth > 1 and self._field is not None:
            self._field.append(f"<{name}{''.join(map(_format_attribute, attributes.items()))}>")
        elif self._depth == 1:
            self._start_field(self._entry, namespace, name, attributes)

    def _start_entry(self) -> None:
        if len(self.entries) == MAX_ENTRIES:
            raise LimitExceeded(f"more than {MAX_ENTRIES:,} entries; the rest is ignored")
        self._entry = Entry(self.line)
        self.entries.append(self._entry)

    def _start_field(self, entry: Entry, namespace: str, name: str, attributes: Mapping[str, str]) -> None:
        if name == "link" and attributes.get("rel", "alternate") == "alternate":
            entry.alternate = entry.alternate or attributes.get("href", "")
        is_extension = any(extension in namespace for extension in _EXTENSION_NAMESPACES)
        self._field = None if name in entry.fields or is_extension else entry.fields.setdefault(name, [])
        self._is_unescaped = attributes.get("type", "").lower() in ("text", "xhtml")
        entry.field_lines.setdefault(name, self.line)

    def end(self, tag: str) -> None:
        if self._entry is None:
            return
        if self._depth > 1 and self._field is not None:
            self._field.append(f"</{tag.rpartition('}')[2]}>")
        if self._depth <= 1:
            self._field = None
        if self._depth == 0:
            self._entry = None
        else:
            self._depth -= 1

    def data(self, text: str) -> None:
        if self._field is not None:
            self._field.append(escape(text) if self._is_unescaped or self._depth > 1 else text)


def _format_attribute(attribute: tuple[str, str]) -> str:
    name, value = attribute
    return f' {name.rpartition("}")[2]}="{escape(value)}"'
