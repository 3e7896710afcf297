"""Words of a reason: what a suggested paper and a liked one have in common, as the suggested paper writes it.

Content words only: no function words, links, numbers, LaTeX commands or Korean particles and endings. Words that are
next to each other in both papers are one phrase. Called by `explanations`; no access to the index.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from readlist.search.expansion.hangul import inflect_noun, split_particle
from readlist.search.index.schema import COLUMN_TEXTS
from readlist.search.recommend.function_words import FUNCTION_WORDS
from readlist.search.recommend.similarity import stem
from readlist.search.scripts import FIRST_SYLLABLE
from readlist.search.tokens import phrase_key, token_line, tokenize

if TYPE_CHECKING:
    from readlist.models import Entry
    from readlist.search.recommend.profile import DocumentFrequency, Overlap

MAX_WORDS = 3
"""Words or phrases of a reason."""
MIN_PHRASE_COUNT = 2
"""How often a paper must have a phrase that is not in its title: once may be chance."""
MAX_TERMS = 30
"""Shared terms, the highest weight first, for which words are looked for."""
MAX_PHRASE = 4
"""Words of a phrase: Monte Carlo tree search."""
_SAME_START = 5
"""Letters at the start of two words that are forms of one."""
_COLUMNS = ("title", "comments", "abstract", "tags")

_DOMAIN = r"(?:[\w-]+\.)+(?:com|org|net|io|ai|co|dev|edu|gov)\b(?:/\S*)?"
_NO_TEXT = rf"(?i)https?://\S+|\S+@\S+|arxiv:\S+|\b{_DOMAIN}|\$[^$\n]{{1,80}}\$|\\[a-z]+"
"""Links, addresses, arXiv IDs, formulas and LaTeX commands."""
_WORD = r"[^\W_]+(?:[-/'’][^\W_]+)*(?:\+\+|#)?"
"""A word, or several where none is Latin: ranges that distinguish writing systems are slow to compile."""
_JOINERS = "-/'’"
_POSSESSIVE = r"['’]s$"
_NOT_FIRST = r"(?i)(?<![siu])s$|ly$"
"""The end of a word that begins no phrase: a plural, an adverb."""
_NOT_LAST = r"(?i)(?:ed|ly)$"
_QUESTION = r"^것|.[는은인을일](?:가|지)$"
"""Korean words that are a question: 할 것인가."""


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
_Phrase: TypeAlias = tuple[_Word, ...]


def find_reason_words(entry: Entry, overlap: Overlap, document_frequency: DocumentFrequency) -> tuple[str, ...]:
    """Return at most MAX_WORDS words or phrases with the first terms that both papers have, as in `entry`."""
    liked_line = token_line(_iter_texts(overlap.liked))
    runs = [list(_read_runs(text, overlap.shared)) for text in _iter_texts(entry)]
    words = set(chain.from_iterable(chain.from_iterable(runs)))
    content = _find_nouns(words, document_frequency) | {word for word in words if not _is_hangul(word.text)}
    content = {word for word in content if _is_content(word) and _occurs((word,), liked_line)}
    forms = Counter(word for word in chain.from_iterable(chain.from_iterable(runs)) if word in content)
    phrases = _find_phrases(runs, content, liked_line)
    selected: list[str] = []
    for term in overlap.terms[:MAX_TERMS]:
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
        is_after_space = text[end : match.start()] == " "
        end = match.end()
        for part in _split_scripts(match[0]):
            word = _read_word(part, terms) if part else None
            if run and (not word or not is_after_space or not run[-1].is_whole):
                yield run
                run = []
            if word:
                run.append(word)
            is_after_space = False
    if run:
        yield run


def _split_scripts(written: str) -> list[str]:
    """Return the words of a run of letters, "" for Hangul after a Latin word, which is a particle: GRPO를.

    >>> _split_scripts("GRPO를"), _split_scripts("強化学習のモデル"), _split_scripts("pre-training")
    (['GRPO', ''], ['強化学習', '', 'モデル'], ['pre-training'])
    """
    if written.isascii():
        return [written]
    groups = [(script, "".join(letters)) for script, letters in groupby(written, _script)]
    return [
        "" if script == "hiragana" or (script == "hangul" and number) else part.strip(_JOINERS)
        for number, (script, part) in enumerate(groups)
    ]


def _script(letter: str) -> str:
    if "\uac00" <= letter <= "\ud7a3":
        return "hangul"
    if letter < FIRST_SYLLABLE:
        return "other"
    return "hiragana" if letter < "\u30a0" else "katakana" if letter < "\u3100" else "han"


def _read_word(written: str, terms: frozenset[str]) -> _Word | None:
    """Return a word; None where it has none of `terms`, as most words do, which are not tokenized."""
    if _is_hangul(written):
        if stem(written) not in terms:
            return None
        noun = split_particle(written)
        return _Word(noun, (noun,), noun == written)
    if written.isascii() and written.isalnum():
        token = written.lower()
        return _Word(written, (token,)) if token in terms else None
    text = re.sub(_POSSESSIVE, "", written)
    word = _Word(text, tuple(tokenize(text)), text == written)
    return None if terms.isdisjoint(word.terms) else word


def _is_hangul(word: str) -> bool:
    return "\uac00" <= word[0] <= "\ud7a3"


def _find_nouns(words: Iterable[_Word], document_frequency: DocumentFrequency) -> set[_Word]:
    """Return the Korean words that are nouns: those that papers have with the particle of an object or a possessor."""
    forms = {word: inflect_noun(word.text) for word in words if _is_noun_like(word)}
    df = document_frequency(list(dict.fromkeys(chain.from_iterable(forms.values()))))
    return {word for word, inflected in forms.items() if any(df[form] for form in inflected)}


def _is_noun_like(word: _Word) -> bool:
    return _is_hangul(word.text) and len(word.text) > 1 and not re.search(_QUESTION, word.text)


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
    """Count the phrases that both papers have, those in the title or MIN_PHRASE_COUNT times; no part of another one."""
    phrases = [[phrase for run in runs for phrase in _split_phrases(run, content, liked_line)] for runs in texts]
    counts = Counter(chain.from_iterable(phrases))
    frequent = Counter(map(_phrase_tokens, counts.elements()))
    in_title = set(map(_phrase_tokens, phrases[0]))
    return Counter(
        {
            phrase: count
            for phrase, count in counts.items()
            if _phrase_tokens(phrase) in in_title or frequent[_phrase_tokens(phrase)] >= MIN_PHRASE_COUNT
        }
    )


def _split_phrases(run: _Run, content: set[_Word], liked_line: str) -> Iterator[_Phrase]:
    """Yield the phrases in a run, from its start, each as long as possible."""
    start = 0
    while start < len(run) - 1:
        ends = range(min(len(run), start + MAX_PHRASE), start + 1, -1)
        end = next((end for end in ends if _is_phrase(run[start:end], content, liked_line)), start + 1)
        if end > start + 1:
            yield tuple(run[start:end])
        start = end


def _is_phrase(words: Sequence[_Word], content: set[_Word], liked_line: str) -> bool:
    return (
        content.issuperset(words)
        and not any(re.search(_NOT_FIRST, word.text) for word in words[:-1])
        and not re.search(_NOT_LAST, words[-1].text)
        and _occurs(words, liked_line)
    )


def _phrase_tokens(phrase: _Phrase) -> tuple[str, ...]:
    return tuple(chain.from_iterable(word.tokens for word in phrase))


def _write(term: str, forms: Counter[_Word], phrases: Counter[_Phrase]) -> str:
    """Return the most frequent phrase with a term, else the most frequent word; "" where there is none."""
    counts = {
        " ".join(word.text for word in phrase): count
        for phrase, count in phrases.items()
        if any(term in word.terms for word in phrase)
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
