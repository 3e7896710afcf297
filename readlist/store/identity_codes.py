"""Identity codes: numbers by which the search index finds the candidates of which an incoming paper may be a duplicate.

A code is the CRC-32, without its first bit, of a value by which `matching` finds a paper: content hash, identifier,
slug, key; or of the name of a digest, all papers of which are compared when its file is read again. Two papers that
`matching` joins have a code in common; two with a code in common may be different papers, which `matching` then says.

A key begins with its slug, so that the code of the slug also finds a key that is already taken. All functions are pure.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from readlist import text
from readlist.store.merging import encode
from readlist.store.paper_records import Identity, identities
from readlist.store.same_paper import identifiers, identity

if TYPE_CHECKING:
    from readlist.models import Paper

_HASH, _IDENTIFIER, _SLUG, _SOURCE = "hash\n", "id\n", "slug\n", "source\n"
"""What precedes a value, so that values of two kinds have different codes."""
_MASK = 0x7FFFFFFF
"""The bits of a code: SQLite stores a number up to this one in 4 bytes, a larger one in 6."""


def record_codes(record: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the codes of a known paper, deleted or not, each once; none where the types of its fields are wrong.

    The index has a checksum of them: where one is lost, papers are compared with the whole library.
    """
    try:
        return tuple({_code(value) for value in _record_values(record)})
    except (KeyError, TypeError, ValueError, AttributeError):
        return ()


def incoming_codes(papers: Iterable[Paper], reloaded_files: Collection[str]) -> set[int]:
    """Return the codes of incoming papers, and of the files among them that were loaded before and are read again."""
    codes = {_code(_SOURCE + name) for name in reloaded_files}
    for paper in papers:
        codes.update(map(_code, _incoming_values(paper)))
    return codes


def _record_values(record: Mapping[str, Any]) -> Iterable[str]:
    key = record["key"]
    values = [_SLUG + key[: -text.KEY_SUFFIX]]
    for appearance in record["digests"]:
        values += [_HASH + content_hash for content_hash in appearance["hashes"]]
        values.append(_SOURCE + appearance["source"])
    if "slug" in record:
        values.append(_SLUG + record["slug"])
    for known in identities(record):
        values += [_IDENTIFIER + identifier for identifier in identifiers(known)]
        if "corrections" in record or "merged" in record:
            values.append(_SLUG + text.slugify(known.title))
    values += [_SLUG + merged["key"][: -text.KEY_SUFFIX] for merged in record.get("merged", ())]
    return values


def _incoming_values(paper: Paper) -> Iterable[str]:
    values = [_SLUG + text.slugify(paper.title)]
    if paper.key:
        values.append(_SLUG + paper.key[: -text.KEY_SUFFIX])
    else:
        values.append(_HASH + encode(paper)["digests"][0]["hashes"][0])
    known = identity(paper)
    # Each field alone as well: `matching` asks which other paper has it.
    fields = (Identity("", arxiv_id=known.arxiv_id), Identity("", doi=known.doi), Identity("", url=known.url))
    return values + [_IDENTIFIER + identifier for one in (known, *fields) for identifier in identifiers(one)]


def _code(value: str) -> int:
    return zlib.crc32(value.encode(errors="replace")) & _MASK
