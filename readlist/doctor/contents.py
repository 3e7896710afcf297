"""Checks of what a library contains; none of these is repaired without a person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from pathlib import Path

from readlist.doctor.report import Finding, Level, LibrarySnapshot, PaperSummary
from readlist.models import Mark
from readlist.redaction import redact_url
from readlist.text import fold_tag, plural, split_words


class OrphanedMarksCheck:
    """Marks of papers that are not in the library; they stay."""

    def __init__(self, snapshot: LibrarySnapshot) -> None:
        self._snapshot = snapshot

    def run(self) -> Iterator[Finding]:
        """Yield one finding for all of them."""
        snapshot = self._snapshot
        blank = {key for key, mark in snapshot.marks.items() if mark == Mark(key)}
        keys = tuple(sorted(snapshot.marks.keys() - blank - {paper.key for paper in snapshot.papers}))
        if keys and snapshot.is_intact:
            message = f"{plural(len(keys), 'mark')} without a paper"
            yield Finding(Level.WARNING, message, "load the digests that contain these papers again", keys)


class MissingPapersCheck:
    """Papers that were there at the last load and are no longer, because papers.json was repaired or replaced.

    `accept` sets how many papers there are, so that no more are taken for missing.
    """

    def __init__(self, snapshot: LibrarySnapshot, accept: Callable[[int], None]) -> None:
        self._snapshot = snapshot
        self._accept = accept

    def run(self) -> Iterator[Finding]:
        """Yield at most one finding, with the documents that must be loaded by hand."""
        snapshot = self._snapshot
        missing = snapshot.known_papers - len(snapshot.papers)
        if missing > 0 and snapshot.is_intact:
            message = f"{plural(missing, 'paper')} {'is' if missing == 1 else 'are'} missing since the last load"
            by_hand = tuple(self._documents_out_of_reach())
            documents = "; the documents listed here must be loaded by hand: readlist load PATH" if by_hand else ""
            remedy = f"to load from the sources: readlist update{documents}; to accept the loss: readlist doctor --fix"
            yield Finding(Level.WARNING, message, remedy, by_hand, self._fix)

    def _fix(self) -> str:
        snapshot = self._snapshot
        count = len(snapshot.papers)
        self._accept(count)
        return f"Accepted the loss of {plural(snapshot.known_papers - count, 'paper')}"

    def _documents_out_of_reach(self) -> Iterator[str]:
        """Yield the documents that `update` does not read again: from stdin, deleted, or no longer tracked."""
        sources = [source for source in self._snapshot.provenance.sources.values() if source]
        for location, document in self._snapshot.provenance.documents.items():
            is_tracked = any(source.contains(location) for source in sources)
            if document and (not is_tracked or (Path(location).is_absolute() and not Path(location).exists())):
                yield redact_url(location)


class MissingSourcesCheck:
    """Directories that `update` reads and that no longer exist; a single file may be deleted once it is loaded."""

    def __init__(self, snapshot: LibrarySnapshot) -> None:
        self._snapshot = snapshot

    def run(self) -> Iterator[Finding]:
        """Yield a finding for each directory."""
        provenance = self._snapshot.provenance
        for location, source in provenance.sources.items():
            path = Path(location)
            if source and path.is_absolute() and location not in provenance.documents and not path.exists():
                remedy = f"restore it, or: readlist sources forget '{location}'"
                yield Finding(Level.WARNING, f"source is missing: {location}", remedy)


class DuplicatesCheck:
    """Papers with the same title, arXiv ID or DOI, which may be one paper.

    Papers of one title with different arXiv IDs or DOIs are different ones.
    """

    def __init__(self, snapshot: LibrarySnapshot) -> None:
        self._snapshot = snapshot

    def run(self) -> Iterator[Finding]:
        """Yield a finding for each title and identifier."""
        papers = [paper for paper in self._snapshot.papers if not paper.is_deleted]
        by_title = _group(papers, lambda paper: " ".join(split_words(paper.title)))
        for title, namesakes in by_title.items():
            candidates = [paper for paper in namesakes if any(_may_be_same(paper, other) for other in namesakes)]
            if title and candidates:
                yield _duplicates(candidates, f"title: {candidates[0].title}")
        for name, get_identifier in (("arXiv ID", attrgetter("arxiv_id")), ("DOI", attrgetter("doi"))):
            for identifier, others in _group(papers, get_identifier).items():
                if identifier:
                    yield _duplicates(others, f"{name}: {identifier}")


def _group(papers: Sequence[PaperSummary], key: Callable[[PaperSummary], str]) -> dict[str, list[PaperSummary]]:
    """Return the papers that have a key in common, by this key."""
    keys = list(map(key, papers))
    groups: dict[str, list[PaperSummary]] = {name: [] for name, count in Counter(keys).items() if count > 1}
    for name, paper in zip(keys, papers, strict=True):
        if name in groups:
            groups[name].append(paper)
    return groups


def _duplicates(papers: Sequence[PaperSummary], reason: str) -> Finding:
    ids = [str(paper.id) for paper in papers]
    remedy = f"if they are the same paper: readlist merge {' '.join(ids[:2])}"
    return Finding(Level.INFO, f"papers {', '.join(ids)} have the same {reason}", remedy)


def _may_be_same(paper: PaperSummary, other: PaperSummary) -> bool:
    """Return whether two papers may be one: no identifier of them differs."""
    identifiers = ((paper.arxiv_id, other.arxiv_id), (paper.doi, other.doi))
    return paper is not other and not any(one and two and one != two for one, two in identifiers)


class TagSpellingsCheck:
    """Tags with several spellings."""

    def __init__(self, snapshot: LibrarySnapshot) -> None:
        self._snapshot = snapshot

    def run(self) -> Iterator[Finding]:
        """Yield one finding for all of them."""
        spellings: dict[str, Counter[str]] = defaultdict(Counter)
        for tag, count in Counter(chain.from_iterable(paper.tags for paper in self._snapshot.papers)).items():
            spellings[fold_tag(tag)][tag] = count
        several = tuple(
            " = ".join(f"#{tag}" for tag, _ in spellings[name].most_common())
            for name in sorted(spellings)
            if len(spellings[name]) > 1
        )
        if several:
            message = f"{plural(len(several), 'tag')} with several spellings"
            yield Finding(Level.INFO, message, "nothing to do: each counts as one tag", several)
