"""Translations learned from a library: English words that papers with a Korean word have unusually often."""

from __future__ import annotations

from pathlib import Path

import pytest

from readlist.models import Entry
from readlist.search.expansion import translations
from readlist.search.expansion.translations import MAX_TRANSLATIONS, Translation, Translator
from readlist.search.index.reader import Connection
from readlist.search.lookups import require_entries
from tests.search.index_file import IndexFile
from tests.search.sample import entry

FILLER = ["alpha", "beta", "gamma", "delta", "epsilon"]


def paper(number: int, korean: str, english: str) -> Entry:
    """Make up a paper with a comment in Korean and an abstract in English."""
    filler = f"{FILLER[number % 5]} {FILLER[number // 5 % 5]}"
    return entry(number, f"Paper about {filler}", comments={"ko": f"{korean} 논문"}, abstract=f"We use {english} data.")


PAPERS = [
    *(paper(number, "뀨릅을 쓰는", "flurbish") for number in range(1, 6)),
    paper(6, "뀨릅의", "nothing"),
    *(paper(number, "쨔끙", "smorg") for number in (7, 8)),
    *(paper(number, "흔한", "common") for number in range(9, 29)),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> IndexFile:
    index = IndexFile(tmp_path_factory.mktemp("translations") / "index.sqlite")
    index.build(PAPERS)
    return index


def translate(index: IndexFile, stem: str) -> list[Translation]:
    return index.read(lambda connection: Translator(connection, len(PAPERS)).translate(stem))


def test_the_english_word_of_most_papers_with_a_korean_one_is_its_translation(index: IndexFile) -> None:
    (translation,) = translate(index, "뀨릅")
    assert translation.word == "flurbish"
    assert 0.8 < translation.association < 1


def test_words_that_all_papers_have_are_no_translations(index: IndexFile) -> None:
    assert translate(index, "논문") == []
    assert translate(index, "흔한") == []  # "common" is in most papers


@pytest.mark.parametrize("stem", ["쨔끙", "없음", "뀨릅을쓰는"])
def test_a_word_of_fewer_than_three_papers_has_no_translation(index: IndexFile, stem: str) -> None:
    assert translate(index, stem) == []


def test_translations_are_few_and_the_likeliest_come_first(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index.sqlite")
    words = [f"word{letter}" for letter in "abcdefgh"]
    papers = [paper(number, "뀨릅", " ".join(words[: number + 2])) for number in range(1, 7)]
    index.build([*papers, *(paper(number, "다른", "other") for number in range(7, 100))])
    found = index.read(lambda connection: Translator(connection, 99).translate("뀨릅"))
    assert [one.word for one in found] == words[:MAX_TRANSLATIONS]
    assert all(0 < one.association <= 1 for one in found)


def test_a_paper_with_several_words_of_a_query_is_read_once(index: IndexFile, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def translate_two(connection: Connection) -> None:
        translator = Translator(connection, len(PAPERS))

        def count_read(connection: Connection, ids: list[int]) -> list[Entry]:
            read.append(len(ids))
            return require_entries(connection, ids)

        monkeypatch.setattr(translations, "require_entries", count_read)
        for stem in ("뀨릅", "논문", "뀨릅"):
            translator.translate(stem)

    index.read(translate_two)
    assert read == [6, len(PAPERS) - 6, 0]
