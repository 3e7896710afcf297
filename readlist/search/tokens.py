"""Tokenizer: text -> tokens, the same for the index, the queries and the highlighting.

A token is a run of letters and digits of text folded by `fold_for_search`; a single letter keeps its "++" or "#" (c++,
c#). A compound with a hyphen, slash, underscore or apostrophe inside yields its parts as tokens and, in addition, one
joined form, so that pre-training, pretraining and (misplaced) pret-raining match each other. A Korean particle is split
from the Latin word that it follows.

    >>> tokenize("Pre-Training in C++, don't")
    ['pre', 'training', 'in', 'c++', 'don', 't']
    >>> tokenize("KL penalty의 효과")
    ['kl', 'penalty', '의', '효과']
    >>> join_compounds("Pre-Training in C++, don't")
    ['pretraining', 'dont']
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import filterfalse, groupby, takewhile

from readlist.search.scripts import FIRST_SYLLABLE
from readlist.text import fold_for_search, is_ascii_and_hangul

BARRIER = "+"
"""A token that no query can contain: no phrase matches across it."""
MAX_TOKEN = 8_000
"""Characters of a token; longer runs are cut into several, because FTS5 would cut them itself at 32,768 bytes."""
MAX_JOINED = 64
"""Characters of a joined form; longer ones are not words."""

# Expressions are compiled at their first use: few commands need them.
_RUN = r"(?<![^\W_])[a-z](?:\+\+|#(?![^\W_]))|[^\W_]{1,8000}|\|"
_HANGUL = "([\uac00-\ud7a3]+)"
_JOINERS = "-/'_"
# Not inside a link or a longer compound: github.com/a/b-c would add words to the index that nobody types.
_COMPOUND = r"(?<![\w./:@'-])[^\W_]++(?:[-/'_][^\W_]++){1,5}(?![-/'_]*[^\W_])"
_SEPARATOR = " | | "
"""Between two texts; `_split` returns a BARRIER for each "|"."""
_PLAIN_RUN = r"[0-9A-Za-z]+|[\uac00-\ud7a3]+|\+"
"""A run of text that `_is_plain`, which is one token, or a BARRIER."""
_SPACED_BARRIER = f" {BARRIER} "
_TWO_BARRIERS = f" {BARRIER} {BARRIER} "
_SIGNS_TO_BLANKS = str.maketrans(
    {chr(code): " " for code in range(128) if not chr(code).isalnum() and chr(code) not in "+#"}
)
_FTS5_RUN = r"[^\x00-\x22\x24-\x2a\x2c-\x2f:-@\[-`{-\x7f]+"
"""What FTS5 splits a column at, as its tokenizer is configured in `schema`: ASCII but letters, digits, "+" and "#"."""
_WITHOUT_JOINERS = str.maketrans("", "", _JOINERS)


def tokenize(text: str) -> list[str]:
    """Return the tokens of `text`, in order."""
    return [token for token in _split(fold_for_search(text)) if token != BARRIER]


def join_compounds(text: str) -> list[str]:
    """Return the joined forms of the compounds in `text`, in order."""
    return _join_folded(fold_for_search(text))


def column_tokens(texts: Iterable[str]) -> list[str]:
    """Return what the index stores for a column with these texts: tokens, then joined forms, with barriers."""
    folded = _fold_all(texts)
    column = _split(folded)
    for form in _join_folded(folded):
        column += (BARRIER, form)
    return column


def column_text(texts: Iterable[str]) -> str:
    """Return text that FTS5 splits into exactly `column_tokens(texts)`.

    Plain text is passed through nearly unchanged, since FTS5's own tokenizer splits it in the same way.
    """
    texts = list(texts)
    together = _SEPARATOR.join(texts)
    if together.isascii():  # one pass over all of them: a paper has many authors
        texts = [together]
    joined: list[str] = []
    columns = _TWO_BARRIERS.join([_spaced(text, joined) for text in texts])
    return _SPACED_BARRIER.join((columns, *joined)) if joined else columns


def _spaced(text: str, joined: list[str]) -> str:
    """Return text that FTS5 splits into the tokens of `text`; adds the joined forms of its compounds to `joined`."""
    is_simple = is_ascii_and_hangul(text)
    folded = text.lower() if is_simple else fold_for_search(text)
    joined += _join_folded(folded)
    if len(folded) >= MAX_TOKEN or "+" in folded or "#" in folded or not (is_simple or is_ascii_and_hangul(folded)):
        return " ".join(_split(folded))
    spaced = folded if folded.isascii() else " ".join(re.split(_HANGUL, folded))
    return spaced.replace("|", _SPACED_BARRIER)


def split_column(text: str) -> list[str]:
    """Return the tokens of what `column_text` returned, as FTS5 splits it; faster than folding the texts again."""
    return text.translate(_SIGNS_TO_BLANKS).split() if text.isascii() else re.findall(_FTS5_RUN, text)


def may_contain(texts: Iterable[str], tokens: Iterable[str]) -> bool:
    """Return False only where `column_tokens(texts)` has none of these tokens, which is known without splitting it."""
    text = " ".join(texts)
    if not is_ascii_and_hangul(text):
        return True
    folded = text.lower()
    joined = folded.translate(_WITHOUT_JOINERS)
    return any(token in folded or token in joined for token in tokens)


def token_line(texts: Iterable[str]) -> str:
    """Return the tokens of a column as one line, in which a `phrase_key` is found as a substring."""
    return phrase_key(column_tokens(texts))


def phrase_key(tokens: Iterable[str], *, prefix: bool = False) -> str:
    """Return these adjacent tokens as they occur in a token line; with `prefix` the last one may continue."""
    return f" {' '.join(tokens)}{'' if prefix else ' '}"


def _fold_all(texts: Iterable[str]) -> str:
    text = _SEPARATOR.join(texts)
    return text.lower() if text.isascii() else fold_for_search(text)


def _is_plain(folded: str) -> bool:
    """Return whether each run of ASCII letters and digits, or of Hangul, is a token, as in nearly all text."""
    return len(folded) < MAX_TOKEN and "+" not in folded and "#" not in folded and is_ascii_and_hangul(folded)


def _split(folded: str) -> list[str]:
    """Return the tokens of folded text, with a BARRIER for each "|"."""
    if _is_plain(folded):  # the fast paths: the expression is slow
        if folded.isascii():
            return folded.replace("|", _SPACED_BARRIER).translate(_SIGNS_TO_BLANKS).split()
        return re.findall(_PLAIN_RUN, folded.replace("|", BARRIER))
    tokens: list[str] = []
    for run in re.findall(_RUN, folded):
        if run.isascii():
            tokens.append(BARRIER if run == "|" else run)
        elif min(run) < FIRST_SYLLABLE <= max(run):
            tokens += map("".join, (group for _, group in groupby(run, FIRST_SYLLABLE.__le__)))
        else:
            tokens.append(run)
    return tokens


def _join_folded(folded: str) -> list[str]:
    if not any(map(folded.__contains__, _JOINERS)):
        return []
    # Splitting first is faster than running the expression over the whole text.
    find_compounds = re.compile(_COMPOUND).findall
    joined: list[str] = []
    for word in filterfalse(str.isalnum, folded.split()):
        if "-" in word or "/" in word or "'" in word or "_" in word:
            joined += filter(None, map(_join, find_compounds(word)))
    return joined


def _join(compound: str) -> str:
    """Return the compound as one word; "" where it is too long or nothing is left without the particle at its end."""
    if not compound.isascii():
        compound = "".join(takewhile(FIRST_SYLLABLE.__gt__, compound))
    joined = compound.translate(_WITHOUT_JOINERS)
    return joined if len(joined) < len(compound) and len(joined) <= MAX_JOINED else ""


def replace_surrogates(text: str) -> str:
    """Return `text` with "?" for lone surrogates, which UTF-8 cannot encode; a shell turns a stray byte into one."""
    return text.encode("utf-8", "replace").decode()
