"""The papers in the branch of a sync: records of papers.json converted to shared papers, joined, and converted back.

A shared paper is a record of papers.json without its key, its slug and its merged papers, with empty fields left out
and lists sorted. Two differ in how they join: what the sources say by the longer text, lists and digests by union, and
what the user did, which are registers:

    "id": 12, "title": …, "digests": […],
    "corrections": {"title": [version, value | None, at]}, "deleted": [version, at | None]

`id` is the ID that the first machine gave the paper, a proposal for the others. Pure functions; `paper_merge` decides
which papers they apply to.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from readlist import text
from readlist.dates import format_utc
from readlist.redaction import has_credentials
from readlist.store.merging import digest_key, fill_missing, merge_lists
from readlist.store.paper_records import effective_comments
from readlist.sync.incoming import check_paper
from readlist.sync.registers import join_maps, join_registers, next_version

if TYPE_CHECKING:
    from readlist.store.format import Record
    from readlist.sync.registers import Register

SharedPaper: TypeAlias = dict[str, Any]

UNDATED = "undated"
"""The month of papers whose digests have no date."""
EDITS = ("corrections", "deleted")
"""The fields of a shared paper that are registers."""
_TEXTS = ("abstract", "arxiv_id", "doi", "url", "loaded_at")
LISTS = ("tags", "links")
"""The fields of which all values are kept."""
_STUB_PREFIXES = ("arxiv:", "doi:", "http://", "https://")
"""How a title starts that is an identifier, see `edits.stub_title`."""


# Observe


def shared_paper(
    id_: str, record: Mapping[str, Any], seen: SharedPaper | None, now: int, *, with_edits: bool = True
) -> SharedPaper:
    """Return what this machine knows of a paper; `seen` is what the last sync had of it, None for nothing.

    `now` is in seconds UTC. Without `with_edits` corrections and the deletion are left out. URLs with a password or a
    token stay here.
    """
    shared: SharedPaper = {"id": int(id_), "title": record["title"], "digests": _join_digests(record["digests"], ())}
    shared |= {name: record[name] for name in ("authors", *_TEXTS) if record.get(name)}
    shared |= {name: sorted(set(record[name])) for name in LISTS if record.get(name)}
    if has_credentials(shared.get("url", "")):
        del shared["url"]
    if "links" in shared:
        shared["links"] = [link for link in shared["links"] if not has_credentials(link)]
    if comments := _without_empty(record.get("comments", {})):
        shared["comments"] = comments
    if with_edits:
        shared |= _observe_edits(record, seen or {}, now)
    # As the others will read it: what their check leaves out would be sent again by every sync.
    return check_paper(shared) or shared


def _observe_edits(record: Mapping[str, Any], seen: Mapping[str, Any], now: int) -> SharedPaper:
    edits: SharedPaper = {}
    known = seen.get("corrections", {})
    corrections = {
        name: _observe(record.get("corrections", {}).get(name), known.get(name), now)
        for name in sorted(record.get("corrections", {}).keys() | known.keys())
    }
    if corrections:
        edits["corrections"] = corrections
    deleted_at, deleted = record.get("deleted_at"), seen.get("deleted")
    if deleted and deleted[1] == deleted_at:
        edits["deleted"] = deleted
    elif deleted or deleted_at:
        edits["deleted"] = [next_version(deleted_at, deleted[0] if deleted else -1, now), deleted_at]
    return edits


def _observe(correction: Mapping[str, Any] | None, seen: Register | None, now: int) -> Register:
    """Return the register of a correction, None for one that was removed, given the register last seen."""
    if correction is None and seen and seen[1] is None:
        return seen
    version = seen[0] if seen else -1
    if correction is None:
        return [next_version(None, version, now), None, format_utc(dt.datetime.fromtimestamp(now, dt.UTC))]
    value, at = correction["value"], correction["at"]
    return seen if seen and seen[1:] == [value, at] else [next_version(at, version, now), value, at]


# Join


def join_papers(first: SharedPaper, second: SharedPaper) -> SharedPaper:
    """Return what two machines know of a paper together: commutative, associative, idempotent."""
    if first == second:
        return first
    joined = {
        name: _JOINS.get(name, _join_texts)(first[name], second[name]) if name in first and name in second else value
        for name, value in {**first, **second}.items()
    }
    return dict(sorted(joined.items()))


def join_all(papers: Iterable[SharedPaper]) -> SharedPaper | None:
    """Return all that is known of one paper, None for no papers."""
    joined: SharedPaper | None = None
    for paper in papers:
        joined = paper if joined is None else join_papers(joined, paper)
    return joined


def find_missing(paper: SharedPaper, known: SharedPaper) -> SharedPaper:
    """Return the parts of a paper that joining it with `known` would add to that one.

    Its `id` and `loaded_at` are no reason to send a paper again, and are left out.
    """
    missing = {name: _missing(name, value, known.get(name)) for name, value in paper.items()}
    return {name: value for name, value in missing.items() if value and name not in {"id", "loaded_at"}}


def _missing(name: str, value: Any, known: Any) -> Any:
    if known is None:
        return value
    if name == "digests":
        return _missing_digests(value, known)
    if name in LISTS:
        return [each for each in value if each not in known]
    if name in {"comments", "corrections"}:
        join: Callable[[Any, Any], Any] = _join_texts if name == "comments" else join_registers
        return {key: each for key, each in value.items() if key not in known or join(known[key], each) != known[key]}
    return value if _JOINS.get(name, _join_texts)(known, value) != known else None


def _missing_digests(digests: Iterable[Record], known: Iterable[Record]) -> list[Record]:
    missing = []
    known_digests = {digest_key(appearance): appearance for appearance in known}
    for appearance in digests:
        other = known_digests.get(digest_key(appearance))
        hashes = [each for each in appearance["hashes"] if other is None or each not in other["hashes"]]
        comments = _missing("comments", appearance.get("comments", {}), (other or {}).get("comments", {}))
        if other is None or hashes or comments:
            found = {"date": appearance["date"], "source": appearance["source"], "hashes": hashes}
            missing.append(found | {"comments": comments} if comments else found)
    return missing


def _rank(value: Any) -> tuple[int, str]:
    """Return what two values are compared by: their length, then their text."""
    return len(value), value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _join_texts(first: Any, second: Any) -> Any:
    return max(first, second, key=_rank)


def _join_titles(first: str, second: str) -> str:
    return max(first, second, key=lambda title: (not title.casefold().startswith(_STUB_PREFIXES), *_rank(title)))


def _join_lists(first: list[str], second: list[str]) -> list[str]:
    return sorted({*first, *second})


def _join_comments(first: Mapping[str, str], second: Mapping[str, str]) -> dict[str, str]:
    joined = {
        language: max(first.get(language, ""), second.get(language, ""), key=_rank)
        for language in first.keys() | second.keys()
    }
    return _without_empty(joined)


def _join_digests(first: Iterable[Record], second: Iterable[Record]) -> list[Record]:
    """Return the appearances of both, sorted by date and name, those without a date last."""
    hashes: dict[tuple[str | None, str], set[str]] = {}
    comments: dict[tuple[str | None, str], dict[str, str]] = {}
    for appearance in (*first, *second):
        key = digest_key(appearance)
        hashes.setdefault(key, set()).update(appearance["hashes"])
        comments[key] = _join_comments(comments.get(key, {}), appearance.get("comments", {}))
    return [
        {"date": key[0], "source": key[1], "hashes": sorted(hashes[key])}
        | ({"comments": comments[key]} if comments[key] else {})
        for key in sorted(hashes, key=lambda key: (key[0] is None, key[0] or "", key[1]))
    ]


def _without_empty(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in sorted(texts.items()) if value}


_JOINS: Mapping[str, Callable[[Any, Any], Any]] = {
    "id": min,
    "loaded_at": min,
    "title": _join_titles,
    "tags": _join_lists,
    "links": _join_lists,
    "comments": _join_comments,
    "digests": _join_digests,
    "corrections": join_maps,
    "deleted": join_registers,
}


# Project


def project_paper(record: Mapping[str, Any] | None, shared: SharedPaper, key: str) -> Record:
    """Return the record that a paper is to have here, given all that is known of it; None for a paper that is new here.

    What this machine loaded stays as it is; empty fields are filled, lists and digests united. The corrections and the
    deletion become those of the registers. `key` is that of a new paper, whose English comment comes last as in a
    digest: the branch has no order of languages.
    """
    incoming = {name: value for name, value in shared.items() if name not in {"id", *EDITS}}
    known = record or {"key": key, "title": shared["title"], "digests": []}
    # Twice: with an identifier filled, a title may turn out to be that identifier, which the real title replaces.
    projected = fill_missing(fill_missing(known, incoming), incoming) | merge_lists(known, incoming)
    projected["digests"] = _project_digests(projected, shared["digests"])
    projected = _project_edits(projected, shared)
    if record is None and "comments" in projected:
        projected["comments"] = dict(sorted(projected["comments"].items(), key=lambda comment: comment[0] == "en"))
    return (
        dict(record) if record and projected == {k: v for k, v in record.items() if v or k == "digests"} else projected
    )


def _project_digests(record: Mapping[str, Any], shared: Iterable[Record]) -> list[Record]:
    """Return the appearances here and those of the shared paper, without comments that the paper has already."""
    united = {digest_key(appearance): appearance for appearance in record["digests"]}
    comments = effective_comments(record)
    for appearance in shared:
        known = united.get(digest_key(appearance), {**appearance, "hashes": [], "comments": {}})
        added = {
            language: comment
            for language, comment in appearance.get("comments", {}).items()
            if not known.get("comments", {}).get(language)
            and text.fold(comment) not in text.fold(comments.get(language, ""))
        }
        for language, comment in added.items():
            comments[language] = f"{comments.get(language, '')}\n\n{comment}"
        hashes = [*known["hashes"], *(each for each in appearance["hashes"] if each not in known["hashes"])]
        own = {name: value for name, value in known.items() if value or name != "comments"}
        own |= {"comments": known.get("comments", {}) | added} if added else {}
        united[digest_key(appearance)] = own | {"hashes": hashes}
    return list(united.values())


def _project_edits(record: Record, shared: SharedPaper) -> Record:
    corrections = dict(record.get("corrections", {}))
    for name, (_, value, at) in shared.get("corrections", {}).items():
        corrections.pop(name, None)
        if value is not None:
            corrections[name] = {"value": value, "at": at}
    projected = {name: value for name, value in record.items() if name != "corrections"}
    if corrections:
        projected["corrections"] = dict(sorted(corrections.items()))
    if deleted := shared.get("deleted"):
        projected.pop("deleted_at", None)
        projected |= {"deleted_at": deleted[1]} if deleted[1] else {}
    return projected


# Files


def month(shared: SharedPaper) -> str:
    """Return the month of the first dated digest, "2025-05", or UNDATED: the file of the branch that has the paper."""
    return min(candidate_months(shared))  # digits sort before UNDATED


def candidate_months(record: Mapping[str, Any]) -> set[str]:
    """Return the months in which the branch may have the paper of a record, or one that was merged into it."""
    return {each["date"][:7] if each["date"] else UNDATED for each in record["digests"]} or {UNDATED}
