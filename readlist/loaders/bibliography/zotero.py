"""The CSV that Zotero exports: a header, then one row an item; values are joined by semicolons, notes are HTML.

"Key","Item Type","Publication Year","Author","Title",…,"DOI","Url","Abstract Note",…,"Notes",…,"Manual Tags",…
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from readlist.loaders.bibliography.html_text import to_text
from readlist.loaders.bibliography.names import join_name_parts
from readlist.loaders.bibliography.record import MAX_RECORDS, TOO_MANY_RECORDS, Record, RecordCollector
from readlist.loaders.csv_rows import iter_rows
from readlist.loaders.signs import MAX_CSV_HEADER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from readlist.loaders.base import ParseResult, Source

_REQUIRED = frozenset({"Key", "Item Type", "Author", "Title"})
_ATTACHMENT_TYPES = frozenset({"attachment", "note", "annotation"})
_FIRST_COLUMN = re.compile(r"\s*\"?(?:Key|Item Type|Title|Author)\"?,")


class ZoteroLoader:
    """The loader of Zotero's CSV."""

    name = "Zotero CSV"

    def detect(self, source: Source) -> bool:
        """Return whether the first line is Zotero's header, and another line follows."""
        if not _FIRST_COLUMN.match(source.text):
            return False
        header, _, rest = source.text.lstrip()[:MAX_CSV_HEADER].partition("\n")
        return _REQUIRED.issubset(_parse_line(header)) and bool(rest.strip())

    def parse(self, source: Source) -> ParseResult:
        """Return the papers, with tags and notes as marks."""
        collector = RecordCollector(source)
        rows = iter_rows(source.text.lstrip(), collector.log.report)
        _, header = next(rows, (0, []))
        for number, (line, row) in enumerate(rows):
            if number == MAX_RECORDS:
                collector.log.report(line, TOO_MANY_RECORDS)
                break
            item = dict(zip(header, row, strict=False))
            if len(row) != len(header) and any(row):
                collector.log.report(line, f"row with {len(row):,} of {len(header):,} columns")
            if any(row) and item.get("Item Type") not in _ATTACHMENT_TYPES:
                collector.add(_build_record(line, item))
        return collector.result()


def _parse_line(line: str) -> Sequence[str]:
    import csv

    try:
        return next(csv.reader([line.rstrip("\r")]), [])
    except csv.Error:
        return []


def _build_record(line: int, item: Mapping[str, str]) -> Record:
    def get(name: str) -> str:
        return item.get(name, "")

    authors = get("Author") or get("Editor")
    return Record(
        line=line,
        name=get("Key"),
        title=to_text(get("Title")),
        authors=[join_name_parts(name.split(",")) for name in authors.split(";")],
        abstract=to_text(get("Abstract Note")),
        doi=get("DOI"),
        urls=[get("Url")],
        citations=[get("Extra"), get("Publication Title"), get("Number")],
        keywords=[tag for name in ("Manual Tags", "Automatic Tags") for tag in get(name).split(";")],
        notes=[to_text(get("Notes")).strip()],
    )
