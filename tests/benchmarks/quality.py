"""How well a reader finds: known-item queries made from made-up papers, MRR@10 for readlist and the plain script."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from readlist.library.library import Directories, Library
from readlist.search.query.parser import parse
from tests.benchmarks import plain
from tests.benchmarks.made_up import MadeUp, papers, write_digests

PAPERS = 1_000
QUERIES = 40
"""Of each kind; each is made from a paper of its own, which is the right answer."""
FIRST = 10

Search = Callable[[str], list[str]]


def table(folder: Path) -> None:
    """Print the mean reciprocal rank of the right paper among the first ten: 1 is always first, 0 never among them."""
    made_up = papers(PAPERS)
    searches = {"readlist": _readlist(made_up, folder), "plain script": _plain(made_up, folder)}
    print(f"MRR@{FIRST} over {PAPERS:,} papers       " + "".join(f"{name:>14s}" for name in searches))
    for kind, make in KINDS.items():
        rng = random.Random(kind)
        queries = [(make(paper, rng), paper.title) for paper in rng.sample(made_up, QUERIES)]
        scores = [
            sum(_reciprocal_rank(search(q), title) for q, title in queries) / QUERIES for search in searches.values()
        ]
        print(f"  {kind:28s}" + "".join(f"{score:14.3f}" for score in scores))


def _half_a_title(paper: MadeUp, _: random.Random) -> str:
    return paper.title[: len(paper.title) // 2]


def _a_typo(paper: MadeUp, rng: random.Random) -> str:
    """The coined name and a word of the title, two neighbouring letters of the name exchanged."""
    name, _, rest = paper.title.partition(": ")
    at = rng.randrange(1, len(name) - 2)
    return f"{name[:at]}{name[at + 1]}{name[at]}{name[at + 2 :]} {rest.split()[0]}"


def _an_author_turned_round(paper: MadeUp, rng: random.Random) -> str:
    return " ".join(reversed(rng.choice(paper.authors).split())) + " " + paper.title.split(": ")[1].split()[0]


def _korean_stems(paper: MadeUp, rng: random.Random) -> str:
    return " ".join(word[:2] for word in rng.sample(paper.korean.rstrip(".").split(), 3))


KINDS: dict[str, Callable[[MadeUp, random.Random], str]] = {
    "half a title": _half_a_title,
    "a title word with a typo": _a_typo,
    "an author's name turned round": _an_author_turned_round,
    "Korean stems": _korean_stems,
}


def _readlist(made_up: list[MadeUp], folder: Path) -> Search:
    write_digests(made_up, folder / "digests")
    library = Library(Directories(folder / "data", folder / "state", folder / "cache"))
    library.load([str(folder / "digests")])
    today = dt.date.today()

    def search(text: str) -> list[str]:
        return [hit.entry.paper.title for hit in library.find(parse(text, today), ranked=True, limit=FIRST).hits]

    return search


def _plain(made_up: list[MadeUp], folder: Path) -> Search:
    from tinydb import TinyDB

    plain.shelve(made_up, folder / "plain.json")
    documents = TinyDB(folder / "plain.json").all()
    return lambda text: [document["title"] for document in plain.best(documents, text, FIRST)]


def _reciprocal_rank(titles: list[str], right: str) -> float:
    return 1 / (titles.index(right) + 1) if right in titles else 0.0


if __name__ == "__main__":
    with TemporaryDirectory(prefix="readlist-benchmark-") as scratch:
        table(Path(scratch))
