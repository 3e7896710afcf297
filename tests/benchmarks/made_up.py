"""Made-up papers in the newsletter's layout: the same ones for the same number, shaped like real ones.

Words are drawn by Zipf's law, so that an index of them has the shape of a real one: a few stand in most papers, most
in a few. Every title has a coined name of its own; one word in nine of a title is joined to the next by a hyphen.
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
_PAPERS_A_DAY = 10


@dataclass(frozen=True)
class MadeUp:
    """A paper as the digest prints it."""

    title: str
    authors: list[str]
    abstract: str
    korean: str
    english: str
    tags: list[str]

    def __str__(self) -> str:
        tags = " ".join(f"#{tag}" for tag in self.tags)
        return f"{self.title}\n({', '.join(self.authors)})\n{self.abstract}\n{self.korean}\n{self.english}\n{tags}"


def papers(count: int) -> list[MadeUp]:
    """`count` papers, each of some 250 words."""
    rng = random.Random(20250211)
    words = _PLAIN_WORDS + ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 5))) for _ in range(30_000)]
    stems = ["".join(chr(rng.randrange(0xAC00, 0xD7A4)) for _ in range(rng.randint(2, 3))) for _ in range(8_000)]
    names = ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 3))).capitalize() for _ in range(6_000)]
    weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(words))))

    def sentence(length: int) -> list[str]:
        return rng.choices(words, cum_weights=weights, k=length)

    def korean(length: int) -> str:
        chosen = rng.choices(stems, cum_weights=weights[: len(stems)], k=length)
        return " ".join(stem + rng.choice(_ENDINGS) for stem in chosen) + "."

    def title() -> str:
        name = "".join(rng.choices(_SYLLABLES, k=4)).capitalize()
        return f"{name}: " + " ".join(f"{w}-{w[::-1]}" if rng.random() < 1 / 9 else w for w in sentence(7)).title()

    def prose(sentences: int) -> str:
        return " ".join(" ".join(sentence(rng.randint(10, 25))).capitalize() + "." for _ in range(sentences))

    return [
        MadeUp(
            title(),
            [f"{rng.choice(names)} {rng.choice(names)}" for _ in range(rng.randint(1, 9))],
            prose(8),
            korean(14),
            prose(2),
            rng.sample(_TAGS, 2),
        )
        for _ in range(count)
    ]


def write_digests(made_up: list[MadeUp], folder: Path) -> None:
    """Ten papers a day, a file a day."""
    folder.mkdir(parents=True)
    for day, start in enumerate(range(0, len(made_up), _PAPERS_A_DAY)):
        date = dt.date(2000, 1, 1) + dt.timedelta(days=day)
        entries = "\n".join(map(str, made_up[start : start + _PAPERS_A_DAY]))
        (folder / f"{date}.txt").write_text(f"{date.year}년 {date.month}월 {date.day}일\n{entries}\n", encoding="utf-8")


def main() -> None:
    """`made_up.py COUNT FOLDER`: digests and a plain TinyDB file in FOLDER; prints a title and a Korean comment."""
    from tests.benchmarks import plain

    count, folder = int(sys.argv[1]), Path(sys.argv[2])
    made_up = papers(count)
    write_digests(made_up, folder / "digests")
    plain.shelve(made_up, folder / "plain.json")
    print(made_up[count // 2].title, made_up[count // 2].korean, sep="\n")


if __name__ == "__main__":
    main()
