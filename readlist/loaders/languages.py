"""The language of a line, and which paragraphs form the comment in a second language; decided by script alone.

A comment in another script than Latin still has its terms, names and links in Latin letters, and a line in English may
have a stray foreign word. So a line counts as foreign from `_MIN_FOREIGN_SHARE` of its letters on, which lies between
the two, and below it if it ends in a foreign word (`… 비교`), or if a foreign ending follows a Latin word (`DPO와`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from readlist.loaders.links import is_only_link

if TYPE_CHECKING:
    from collections.abc import Sequence

_MIN_FOREIGN_SHARE = 0.08
_MIN_FOREIGN_LETTERS = 2  # unless the line has no other letter

# Patterns of foreign letters are strings, which `re` compiles at their first use: ranges so large are slow to compile.
_HANGUL = "[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]+"
# Greek counts in words of four letters and more: in shorter runs it is a formula (αβ, Δt).
_FOREIGN_RUN = (
    f"(?P<hangul>{_HANGUL})"
    "|(?P<kana>[\u3041-\u30ff\u31f0-\u31ff]+)"
    "|(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)"
    "|(?P<cyrillic>[\u0400-\u052f]+)"
    "|(?P<greek>[\u0370-\u03ff\u1f00-\u1fff]{4,})"
    "|(?P<arabic>[\u0600-\u06ff\u0750-\u077f]+)"
    "|(?P<hebrew>[\u0590-\u05ff]+)"
    "|(?P<devanagari>[\u0900-\u097f]+)"
    "|(?P<thai>[\u0e00-\u0e7f]+)"
)
_FOREIGN_LETTERS = (
    "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\u0400-\u052f"
    "\u0600-\u06ff\u0750-\u077f\u0590-\u05ff\u0900-\u097f\u0e00-\u0e7f"
)
_FOREIGN_ENDING = rf"(?<=[A-Za-z0-9)\]])[{_FOREIGN_LETTERS}]|[{_FOREIGN_LETTERS}]{{2}}\W*\Z"
_LANGUAGE_OF_SCRIPT = {
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

DEFAULT_LANGUAGE = "en"
"""The language of lines in Latin script."""


class ForeignSpan(NamedTuple):
    """The paragraphs `start` to `end` (exclusive), which form the comment in a second language."""

    language: str
    start: int
    end: int


def detect_language(line: str) -> str:
    """Return the language of a line as its ISO 639-1 code.

    >>> detect_language("Loss 차이가 나타나긴 합니다만."), detect_language("PixArt-δ by 김 and others")
    ('ko', 'en')
    >>> detect_language("学習の研究。")
    'ja'
    """
    if line.isascii():
        return DEFAULT_LANGUAGE
    line = _LINK.sub("", line)
    if _is_hangul_and_ascii(line):
        return _LANGUAGE_OF_SCRIPT["hangul"]
    letters_by_script = _count_foreign_letters(line)
    foreign = sum(letters_by_script.values())
    letters = sum(map(str.isalpha, line)) if foreign else 0
    is_stray = not foreign or foreign < _MIN_FOREIGN_SHARE * letters or foreign < min(_MIN_FOREIGN_LETTERS, letters)
    if is_stray and not (foreign and re.search(_FOREIGN_ENDING, line)):
        return DEFAULT_LANGUAGE
    return _LANGUAGE_OF_SCRIPT[_main_script(letters_by_script)]


def find_foreign_span(paragraphs: Sequence[str]) -> ForeignSpan | None:
    """Return the span from the first paragraph in a foreign script to the last, None where all are in Latin script.

    Paragraphs of links alone next to the span belong to it.
    """
    languages = list(map(detect_language, paragraphs))
    foreign = [index for index, language in enumerate(languages) if language != DEFAULT_LANGUAGE]
    if not foreign:
        return None
    start, end = foreign[0], foreign[-1] + 1
    while start > 0 and _has_only_links(paragraphs[start - 1]):
        start -= 1
    while end < len(paragraphs) and _has_only_links(paragraphs[end]):
        end += 1
    foreign_languages = [languages[index] for index in foreign]
    most_common = max(dict.fromkeys(foreign_languages), key=foreign_languages.count)
    return ForeignSpan(most_common, start, end)


def ends_in_foreign_script(line: str) -> bool:
    """Return whether the last character is a letter of another script than Latin."""
    end = line[-1:]
    return not end.isascii() and re.fullmatch(_FOREIGN_RUN, end) is not None


def _is_hangul_and_ascii(line: str) -> bool:
    """Return whether a line is Korean and has no other characters than Hangul and ASCII.

    Nearly every foreign line is, and this takes a fraction of the time that counting all scripts takes.
    """
    rest = re.sub(_HANGUL, "", line)
    hangul = len(line) - len(rest)
    return rest.isascii() and hangul >= max(_MIN_FOREIGN_LETTERS, _MIN_FOREIGN_SHARE * len(line))


def _count_foreign_letters(line: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for run in re.finditer(_FOREIGN_RUN, line):
        script = run.lastgroup or ""
        counts[script] = counts.get(script, 0) + run.end() - run.start()
    return counts


def _main_script(letters: dict[str, int]) -> str:
    """Return the most frequent script; Chinese characters count for the Japanese or Korean text that contains them."""
    most_frequent = max(letters, key=letters.__getitem__)
    if most_frequent == "han":
        for other in ("kana", "hangul"):
            if letters.get(other, 0) * 4 >= letters["han"]:
                return other
    return most_frequent


def _has_only_links(paragraph: str) -> bool:
    return all(is_only_link(line.strip()) for line in paragraph.split("\n"))
