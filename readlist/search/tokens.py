"""Text -> tokens: the one idea of a word that the index, the queries and the highlighting share.

A token is a run of letters and digits of folded text; a single letter keeps its "++" or "#" (c++, c#). What is written
with a hyphen, slash, underscore or apostrophe inside is two tokens and, beside them, one joined form, so that
pre-training, pretraining and (misplaced) pret-raining meet. A Korean particle is parted from the
Latin word that it hangs on.

    >>> tokens("Pre-Training in C++, don't")
    ['pre', 'training', 'in', 'c++', 'don', 't']
    >>> tokens("KL penalty의 효과")
    ['kl', 'penalty', '의', '효과']
    >>> joined("Pre-Training in C++, don't")
    ['pretraining', 'dont']
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import filterfalse, groupby, takewhile

from readlist.text import fold, is_ascii_and_hangul

BARRIER = "+"
"""A token that no query can hold: what stands on its two sides is never a phrase."""
MAX_TOKEN = 8_000
"""Characters of a token; longer runs are cut into several, as FTS5 would cut them by itself at 32,768 bytes."""
MAX_JOINED = 64
"""Characters of a joined form; the longest word of 900 real papers has 38."""

FIRST_SYLLABLE = "\u3040"
"""Kana, Han and Hangul stand from here on: scripts that write particles and compounds unparted. (As a range in
a regular expression they take 4 ms to compile, at every start.)"""

_TOKEN = re.compile(r"(?<![^\W_])[a-z](?:\+\+|#(?![^\W_]))|[^\W_]{1,8000}|\|")
_HANGUL = "([\uac00-\ud7a3]+)"  # compiled at its first use: it takes 0.6 ms, and few commands need it
_JOINERS = "-/'_"
# Not inside a link or a longer compound: github.com/a/b-c would give the index words that nobody types.
_JOINED = re.compile(r"(?<![\w./:@'-])[^\W_]++(?:[-/'_][^\W_]++){1,5}(?![-/'_]*[^\W_])")
_BETWEEN = f" {BARRIER} "
_BLANK = str.maketrans({chr(code): " " for code in range(128) if not chr(code).isalnum()} | {BARRIER: BARRIER})
_WITHOUT_JOINERS = str.maketrans("", "", _JOINERS)


def tokens(text: str) -> list[str]:
    """The tokens of `text`, in order."""
    return [token for token in _with_barriers(fold(text)) if token != BARRIER]


def joined(text: str) -> list[str]:
    """The joined forms of the compounds in `text`, in order."""
    return _joined(fold(text))


def column(parts: Iterable[str]) -> list[str]:
    """What the index keeps of a field that has these parts: tokens, then joined forms, with barriers between."""
    folded = _folded(parts)
    found = _with_barriers(folded)
    for form in _joined(folded):
        found += (BARRIER, form)
    return found


def indexed(parts: Iterable[str]) -> str:
    """The column as text that FTS5 makes the same tokens of: plain text it parts by itself, as we do."""
    folded = _folded(parts)
    if _is_plain(folded):
        runs = [folded] if folded.isascii() else re.split(_HANGUL, folded)
        text = " ".join(runs).replace("|", _BETWEEN)
    else:
        text = " ".join(_with_barriers(folded))
    return _BETWEEN.join((text, *_joined(folded)))


def _folded(parts: Iterable[str]) -> str:
    text = " | | ".join(parts)
    return text.lower() if text.isascii() else fold(text)


def _is_plain(folded: str) -> bool:
    """Whether each run of ASCII letters and digits, or of Hangul, is a token: so it is in nearly all text."""
    return len(folded) < MAX_TOKEN and "+" not in folded and "#" not in folded and is_ascii_and_hangul(folded)


def _with_barriers(folded: str) -> list[str]:
    if folded.isascii() and _is_plain(folded):  # in a fifth of the time: 7 against 35 microseconds a paper
        return folded.replace("|", _BETWEEN).translate(_BLANK).split()
    found: list[str] = []
    for token in _TOKEN.findall(folded):
        if token.isascii():
            found.append(BARRIER if token == "|" else token)  # noqa: S105 -- a sign, no secret
        elif min(token) < FIRST_SYLLABLE <= max(token):
            found += map("".join, (group for _, group in groupby(token, FIRST_SYLLABLE.__le__)))
        else:
            found.append(token)
    return found


def padded(parts: Iterable[str]) -> str:
    """The column as one line in which a `needle` is found."""
    return needle(column(parts))


def needle(parts: Iterable[str], *, prefix: bool = False) -> str:
    """These tokens as they stand in a padded line: whole words side by side; with `prefix` the last one may go on."""
    return f" {' '.join(parts)}{'' if prefix else ' '}"


def _joined(folded: str) -> list[str]:
    if not any(map(folded.__contains__, _JOINERS)):
        return []
    # Splitting first is four times faster than running the expression over all of the text.
    found: list[str] = []
    for word in filterfalse(str.isalnum, folded.split()):
        if "-" in word or "/" in word or "'" in word or "_" in word:
            found += filter(None, map(_join, _JOINED.findall(word)))
    return found


def _join(compound: str) -> str:
    """The compound as one word; "" where that is too long or nothing is left without the particle at its end."""
    if not compound.isascii():
        compound = "".join(takewhile(FIRST_SYLLABLE.__gt__, compound))
    whole = compound.translate(_WITHOUT_JOINERS)
    return whole if len(whole) < len(compound) and len(whole) <= MAX_JOINED else ""
