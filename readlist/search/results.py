"""What the index answers: candidates, their order, their excerpts, and what the reader is told beside them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from readlist.models import Correction, Entry, Hit, ResultIds, SearchResult, Status, TagCount
from readlist.search.excerpts import Highlighter
from readlist.search.expansion import MAX_TYPED, near_words
from readlist.search.index.schema import COLUMN_OF, COLUMNS, PARTS, from_blob
from readlist.search.query.ast import All, Any, Query, Value
from readlist.search.query.compiler import EVERY_PAPER, Condition, Readings, compiled
from readlist.search.query.planner import Plan, plan, texts_of
from readlist.search.ranking import COLUMN_WEIGHTS, Word, best_first, strength
from readlist.search.tokens import padded

POOL = 50
"""Candidates that are ranked by their fields; those after them stay in bm25's order. With 50 or with 100, the same 658
of 660 known papers come first."""
MAX_EXCERPTS = 1_000
"""Hits with an excerpt: each takes 0.2 ms, which a script that takes all of 90,000 would wait for in vain."""
MAX_SHOWN = 3
"""Vocabulary words that a correction names, and words for which the nearest are looked up where nothing is found."""
_BATCH = 5_000
_NEWEST = "ORDER BY p.date DESC, p.id"
_BM25 = f"bm25(words, {', '.join(str(10 * COLUMN_WEIGHTS[name]) for name in COLUMNS)})"


def find(db: sqlite3.Connection, query: Query, *, ranked: bool, limit: int | None) -> SearchResult:
    """The papers that answer `query`."""
    made = plan(db, query)
    words = _words(db, made)
    total = count(db, made.condition)
    if not total:
        return SearchResult((), 0, did_you_mean=_near(db, query))
    if ranked and words:
        hits = _with_excerpts(_best_first(db, made, words, limit)[:limit], words)
    else:
        hits = tuple(map(Hit, entries_of(db, newest_first(db, made.condition, limit))))
    return SearchResult(hits, total, _corrections(words, hits), partial_match=made.partial_match)


def listing(db: sqlite3.Connection, query: Query) -> ResultIds:
    """All papers that answer `query`, the best first where it has words, else the newest digest first.

    Of 100,000 papers the ids take a tenth of a second, the entries four and 300 MB.
    """
    made = plan(db, query)
    words = _words(db, made)
    best = _best(db, made, words) if words else []
    rest = (_by_bm25 if words else newest_first)(db, made.condition, None)
    ids = tuple(dict.fromkeys(chain((entry.paper.id for _, entry in best), rest)))
    hits = tuple(Hit(entry, score) for score, entry in best)
    near = () if ids else _near(db, query)
    return ResultIds(ids, SearchResult(hits, len(ids), _corrections(words, hits), near, made.partial_match))


def statuses(db: sqlite3.Connection) -> dict[int, Status]:
    """How far the reader is with each paper."""
    known = {status.value: status for status in Status}
    return {id_: known[status] for id_, status in db.execute("SELECT id, status FROM papers")}


def _with_excerpts(scored: Sequence[tuple[float, Entry]], words: Sequence[Word]) -> tuple[Hit, ...]:
    highlighter = Highlighter(words)
    return tuple(
        Hit(entry, round(score, 4), highlighter.excerpt(entry) if place < MAX_EXCERPTS else None)
        for place, (score, entry) in enumerate(scored)
    )


def entries_of(db: sqlite3.Connection, ids: Sequence[int]) -> list[Entry]:
    """The entries of these ids that there are, in their order."""
    found: dict[int, Entry] = {}
    for start in range(0, len(ids), _BATCH):
        some = ids[start : start + _BATCH]
        marks = ", ".join("?" * len(some))
        rows = db.execute(f"SELECT id, entry FROM entries WHERE id IN ({marks})", some)  # noqa: S608 -- placeholders
        found.update((id_, from_blob(blob)) for id_, blob in rows)
    return [found[id_] for id_ in ids if id_ in found]


def tags_of(db: sqlite3.Connection, query: Query) -> list[TagCount]:
    """The tags in effect among the papers that answer `query`, the most frequent first, spelt as most often."""
    condition = plan(db, query).condition
    chosen = "1" if condition == EVERY_PAPER else f"p.id IN (SELECT p.id {condition.source})"
    rows = db.execute(
        "SELECT t.tag, t.spelt, count(*) AS papers, sum(p.status = 'unread')"  # noqa: S608 -- compiled, with placeholders
        f" FROM tags t JOIN papers p USING (id) WHERE {chosen}"
        " GROUP BY t.tag, t.spelt ORDER BY t.tag, papers DESC, t.spelt",
        condition.arguments,
    )
    counts: dict[str, TagCount] = {}
    for tag, spelt, papers, unread in rows:
        before = counts.get(tag, TagCount(spelt, 0, 0))
        counts[tag] = TagCount(before.tag, before.papers + papers, before.unread + unread)
    return sorted(counts.values(), key=lambda count: (-count.papers, count.tag.casefold()))


def count(db: sqlite3.Connection, condition: Condition) -> int:
    """How many papers a condition selects."""
    if (
        condition.match and condition.where == EVERY_PAPER.where
    ):  # without the join: half the time for a word of most papers
        sql = "SELECT count(*) FROM words WHERE words MATCH ?"
    else:
        sql = f"SELECT count(*) {condition.source}"
    (total,) = db.execute(sql, condition.arguments).fetchone()
    return int(total)


def newest_first(db: sqlite3.Connection, condition: Condition, limit: int | None) -> list[int]:
    """The papers that a condition selects, the newest digest first; at most `limit`."""
    return _ids(db, condition, _NEWEST, limit)


def _ids(db: sqlite3.Connection, condition: Condition, order: str, limit: int | None) -> list[int]:
    sql = f"SELECT p.id {condition.source} {order} LIMIT ?"
    return [id_ for (id_,) in db.execute(sql, (*condition.arguments, -1 if limit is None else limit))]


# Ranking


def _words(db: sqlite3.Connection, made: Plan) -> list[Word]:
    texts = dict.fromkeys(texts_of(made.query, negated=False))
    return [Word(text.text, made.meant[text], COLUMN_OF.get(text.field, "")) for text in texts if made.meant[text]]


def _best_first(
    db: sqlite3.Connection, made: Plan, words: Sequence[Word], limit: int | None
) -> list[tuple[float, Entry]]:
    """The first `limit` papers, or somewhat more, the best first: the pool by their fields, those after it by bm25."""
    best = _best(db, made, words)
    if limit is not None and limit <= len(best):
        return best
    known = {entry.paper.id for _, entry in best}
    rest = [id_ for id_ in _by_bm25(db, made.condition, limit) if id_ not in known]
    least = best[-1][0] if best else 0.0
    return best + [(least * 0.99, entry) for entry in entries_of(db, rest)]


def _best(db: sqlite3.Connection, made: Plan, words: Sequence[Word]) -> list[tuple[float, Entry]]:
    """The pool, ranked by its fields."""
    return best_first(entries_of(db, _candidates(db, made)), words)


def _candidates(db: sqlite3.Connection, made: Plan) -> list[int]:
    found: dict[int, None] = {}
    for condition in _probes(made):
        found.update(dict.fromkeys(_by_bm25(db, condition, POOL)))
        if len(found) >= POOL:
            break
    return list(found)


def _probes(made: Plan) -> Iterator[Condition]:
    """Ever wider nets, so that a word of most papers is not looked for beyond the titles."""
    if made.condition.match and not made.partial_match:
        yield compiled(made.query, _exactly(made), "title")
        yield compiled(made.query, made.readings, "title")
        yield compiled(made.query, made.readings, "authors")
        yield compiled(made.query, _exactly(made))
    yield made.condition


def _exactly(made: Plan) -> Readings:
    """Each word's likeliest meaning alone."""
    return lambda text: made.meant[text][:1]


def _by_bm25(db: sqlite3.Connection, condition: Condition, limit: int | None) -> list[int]:
    if not condition.match:
        return newest_first(db, condition, limit)
    return _ids(db, condition, f"ORDER BY {_BM25}, p.id", limit)


# What the reader is told


def _corrections(words: Sequence[Word], hits: Sequence[Hit]) -> tuple[Correction, ...]:
    mended = [word for word in words if any(variant.mended for variant in word.variants)]
    return tuple(Correction(word.text, shown) for word in mended if (shown := _shown(word, hits)))


def _shown(word: Word, hits: Sequence[Hit]) -> tuple[str, ...]:
    shown: dict[str, None] = {}
    typed = Word(word.text, tuple(v for v in word.variants if not v.mended), word.column)
    for hit in hits[:20]:
        held = padded(chain.from_iterable(parts(hit.entry) for parts in PARTS.values()))
        if strength(typed, held):
            return ()
        best = max((v for v in word.variants if strength(Word("", (v,)), held)), key=lambda v: v.weight, default=None)
        if best:
            shown[best.shown] = None
    return tuple(shown)[:MAX_SHOWN]


def _near(db: sqlite3.Connection, query: Query) -> tuple[str, ...]:
    near: dict[str, None] = {}
    for text in islice(texts_of(query, negated=False), MAX_SHOWN):
        near.update(dict.fromkeys(near_words(db, text.text)))
    for tag in _tags_in(query):
        near.update(dict.fromkeys(_near_tags(db, tag)))
    return tuple(near)[:5]


def _tags_in(query: Query) -> Iterator[str]:
    match query:
        case Value("tag", tag):
            yield tag
        case All(parts) | Any(parts):
            for part in parts:
                yield from _tags_in(part)


def _near_tags(db: sqlite3.Connection, tag: str) -> list[str]:
    from rapidfuzz import fuzz, process

    known = dict(db.execute("SELECT tag, min(spelt) FROM tags GROUP BY tag"))
    if tag in known:
        return []
    ranked = process.extract(tag[:MAX_TYPED], known.keys(), scorer=fuzz.ratio, score_cutoff=60, limit=MAX_SHOWN)
    return [f"tag:{known[near]}" for near, _, _ in ranked]
