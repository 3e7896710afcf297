"""Rows of the index: models -> rows for the writer, rows -> models for the readers.

No SQL here. Decoding a row that this module did not write raises RowDecodeError, which counts as corruption.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, wraps
from itertools import chain, compress
from typing import Any, TypeVar

from readlist.models import (
    Appearance,
    DigestCount,
    Entry,
    FieldCorrection,
    LoadedDocument,
    Mark,
    Paper,
    PaperRef,
    SavedQuery,
    Status,
    Synonyms,
    TagAlias,
    TrackedSource,
)
from readlist.search.index.errors import RowDecodeError
from readlist.search.index.schema import COLUMN_TEXTS, HAS_BITS
from readlist.search.tokens import BARRIER, column_text, split_column
from readlist.text import fold_tag

_T = TypeVar("_T")
_CACHED_TIMES = 1_024
"""Dates and times that are kept decoded: the papers of a digest, and those of a load, have them in common."""
_SUM_LENGTH = 4
"""Bytes of the checksum at the end of an encoded entry."""
_SUM_RESIDUE = 0x2144DF1C
"""The CRC-32 of any bytes that end with their own CRC-32, little-endian: an entry is verified without being split."""


# Models -> rows


def text_row(entry: Entry) -> tuple[int | str, ...]:
    """Return an entry as a row of `words`."""
    return (entry.paper.id, *(column_text(get_texts(entry)) for get_texts in COLUMN_TEXTS.values()))


def distinct_tokens(row: Sequence[int | str]) -> set[str]:
    """Return the tokens of a row of `words`, each once."""
    return set(chain.from_iterable(split_column(str(text)) for text in row[1:])) - {BARRIER}


def sound_rows(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Return words as rows of `sounds`; only Latin ones have a key."""
    from readlist.search.expansion.sounds import latin_keys

    return ((key, word) for key, word in zip(latin_keys(words), words, strict=True) if key)


def acronym_definitions(entry: Entry) -> set[tuple[str, str]]:
    """Return the acronyms that the texts of an entry define, each with its long form."""
    from readlist.search.expansion.acronyms import find_definitions

    return find_definitions(definition_texts(entry))


def definition_texts(entry: Entry) -> tuple[str, ...]:
    """Return the texts that may define acronyms, which depends on capitals, unlike the rows of `words`."""
    paper = entry.paper
    return (paper.title, paper.abstract, *paper.comments.values())


def paper_row(entry: Entry) -> tuple[str | int | None, ...]:
    """Return an entry as a row of `papers`."""
    paper, mark = entry.paper, entry.mark
    date, first_date = paper.date, paper.first_date
    has = (mark.note, paper.abstract, paper.comments, entry.tags, paper.arxiv_id, paper.doi, paper.url)
    return (
        paper.id,
        paper.key,
        paper.arxiv_id,
        paper.doi,
        date.isoformat() if date else "",
        first_date.isoformat() if first_date else "",
        paper.loaded_at.isoformat() if paper.loaded_at else "",
        mark.status.value,
        mark.status_at.isoformat() if mark.status_at else "",
        mark.starred,
        mark.starred_at.isoformat() if mark.starred_at else "",
        mark.note_at.isoformat() if mark.note_at else "",
        mark.later.isoformat() if isinstance(mark.later, dt.date) else mark.later,
        mark.later_at.isoformat() if mark.later_at else "",
        sum(compress(HAS_BITS.values(), has)),
        "\n".join(filter(None, (paper.url, *paper.links))).casefold(),
    )


def tag_rows(entry: Entry) -> Iterator[tuple[str, int, str]]:
    """Return an entry as rows of `tags`."""
    return ((fold_tag(tag), entry.paper.id, tag) for tag in entry.tags)


def appearance_rows(entry: Entry) -> Iterator[tuple[str, str, int]]:
    """Return an entry as rows of `appearances`."""
    for appearance in entry.paper.digests:
        yield appearance.date.isoformat() if appearance.date else "", appearance.source, entry.paper.id


def identity_rows(entry: Entry) -> Iterator[tuple[int, int]]:
    """Return the identity codes of a paper as rows of `identities`."""
    return ((code, entry.paper.id) for code in entry.paper.identity_codes)


def deleted_row(entry: Entry) -> tuple[int, str, bytes]:
    """Return the entry of a deleted paper as a row of `deleted`."""
    return entry.paper.id, entry.paper.key, encode_entry(entry)


def merged_rows(entry: Entry) -> Iterator[tuple[int, int, str]]:
    """Return the papers that were merged into that of an entry as rows of `merged`."""
    return ((entry.paper.id, other.id, other.key) for other in entry.paper.merged)


def encode_entry(entry: Entry) -> bytes:
    """Encode the whole entry as a JSON array, fields by position, followed by the CRC-32 of the array, little-endian.

    The mark is null where it has only defaults, the tags in effect are null where they are those of the digests, and
    what the user changed in the paper is null where that is nothing.
    """
    import orjson

    paper, mark = entry.paper, entry.mark
    digests = [(appearance.date, appearance.source) for appearance in paper.digests]
    first = (paper.id, paper.key, paper.title, paper.authors, paper.abstract, dict(paper.comments), paper.tags)
    last = (paper.links, paper.arxiv_id, paper.doi, paper.url, digests, paper.loaded_at, _change_values(paper))
    mark_values = mark[1:]
    changed_mark = None if mark_values == _DEFAULT_MARK else mark_values
    text = orjson.dumps((*first, *last, changed_mark, None if entry.tags == paper.tags else entry.tags))
    return text + zlib.crc32(text).to_bytes(_SUM_LENGTH, "little")


def _change_values(paper: Paper) -> tuple[Any, ...] | None:
    if not (paper.corrections or paper.merged or paper.deleted_at):
        return None
    corrections = {name: tuple(correction) for name, correction in paper.corrections.items()}
    return corrections, [tuple(other) for other in paper.merged], paper.deleted_at


_DEFAULT_MARK = Mark("")[1:]
"""The fields but the key, which is the paper's."""


def document_row(document: LoadedDocument) -> tuple[str | int, ...]:
    """Return a loaded document as a row of `documents`."""
    return tuple(document._replace(loaded_at=document.loaded_at.isoformat()))  # type: ignore[arg-type]  # a row


def query_row(query: SavedQuery) -> tuple[str, str, str, str]:
    """Return a saved query as a row of `queries`."""
    return query.name, query.text, query.at.isoformat(), query.sort


def alias_row(alias: TagAlias) -> tuple[str, str, str, str]:
    """Return a renamed tag as a row of `aliases`, with the new name also as `tags` has it."""
    return alias.old, alias.new, alias.at.isoformat(), fold_tag(alias.new)


def synonyms_row(name: str, group: Synonyms) -> tuple[str, str, str]:
    """Return a group of synonyms as a row of `synonyms`; its words are a JSON array."""
    import orjson

    return name, orjson.dumps(group.words).decode(), group.at.isoformat()


# Rows -> models


def _decoder(decode: Callable[..., _T]) -> Callable[..., _T]:
    """Make `decode` raise RowDecodeError where the values of a row are not valid."""

    @wraps(decode)
    def decode_row(*values: Any) -> _T:
        try:
            return decode(*values)
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise RowDecodeError(f"{type(error).__name__}: {error}") from error

    return decode_row


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not a text: {value!r}")
    return value


@_decoder
def decode_document(*row: Any) -> LoadedDocument:
    """Decode a row of `documents`."""
    location, name, version, papers, problems, loaded_at, left_out = row
    texts = _text(location), _text(name), _text(version)
    return LoadedDocument(*texts, papers, problems, dt.datetime.fromisoformat(loaded_at), left_out)


@_decoder
def decode_source(location: str, private: int, only: str) -> TrackedSource:
    """Decode a row of `sources`."""
    return TrackedSource(_text(location), bool(private), _text(only))


@_decoder
def decode_query(name: str, text: str, at: str, sort: str) -> SavedQuery:
    """Decode a row of `queries`."""
    return SavedQuery(_text(name), _text(text), dt.datetime.fromisoformat(at), _text(sort))


@_decoder
def decode_alias(old: str, new: str, at: str, _tag: str) -> TagAlias:
    """Decode a row of `aliases`."""
    return TagAlias(_text(old), _text(new), dt.datetime.fromisoformat(at))


@_decoder
def decode_synonyms(name: str, words: str, at: str) -> tuple[str, Synonyms]:
    """Decode a row of `synonyms`; the name is the key of the group."""
    import orjson

    return _text(name), Synonyms(tuple(map(_text, orjson.loads(words))), dt.datetime.fromisoformat(at))


@_decoder
def decode_digest_count(date: str, source: str, *counts: Any) -> DigestCount:
    """Decode a row of the counts of digests, with the location and time of its document."""
    digest = Appearance(dt.date.fromisoformat(date) if date else None, _text(source))
    papers, unread, location, loaded_at = counts
    return DigestCount(digest, papers, unread, _text(location), _time(loaded_at))


@_decoder
def decode_ref(row_id: int, blob: bytes) -> PaperRef:
    """Decode only ID and key of an entry, as `decode_entry` does; a fifth of its time."""
    id_, key, *_ = _load_entry(row_id, blob)
    return PaperRef(id_, key)


TITLE_IN_ENTRY, FIRST_AUTHOR_IN_ENTRY = (
    f"json_extract(CAST(substr(entry, 1, length(entry) - {_SUM_LENGTH}) AS TEXT), '{path}')"
    for path in ("$[2]", "$[3][0]")
)
"""SQL for a field of the blob of `encode_entry`: a tenth of the time that decoding takes, without the checksum."""


def _load_entry(row_id: int, blob: bytes) -> list[Any]:
    """Return the JSON array of an entry. Raises ValueError for a wrong checksum, and for the blob of another row."""
    import orjson

    if zlib.crc32(blob) != _SUM_RESIDUE:
        raise ValueError(f"wrong checksum: entry {row_id}")
    values: list[Any] = orjson.loads(blob[:-_SUM_LENGTH])
    if values[0] != row_id:
        raise ValueError(f"entry {row_id} is in the row of another: {values[0]}")
    return values


@_decoder
def decode_entry(row_id: int, blob: bytes) -> Entry:
    """Decode what `encode_entry` encoded, from the row of this ID; its checksum is verified."""
    *first, links, arxiv_id, doi, url, digests, loaded_at, changes, mark_values, effective_tags = _load_entry(
        row_id, blob
    )
    id_, key, title, authors, abstract, comments, tags = first
    paper = Paper(
        id=id_,
        key=key,
        title=title,
        authors=tuple(authors),
        abstract=abstract,
        comments=comments,
        tags=tuple(tags),
        links=tuple(links),
        arxiv_id=arxiv_id,
        doi=doi,
        url=url,
        digests=tuple([Appearance(_date(date), source) for date, source in digests]),
        loaded_at=_time(loaded_at),
        **({} if changes is None else _decode_changes(*changes)),
    )
    mark = Mark(key) if mark_values is None else _decode_mark(key, *mark_values)
    return Entry(paper, mark, paper.tags if effective_tags is None else tuple(effective_tags))


def _decode_changes(
    corrections: dict[str, list[Any]], merged: list[list[Any]], deleted_at: str | None
) -> dict[str, Any]:
    return {
        "corrections": {
            name: FieldCorrection(
                tuple(value) if isinstance(value, list) else _text(value), dt.datetime.fromisoformat(at)
            )
            for name, (value, at) in corrections.items()
        },
        "merged": tuple(PaperRef(id_, _text(key)) for id_, key in merged),
        "deleted_at": _time(deleted_at),
    }


def _decode_mark(  # noqa: PLR0913, PLR0917 -- the fields of a mark
    key: str,
    status: str,
    status_at: str | None,
    starred: bool,
    starred_at: str | None,
    tags_added: list[str],
    tags_removed: list[str],
    tags_at: str | None,
    note: str,
    note_at: str | None,
    later: int | str | None,
    later_at: str | None,
) -> Mark:
    return Mark(
        key,
        status=Status(status),
        status_at=_time(status_at),
        starred=starred,
        starred_at=_time(starred_at),
        tags_added=tuple(tags_added),
        tags_removed=tuple(tags_removed),
        tags_at=_time(tags_at),
        note=note,
        note_at=_time(note_at),
        later=dt.date.fromisoformat(later) if isinstance(later, str) else later,
        later_at=_time(later_at),
    )


@lru_cache(maxsize=_CACHED_TIMES)
def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


@lru_cache(maxsize=_CACHED_TIMES)
def _time(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
