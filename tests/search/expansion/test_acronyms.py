"""Acronyms and their long forms: how papers define them, and how they are looked up."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.search.expansion.acronyms import acronym_variants, find_definitions, long_form_variants
from readlist.search.tokens import tokenize
from tests.search.expansion.vocabulary_sample import vocabulary

SECONDS = 1
SLOW_MACHINE_FACTOR = 4
ACRONYMS = {
    ("ppo", "proximal policy optimization"): 10,
    ("moe", "mixture of experts"): 10,
    ("moe", "margin of error"): 2,
    ("moe", "ministry of education"): 1,
    ("cot", "chain of thought"): 1,
    ("cots", "commercial off the shelf"): 1,
    ("llm", "large language model"): 3,
    ("llm", "large language models"): 3,
}


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    with vocabulary([], ACRONYMS) as connection:
        yield connection


@pytest.mark.parametrize(
    ("text", "acronym", "long_form"),
    [
        ("We use proximal policy optimization (PPO).", "ppo", "proximal policy optimization"),
        ("Proximal Policy\tOptimization (PPO)", "ppo", "proximal policy optimization"),
        ("We tune policy optimization (PPO) only", "ppo", "policy optimization"),
        ("Large Language Models (LLMs) are", "llm", "large language models"),
        ("reinforcement learning from human feedback (RLHF)", "rlhf", "reinforcement learning from human feedback"),
        ("a mixture of the experts (ME)", "me", "mixture of the experts"),
        ("predictive policies of optimization (PPO)", "ppo", "predictive policies of optimization"),
        ("chain-of-thought (CoT) prompts", "cot", "chain of thought"),
        ("Retrieval-Augmented Generation (RAG)", "rag", "retrieval augmented generation"),
        ("a key-value (K-V) cache", "k v", "key value"),
        ("low-rank adaptation (LoRA)", "lora", "low rank adaptation"),
        ("Fréchet Inception Distance (FID)", "fid", "frechet inception distance"),
        ("Kullback–Leibler (KL)", "kl", "kullback leibler"),
        ("그룹 정책 최적화 group relative policy optimization(GRPO)는", "grpo", "group relative policy optimization"),
        ("(as proximal policy optimization (PPO))", "ppo", "proximal policy optimization"),
        ("bidirectional encoder representations from transformers (BERT)", "bert",
         "bidirectional encoder representations from transformers"),
    ],
)  # fmt: skip
def test_a_definition_is_the_long_form_before_an_acronym_in_brackets(text: str, acronym: str, long_form: str) -> None:
    assert find_definitions([text]) == {(acronym, long_form)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "as shown before (see)",
        "as shown (see Figure 3)",
        "in the last figure (Figure)",
        "four models (A) and (B)",
        "proximal policy optimization (ppo)",
        "proximal policy optimization [PPO]",
        "proximal policy optimization. We (PPO)",
        "proximal policy optimization, a method (PPO)",
        "PPO (PPO)",
        "the method of PPO (PPO)",
        "we train GPT-4 (GPT-4)",
        "strange acronyms (XYZ)",
        "(PPO) proximal policy optimization",
        "((PPO))",
        "()",
        "강화학습(RL)",
        "강화학습의 정책 최적화(PPO)",
        "one long name of many words (NAMEOFMANY)",
        "proximal policy " + "and " * 60 + "optimization (PPO)",
    ],
)
def test_other_text_in_brackets_defines_nothing(text: str) -> None:
    assert find_definitions([text]) == set()


def test_a_definition_does_not_reach_into_another_text() -> None:
    texts = ["proximal policy optimization", "(PPO)", "group relative policy optimization (GRPO)"]
    assert find_definitions(texts) == {("grpo", "group relative policy optimization")}
    assert find_definitions([]) == set()


@given(st.text("aABb (),.-\n학é") | st.text())
def test_any_text_defines_acronyms_of_folded_tokens_with_two_words_or_more(text: str) -> None:
    for acronym, long_form in find_definitions([text]):
        assert tokenize(acronym) == acronym.split()
        assert tokenize(long_form) == long_form.split()
        assert 2 <= len(long_form.split()) <= 6
        assert f" {acronym} " not in f" {long_form} "


@pytest.mark.parametrize("text", ["(", ")(", "((A", "a ", "Aa ", "(A)", "PPO ("])
def test_definitions_are_found_in_a_megabyte_within_a_second(text: str) -> None:
    start = time.process_time()
    assert find_definitions([text * (1_000_000 // len(text)) + "(AA)"]) in (set(), {("aa", "aa a")}, {("aa", "a a")})
    assert time.process_time() - start < SECONDS * SLOW_MACHINE_FACTOR


@pytest.mark.parametrize(
    ("word", "long_forms"),
    [
        ("ppo", ["proximal policy optimization"]),
        ("cots", ["commercial off the shelf"]),
        ("ppos", ["proximal policy optimization"]),
        ("llm", ["large language model", "large language models"]),
        ("grpo", []),
        ("s", []),
        ("", []),
        ("ppoppoppo", []),
    ],
)
def test_an_acronym_has_the_long_forms_that_papers_define_also_in_the_plural(
    connection: sqlite3.Connection, word: str, long_forms: list[str]
) -> None:
    variants = long_form_variants(connection, word)
    assert [variant.display_text for variant in variants] == long_forms
    assert all(variant.kind == "reading" and variant.is_prefix and variant.weight < 1 for variant in variants)


def test_a_rare_other_meaning_of_an_acronym_is_left_out(connection: sqlite3.Connection) -> None:
    found = [variant.display_text for variant in long_form_variants(connection, "moe")]
    assert found == ["mixture of experts", "margin of error"]


def test_adjacent_words_have_the_acronym_that_papers_define_for_them(connection: sqlite3.Connection) -> None:
    (variant,) = acronym_variants(connection, ["mixture", "of", "experts"])
    assert (variant.tokens, variant.kind, variant.is_prefix) == (("moe",), "reading", False)
    assert acronym_variants(connection, ["mixture", "of"]) == acronym_variants(connection, []) == []
