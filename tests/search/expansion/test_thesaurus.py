"""The thesaurus: how concepts are found, and what its files must look like."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import readlist
from readlist.search.expansion import thesaurus
from readlist.search.expansion.thesaurus import Thesaurus, term_of

FILES = sorted((Path(readlist.__file__).parent / "search" / "thesaurus").glob("*.txt"))
SAMPLE = """# comment = 주석
사전학습 = 프리트레이닝 = Pretraining = pre-train
지식증류 = knowledge distillation = distill
줄이- = 줄여- = 감소 = reduce = shrink
줄- = give
크- = large
KL발산 = KL divergence = Occam's razor
증류 = distill = distillation
"""

PRETRAINING = ("사전학습", "프리트레이닝", "pretraining", "pre train")
DISTILLATION = ("지식증류", "knowledge distillation", "distill")
REDUCTION = ("줄이-", "줄여-", "감소", "reduce", "shrink")


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A thesaurus of one file."""
    (tmp_path / "sample.txt").write_text(SAMPLE, encoding="utf-8")
    monkeypatch.setattr(thesaurus, "_DIRECTORY", tmp_path)
    return tmp_path


# Finding concepts


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("사전학습", [PRETRAINING]),
        ("pretraining", [PRETRAINING]),
        ("pre train", [PRETRAINING]),
        ("knowledge distillation", [DISTILLATION]),
        ("distill", [DISTILLATION, ("증류", "distill", "distillation")]),
        ("kl발산", [("kl발산", "kl divergence", "occam s razor")]),
        ("occam s razor", [("kl발산", "kl divergence", "occam s razor")]),
        ("줄이-", [REDUCTION]),
    ],
)
def test_a_concept_is_found_by_each_of_its_terms(term: str, expected: list[tuple[str, ...]]) -> None:
    assert Thesaurus().find(term) == expected


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize(
    "term",
    ["사전", "학습", "pre", "train", "knowledge", "distillatio", "istill", "줄이", "unknown", "=", " = ", "comment",
     "감소\n", "give\n크", "pre.train", ".*", "[a-z]+", "(", "\\", "^사전학습$", "distill|reduce"],
)  # fmt: skip
def test_a_part_of_a_term_and_other_text_find_nothing(term: str) -> None:
    assert Thesaurus().find(term) == []


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("줄이다", [REDUCTION]),
        ("줄이기", [REDUCTION]),
        ("줄인", [REDUCTION]),
        ("줄여서", [REDUCTION]),
        ("줄여", [REDUCTION]),
        ("줄게", [("줄-", "give")]),
        ("클", [("크-", "large")]),
        ("주다", []),
        ("pretraining", []),
        ("", []),
    ],
)
def test_a_form_of_a_verb_finds_the_longest_stem_that_it_begins_with(
    word: str, expected: list[tuple[str, ...]]
) -> None:
    assert Thesaurus().find_by_verb(word) == expected
    assert Thesaurus().find_by_verb(unicodedata.normalize("NFD", word)) == expected


@pytest.mark.usefixtures("directory")
def test_the_single_english_words_with_a_beginning_are_listed() -> None:
    words = Thesaurus()
    assert words.words_starting_with("di") == {"distill", "distillation"}
    assert words.words_starting_with("give") == {"give"}
    assert words.words_starting_with("raz") == words.words_starting_with("(") == set()


# The files


class Line(NamedTuple):
    """A concept of a file, with the terms as written."""

    place: str
    terms: tuple[str, ...]


@cache
def _lines(path: Path) -> tuple[Line, ...]:
    numbered = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    return tuple(
        Line(f"{path.name}:{number}: {line}", tuple(line.split(" = ")))
        for number, line in numbered
        if line and not line.startswith("#")
    )


def _all_lines() -> Iterator[Line]:
    for path in FILES:
        yield from _lines(path)


def _is_korean(term: str) -> bool:
    return re.search("[가-힣]", term) is not None


def _folded(term: str) -> str:
    return f"{term_of(term)}-" if term.endswith("-") else term_of(term)


def _places(is_wrong: object) -> list[str]:
    return [line.place for line in _all_lines() if callable(is_wrong) and is_wrong(line)]


MAX_LINES_OF_A_WORD = 3
"""In one file: a word of more concepts means too little."""
MAX_WORDS_WITH_STEM = 6
"""Words of the files that begin with a stem of one syllable and are no forms of it."""


def test_the_files_have_more_than_a_thousand_concepts_each() -> None:
    assert [path.name for path in FILES] == ["field.txt", "general.txt"]
    assert all(len(_lines(path)) > 1_000 for path in FILES)


def test_the_files_are_plain_lines_in_nfc() -> None:
    for path in FILES:
        text = path.read_bytes().decode()
        assert unicodedata.is_normalized("NFC", text)
        assert not set(text) & {"\r", "\t", "\ufeff", "\u200b", "\xa0"}
        assert text.endswith("\n")
        assert not re.search(r" \n|^ |  ", text, re.MULTILINE)


def test_every_line_has_a_korean_and_an_english_term() -> None:
    assert not _places(lambda line: len({_is_korean(term) for term in line.terms}) < 2)


def test_no_term_is_empty_or_has_a_separator() -> None:
    assert not _places(lambda line: any(not term.strip() or "=" in term for term in line.terms))


def test_no_term_is_repeated_in_its_line() -> None:
    assert not _places(lambda line: len(set(map(_folded, line.terms))) < len(line.terms))


def test_every_term_is_spelled_as_it_is_looked_up() -> None:
    spelled = {term: re.sub("[-'/&@:]", " ", term.lower()) for line in _all_lines() for term in line.terms}
    assert not [term for term, plain in spelled.items() if not _is_korean(term) and plain != term_of(term)]
    assert not [term for term in spelled if _is_korean(term) and term.lower() != _folded(term)]


def test_only_korean_terms_are_stems_and_only_their_ends() -> None:
    assert not _places(lambda line: any(term.endswith("-") != ("-" in term) for term in line.terms if _is_korean(term)))
    assert not _places(lambda line: any(term.endswith("-") for term in line.terms if not _is_korean(term)))


def test_no_two_lines_of_a_file_have_the_same_terms() -> None:
    for path in FILES:
        counts = Counter(frozenset(map(_folded, line.terms)) for line in _lines(path))
        assert not [terms for terms, count in counts.items() if count > 1]


def test_no_term_is_in_more_than_three_lines_of_a_file() -> None:
    for path in FILES:
        counts = Counter(term for line in _lines(path) for term in set(map(_folded, line.terms)))
        assert not [term for term, count in counts.items() if count > MAX_LINES_OF_A_WORD]


def test_a_stem_of_one_syllable_begins_few_words_that_are_no_stems() -> None:
    korean = {term.lower() for line in _all_lines() for term in line.terms if _is_korean(term)}
    jamo = [unicodedata.normalize("NFD", term) for term in korean if not term.endswith("-")]
    counts = {
        stem: sum(word.startswith(unicodedata.normalize("NFD", stem[0])) for word in jamo)
        for stem in korean
        if len(stem) == 2 and stem.endswith("-")
    }
    assert len(counts) > 20
    assert {stem: count for stem, count in counts.items() if count > MAX_WORDS_WITH_STEM} == {}


def test_every_term_of_the_files_finds_the_concepts_that_have_it() -> None:
    known = Thesaurus()
    for line in list(_all_lines())[::23]:
        concept = tuple(dict.fromkeys(map(_folded, line.terms)))
        for term in concept:
            assert concept in [tuple(dict.fromkeys(found)) for found in known.find(term)], line.place
