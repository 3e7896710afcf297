"""What becomes of a paper here where a merge of it was undone on another machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from readlist.store.merging import digest_key
from readlist.sync.papers import LISTS, SharedPaper, join_all

if TYPE_CHECKING:
    from readlist.store.format import Record
    from readlist.sync.keys import Classes
    from readlist.sync.paper_index import PaperIndex


def separate_undone(
    index: PaperIndex, before: Classes, classes: Classes, shared: Mapping[str, SharedPaper]
) -> tuple[dict[str, tuple[int, str]], set[str]]:
    """Take out of papers here the ones whose merge was undone elsewhere, as far as the branch has those.

    `before` are the classes of this machine, `classes` those of all, `shared` the papers of the branch. Returns the ID
    and the key here of the other papers that were merged here, by their canonical keys, and the IDs of the papers that
    changed.
    """
    returning: dict[str, tuple[int, str]] = {}
    separated: set[str] = set()
    ids = index.with_merged | index.find_all(key for keys in before.groups() for key in keys)
    for id_ in sorted(ids, key=int):
        own = classes.find(index.keys(id_)[0])
        for canonical in sorted({classes.find(key) for key in index.class_keys(id_, before)} - {own}):
            other = join_all(shared[key] for key in classes.members(canonical) if key in shared)
            if not other:
                continue
            kept = join_all(shared[key] for key in classes.members(own) if key in shared)
            entries = _find_entries(index, id_, classes, canonical)
            index.put(id_, _without_merged(separate(index.records[id_], kept, other), entries))
            separated.add(id_)
            if entries:
                returning.setdefault(canonical, (entries[0]["id"], entries[0]["key"]))
    return returning, separated


def _find_entries(index: PaperIndex, id_: str, classes: Classes, canonical: str) -> list[Mapping[str, Any]]:
    """Return what a paper here has of the merged papers of a class."""
    merged = index.records[id_].get("merged", ())
    return [each for each in merged if classes.find(index.branch_key(each["key"])) == canonical]


def _without_merged(record: Record, entries: Iterable[Mapping[str, Any]]) -> Record:
    rest = [each for each in record.get("merged", ()) if each not in entries]
    other = {name: value for name, value in record.items() if name != "merged"}
    return other | {"merged": rest} if rest else other


def separate(record: Mapping[str, Any], kept: SharedPaper | None, other: SharedPaper) -> Record:
    """Return a record without what it has of another paper only, which is no longer merged into it.

    `kept` and `other` are what the branch has of the two; what both have stays.
    """
    own = kept or {}
    separated = dict(record)
    for name in LISTS:
        foreign = set(other.get(name, ())) - set(own.get(name, ()))
        separated[name] = [each for each in record.get(name, ()) if each not in foreign]
    for name in ("abstract", "arxiv_id", "doi", "url"):
        if name not in own and record.get(name) == other.get(name):
            separated.pop(name, None)
    separated["digests"] = _separate_digests(record["digests"], own.get("digests", ()), other["digests"])
    comments = {
        language: comment
        for language, comment in record.get("comments", {}).items()
        if language in own.get("comments", {}) or comment != other.get("comments", {}).get(language)
    }
    separated["comments"] = comments
    return {name: value for name, value in separated.items() if value or name == "digests"}


def _separate_digests(known: Iterable[Record], kept: Iterable[Record], other: Iterable[Record]) -> list[Record]:
    own = {digest_key(each): each["hashes"] for each in kept}
    foreign = {digest_key(each): set(each["hashes"]) - set(own.get(digest_key(each), ())) for each in other}
    return [
        {**each, "hashes": [value for value in each["hashes"] if value not in foreign.get(digest_key(each), ())]}
        for each in known
        if digest_key(each) in own or digest_key(each) not in foreign
    ]
