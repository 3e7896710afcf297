"""Which language a line of a digest is in, as far as its script tells.

A comment in another script than Latin still has its terms, names and links in Latin letters: of 1,332 lines of Korean
comments the one with the least Hangul has it in 10 % of its letters. A stray foreign word in an English line is less
than that. So a line is in another script from 8 % of its letters on.
"""

from __future__ import annotations

import re

_LEAST_SHARE = 0.08
_LEAST_LETTERS = 2  # unless the line has no other letter

_HANGUL = re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]+")
# Greek counts in words of four letters and more: in shorter runs it is a formula (αβ, Δt).
_FOREIGN = re.compile(
    f"(?P<hangul>{_HANGUL.pattern})"
    "|(?P<kana>[\u3041-\u30ff\u31f0-\u31ff]+)"
    "|(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)"
    "|(?P<cyrillic>[\u0400-\u052f]+)"
    "|(?P<greek>[\u0370-\u03ff\u1f00-\u1fff]{4,})"
    "|(?P<arabic>[\u0600-\u06ff\u0750-\u077f]+)"
    "|(?P<hebrew>[\u0590-\u05ff]+)"
    "|(?P<devanagari>[\u0900-\u097f]+)"
    "|(?P<thai>[\u0e00-\u0e7f]+)"
)
_LANGUAGES = {
    "hangul": "ko",
    "kana": "ja",
    "han": "zh",
    "cyrillic": "ru",
    "greek": "el",
    "arabic": "ar",
    "hebrew": "he",
    "devanagari": "hi",
    "thai": "th",
}
_LINK = re.compile(r"https?://\S+")

LATIN = "en"
"""The language of lines in Latin script."""


def language(line: str) -> str:
    """The language of a line, ISO 639-1.

    >>> language("Loss 차이가 나타나긴 합니다만."), language("PixArt-δ by 김 and others"), language("学習の研究。")
    ('ko', 'en', 'ja')
    """
    if line.isascii():
        return LATIN
    line = _LINK.sub("", line)
    if _is_plainly_korean(line):
        return _LANGUAGES["hangul"]
    scripts = _foreign_letters(line)
    foreign = sum(scripts.values())
    letters = sum(map(str.isalpha, line)) if foreign else 0
    if not foreign or foreign < _LEAST_SHARE * letters or foreign < min(_LEAST_LETTERS, letters):
        return LATIN
    return _LANGUAGES[_script(scripts)]


def _is_plainly_korean(line: str) -> bool:
    """Whether it is Hangul and ASCII alone: so is nearly every foreign line, which is told in a fifth of the time."""
    rest = _HANGUL.sub("", line)
    hangul = len(line) - len(rest)
    return rest.isascii() and hangul >= max(_LEAST_LETTERS, _LEAST_SHARE * len(line))


def _foreign_letters(line: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for run in _FOREIGN.finditer(line):
        script = run.lastgroup or ""
        counts[script] = counts.get(script, 0) + run.end() - run.start()
    return counts


def _script(letters: dict[str, int]) -> str:
    """The most frequent script; Chinese characters count for the Japanese or Korean text that they stand in."""
    most = max(letters, key=letters.__getitem__)
    if most == "han":
        for other in ("kana", "hangul"):
            if letters.get(other, 0) * 4 >= letters["han"]:
                return other
    return most


def ends_foreign(line: str) -> bool:
    """Whether the last character is a letter of another script than Latin."""
    return _FOREIGN.fullmatch(line[-1:]) is not None
