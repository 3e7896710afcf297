"""What an incoming record adds to a known one: pure functions on the records of papers.

`paper_records` says what is in a record, `matching` which of these functions applies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import orjson

from readlist import text
from readlist.dates import format_utc
from readlist.store.paper_records import effective_comments, record_identity
from readlist.store.same_paper import is_stub
from readlist.text import KEY_SUFFIX

if TYPE_CHECKING:
    from readlist.models import Appearance, Paper
    from readlist.store.format import Record

_HASH_BYTES = 8
_LISTS = ("tags", "links")
_SOURCE_FIELDS = ("title", "authors", "abstract", "tags", "links", "arxiv_id", "doi", "url")
_get_source_fields = attrgetter(*_SOURCE_FIELDS)
_OF_THE_LIBRARY = ("digests", "loaded_at")
"""Fields in which a library has more than one source says."""
_FILLED = ("authors", "abstract", "arxiv_id", "doi", "url")
"""Fields that are filled where they are empty; tags and links are united."""


def encode(paper: Paper) -> Record:
    """Return an incoming paper as a record, without what is not known."""
    values = zip(_SOURCE_FIELDS, _get_source_fields(paper), strict=True)
    fields = {name: list(value) if isinstance(value, tuple) else value for name, value in values if value}
    if paper.loaded_at:
        fields["loaded_at"] = format_utc(paper.loaded_at)
    if comments := {language: comment for language, comment in paper.comments.items() if comment}:
        fields["comments"] = comments
    return fields | {"digests": _appearances(paper.digests, fields)}


def _appearances(digests: Iterable[Appearance], fields: Record) -> list[Record]:
    import hashlib  # here: it loads OpenSSL, and undoing hashes nothing

    appearances = [
        {"date": appearance.date and appearance.date.isoformat(), "source": appearance.source} for appearance in digests
    ]
    # The order and the names of schemas 1 to 5, without the DOI: so the hashes of papers loaded then stay valid.
    order = ("title", "authors", "abstract", "comments", "tags", "links", "arxiv_id", "url")
    hashed = {("commentary" if name == "comments" else name): fields[name] for name in order if name in fields}
    content_hash = hashlib.blake2b(orjson.dumps([appearances, hashed]), digest_size=_HASH_BYTES).hexdigest()
    return [appearance | {"hashes": [content_hash]} for appearance in appearances]


def digest_key(appearance: Mapping[str, Any]) -> tuple[str | None, str]:
    """Return what identifies a digest: its date and its name."""
    return appearance["date"], appearance["source"]


def fill_missing(known: Mapping[str, Any], incoming: Record) -> Record:
    """Return the known record with its empty fields, and the comments in languages that it lacks, filled."""
    filled = {name: value for name, value in incoming.items() if value} | {k: v for k, v in known.items() if v}
    filled["digests"] = known["digests"]
    if is_stub(record_identity(known)):
        filled |= {name: incoming[name] for name in ("title", "authors") if incoming.get(name)}
    return with_slug(with_comments(filled, incoming.get("comments", {}) | known.get("comments", {})))


def overwrite(known: Mapping[str, Any], incoming: Record) -> Record:
    """Return the known record as its first digest has it now; fields that the digest lacks stay.

    Of a paper in several digests it is not known which of them gave a tag: then no tag is removed.
    """
    revised = {**known, **{name: value for name, value in incoming.items() if value and name not in _OF_THE_LIBRARY}}
    if len(known["digests"]) > 1:
        revised |= merge_lists(incoming, known)
    return with_slug(with_comments(revised, known.get("comments", {}) | incoming.get("comments", {})))


def merge_lists(first: Mapping[str, Any], second: Mapping[str, Any]) -> Record:
    """Return the tags and links of both records."""
    both = {name: list(dict.fromkeys([*first.get(name, []), *second.get(name, [])])) for name in _LISTS}
    return {name: values for name, values in both.items() if values}


def with_comments(record: Record, comments: Mapping[str, str]) -> Record:
    """Return the record with these comments of its first source."""
    return record | {"comments": dict(comments)} if comments else record


def other_comments(known: Mapping[str, Any], incoming: Mapping[str, str]) -> dict[str, str]:
    """Return the comments of another source that differ from those of the known sources in the same language."""
    texts = [text.fold(comment) for comment in effective_comments(known).values()]
    return {
        language: comment
        for language, comment in incoming.items()
        if language in known.get("comments", {}) and not any(text.fold(comment) in other for other in texts)
    }


def with_slug(record: Record) -> Record:
    """Return the record with the slug of its title, if its key has another one: a key never changes, a title may."""
    slug = text.slugify(record["title"])
    has_other = record["key"][:-KEY_SUFFIX] != slug
    if not has_other and "slug" not in record:  # as nearly every record
        return record
    rest = {name: value for name, value in record.items() if name != "slug"}
    return rest | {"slug": slug} if has_other else rest


def merge_records(kept: Mapping[str, Any], id_: str, other: Mapping[str, Any]) -> Record:
    """Return the record of a paper after another one, of this ID, was merged into it.

    Digests, tags and links are united, empty fields are filled, an identifier in place of a title is replaced, and a
    comment that differs is kept beside the first. Corrections of the other paper apply where this one has none. The
    paper counts as deleted only where both did.
    """
    merged = {"id": int(id_)} | {
        name: other[name] for name in ("key", "title", "authors", "arxiv_id", "doi", "url") if other.get(name)
    }
    fields = {**kept, **{name: other[name] for name in _FILLED if other.get(name) and not kept.get(name)}}
    if is_stub(record_identity(kept)):
        fields |= {name: other[name] for name in ("title", "authors") if other.get(name)}
    if "deleted_at" not in other:
        fields.pop("deleted_at", None)
    fields |= merge_lists(kept, other)
    fields = with_comments(fields, other.get("comments", {}) | kept.get("comments", {}))
    if corrections := other.get("corrections", {}) | kept.get("corrections", {}):
        fields["corrections"] = corrections
    fields["digests"] = _unite_digests(kept, other)
    fields["merged"] = [*kept.get("merged", []), *other.get("merged", []), merged]
    return with_slug(fields)


def _unite_digests(kept: Mapping[str, Any], other: Mapping[str, Any]) -> list[Record]:
    """Return the appearances of both; the first one of `other` gets its comments that differ."""
    united = {digest_key(appearance): dict(appearance) for appearance in kept["digests"]}
    differing = other_comments(kept, other.get("comments", {}))
    for number, appearance in enumerate(other["digests"]):
        known = united.setdefault(digest_key(appearance), {**appearance, "hashes": []})
        known["hashes"] = list(dict.fromkeys([*known["hashes"], *appearance["hashes"]]))
        comments = known.get("comments", {}) | appearance.get("comments", {}) | (differing if number == 0 else {})
        if comments:
            known["comments"] = comments
    return list(united.values())
