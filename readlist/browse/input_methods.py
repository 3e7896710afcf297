"""The Latin keys behind what an input method, full-width letters or Caps Lock make of them.

An input method sends what it composed from the keys, so a user who forgot to switch it off presses `j` and sends `ㅓ`.
The table is that of the Korean layout 2-beolsik (KS X 5002), which is the default on all systems.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterator
from typing import NamedTuple

_LETTERS = {
    **dict(zip("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ", "qwertyuiop", strict=True)),
    **dict(zip("ㅁㄴㅇㄹㅎㅗㅓㅏㅣ", "asdfghjkl", strict=True)),
    **dict(zip("ㅋㅌㅊㅍㅠㅜㅡ", "zxcvbnm", strict=True)),
    **dict(zip("ㅃㅉㄸㄲㅆㅒㅖ", "QWERTOP", strict=True)),
}
"""Letter of the layout -> the key that it is on, a capital with Shift."""
_CLUSTERS = {
    letter: first + second
    for letter, first, second in zip(
        "ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄㅘㅙㅚㅝㅞㅟㅢ",
        "ㄱㄴㄴㄹㄹㄹㄹㄹㄹㄹㅂㅗㅗㅗㅜㅜㅜㅡ",
        "ㅅㅈㅎㄱㅁㅂㅅㅌㅍㅎㅅㅏㅐㅣㅓㅔㅣㅣ",
        strict=True,
    )
}
"""Letter that is composed of two keys -> the letters on them."""
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_CONJOINING = {
    chr(first + offset): letter
    for first, letters in ((0x1100, _INITIALS), (0x1161, _VOWELS), (0x11A8, _FINALS))
    for offset, letter in enumerate(letters)
}
"""The letters as parts of a syllable, into which NFKD decomposes syllables, letters and half-width letters."""


class TypedKey(NamedTuple):
    """A key that was pressed: the character that its Latin layout has there, and the text that was typed by it."""

    character: str
    text: str


def split_keys(character: str) -> tuple[TypedKey, ...]:
    """Return the keys that were pressed for a Hangul or full-width character, in their order; else nothing.

    >>> [key.character for key in split_keys("럭")], [key.character for key in split_keys("／")]
    (['f', 'j', 'r'], ['/'])
    """
    if len(character) != 1:  # keys without one, such as the arrows
        return ()
    if unicodedata.east_asian_width(character) == "F":  # full-width forms; Hangul is "W" or "H"
        latin = unicodedata.normalize("NFKC", character)
        return (TypedKey(latin, character),) if latin.isascii() else ()
    letters = [_CONJOINING.get(part, "") for part in unicodedata.normalize("NFKD", character)]
    return tuple(_typed_keys(letters)) if all(letters) else ()


def _typed_keys(letters: list[str]) -> Iterator[TypedKey]:
    for letter in letters:
        for part in _CLUSTERS.get(letter, letter):
            yield TypedKey(_LETTERS[part], part)


def without_caps_lock(key: str, bound: Container[str]) -> str:
    """Return the small letter for a capital that is not bound to an action of its own, any other key unchanged."""
    return key.lower() if len(key) == 1 and key.isascii() and key.isupper() and key not in bound else key
