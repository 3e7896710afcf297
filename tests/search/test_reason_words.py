"""The words of a reason: which words that two papers share are shown, and how they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from readlist.models import Entry, Mark, Paper
from readlist.search.recommend.profile import Overlap
from readlist.search.recommend.reason_words import find_reason_words
from readlist.search.recommend.similarity import count_terms

NOUNS = ("양자화를", "강화학습을", "이미지를", "보상의", "모델을", "경우를", "에서의", "것인가를")
"""Words that papers have with the particle of an object or a possessor."""


def entry(title: str, korean: str = "", english: str = "", tags: tuple[str, ...] = ()) -> Entry:
    return Entry(Paper(title, abstract=english, comments={"ko": korean}, tags=tags), Mark(""), tags)


def words(paper: Entry, liked: Entry, *terms: str) -> tuple[str, ...]:
    """Return the words for `terms`, by default for all that both papers have, in alphabetical order."""

    def document_frequency(looked_up: Sequence[str]) -> Mapping[str, int]:
        return {word: int(word in NOUNS) for word in looked_up}

    shared = terms or sorted(count_terms(paper).keys() & count_terms(liked).keys())
    every = frozenset(count_terms(paper).keys() & count_terms(liked).keys())
    return find_reason_words(paper, Overlap(liked, tuple(shared), every), document_frequency)


def test_a_word_is_written_as_in_the_suggested_paper() -> None:
    assert words(entry("GRPO for Proofs"), entry("grpo revisited")) == ("GRPO",)
    assert words(entry("Proofs", english="a LoRA of LoRA"), entry("lora")) == ("LoRA",)


def test_of_equally_frequent_spellings_an_abbreviation_comes_first_and_a_capital_of_a_title_last() -> None:
    assert words(entry("Rewards", english="rewards"), entry("rewards")) == ("rewards",)
    assert words(entry("RL", tags=("rl",)), entry("rl")) == ("RL",)


@pytest.mark.parametrize(
    "shared",
    [
        "https://arxiv.org/abs/2402.03300",
        "https://github.com/deepseek/weights 참고",
        "arXiv:2402.03300",
        "github.com/deepseek/weights",
        "who@example.org",
        r"$\mathcal{O}(n)$ \textbf",
        "2402.03300 42 7B 10",
    ],
)
def test_links_addresses_numbers_and_latex_are_no_words(shared: str) -> None:
    paper = entry("One", english=shared)
    assert words(paper, entry("Two", english=shared), *count_terms(paper)) == ()


@pytest.mark.parametrize(
    "shared", ["the of with", "we propose a novel method", "However, it doesn't", "state-of-the-art"]
)
def test_function_words_and_what_every_abstract_says_are_no_words(shared: str) -> None:
    assert words(entry("One", english=shared), entry("Two", english=shared)) == ()


def test_a_korean_word_is_written_without_its_particle() -> None:
    assert words(entry("A", "양자화를 씁니다"), entry("B", "양자화의 효과")) == ("양자화",)


@pytest.mark.parametrize(
    "shared", ["만드는", "그리고", "흥미롭네요", "경우에는", "보였습니다", "것이", "있는", "할 것인가"]
)
def test_korean_verbs_adverbs_and_what_every_comment_says_are_no_words(shared: str) -> None:
    assert words(entry("A", shared), entry("B", shared)) == ()


def test_a_particle_after_a_latin_word_is_not_a_word() -> None:
    assert words(entry("A", "Llama-3에서의 결과"), entry("B", "에서 Llama-3를"), "에서", "llama") == ("Llama-3",)


def test_two_korean_words_with_the_same_stem_are_not_the_same_word() -> None:
    assert words(entry("A", "이미지를 만듭니다"), entry("B", "이미 했습니다"), "이미") == ()


def test_words_next_to_each_other_in_both_papers_are_one_phrase() -> None:
    paper = entry("A Reward Model", english="The reward model is trained with pictures.")
    assert words(paper, entry("B", english="a better reward model"), "reward", "model") == ("reward model",)
    assert words(paper, entry("B", english="a model of reward"), "reward", "model") == ("reward", "model")


def test_a_phrase_is_as_long_as_possible() -> None:
    paper = entry("Monte Carlo Tree Search")
    assert words(paper, entry("B", english="monte carlo tree search"), "carlo") == ("Monte Carlo Tree Search",)
    assert words(paper, entry("B", english="tree search"), "search") == ("Tree Search",)


def test_words_that_are_next_to_each_other_once_are_not_a_phrase_unless_in_the_title() -> None:
    once = entry("A", english="the reward model of pictures")
    assert words(once, entry("B", english="a reward model"), "reward", "model") == ("reward", "model")
    assert words(entry("Reward Model"), entry("B", english="a reward model"), "reward", "model") == ("Reward Model",)


def test_a_phrase_is_not_joined_across_punctuation_or_a_particle() -> None:
    paper = entry("Reward, model", "보상의 모델을")
    assert words(paper, entry("reward model", "보상 모델"), "reward", "model") == ("Reward", "model")
    assert words(paper, entry("reward model", "보상 모델"), "보상", "모델") == ("보상", "모델")


def test_forms_of_one_word_are_listed_once() -> None:
    paper = entry("Policies", english="a policy, a policy, policies")
    assert words(paper, paper, "policy", "policies") == ("policy",)


def test_at_most_three_words_are_listed_those_with_the_first_terms() -> None:
    paper = entry("Reward, critic, rollout, verifier")
    assert words(paper, paper, "verifier", "reward", "critic", "rollout") == ("verifier", "Reward", "critic")


def test_a_possessive_is_written_without_its_ending_and_a_compound_whole() -> None:
    assert words(entry("A transformer's heads"), entry("transformer"), "transformer") == ("transformer",)
    assert words(entry("Pre-training"), entry("pre-training"), "pre", "training") == ("Pre-training",)


def test_chinese_and_japanese_words_are_taken_from_between_kana() -> None:
    assert words(entry("強化学習のモデル"), entry("強化学習"), "強化") == ("強化学習",)
