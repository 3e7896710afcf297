"""JSON and JSON Lines: the entries of `export --to json`, `export --to jsonl`, `list --json` and `search --json`.

An array of objects is common, and other formats of papers are arrays too: it is an export of readlist where an object
has what every entry has, see `fields.is_entry`.
"""

from __future__ import annotations

from functools import partial
from io import StringIO
from typing import TYPE_CHECKING, Any

from readlist.errors import ReadlistError
from readlist.loaders.base import ParseResult, ProblemLog
from readlist.loaders.own.fields import EntryCollector, is_entry, iter_own, numbered_report
from readlist.loaders.own.start import HEAD, is_export

if TYPE_CHECKING:
    from readlist.loaders.base import Source

_MAX_ENTRY = 1_000_000
"""Characters within which the first entry ends."""
_MAX_COMMAS = 4_000_000
"""Of a document: 20,000 papers have half as many, most of them in texts."""
_MAX_BRACKETS = 1_000_000
"""Lists and objects of a document: 20,000 papers have 300,000; so many empty ones take 60 MB."""
_MAX_PROBLEMS = 10_000
"""Problems of the lines of an export: it has no limit of lines, and each problem takes 200 bytes."""
_QUICK_CHECK = ('"key"', '"digests"', '"status"')


def detect(text: str) -> bool:
    """Return whether the text is an array of entries, or an entry a line."""
    opening = text.lstrip()[:1]
    if opening not in ("[", "{") or not all(name in text[:_MAX_ENTRY] for name in _QUICK_CHECK):
        return False
    values = load_json(text if opening == "[" else text.lstrip().partition("\n")[0])
    if values is None:  # damaged, or one entry in several lines
        return is_export(text[:HEAD].encode(errors="replace"))
    return any(map(is_entry, values if isinstance(values, list) else [values]))


def parse(source: Source) -> ParseResult:
    """Return the papers and marks of an array, or of lines. Raises ReadlistError for an array that is not JSON."""
    if source.text.lstrip()[:1] == "{" and not isinstance(load_json(source.text), dict):
        return _parse_lines(source)
    return parse_array(source, source.text)


def parse_array(source: Source, text: str) -> ParseResult:
    """Return the papers and marks of a JSON array of entries, or of one entry.

    Raises:
        ReadlistError: the text is not JSON.
    """
    import orjson

    try:
        _require_few_values(text)
        values = orjson.loads(text)
    except ValueError as error:
        raise ReadlistError(f"an export of readlist that is not valid JSON: {error}; export it again") from None
    log, entries = ProblemLog(source.name), EntryCollector(source.name)
    for number, fields in iter_own(values if isinstance(values, list) else [values]):
        report = numbered_report(log.report, 0, number)
        if fields is None:
            report("not an entry of readlist; ignored")
        else:
            entries.add(fields, report)
    return ParseResult(tuple(entries.papers), tuple(log.problems), entries.marks)


def _parse_lines(source: Source) -> ParseResult:
    log, entries = ProblemLog(source.name), EntryCollector(source.name)
    # Not splitlines: JSON may contain the line and paragraph separators of Unicode. One line at a time saves memory.
    for number, line in enumerate(StringIO(source.text, newline="\n"), 1):
        if not line.strip():
            continue
        fields = load_json(line)
        if is_entry(fields):
            entries.add(fields, partial(log.report, number))
        elif len(log.problems) >= _MAX_PROBLEMS:
            log.report(number, f"more than {_MAX_PROBLEMS:,} problems; the rest is ignored")
            break
        else:
            log.report(number, "not valid JSON; ignored" if fields is None else "not an entry of readlist; ignored")
    return ParseResult(tuple(entries.papers), tuple(log.problems), entries.marks)


def load_json(text: str) -> Any:
    """Return the value of a JSON text, None where it is not JSON or has too many values; orjson bounds nesting."""
    import orjson

    try:
        _require_few_values(text)
        return orjson.loads(text)
    except ValueError:
        return None


def _require_few_values(text: str) -> None:
    """Raise ValueError for a document whose values would take several times the memory of its text."""
    if text.count(",") > _MAX_COMMAS or text.count("[") + text.count("{") > _MAX_BRACKETS:
        raise ValueError("too many values")
