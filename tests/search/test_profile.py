"""The preference model, model from a few papers: term weights, scores, shared terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.models import Entry, Mark, Paper, Status
from readlist.search.recommend.profile import (
    PREFERENCE_READ,
    PREFERENCE_STARRED,
    LikedPaper,
    PreferenceModel,
    preference,
)
from readlist.search.recommend.similarity import count_terms, stem

PAPERS = 1_000
COMMON = {"the": 1_000, "model": 400}


def entry(title: str, **fields: object) -> Entry:
    paper = Paper(title, key=title, **fields)  # type: ignore[arg-type] # the fields of a paper
    return Entry(paper, Mark(paper.key), paper.tags)


def learn(liked: Sequence[Entry], skipped: Sequence[Entry] = (), weight: float = PREFERENCE_STARRED) -> PreferenceModel:
    def document_frequency(terms: Sequence[str]) -> Mapping[str, int]:
        return {term: COMMON.get(term, 8) for term in terms}

    liked_papers = [LikedPaper(one, weight, count_terms(one)) for one in liked]
    return PreferenceModel(liked_papers, list(map(count_terms, skipped)), PAPERS, document_frequency)


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        (Mark("k"), 0.0),
        (Mark("k", Status.SKIPPED), 0.0),
        (Mark("k", Status.READ), PREFERENCE_READ),
        (Mark("k", Status.READING), PREFERENCE_READ),
        (Mark("k", starred=True), PREFERENCE_STARRED),
        (Mark("k", note="why"), PREFERENCE_STARRED),
        (Mark("k", Status.SKIPPED, starred=True), PREFERENCE_STARRED),
    ],
)
def test_a_star_or_a_note_is_a_stronger_preference_than_reading(mark: Mark, expected: float) -> None:
    assert preference(mark) == expected


@pytest.mark.parametrize(
    ("token", "expected"),
    [("모델을", "모델"), ("강화학습", "강화"), ("값", "값"), ("models", "models"), ("μnit", "μnit")],
)
def test_korean_words_are_counted_by_their_stem(token: str, expected: str) -> None:
    assert stem(token) == expected


def test_rare_words_weigh_more_than_common_ones_and_words_of_all_papers_weigh_nothing() -> None:
    profile = learn([entry("the reward model")]).profile
    assert profile["reward"] > profile["model"] > 0
    assert profile.get("the", 0) <= 0


def test_without_history_every_score_is_0() -> None:
    model = learn([])
    assert model.profile == {}
    assert model.score(model.vectorize(entry("the reward model"))) == 0


def test_a_paper_without_shared_terms_has_score_0_and_no_overlap() -> None:
    model = learn([entry("the reward model")])
    other = entry("diffusion of pictures")
    assert model.score(model.vectorize(other)) == 0
    assert model.find_overlap(other, model.vectorize(other)) is None


def test_a_term_in_a_comment_scores_higher_than_in_an_abstract() -> None:
    model = learn([entry("reward")])
    filler = "of other things entirely and at length"
    commented = entry("A", comments={"en": "reward"}, abstract=filler)
    described = entry("A", abstract=f"reward {filler}")
    assert model.score(model.vectorize(commented)) > model.score(model.vectorize(described))


def test_a_word_of_one_liked_paper_among_many_is_ignored() -> None:
    model = learn([entry(f"reward {name}") for name in ("ant", "bee", "cat", "dog", "elk")])
    assert set(model.profile) == {"reward"}


def test_the_overlap_is_with_the_most_similar_liked_paper() -> None:
    near, far = entry("Outcome Reward for Proofs"), entry("Reward of Gardening")
    model = learn([far, near])
    paper = entry("outcome reward of proofs")
    overlap = model.find_overlap(paper, model.vectorize(paper))
    assert overlap is not None
    assert overlap.liked is near
    assert set(overlap.terms) == {"outcome", "reward", "proofs"}


WORDS = st.lists(st.sampled_from(["reward", "policy", "depth", "norm", "token", "agent"]), min_size=1, max_size=6)


@given(WORDS, WORDS, WORDS)
def test_skipping_never_raises_the_score_of_a_paper_like_the_skipped_one(
    liked: list[str], skipped: list[str], candidate: list[str]
) -> None:
    positive, negative, one = (entry(" ".join(words)) for words in (liked, skipped, candidate))
    without, with_ = learn([positive], [entry("zebra " * len(skipped))]), learn([positive], [negative])
    assert with_.score(with_.vectorize(one)) <= without.score(without.vectorize(one)) + 1e-9


@given(st.lists(WORDS, min_size=1, max_size=4), WORDS)
def test_the_same_history_gives_the_same_scores(liked: list[list[str]], candidate: list[str]) -> None:
    liked_papers = [entry(" ".join(words)) for words in liked]
    first, second = learn(liked_papers), learn(liked_papers)
    assert first.score(first.vectorize(entry(" ".join(candidate)))) == second.score(
        second.vectorize(entry(" ".join(candidate)))
    )
    assert list(first.profile.items()) == list(second.profile.items())
