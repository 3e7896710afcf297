"""How things are named and signed on a terminal: status, tags, authors, languages, matches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from readlist.models import Status
from readlist.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from readlist.models import Excerpt

STAR = "★"
SIGNS = {Status.UNREAD: " ", Status.READING: "▸", Status.READ: "✓", Status.SKIPPED: "–"}
"""Signs that say without colour what each status is; unread, the usual one, is blank."""
SIGN_STYLES = {Status.UNREAD: "", Status.READING: "yellow", Status.READ: "green", Status.SKIPPED: ""}
DONE = frozenset({Status.READ, Status.SKIPPED})
"""What the reader is finished with stands back."""
MATCH_STYLE = "bold magenta"
_CONTEXT = 12
"""Cells before and after a match that are worth showing: two words."""

_LANGUAGES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "ja": "Japanese",
    "ko": "Korean",
    "ru": "Russian",
    "zh": "Chinese",
}


def language_name(code: str) -> str:
    """The English name of an ISO 639-1 code, else the code itself."""
    return _LANGUAGES.get(code) or clean(code)


def short_authors(authors: Sequence[str]) -> str:
    """Last names: the first of three or more and "et al.".

    >>> short_authors(["Xuandong Zhao", "Zhewei Kang"]), short_authors(["Wenfang Sun", "Lu Yin", "Shiwei Liu"])
    ('Zhao, Kang', 'Sun et al.')
    """
    names = [_last_name(clean(author)) for author in authors]
    return f"{names[0]} et al." if len(names) > 2 else ", ".join(names)  # noqa: PLR2004 -- two names fit, three do not


def _last_name(author: str) -> str:
    """The last word of a name of up to four words; what is longer is an organisation and stays whole.

    A name in Hangul or Chinese characters is one word, its family name first, and stays whole as well.
    """
    words = author.split()
    return words[-1] if 1 < len(words) <= 4 else author  # noqa: PLR2004 -- "Juan Carlos de la Cruz" is long already


def lit(text: Text, matched: Excerpt) -> Text:
    """The text of a field with what matched in it lit up; an excerpt that is not found in it lights nothing."""
    core = matched.text.strip("… ")
    if core in text.plain:
        shift = text.plain.find(core) - matched.text.find(core)
        for start, end in matched.spans:
            text.stylize(MATCH_STYLE, max(0, start + shift), max(0, end + shift))
    return text


def excerpt_line(matched: Excerpt, cells: int) -> Text:
    """`field: excerpt`, or the excerpt alone where it is of no field, what matched lit up.

    Where `cells` would not show the match, what stands before it is cut.
    """
    # As long as the original, so that the spans stay true; text that was cleaned when it came in is not changed.
    text = Text("".join(c if c.isprintable() else " " for c in matched.text), style="dim")
    for start, end in matched.spans:
        text.stylize(f"not dim {MATCH_STYLE}", start, end)
    label = f"{clean(matched.field)}: " if matched.field else ""
    if matched.spans and cell_len(label + text.plain[: matched.spans[0][1]]) > cells - _CONTEXT:
        text = _from_shortly_before(text, matched.spans[0][0])
    return Text.assemble((label, "dim italic"), text)


def _from_shortly_before(text: Text, start: int) -> Text:
    """The text from a word or so before `start` on, behind "…"."""
    earliest = max(0, start - _CONTEXT)
    word = text.plain.find(" ", earliest, start) + 1 or earliest
    return Text.assemble(("…", "dim"), text[word:])
