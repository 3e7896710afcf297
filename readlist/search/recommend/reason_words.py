"""Words of a reason: what a suggested paper and a liked one have in common, as the suggested paper writes it.

Content words only: no function words, links, numbers, LaTeX commands or Korean particles and endings. Two words that
are next to each other in both papers are one phrase. Called by `explanations`; no access to the index.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from readlist.search.expansion.hangul import inflect_noun, split_particle
from readlist.search.index.schema import COLUMN_TEXTS
from readlist.search.recommend.function_words import FUNCTION_WORDS
from readlist.search.recommend.similarity import stem
from readlist.search.tokens import phrase_key, token_line, tokenize

if TYPE_CHECKING:
    from readlist.models import Entry
    from readlist.search.recommend.profile import DocumentFrequency

MAX_WORDS = 3
"""Words or phrases of a reason."""
MIN_PHRASE_COUNT = 2
"""How often a paper must have a phrase that is not in its title: once may be chance."""
MAX_TERMS = 30
"""Shared terms, the highest weight first, from which the words are chosen."""
_SAME_START = 5
"""Letters at the start of two words that are forms of one."""
_COLUMNS = ("title", "comments", "abstract", "tags")

_DOMAIN = r"(?:[\w-]+\.)+(?:com|org|net|io|ai|co|dev|edu|gov)\b(?:/\S*)?"
_NO_TEXT = rf"(?i)https?://\S+|\S+@\S+|arxiv:\S+|\b{_DOMAIN}|\$[^$\n]{{1,80}}\$|\\[a-z]+"
"""Links, addresses, arXiv IDs, formulas and LaTeX commands."""
_HANGUL, _HAN, _KATAKANA, _CJK = "\uac00-\ud7a3", "\u4e00-\u9fff々", "\u30a1-\u30fa\u30fc", "\u3040-\u9fff\uac00-\ud7a3"
_WORD = (
    rf"[{_HANGUL}]+|[{_HAN}]+|[{_KATAKANA}]+"
    rf"|[^\W_{_CJK}]+(?:[-/'’][^\W_{_CJK}]+)*(?:\+\+|#)?"
)
_POSSESSIVE = r"['’]s$"
_NOT_FIRST = r"(?i)(?<![siu])s$|ly$"
"""The end of a word that begins no phrase: a plural, an adverb."""
_NOT_LAST = r"(?i)(?:ed|ly)$"


class _Word(NamedTuple):
    """A word as it is written, a Korean noun without its particle and the like, and its tokens."""

    text: str
    tokens: tuple[str, ...]
    is_whole: bool = True
    """False where an ending was removed."""

    @property
    def terms(self) -> frozenset[str]:
        return frozenset(map(stem, self.tokens))


_Run: TypeAlias = list[_Word]
"""Words with nothing but a space between them."""
_Phrase: TypeAlias = tuple[_Word, _Word]


def find_reason_words(
    entry: Entry, liked: Entry, terms: Sequence[str], document_frequency: DocumentFrequency
) -> tuple[str, ...]:
    """Return at most MAX_WORDS words or phrases with the first of `terms`, which both papers have."""
    shared = frozenset(terms[:MAX_TERMS])
    liked_line = token_line(_iter_texts(liked))
    runs = [list(_read_runs(text, shared)) for text in _iter_texts(entry)]
    words = set(chain.from_iterable(chain.from_iterable(runs)))
    content = _find_nouns(words, document_frequency) | {word for word in words if not _is_hangul(word.text)}
    content = {word for word in content if _is_content(word) and _occurs((word,), liked_line)}
    forms = Counter(word for word in chain.from_iterable(chain.from_iterable(runs)) if word in content)
    phrases = _find_phrases(runs, content, liked_line)
    selected: list[str] = []
    for term in terms[:MAX_TERMS]:
        written = _write(term, forms, phrases)
        if written and not any(_is_same(written, other) for other in selected):
            selected.append(written)
        if len(selected) == MAX_WORDS:
            break
    return tuple(selected)


def _iter_texts(entry: Entry) -> Iterator[str]:
    """Yield the title and the other texts without links and formulas; a tag is a text of its own."""
    for text in chain.from_iterable(COLUMN_TEXTS[name](entry) for name in _COLUMNS):
        yield re.sub(_NO_TEXT, " | ", text)


def _read_runs(text: str, terms: frozenset[str]) -> Iterator[_Run]:
    """Yield the words of `text` that have one of `terms`, in runs."""
    run: _Run = []
    end = 0
    for match in re.finditer(_WORD, text):
        word = _read_word(match[0])
        is_ending = _is_hangul(match[0]) and end == match.start() > 0  # GRPO를
        if run and (text[end : match.start()] != " " or not run[-1].is_whole):
            yield run
            run = []
        if not is_ending and not terms.isdisjoint(word.terms):
            run.append(word)
        elif run:
            yield run
            run = []
        end = match.end()
    if run:
        yield run


def _read_word(written: str) -> _Word:
    if _is_hangul(written):
        noun = split_particle(written)
        return _Word(noun, (noun,), noun == written)
    text = re.sub(_POSSESSIVE, "", written)
    return _Word(text, tuple(tokenize(text)), text == written)


def _is_hangul(word: str) -> bool:
    return "\uac00" <= word[0] <= "\ud7a3"


def _find_nouns(words: Iterable[_Word], document_frequency: DocumentFrequency) -> set[_Word]:
    """Return the Korean words that are nouns: those that papers have with the particle of an object or a possessor."""
    forms = {word: inflect_noun(word.text) for word in words if _is_hangul(word.text)}
    df = document_frequency(list(dict.fromkeys(chain.from_iterable(forms.values()))))
    return {word for word, inflected in forms.items() if any(df[form] for form in inflected)}


def _is_content(word: _Word) -> bool:
    """Return whether a word, or a part of a compound, says more than function words do."""
    if len(word.text) == 1 or word.text.casefold() in FUNCTION_WORDS:
        return False
    if word.text[0].isdigit() and not re.fullmatch(r"(?i)\dD", word.text):
        return False
    return any(len(token) > 1 and token not in FUNCTION_WORDS and not token.isdigit() for token in word.tokens)


def _occurs(words: Sequence[_Word], line: str) -> bool:
    """Return whether a token line has these words next to each other, the last one perhaps with a Korean ending."""
    tokens = [token for word in words for token in word.tokens]
    return phrase_key(tokens, prefix=_is_hangul(words[-1].text)) in line


def _find_phrases(texts: Sequence[Sequence[_Run]], content: set[_Word], liked_line: str) -> Counter[_Phrase]:
    """Count the pairs of words that both papers have, those in the title or MIN_PHRASE_COUNT times."""
    pairs = [Counter(pair for run in runs for pair in pairwise(run) if content.issuperset(pair)) for runs in texts]
    counts = sum(pairs, Counter[_Phrase]())
    return Counter(
        {
            pair: count
            for pair, count in counts.items()
            if (pair in pairs[0] or count >= MIN_PHRASE_COUNT)
            and not re.search(_NOT_FIRST, pair[0].text)
            and not re.search(_NOT_LAST, pair[1].text)
            and _occurs(pair, liked_line)
        }
    )


def _write(term: str, forms: Counter[_Word], phrases: Counter[_Phrase]) -> str:
    """Return the most frequent phrase with a term, else the most frequent word; "" where there is none."""
    counts = {
        " ".join(word.text for word in pair): count
        for pair, count in phrases.items()
        if any(term in word.terms for word in pair)
    }
    counts = counts or {word.text: count for word, count in forms.items() if term in word.terms}
    return min(counts, key=lambda text: (-counts[text], len(text), text.istitle(), text.islower(), text), default="")


def _is_same(written: str, other: str) -> bool:
    """Return whether two words or phrases have a word in common, or forms of one: policy, policies."""
    return any(
        first in second or second in first or first[:_SAME_START] == second[:_SAME_START]
        for first in written.casefold().split()
        for second in other.casefold().split()
    )
