"""The same paper again: which known paper an incoming one is, and what it adds to it.

Two are the same with the same arXiv id; or the same DOI or URL; or the same folded title and (an author in common, or
one of the two without authors). Two arXiv ids that differ are two papers, and so is what fits several known papers
alike: when unsure both are kept.

An appearance is stored with fingerprints of what its digest told: {"date": …, "source": …, "told": ["1f0a…"]}. The
same words from the same digest are known without asking further, so that loading what is loaded changes nothing,
however oddly the papers of a digest resemble each other.

It works on the records as they are stored: making 100,000 of them into Paper objects takes longer than the merge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from readlist import text

if TYPE_CHECKING:
    from readlist.models import Appearance, Paper
    from readlist.store.format import Record

_KEY_TAIL = 7
"""Characters of a key after the slug of the title: "-" and 6 hex digits."""
_FINGERPRINT_BYTES = 8
_LISTS = ("tags", "links")
_DOI = re.compile(r"(?:doi\.org/|doi:)(10\.\d{4,9}/[^\s?#]+)", re.IGNORECASE)
_ARXIV_DOI = "10.48550/arxiv."
_SCHEME = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)


class Known:
    """The papers of a store by what makes them the same, while a merge goes on."""

    def __init__(self, records: Mapping[str, Mapping[str, Any]], next_id: int) -> None:
        self.next_id = next_id
        self.touched: dict[str, Mapping[str, Any]] = {}
        """Every paper that was among the incoming ones, by its number, as it is now."""
        self._before = records
        self._heard: set[tuple[str, str | None, str]] = set()
        self._by_told: dict[str, str] = {}
        self._by_address: dict[str, str] = {}
        self._by_slug: dict[str, list[str]] = {}
        self._keys: set[str] = set()
        for number, record in records.items():
            self._keys.add(record["key"])
            self._place(number, record)

    def take(self, paper: Paper) -> None:
        """Add an incoming paper, or what it tells of a known one."""
        heard = _record(paper)
        number = self._by_told.get(heard["digests"][0]["told"][0])
        if number is not None:
            self._hear(number, self._now(number), heard)
            return
        key = text.paper_key(paper.title, paper.authors[0] if paper.authors else "")
        number = self._same(paper, key[:-_KEY_TAIL])
        if number is None:
            self._add(paper, key, heard)
        else:
            self._tell(number, paper, heard)

    def before(self, number: str) -> Mapping[str, Any] | None:
        """A paper as it was before the merge; None for a new one."""
        return self._before.get(number)

    def changed(self) -> dict[str, Mapping[str, Any]]:
        """The papers that are new or different now."""
        return {number: record for number, record in self.touched.items() if record != self.before(number)}

    def _now(self, number: str) -> Mapping[str, Any]:
        return self.touched.get(number) or self._before[number]

    def _place(self, number: str, record: Mapping[str, Any]) -> None:
        for seen in record["digests"]:
            for told in seen["told"]:
                self._by_told[told] = number
        for address in _addresses(record.get("arxiv_id", ""), record.get("url", "")):
            self._by_address.setdefault(address, number)
        slug = record.get("slug") or record["key"][:-_KEY_TAIL]
        numbers = self._by_slug.setdefault(slug, [])
        if number not in numbers:
            numbers.append(number)

    def _same(self, paper: Paper, slug: str) -> str | None:
        for address in _addresses(paper.arxiv_id, paper.url):
            number = self._by_address.get(address)
            if number is not None and not _are_two(self._now(number), paper):
                return number
        candidates = self._by_slug.get(slug)
        return self._same_title(paper, candidates) if candidates else None

    def _same_title(self, paper: Paper, candidates: Iterable[str]) -> str | None:
        """The one that fits; of several, one from the same digest or with the very same authors."""
        digests = {(seen.date and seen.date.isoformat(), seen.source) for seen in paper.digests}
        fitting: dict[str, tuple[bool, bool]] = {}
        for number in candidates:
            record = self._now(number)
            if _fits(record, paper):
                from_there = any(_appearance(seen) in digests for seen in record["digests"])
                fitting[number] = (from_there, record.get("authors", []) == list(paper.authors))
        best = max(fitting, key=lambda number: fitting[number], default=None)
        return best if len(fitting) == 1 or (best and any(fitting[best])) else None

    def _add(self, paper: Paper, key: str, heard: Record) -> None:
        number = str(self.next_id)
        self.next_id += 1
        record = {"key": self._free(key, paper)} | heard
        self._keys.add(record["key"])
        self._hear(number, record, heard)

    def _free(self, key: str, paper: Paper) -> str:
        """A key that no other paper has: a namesake by the same author gets one with its arXiv id or URL in it."""
        salt = [*paper.authors[:1], paper.arxiv_id or paper.url]
        while key in self._keys:
            key = text.paper_key(paper.title, "\n".join(salt))
            salt.append("again")
        return key

    def _tell(self, number: str, paper: Paper, heard: Record) -> None:
        known = self._now(number)
        heard |= self._own_addresses(number, paper)
        told = {_appearance(seen): seen for seen in heard["digests"]}
        new = told.keys() - map(_appearance, known["digests"])
        first = _appearance(known["digests"][0])
        if new:
            record = _filled(known, heard) | _united(known, heard)
        elif first in told and (number, *first) not in self._heard:
            record = _revised(known, heard)
        else:
            record = _filled(known, heard)
        digests = [self._retold(number, seen, told.get(_appearance(seen))) for seen in known["digests"]]
        record["digests"] = digests + [seen for seen in heard["digests"] if _appearance(seen) in new]
        self._hear(number, record, heard)

    def _retold(self, number: str, seen: Record, again: Record | None) -> Record:
        """An appearance with what its digest tells now; a digest may tell of one paper more than once."""
        if again is None:
            return seen
        before = seen["told"] if (number, *_appearance(seen)) in self._heard else []
        return seen | {"told": [*before, *again["told"]]}

    def _own_addresses(self, number: str, paper: Paper) -> Record:
        """The paper's arXiv id and URL, but for those that stand for another paper: each leads to one paper only."""
        own = {
            "arxiv_id": self._is_free(number, _addresses(paper.arxiv_id, "")) and paper.arxiv_id,
            "url": self._is_free(number, _addresses("", paper.url)) and paper.url,
        }
        return {name: value or "" for name, value in own.items()}

    def _is_free(self, number: str, addresses: Iterable[str]) -> bool:
        return all(self._by_address.get(address, number) == number for address in addresses)

    def _hear(self, number: str, record: Mapping[str, Any], heard: Record) -> None:
        self._heard |= {(number, *_appearance(seen)) for seen in heard["digests"]}
        self.touched[number] = record
        self._place(number, record)


def _record(paper: Paper) -> Record:
    """What an incoming paper tells; what it does not know is left out."""
    told = {
        "title": paper.title,
        "authors": list(paper.authors),
        "abstract": paper.abstract,
        "comments": {language: words for language, words in paper.comments.items() if words},
        "tags": list(paper.tags),
        "links": list(paper.links),
        "arxiv_id": paper.arxiv_id,
        "url": paper.url,
    }
    known = {name: value for name, value in told.items() if value}
    return known | {"digests": _digests(paper.digests, known)}


def _digests(digests: Iterable[Appearance], told: Record) -> list[Record]:
    import hashlib

    import orjson

    seen = [{"date": seen.date and seen.date.isoformat(), "source": seen.source} for seen in digests]
    fingerprint = hashlib.blake2b(orjson.dumps([seen, told]), digest_size=_FINGERPRINT_BYTES).hexdigest()
    return [appearance | {"told": [fingerprint]} for appearance in seen]


def _appearance(seen: Mapping[str, Any]) -> tuple[str | None, str]:
    return seen["date"], seen["source"]


def _filled(known: Mapping[str, Any], heard: Record) -> Record:
    """The known paper with what was empty; of the comments, the languages that were missing."""
    filled = {name: value for name, value in heard.items() if value} | {k: v for k, v in known.items() if v}
    return _with_comments(filled, heard.get("comments", {}) | known.get("comments", {}))


def _revised(known: Mapping[str, Any], heard: Record) -> Record:
    """The known paper as its first digest says now; what that does not say stays.

    Of a paper from several digests nobody knows which of them gave a tag: there none is taken away.
    """
    revised = {**known, **{name: value for name, value in heard.items() if value and name != "digests"}}
    if len(known["digests"]) > 1:
        revised |= _united(heard, known)
    revised = _with_comments(revised, known.get("comments", {}) | heard.get("comments", {}))
    return _with_slug(revised)


def _united(first: Mapping[str, Any], second: Mapping[str, Any]) -> Record:
    both = {name: list(dict.fromkeys([*first.get(name, []), *second.get(name, [])])) for name in _LISTS}
    return {name: values for name, values in both.items() if values}


def _with_comments(record: Record, comments: Mapping[str, str]) -> Record:
    return record | {"comments": dict(comments)} if comments else record


def _with_slug(record: Record) -> Record:
    """A key is for ever and a title may be corrected: then the slug, by which titles are found, stands beside it."""
    slug = text.slugify(record["title"])
    rest = {name: value for name, value in record.items() if name != "slug"}
    return rest if record["key"][:-_KEY_TAIL] == slug else rest | {"slug": slug}


def _addresses(arxiv_id: str, url: str) -> list[str]:
    """Each stands for one paper: `["arxiv:2502.06781", "doi:10.1000/182", "example.org/paper"]`."""
    found = [f"arxiv:{arxiv_id.casefold()}"] if arxiv_id else []
    return [*found, _address(url)] if url else found


def _address(url: str) -> str:
    if doi := _DOI.search(url):
        name = doi[1].casefold()
        return f"arxiv:{name.removeprefix(_ARXIV_DOI)}" if name.startswith(_ARXIV_DOI) else f"doi:{name}"
    if arxiv_id := text.parse_arxiv_id(url):
        return f"arxiv:{arxiv_id.casefold()}"
    return _SCHEME.sub("", url, count=1).rstrip("/")


def _are_two(record: Mapping[str, Any], paper: Paper) -> bool:
    known = record.get("arxiv_id", "")
    return bool(known and paper.arxiv_id and known.casefold() != paper.arxiv_id.casefold())


def _fits(record: Mapping[str, Any], paper: Paper) -> bool:
    """Whether they have the same title, and an author in common where both have authors.

    Where all authors are the same, the words of the title are enough: "Tides: Why" is "Tides – why."
    """
    if _are_two(record, paper):
        return False
    known = {text.fold(name) for name in record.get("authors", [])}
    incoming = {text.fold(name) for name in paper.authors}
    if text.fold(record["title"]) != text.fold(paper.title):
        return bool(known) and known == incoming and text.split_words(record["title"]) == text.split_words(paper.title)
    return not known or not incoming or not known.isdisjoint(incoming)
