"""Planner: decides which papers a query selects, by trying its words on the index.

    as typed     each word as it is spelled, as the start of longer words, joined or split
    interpreted  a word that no paper has: the other keyboard layout, initial consonants, other forms of it
    corrected    a word that has no such reading: it is misspelled

A word that papers have is never replaced. The words alone decide, not the filters beside them, so that `grpo is:read`
never turns into another word. Search, list and the counts use the same plan; `results` adds the papers that come close.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from readlist.search.expansion.exact import exact_variants
from readlist.search.expansion.fuzzy import MAX_VARIANTS, fuzzy_variants
from readlist.search.expansion.variants import WEIGHT_EXACT, WEIGHT_JOINED, WEIGHT_ONE_ERROR, Variant
from readlist.search.expansion.vocabulary import count_papers_with, has_longer
from readlist.search.fields import FIELD_COLUMN
from readlist.search.query.ast import And, FieldEquals, Query, Text, conjuncts, iter_texts
from readlist.search.query.compiler import MATCH_ALL, Condition, Expansions, compile_query, match_any
from readlist.search.scripts import script_class
from readlist.search.tokens import tokenize

if TYPE_CHECKING:
    import sqlite3

MAX_CORRECTED = 12
"""Words of one query that are corrected: each compares the vocabulary, and a longer query is pasted, not typed."""
MAX_CORRECTED_NAMES = 5
"""Corrections of each part of a name in author:"first last"."""


class RequiredTags(NamedTuple):
    """The tags that all papers of a query have.

    `expression` is an FTS5 expression that these papers match, "" for none; `implied` are the parts of the query that
    need no condition of their own beside it.
    """

    expression: str = ""
    implied: frozenset[Query] = frozenset()


class Plan:
    """How a query is interpreted: the variants of its texts, and the papers that it selects.

    `exact` has the variants of every text as typed, `expanded` those that are searched for; `tags` are the tags that
    the query requires, by the FTS5 expressions that select papers beside words.
    """

    def __init__(self, query: Query, exact: dict[Text, tuple[Variant, ...]], tags: RequiredTags) -> None:
        self.query = query
        self.exact = exact
        self.expanded = dict(exact)
        self.tags = tags
        self.condition = MATCH_ALL

    @property
    def has_words(self) -> bool:
        """Whether papers can be ranked by a word of the query."""
        return any(self.exact.get(text) for text in iter_texts(self.query, negated=False))

    def expansions(self, text: Text) -> tuple[Variant, ...]:
        """Return the variants that `text` matches."""
        return self.expanded[text]

    def compile(self, expansions: Expansions, column: str = "") -> Condition:
        """Compile the query with these variants; with `column` its words must match in that full-text column."""
        condition = compile_query(self.query, expansions, column)
        if not condition.match or not self.tags.expression:
            return condition
        rest = And(tuple(part for part in conjuncts(self.query) if part not in self.tags.implied))
        condition = compile_query(rest, expansions, column)
        return condition._replace(match=f"{condition.match} AND {self.tags.expression}")


def plan_query(connection: sqlite3.Connection, query: Query, *, as_typed: bool = False) -> Plan:
    """Decide what `query` selects on this index; if `as_typed`, no word is replaced."""
    texts = list(dict.fromkeys(iter_texts(query, negated=False)))
    exact = {text: _whole_word_variants(text) for text in iter_texts(query)} | _exact_variants(connection, texts)
    plan = Plan(query, exact, _find_required_tags(connection, query) if texts else RequiredTags())
    correctable = [text for text in texts if not text.phrase and exact[text]][:MAX_CORRECTED]
    for text in () if as_typed else correctable:
        if not _has_match(connection, text, exact[text]):
            plan.expanded[text] = _read_unknown(connection, text) or _corrections(
                connection, text, alone=len(texts) == 1
            )
        elif text != texts[-1] and not _has_match(connection, text, _whole_words(exact[text])):
            # It matches as the start of a longer word only, and just the last word may be half-typed.
            plan.expanded[text] = (*exact[text], *_corrections(connection, text))
    plan.condition = plan.compile(plan.expansions)
    return plan


def _find_required_tags(connection: sqlite3.Connection, query: Query) -> RequiredTags:
    """Return the tags that `query` requires.

    All papers with a tag have its words; where other papers have them too, as those of another tag, the condition on
    the table `tags` remains. Comparing the numbers of papers is far faster than looking up each paper.
    """
    parts = [part for part in conjuncts(query) if isinstance(part, FieldEquals) and part.field == "tag"]
    aliases = dict(connection.execute("SELECT name, tag FROM aliases")) if parts else {}
    phrases: list[str] = []
    implied: list[Query] = []
    for part in parts:
        name = aliases.get(part.value, part.value)
        # Other signs may be tokens or barriers; a letter like "ʻ" alone is no token.
        if not name.replace("-", "").isalnum() or not (words := " ".join(tokenize(name))):
            continue
        phrases.append(f'tags : "{words}"')
        with_words = connection.execute("SELECT count(*) FROM words WHERE words MATCH ?", (phrases[-1],)).fetchone()
        if with_words == connection.execute("SELECT count(*) FROM tags WHERE tag = ?", (name,)).fetchone():
            implied.append(part)
    return RequiredTags(" AND ".join(phrases), frozenset(implied))


# As typed


def _exact_variants(connection: sqlite3.Connection, texts: Sequence[Text]) -> dict[Text, tuple[Variant, ...]]:
    """Return the variants of each text if it is spelled correctly."""
    neighbors = ["", *("" if text.field or text.phrase else text.text for text in texts), ""]
    variants: dict[Text, tuple[Variant, ...]] = {}
    for text, before, after in zip(texts, neighbors, neighbors[2:], strict=False):
        if text.phrase:
            variants[text] = _whole_word_variants(text)
        elif text.field == "author" and len(tokenize(text.text)) > 1:
            name = tuple(tokenize(text.text))
            variants[text] = (Variant(name, WEIGHT_EXACT, is_prefix=True, is_unordered=True),)
        else:
            variants[text] = exact_variants(connection, text.text, *(("", "") if text.field else (before, after)))
    return variants


def _whole_word_variants(text: Text) -> tuple[Variant, ...]:
    """Return the variants of a phrase or a negated word: no longer words, except Korean ones with a particle."""
    tokens = tuple(tokenize(text.text))
    if not tokens:
        return ()
    variants = [Variant(tokens, WEIGHT_EXACT, is_prefix=script_class(tokens[-1]) == "h")]
    if len(tokens) > 1 and not text.phrase:
        variants.append(Variant(("".join(tokens),), WEIGHT_JOINED))
    return tuple(variants)


def _whole_words(variants: Sequence[Variant]) -> list[Variant]:
    """Return the variants without the starts of longer words, except Korean ones, which nearly always continue."""
    return [variant for variant in variants if not variant.is_prefix or script_class(variant.tokens[-1]) == "h"]


# Interpreted or corrected


def _read_unknown(connection: sqlite3.Connection, text: Text) -> tuple[Variant, ...]:
    """Return the variants of a word that no paper has as it is typed, if it can be read in another way."""
    from readlist.search.expansion.readings import unknown_word_variants

    return () if text.field else tuple(unknown_word_variants(connection, text.text))


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
    return tuple(Variant(name, WEIGHT_ONE_ERROR, is_unordered=True, kind="corrected") for name in names)


def _has_match(connection: sqlite3.Connection, text: Text, variants: Sequence[Variant]) -> bool:
    """Return whether a paper has one of the variants; single tokens are looked up in the vocabulary."""
    if not text.field:
        if any(len(variant.tokens) == 1 and _is_known(connection, variant) for variant in variants):
            return True
        variants = [variant for variant in variants if len(variant.tokens) > 1]
    sql = "SELECT 1 FROM words WHERE words MATCH ? LIMIT 1"
    expression = match_any(variants, FIELD_COLUMN.get(text.field, ""))
    return bool(variants) and connection.execute(sql, (expression,)).fetchone() is not None


def _is_known(connection: sqlite3.Connection, variant: Variant) -> bool:
    (token,) = variant.tokens
    return bool(count_papers_with(connection, token)) or (variant.is_prefix and has_longer(connection, token))
