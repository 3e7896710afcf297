"""The Markdown of `export --to markdown`, see `exporters.markdown`: a heading per section and an item per paper.

It has what a reader sees: title, URL, and the fields that were exported, such as authors, tags, star, note, comments or
else the abstract, and the status where an item has a checkbox. What it does not show is not there: the times of the
marks, the names of the digests, whose tag is whose. The date is that of the heading, or of the line of the authors. A
quotation below the line **Abstract** is the abstract; the others are comments, for exports of older versions do not say
which one is the abstract. The line `<!-- readlist:papers -->` ends an introduction, which is ignored.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from readlist.loaders.base import ParseResult, ProblemLog
from readlist.loaders.identifiers import identify_links
from readlist.loaders.languages import DEFAULT_LANGUAGE, find_foreign_span
from readlist.loaders.own.fields import EntryCollector
from readlist.loaders.person_names import split_author_list
from readlist.text import extract_links

if TYPE_CHECKING:
    from collections.abc import Sequence

    from readlist.loaders.base import Source

_TITLE = "# Reading list"
_INDENT = "  "
_PAPERS = "<!-- readlist:papers -->"
_HEADING = re.compile(r"## (?:(\d{4}-\d\d-\d\d)|\S.*?)\s*")
_ITEM = re.compile(
    r"- (?:\[([ x])\] )?\*\*(?:\[((?:\\.|[^\\\[\]])*+)\]\((https?://[^\s()]*+)\)|((?:\\.|[^\\*])*+))\*\*"
    r"( ★)?(?: · (reading|skipped))?\s*"
)
_NOTE = "**Note**"
_ABSTRACT = "**Abstract**"
_ABSTRACT_CALLOUT = "[!abstract] Abstract\n"
_TAGS = re.compile(r"(?:\A| · )(#\S.*)\Z")
_DETAIL = re.compile(r"(\d{4}-\d\d-\d\d)|arXiv:(\S+)|doi:(\S+)|ID \d+")
"""After the authors: the date, an identifier, or the ID in the library that was exported."""
_MARKED = re.compile(r"\\([!-/:-@\[-`{-~])|<(https?://[^<>\s]*)>", re.IGNORECASE)
_NO_INDENT = re.compile(rf"^{_INDENT}", re.MULTILINE)


def detect(text: str) -> bool:
    """Return whether the text begins like an export in Markdown and has a paper."""
    text = text.removeprefix("\ufeff")
    if not text.startswith("# ") or not ("\n- **" in text or "\n- [" in text):
        return False
    lines = _split_lines(text)
    return (lines[0].rstrip() == _TITLE or _PAPERS in lines) and any(map(_ITEM.fullmatch, lines))


def parse(source: Source) -> ParseResult:
    """Return the papers and the user's marks."""
    log, entries = ProblemLog(source.name), EntryCollector(source.name)
    item: re.Match[str] | None = None
    date, block, number = "", list[str](), 0

    def finish() -> None:
        if item:
            entries.add(_to_fields(item, "\n".join(block), date, source.name), partial(log.report, number))

    lines = _split_lines(source.text)
    first = _find_first_line(lines)
    for line_number, line in enumerate(lines[first:], first + 1):
        heading, next_item = _HEADING.fullmatch(line), _ITEM.fullmatch(line)
        if heading or next_item:
            finish()
            date = heading[1] or "" if heading else date
            item, block, number = next_item, [], line_number
        elif item:
            block.append(line)
        elif line.strip():
            log.report(line_number, "belongs to no paper; ignored")
    finish()
    return ParseResult(tuple(entries.papers), tuple(log.problems), entries.marks)


def _find_first_line(lines: Sequence[str]) -> int:
    """Return the index of the line after the title, or after the introduction; the notes below it are indented."""
    return next((index for index in range(len(lines) - 1, 0, -1) if lines[index - 1] == _PAPERS), 1)


def _split_lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n")


def _to_fields(item: re.Match[str], block: str, date: str, source_name: str) -> dict[str, Any]:
    """Return what an item and the lines below it say as the fields of a JSON entry."""
    shown, _, note = _NO_INDENT.sub("", block).partition(f"\n{_NOTE}\n")
    byline, abstracts, comments = _split_block(shown)
    url = (item[3] or "").replace("&amp;", "&")
    tags = _TAGS.search(byline)
    authors, details = _split_details(byline[: tags.start()] if tags else byline)
    arxiv_id, doi = identify_links([url])
    return {
        "title": _unescape(item[2] if item[2] is not None else item[4]),
        "authors": split_author_list(authors),
        "tags": [tag.strip() for tag in re.split(r"(?:\A|\s)#", tags[1]) if tag.strip()] if tags else [],
        "url": url,
        "arxiv_id": details[1] or arxiv_id,
        "doi": details[2] or doi,
        "abstract": "\n\n".join(abstracts),
        "comments": _group_by_language(comments),
        "links": list(dict.fromkeys(link for text in (*abstracts, *comments) for link in extract_links(text))),
        "digests": [{"date": date or details[0] or None, "source": source_name}],
        "status": "read" if item[1] == "x" else item[6] or "unread",
        "starred": bool(item[5]),
        "note": note.strip("\n"),
    }


def _split_details(text: str) -> tuple[str, tuple[str, str, str]]:
    """Return the authors, and the date, arXiv ID and DOI after them, each "" where it is missing."""
    parts, found = text.split(" · "), ["", "", ""]
    while parts and (detail := _DETAIL.fullmatch(parts[-1])):
        found = [group or known for group, known in zip(detail.groups(), found, strict=True)]
        del parts[-1]
    return " · ".join(parts), (found[0], found[1], found[2])


def _split_block(text: str) -> tuple[str, list[str], list[str]]:
    """Return the line of authors and tags, "" where there is none, and the quotations: abstracts, and comments."""
    byline, abstracts, comments, lines = "", list[str](), list[str](), list[str]()
    is_abstract = False
    for line in (*text.split("\n"), ""):
        if line.startswith(">"):
            lines.append(line[2:] if line.startswith("> ") else line[1:])
            continue
        if lines:
            quotation = "\n".join(lines)
            is_abstract = is_abstract or quotation.startswith(_ABSTRACT_CALLOUT)
            (abstracts if is_abstract else comments).append(_unescape(quotation.removeprefix(_ABSTRACT_CALLOUT)))
            lines, is_abstract = [], False
        if line.strip() == _ABSTRACT:
            is_abstract = True
        else:
            byline = byline or _unescape(line.strip())
    return byline, abstracts, comments


def _group_by_language(quotations: Sequence[str]) -> dict[str, str]:
    comments: dict[str, str] = {}
    for text in quotations:
        language = _find_language(text)
        comments[language] = "\n\n".join(filter(None, (comments.get(language), text)))
    return comments


def _find_language(text: str) -> str:
    span = find_foreign_span(text.split("\n\n"))
    return span.language if span else DEFAULT_LANGUAGE


def _unescape(text: str) -> str:
    """Return the text that this Markdown shows."""
    return _MARKED.sub(lambda match: match[1] or match[2], text)
