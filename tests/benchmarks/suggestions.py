"""Quality of `next`: simulated users star papers of one subject and skip papers of others.

Some words of a paper come from the lexicon of its subject; tags, which would reveal the subject, are left out. The
baseline suggests the papers nearest to the centroid of the starred ones, by TF-IDF.

Finding on 900 real papers: scoring only the best candidates by all of their terms suggests as many papers of the
subject as scoring all papers.
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
from readlist.library.library import Directories, Library
from readlist.models import Status
from readlist.search.query.parser import parse
from readlist.search.tokens import tokenize
from tests.benchmarks.synthetic_papers import SyntheticPaper, generate_papers, write_digests
from tests.library_files import refs

PAPERS = 600
SUBJECTS = 15
SUBJECT_WORD_SHARE = 0.035
"""Share of a paper's words that come from its subject; the baseline then finds about six of ten, as on real papers."""
STARRED = SKIPPED = 15
USERS = 2
"""Simulated users per subject."""
LIMIT = 10


def print_table(directory: Path) -> None:
    """Print how many of the first ten suggestions are of the subject that a user starred, on average."""
    rng = random.Random(12)
    papers, subjects = _generate_with_subjects(rng)
    write_digests(papers, directory / "digests")
    library = Library(Directories(directory / "data", directory / "state", directory / "cache"))
    library.load([str(directory / "digests")])
    baseline = _CentroidBaseline(papers)
    counts = {"readlist": 0, "TF-IDF centroid": 0, "at random": 0}
    for subject in range(SUBJECTS):
        own = [position for position, other in enumerate(subjects) if other == subject]
        others = [position for position, other in enumerate(subjects) if other != subject]
        for _ in range(USERS):
            starred, skipped = rng.sample(own, STARRED), rng.sample(others, SKIPPED)
            known = {*starred, *skipped}
            candidates = [position for position in range(PAPERS) if position not in known]
            suggested = {
                "readlist": _suggest(library, starred, skipped),
                "TF-IDF centroid": baseline.find_nearest(starred, candidates),
                "at random": rng.sample(candidates, LIMIT),
            }
            for name, positions in suggested.items():
                counts[name] += sum(subjects[position] == subject for position in positions)
    print(f"papers of the right subject among {LIMIT} suggestions, with {STARRED} starred papers")
    for name, count in counts.items():
        print(f"  {name:28s}{count / (SUBJECTS * USERS):14.1f}")


def _generate_with_subjects(rng: random.Random) -> tuple[list[SyntheticPaper], list[int]]:
    """Return papers without tags, and the subject of each."""
    papers = generate_papers(PAPERS)
    words = sorted({word for paper in papers for word in paper.abstract.lower().replace(".", "").split()})
    lexicons = [rng.sample(words, 30) for _ in range(SUBJECTS)]
    subjects = [position % SUBJECTS for position in range(PAPERS)]
    pairs = zip(papers, subjects, strict=True)
    return [_with_subject(paper, lexicons[subject], rng) for paper, subject in pairs], subjects


def _with_subject(paper: SyntheticPaper, lexicon: list[str], rng: random.Random) -> SyntheticPaper:
    words = (rng.choice(lexicon) if rng.random() < SUBJECT_WORD_SHARE else word for word in paper.abstract.split())
    return replace(paper, abstract=" ".join(words), tags=[])


def _suggest(library: Library, starred: list[int], skipped: list[int]) -> list[int]:
    """Return the positions of the papers that readlist suggests; the marks are undone."""
    star, skip = [position + 1 for position in starred], [position + 1 for position in skipped]
    library.apply(edits.SetStar(True), refs(library, star))
    library.apply(edits.SetStatus(Status.SKIPPED), refs(library, skip))
    suggested = library.next(parse("", dt.date.today()), limit=LIMIT).papers
    library.undo(2)
    return [suggestion.entry.paper.id - 1 for suggestion in suggested]


class _CentroidBaseline:
    """Papers as normalized TF-IDF vectors."""

    def __init__(self, papers: list[SyntheticPaper]) -> None:
        counts = [Counter(tokenize(f"{p.title} {p.abstract} {p.korean} {p.english}")) for p in papers]
        document_frequency = Counter(term for count in counts for term in count)
        self._vectors = []
        for count in counts:
            vector = {term: tf * log(len(counts) / document_frequency[term]) for term, tf in count.items()}
            length = sqrt(sum(weight * weight for weight in vector.values()))
            self._vectors.append({term: weight / length for term, weight in vector.items()})

    def find_nearest(self, starred: list[int], candidates: list[int]) -> list[int]:
        """Return the ten candidates that are nearest to the mean of `starred`."""
        mean: dict[str, float] = {}
        for position in starred:
            for term, weight in self._vectors[position].items():
                mean[term] = mean.get(term, 0.0) + weight
        scores = {
            position: sum(mean.get(term, 0.0) * weight for term, weight in self._vectors[position].items())
            for position in candidates
        }
        return sorted(candidates, key=lambda position: -scores[position])[:LIMIT]


if __name__ == "__main__":
    with TemporaryDirectory(prefix="readlist-benchmark-") as scratch:
        print_table(Path(scratch))
