"""The entries of a feed, RSS or Atom, each with its text as HTML.

<rss>   <channel>  <item>    title  link         pubDate               content:encoded or description
<feed>             <entry>   title  link @href   published or updated  content or summary: text, HTML or XHTML
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from html import escape
from typing import TYPE_CHECKING

from readlist.dates import find_date
from readlist.loaders.page.markup import MAX_FEED_EVENTS, Allowance, TooMuch, Walker, walk
from readlist.text import clean

if TYPE_CHECKING:
    import datetime as dt

MAX_ENTRIES = 1_000
"""Entries of one feed; most have ten, three years of a daily digest are as many."""

_ENTRIES = frozenset({"item", "entry"})
_FOREIGN_NAMESPACES = ("search.yahoo.com/mrss", "itunes.com")  # they have titles and descriptions of their own
_BODIES = ("encoded", "content", "description", "summary")
_DATES = ("pubDate", "published", "date", "updated")


def read(xml: str) -> tuple[list[Entry], str]:
    """The entries, and what kept the feed from being read to its end ("" for nothing)."""
    walker = _FeedWalker()
    problem = walk(xml, walker, Allowance(MAX_FEED_EVENTS), xml=True)
    return walker.entries, problem


@dataclass(slots=True)
class Entry:
    """An item of RSS or an entry of Atom: its fields, and the lines at which it and its body begin."""

    line: int
    fields: dict[str, list[str]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    alternate: str = ""

    def text(self, *names: str) -> str:
        """The first of these fields that is not blank, as it is: its lines count."""
        return next((text for name in names if (text := "".join(self.fields.get(name, ()))).strip()), "")

    @property
    def title(self) -> str:
        """Its title, on one line and without markup."""
        return clean(re.sub(r"<[^<>]*>", "", self.text("title")))

    @property
    def link(self) -> str:
        """Where its page is."""
        return self.alternate or self.text("link").strip()

    @property
    def body(self) -> str:
        """Its text as HTML: the whole one where there is also a summary."""
        return self.text(*_BODIES)

    @property
    def body_line(self) -> int:
        """The line at which the body begins."""
        return next((self.lines[name] for name in _BODIES if self.text(name)), self.line)

    @property
    def date(self) -> dt.date | None:
        """When it was published."""
        return day_of(self.text(*_DATES).strip())


class _FeedWalker(Walker):
    """Gathers the entries; elements within a field are those of an XHTML text and are written as HTML again."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._entry: Entry | None = None
        self._field: list[str] | None = None
        self._depth = 0
        self._escaped = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        namespace, _, name = tag.rpartition("}")
        name = name.rpartition(":")[2]
        if self._entry is None:
            if name in _ENTRIES:
                if len(self.entries) == MAX_ENTRIES:
                    raise TooMuch(f"more than {MAX_ENTRIES:,} entries, the rest is not read")
                self._entry = Entry(self.line)
                self.entries.append(self._entry)
            return
        self._depth += 1
        if self._depth > 1 and self._field is not None:
            self._field.append(f"<{name}{''.join(map(_attribute, attributes.items()))}>")
        elif self._depth == 1:
            self._begin_field(self._entry, namespace, name, attributes)

    def _begin_field(self, entry: Entry, namespace: str, name: str, attributes: Mapping[str, str]) -> None:
        if name == "link" and attributes.get("rel", "alternate") == "alternate":
            entry.alternate = entry.alternate or attributes.get("href", "")
        known = name in entry.fields or any(foreign in namespace for foreign in _FOREIGN_NAMESPACES)
        self._field = None if known else entry.fields.setdefault(name, [])
        self._escaped = attributes.get("type", "").lower() in ("text", "xhtml")
        entry.lines.setdefault(name, self.line)

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
            self._field.append(escape(text) if self._escaped or self._depth > 1 else text)


def _attribute(item: tuple[str, str]) -> str:
    name, value = item
    return f' {name.rpartition("}")[2]}="{escape(value)}"'


def day_of(text: str) -> dt.date | None:
    """The day of a time, in its own zone.

    >>> day_of("Tue, 11 Feb 2025 09:00:00 +0900"), day_of("2025-02-11T23:00:00Z")
    (datetime.date(2025, 2, 11), datetime.date(2025, 2, 11))
    """
    if day := find_date(text[:10]):
        return day
    try:
        return parsedate_to_datetime(text[:100]).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
