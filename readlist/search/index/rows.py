"""Rows of the index: models -> rows for the writer, rows -> models for the readers.

No SQL here. Decoding a row that this module did not write raises RowDecodeError, which counts as corruption.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterator, Sequence
from itertools import chain, compress
from typing import Any

from readlist.models import Appearance, Entry, FieldCorrection, Mark, Paper, PaperRef, Status
from readlist.search.index.decoding import decoder, parse_date, parse_time, require_text
from readlist.search.index.schema import COLUMN_TEXTS, HAS_BITS
from readlist.search.tokens import BARRIER, column_text, split_column
from readlist.text import fold_tag

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


# Rows -> models


@decoder
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


@decoder
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
        digests=tuple([Appearance(parse_date(date), source) for date, source in digests]),
        loaded_at=parse_time(loaded_at),
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
                tuple(value) if isinstance(value, list) else require_text(value), dt.datetime.fromisoformat(at)
            )
            for name, (value, at) in corrections.items()
        },
        "merged": tuple(PaperRef(id_, require_text(key)) for id_, key in merged),
        "deleted_at": parse_time(deleted_at),
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
        status_at=parse_time(status_at),
        starred=starred,
        starred_at=parse_time(starred_at),
        tags_added=tuple(tags_added),
        tags_removed=tuple(tags_removed),
        tags_at=parse_time(tags_at),
        note=note,
        note_at=parse_time(note_at),
        later=dt.date.fromisoformat(later) if isinstance(later, str) else later,
        later_at=parse_time(later_at),
    )
