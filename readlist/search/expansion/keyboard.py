"""Keyboard: what was typed while the other of two layouts was active, QWERTY or Korean (two-set, KS X 5002).

Called by query expansion with words as they are typed, not folded: shift doubles Korean consonants. Whether a reading
is a word is for the caller to decide.
"""

from __future__ import annotations

import re
from functools import lru_cache

from readlist.search.expansion.hangul import compose, decompose

_KEYS = "qwertyuiopasdfghjklzxcvbnmQWERTOP"
_JAMO = "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ"
"""The jamo of each key; other capitals are the jamo of the lower-case letter."""


def to_hangul(keys: str) -> str:
    """Return the syllables that these keys type in the Korean layout; "" unless all are letters and syllables whole.

    >>> to_hangul("dksgej"), to_hangul("Rk"), to_hangul("grpo")
    ('않더', '까', '')
    """
    if not (keys.isascii() and keys.isalpha()):
        return ""
    return compose(keys.translate(_to_jamo()))


def to_latin(text: str) -> str:
    """Return the keys that type this text in the Korean layout; "" where no key types a character, as a Latin letter.

    Digits and signs of ASCII stay as they are.

    >>> to_latin("ㄴ므ㅠㅁ"), to_latin("ㅣㅣ믐2"), to_latin("GPT가")
    ('samba', 'llama2', '')
    """
    jamo = decompose(text)
    return "" if re.search(r"[A-Za-z]|[^\0-\x7fㄱ-ㅎㅏ-ㅣ]", jamo) else jamo.translate(_to_keys())


@lru_cache(maxsize=1)
def _to_jamo() -> dict[int, str]:
    jamo = dict(zip(_KEYS, _JAMO, strict=True))
    return {ord(key): jamo.get(key) or jamo[key.lower()] for key in map(chr, range(128)) if key.isalpha()}


@lru_cache(maxsize=1)
def _to_keys() -> dict[int, str]:
    return {ord(jamo): key for key, jamo in zip(_KEYS, _JAMO, strict=True)}
