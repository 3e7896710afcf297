"""JSON Feed (https://www.jsonfeed.org/version/1.1/): its items are papers, or have a digest as their text.

    {"version": "https://jsonfeed.org/version/1.1", "title": …,
     "items": [{"id", "url", "external_url", "title", "content_html" or "content_text", "summary", "date_published",
                "authors": [{"name"}], "tags": […]}]}

Version 1 has one "author" instead. Items become the entries of RSS and Atom. A JSON parser reports no lines, so that a
problem has none.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from readlist.loaders.base import ProblemLog
from readlist.loaders.json_text import get_list, get_text, parse_document
from readlist.loaders.limits import MAX_ITEMS

if TYPE_CHECKING:
    from readlist.loaders.base import ParseResult, Source
    from readlist.loaders.feed.entries import Entry

_START = r"[\ufeff\s]*\{"
_VERSION = r"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version"
_FIELDS = {
    "id": ("id",),
    "link": ("url",),
    "external_url": ("external_url",),
    "title": ("title",),
    "published": ("date_published",),
    "updated": ("date_modified",),
}
"""The fields of an entry, and those of an item that they come from."""


class JsonFeedLoader:
    """The loader of JSON Feed."""

    name = "JSON Feed"

    def detect(self, source: Source) -> bool:
        """Return whether the text is a JSON Feed in which an item is or contains a paper, or one without any item."""
        items = source.parse_once(_parse_items)
        if not items:
            return items is not None
        from readlist.loaders.feed.contents import contain_paper

        return contain_paper(map(_build_entry, items), source)

    def parse(self, source: Source) -> ParseResult:
        """Return the papers of all items."""
        from readlist.loaders.feed.contents import parse_entries
        from readlist.loaders.feed.entries import MAX_ENTRIES

        log = ProblemLog(source.name)
        items = source.parse_once(_parse_items) or []
        if len(items) > MAX_ENTRIES:
            log.report(0, f"more than {MAX_ENTRIES:,} entries; the rest is ignored")
        result = parse_entries(list(map(_build_entry, items[:MAX_ENTRIES])), source, log)
        return replace(result, problems=tuple(problem._replace(line=0) for problem in result.problems))


def _parse_items(source: Source) -> list[object] | None:
    """Return the items of a feed, None where the text is not a JSON Feed."""
    if not re.match(_START, source.text) or not re.search(_VERSION, source.text):
        return None
    feed = source.parse_once(parse_document)
    is_feed = re.match(_VERSION, get_text(feed, "version")) is not None
    return get_list(feed, "items") if is_feed and "items" in feed else None


def _build_entry(item: object) -> Entry:
    from html import escape

    from readlist.loaders.feed.entries import Entry

    fields = {name: [text] for name, names in _FIELDS.items() if (text := get_text(item, *names))}
    body = get_text(item, "content_html") or escape(get_text(item, "content_text", "summary"), quote=False)
    authors = (get_list(item, "authors") or get_list(item, "author"))[: MAX_ITEMS + 1]
    repeated = {
        "author": [[name] for author in authors if (name := get_text(author, "name"))],
        "category": [[tag] for tag in get_list(item, "tags")[: MAX_ITEMS + 1] if isinstance(tag, str)],
    }
    return Entry(0, fields | {"content": [body]}, repeated=repeated)
