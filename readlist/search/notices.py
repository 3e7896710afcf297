"""Notices on a search: which words were replaced, which others were searched for as well, why nothing matches.

Called by `results` with what it found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

from readlist.query_results import Correction, Exclusion, Replacement
from readlist.search.expansion.fuzzy import MAX_WORD, closest_words
from readlist.search.expansion.hangul import stems
from readlist.search.matching import EntryText, Word, match_score
from readlist.search.query.ast import And, FieldEquals, Or, Query, conjuncts, is_text, iter_texts
from readlist.search.query.compiler import compile_query
from readlist.search.query.terms import format_term
from readlist.search.selection import count_papers

if TYPE_CHECKING:
    import sqlite3

    from readlist.search.expansion.variants import Kind
    from readlist.search.query.planner import Plan

MAX_REPLACEMENTS = 3
"""Words that a notice names for one word, and words of a query for which similar ones are suggested."""
MAX_SUGGESTIONS = 5
MIN_COMMON_START = 4
"""Letters at the start of two English words that are obviously forms of one."""
MAX_PAPERS_COMPARED = 20
"""Papers that are examined for the words that they have instead of the typed ones."""
MIN_TAG_SIMILARITY = 60
"""Percent."""
_REPLACING: tuple[Kind, ...] = ("corrected", "layout", "reading")
"""What replaces a word that no paper has."""

_BRIDGES: tuple[Kind, ...] = ("bridge",)
_ADDED: tuple[Kind, ...] = ("reading", "bridge")
"""What is searched for beside a word, and is not just another form of it."""


def find_corrections(words: Sequence[Word], texts: Sequence[EntryText]) -> tuple[Correction, ...]:
    """Return the words of a query that no paper has, with those that the first papers have instead."""
    replaced = [word for word in words if not word.is_bridge and _is_replaced(word)]
    return tuple(
        Correction(word.text, replacements)
        for word in replaced
        if (replacements := _find_replacements(word, texts, _REPLACING))
    )


def find_additions(words: Sequence[Word], texts: Sequence[EntryText]) -> tuple[Replacement, ...]:
    """Return words of a query, with what means the same in the first papers that do not have them as typed."""
    additions: list[Replacement] = []
    for word in words:
        if word.is_bridge:
            continue
        same = chain.from_iterable(other.variants for other in words if other.text == word.text)
        variants = tuple(variant for variant in same if not _is_similar(variant.display_text, word.text))
        kinds = _BRIDGES if _is_replaced(word) else _ADDED
        if word.text.isascii():  # a reader of English need not read the Korean words
            variants = tuple(variant for variant in variants if all(map(str.isascii, variant.tokens)))
        found = _find_replacements(Word(word.text, variants, word.column), texts, kinds)
        if found and additions and additions[-1].replacements == found:  # one reading of several words: an acronym
            additions[-1] = additions[-1]._replace(word=f"{additions[-1].word} {word.text}")
        elif found:
            additions.append(Replacement(word.text, found))
    return tuple(additions)


def _is_replaced(word: Word) -> bool:
    return bool(word.variants) and all(variant.kind != "typed" for variant in word.variants)


def _find_replacements(word: Word, texts: Sequence[EntryText], kinds: Collection[Kind]) -> tuple[str, ...]:
    """Return the variants of these kinds that the first papers have which do not have `word` as typed."""
    replacements: dict[str, None] = {}
    typed = Word(word.text, tuple(variant for variant in word.variants if variant.kind == "typed"), word.column)
    for text in texts[:MAX_PAPERS_COMPARED]:
        if match_score(typed, text.all_columns):
            continue
        matching = [variant for _, variant in text.matching_keys(word) if variant.kind in kinds]
        if matching:
            best = max(matching, key=lambda variant: variant.weight).display_text
            if not any(_is_similar(best, other) for other in replacements):
                replacements[best] = None
    return tuple(replacements)[:MAX_REPLACEMENTS]


def _is_similar(replacement: str, word: str) -> bool:
    """Return whether a word is obviously another form of the typed one, which needs no notice."""
    if replacement in stems(word) or replacement.startswith(word.casefold()):  # without or with a Korean ending
        return True
    start = word.casefold()[:MIN_COMMON_START]
    return len(start) == MIN_COMMON_START and start.isascii() and replacement.startswith(start)


def find_exclusion(connection: sqlite3.Connection, plan: Plan, *, any_word: bool) -> Exclusion | None:
    """Return the filter of a query that excludes every paper with its words; None where the words match none.

    With `any_word`, papers with any of the words count where none has all of them, as in a search.
    """
    parts = conjuncts(plan.query)
    texts = tuple(part for part in parts if is_text(part))
    filters = [part for part in parts if not is_text(part)]
    conditions = ((And(texts), Or(texts)) if any_word else (And(texts),)) if texts and filters else ()
    for words in conditions:
        papers = count_papers(connection, compile_query(words, plan.expansions))
        if not papers:
            continue
        for one in filters:
            if not count_papers(connection, compile_query(And((words, one)), plan.expansions)):
                return Exclusion(format_term(one), papers)
        return Exclusion(" ".join(map(format_term, filters)), papers)
    return None


def suggest_similar(connection: sqlite3.Connection, plan: Plan) -> tuple[str, ...]:
    """Return words and tags that are similar to those of a query that matches no paper."""
    similar: dict[str, None] = {}
    unknown = (text for text in iter_texts(plan.query, negated=False) if not plan.expanded[text])
    for text in islice(unknown, MAX_REPLACEMENTS):
        similar.update(dict.fromkeys(closest_words(connection, text.text)))
    for tag in _iter_tags(plan.query):
        similar.update(dict.fromkeys(_closest_tags(connection, tag)))
    return tuple(similar)[:MAX_SUGGESTIONS]


def _iter_tags(query: Query) -> Iterator[str]:
    match query:
        case FieldEquals("tag", tag):
            yield tag
        case And(parts) | Or(parts):
            for part in parts:
                yield from _iter_tags(part)


def _closest_tags(connection: sqlite3.Connection, tag: str) -> list[str]:
    from rapidfuzz import fuzz, process

    spellings = dict(connection.execute("SELECT tag, min(spelling) FROM tags GROUP BY tag"))
    if tag in spellings:
        return []
    ranked = process.extract(
        tag[:MAX_WORD], spellings.keys(), scorer=fuzz.ratio, score_cutoff=MIN_TAG_SIMILARITY, limit=MAX_REPLACEMENTS
    )
    return [f"tag:{spellings[closest]}" for closest, _, _ in ranked]
