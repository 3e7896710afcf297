"""JSON: an array of entries, stable, Hangul unescaped.

    entry   id key title authors abstract comments tags my_tags links arxiv_id url digests[{date, source}]
            status status_at starred note note_at
    hit     an entry, and score, matched {field, excerpt} (null where nothing but filters matched)
    suggestion  an entry, and score, reason ("" where nothing but its date speaks for it)

Dates are ISO 8601, times UTC with a Z; what is not known is "" for a text, [] for a list and null for a date or time.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from readlist.models import Entry, Hit, Suggestion

_SCORE_DIGITS = 4
_NOT_ASCII = re.compile(r"[^\x20-\x7e\n]")
_ESCAPED = frozenset({"Cc", "Cf", "Zl", "Zp"})


def export(entries: Iterable[Entry]) -> Iterator[str]:
    """An array of entries, indented by 2, with a newline at its end."""
    return array(map(entry_dict, entries))


def entry_dict(entry: Entry) -> dict[str, object]:
    """An entry as JSON knows it; `tags` are those in effect, `my_tags` those that the reader added."""
    paper, mark = entry.paper, entry.mark
    return {
        "id": paper.id,
        "key": paper.key,
        "title": paper.title,
        "authors": list(paper.authors),
        "abstract": paper.abstract,
        "comments": dict(paper.comments),
        "tags": list(entry.tags),
        "my_tags": list(mark.tags_added),
        "links": list(paper.links),
        "arxiv_id": paper.arxiv_id,
        "url": paper.url,
        "digests": [{"date": _date(seen.date), "source": seen.source} for seen in paper.digests],
        "status": mark.status.value,
        "status_at": iso(mark.status_at),
        "starred": mark.starred,
        "note": mark.note,
        "note_at": iso(mark.note_at),
    }


def hit_dict(hit: Hit) -> dict[str, object]:
    """A search result as JSON knows it: its entry, the score to 4 digits, and where it matched."""
    matched = hit.matched and {"field": hit.matched.field, "excerpt": hit.matched.text}
    return {**entry_dict(hit.entry), "score": round(hit.score, _SCORE_DIGITS), "matched": matched}


def suggestion_dict(suggested: Suggestion) -> dict[str, object]:
    """A suggested paper as JSON knows it: its entry, the score to 4 digits, and why it is suggested."""
    score = round(suggested.score, _SCORE_DIGITS)
    return {**entry_dict(suggested.entry), "score": score, "reason": suggested.reason}


def array(rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """The rows as one JSON array, a piece a row; `[]` where there are none."""
    import orjson

    opening = "["
    for row in rows:
        # No string holds a raw newline in JSON, so each one here is between two members and may be indented.
        text = orjson.dumps(row, option=orjson.OPT_INDENT_2).decode().replace("\n", "\n  ")
        yield f"{opening}\n  {inert(text)}"
        opening = ","
    yield "[]\n" if opening == "[" else "\n]\n"


def document(fields: Mapping[str, object]) -> Iterator[str]:
    """One JSON object, indented by 2, with a newline at its end."""
    import orjson

    yield inert(orjson.dumps(fields, option=orjson.OPT_INDENT_2).decode()) + "\n"


def inert(text: str) -> str:
    r"""JSON text that means the same and commands no terminal: controls, bidi and zero-width characters as \uXXXX.

    >>> inert('"\u202egnp"')
    '"\\u202egnp"'
    """
    if text.replace("\n", "").isprintable():
        return text
    return _NOT_ASCII.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if unicodedata.category(character) not in _ESCAPED:
        return character
    utf16 = character.encode("utf-16-be").hex()
    return "".join(f"\\u{utf16[i : i + 4]}" for i in range(0, len(utf16), 4))


def _date(date: dt.date | None) -> str | None:
    return date.isoformat() if date else None


def iso(time: dt.datetime | None) -> str | None:
    """A time as JSON has it: 2025-02-11T08:00:00Z."""
    return time.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if time else None
