"""Bridges: words that mean the same as a word of the query, in its own script and in the other one."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence

import pytest

from readlist.search.expansion import thesaurus
from readlist.search.expansion.bridges import WEIGHT_SOUND, Bridge, BridgeFinder
from readlist.search.expansion.variants import Variant
from tests.search.expansion.vocabulary_sample import vocabulary

SECONDS = 1
SLOW_MACHINE_FACTOR = 4
THESAURUS = """
사전학습 = 프리트레이닝 = pretraining = pre-train
강화학습 = reinforcement learning = RL
강화 = strengthen
지식증류 = knowledge distillation = distill
이미지 = image
토크나이저 = 토큰화기 = tokenizer
줄이- = 줄여- = 감소 = shrink
KL발산 = KL divergence
"""
VOCABULARY = """
    pretraining pretrain pretrained distill distilled shrink shrinking 줄이기 줄인 줄여서 줄기 강화학습을
    transformer transform tokenizer tokenizers kernel colonel market mealkit
""".split()  # noqa: SIM905 -- a list would take a line for each


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BridgeFinder]:
    directory = tmp_path_factory.mktemp("thesaurus")
    (directory / "sample.txt").write_text(THESAURUS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, vocabulary(VOCABULARY) as connection:
        patch.setattr(thesaurus, "_DIRECTORY", directory)
        yield BridgeFinder(connection, 100)


def find(finder: BridgeFinder, query: str) -> list[list[Bridge]]:
    return finder.find(query.split())


def texts(variants: Sequence[Variant]) -> set[str]:
    """Return variants as text, with "*" where they may continue."""
    assert all(0 < variant.weight < 1 and variant.kind == "bridge" for variant in variants)
    return {variant.display_text + "*" * variant.is_prefix for variant in variants}


def find_one(finder: BridgeFinder, word: str) -> tuple[bool, set[str], set[str]]:
    """Return the only bridge of a query of one word."""
    ((bridge,),) = find(finder, word)
    return bridge.is_korean, texts(bridge.same), texts(bridge.other)


# Concepts of the thesaurus

REDUCTION = {"줄이*", "줄인*", "줄여*", "감소*"}
PRETRAINING = {"pretraining", "pretrain", "pretrained", "pre train*"}


@pytest.mark.parametrize(
    ("word", "same", "other"),
    [
        ("사전학습", {"프리트레이닝*"}, PRETRAINING),
        ("사전학습에서는", {"프리트레이닝*", "사전학습*"}, PRETRAINING),
        ("강화학습", set(), {"reinforcement learning*", "rl"}),
        ("줄였다", REDUCTION, {"shrink", "shrinking"}),
        ("줄이는", REDUCTION, {"shrink", "shrinking"}),
        ("감소를", REDUCTION, {"shrink", "shrinking"}),
        ("KL발산", set(), {"kl divergence*"}),
    ],
)
def test_a_korean_word_has_korean_ones_and_all_forms_of_english_ones(
    finder: BridgeFinder, word: str, same: set[str], other: set[str]
) -> None:
    assert find_one(finder, word) == (True, same, other)


@pytest.mark.parametrize(
    ("word", "same", "other"),
    [
        ("pre-train", PRETRAINING - {"pre train*"}, {"사전학습*", "프리트레이닝*"}),
        ("Pretraining", {"pre train*"}, {"사전학습*", "프리트레이닝*"}),
        ("tokenizers", {"tokenizer", "tokenizers"}, {"토크나이저*", "토큰화기*"}),
        ("distilling", {"distill", "distilled", "knowledge distillation*"}, {"지식증류*"}),
        ("shrinks", {"shrink", "shrinking"}, REDUCTION),
        ("RL", {"reinforcement learning*"}, {"강화학습*"}),
    ],
)
def test_an_english_word_in_any_form_has_english_and_korean_ones(
    finder: BridgeFinder, word: str, same: set[str], other: set[str]
) -> None:
    assert find_one(finder, word) == (False, same, other)


def test_a_compound_is_cut_at_words_that_are_known(finder: BridgeFinder) -> None:
    ((first, second),) = find(finder, "이미지토크나이저를")
    assert (texts(first.same), texts(first.other)) == ({"이미지*"}, {"image"})
    assert (texts(second.same), texts(second.other)) == ({"토크나이저*", "토큰화기*"}, {"tokenizer", "tokenizers"})
    ((first,),) = find(finder, "이미지가나다")
    assert texts(first.other) == {"image"}


@pytest.mark.parametrize(
    ("query", "number", "other"),
    [
        ("강화 학습", 0, {"reinforcement learning*", "rl"}),
        ("큰 강화 학습에서는", 1, {"reinforcement learning*", "rl"}),
        ("KL 발산", 0, {"kl발산*"}),
        ("the Reinforcement Learning", 1, {"강화학습*"}),
        ("knowledge distillation", 0, {"지식증류*"}),
        ("knowledge-distillation", 0, {"지식증류*"}),
        ("pre train", 0, {"사전학습*", "프리트레이닝*"}),
    ],
)
def test_adjacent_words_that_are_a_term_have_its_concepts_beside_their_own(
    finder: BridgeFinder, query: str, number: int, other: set[str]
) -> None:
    bridges = find(finder, query)
    found = texts([*bridges[number][-1].same, *bridges[number][-1].other])
    assert other <= {text.replace("kl 발산", "kl발산") for text in found}


def test_words_that_are_not_adjacent_or_in_another_order_are_no_term(finder: BridgeFinder) -> None:
    assert find(finder, "learning reinforcement") == find(finder, "pre - train")[:2] == [[], []]
    assert find(finder, "reinforcement and learning") == [[], [], []]
    assert find(finder, "") == []
    assert find(finder, "★ -") == [[], []]


# Sounds


def test_a_loanword_that_the_thesaurus_does_not_know_has_the_word_that_it_transcribes(finder: BridgeFinder) -> None:
    ((bridge,),) = find(finder, "트랜스포머를")
    weights = {variant.display_text: variant.weight for variant in bridge.other}
    assert weights.keys() == {"transformer", "transform"}
    assert weights["transform"] < weights["transformer"] <= WEIGHT_SOUND


@pytest.mark.parametrize("word", ["가나다라", "transformers", "zzzz", "ㅌㄹㅅ"])
def test_a_short_or_unknown_word_has_no_bridge(finder: BridgeFinder, word: str) -> None:
    assert find(finder, word) == [[]]


def test_a_short_loanword_has_the_word_that_papers_agree_on(
    finder: BridgeFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The papers with 커널 have "kernel", not "colonel", unusually often."""
    monkeypatch.setattr(finder._translator, "translate", lambda _stem: [("kernel", 0.5), ("matrix", 0.5)])
    ((bridge,),) = find(finder, "커널의")
    weights: dict[str, float] = {}
    for variant in bridge.other:
        weights[variant.display_text] = max(variant.weight, weights.get(variant.display_text, 0.0))
    assert weights.keys() == {"kernel", "matrix"}
    assert weights["kernel"] > weights["matrix"] == 0.3


@pytest.mark.parametrize(
    "word", ["강화" * 50_000, "이미지" * 6, "줄이" * 10, "training" * 10_000, "ㅁ" * 9_000, "a-" * 9_000]
)
def test_words_of_any_length_are_looked_up_within_a_second(finder: BridgeFinder, word: str) -> None:
    start = time.process_time()
    find(finder, " ".join([word] * 8))
    assert time.process_time() - start < SECONDS * SLOW_MACHINE_FACTOR


def test_a_failing_table_is_not_hidden(finder: BridgeFinder) -> None:
    with vocabulary([]) as connection:
        connection.execute("DROP TABLE sounds")
        with pytest.raises(sqlite3.OperationalError):
            find(BridgeFinder(connection, 1), "트랜스포머")
