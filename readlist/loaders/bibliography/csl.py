"""CSL-JSON, as Zotero, Pandoc, Crossref and doi.org write it: an array of items, or one item.

    [{"id": "lovelace1843", "type": "article-journal", "title": "On Tides",
      "author": [{"family": "Lovelace", "given": "Ada"}, {"literal": "The Tide Group"}],
      "DOI": "10.1000/182", "URL": "https://example.org/tides", "abstract": "…", "keyword": "tides, moon",
      "annote": "The user's note."}]

Titles and abstracts may contain the HTML that citation styles allow. Crossref has titles in arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from readlist.loaders.bibliography.html_text import to_text
from readlist.loaders.bibliography.record import MAX_RECORDS, TOO_MANY_RECORDS, Record, RecordCollector
from readlist.loaders.json_text import parse_document
from readlist.loaders.limits import MAX_ITEMS
from readlist.loaders.person_names import join_name
from readlist.loaders.signs import may_be_csl

if TYPE_CHECKING:
    from readlist.loaders.base import ParseResult, Source

_CSL_KEYS = frozenset({"author", "issued", "container-title", "DOI", "URL", "abstract", "publisher", "keyword", "note"})
_FAMILY_PARTS = ("dropping-particle", "non-dropping-particle", "family")


class CslLoader:
    """The loader of CSL-JSON."""

    name = "CSL-JSON"

    def detect(self, source: Source) -> bool:
        """Return whether the text is JSON, and an item has a title, a type and another field of CSL."""
        return may_be_csl(source.text) and any(map(_is_csl_item, source.parse_once(_parse_items)))

    def parse(self, source: Source) -> ParseResult:
        """Return the papers, with keywords and notes as marks; items that are none are reported by their number."""
        collector = RecordCollector(source)
        items = source.parse_once(_parse_items)
        for number, item in enumerate(items[:MAX_RECORDS], 1):
            if isinstance(item, Mapping):
                collector.add(build_record(number, item))
            else:
                collector.log.report(0, f"item {number:,} is not an object; ignored")
        if len(items) > MAX_RECORDS:
            collector.log.report(0, TOO_MANY_RECORDS)
        return collector.result()


def _parse_items(source: Source) -> list[object]:
    """Return the items of an array, or the single one; none where the text is not valid JSON."""
    value = source.parse_once(parse_document)
    return value if isinstance(value, list) else [value]


def _is_csl_item(item: object) -> bool:
    if not isinstance(item, Mapping) or not isinstance(item.get("type"), str):
        return False
    # readlist's own JSON has digests, the lists of other programs no type.
    return bool(_get_text(item, "title").strip()) and "digests" not in item and not _CSL_KEYS.isdisjoint(item)


def build_record(number: int, item: Mapping[str, object]) -> Record:
    """Return the fields of an item; `number` names one that has no name of its own."""
    authors = item.get("author") or item.get("editor")
    names = authors if isinstance(authors, list) else []
    return Record(
        line=0,
        name=_get_text(item, "citation-key") or _get_text(item, "id") or f"item {number:,}",
        title=to_text(_get_text(item, "title")),
        authors=[_format_name(name) if index < MAX_ITEMS else "…" for index, name in enumerate(names)],
        abstract=to_text(_get_text(item, "abstract")),
        doi=_get_text(item, "DOI"),
        urls=[_get_text(item, "URL")],
        arxiv_texts=[_get_text(item, "number"), _get_text(item, "archive_location")],
        citations=[_get_text(item, "number"), _get_text(item, "container-title")],
        keywords=_get_text(item, "keyword").replace(";", ",").split(","),
        notes=[_get_text(item, "annote"), _get_text(item, "note")],
    )


def _get_text(item: Mapping[str, object], name: str) -> str:
    """Return a field as text; of an array, its first string."""
    value = item.get(name)
    if isinstance(value, list):
        value = next(iter(value), "")
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def _format_name(name: object) -> str:
    """Return a name as it is written in a text; an organization has `literal`, or `name` in the data of Crossref."""
    if isinstance(name, str):
        return name
    if not isinstance(name, Mapping):
        return ""
    if literal := _get_text(name, "literal") or _get_text(name, "name"):
        return literal
    family = " ".join(filter(None, (_get_text(name, part).strip() for part in _FAMILY_PARTS)))
    return f"{join_name(family, _get_text(name, 'given').strip())} {_get_text(name, 'suffix')}".strip()
