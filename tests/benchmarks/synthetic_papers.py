"""Synthetic papers in the newsletter's format, the same ones for the same number.

Words follow Zipf's law, as in real text: a few are in most papers, most are in a few. Every title begins with a name of
its own; one word in nine of a title is a hyphenated compound.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
import sys
from dataclasses import dataclass
from pathlib import Path

_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
_PLAIN_WORDS = [
    "the",
    "of",
    "for",
    "with",
    "learning",
    "model",
    "training",
    "language",
    "data",
    "reasoning",
    "attention",
    "policy",
    "reward",
    "scaling",
]
_TAGS = [
    "rl",
    "reasoning",
    "benchmark",
    "pretraining",
    "quantization",
    "transformer",
    "diffusion",
    "alignment",
    "moe",
    "vision",
    "agent",
]
_ENDINGS = ["을", "를", "이", "가", "은", "에서", "으로", "하는", "합니다", "했군요"]
_PAPERS_PER_DAY = 10


@dataclass(frozen=True)
class SyntheticPaper:
    """A paper; as a string it is a paper of a digest."""

    title: str
    authors: list[str]
    abstract: str
    korean: str
    english: str
    tags: list[str]

    def __str__(self) -> str:
        tags = " ".join(f"#{tag}" for tag in self.tags)
        return f"{self.title}\n({', '.join(self.authors)})\n{self.abstract}\n{self.korean}\n{self.english}\n{tags}"


def generate_papers(count: int) -> list[SyntheticPaper]:
    """Return `count` papers of about 250 words each."""
    rng = random.Random(20250211)
    words = _PLAIN_WORDS + ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 5))) for _ in range(30_000)]
    stems = ["".join(chr(rng.randrange(0xAC00, 0xD7A4)) for _ in range(rng.randint(2, 3))) for _ in range(8_000)]
    names = ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 3))).capitalize() for _ in range(6_000)]
    weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(words))))

    def choose_words(length: int) -> list[str]:
        return rng.choices(words, cum_weights=weights, k=length)

    def write_korean(length: int) -> str:
        selected = rng.choices(stems, cum_weights=weights[: len(stems)], k=length)
        return " ".join(stem + rng.choice(_ENDINGS) for stem in selected) + "."

    def write_title() -> str:
        name = "".join(rng.choices(_SYLLABLES, k=4)).capitalize()
        return f"{name}: " + " ".join(f"{w}-{w[::-1]}" if rng.random() < 1 / 9 else w for w in choose_words(7)).title()

    def write_prose(sentences: int) -> str:
        return " ".join(" ".join(choose_words(rng.randint(10, 25))).capitalize() + "." for _ in range(sentences))

    return [
        SyntheticPaper(
            write_title(),
            [f"{rng.choice(names)} {rng.choice(names)}" for _ in range(rng.randint(1, 9))],
            write_prose(8),
            write_korean(14),
            write_prose(2),
            rng.sample(_TAGS, 2),
        )
        for _ in range(count)
    ]


def write_digests(papers: list[SyntheticPaper], directory: Path) -> None:
    """Write one digest of ten papers per day, each to a file of its own."""
    directory.mkdir(parents=True)
    for day, start in enumerate(range(0, len(papers), _PAPERS_PER_DAY)):
        date = dt.date(2000, 1, 1) + dt.timedelta(days=day)
        entries = "\n".join(map(str, papers[start : start + _PAPERS_PER_DAY]))
        (directory / f"{date}.txt").write_text(
            f"{date.year}년 {date.month}월 {date.day}일\n{entries}\n", encoding="utf-8"
        )


def main() -> None:
    """`synthetic_papers.py COUNT DIRECTORY`: write digests and a TinyDB file; print a title and a Korean comment."""
    from tests.benchmarks import tinydb_baseline

    count, directory = int(sys.argv[1]), Path(sys.argv[2])
    papers = generate_papers(count)
    write_digests(papers, directory / "digests")
    tinydb_baseline.write_database(papers, directory / "baseline.json")
    print(papers[count // 2].title, papers[count // 2].korean, sep="\n")


if __name__ == "__main__":
    main()
