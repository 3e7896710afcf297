"""Entries with clean texts, for the formats that people read: cleaned once, not by each function that shows a field.

Nearly every entry is clean already, since loaders clean what they read: one look at all its texts together says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.text import clean, clean_lines, clean_markdown, is_plain, printable_line

if TYPE_CHECKING:
    from readlist.models import Entry


def clean_entry(entry: Entry) -> Entry:
    """Return the entry with title, authors, abstract, comments, note and tags as they may be shown.

    Nothing in them controls a terminal; a title, an author and a tag are one line. Identifiers, links and digests stay
    as they are.
    """
    if _is_clean(entry):
        return entry
    paper = entry.paper._replace(
        title=clean(entry.paper.title),
        authors=tuple(map(clean, entry.paper.authors)),
        abstract=clean_lines(entry.paper.abstract),
        comments={language: clean_lines(text) for language, text in entry.paper.comments.items()},
    )
    mark = entry.mark._replace(note=clean_markdown(entry.mark.note))
    return entry._replace(paper=paper, mark=mark, tags=tuple(map(printable_line, entry.tags)))


def _is_clean(entry: Entry) -> bool:
    """Return whether cleaning would change nothing; also False where one look at all texts together cannot tell."""
    paper = entry.paper
    if entry.mark.note:
        return False
    # With a space before and after each text: one of its own there makes two.
    lines = f" {' '.join((paper.title, *paper.authors, *entry.tags))} "
    texts = " ".join(("", *filter(None, (paper.abstract, *paper.comments.values())), ""))
    if "\n" in texts:
        texts = texts.replace("\n\n", "\n").replace("\n", " ")
    return "\n" not in lines and all("  " not in text and is_plain(text) for text in (lines, texts))
