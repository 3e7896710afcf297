"""Which papers a query finds: first as it was typed, then mended, then with the most of its words.

    typed    each word as it is spelt; a word that stands in no paper is mended at once
    mended   no paper holds all the words: each may be misspelt
    relaxed  still none: the papers that hold the most of the words

What decides is the words alone, not the filters beside them, so that `grpo is:read` never turns into another word.
`search` and `list` ask here and differ in the order only.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from readlist.search.expansion import EXACT, JOINED, MAX_VARIANTS, ONE_ERROR, Variant, as_typed, mended
from readlist.search.index.schema import kind_of
from readlist.search.query.ast import All, Any, No, Query, Text
from readlist.search.query.compiler import Condition, Readings, compiled, is_text, parts_of, with_most_of
from readlist.search.tokens import tokens

MAX_MENDED = 12
"""Words of one query that are mended: each costs up to 15 ms at 200,000 words, and a longer query is pasted."""

MAX_MENDED_NAMES = 5
"""Other spellings of each part of a name that is asked for as author:"first last"."""


@dataclass(slots=True)
class Plan:
    """How a query is read: what it selects, what its words mean, and what the reader should be told."""

    query: Query
    typed: dict[Text, tuple[Variant, ...]]
    meant: dict[Text, tuple[Variant, ...]]
    condition: Condition = field(default_factory=lambda: Condition("", "1"))
    partial_match: bool = False

    def readings(self, text: Text) -> tuple[Variant, ...]:
        """What `text` means in this plan."""
        return self.meant[text]


def plan(db: sqlite3.Connection, query: Query) -> Plan:
    """Decide what `query` means on these papers."""
    wanted = list(dict.fromkeys(texts_of(query, negated=False)))
    typed = {text: _to_the_letter(text) for text in texts_of(query)} | _typed(db, wanted)
    made = Plan(query, typed, dict(typed))
    mendable = [text for text in wanted if not text.phrase and typed[text]][:MAX_MENDED]
    for text in mendable:
        if not _any_paper(db, compiled(text, made.readings)):
            made.meant[text] = mended_text(db, text, alone=len(wanted) == 1)
        elif text != wanted[-1] and not _any_paper(db, compiled(text, _whole(typed))):  # only the last is half-typed
            made.meant[text] = (*typed[text], *mended_text(db, text))
    words = All(tuple(part for part in parts_of(query) if is_text(part)))
    if words.parts and not _any_paper(db, compiled(words, made.readings)):
        partial_match = None if _mend_all(db, made, words, mendable) else _relaxed(db, made)
        if partial_match:
            made.partial_match = True
            made.condition = partial_match
            return made
    made.condition = compiled(query, made.readings)
    return made


def texts_of(query: Query, *, negated: bool = True) -> Iterator[Text]:
    """The texts in `query`, those under a NOT only if `negated`."""
    match query:
        case Text():
            yield query
        case All(parts) | Any(parts):
            for part in parts:
                yield from texts_of(part, negated=negated)
        case No(part) if negated:
            yield from texts_of(part)


def _whole(typed: dict[Text, tuple[Variant, ...]]) -> Readings:
    """What is a whole word; Korean ones always go on."""
    return lambda text: [variant for variant in typed[text] if not variant.prefix or kind_of(variant.tokens[-1]) == "h"]


def _typed(db: sqlite3.Connection, wanted: Sequence[Text]) -> dict[Text, tuple[Variant, ...]]:
    """What the texts mean if they are spelt right."""
    beside = ["", *("" if text.field or text.phrase else text.text for text in wanted), ""]
    found: dict[Text, tuple[Variant, ...]] = {}
    for text, before, after in zip(wanted, beside, beside[2:], strict=False):
        if text.phrase:
            found[text] = _to_the_letter(text)
        elif text.field == "author" and len(tokens(text.text)) > 1:
            found[text] = (Variant(tuple(tokens(text.text)), EXACT, prefix=True, loose=True),)
        else:
            found[text] = as_typed(db, text.text, *(("", "") if text.field else (before, after)))
    return found


def _to_the_letter(text: Text) -> tuple[Variant, ...]:
    """A phrase, or what a NOT excludes: nothing that merely begins so, but Korean words with their particles."""
    parts = tuple(tokens(text.text))
    if not parts:
        return ()
    found = [Variant(parts, EXACT, prefix=kind_of(parts[-1]) == "h")]
    if len(parts) > 1 and not text.phrase:
        found.append(Variant(("".join(parts),), JOINED))
    return tuple(found)


def mended_text(db: sqlite3.Connection, text: Text, *, alone: bool = False) -> tuple[Variant, ...]:
    """What `text` may mean if it is misspelt; each part of a name on its own."""
    parts = tokens(text.text)
    if text.field != "author" or len(parts) == 1:
        return mended(db, text.text, alone=alone)
    near = (mended(db, part)[:MAX_MENDED_NAMES] for part in parts)
    meant = [
        [part, *(other.tokens[0] for other in some if len(other.tokens) == 1)]
        for part, some in zip(parts, near, strict=True)
    ]
    names = itertools.islice(itertools.product(*meant), MAX_VARIANTS)
    return tuple(Variant(name, ONE_ERROR, loose=True, mended=True) for name in names)


def _mend_all(db: sqlite3.Connection, made: Plan, words: Query, mendable: Sequence[Text]) -> bool:
    """Let every word be misspelt; False, and nothing changed, where that finds no paper either."""
    before = dict(made.meant)
    for text in mendable:
        if made.meant[text] == made.typed[text]:
            made.meant[text] = (*made.typed[text], *mended_text(db, text))
    if _any_paper(db, compiled(words, made.readings)):
        return True
    made.meant.update(before)
    return False


def _relaxed(db: sqlite3.Connection, made: Plan) -> Condition | None:
    """The papers with the most of the plain words, where there are several; fields, phrases and groups must hold."""
    parts = parts_of(made.query)
    plain = [part for part in parts if isinstance(part, Text) and not part.field and not part.phrase]
    if len(plain) < 2:  # noqa: PLR2004 -- of one word, most is all
        return None
    kept = [part for part in parts if part not in plain]
    found = [text for text in dict.fromkeys(plain) if _any_paper(db, compiled(text, made.readings))]
    known = All((*kept, *found))
    if found and _any_paper(db, compiled(All(tuple(filter(is_text, known.parts))), made.readings)):
        return compiled(known, made.readings)
    rest = compiled(All(tuple(kept)), made.readings)
    return with_most_of(found, rest, made.readings, _papers_with_most(db, made, found, kept)) if found else None


def _papers_with_most(db: sqlite3.Connection, made: Plan, found: Sequence[Text], kept: Sequence[Query]) -> list[int]:
    """The papers that hold the most of the words `found`, among those that hold the words of `kept`."""
    words = All(tuple(filter(is_text, kept)))
    match = compiled(words, made.readings).match if words.parts else ""
    held: Counter[int] = Counter()
    for text in found:
        both = f"{compiled(text, made.readings).match}{f' AND {match}' if match else ''}"
        held.update(id_ for (id_,) in db.execute("SELECT rowid FROM words WHERE words MATCH ?", (both,)))
    most = max(held.values(), default=0)
    return [id_ for id_, count in held.items() if count == most]


def _any_paper(db: sqlite3.Connection, condition: Condition) -> bool:
    sql = f"SELECT 1 {condition.source} LIMIT 1"
    return db.execute(sql, condition.arguments).fetchone() is not None
