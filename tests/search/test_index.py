"""The index: what it answers, that it notices what is wrong with it, and that a change equals a rebuild."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import random
import sqlite3
import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readlist.models import (
    Appearance,
    DigestCount,
    Entry,
    LoadedDocument,
    Mark,
    Paper,
    Provenance,
    Status,
    TagCount,
    TrackedSource,
)
from readlist.search.index import index as index_module
from readlist.search.index import schema
from readlist.search.index.index import SEAL, Index, IndexCorrupt
from readlist.search.index.schema import from_blob, to_blob
from readlist.search.query.parser import parse

TODAY = dt.date(2025, 6, 1)
STAMPS = ("papers-1", "marks-1")
LATER, LATEST = ("papers-2", "marks-1"), ("papers-2", "marks-2")
NOON = dt.datetime(2025, 5, 30, 12, tzinfo=dt.UTC)
FEBRUARY, MAY = dt.date(2025, 2, 11), dt.date(2025, 5, 27)
DOCUMENT = LoadedDocument("/digests/a.txt", "a.txt", "10-20", 3, 0, NOON)
SOURCE = TrackedSource("/digests")
ORIGINS = Provenance({DOCUMENT.location: DOCUMENT}, {SOURCE.location: SOURCE})


def entry(id_: int, title: str, day: dt.date | None = MAY, status: Status = Status.UNREAD, **more: Any) -> Entry:
    """A made-up paper; `starred` and `note` go to its mark, all else to the paper."""
    marked = {name: more.pop(name) for name in ("starred", "note") if name in more}
    seen = (Appearance(day, f"{day}.txt"),)
    paper = Paper(title, id=id_, key=f"key-{id_}", **{"digests": seen, **more})
    return Entry(paper, Mark(paper.key, status, None if status is Status.UNREAD else NOON, **marked), paper.tags)


ENTRIES = [
    entry(1, "Policy Gradients for Reasoning", FEBRUARY, authors=("Sergey Levine", "Dawn Song"), tags=("RL", "math")),
    entry(2, "Pre-training in C++", FEBRUARY, Status.READ, arxiv_id="2502.06781", abstract="A KL penalty that works."),
    entry(3, "μnit Scaling", tags=("rl", "object_detection"), comments={"ko": "강화학습을 데이터 없이."}),
    entry(4, "DeepSeek-V2: a Strong Model", None, Status.READING, tags=("rl",), starred=True, note="compare with GRPO"),
    entry(5, "Don't Drop the Diffusion", url="https://github.com/a/b", authors=("Ada M. Lovelace",), tags=("c++",)),
]


@pytest.fixture
def index(tmp_path: Path) -> Index:
    made = Index(tmp_path / "cache" / "index.sqlite")
    made.rebuild(ENTRIES, ORIGINS, STAMPS)
    return made


def found(index: Index, text: str, *, ranked: bool = False) -> list[int]:
    return [hit.entry.paper.id for hit in index.find(parse(text, TODAY), ranked=ranked, limit=None).hits]


QUERIES: list[tuple[str, list[int]]] = [
    ("", [3, 5, 1, 2, 4]),
    ("policy reasoning", [1]),
    ("reason", [1]),
    ("resoning", [1]),
    ("pretraining", [2]),
    ("pre-training", [2]),
    ("pret-raining", [2]),
    ("c++", [5, 2]),
    ("c#", []),
    ("dont", [5]),
    ("don't", [5]),
    ("unit", [3]),
    ("deep seek", [4]),
    ("deepseekv2", [4]),
    ("학습", [3]),
    ("강화학슴", [3]),
    ("데이타", [3]),
    ('"kl penalty"', [2]),
    ('"penalty kl"', []),
    ("grpo", [4]),
    ("policy OR diffusion", [5, 1]),
    ("NOT tag:rl", [5, 2]),
    ("-policy -diffusion", [3, 2, 4]),
    ("(policy OR tag:c++) -is:read", [5, 1]),
    ("title:grpo", []),
    ("note:grpo", [4]),
    ("abstract:penalty", [2]),
    ("comment:데이터", [3]),
    ("author:levine", [1]),
    ('author:"levine sergey"', [1]),
    ('author:"levine dawn"', []),
    ('author:"ada lovelace"', [5]),
    ("author:levina", [1]),
    ("tag:RL", [3, 1, 4]),
    ("tag:object-detection", [3]),
    ("tag:c", []),
    ("is:read", [2]),
    ("is:reading", [4]),
    ("is:starred", [4]),
    ("has:note", [4]),
    ("has:abstract", [2]),
    ("has:arxiv", [2]),
    ("has:url", [5]),
    ("-has:tag", [2]),
    ("date:2025-05..", [3, 5]),
    ("date:..2025-03", [1, 2]),
    ("date:2025-02-11", [1, 2]),
    ("added:2025-02", [1, 2]),
    ("read:2025-05", [2]),
    ("read:2024", []),
    ("id:2", [2]),
    ("id:2-4", [3, 2, 4]),
    ("key:key-5", [5]),
    ("arxiv:2502.06781v1", [2]),
    ("2502.06781", [2]),
    ("url:github.com", [5]),
    ("https://github.com/a/b", [5]),
    ("policy is:read", []),
    ("tag:rl -polizy", [3, 1, 4]),
    ('author:"levina sergei"', [1]),
    ("deep -seek", [4]),
    ("reasoning zebra", [1]),
    ("diffusion policy", [5, 1]),
    ("tag:rl diffusion policy", [1]),
    ("🎉", []),
    ("lorem ipsum " * 900, []),
]


@pytest.mark.parametrize(("text", "ids"), QUERIES)
def test_a_query_finds_the_same_papers_in_search_and_in_list(index: Index, text: str, ids: list[int]) -> None:
    assert found(index, text) == ids
    assert sorted(found(index, text, ranked=True)) == sorted(ids)


@pytest.mark.parametrize(("text", "ids"), QUERIES)
def test_the_first_are_those_of_the_whole_list(index: Index, text: str, ids: list[int]) -> None:
    some = index.find(parse(text, TODAY), ranked=False, limit=2)
    assert ([hit.entry.paper.id for hit in some.hits], some.total) == (ids[:2], len(ids))


DEEP, MANY = 12, 1_000
LARGE = {
    **{
        f"{MANY} x {text!r} joined by {joint!r}": joint.join([text] * MANY)
        for joint in (" OR ", " ")
        for text in ("is:read", "title:policy", '"a b"', "read:2024", "date:2024", "2502.06781", "http://x.y/z")
    },
    "negations": " OR ".join(["-is:read"] * (MANY // 2)),
    "pairs": "(is:read OR tag:a) " * (MANY // 2),
    "words too": "(policy OR is:read) " * 64 + " OR ".join(["tag:a"] * (MANY - 64)),
    "words in deep groups": "(policy OR xa xb " * DEEP + "xc" + ")" * DEEP,
    "filters in deep groups": "(tag:a OR tag:b tag:c " * DEEP + "tag:d" + ")" * DEEP,
    "days in deep groups": "(tag:a OR tag:b date:2024 " * DEEP + "read:2024" + ")" * DEEP,
    "negated groups": "NOT (policy OR tag:a is:read " * (DEEP // 2) + "tag:d" + ")" * (DEEP // 2),
    "wide and deep groups": ("(" + "is:read OR " * 40 + "tag:a " * 40) * DEEP + "read:2024" + ")" * DEEP,
    "wide and deep groups, the deepest first": "(" * DEEP
    + "read:2024"
    + (" tag:a" * 40 + " OR is:read" * 40 + ")") * DEEP,
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE.keys())
def test_the_largest_queries_that_are_read_can_be_answered(index: Index, text: str) -> None:
    query = parse(text, TODAY)
    for ranked in (True, False):
        index.find(query, ranked=ranked, limit=5)
    index.tags(query)


def test_an_entry_comes_back_as_it_went_in(index: Index) -> None:
    assert index.entries([4, 99, 1]) == [ENTRIES[3], ENTRIES[0]]


def test_papers_are_looked_up_by_their_names(index: Index) -> None:
    assert index.ids_between(2, 9) == [2, 3, 4, 5]
    assert index.by_key("key-3") == [3]
    assert index.by_arxiv("2502.06781") == [2]
    assert index.by_key("") == index.by_arxiv("") == []
    assert index.by_key("\udcff") == index.by_arxiv("\udcff") == found(index, "key:\udcff") == []


def test_counts_are_what_the_entries_say(index: Index) -> None:
    assert index.tags(parse("", TODAY))[:2] == [TagCount("rl", 3, 2), TagCount("c++", 1, 1)]
    assert index.tags(parse("author:levine", TODAY)) == [TagCount("math", 1, 1), TagCount("RL", 1, 1)]
    assert index.digests() == [
        DigestCount(Appearance(MAY, "2025-05-27.txt"), 2, 2),
        DigestCount(Appearance(FEBRUARY, "2025-02-11.txt"), 2, 1),
        DigestCount(Appearance(None, "None.txt"), 1, 0),
    ]
    assert index.origins() == ORIGINS


# Truth and damage


def test_it_is_true_for_the_stamps_it_was_made_from_alone(index: Index, tmp_path: Path) -> None:
    assert index.is_current(STAMPS)
    assert not index.is_current(("papers-2", "marks-1"))
    assert not index.is_current(("papers-1", "marks-2"))
    assert not Index(tmp_path / "nowhere").is_current(STAMPS)
    index.update([], Provenance(), STAMPS, LATER)
    assert index.is_current(LATER)


@pytest.mark.parametrize("stale", [ENTRIES[:3], []], ids=["some papers", "empty"])
def test_an_index_of_another_state_is_not_updated(index: Index, stale: list[Entry]) -> None:
    """A reader's long rebuild from STAMPS ends when one change has been saved and the next has seen a true index."""
    index.update([ENTRIES[0]], Provenance(), STAMPS, LATER)
    assert index.is_current(LATER)
    index.rebuild(stale, Provenance(), STAMPS)
    with pytest.raises(IndexCorrupt, match="another state"):
        index.update([ENTRIES[4]], Provenance(), LATER, LATEST)
    assert index.is_current(STAMPS)
    assert sorted(found(index, "")) == [one.paper.id for one in stale]


def test_an_index_that_is_replaced_as_the_update_begins_is_not_updated(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_late(path: Path, mode: str) -> sqlite3.Connection:
        if mode == "rw":
            index.rebuild(ENTRIES[:3], Provenance(), STAMPS)
        return opened(path, mode)

    opened = index_module._open
    index.update([], Provenance(), STAMPS, LATER)
    monkeypatch.setattr(index_module, "_open", open_late)
    with pytest.raises(IndexCorrupt, match="another state"):
        index.update([ENTRIES[4]], Provenance(), LATER, LATEST)
    assert index.is_current(STAMPS)
    assert found(index, "") == [3, 1, 2]


def test_an_update_never_seals_what_another_program_changed(index: Index, tmp_path: Path) -> None:
    (tmp_path / "cache" / "index.sqlite").touch()
    with pytest.raises(IndexCorrupt, match="another state"):
        index.update([ENTRIES[4]], Provenance(), STAMPS, LATER)
    assert not index.is_current(LATER)


def test_a_wrong_statement_is_a_bug_and_no_damage(index: Index) -> None:
    with pytest.raises(sqlite3.ProgrammingError):
        index.entries([object()])  # type: ignore[list-item]  # the bug
    with pytest.raises(OverflowError):
        index.ids_between(1, 2**64)


@pytest.mark.parametrize("blob", ["[]", "{", "null", "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]"])
def test_an_entry_that_cannot_be_decoded_is_damage(index: Index, tmp_path: Path, blob: str) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "cache" / "index.sqlite", isolation_level=None)) as db:
        db.execute("UPDATE entries SET entry = ?", (blob,))
        db.execute("UPDATE documents SET loaded_at = 'soon'")
        db.execute("UPDATE appearances SET date = 'soon' || id")
    for ask in (lambda: index.entries([1]), index.origins, index.digests):
        with pytest.raises(IndexCorrupt):
            ask()


def test_an_index_of_another_format_is_not_true(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "FORMAT", "0")
    assert not index.is_current(STAMPS)


def test_only_its_owner_can_read_it(index: Index, tmp_path: Path) -> None:
    path = tmp_path / "cache" / "index.sqlite"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def _flip(data: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << dice.randrange(8)]) + data[place + 1 :]


DAMAGE: list[Callable[[bytes, random.Random], bytes]] = [
    _flip,
    lambda data, dice: data[: dice.randrange(len(data))],
    lambda _data, _dice: b"",
    lambda data, dice: data[: (at := dice.randrange(len(data)))] + b"\0" * (len(data) - at),
]


@pytest.mark.parametrize("number", range(40))
def test_a_damaged_index_is_noticed_and_never_more_than_that(index: Index, tmp_path: Path, number: int) -> None:
    path, dice = tmp_path / "cache" / "index.sqlite", random.Random(number)
    path.write_bytes(DAMAGE[number % len(DAMAGE)](path.read_bytes(), dice))
    assert not index.is_current(STAMPS)
    for text in ("reasoning", "tag:rl", "resoning", "", "데이타"):
        with contextlib.suppress(IndexCorrupt):
            found(index, text, ranked=True)
    with contextlib.suppress(IndexCorrupt):
        index.update(ENTRIES, Provenance(), STAMPS, LATER)
    index.rebuild(ENTRIES, ORIGINS, STAMPS)
    assert index.is_current(STAMPS)
    assert found(index, "") == [3, 5, 1, 2, 4]


def test_a_missing_index_is_said_to_be_damaged(tmp_path: Path) -> None:
    index = Index(tmp_path / "nowhere")
    for ask in (index.digests, index.origins, lambda: index.update([], Provenance(), STAMPS, LATER)):
        with pytest.raises(IndexCorrupt):
            ask()
    assert not list(tmp_path.iterdir())


def test_the_journal_of_one_who_died_does_not_reach_a_new_index(index: Index, tmp_path: Path) -> None:
    path = tmp_path / "cache" / "index.sqlite"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA cache_size = 1")
        db.execute("BEGIN IMMEDIATE")
        db.execute("UPDATE entries SET entry = zeroblob(200000)")
        left = path.with_name("index.sqlite-journal").read_bytes()
    path.with_name("index.sqlite-journal").write_bytes(left)
    index.rebuild(ENTRIES, ORIGINS, STAMPS)
    assert list(path.parent.iterdir()) == [path]
    assert found(index, "") == [3, 5, 1, 2, 4]


def test_what_a_dead_rebuild_left_behind_is_removed(index: Index, tmp_path: Path) -> None:
    left, fresh = (tmp_path / "cache" / f"index.sqlite.{name}.new" for name in ("old", "fresh"))
    left.touch()
    fresh.touch()
    os.utime(left, (SEAL, SEAL))
    index.rebuild(ENTRIES, ORIGINS, STAMPS)
    assert not left.exists()
    assert fresh.exists()


def test_where_no_index_can_be_made_it_is_an_operating_system_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r".+"):
        Index(tmp_path / "file" / "index.sqlite").rebuild(ENTRIES, Provenance(), STAMPS)


def test_a_failed_rebuild_leaves_the_old_index_and_no_temporary_file(index: Index, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        index.rebuild((ENTRIES[1 // zero] for zero in (1, 0)), Provenance(), ("new", "new"))
    assert index.is_current(STAMPS)
    assert [left.name for left in (tmp_path / "cache").iterdir()] == ["index.sqlite"]


def test_a_failed_update_changes_nothing(index: Index) -> None:
    with pytest.raises(ZeroDivisionError):
        index.update((ENTRIES[1 // zero] for zero in (1, 0)), Provenance(), STAMPS, LATER)
    assert index.is_current(STAMPS)


def test_readers_never_see_an_error_or_half_a_change(index: Index) -> None:
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(len(found(index, "tag:rl")))
            index.is_current(STAMPS)  # False while the file that was asked is being replaced, but no error

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for turn in range(60):
        tags = ("rl",) if turn % 2 else ()
        index.update([replace(one, tags=tags) for one in ENTRIES], Provenance(), STAMPS, STAMPS)
        if turn % 20 == 0:
            index.rebuild([replace(one, tags=()) for one in ENTRIES], Provenance(), STAMPS)
    done.set()
    for reader in readers:
        reader.join()
    assert set(seen) <= {3, 0, 5}
    assert len(seen) > 2


# A change equals a rebuild

words = st.sampled_from(
    ["reasoning", "Pre-training", "μnit", "강화학습을", "c++", "it's", "C#", "|", "+", "a/b", "", "penalty의", "x" * 70]
)
texts = st.lists(words, max_size=4).map(" ".join)
days = st.sampled_from([None, FEBRUARY, MAY])


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    id_ = draw(st.integers(1, 4))
    seen = draw(st.lists(st.builds(Appearance, days, st.sampled_from(["a.txt", "b.txt"])), max_size=2, unique=True))
    tags = draw(st.lists(st.sampled_from(["rl", "RL", "c++", "object_detection"]), max_size=2, unique_by=str.casefold))
    paper = Paper(
        draw(texts),
        tuple(draw(st.lists(texts, max_size=2))),
        draw(texts),
        draw(st.dictionaries(st.sampled_from(["ko", "en"]), texts)),
        tuple(tags),
        id=id_,
        key=f"key-{id_}",
        digests=tuple(seen),
    )
    at = draw(st.sampled_from([None, NOON]))
    mark = Mark(paper.key, draw(st.sampled_from(Status)), at, note=draw(texts), note_at=at, tags_added=("own",))
    return Entry(paper, mark, draw(st.sampled_from([paper.tags, (*paper.tags, "own")])))


def contents(path: Path) -> dict[str, list[Any]]:
    """Everything that an index says, apart from how its file is laid out."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("CREATE VIRTUAL TABLE temp.places USING fts5vocab (main, words, instance)")
        tables = ("facts", "entries", "papers", "tags", "appearances", "vocabulary", "places")
        more = ("sources", "documents", "queries", "aliases")
        return {name: sorted(db.execute(f"SELECT * FROM {name}")) for name in (*tables, *more)}


@settings(max_examples=60, deadline=None)
@given(st.lists(entries(), max_size=4, unique_by=lambda one: one.paper.id), st.lists(st.lists(entries(), max_size=3)))
def test_any_changes_leave_what_a_rebuild_would_make(first: list[Entry], changes: list[list[Entry]]) -> None:
    with TemporaryDirectory() as folder:
        changed, rebuilt = Index(Path(folder, "changed")), Index(Path(folder, "rebuilt"))
        changed.rebuild(sorted(first, key=lambda one: one.paper.id), Provenance(), STAMPS)
        model = {one.paper.id: one for one in first}
        for some in changes:
            changed.update(some, ORIGINS, STAMPS, STAMPS)
            model |= {one.paper.id: one for one in some}
        rebuilt.rebuild([model[id_] for id_ in sorted(model)], ORIGINS if changes else Provenance(), STAMPS)
        assert contents(Path(folder, "changed")) == contents(Path(folder, "rebuilt"))
        assert changed.is_current(STAMPS)


@given(entries())
def test_a_blob_holds_the_whole_entry(one: Entry) -> None:
    assert from_blob(to_blob(one)) == one


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_may_be_searched_in_any_index(text: str) -> None:
    from readlist.errors import QueryError

    with TemporaryDirectory() as folder:
        index = Index(Path(folder, "index"))
        index.rebuild(ENTRIES[:2], Provenance(), STAMPS)
        with contextlib.suppress(QueryError):
            found(index, text, ranked=True)
