"""Matches of a query: highlighted in a field, or as a line with the part of a field around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from readlist.text import clean, mask_unprintable

if TYPE_CHECKING:
    from readlist.query_results import Excerpt

MATCH_STYLE = "bold magenta"
_CONTEXT = 12
"""Cells before and after a match that are shown if possible: about two words."""
_MIN_LABELED = 24
"""Cells of an excerpt that leave room for the name of its field."""


def find_spans(text: str, matched: Excerpt) -> list[tuple[int, int]]:
    """Return the character offsets of what matched in the text of a field, [] where the excerpt does not occur."""
    core = matched.text.strip("… ")
    if core not in text:
        return []
    offset = text.find(core) - matched.text.find(core)
    return [(max(0, start + offset), max(0, end + offset)) for start, end in matched.spans]


def highlight(text: Text, matched: Excerpt) -> Text:
    """Highlight what matched in the text of a field; `text` is changed and returned."""
    for start, end in find_spans(text.plain, matched):
        text.stylize(MATCH_STYLE, start, end)
    return text


def excerpt_line(matched: Excerpt, cells: int) -> Text:
    """Return `field: excerpt` with the matches highlighted; the excerpt alone where its field is "" or cells are few.

    Where the first match would be beyond `cells`, the beginning of the excerpt is cut.
    """
    # Replaced one by one, not cleaned: the spans are offsets into the excerpt, so that its length must not change.
    text = Text(mask_unprintable(matched.text), style="dim")
    for start, end in matched.spans:
        text.stylize(f"not dim {MATCH_STYLE}", start, end)
    label = f"{clean(matched.field)}: " if matched.field and cells >= _MIN_LABELED else ""
    context = min(_CONTEXT, cells // 2)
    if matched.spans and cell_len(label + text.plain[: matched.spans[0][1]]) > cells - context:
        text = _cut_before(text, matched.spans[0][0], context)
    return Text.assemble((label, "dim italic"), text)


def _cut_before(text: Text, start: int, context: int) -> Text:
    """Return "…" and the text from the first word that begins at most `context` characters before `start`."""
    earliest = max(0, start - context)
    word = text.plain.find(" ", earliest, start) + 1 or earliest
    return Text.assemble(("…", "dim"), text[word:])
