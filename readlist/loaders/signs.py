"""Signs of a format: what every text in it has. `registry` imports a loader only for a text that has its sign.

A sign is found in a fraction of the time that importing the loader takes; most texts have none but that of their own
format. No loader is imported here.
"""

from __future__ import annotations

import re

# Patterns are strings, which `re` compiles at their first use.
BIBTEX_BLOCK = r"(?m)^[^\S\n]*@\w*[ \t]*[{(]"
"""The beginning of an entry or of another block, at the start of a line."""
# Patterns that begin with "\n" are searched for many times faster than for the start of a line.
_MARKED_LINE = r"\n[ \t]{0,20}(?:#{1,6}[ \t]|[-*+][ \t]|\d{1,4}[.)][ \t]|\||\*\*|__|\[)"
_LINK_IN_ITEM = r"\n(?:[ \t]{0,20}(?:[-*+][ \t]|\d{1,4}[.)][ \t]|\[)|[ \t]{2,20}\S)[^\n]*?https?://"
"""An item, or a line below one, with a link."""
_LINK_IN_ROW = r"\n[^\n|]*\|[^\n]*?https?://"
RIS_ENTRY = r"(?m)^TY[ \t]{1,2}-"
MAX_RIS_HEAD = 1_000
"""Characters above the first entry of RIS: databases write their name and address there."""
MAX_CSV_HEADER = 10_000
"""Characters of the first line of a table."""
_NOTE_CHARACTERS = tuple("#*_-hH<[!%")  # most digests begin with others
_EXPORT_CHARACTERS = tuple("[{<-#")


def may_be_export(text: str) -> bool:
    """Return whether a text may be an export of readlist: JSON, HTML, Markdown, or a table with one of its columns."""
    return text.removeprefix("\ufeff").lstrip().startswith(_EXPORT_CHARACTERS) or "digests" in text[:MAX_CSV_HEADER]


def may_be_bibtex(text: str) -> bool:
    """Return whether a text has the beginning of an entry of BibTeX."""
    return "@" in text and re.search(BIBTEX_BLOCK, text) is not None


def may_be_ris(text: str) -> bool:
    """Return whether a text has the beginning of an entry of RIS near its own."""
    return re.search(RIS_ENTRY, text[:MAX_RIS_HEAD]) is not None


def may_be_csl(text: str) -> bool:
    """Return whether a text may be JSON with an item of CSL."""
    return text.lstrip()[:1] in ("[", "{") and '"type"' in text


def may_be_zotero(text: str) -> bool:
    """Return whether a text has a column of Zotero's table near its beginning."""
    return "Item Type" in text.lstrip()[:MAX_CSV_HEADER]


def may_be_note(text: str) -> bool:
    """Return whether a text begins with a character with which notes do."""
    return text.lstrip()[:1].startswith(_NOTE_CHARACTERS)


def has_marked_line(text: str) -> bool:
    """Return whether a text has a line that may be the title of a paper in Markdown."""
    return re.search(_MARKED_LINE, f"\n{text}") is not None


def may_be_list(text: str) -> bool:
    """Return whether a text may have an item or a row with a link."""
    if "://" not in text:
        return False
    if "](http" in text or "](<http" in text or re.search(_LINK_IN_ITEM, f"\n{text}"):
        return True
    return "|" in text and re.search(_LINK_IN_ROW, f"\n{text}") is not None
