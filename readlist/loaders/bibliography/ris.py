"""RIS, as EndNote, Mendeley, Zotero and publishers' sites export it: a line a field, from TY to ER.

    TY  - JOUR
    TI  - On Tides                       or T1, CT
    AU  - Lovelace, Ada                  or A1; one line an author
    AB  - Tides rise and fall.           or N2
    DO  - 10.1000/182
    UR  - https://example.org/tides      or LK
    KW  - tides
    N1  - The user's note.
    ER  -

Not rispy: it raises KeyError on a line that continues TY, joins two entries where ER is missing, loses an entry that
the end of the file ends, knows no line numbers, and takes quadratic time for a field of many lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from readlist.loaders.bibliography.html_text import to_text
from readlist.loaders.bibliography.names import join_name_parts
from readlist.loaders.bibliography.record import MAX_RECORDS, TOO_MANY_RECORDS, Record, RecordCollector
from readlist.loaders.signs import MAX_RIS_HEAD, RIS_ENTRY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from readlist.loaders.base import ParseResult, Source

_START = re.compile(RIS_ENTRY)
_FIELD = re.compile(r"([A-Z][A-Z0-9])[ \t]{1,2}-(?:[ \t](.*)|)", re.DOTALL)
_TITLE_FIELD = re.compile(r"^(?:TI|T1|CT)[ \t]{1,2}-[ \t]", re.MULTILINE)

_TITLES = ("TI", "T1", "CT")
_AUTHORS = ("AU", "A1")
_EDITORS = ("A2", "ED")
_ABSTRACTS = ("AB", "N2")
_LINKS = ("UR", "LK", "L2")
_CITATIONS = ("JO", "JF", "T2", "VL", "M1", "SP")

_Fields = dict[str, list[list[str]]]
"""Tag -> its fields -> the lines of each."""


class RisLoader:
    """The loader of RIS."""

    name = "RIS"

    def detect(self, source: Source) -> bool:
        """Return whether an entry begins near the beginning, and one has a title."""
        start = _START.search(source.text, 0, MAX_RIS_HEAD)
        return start is not None and _TITLE_FIELD.search(source.text, start.end()) is not None

    def parse(self, source: Source) -> ParseResult:
        """Return the papers, with keywords and notes as marks."""
        collector = RecordCollector(source)
        for number, (line, fields, is_closed) in enumerate(_iter_entries(source.text)):
            if number == MAX_RECORDS:
                collector.log.report(line, TOO_MANY_RECORDS)
                break
            if not is_closed:
                collector.log.report(line, "entry without an ER line; it ends where the next one begins")
            collector.add(_build_record(line, fields))
        return collector.result()


def _iter_entries(text: str) -> Iterator[tuple[int, _Fields, bool]]:
    """Yield the line, the fields and whether there is an ER line, of each entry."""
    start, fields = 0, _Fields()
    lines: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _FIELD.match(line)
        tag = match[1] if match else ""
        if start and tag in ("TY", "ER"):
            yield start, fields, tag == "ER"
            start = 0
        if match and tag == "TY":
            start, fields, lines = number, {}, []
        elif match and start:
            lines = [match[2] or ""]
            fields.setdefault(tag, []).append(lines)
        elif start:
            lines.append(line)  # it continues the field above
    if start:
        yield start, fields, False


def _build_record(line: int, fields: Mapping[str, list[list[str]]]) -> Record:
    def get_all(*tags: str) -> list[str]:
        return [text for tag in tags for lines in fields.get(tag, ()) if (text := " ".join(lines).strip())]

    def get(*tags: str) -> str:
        return next(iter(get_all(*tags)), "")

    authors = get_all(*_AUTHORS) or get_all(*_EDITORS)
    return Record(
        line=line,
        name=get("ID") or get("TY") or "TY",
        title=to_text(get(*_TITLES)),
        authors=[join_name_parts(name.split(",")) for name in authors],
        abstract=to_text(get(*_ABSTRACTS)),
        doi=get("DO"),
        urls=[url for text in get_all(*_LINKS) for url in text.replace("; ", " ").split()],
        arxiv_texts=get_all("AN"),
        citations=get_all(*_CITATIONS),
        keywords=[keyword for text in get_all("KW") for keyword in text.split(";")],
        notes=[to_text("\n".join(lines)).strip() for tag in ("N1", "RN") for lines in fields.get(tag, ())],
    )
