"""Quality of `next`: simulated users star papers of one subject, or of two, and skip papers of others.

`python -m tests.benchmarks.suggestions [DIGESTS [SEED]]`. A directory of real digests is measured by its #tags: the
subjects are those of MIN_TAGGED papers and more, every second one for an odd SEED and the others for an even one, so
that constants chosen with one half can be checked with the other. It is measured with the tags, and without them, as
they reveal the subject. Without a directory the papers are synthetic: some words of a paper come from the lexicon of
its subject, too few to learn two subjects apart, so that only users with one are simulated.

The baseline suggests the papers nearest to the centroid of the starred ones, by TF-IDF.

Finding on 900 real papers: scoring only the best candidates by all of their terms suggests as many papers of the
subject as scoring all papers.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import log, sqrt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from readlist import edits
from readlist.library.library import Directories, Library
from readlist.models import Entry, Status
from readlist.search.query.parser import parse
from readlist.search.tokens import tokenize
from readlist.text import fold_tag
from tests.benchmarks.synthetic_papers import SyntheticPaper, generate_papers, write_digests
from tests.library_files import refs

PAPERS = 600
SUBJECTS = 15
SUBJECT_WORD_SHARE = 0.035
"""Share of a paper's words that come from its subject; the baseline then finds about six of ten, as on real papers."""
MIN_TAGGED = 25
"""Papers of a tag that is a subject: those that a user stars, and as many as are suggested."""
STARRED = SKIPPED = 15
STARRED_OF_SECOND = 5
"""Starred papers of the second subject of a user with two."""
MAX_SHARED = 0.25
"""Share of a subject's papers that may be of the other subject too, for the two to be different interests."""
USERS = 2
"""Simulated users per subject."""
PAIRS = 40
"""Simulated users with two subjects."""
LIMIT = 10
_TAG_LINE = r"(?m)^#[^\s#]+(?:[ \t]+#[^\s#]+)*[ \t]*\n"


class _User(NamedTuple):
    """Starred and skipped papers by ID; the last of `subjects` is the one with fewer starred papers."""

    subjects: tuple[str, ...]
    starred: list[int]
    skipped: list[int]


def print_synthetic(directory: Path) -> None:
    """Print how many of the first ten suggestions are of the subject that a user starred, for synthetic papers."""
    rng = random.Random(12)
    papers, numbers = _generate_with_subjects(rng)
    write_digests(papers, directory / "digests")
    library = _load(directory, directory / "digests")
    subjects = {number: {str(subject)} for number, subject in enumerate(numbers, 1)}
    _print_figures(
        "synthetic papers", library, subjects, sorted({str(subject) for subject in numbers}), rng, are_real=False
    )


def print_real(directory: Path, digests: Path, seed: int) -> None:
    """Print the same for users of one and of two subjects, for digests with their tags and without them."""
    tagged = _load(directory / "tagged", digests)
    tags = {entry.paper.key: set(map(fold_tag, entry.tags)) for entry in _entries(tagged)}
    counts = Counter(itertools.chain.from_iterable(tags.values()))
    names = [name for name, papers in counts.most_common() if papers >= MIN_TAGGED][seed % 2 :: 2]
    untagged = _load(directory / "untagged", _copy_without_tags(digests, directory / "digests"))
    for title, library in (("with tags", tagged), ("without tags", untagged)):
        subjects = {entry.paper.id: tags.get(entry.paper.key, set()) for entry in _entries(library)}
        _print_figures(title, library, subjects, names, random.Random(seed), are_real=True)


def _print_figures(
    title: str,
    library: Library,
    subjects: dict[int, set[str]],
    names: Sequence[str],
    rng: random.Random,
    *,
    are_real: bool,
) -> None:
    baseline = _CentroidBaseline(_entries(library))
    groups = [(f"{STARRED} starred papers of one subject", list(_one_subject(subjects, names, rng)))]
    if are_real:
        groups.append(
            (f"{STARRED} of one and {STARRED_OF_SECOND} of another", list(_two_subjects(subjects, names, rng)))
        )
    for label, users in groups:
        print(f"{title}: papers of a subject among {LIMIT} suggestions; {label}, {len(users)} users")
        figures = [_suggest_to(library, baseline, subjects, user, rng) for user in users]
        for method in figures[0]:
            means = [
                sum(subject in subjects[id_] for figure, user in zip(figures, users, strict=True)
                    for id_ in figure[method] for subject in user.subjects[place : place + 1]) / len(users)
                for place in range(len(users[0].subjects))
            ]  # fmt: skip
            print(f"  {method:28s}" + "".join(f"{mean:10.2f}" for mean in means))


def _one_subject(subjects: dict[int, set[str]], names: Sequence[str], rng: random.Random) -> Iterator[_User]:
    for name in names:
        own = [id_ for id_, of in subjects.items() if name in of]
        others = [id_ for id_, of in subjects.items() if name not in of]
        for _ in range(USERS):
            yield _User((name,), rng.sample(own, STARRED), rng.sample(others, SKIPPED))


def _two_subjects(subjects: dict[int, set[str]], names: Sequence[str], rng: random.Random) -> Iterator[_User]:
    pairs = list(itertools.permutations(names, 2))
    rng.shuffle(pairs)
    count = 0
    for name, second in pairs:
        own = [id_ for id_, of in subjects.items() if name in of and second not in of]
        own_second = [id_ for id_, of in subjects.items() if second in of and name not in of]
        shared = sum({name, second} <= of for of in subjects.values())
        too_few = len(own) < STARRED + LIMIT or len(own_second) < STARRED_OF_SECOND + LIMIT
        if too_few or shared > MAX_SHARED * min(len(own), len(own_second)):
            continue
        others = [id_ for id_, of in subjects.items() if not of & {name, second}]
        starred = rng.sample(own, STARRED) + rng.sample(own_second, STARRED_OF_SECOND)
        yield _User((name, second), starred, rng.sample(others, SKIPPED))
        count += 1
        if count == PAIRS:
            return


def _suggest_to(
    library: Library, baseline: _CentroidBaseline, subjects: dict[int, set[str]], user: _User, rng: random.Random
) -> dict[str, list[int]]:
    """Return the IDs that each method suggests; the marks are undone."""
    candidates = [id_ for id_ in subjects if id_ not in {*user.starred, *user.skipped}]
    library.apply(edits.SetStar(True), refs(library, user.starred))
    library.apply(edits.SetStatus(Status.SKIPPED), refs(library, user.skipped))
    suggested = library.next(parse("", dt.date.today()), limit=LIMIT).papers
    library.undo(2)
    return {
        "readlist": [suggestion.entry.paper.id for suggestion in suggested],
        "TF-IDF centroid": baseline.find_nearest(user.starred, candidates),
        "at random": rng.sample(candidates, LIMIT),
    }


def _load(directory: Path, digests: Path) -> Library:
    library = Library(Directories(directory / "data", directory / "state", directory / "cache"))
    library.load([str(digests)])
    return library


def _entries(library: Library) -> list[Entry]:
    return [hit.entry for hit in library.find(parse("", dt.date.today())).hits]


def _copy_without_tags(digests: Path, directory: Path) -> Path:
    directory.mkdir(parents=True)
    for path in digests.iterdir():
        text = path.read_text(encoding="utf-8")
        (directory / path.name).write_text(re.sub(_TAG_LINE, "", text), encoding="utf-8")
    return directory


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


class _CentroidBaseline:
    """Papers as normalized TF-IDF vectors, by ID."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        counts = {entry.paper.id: Counter(tokenize(_text(entry))) for entry in entries}
        document_frequency = Counter(term for count in counts.values() for term in count)
        self._vectors: dict[int, dict[str, float]] = {}
        for id_, count in counts.items():
            vector = {term: tf * log(len(counts) / document_frequency[term]) for term, tf in count.items()}
            length = sqrt(sum(weight * weight for weight in vector.values()))
            self._vectors[id_] = {term: weight / length for term, weight in vector.items()}

    def find_nearest(self, starred: list[int], candidates: list[int]) -> list[int]:
        """Return the ten candidates that are nearest to the mean of `starred`."""
        mean: dict[str, float] = {}
        for id_ in starred:
            for term, weight in self._vectors[id_].items():
                mean[term] = mean.get(term, 0.0) + weight
        scores = {
            id_: sum(mean.get(term, 0.0) * weight for term, weight in self._vectors[id_].items()) for id_ in candidates
        }
        return sorted(candidates, key=lambda id_: -scores[id_])[:LIMIT]


def _text(entry: Entry) -> str:
    paper = entry.paper
    return " ".join((paper.title, paper.abstract, *paper.comments.values(), *entry.tags))


if __name__ == "__main__":
    with TemporaryDirectory(prefix="readlist-benchmark-") as scratch:
        if len(sys.argv) > 1:
            print_real(Path(scratch), Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
        else:
            print_synthetic(Path(scratch))
