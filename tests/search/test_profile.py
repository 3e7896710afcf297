"""What a reader likes, learned from a few papers: weights, scores, shared terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.models import Entry, Mark, Paper, Status
from readlist.search.recommend.profile import READ, STARRED, Liked, Taste, liking, stem

PAPERS = 1_000
COMMON = {"the": 1_000, "model": 400}


def entry(title: str, **more: object) -> Entry:
    paper = Paper(title, key=title, **more)  # type: ignore[arg-type] # the fields of a paper
    return Entry(paper, Mark(paper.key), paper.tags)


def taste(liked: Sequence[Entry], skipped: Sequence[Entry] = (), weight: float = STARRED) -> Taste:
    def holders(terms: Sequence[str]) -> Mapping[str, int]:
        return {term: COMMON.get(term, 5) for term in terms}

    return Taste([Liked(one, weight) for one in liked], skipped, PAPERS, holders)


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        (Mark("k"), 0.0),
        (Mark("k", Status.SKIPPED), 0.0),
        (Mark("k", Status.READ), READ),
        (Mark("k", Status.READING), READ),
        (Mark("k", starred=True), STARRED),
        (Mark("k", note="why"), STARRED),
        (Mark("k", Status.SKIPPED, starred=True), STARRED),
    ],
)
def test_a_star_and_a_note_say_more_than_reading(mark: Mark, expected: float) -> None:
    assert liking(mark) == expected


@pytest.mark.parametrize(
    ("token", "expected"),
    [("모델을", "모델"), ("강화학습", "강화"), ("값", "값"), ("models", "models"), ("μnit", "μnit")],
)
def test_korean_words_are_counted_by_their_stem(token: str, expected: str) -> None:
    assert stem(token) == expected


def test_rare_words_weigh_more_than_common_ones_and_words_of_all_papers_nothing() -> None:
    profile = taste([entry("the reward model")]).profile
    assert profile["reward"] > profile["model"] > 0
    assert profile.get("the", 0) <= 0


def test_without_any_history_nothing_is_liked() -> None:
    learned = taste([])
    assert learned.profile == {}
    assert learned.score(learned.bag(entry("the reward model"))) == 0


def test_what_has_nothing_in_common_with_what_is_known_has_no_score() -> None:
    learned = taste([entry("the reward model")])
    stranger = learned.bag(entry("diffusion of pictures"))
    assert learned.score(stranger) == 0
    assert learned.shared(stranger) is None


def test_a_comment_says_more_than_as_many_words_of_an_abstract() -> None:
    learned = taste([entry("reward")])
    filler = "of other things entirely and at length"
    commented = entry("A", comments={"en": "reward"}, abstract=filler)
    described = entry("A", abstract=f"reward {filler}")
    assert learned.score(learned.bag(commented)) > learned.score(learned.bag(described))


def test_a_word_of_one_paper_among_many_is_held_for_chance() -> None:
    learned = taste([entry(f"reward {name}") for name in ("ant", "bee", "cat", "dog", "elk")])
    assert set(learned.profile) == {"reward"}


def test_the_paper_named_is_the_one_that_shares_the_most() -> None:
    near, far = entry("Outcome Reward for Proofs"), entry("Reward of Gardening")
    learned = taste([far, near])
    shared = learned.shared(learned.bag(entry("outcome reward of proofs")))
    assert shared is not None
    assert shared.known is near
    assert set(shared.terms) == {"outcome", "reward", "proofs"}


WORDS = st.lists(st.sampled_from(["reward", "policy", "depth", "norm", "token", "agent"]), min_size=1, max_size=6)


@given(WORDS, WORDS, WORDS)
def test_skipping_never_makes_what_is_like_the_skipped_paper_better(
    liked: list[str], skipped: list[str], candidate: list[str]
) -> None:
    chosen, passed_over, one = (entry(" ".join(words)) for words in (liked, skipped, candidate))
    without, with_ = taste([chosen], [entry("zebra " * len(skipped))]), taste([chosen], [passed_over])
    assert with_.score(with_.bag(one)) <= without.score(without.bag(one)) + 1e-9


@given(st.lists(WORDS, min_size=1, max_size=4), WORDS)
def test_the_same_history_always_makes_the_same_score(liked: list[list[str]], candidate: list[str]) -> None:
    chosen = [entry(" ".join(words)) for words in liked]
    first, second = taste(chosen), taste(chosen)
    assert first.score(first.bag(entry(" ".join(candidate)))) == second.score(second.bag(entry(" ".join(candidate))))
    assert list(first.profile.items()) == list(second.profile.items())
