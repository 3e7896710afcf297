"""JSON: the fields of entries, and the arrays and objects that every `--json` of the command line prints.

An entry, with its fields in this order:

    id          number                    key         text, the same on every machine
    title       text                      authors     list of text
    abstract    text                      comments    object: language (ISO 639-1) -> text
    tags        list: those in effect     my_tags     list: those that the user added
    links       list of URLs              arxiv_id    text, without a version
    doi         text, in lower case       url         text
    digests     list of {date, source}
    status      unread reading read skipped           status_at   time
    starred     true or false             starred_at  time
    note        Markdown                  note_at     time
    later       number: position in the queue, ascending; or the date until which the paper is postponed
    later_at    time                      loaded_at   time
    tags_at     time                      digest_tags list: those that the digests have
    removed_tags            list: those that the user removed

`loaders.own` reads entries back: every field of the library is among these.

A search result is an entry with `score` (number) and `matched` ({field, excerpt, all}, where `all` says whether the
paper has all words of the query; null where only filters matched); a suggestion is an entry with `score` and `reason`
("" where it was chosen for its date alone). In a lab, `show` adds `others`: a list of what each other person shares of
their mark, {person, status, status_at, starred, starred_at, tags, note, note_at}, where `tags` are those they added.

Dates are ISO 8601, times UTC: "2025-02-11T08:00:00Z". An unknown text is "", an unknown date or time null. The order of
fields and these names are stable; new fields may be added. Text is UTF-8, not escaped beyond what a terminal needs.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from readlist.dates import format_utc
from readlist.redaction import redact_digest_name
from readlist.text import is_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from readlist.models import Entry
    from readlist.query_results import Hit
    from readlist.suggestions import Suggestion

_SCORE_DIGITS = 4
_CACHED_VALUES = 4_096
"""Times and names of digests of which the text is kept: the papers of a digest have them in common."""
_NOT_ASCII = re.compile(r"[^\x20-\x7e\n]")
_UNPRINTABLE = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Unicode categories: controls, formats (bidi, zero-width), line and paragraph separators."""


def export(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield an array of entries, indented by 2, with a newline at its end."""
    return dump_array(map(entry_dict, entries))


def entry_dict(entry: Entry) -> dict[str, object]:
    """Return the JSON object of an entry."""
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
        "doi": paper.doi,
        "url": paper.url,
        "digests": [
            {"date": date.isoformat() if date else None, "source": _digest_name(source)}
            for date, source in paper.digests
        ],
        "status": mark.status.value,
        "status_at": _time(mark.status_at),
        "starred": mark.starred,
        "starred_at": _time(mark.starred_at),
        "note": mark.note,
        "note_at": _time(mark.note_at),
        "later": mark.later.isoformat() if isinstance(mark.later, dt.date) else mark.later,
        "later_at": _time(mark.later_at),
        "loaded_at": _time(paper.loaded_at),
        "tags_at": _time(mark.tags_at),
        "digest_tags": list(paper.tags),
        "removed_tags": list(mark.tags_removed),
    }


@lru_cache(maxsize=_CACHED_VALUES)
def _time(time: dt.datetime | None) -> str | None:
    return format_utc(time) if time else None


_digest_name = lru_cache(maxsize=_CACHED_VALUES)(redact_digest_name)


def entry_dict_with_others(entry: Entry) -> dict[str, object]:
    """Return the JSON object of an entry with `others`, the marks of the other persons of a lab."""
    others = [
        {
            "person": person,
            "status": mark.status.value,
            "status_at": _time(mark.status_at),
            "starred": mark.starred,
            "starred_at": _time(mark.starred_at),
            "tags": list(mark.tags_added),
            "note": mark.note,
            "note_at": _time(mark.note_at),
        }
        for person, mark in entry.others
    ]
    return {**entry_dict(entry), "others": others}


def hit_dict(hit: Hit) -> dict[str, object]:
    """Return the JSON object of a search result."""
    field, excerpt = hit.matched[:2] if hit.matched else ("", "")
    matched = {"field": field, "excerpt": excerpt, "all": not hit.is_partial} if hit.matched or hit.is_partial else None
    return {**entry_dict(hit.entry), "score": round(hit.score, _SCORE_DIGITS), "matched": matched}


def suggestion_dict(suggestion: Suggestion) -> dict[str, object]:
    """Return the JSON object of a suggested paper."""
    score = round(suggestion.score, _SCORE_DIGITS)
    return {**entry_dict(suggestion.entry), "score": score, "reason": suggestion.reason}


def dump_array(objects: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Yield one JSON array, a piece an object, indented by 2; `[]` where there is no object."""
    opening = "["
    for fields in objects:
        # No JSON string contains a raw newline: each one is between two members and may be indented.
        text = _dump(fields).replace("\n", "\n  ")
        yield f"{opening}\n  {escape_unprintable(text)}"
        opening = ","
    yield "[]\n" if opening == "[" else "\n]\n"


def dump_object(fields: Mapping[str, object]) -> Iterator[str]:
    """Yield one JSON object, indented by 2, with a newline at its end."""
    yield escape_unprintable(_dump(fields)) + "\n"


def dump_line(fields: Mapping[str, object]) -> str:
    """Return one JSON object as a line, with its newline."""
    return escape_unprintable(_dump(fields, indent=False)) + "\n"


def _dump(fields: Mapping[str, object], *, indent: bool = True) -> str:
    """Return the fields as JSON; a lone surrogate, which UTF-8 cannot encode, becomes U+FFFD."""
    import orjson

    option = orjson.OPT_INDENT_2 if indent else 0
    try:
        return orjson.dumps(fields, option=option).decode()
    except TypeError:
        import json

        printed = re.sub("[\ud800-\udfff]", "\ufffd", json.dumps(fields, ensure_ascii=False))
        return orjson.dumps(orjson.loads(printed), option=option).decode()


def escape_unprintable(text: str) -> str:
    r"""Return equivalent JSON text with controls, bidi and zero-width characters as \uXXXX, harmless on a terminal.

    >>> escape_unprintable('"\u202egnp"')
    '"\\u202egnp"'
    """
    if is_plain(text) or text.replace("\n", "").isprintable():
        return text
    return _NOT_ASCII.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if unicodedata.category(character) not in _UNPRINTABLE:
        return character
    utf16 = character.encode("utf-16-be").hex()
    return "".join(f"\\u{utf16[i : i + 4]}" for i in range(0, len(utf16), 4))
