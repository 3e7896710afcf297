"""The rows of CSV, each with its line; the loaders of Zotero's table and of readlist's own call this module."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAX_CELL = 10_000_000
"""Characters of a cell, as many as a file has: Python's own limit is less than the names of 6,000 authors take."""
_MAX_COMMAS = 200_000
"""Of a line: many small cells take 20 times the memory of their text."""


def iter_rows(text: str, report: Callable[[int, str], None]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows, each with the line on which it begins, up to what is not CSV, which is reported."""
    import csv
    import io

    def require_few_commas(line: str) -> str:
        if line.count(",") > _MAX_COMMAS:
            raise csv.Error(f"a line with more than {_MAX_COMMAS:,} commas")
        return line

    csv.field_size_limit(_MAX_CELL)  # of the whole process
    reader = csv.reader(map(require_few_commas, io.StringIO(text, newline="")))
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        report(line, f"not valid CSV: {error}; the rest is ignored")
