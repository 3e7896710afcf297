"""Search quality: MRR@10 of queries for one paper on synthetic papers, for readlist and the baseline.

The queries are parts of a paper, as typed or as remembered: in another form, with a wrong word, on another keyboard.

Findings on 900 real papers that decided constants of `readlist.search`: with at most as many corrected variants of a
word as are used, the right paper was among the first ten for every query; 2 % of typing errors are in the first letter,
so that words with another first letter are not candidates.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from readlist.library.library import Directories, Library
from readlist.models import RELEVANCE
from readlist.search.expansion.hangul import decompose
from readlist.search.expansion.keyboard import to_latin
from readlist.search.query.parser import parse
from tests.benchmarks import tinydb_baseline
from tests.benchmarks.synthetic_papers import SyntheticPaper, generate_papers, write_digests

PAPERS = 1_000
QUERIES = 40
"""Queries of each kind; each is built from another paper, which is the right answer."""
LIMIT = 10
MIN_WORD = 4
"""Letters of a word that a query has."""
FREQUENT_WORDS = ("learning", "model", "training", "language", "attention", "policy", "reward")

Search = Callable[[str], list[str]]


def print_table(directory: Path) -> None:
    """Print the mean reciprocal rank of the right paper in the first ten: 1 where it is always first, 0 if never."""
    papers = generate_papers(PAPERS)
    searches = {"readlist": _open_library(papers, directory), "baseline": _open_baseline(papers, directory)}
    print(f"MRR@{LIMIT} over {PAPERS:,} papers       " + "".join(f"{name:>14s}" for name in searches))
    for kind, build in KINDS.items():
        rng = random.Random(kind)
        queries = [(build(paper, rng), paper.title) for paper in rng.sample(papers, QUERIES)]
        scores = [
            sum(_reciprocal_rank(search(q), title) for q, title in queries) / QUERIES for search in searches.values()
        ]
        print(f"  {kind:28s}" + "".join(f"{score:14.3f}" for score in scores))


def _half_title(paper: SyntheticPaper, _: random.Random) -> str:
    return paper.title[: len(paper.title) // 2]


def _transposed_letters(paper: SyntheticPaper, rng: random.Random) -> str:
    """Return the name in the title, with two adjacent letters transposed, and the next word."""
    name, _, rest = paper.title.partition(": ")
    at = rng.randrange(1, len(name) - 2)
    return f"{name[:at]}{name[at + 1]}{name[at]}{name[at + 2 :]} {rest.split()[0]}"


def _inverted_author_name(paper: SyntheticPaper, rng: random.Random) -> str:
    return " ".join(reversed(rng.choice(paper.authors).split())) + " " + paper.title.split(": ")[1].split()[0]


def _korean_stems(paper: SyntheticPaper, rng: random.Random) -> str:
    return " ".join(word[:2] for word in rng.sample(paper.korean.rstrip(".").split(), 3))


def _title_words(paper: SyntheticPaper, rng: random.Random, count: int) -> list[str]:
    """Return `count` words of the title, without its name and without hyphens, or fewer."""
    words = [word for word in paper.title.split()[1:] if "-" not in word and len(word) >= MIN_WORD]
    return rng.sample(words, min(count, len(words)))


def _other_word_forms(paper: SyntheticPaper, rng: random.Random) -> str:
    return " ".join(word + rng.choice(["s", "ed", "ing"]) for word in _title_words(paper, rng, 3))


def _wrong_word(paper: SyntheticPaper, rng: random.Random) -> str:
    """Return words of the title with one that many titles have and this one does not."""
    others = [word for word in FREQUENT_WORDS if word not in paper.title.lower()]
    return " ".join([*_title_words(paper, rng, 3), rng.choice(others)])


def _joined_words(paper: SyntheticPaper, rng: random.Random) -> str:
    words = _title_words(paper, rng, 4)
    return " ".join(["".join(words[:2]), *words[2:]])


def _initial_and_year(paper: SyntheticPaper, rng: random.Random) -> str:
    given, surname = rng.choice(paper.authors).split()
    return f"{surname}, {given[0]}. (2000) {paper.title.split()[1]}"


def _sentence(paper: SyntheticPaper, rng: random.Random) -> str:
    return f"that paper about {' '.join(_title_words(paper, rng, 2))} by {rng.choice(paper.authors).split()[1]}"


def _other_keyboard(paper: SyntheticPaper, rng: random.Random) -> str:
    return " ".join(map(to_latin, rng.sample(paper.korean.rstrip(".").split(), 3)))


def _initial_consonants(paper: SyntheticPaper, rng: random.Random) -> str:
    words = rng.sample(paper.korean.rstrip(".").split(), 3)
    return " ".join("".join(decompose(syllable)[0] for syllable in word) for word in words)


KINDS: dict[str, Callable[[SyntheticPaper, random.Random], str]] = {
    "half a title": _half_title,
    "a title word with a typo": _transposed_letters,
    "an author's name, inverted": _inverted_author_name,
    "Korean stems": _korean_stems,
    "other word forms": _other_word_forms,
    "one wrong word": _wrong_word,
    "two words typed as one": _joined_words,
    "an author's initial and year": _initial_and_year,
    "asked in a sentence": _sentence,
    "Korean on the other keyboard": _other_keyboard,
    "initial consonants": _initial_consonants,
}


def _open_library(papers: list[SyntheticPaper], directory: Path) -> Search:
    write_digests(papers, directory / "digests")
    library = Library(Directories(directory / "data", directory / "state", directory / "cache"))
    library.load([str(directory / "digests")])
    today = dt.date.today()

    def search(text: str) -> list[str]:
        return [hit.entry.paper.title for hit in library.find(parse(text, today), order=RELEVANCE, limit=LIMIT).hits]

    return search


def _open_baseline(papers: list[SyntheticPaper], directory: Path) -> Search:
    from tinydb import TinyDB

    tinydb_baseline.write_database(papers, directory / "baseline.json")
    documents = TinyDB(directory / "baseline.json").all()
    return lambda text: [document["title"] for document in tinydb_baseline.search(documents, text, LIMIT)]


def _reciprocal_rank(titles: list[str], expected: str) -> float:
    return 1 / (titles.index(expected) + 1) if expected in titles else 0.0


if __name__ == "__main__":
    with TemporaryDirectory(prefix="readlist-benchmark-") as scratch:
        print_table(Path(scratch))
