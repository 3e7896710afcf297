"""Interests: when the liked papers are learned apart, and how suggestions of two interests are mixed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pytest

from readlist.models import Entry, Mark, Paper
from readlist.search.recommend.interests import interleave, split_interests
from readlist.search.recommend.profile import LikedPaper
from readlist.search.recommend.similarity import count_terms

PAPERS = 1_000
REWARDS = [
    "reward",
    "policy",
    "optimization",
    "verifier",
    "reasoning",
    "preference",
    "alignment",
    "rollout",
    "critic",
    "advantage",
]
VIDEO = ["video", "frame", "diffusion", "denoising", "latent", "pixel", "temporal", "motion", "camera", "rendering"]
COMMON = ["we", "the", "of", "model", "training", "results", "data"]


def papers(words: Sequence[str], count: int) -> list[LikedPaper]:
    """Return papers that have most of `words`, each without another one."""
    entries = []
    for number in range(count):
        text = " ".join([*COMMON, *(word for place, word in enumerate(words) if place != number % len(words))])
        entries.append(Entry(Paper(f"{words[0]} {number}", abstract=text), Mark(""), ()))
    return [LikedPaper(entry, 1.0, count_terms(entry)) for entry in entries]


def document_frequency(terms: Sequence[str]) -> Mapping[str, int]:
    return {term: 900 if term in COMMON else 20 for term in terms}


def subjects(interests: Sequence[Sequence[LikedPaper]]) -> list[Counter[str]]:
    return [Counter(paper.entry.paper.title.split()[0] for paper in interest) for interest in interests]


@pytest.mark.parametrize(("rewards", "video"), [(15, 5), (5, 15), (6, 6), (4, 3)])
def test_papers_of_two_subjects_are_two_interests_the_larger_one_first(rewards: int, video: int) -> None:
    interests = split_interests(papers(REWARDS, rewards) + papers(VIDEO, video), PAPERS, document_frequency)
    assert sorted(subjects(interests), key=str) == sorted([Counter(reward=rewards), Counter(video=video)], key=str)
    assert len(interests[0]) >= len(interests[1])


def test_the_order_of_the_papers_does_not_matter() -> None:
    liked = papers(REWARDS, 8) + papers(VIDEO, 4)
    forwards = split_interests(liked, PAPERS, document_frequency)
    assert subjects(split_interests(liked[::-1], PAPERS, document_frequency)) == subjects(forwards)


def test_papers_of_one_subject_are_one_interest() -> None:
    liked = papers(REWARDS, 15)
    assert split_interests(liked, PAPERS, document_frequency) == [liked]


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_papers_of_another_subject_are_no_interest(count: int) -> None:
    liked = papers(REWARDS, 10) + papers(VIDEO, count)
    assert split_interests(liked, PAPERS, document_frequency) == [liked]


@pytest.mark.parametrize("count", [0, 1, 5])
def test_few_papers_are_one_interest(count: int) -> None:
    liked = papers(REWARDS, count)
    assert split_interests(liked, PAPERS, document_frequency) == [liked]


def test_papers_without_text_or_with_the_same_text_are_one_interest() -> None:
    empty = [LikedPaper(Entry(Paper(""), Mark(""), ()), 1.0, Counter()) for _ in range(8)]
    assert split_interests(empty, PAPERS, document_frequency) == [empty]
    same = papers(REWARDS, 1) * 8
    assert split_interests(same, PAPERS, document_frequency) == [same]


def test_rankings_are_mixed_in_turn_until_the_last_ends() -> None:
    assert list(interleave(["abcd", "xy"])) == ["a", "x", "b", "y", "c", "d"]
    assert list(interleave(["abc"])) == ["a", "b", "c"]
    assert list(interleave([])) == []
