"""Deduplication: which known paper an incoming one is a duplicate of, and what it adds to it.

`same_paper` says when two papers are one. A paper that matches several known ones equally well is a new one: when
unsure, both are kept.

An appearance in a digest is stored with content hashes of what the digest said: {"date": …, "source": …, "hashes":
["1f0a…"]}. The same content from the same digest is recognized by its hash, so that loading a digest again changes
nothing, however similar its papers are.

When a file that was loaded before is read again, a paper that is no longer in it and a similar new one are one paper,
which the author of the digest corrected; that digest is removed from other papers that are no longer in the file.

An incoming paper with a key is one of another library, from an export of it. Two such papers with different keys are
two papers, however similar they are; only an identifier in common says otherwise. One of them never replaces what is
known: an export may be older than the digest that it repeats. A paper that was added by hand, which its appearance
without a name says, only fills what a known one lacks.

It works on records as they are stored: decoding 100,000 of them to Paper objects costs more than the merge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from readlist import text
from readlist.dates import format_utc, utc_now
from readlist.errors import ReadlistError
from readlist.redaction import redact_digest_name
from readlist.store.format import record_sum
from readlist.store.merging import (
    digest_key,
    encode,
    fill_missing,
    merge_lists,
    other_comments,
    overwrite,
    with_slug,
)
from readlist.store.packed_records import RecordSpool, unpacked
from readlist.store.paper_records import Identity, identities
from readlist.store.same_paper import (
    identifiers,
    identity,
    is_identifier_match,
    is_like_merged,
    is_same_export,
    is_title_match,
    revision_similarity,
)

if TYPE_CHECKING:
    from readlist.models import Paper
    from readlist.store.format import Record

MAX_IN_MEMORY = 2_000
"""Merged records up to which new ones are kept as objects, not packed."""
MAX_ID = 999_999_999
"""The largest ID of a paper."""
_MAX_REVISION_PAIRS = 10_000
"""Pairs of an absent and a new paper of one file that are compared: 100 corrected papers; more is another file."""


class PaperMatcher:
    """The papers of a store, indexed by what identifies them, during a merge.

    `reloaded_files` are the names of files that were loaded before, and are read again as a whole.
    """

    def __init__(
        self, records: Mapping[str, Mapping[str, Any]], next_id: int, reloaded_files: Collection[str] = frozenset()
    ) -> None:
        self.next_id = next_id
        self._loaded_at = format_utc(utc_now())
        self.merged_records: dict[str, Mapping[str, Any]] = {}
        """The incoming papers and those from which a digest was removed, by ID, as they are now."""
        self._spool = RecordSpool()
        self.withdrawn: list[str] = []
        """The IDs of the papers that are no longer in a reloaded file."""
        self._before = records
        self._reloaded_files = reloaded_files
        self._dates: dict[str, set[str | None]] = {}
        """The dates that each reloaded file has now."""
        self._seen: set[tuple[str, str | None, str]] = set()
        self._by_hash: dict[str, str] = {}
        self._by_identifier: dict[str, str] = {}
        self._by_slug: dict[str, list[str]] = {}
        self._ids_by_key: dict[str, str] = {}
        self._ids_with_merged: list[str] = []
        self._exported: set[str] = set()
        """The IDs of papers that one with a key, of an export, was merged into or added as."""
        for id_, record in records.items():
            self._ids_by_key[record["key"]] = id_
            for merged in record.get("merged", ()):
                self._ids_by_key[merged["key"]] = id_
                self._ids_with_merged.append(id_)
            self._index(id_, record)

    def add_all(self, papers: Iterable[Paper]) -> list[str]:
        """Add incoming papers, or merge them into the known ones that they are duplicates of; returns their IDs."""
        if not self._reloaded_files:
            return [self._add_or_insert(paper) for paper in papers]
        papers = list(papers)
        for date, source in (appearance for paper in papers for appearance in paper.digests):
            if source in self._reloaded_files:
                self._dates.setdefault(source, set()).add(date.isoformat() if date else None)
        ids: dict[int, str | None] = {number: self._add(paper, encode(paper)) for number, paper in enumerate(papers)}
        absent = self._find_absent()
        new = self._comparable([number for number, id_ in ids.items() if id_ is None], papers, absent)
        ids |= {number: self._add_revision(papers[number], absent) for number in new}
        added = [id_ or self._add_or_insert(papers[number]) for number, id_ in ids.items()]
        self._remove_appearances(absent)
        return added

    def before(self, id_: str) -> Mapping[str, Any] | None:
        """Return a paper's record before the merge, None for a new one."""
        return self._before.get(id_)

    def changed(self) -> dict[str, Mapping[str, Any]]:
        """Return the records that are new or different now, by ID."""
        return {id_: record for id_, record in self.merged_records.items() if record != self.before(id_)}

    # Matching

    def _add_or_insert(self, paper: Paper) -> str:
        incoming = encode(paper)
        return self._add(paper, incoming) or self._insert(paper, incoming)

    def _add(self, paper: Paper, incoming: Record) -> str | None:
        """Merge a paper into the known one that it is a duplicate of, and return its ID; None for a new paper."""
        if paper.key:
            return self._add_exported(paper, incoming)
        id_ = self._by_hash.get(incoming["digests"][0]["hashes"][0])
        if id_ is not None:
            self._update(id_, self._current(id_), incoming)
            return id_
        id_ = self.find_match(paper, text.slugify(paper.title))
        if id_ is None:
            return None
        if paper.digests[0].source:
            self._merge_into(id_, incoming)
        else:
            self._update(id_, fill_missing(self._current(id_), self._without_claimed(id_, incoming)), incoming)
        return id_

    def find_match(self, paper: Paper, slug: str, other_titles: Collection[str] = ()) -> str | None:
        """Return the known paper that this one is; those with the IDs `other_titles` are not by their title alone."""
        for identifier in identifiers(identity(paper)):
            id_ = self._by_identifier.get(identifier)
            if id_ is not None and is_identifier_match(self._current(id_), paper, identifier):
                return id_
        candidates = [id_ for id_ in self._by_slug.get(slug, ()) if id_ not in other_titles]
        return self._find_title_match(paper, candidates) if candidates else None

    def _find_title_match(self, paper: Paper, candidates: Iterable[str]) -> str | None:
        """Return the candidate that matches; of several, the one from the same digest or with exactly the same authors.

        None where several match equally well.
        """
        digests = {(appearance.date and appearance.date.isoformat(), appearance.source) for appearance in paper.digests}
        matches: dict[str, tuple[bool, bool]] = {}
        for id_ in candidates:
            record = self._current(id_)
            if is_title_match(record, paper):
                same_digest = any(digest_key(appearance) in digests for appearance in record["digests"])
                matches[id_] = (same_digest, record.get("authors", []) == list(paper.authors))
        if len(matches) <= 1:
            return next(iter(matches), None)
        best, second = sorted(matches, key=lambda id_: matches[id_], reverse=True)[:2]
        return best if matches[best] > matches[second] else None

    # Adding

    def _insert(self, paper: Paper, incoming: Record) -> str:
        if self.next_id > MAX_ID:
            raise ReadlistError(f"no free ID for a new paper: the last one is {MAX_ID}; nothing was changed")
        id_ = str(self.next_id)
        self.next_id += 1
        added = {"key": unique_key(paper.key or _key(paper), paper, self._ids_by_key), "loaded_at": self._loaded_at}
        record = with_slug(added | incoming)
        self._ids_by_key[record["key"]] = id_
        self._update(id_, record, incoming)
        return id_

    def _merge_into(self, id_: str, incoming: Record) -> None:
        known = self._with_new_date(self._current(id_), incoming)
        incoming = self._without_claimed(id_, incoming)
        appearances = {digest_key(appearance): appearance for appearance in incoming["digests"]}
        new = appearances.keys() - map(digest_key, known["digests"])
        first = next((digest_key(appearance) for appearance in known["digests"] if appearance["source"]), None)
        is_first = first is not None and first in appearances and (id_, *first) not in self._seen
        if new:
            record = fill_missing(known, incoming) | merge_lists(known, incoming)
        elif is_first:
            record = overwrite(known, incoming)
        else:
            record = fill_missing(known, incoming)
        comments = {} if is_first else other_comments(known, incoming.get("comments", {}))
        digests = [self._revised(id_, old, appearances.get(digest_key(old)), comments) for old in known["digests"]]
        added = [item for item in incoming["digests"] if digest_key(item) in new]
        if comments and added:
            added[0] = added[0] | {"comments": comments}
        record["digests"] = digests + added
        self._update(id_, record, incoming)

    def _revised(self, id_: str, known: Record, incoming: Record | None, comments: Mapping[str, str]) -> Record:
        """Return an appearance with the hashes of its present content; a digest may list a paper more than once."""
        if incoming is None:
            return known
        is_again = (id_, *digest_key(known)) in self._seen
        hashes = [*known["hashes"], *incoming["hashes"]] if is_again else incoming["hashes"]
        return known | {"hashes": hashes} | ({"comments": dict(comments)} if comments else {})

    def _with_new_date(self, known: Mapping[str, Any], incoming: Record) -> Mapping[str, Any]:
        """Return the known record with the date that a reloaded file has now, in place of one that it no longer has."""
        date, source = digest_key(incoming["digests"][0])
        stale = [
            number
            for number, appearance in enumerate(known["digests"])
            if appearance["source"] == source
            and appearance["date"] not in self._dates.get(source, {appearance["date"]})
        ]
        if len(stale) != 1 or (date, source) in map(digest_key, known["digests"]):
            return known
        digests = [
            appearance | {"date": date} if number == stale[0] else appearance
            for number, appearance in enumerate(known["digests"])
        ]
        return {**known, "digests": digests}

    def _without_claimed(self, id_: str, incoming: Record) -> Record:
        """Return the incoming record without an arXiv ID, DOI or URL that identifies another paper."""
        claimed = {
            name
            for name in ("arxiv_id", "doi", "url")
            for identifier in identifiers(Identity("", **{name: incoming.get(name, "")}))
            if self._by_identifier.get(identifier, id_) != id_
        }
        return {name: value for name, value in incoming.items() if name not in claimed}

    # Exports

    def _add_exported(self, paper: Paper, incoming: Record) -> str:
        """Add a paper of another library under its key, or to the known paper what it lacks."""
        id_ = self._find_exported(paper)
        if id_ is None:
            id_ = self._insert(paper, incoming)
        else:
            self._fill(id_, incoming)
        self._exported.add(id_)
        return id_

    def _find_exported(self, paper: Paper) -> str | None:
        id_ = self._ids_by_key.get(paper.key)
        if id_ is not None and is_same_export(self._current(id_), paper):
            return id_
        return self.find_match(paper, text.slugify(paper.title), self._exported)

    def _fill(self, id_: str, incoming: Record) -> None:
        """Add to a known paper the digests that it does not appear in, and what it lacks."""
        known = self._current(id_)
        incoming = self._without_claimed(id_, incoming)
        # An export has the names of digests redacted: they are known under that name too.
        digests = {(date, redact_digest_name(name)) for date, name in map(digest_key, known["digests"])}
        digests |= set(map(digest_key, known["digests"]))
        new = [appearance for appearance in incoming["digests"] if digest_key(appearance) not in digests]
        record = fill_missing(known, incoming) | (merge_lists(known, incoming) if new else {})
        self.merged_records[id_] = record | {"digests": [*known["digests"], *new]}
        self._index(id_, self.merged_records[id_])

    # Reloaded files

    def _find_absent(self) -> dict[str, list[str]]:
        """Return the IDs of the papers that are no longer in a reloaded file, by its name."""
        seen = {(id_, source) for id_, _, source in self._seen}
        absent: dict[str, list[str]] = {}
        for id_ in self._before:
            for source in {appearance["source"] for appearance in self._current(id_)["digests"]} & self._dates.keys():
                if (id_, source) not in seen:
                    absent.setdefault(source, []).append(id_)
        return absent

    @staticmethod
    def _comparable(new: Sequence[int], papers: Sequence[Paper], absent: Mapping[str, list[str]]) -> list[int]:
        """Return the numbers of the new papers of those files that have at most _MAX_REVISION_PAIRS to compare."""
        counts = Counter(papers[number].digests[0].source for number in new)
        files = {
            source for source, count in counts.items() if len(absent.get(source, ())) * count <= _MAX_REVISION_PAIRS
        }
        return [number for number in new if papers[number].digests[0].source in files]

    def _add_revision(self, paper: Paper, absent: Mapping[str, list[str]]) -> str | None:
        """Merge a new paper into the absent one of its file that it replaced; returns its ID, None for none."""
        ids = absent.get(paper.digests[0].source, [])
        similarities = {id_: revision_similarity(self._current(id_), paper) for id_ in ids}
        best = max(ids, key=lambda id_: similarities[id_], default=None)
        if best is not None and similarities[best]:
            ids.remove(best)
        else:
            best = next(self._find_merged(paper), None)
        if best is not None:
            self._merge_into(best, encode(paper))
        return best

    def _find_merged(self, paper: Paper) -> Iterator[str]:
        """Yield the IDs of the papers of the same file into which a paper like this one was merged."""
        source = paper.digests[0].source
        for id_ in self._ids_with_merged:
            record = self._before[id_]
            if any(each["source"] == source for each in record["digests"]) and is_like_merged(record, paper):
                yield id_

    def _remove_appearances(self, absent: Mapping[str, list[str]]) -> None:
        """Remove appearances in reloaded files that are no longer there.

        A file of which most papers are no longer there was not corrected: it has other contents under its old name.
        """
        seen = {(id_, source) for id_, _, source in self._seen if source in self._reloaded_files}
        kept = Counter(source for id_, source in seen if id_ in self._before)
        for source, ids in absent.items():
            if len(ids) <= kept[source]:
                self.withdrawn += ids
                seen.update((id_, source) for id_ in ids)
        for id_ in dict.fromkeys(id_ for id_, _ in sorted(seen)):
            known = self._current(id_)
            digests = [
                appearance
                for appearance in known["digests"]
                if (id_, appearance["source"]) not in seen or (id_, *digest_key(appearance)) in self._seen
            ]
            if len(digests) < len(known["digests"]):
                self.merged_records[id_] = {**known, "digests": digests}

    # Index

    def _current(self, id_: str) -> Mapping[str, Any]:
        record = self.merged_records.get(id_)
        return self._before[id_] if record is None else unpacked(record)

    def _update(self, id_: str, record: Mapping[str, Any], incoming: Record) -> None:
        self._seen |= {(id_, *digest_key(appearance)) for appearance in incoming["digests"]}
        is_packed = len(self.merged_records) >= MAX_IN_MEMORY and id_ not in self._before
        self.merged_records[id_] = self._spool.pack(record, record_sum(record)) if is_packed else record
        self._index(id_, record)

    def _index(self, id_: str, record: Mapping[str, Any]) -> None:
        for appearance in record["digests"]:
            for content_hash in appearance["hashes"]:
                self._by_hash[content_hash] = id_
        slugs = {record.get("slug") or record["key"][: -text.KEY_SUFFIX]}
        for known in identities(record):
            for identifier in identifiers(known):
                self._by_identifier.setdefault(identifier, id_)
            if "corrections" in record or "merged" in record:
                slugs.add(text.slugify(known.title))
        for slug in slugs:
            ids = self._by_slug.setdefault(slug, [])
            if id_ not in ids:
                ids.append(id_)


def unique_key(key: str, paper: Paper, taken: Container[str]) -> str:
    """Return a key that no other paper has: arXiv ID or URL tell apart two papers of one title and author."""
    salt = [*paper.authors[:1], paper.arxiv_id or paper.url]
    while key in taken:
        key = text.paper_key(paper.title, "\n".join(salt))
        salt.append("again")
    return key


def _key(paper: Paper) -> str:
    return text.paper_key(paper.title, paper.authors[0] if paper.authors else "")
