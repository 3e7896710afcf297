"""The record of a paper in papers.json: what the sources say, what the user corrected, and what was merged into it.

    "12": {"key": …, "title": …, "digests": [{"date": …, "source": …, "hashes": […], "comments": {…}}],
           "corrections": {"title": {"value": …, "at": …}}, "merged": [{"id": 14, "key": …, "title": …}],
           "loaded_at": …, "deleted_at": …}

A correction covers the field and never replaces what the sources say, so that it survives every reload and can be
removed. The comments of an appearance are those of a second source, in a language in which the first one has another
comment. A deleted paper stays, or it would be added again by the next load.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from readlist.dates import format_utc
from readlist.dois import identify_doi, parse_doi
from readlist.errors import ReadlistError
from readlist.models import Appearance, FieldCorrection, Paper, PaperRef
from readlist.text import parse_arxiv_id

if TYPE_CHECKING:
    from readlist.store.format import Record


class Identity(NamedTuple):
    """What tells papers apart: of a record, of its corrected form, or of a paper that was merged into it."""

    title: str
    authors: tuple[str, ...] = ()
    arxiv_id: str = ""
    doi: str = ""
    url: str = ""


def decode(id_: str, record: Mapping[str, Any], codes: tuple[int, ...] = ()) -> Paper | None:
    """Return the paper of a record, None for one that a newer version wrote and this one does not understand.

    `codes` are its identity codes, where it goes into the index.
    """
    try:
        corrections = record.get("corrections", {})
        corrected = {name: correction["value"] for name, correction in corrections.items()}
        values = {**record, **corrected} if corrected else record
        digests = tuple(_decode_appearances(record["digests"]))
        if "date" in corrections:
            digests = _with_newest_date(digests, _decode_date(values["date"]))
        return Paper(
            title=values["title"],
            authors=tuple(values.get("authors", ())),
            abstract=values.get("abstract", ""),
            comments=effective_comments(record),
            tags=tuple(record.get("tags", ())),
            links=tuple(record.get("links", ())),
            arxiv_id=values.get("arxiv_id", ""),
            doi=values["doi"] if "doi" in corrections else _find_doi(values),
            url=values.get("url", ""),
            digests=digests,
            loaded_at=_decode_time(record.get("loaded_at")),
            id=int(id_),
            key=record["key"],
            corrections={name: _decode_correction(**correction) for name, correction in corrections.items()},
            merged=tuple(PaperRef(other["id"], other["key"]) for other in record.get("merged", ())),
            deleted_at=_decode_time(record.get("deleted_at")),
            identity_codes=codes,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def decode_all(
    records: Mapping[str, Mapping[str, Any]],
    ids: Sequence[str],
    decode: Callable[[str, Mapping[str, Any]], Paper | None] = decode,
) -> Sequence[Paper]:
    """Return the papers with these IDs, in this order, of records that this version wrote and that may be packed."""
    from readlist.mapped_sequence import MappedSequence
    from readlist.store.packed_records import unpacked

    def decode_one(id_: str) -> Paper:
        paper = decode(id_, unpacked(records[id_]))
        if paper is None:
            raise ReadlistError(f"paper cannot be decoded: {id_}; to examine the library: readlist doctor")
        return paper

    return MappedSequence(decode_one, ids)


def effective_comments(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the comments of all sources by their language, those in one language as paragraphs of one text."""
    comments = dict(record.get("comments", {}))
    for appearance in record["digests"]:
        for language, text in appearance.get("comments", {}).items():
            comments[language] = "\n\n".join(filter(None, (comments.get(language, ""), text)))
    return comments


def identities(record: Mapping[str, Any]) -> Iterator[Identity]:
    """Yield all that is known to identify a paper: what the sources say, corrected, and of papers merged into it."""
    yield record_identity(record)
    if corrections := record.get("corrections"):
        yield record_identity({**record, **{name: correction["value"] for name, correction in corrections.items()}})
    yield from map(record_identity, record.get("merged", ()))


def with_corrections(record: Mapping[str, Any], paper: Paper) -> Record:
    """Return the record with the corrections that `paper` has: their values and times."""
    changed = {name: value for name, value in record.items() if name != "corrections"}
    corrections = {
        name: {"value": list(value) if isinstance(value, tuple) else value, "at": format_utc(at)}
        for name, (value, at) in sorted(paper.corrections.items())
    }
    return changed | {"corrections": corrections} if corrections else changed


def with_deletion(record: Mapping[str, Any], at: dt.datetime | None) -> Record:
    """Return the record as deleted at this time, or as not deleted."""
    changed = {name: value for name, value in record.items() if name != "deleted_at"}
    return changed | {"deleted_at": format_utc(at)} if at else changed


def record_identity(fields: Mapping[str, Any]) -> Identity:
    """Return what identifies the paper of a record, as the sources say it."""
    return Identity(
        fields["title"],
        tuple(fields.get("authors") or ()),
        fields.get("arxiv_id") or "",
        _find_doi(fields),
        fields.get("url") or "",
    )


def _find_doi(fields: Mapping[str, Any]) -> str:
    """Return the DOI of a record; those of earlier versions have it only in their URL."""
    doi: str = fields.get("doi") or ""
    return doi or identify_url(fields.get("url") or "")[1]


@lru_cache(maxsize=4)  # decoding a paper needs it several times in succession
def identify_url(url: str) -> tuple[str, str]:
    """Return the arXiv ID, without its version, and the DOI of the paper that a URL leads to, "" for none.

    >>> identify_url("https://doi.org/10.48550/arXiv.2502.06781v2"), identify_url("https://doi.org/10.1000/AB")
    (('2502.06781', ''), ('', '10.1000/ab'))
    """
    arxiv_id, doi = identify_doi(parse_doi(url)) if "/10." in url else ("", "")
    return arxiv_id or (parse_arxiv_id(url) if url else ""), doi


def _decode_correction(value: str | list[str], at: str) -> FieldCorrection:
    return FieldCorrection(tuple(value) if isinstance(value, list) else value, dt.datetime.fromisoformat(at))


def _with_newest_date(digests: tuple[Appearance, ...], date: dt.date | None) -> tuple[Appearance, ...]:
    """Return the digests with another date of the newest one; a paper without a digest gets one without a name."""
    if not digests:
        return (Appearance(date, ""),)
    newest = max(range(len(digests)), key=lambda i: (digests[i].date or dt.date.min, -i))
    return tuple(appearance._replace(date=date) if i == newest else appearance for i, appearance in enumerate(digests))


def _decode_appearances(digests: Iterable[Mapping[str, Any]]) -> Iterator[Appearance]:
    for appearance in digests:
        yield Appearance(_decode_date(appearance["date"]), appearance["source"])


def _decode_time(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def _decode_date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
