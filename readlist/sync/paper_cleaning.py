"""How the fields of a paper that another machine wrote are cleaned; `incoming.check_paper` applies it.

Each function takes a JSON value of any type and returns a value that the store accepts, empty for an invalid one.
What a loader has cleaned stays as it is, and a value that was cleaned here is not changed by cleaning it again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from readlist.dois import ARXIV_PREFIX
from readlist.edits import MAX_AUTHOR, MAX_TAG, MAX_TEXT, MAX_TITLE
from readlist.store.matching import MAX_ID
from readlist.sync.registers import Register, is_date, is_register, is_time, is_time_or_none
from readlist.text import clean, clean_lines, encode_invisible, is_ascii_and_hangul, parse_arxiv_id
from readlist.urls import HTTP_URL, MAX_URL

MAX_ITEMS = 6_000
"""Authors, tags, links or digests of a paper, as those that loaders accept."""
_MAX_PASSES = 5
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_HASH = re.compile(r"[0-9a-zA-Z_-]{1,64}")
_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s\"{}\\^`|]+")


def _line(limit: int) -> Callable[[Any], str]:
    return lambda value: _settle(clean, value, limit)


def _settle(clean_text: Callable[[str], str], value: Any, limit: int) -> str:
    """Return a text of at most `limit` characters that cleaning does not change, "" for another type.

    Cutting a text, and removing what is invisible, may leave something that has to be cleaned again.
    """
    text = value if type(value) is str else ""
    for _ in range(_MAX_PASSES):
        cleaned = clean_text(text[:limit])
        if cleaned == text:
            return text
        text = cleaned
    return ""


def _lines(limit: int) -> Callable[[Any], list[str]]:
    return lambda value: list(filter(None, (_settle(clean, item, limit) for item in _items(value))))


def _clean_text(value: Any) -> str:
    if type(value) is str and len(value) <= MAX_TEXT and _is_clean(value):  # the common case, in a tenth of the time
        return value
    return _settle(clean_lines, value, MAX_TEXT)


def _is_clean(text: str) -> bool:
    """Return whether a text in English or Korean is one that cleaning its lines does not change."""
    return (
        text.replace("\n", "").isprintable()
        and is_ascii_and_hangul(text)
        and text == text.strip()
        and not any(spaces in text for spaces in ("  ", " \n", "\n ", "\n\n\n"))
    )


def _items(value: Any) -> list[Any]:
    return value[:MAX_ITEMS] if type(value) is list else []


def _clean_url(value: Any) -> str:
    if type(value) is not str or len(value) > MAX_URL:
        return ""
    url = encode_invisible(clean(value))
    return url if len(url) <= MAX_URL and HTTP_URL.fullmatch(url) and encode_invisible(clean(url)) == url else ""


def _clean_links(value: Any) -> list[str]:
    return list(filter(None, map(_clean_url, _items(value))))


def _clean_tags(value: Any) -> list[str]:
    return list(dict.fromkeys(_lines(MAX_TAG)(value)))


def _clean_arxiv_id(value: Any) -> str:
    return value if type(value) is str and value.isascii() and parse_arxiv_id(value) == value else ""


def _clean_doi(value: Any) -> str:
    if type(value) is not str or len(value) > MAX_URL or not _DOI.fullmatch(value):
        return ""
    return value if clean(value) == value == value.lower() and not value.startswith(ARXIV_PREFIX.lower()) else ""


def _clean_time(value: Any) -> str:
    return value if is_time(value) else ""


def _clean_id(value: Any) -> int:
    return value if type(value) is int and 1 <= value <= MAX_ID else 0


def _clean_comments(value: Any) -> dict[str, str]:
    comments = value.items() if type(value) is dict else ()
    cleaned = {name: _clean_text(text) for name, text in comments if _LANGUAGE.fullmatch(name)}
    return {name: text for name, text in cleaned.items() if text}


def _clean_digests(value: Any) -> list[dict[str, Any]]:
    return list(filter(None, map(_clean_digest, _items(value))))


def _clean_digest(value: Any) -> dict[str, Any] | None:
    if type(value) is not dict or type(value.get("source")) is not str:
        return None
    date = value.get("date")
    if date is not None and not is_date(date):
        return None
    hashes = [text for text in _items(value.get("hashes")) if type(text) is str and _HASH.fullmatch(text)]
    digest = {"date": date, "source": _settle(clean, value["source"], MAX_TITLE), "hashes": hashes}
    comments = _clean_comments(value.get("comments"))
    return digest | ({"comments": comments} if comments else {})


def _clean_corrections(value: Any) -> dict[str, Register]:
    corrections = value.items() if type(value) is dict else ()
    return {name: register for name, register in corrections if _is_correction(name, register)}


def _is_correction(field: str, register: Any) -> bool:
    """Return whether a register is a correction of this field, None for one that was removed."""
    if field not in _CORRECTIONS or not is_register(register, 3):
        return False
    value, at = register[1:]
    if value is None:
        return is_time_or_none(at)
    if field == "title" and not value:
        return False
    return is_time(at) and type(value) is type(_CORRECTIONS[field]("")) and _CORRECTIONS[field](value) == value


def _clean_correction_date(value: Any) -> str:
    return value if is_date(value) else ""


def _clean_deletion(value: Any) -> Register | None:
    return value if is_register(value, 2) and is_time_or_none(value[1]) else None


CLEANERS: Mapping[str, Callable[[Any], Any]] = {
    "title": _line(MAX_TITLE),
    "authors": _lines(MAX_AUTHOR),
    "abstract": _clean_text,
    "comments": _clean_comments,
    "tags": _clean_tags,
    "links": _clean_links,
    "arxiv_id": _clean_arxiv_id,
    "doi": _clean_doi,
    "url": _clean_url,
    "digests": _clean_digests,
    "loaded_at": _clean_time,
    "id": _clean_id,
    "corrections": _clean_corrections,
    "deleted": _clean_deletion,
}
"""How each field of a shared paper is cleaned; other fields are left out."""
_CORRECTIONS: Mapping[str, Callable[[Any], str | list[str]]] = {
    "title": _line(MAX_TITLE),
    "authors": _lines(MAX_AUTHOR),
    "date": _clean_correction_date,
    "url": _clean_url,
    "arxiv_id": _clean_arxiv_id,
    "doi": _clean_doi,
    "abstract": _clean_text,
}
