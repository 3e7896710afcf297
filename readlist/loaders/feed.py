"""The newsletter as an RSS or Atom feed, with a digest in each entry.

    <rss>   <channel>  <item>    title  link         pubDate               content:encoded or description
    <feed>             <entry>   title  link @href   published or updated  content or summary: text, HTML or XHTML

The HTML of an entry is parsed like a web page. Papers without a date line above them get the date in the title of the
entry, or that of its publication.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from readlist.dates import find_date
from readlist.loaders.base import ParseResult, ProblemLog
from readlist.loaders.markup import (
    MAX_FEED_EVENTS,
    EventBudget,
    LimitExceeded,
    MarkupHandler,
    is_feed,
    is_markup,
    parse_markup,
)
from readlist.loaders.newsletter.parser import PageDigestParser, contains_paper
from readlist.loaders.page.parser import date_from_source_name, parse_page, parse_publication_date
from readlist.text import clean

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from readlist.loaders.base import Source
    from readlist.loaders.newsletter.lines import Line
    from readlist.models import Paper, Problem

MAX_ENTRIES = 1_000
"""Entries of one feed; most have ten, and three years of a daily digest have as many."""

_ENTRY_TAGS = frozenset({"item", "entry"})
_EXTENSION_NAMESPACES = ("search.yahoo.com/mrss", "itunes.com")  # they have titles and descriptions of their own
_BODY_FIELDS = ("encoded", "content", "description", "summary")
_DATE_FIELDS = ("pubDate", "published", "date", "updated")


class FeedLoader:
    """The loader of RSS and Atom feeds."""

    name = "web feed (RSS, Atom)"

    def detect(self, source: Source) -> bool:
        """Return whether the text is a feed and an entry contains a paper."""
        if not (is_markup(source.text) and is_feed(source.text)):
            return False
        return any(contains_paper(entry.lines) for entry in _iter_entries(source, ProblemLog(source.name)))

    def parse(self, source: Source) -> ParseResult:
        """Return the papers of all entries."""
        log = ProblemLog(source.name)
        papers: list[Paper] = []
        problems: list[Problem] = []
        for entry in _iter_entries(source, log):
            result = PageDigestParser(source.name, entry.date).parse(entry.lines)
            papers += result.papers
            problems += result.problems
        return ParseResult(tuple(papers), (*log.problems, *problems))


class _ParsedEntry(NamedTuple):
    """The lines of an entry, and the date of the papers without a date line above them."""

    lines: list[Line]
    date: dt.date | None


def _iter_entries(source: Source, log: ProblemLog) -> Iterator[_ParsedEntry]:
    """Yield the entries; they share one budget, so that many entries take no longer than a large page."""
    handler = _FeedHandler()
    problem = parse_markup(source.text, handler, EventBudget(MAX_FEED_EVENTS), xml=True)
    if problem:
        log.report(0, problem)
    budget = EventBudget()
    empty = 0
    for entry in handler.entries:
        page = parse_page(entry.body, budget, entry.link or source.url, entry.body_line)
        if page.problem:
            log.report(entry.line, page.problem)
        empty += not page.lines
        yield _ParsedEntry(page.lines, find_date(entry.title) or entry.date or date_from_source_name(source.name))
    if empty:
        log.report(0, f"entries without a paper: {empty:,} of {len(handler.entries):,}")


@dataclass(slots=True)
class _Entry:
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
        from html import escape

        self.entries: list[_Entry] = []
        self._escape = escape
        self._entry: _Entry | None = None
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
            self._field.append(f"<{name}{''.join(map(self._format_attribute, attributes.items()))}>")
        elif self._depth == 1:
            self._start_field(self._entry, namespace, name, attributes)

    def _start_entry(self) -> None:
        if len(self.entries) == MAX_ENTRIES:
            raise LimitExceeded(f"more than {MAX_ENTRIES:,} entries; the rest is ignored")
        self._entry = _Entry(self.line)
        self.entries.append(self._entry)

    def _start_field(self, entry: _Entry, namespace: str, name: str, attributes: Mapping[str, str]) -> None:
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
            self._field.append(self._escape(text) if self._is_unescaped or self._depth > 1 else text)

    def _format_attribute(self, attribute: tuple[str, str]) -> str:
        name, value = attribute
        return f' {name.rpartition("}")[2]}="{self._escape(value)}"'
