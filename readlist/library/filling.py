"""Fill empty fields of papers: look up arXiv IDs, DOIs, URLs and abstracts, and save what was found in batches.

Each batch is an entry of the history. A run that ends early, by an error or a signal, has saved what it found; the next
one looks up only the papers that still lack something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from readlist.loaders.resolve.items import is_stub
from readlist.loaders.resolve.lookup import Answer, is_incomplete
from readlist.models import Appearance, Paper
from readlist.paper_edits import FillPapers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from readlist.library.library import Library, Progress
    from readlist.loaders.resolve.lookup import Lookup
    from readlist.loaders.resolve.matches import Match

BATCH_SIZE = 20
"""Papers that are saved at once: at one request per 3 s, a killed process loses at most a minute of work."""
_FIELDS = ("arxiv_id", "doi", "url", "abstract", "authors")
COMMAND = "fetch"
Fields: TypeAlias = "Mapping[str, str | tuple[str, ...]]"


class FilledPaper(NamedTuple):
    """A paper before the change, the fields that were filled, and the reason for the match."""

    paper: Paper
    fields: Fields
    reason: str


class UnsurePaper(NamedTuple):
    """A paper without a certain match, and the candidates."""

    paper: Paper
    candidates: Sequence[Match]


class SkippedPaper(NamedTuple):
    """A paper of which no field was filled, and the reason."""

    paper: Paper
    reason: str


class Filler:
    """Looks up papers, and fills their empty fields; the lists have the result for each.

    `incomplete` counts the papers that lack something, `steps` the entries of the history.
    """

    def __init__(self, library: Library, lookup: Lookup, *, dry_run: bool) -> None:
        self._library = library
        self._lookup = lookup
        self._dry_run = dry_run
        self._unsaved: list[FilledPaper] = []
        self._owners: dict[str, Paper] = {}
        self.filled: list[FilledPaper] = []
        self.unsure: list[UnsurePaper] = []
        self.skipped: list[SkippedPaper] = []
        self.incomplete = 0
        self.steps = 0

    def run(self, papers: Sequence[Paper], progress: Progress) -> None:
        """Look up those of these papers that lack something; what was found is saved even where the run ends early.

        Raises:
            ServiceUnavailable: a service is not available now.
        """
        incomplete = list(filter(is_incomplete, papers))
        self.incomplete = len(incomplete)
        progress("looking up", 0, len(incomplete))
        try:
            for done, (paper, answer) in enumerate(self._lookup.look_up(incomplete), 1):
                self._record(paper, answer)
                progress("looking up", done, len(incomplete))
        finally:
            self._save()

    def accept(self, unsure: UnsurePaper, match: Match) -> None:
        """Fill a paper from a candidate that the user chose."""
        self.unsure.remove(unsure)
        self._record(unsure.paper, Answer(match.paper, match.describe()))
        self._save()

    def _record(self, paper: Paper, answer: Answer) -> None:
        if answer.paper is None:
            if answer.candidates:
                self.unsure.append(UnsurePaper(paper, answer.candidates))
            else:
                self.skipped.append(SkippedPaper(paper, answer.problem or "not found"))
            return
        fields = _list_missing_fields(paper, answer.paper)
        if not fields:
            self.skipped.append(SkippedPaper(paper, "no further fields found"))
        else:
            self._unsaved.append(FilledPaper(paper, fields, answer.reason))
            if len(self._unsaved) == BATCH_SIZE:
                self._save()

    def _save(self) -> None:
        """Save what was found since the last time, but no identifier that another paper has."""
        batch, self._unsaved = self._unsaved, []
        owners = self._library.find_known([_build_probe(filled) for filled in batch])
        kept: list[FilledPaper] = []
        for filled, owner in zip(batch, owners, strict=True):
            other = self._find_other(filled, owner)
            if other is None:
                kept.append(filled)
            else:
                self.skipped.append(SkippedPaper(filled.paper, _describe_duplicate(filled.paper, other)))
        if kept and not self._dry_run:
            edit = FillPapers({filled.paper.key: filled.fields for filled in kept}, COMMAND)
            self.steps += bool(self._library.apply(edit).entries)
        self.filled += kept

    def _find_other(self, filled: FilledPaper, owner: Paper | None) -> Paper | None:
        """Return another paper that has, or got in this run, one of the identifiers that were found."""
        identifiers = filter(None, (str(filled.fields.get(name, "")).casefold() for name in ("arxiv_id", "doi")))
        others = [owner, *(self._owners.setdefault(identifier, filled.paper) for identifier in identifiers)]
        return next((other for other in others if other and other.id != filled.paper.id), None)


def _build_probe(filled: FilledPaper) -> Paper:
    """Return a paper that is the one in the library with an identifier that was found."""
    arxiv_id, doi = (str(filled.fields.get(name, "")) for name in ("arxiv_id", "doi"))
    return Paper(f"{arxiv_id} {doi} {filled.paper.key}", arxiv_id=arxiv_id, doi=doi, digests=(Appearance(None, ""),))


def _list_missing_fields(paper: Paper, found: Paper) -> Fields:
    """Return the fields of `found` that the paper lacks; the title only in place of an identifier.

    A field that the user corrected to be empty is not lacking: what was filled would stay hidden.
    """
    missing = [name for name in _FIELDS if not getattr(paper, name) and name not in paper.corrections]
    fields = {name: getattr(found, name) for name in missing if getattr(found, name)}
    return {"title": found.title, **fields} if is_stub(paper) else fields


def _describe_duplicate(paper: Paper, other: Paper) -> str:
    first, second = sorted((paper.id, other.id))
    return f"paper {other.id} has the same identifier; if they are the same paper: readlist merge {first} {second}"
