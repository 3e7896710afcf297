"""How well `next` learns: readers of made-up papers, who starred some of one subject and skipped some of others.

A paper's subject lends it some of its words; tags, which would tell, are left out. Beside readlist stands what one
would otherwise write: the papers nearest to the centroid of the starred ones, by TF-IDF.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from dataclasses import replace
from math import log, sqrt
from pathlib import Path
from tempfile import TemporaryDirectory

from readlist import edits
from readlist.library.library import Folders, Library
from readlist.models import Status
from readlist.search.query.parser import parse
from readlist.search.tokens import tokenize
from tests.benchmarks.made_up import MadeUp, papers, write_digests

PAPERS = 600
SUBJECTS = 15
OF_SUBJECT = 0.035
"""Of a paper's words, those that its subject lends it: then the centroid finds as many as of real papers, some six."""
STARRED = SKIPPED = 15
READERS = 2
"""For each subject."""
FIRST = 10


def table(folder: Path) -> None:
    """Print how many of the first ten suggestions are of the subject that a reader starred, on average."""
    rng = random.Random(12)
    made_up, subjects = _with_subjects(rng)
    write_digests(made_up, folder / "digests")
    library = Library(Folders(folder / "data", folder / "state", folder / "cache"))
    library.load([str(folder / "digests")])
    centroid = _Centroid(made_up)
    found = {"readlist": 0, "TF-IDF centroid": 0, "at random": 0}
    for subject in range(SUBJECTS):
        own = [place for place, one in enumerate(subjects) if one == subject]
        others = [place for place, one in enumerate(subjects) if one != subject]
        for _ in range(READERS):
            starred, skipped = rng.sample(own, STARRED), rng.sample(others, SKIPPED)
            known = {*starred, *skipped}
            left = [place for place in range(PAPERS) if place not in known]
            chosen = {
                "readlist": _readlist(library, starred, skipped),
                "TF-IDF centroid": centroid.nearest(starred, left),
                "at random": rng.sample(left, FIRST),
            }
            for name, places in chosen.items():
                found[name] += sum(subjects[place] == subject for place in places)
    print(f"of the first {FIRST} suggestions, of the subject of {STARRED} starred papers")
    for name, count in found.items():
        print(f"  {name:28s}{count / (SUBJECTS * READERS):14.1f}")


def _with_subjects(rng: random.Random) -> tuple[list[MadeUp], list[int]]:
    """Papers without tags, and the subject of each."""
    made_up = papers(PAPERS)
    words = sorted({word for paper in made_up for word in paper.abstract.lower().replace(".", "").split()})
    lexicons = [rng.sample(words, 30) for _ in range(SUBJECTS)]
    subjects = [place % SUBJECTS for place in range(PAPERS)]
    lent = [_lent(paper, lexicons[subject], rng) for paper, subject in zip(made_up, subjects, strict=True)]
    return lent, subjects


def _lent(paper: MadeUp, lexicon: list[str], rng: random.Random) -> MadeUp:
    words = (rng.choice(lexicon) if rng.random() < OF_SUBJECT else word for word in paper.abstract.split())
    return replace(paper, abstract=" ".join(words), tags=[])


def _readlist(library: Library, starred: list[int], skipped: list[int]) -> list[int]:
    """The places of what readlist suggests; the library is left as it was."""
    star, skip = [place + 1 for place in starred], [place + 1 for place in skipped]
    library.apply(edits.SetStar(True), star)
    library.apply(edits.SetStatus(Status.SKIPPED), skip)
    suggested = library.next(parse("", dt.date.today()), limit=FIRST).papers
    library.undo(2)
    return [one.entry.paper.id - 1 for one in suggested]


class _Centroid:
    """Papers as TF-IDF vectors of length 1."""

    def __init__(self, made_up: list[MadeUp]) -> None:
        counts = [Counter(tokenize(f"{p.title} {p.abstract} {p.korean} {p.english}")) for p in made_up]
        held = Counter(term for count in counts for term in count)
        self._vectors = []
        for count in counts:
            vector = {term: times * log(len(counts) / held[term]) for term, times in count.items()}
            length = sqrt(sum(weight * weight for weight in vector.values()))
            self._vectors.append({term: weight / length for term, weight in vector.items()})

    def nearest(self, starred: list[int], left: list[int]) -> list[int]:
        """The ten of `left` that are nearest to the mean of `starred`."""
        mean: dict[str, float] = {}
        for place in starred:
            for term, weight in self._vectors[place].items():
                mean[term] = mean.get(term, 0.0) + weight
        scores = {
            place: sum(mean.get(term, 0.0) * weight for term, weight in self._vectors[place].items()) for place in left
        }
        return sorted(left, key=lambda place: -scores[place])[:FIRST]


if __name__ == "__main__":
    with TemporaryDirectory(prefix="readlist-benchmark-") as scratch:
        table(Path(scratch))
