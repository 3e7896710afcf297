"""Keys that were pressed while a Korean input method, full-width letters or Caps Lock were on."""

from __future__ import annotations

import unicodedata

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from readlist.browse.input_methods import split_keys
from readlist.browse.paper_list import PaperList
from readlist.library.library import Library
from readlist.models import Status
from tests.browse.reader import browse, entry, press_keys, wait_for_redraw

KEYBOARD = ("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ", "qwertyuiopasdfghjklzxcvbnm")


def latin(text: str) -> str:
    return "".join(key.character for character in text for key in split_keys(character))


def test_every_letter_of_the_korean_layout_is_the_latin_letter_on_its_key() -> None:
    assert latin(KEYBOARD[0]) == KEYBOARD[1]
    assert latin("ㅃㅉㄸㄲㅆㅒㅖ") == "QWERTOP"


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("러", "fj"),
        ("각", "rkr"),
        ("닭", "ekfr"),
        ("과", "rhk"),
        ("ㄳ", "rt"),
        ("ㅢ", "ml"),
        ("꺼", "Rj"),
    ],
)
def test_a_syllable_is_the_keys_it_was_composed_of(typed: str, keys: str) -> None:
    assert latin(typed) == latin(unicodedata.normalize("NFD", typed)) == keys


def test_full_width_characters_are_their_usual_form() -> None:
    assert latin("ｊＧ／？　１") == "jG/? 1"


@pytest.mark.parametrize("character", ["", "j", "é", "漢", "か", "①", "\x1a", "ﬁ"])
def test_other_characters_are_no_keys_of_another_layout(character: str) -> None:
    assert split_keys(character) == ()


@pytest.mark.parametrize(
    "keys",
    [
        ("j", "r", "s", "x"),
        ("ㅓ", "ㄱ", "ㄴ", "ㅌ"),
        ("저", "ㄱ", "ㄴ", "ㅌ"),
        ("ㅓ", "ㄳ", "escape", "ㄴ", "ㅌ"),  # ㅅ opens the tags
        ("ｊ", "ｒ", "ｓ", "ｘ"),
        ("J", "R", "S", "X"),
        ("Ｊ", "Ｒ", "Ｓ", "Ｘ"),
    ],
    ids=["latin", "jamo", "syllable", "cluster", "full width", "caps lock", "both"],
)
def test_keys_do_the_same_whatever_was_on(library: Library, keys: tuple[str, ...]) -> None:
    browse(library, press_keys(*keys))
    assert [entry(library, id_).mark.status for id_ in (9, 10, 11, 12)] == [
        Status.UNREAD,
        Status.READ,
        Status.SKIPPED,
        Status.UNREAD,
    ]
    assert entry(library, 12).mark.starred


def test_a_capital_with_a_meaning_of_its_own_keeps_it(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("Ｇ")
        assert pilot.app.query_one(PaperList).cursor == 12
        await pilot.press("ㅎ")
        assert pilot.app.query_one(PaperList).cursor == 0

    browse(library, steps)


def test_other_layouts_stay_text_where_text_is_typed(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("/", *"ㅂ강ｊR")
        assert pilot.app.query_one("#search", Input).value == "ㅂ강ｊR"
        await pilot.press("escape", "ㅅ", *"ㅂ강ｊR")
        assert pilot.app.screen.query_one(Input).value == "ㅂ강ｊR"
        await pilot.press("escape")
        await wait_for_redraw(pilot)
        await pilot.press("ㅜ", *"ㅂ강ｊR")
        assert pilot.app.screen.query_one(TextArea).text == "ㅂ강ｊR"
        await pilot.press("escape")

    browse(library, steps)
    assert entry(library, 9).mark.note == "ㅂ강ｊR"


def test_the_letters_after_a_key_that_opens_an_editor_are_its_text(library: Library) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("눅", "escape")

    browse(library, steps)
    assert entry(library, 9).mark.status is Status.SKIPPED
    assert entry(library, 10).mark.note == "ㄱ"
