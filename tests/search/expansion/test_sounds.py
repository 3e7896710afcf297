"""Hangul loanwords and the Latin words that they transcribe."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from readlist.search.expansion import sounds
from readlist.search.expansion.sounds import (
    MAX_DISTANCE,
    MAX_NEAR_KEYS,
    closest,
    hangul_key,
    is_transcribable,
    latin_keys,
    near_keys,
)

PAIRS = dict(
    pair.split()
    for pair in """
    프리트레이닝 pretraining, 리워드 reward, 옵티마이저 optimizer, 토크나이저 tokenizer, 트랜스포머 transformer
    디퓨전 diffusion, 어텐션 attention, 그래디언트 gradient, 임베딩 embedding, 벤치마크 benchmark, 얼라인먼트 alignment
    인코더 encoder, 시퀀스 sequence, 노이즈 noise, 아키텍처 architecture, 에이전트 agent, 알고리즘 algorithm
    하이퍼파라미터 hyperparameter, 스토캐스틱 stochastic, 레이턴시 latency, 스루풋 throughput, 리트리버 retriever
    제너레이터 generator, 팩츄얼리티 factuality, 랭귀지 language, 할루시네이션 hallucination, 스파시티 sparsity
    퍼플렉시티 perplexity, 마르코프 markov, 몬테카를로 montecarlo, 스케줄러 scheduler, 메커니즘 mechanism
    파이토치 pytorch, 가이던스 guidance, 워터마크 watermark, 놀리지 knowledge, 쿼터니언 quaternion, 서킷 circuit
    밴드위스 bandwidth, 톰슨 thompson
    """.strip()
    .replace("\n", ",")
    .split(",")
)
OTHER_WORDS = """
    portraying retrain reverse leeward optimism optimal tokens transfer transformation difference defusing attenuation
    intention gradual granted embodied benchmarks lineament encore incoder sequins nose nation texture urgent
    parameter statistic latent litany throat reader general factual luggage hellenistic specify complexity mark
    schedule mechanic python guide water college question checked bandits automation turing model learning
""".split()  # noqa: SIM905 -- a list would take a line for each
VOCABULARY = [*PAIRS.values(), *OTHER_WORDS]

latin_words = st.text("aceghiknoprstuwxy", max_size=12) | st.text(max_size=4) | st.text("aZ|\n", max_size=26)
hangul_words = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=8)


def find(word: str) -> list[str]:
    words_by_key: dict[str, list[str]] = {}
    for key, latin in zip(latin_keys(VOCABULARY), VOCABULARY, strict=True):
        words_by_key.setdefault(key, []).append(latin)
    candidates = [latin for key in near_keys(hangul_key(word)) for latin in words_by_key.get(key, ())]
    return [latin for latin, _ in closest(word, candidates)]


@pytest.mark.parametrize(("hangul", "latin"), PAIRS.items())
def test_a_loanword_finds_the_word_that_it_transcribes(hangul: str, latin: str) -> None:
    assert find(hangul)[:1] == [latin]


@pytest.mark.parametrize(
    "word", ["강화학습", "사전학습", "불확실성", "추론하는", "최적화", "신경망", "매개변수", "지도학습", "나타낸다"]
)
def test_a_native_word_finds_no_latin_word(word: str) -> None:
    assert find(word) == []


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("트랜스포머", True),
        ("아키텍쳐", True),
        ("사전학습", True),
        ("커널", False),
        ("최적화", False),
        ("병렬성", False),
        ("여러가지", False),
        ("값들은", False),
        ("토끼는", False),
        ("논의를", False),
        ("트랜스former", False),
        ("", False),
    ],
)
def test_a_transcription_is_long_and_spelled_like_a_loanword(word: str, expected: bool) -> None:
    assert is_transcribable(word) is expected


def test_words_of_both_scripts_have_the_same_key() -> None:
    assert latin_keys(["pretraining", "knight", "phase", "Vision"]) == ["PLTLNN", "NT", "PS", "PSN"]
    assert hangul_key("프리트레이닝") == "PLTLNN"
    assert hangul_key("비전") == "PSN"


def test_a_word_without_two_consonants_or_of_other_characters_has_no_key() -> None:
    assert latin_keys([]) == []
    assert latin_keys(["area", "layer", "gpt4", "naïve", "a b", "a|b", "", "x" * 25]) == [""] * 8
    assert [hangul_key(word) for word in ("레이어", "GPT를", "ㅋㅋㅋ", "트" * 17, "")] == [""] * 5


def test_candidates_that_sound_unlike_are_omitted_and_the_others_come_closest_first() -> None:
    assert closest("프레임", ["flame", "form", "frame", "frame", "", "a1"]) == [("frame", 0.0), ("flame", 0.02)]
    assert closest("프레임", ["flame", "frame"], limit=1) == [("frame", 0.0)]
    assert closest("frame", ["frame"]) == closest("프레임", []) == []


@given(st.lists(latin_words))
@example(["kn", "se", "es", "ign", "gue", "re"])
def test_the_keys_of_many_words_are_the_keys_of_each(words: list[str]) -> None:
    assert latin_keys(words) == [key for word in words for key in latin_keys([word])]


@given(latin_words)
def test_the_key_of_a_latin_word_is_the_classes_of_its_sounds(word: str) -> None:
    [key], [respelled] = latin_keys([word]), sounds._latin_sounds([word])
    assert key in {"", respelled.translate(sounds.CLASS_OF_SOUND)}


@given(latin_words, hangul_words)
def test_a_key_has_consonant_classes_only_and_is_near_itself(latin: str, hangul: str) -> None:
    for key in (*latin_keys([latin]), hangul_key(hangul)):
        keys = near_keys(key)
        assert set("".join(keys)) <= set(sounds.CLASSES)
        assert keys[:1] == ([key] if key else [])
        assert len(keys) == len(set(keys)) <= MAX_NEAR_KEYS


@given(hangul_words, st.lists(latin_words))
def test_distances_are_in_order_and_at_most_the_maximum(word: str, candidates: list[str]) -> None:
    distances = [distance for _, distance in closest(word, candidates)]
    assert distances == sorted(distances)
    assert all(0 <= distance <= MAX_DISTANCE for distance in distances)
