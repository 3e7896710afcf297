"""Letters with strokes, ligatures and the dotless i are found, highlighted and completed by their plain spelling."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from readlist.models import RELEVANCE, Entry
from readlist.search.completion import complete
from readlist.search.query.parser import parse
from readlist.search.results import find
from readlist.search.tokens import tokenize
from readlist.text import PLAIN_LETTERS, fold, fold_for_search, paper_key
from tests.search.index_file import IndexFile, search_ids
from tests.search.sample import TODAY, entry

NAMES = {
    "Łukasz Kądziela": "lukasz kadziela",
    "Søren Ødegård": "soren odegard",
    "Đặng Thái Sơn": "dang thai son",
    "Sevgi Arık": "sevgi arik",
    "Þór Gíslason": "thor gislason",
    "Æsir Ægisson": "aesir aegisson",
    "Jörg Weiß": "jorg weiss",
    "Cœline Œuvrard": "coeline oeuvrard",
    "Marija Ħaġar": "marija hagar",
    "Áŋŋel Ŧuommá": "annel tuomma",
    "Ł. Ostrówek": "l ostrowek",
    "Ø. Bjørnsen": "o bjornsen",
    "Đorđe Šljivić": "dorde sljivic",
    "Guðrún Hafþórsdóttir": "gudrun hafthorsdottir",
    "Keoni Kahaʻula": "keoni kaha'ula",
    "ʿAmr Ḥijāz": "amr hijaz",
    "Ɓala Ƙwari Ɗanjuma": "bala kwari danjuma",
    "Kɔfi Ɛnyonam": "kofi enyonam",
    "Əli Ağayev": "eli agayev",
    "Yasin Mıstık-Çelik": "yasin mistik celik",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> IndexFile:
    index = IndexFile(Path(tmp_path_factory.mktemp("letters")) / "index.sqlite")
    authors: list[Entry] = [entry(id_, f"Paper {id_}", authors=(name,)) for id_, name in enumerate(NAMES, 1)]
    index.build([*authors, entry(90, "Straße und Fjørd", abstract="Łojasiewicz inequality"), entry(91, "The µP of Ω")])
    return index


@pytest.mark.parametrize(("name", "plain"), NAMES.items())
def test_a_name_is_found_in_both_spellings(index: IndexFile, name: str, plain: str) -> None:
    id_ = list(NAMES).index(name) + 1
    for spelling in (name, plain, plain.upper(), unicodedata.normalize("NFD", name)):
        assert search_ids(index, f'author:"{spelling}"') == [id_]
        assert search_ids(index, spelling, order=RELEVANCE)[:1] == [id_]


@pytest.mark.parametrize(("name", "plain"), NAMES.items())
def test_each_part_of_a_name_is_highlighted_as_a_whole(index: IndexFile, name: str, plain: str) -> None:
    for spelling in (name, plain):
        result = index.read(find, parse(f'author:"{spelling}"', TODAY), order=RELEVANCE, limit=1)
        excerpt = result.hits[0].matched
        assert excerpt is not None
        assert excerpt.text == name
        assert [excerpt.text[start:end] for start, end in excerpt.spans] == re.findall(r"[^\W_ʻ]+", name)


def test_a_letter_like_an_apostrophe_may_be_left_out(index: IndexFile) -> None:
    assert [search_ids(index, f"author:{spelling}") for spelling in ("kahaula", "kaha’ula", "kaha'ula")] == [[15]] * 3


def test_a_name_ranks_first_in_both_spellings_equally(index: IndexFile) -> None:
    plain, written = (
        index.read(find, parse(query, TODAY), order=RELEVANCE, limit=1).hits[0].score
        for query in ("lukasz kadziela", "Łukasz Kądziela")
    )
    assert plain == written


@pytest.mark.parametrize("query", ["strasse", "Straße", "STRASSE", "fjord", "fjørd", "lojasiewicz", "Łojasiewicz"])
def test_words_of_titles_and_abstracts_are_found_in_both_spellings(index: IndexFile, query: str) -> None:
    assert search_ids(index, query) == [90]


@pytest.mark.parametrize(
    ("typed", "expected"), [("Łuk", "Łukasz"), ("luk", "lukasz"), ("Æs", "Æsir"), ("aes", "aesir"), ("Þó", "Þór")]
)
def test_the_completion_of_an_author_continues_what_is_typed(index: IndexFile, typed: str, expected: str) -> None:
    assert index.read(complete, "author", typed, "") == [(expected, "1 paper")]


@given(st.text() | st.text("łŁæßıʼʿþaé’가 -|+#\n"))
@example("ŉ")
def test_folding_for_search_is_idempotent_and_refines_nothing_that_fold_joins(text: str) -> None:
    folded = fold_for_search(text)
    assert fold_for_search(folded) == folded == fold_for_search(fold(text))


@given(st.text(st.characters(max_codepoint=0x7F) | st.characters(min_codepoint=0x370, max_codepoint=0x1CFF)))
def test_greek_cyrillic_and_hangul_are_folded_for_search_as_in_keys(text: str) -> None:
    assert fold_for_search(text) == fold(text).replace("ʹ", "'")  # the numeral sign of Greek is the prime


def test_every_letter_of_the_table_is_folded_to_ascii() -> None:
    assert [letter for letter in map(chr, PLAIN_LETTERS) if not fold_for_search(letter).isascii()] == []


def test_latin_letters_with_a_stroke_or_hook_are_folded_to_ascii() -> None:
    kinds = ("WITH STROKE", "WITH HOOK", "WITH DIAGONAL STROKE", "LIGATURE OE", "DOTLESS I", " ETH", " THORN", " ENG")
    letters = filter(str.isalpha, map(chr, (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))))
    names = {letter: unicodedata.name(letter) for letter in letters}
    others = {
        letter for letter, name in names.items() if name.endswith(kinds) and not fold_for_search(letter).isascii()
    }
    assert others == {"ƛ", "ƻ", "ƾ", "ẜ"}  # of phonetics and of medieval texts


def test_a_key_is_the_same_as_before_letters_were_folded_for_search() -> None:
    assert fold("Łukasz Søren Đặng Arık Þór Æsir") == "łukasz søren đang arık þor æsir"
    assert paper_key("Łojasiewicz", "Þór Ægisson") == "łojasiewicz-272b75"


def test_look_alike_letters_stay_as_they_are() -> None:
    assert tokenize("μP, Ω and кот") == ["μp", "ω", "and", "кот"]
