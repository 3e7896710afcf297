"""Deduplication: which known paper an incoming one is a duplicate of, and what it adds to it.

Two records are the same paper with the same arXiv ID; or the same DOI or canonical URL; or the same folded title and an
author in common, or no authors in one of the two. Two different arXiv IDs are two papers, and a paper that matches
several known ones equally well is a new one: when unsure, both are kept.

An appearance in a digest is stored with content hashes of what the digest said: {"date": …, "source": …, "hashes":
["1f0a…"]}. The same content from the same digest is recognised by its hash, so that loading a digest again changes
nothing, however similar its papers are.

An incoming paper with a key is one of another library, from an export of it. Two such papers with different keys are
two papers, however similar they are; only an identifier in common says otherwise. One of them never replaces what is
known: an export may be older than the digest that it repeats.

It works on records as they are stored: decoding 100,000 of them to Paper objects costs more than the merge.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from readlist import text
from readlist.errors import ReadlistError
from readlist.redaction import redact_digest_name

if TYPE_CHECKING:
    from readlist.models import Appearance, Paper
    from readlist.store.format import Record

MAX_ID = 999_999_999
"""The largest ID of a paper."""
_KEY_SUFFIX = 7
"""Characters of a key after the slug of the title: "-" and 6 hex digits."""
_HASH_BYTES = 8
_LISTS = ("tags", "links")
_DOI = re.compile(r"(?:doi\.org/|doi:)(10\.\d{4,9}/[^\s?#]+)", re.IGNORECASE)
_ARXIV_DOI = "10.48550/arxiv."
_SCHEME = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)


class PaperMatcher:
    """The papers of a store, indexed by what identifies them, during a merge."""

    def __init__(self, records: Mapping[str, Mapping[str, Any]], next_id: int) -> None:
        self.next_id = next_id
        self.merged_records: dict[str, Mapping[str, Any]] = {}
        """Every paper that was among the incoming ones, by its ID, as it is now."""
        self._before = records
        self._seen: set[tuple[str, str | None, str]] = set()
        self._by_hash: dict[str, str] = {}
        self._by_identifier: dict[str, str] = {}
        self._by_slug: dict[str, list[str]] = {}
        self._ids_by_key: dict[str, str] = {}
        self._exported: set[str] = set()
        """The IDs of papers that one with a key, of an export, was merged into or added as."""
        for id_, record in records.items():
            self._ids_by_key[record["key"]] = id_
            self._index(id_, record)

    def add(self, paper: Paper) -> str:
        """Add an incoming paper, or merge it into the known one that it is a duplicate of; returns its ID."""
        incoming = _record(paper)
        if paper.key:
            return self._add_exported(paper, incoming)
        id_ = self._by_hash.get(incoming["digests"][0]["hashes"][0])
        if id_ is not None:
            self._update(id_, self._current(id_), incoming)
            return id_
        key = text.paper_key(paper.title, paper.authors[0] if paper.authors else "")
        id_ = self._find_match(paper, key[:-_KEY_SUFFIX])
        if id_ is None:
            return self._insert(paper, key, incoming)
        self._merge_into(id_, paper, incoming)
        return id_

    def _add_exported(self, paper: Paper, incoming: Record) -> str:
        """Add a paper of another library under its key, or to the known paper what it lacks."""
        id_ = self._find_exported(paper)
        if id_ is None:
            id_ = self._insert(paper, paper.key, incoming)
        else:
            self._fill(id_, paper, incoming)
        self._exported.add(id_)
        return id_

    def _find_exported(self, paper: Paper) -> str | None:
        id_ = self._ids_by_key.get(paper.key)
        if id_ is not None and _is_same_export(self._current(id_), paper):
            return id_
        return self._find_match(paper, text.slugify(paper.title), self._exported)

    def _fill(self, id_: str, paper: Paper, incoming: Record) -> None:
        """Add to a known paper the digests that it does not appear in, and what it lacks."""
        known = self._current(id_)
        incoming = incoming | self._unclaimed_identifiers(id_, paper)
        # An export has the names of digests redacted: they are known under that name too.
        digests = {(date, redact_digest_name(name)) for date, name in map(_digest_key, known["digests"])}
        digests |= set(map(_digest_key, known["digests"]))
        new = [appearance for appearance in incoming["digests"] if _digest_key(appearance) not in digests]
        record = _fill_missing(known, incoming) | (_merge_lists(known, incoming) if new else {})
        self.merged_records[id_] = record | {"digests": [*known["digests"], *new]}
        self._index(id_, self.merged_records[id_])

    def before(self, id_: str) -> Mapping[str, Any] | None:
        """Return a paper's record before the merge, None for a new one."""
        return self._before.get(id_)

    def changed(self) -> dict[str, Mapping[str, Any]]:
        """Return the records that are new or different now, by ID."""
        return {id_: record for id_, record in self.merged_records.items() if record != self.before(id_)}

    def _current(self, id_: str) -> Mapping[str, Any]:
        return self.merged_records.get(id_) or self._before[id_]

    def _index(self, id_: str, record: Mapping[str, Any]) -> None:
        for appearance in record["digests"]:
            for content_hash in appearance["hashes"]:
                self._by_hash[content_hash] = id_
        for identifier in _identifiers(record.get("arxiv_id", ""), record.get("url", "")):
            self._by_identifier.setdefault(identifier, id_)
        slug = record.get("slug") or record["key"][:-_KEY_SUFFIX]
        ids = self._by_slug.setdefault(slug, [])
        if id_ not in ids:
            ids.append(id_)

    def _find_match(self, paper: Paper, slug: str, other_titles: Collection[str] = ()) -> str | None:
        """Return the known paper that this one is; those with the IDs `other_titles` are not by their title alone."""
        for identifier in _identifiers(paper.arxiv_id, paper.url):
            id_ = self._by_identifier.get(identifier)
            if id_ is not None and not _ids_conflict(self._current(id_), paper):
                return id_
        candidates = [id_ for id_ in self._by_slug.get(slug, ()) if id_ not in other_titles]
        return self._find_title_match(paper, candidates) if candidates else None

    def _find_title_match(self, paper: Paper, candidates: Iterable[str]) -> str | None:
        """Return the candidate that matches; of several, one from the same digest or with exactly the same authors."""
        digests = {(appearance.date and appearance.date.isoformat(), appearance.source) for appearance in paper.digests}
        matches: dict[str, tuple[bool, bool]] = {}
        for id_ in candidates:
            record = self._current(id_)
            if _is_title_match(record, paper):
                same_digest = any(_digest_key(appearance) in digests for appearance in record["digests"])
                matches[id_] = (same_digest, record.get("authors", []) == list(paper.authors))
        best = max(matches, key=lambda id_: matches[id_], default=None)
        return best if len(matches) == 1 or (best and any(matches[best])) else None

    def _insert(self, paper: Paper, key: str, incoming: Record) -> str:
        if self.next_id > MAX_ID:
            raise ReadlistError(f"no free ID for a new paper: the last one is {MAX_ID}; nothing was changed")
        id_ = str(self.next_id)
        self.next_id += 1
        record = _with_slug({"key": self._unique_key(key, paper)} | incoming)
        self._ids_by_key[record["key"]] = id_
        self._update(id_, record, incoming)
        return id_

    def _unique_key(self, key: str, paper: Paper) -> str:
        """Return a key that no other paper has: arXiv ID or URL tell apart two papers of one title and author."""
        salt = [*paper.authors[:1], paper.arxiv_id or paper.url]
        while key in self._ids_by_key:
            key = text.paper_key(paper.title, "\n".join(salt))
            salt.append("again")
        return key

    def _merge_into(self, id_: str, paper: Paper, incoming: Record) -> None:
        known = self._current(id_)
        incoming |= self._unclaimed_identifiers(id_, paper)
        appearances = {_digest_key(appearance): appearance for appearance in incoming["digests"]}
        new = appearances.keys() - map(_digest_key, known["digests"])
        first = _digest_key(known["digests"][0])
        if new:
            record = _fill_missing(known, incoming) | _merge_lists(known, incoming)
        elif first in appearances and (id_, *first) not in self._seen:
            record = _overwrite(known, incoming)
        else:
            record = _fill_missing(known, incoming)
        digests = [self._with_hashes(id_, old, appearances.get(_digest_key(old))) for old in known["digests"]]
        record["digests"] = digests + [item for item in incoming["digests"] if _digest_key(item) in new]
        self._update(id_, record, incoming)

    def _with_hashes(self, id_: str, known: Record, incoming: Record | None) -> Record:
        """Return an appearance with the hashes of its present content; a digest may list a paper more than once."""
        if incoming is None:
            return known
        before = known["hashes"] if (id_, *_digest_key(known)) in self._seen else []
        return known | {"hashes": [*before, *incoming["hashes"]]}

    def _unclaimed_identifiers(self, id_: str, paper: Paper) -> Record:
        """Return the paper's arXiv ID and URL without those that identify another paper."""
        is_own_arxiv_id = self._is_unclaimed(id_, _identifiers(paper.arxiv_id, ""))
        is_own_url = self._is_unclaimed(id_, _identifiers("", paper.url))
        return {"arxiv_id": paper.arxiv_id if is_own_arxiv_id else "", "url": paper.url if is_own_url else ""}

    def _is_unclaimed(self, id_: str, identifiers: Iterable[str]) -> bool:
        return all(self._by_identifier.get(identifier, id_) == id_ for identifier in identifiers)

    def _update(self, id_: str, record: Mapping[str, Any], incoming: Record) -> None:
        self._seen |= {(id_, *_digest_key(appearance)) for appearance in incoming["digests"]}
        self.merged_records[id_] = record
        self._index(id_, record)


def _record(paper: Paper) -> Record:
    """Return an incoming paper as a record, without what is not known."""
    fields = {
        "title": paper.title,
        "authors": list(paper.authors),
        "abstract": paper.abstract,
        "comments": {language: comment for language, comment in paper.comments.items() if comment},
        "tags": list(paper.tags),
        "links": list(paper.links),
        "arxiv_id": paper.arxiv_id,
        "url": paper.url,
    }
    known = {name: value for name, value in fields.items() if value}
    return known | {"digests": _appearances(paper.digests, known)}


def _appearances(digests: Iterable[Appearance], fields: Record) -> list[Record]:
    import hashlib

    import orjson

    appearances = [
        {"date": appearance.date and appearance.date.isoformat(), "source": appearance.source} for appearance in digests
    ]
    # Schemas 1 and 2 called the comments "commentary": under this name the hashes of papers loaded then stay valid.
    hashed = {("commentary" if name == "comments" else name): value for name, value in fields.items()}
    content_hash = hashlib.blake2b(orjson.dumps([appearances, hashed]), digest_size=_HASH_BYTES).hexdigest()
    return [appearance | {"hashes": [content_hash]} for appearance in appearances]


def _digest_key(appearance: Mapping[str, Any]) -> tuple[str | None, str]:
    return appearance["date"], appearance["source"]


def _fill_missing(known: Mapping[str, Any], incoming: Record) -> Record:
    """Return the known record with its empty fields, and the comments in languages that it lacks, filled."""
    filled = {name: value for name, value in incoming.items() if value} | {k: v for k, v in known.items() if v}
    return _with_comments(filled, incoming.get("comments", {}) | known.get("comments", {}))


def _overwrite(known: Mapping[str, Any], incoming: Record) -> Record:
    """Return the known record as its first digest has it now; fields that the digest lacks stay.

    Of a paper in several digests it is not known which of them gave a tag: then no tag is removed.
    """
    revised = {**known, **{name: value for name, value in incoming.items() if value and name != "digests"}}
    if len(known["digests"]) > 1:
        revised |= _merge_lists(incoming, known)
    revised = _with_comments(revised, known.get("comments", {}) | incoming.get("comments", {}))
    return _with_slug(revised)


def _merge_lists(first: Mapping[str, Any], second: Mapping[str, Any]) -> Record:
    both = {name: list(dict.fromkeys([*first.get(name, []), *second.get(name, [])])) for name in _LISTS}
    return {name: values for name, values in both.items() if values}


def _with_comments(record: Record, comments: Mapping[str, str]) -> Record:
    return record | {"comments": dict(comments)} if comments else record


def _with_slug(record: Record) -> Record:
    """Return the record with the slug of its title, if its key has another one: a key never changes, a title may."""
    slug = text.slugify(record["title"])
    rest = {name: value for name, value in record.items() if name != "slug"}
    return rest if record["key"][:-_KEY_SUFFIX] == slug else rest | {"slug": slug}


def _identifiers(arxiv_id: str, url: str) -> list[str]:
    """Return what identifies one paper: `["arxiv:2502.06781", "doi:10.1000/182", "example.org/paper"]`."""
    identifiers = [f"arxiv:{arxiv_id.casefold()}"] if arxiv_id else []
    return [*identifiers, _canonical_url(url)] if url else identifiers


def _canonical_url(url: str) -> str:
    """Return the arXiv ID or DOI that a URL leads to, else the URL without scheme, www and a slash at its end."""
    if doi := _DOI.search(url):
        name = doi[1].casefold()
        return f"arxiv:{name.removeprefix(_ARXIV_DOI)}" if name.startswith(_ARXIV_DOI) else f"doi:{name}"
    if arxiv_id := text.parse_arxiv_id(url):
        return f"arxiv:{arxiv_id.casefold()}"
    return _SCHEME.sub("", url, count=1).rstrip("/")


def _ids_conflict(record: Mapping[str, Any], paper: Paper) -> bool:
    known = record.get("arxiv_id", "")
    return bool(known and paper.arxiv_id and known.casefold() != paper.arxiv_id.casefold())


def _is_same_export(record: Mapping[str, Any], paper: Paper) -> bool:
    """Return whether a known paper and one of an export with the same key have more in common than the key."""
    if _is_title_match(record, paper):
        return True
    known = _identifiers(record.get("arxiv_id", ""), record.get("url", ""))
    return not _ids_conflict(record, paper) and not set(known).isdisjoint(_identifiers(paper.arxiv_id, paper.url))


def _is_title_match(record: Mapping[str, Any], paper: Paper) -> bool:
    """Return whether both have the same title, and an author in common where both have authors.

    Where all authors are the same, the words of the title are enough: "Tides: Why" is "Tides – why."
    """
    if _ids_conflict(record, paper):
        return False
    known = {text.fold(name) for name in record.get("authors", [])}
    incoming = {text.fold(name) for name in paper.authors}
    if text.fold(record["title"]) != text.fold(paper.title):
        same_words = text.split_words(record["title"]) == text.split_words(paper.title)
        return bool(known) and known == incoming and same_words
    return not known or not incoming or not known.isdisjoint(incoming)
