"""Planner: decides which papers a query selects, by trying its words on the index.

    as typed        each word as it is spelled; a word that matches no paper is corrected at once
    corrected       no paper has all the words: each may be misspelled
    partial match   still none: the papers that have the most of the words

The words alone decide, not the filters beside them, so that `grpo is:read` never turns into another word. Search, list
and the counts use the same plan and differ in the order only.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from readlist.search.expansion.exact import exact_variants
from readlist.search.expansion.fuzzy import MAX_VARIANTS, fuzzy_variants
from readlist.search.expansion.variants import WEIGHT_EXACT, WEIGHT_JOINED, WEIGHT_ONE_ERROR, Variant
from readlist.search.query.ast import And, Query, Text, conjuncts, is_text, iter_texts
from readlist.search.query.compiler import MATCH_ALL, Condition, Expansions, compile_partial_match, compile_query
from readlist.search.scripts import script_class
from readlist.search.tokens import tokenize

if TYPE_CHECKING:
    import sqlite3

MAX_CORRECTED = 12
"""Words of one query that are corrected: each compares the vocabulary, and a longer query is pasted, not typed."""
MAX_CORRECTED_NAMES = 5
"""Corrections of each part of a name in author:"first last"."""


@dataclass(slots=True)
class Plan:
    """How a query is interpreted: the variants of its texts, and the papers that it selects.

    `exact` has the variants of every text as typed, `expanded` those that are searched for. `partial_match` is True
    where no paper has all the words.
    """

    query: Query
    exact: dict[Text, tuple[Variant, ...]]
    expanded: dict[Text, tuple[Variant, ...]]
    condition: Condition = field(default=MATCH_ALL)
    partial_match: bool = False

    def expansions(self, text: Text) -> tuple[Variant, ...]:
        """Return the variants that `text` matches."""
        return self.expanded[text]


def plan_query(connection: sqlite3.Connection, query: Query) -> Plan:
    """Decide what `query` selects on this index."""
    texts = list(dict.fromkeys(iter_texts(query, negated=False)))
    exact = {text: _literal_variants(text) for text in iter_texts(query)} | _exact_variants(connection, texts)
    plan = Plan(query, exact, dict(exact))
    correctable = [text for text in texts if not text.phrase and exact[text]][:MAX_CORRECTED]
    for text in correctable:
        if not _has_match(connection, compile_query(text, plan.expansions)):
            plan.expanded[text] = _corrections(connection, text, alone=len(texts) == 1)
        elif text != texts[-1] and not _has_match(connection, compile_query(text, _whole_words(exact))):
            # It matches as the start of a longer word only, and just the last word may be half-typed.
            plan.expanded[text] = (*exact[text], *_corrections(connection, text))
    words = And(tuple(part for part in conjuncts(query) if is_text(part)))
    if words.parts and not _has_match(connection, compile_query(words, plan.expansions)):
        is_corrected = _correct_all(connection, plan, words, correctable)
        if partial := None if is_corrected else best_partial_matches(connection, plan):
            plan.condition, plan.partial_match = partial, True
            return plan
    plan.condition = compile_query(query, plan.expansions)
    return plan


# As typed


def _exact_variants(connection: sqlite3.Connection, texts: Sequence[Text]) -> dict[Text, tuple[Variant, ...]]:
    """Return the variants of each text if it is spelled correctly."""
    neighbours = ["", *("" if text.field or text.phrase else text.text for text in texts), ""]
    variants: dict[Text, tuple[Variant, ...]] = {}
    for text, before, after in zip(texts, neighbours, neighbours[2:], strict=False):
        if text.phrase:
            variants[text] = _literal_variants(text)
        elif text.field == "author" and len(tokenize(text.text)) > 1:
            name = tuple(tokenize(text.text))
            variants[text] = (Variant(name, WEIGHT_EXACT, is_prefix=True, is_unordered=True),)
        else:
            variants[text] = exact_variants(connection, text.text, *(("", "") if text.field else (before, after)))
    return variants


def _literal_variants(text: Text) -> tuple[Variant, ...]:
    """Return the variants of a phrase or a negated word: no longer words, except Korean ones with a particle."""
    tokens = tuple(tokenize(text.text))
    if not tokens:
        return ()
    variants = [Variant(tokens, WEIGHT_EXACT, is_prefix=script_class(tokens[-1]) == "h")]
    if len(tokens) > 1 and not text.phrase:
        variants.append(Variant(("".join(tokens),), WEIGHT_JOINED))
    return tuple(variants)


def _whole_words(exact: dict[Text, tuple[Variant, ...]]) -> Expansions:
    """Return expansions without the starts of longer words, except Korean ones, which nearly always continue."""

    def expansions(text: Text) -> list[Variant]:
        return [variant for variant in exact[text] if not variant.is_prefix or script_class(variant.tokens[-1]) == "h"]

    return expansions


# Corrected


def _corrections(connection: sqlite3.Connection, text: Text, *, alone: bool = False) -> tuple[Variant, ...]:
    """Return the variants of `text` if it is misspelled; each part of a name is corrected on its own."""
    tokens = tokenize(text.text)
    if text.field != "author" or len(tokens) == 1:
        return fuzzy_variants(connection, text.text, alone=alone)
    corrected = (fuzzy_variants(connection, token)[:MAX_CORRECTED_NAMES] for token in tokens)
    choices = [
        [token, *(variant.tokens[0] for variant in variants if len(variant.tokens) == 1)]
        for token, variants in zip(tokens, corrected, strict=True)
    ]
    names = itertools.islice(itertools.product(*choices), MAX_VARIANTS)
    return tuple(Variant(name, WEIGHT_ONE_ERROR, is_unordered=True, is_corrected=True) for name in names)


def _correct_all(connection: sqlite3.Connection, plan: Plan, words: Query, correctable: Sequence[Text]) -> bool:
    """Add corrections of every word to the plan; False, and the plan is unchanged, where still no paper matches."""
    before = dict(plan.expanded)
    for text in correctable:
        if plan.expanded[text] == plan.exact[text]:
            plan.expanded[text] = (*plan.exact[text], *_corrections(connection, text))
    if _has_match(connection, compile_query(words, plan.expansions)):
        return True
    plan.expanded.update(before)
    return False


# Partial match


def best_partial_matches(connection: sqlite3.Connection, plan: Plan) -> Condition | None:
    """Select the papers with the most of the plain words; None for a single word, or where none of them matches.

    Fields, phrases and groups must match in any case.
    """
    parts = conjuncts(plan.query)
    plain = [part for part in parts if isinstance(part, Text) and not part.field and not part.phrase]
    if len(plain) < 2:  # noqa: PLR2004 -- the most of one word is all of it
        return None
    required = [part for part in parts if part not in plain]
    matching = [text for text in dict.fromkeys(plain) if _has_match(connection, compile_query(text, plan.expansions))]
    if not matching:
        return None
    all_matching = And((*required, *matching))
    words = And(tuple(filter(is_text, all_matching.parts)))
    if _has_match(connection, compile_query(words, plan.expansions)):
        return compile_query(all_matching, plan.expansions)
    rest = compile_query(And(tuple(required)), plan.expansions)
    ids = _ids_with_most_words(connection, plan, matching, required)
    return compile_partial_match(matching, rest, plan.expansions, ids)


def _ids_with_most_words(
    connection: sqlite3.Connection, plan: Plan, texts: Sequence[Text], required: Sequence[Query]
) -> list[int]:
    """Return the papers with the most of `texts`, among those that match the words of `required`."""
    words = And(tuple(filter(is_text, required)))
    required_match = compile_query(words, plan.expansions).match if words.parts else ""
    counts: Counter[int] = Counter()
    for text in texts:
        match = compile_query(text, plan.expansions).match
        expression = f"{match} AND {required_match}" if required_match else match
        counts.update(
            id_ for (id_,) in connection.execute("SELECT rowid FROM words WHERE words MATCH ?", (expression,))
        )
    max_count = max(counts.values(), default=0)
    return [id_ for id_, count in counts.items() if count == max_count]


def _has_match(connection: sqlite3.Connection, condition: Condition) -> bool:
    sql = f"SELECT 1 {condition.source} LIMIT 1"
    return connection.execute(sql, condition.arguments).fetchone() is not None
