"""The marks of other persons of a lab in queries: `by:NAME`, `by:any` and the order `votes`."""

from __future__ import annotations

import contextlib
import datetime as dt
import random
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.definitions import TagAlias, UserDefinitions
from readlist.errors import QueryError
from readlist.models import Entry, Mark, Order, PersonMark, Status
from readlist.search.completion import complete
from readlist.search.fields import ANYONE
from readlist.search.index import writer
from readlist.search.index.integrity import integrity_error
from readlist.search.index.people_rows import People
from readlist.search.index.tables import filling, insert_contents
from readlist.search.index.writer import IndexContents
from readlist.search.lookups import get_entries, get_people
from readlist.search.query.ast import And, ByPerson, DateRange, FieldEquals, Not, OfPerson, Or, Query, Text
from readlist.search.query.parser import MAX_DEPTH, parse
from readlist.search.query.terms import format_term, parse_term
from readlist.search.results import find
from readlist.sources import Provenance
from tests.search.index_file import NO_STORE, IndexFile, contents, search_ids
from tests.search.sample import ENTRIES, NEWEST_FIRST, NOON, TODAY, entry

JANUARY = dt.datetime(2026, 1, 3, 12, tzinfo=dt.UTC)
PEOPLE: People = {
    "kim": {
        "key-1": Mark("key-1", starred=True, starred_at=NOON, note="The KL penalty — 강화학습을 다시", note_at=NOON),
        "key-2": Mark("key-2", Status.READ, JANUARY, tags_added=("To_Present",)),
        "key-3": Mark("key-3", starred_at=NOON),  # the star was removed
    },
    "Lee": {
        "key-1": Mark("key-1", Status.READING, NOON),
        "key-4": Mark("key-4", Status.READ, NOON, starred=True, starred_at=JANUARY),
        "key-9": Mark("key-9", starred=True),  # a paper that is not here
    },
    "박": {"key-1": Mark("key-1", starred=True, starred_at=JANUARY, tags_added=("reward", "rl"))},
    "new": {},
}


@pytest.fixture
def index(tmp_path: Path) -> IndexFile:
    index = IndexFile(tmp_path / "index.sqlite")
    writer.build(index.path, IndexContents(ENTRIES, people=PEOPLE), NO_STORE)
    return index


IS_STARRED, IS_READ = FieldEquals("is", "starred"), FieldEquals("is", "read")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("by:kim", ByPerson("kim", And())),
        ("-by:kim is:starred", And((Not(FieldEquals("by", "kim")), IS_STARRED))),
        ("by:kim is:starred", ByPerson("kim", OfPerson(IS_STARRED))),
        ("is:starred by:kim", ByPerson("kim", OfPerson(IS_STARRED))),
        ("by:kim grpo", And((Text("grpo"), ByPerson("kim", And())))),
        ("(by:kim) is:starred", And((ByPerson("kim", And()), IS_STARRED))),
        ("by:kim -is:read", ByPerson("kim", Not(OfPerson(IS_READ)))),
        ("by:kim is:later is:new", parse("is:later is:new (by:kim)", TODAY)),
        (
            "grpo is:starred by:any read:2025",
            And(
                (
                    Text("grpo"),
                    ByPerson(
                        ANYONE,
                        And(
                            (
                                OfPerson(IS_STARRED),
                                OfPerson(DateRange("read", dt.date(2025, 1, 1), dt.date(2025, 12, 31))),
                            )
                        ),
                    ),
                )
            ),
        ),
        ("(by:kim is:starred) is:read", And((ByPerson("kim", OfPerson(IS_STARRED)), IS_READ))),
        ("by:kim (is:starred OR is:read)", ByPerson("kim", Or((OfPerson(IS_STARRED), OfPerson(IS_READ))))),
        ("by:kim (is:starred OR grpo)", ByPerson("kim", Or((OfPerson(IS_STARRED), Text("grpo"))))),
        ("by:kim is:starred OR is:read", Or((ByPerson("kim", OfPerson(IS_STARRED)), IS_READ))),
        ("-(by:kim is:starred)", Not(ByPerson("kim", OfPerson(IS_STARRED)))),
        (
            "by:kim by:lee is:starred",
            And((ByPerson("kim", OfPerson(IS_STARRED)), ByPerson("lee", OfPerson(IS_STARRED)))),
        ),
        (
            "by:kim note:penalty has:note",
            ByPerson("kim", And((OfPerson(Text("penalty", "note")), OfPerson(FieldEquals("has", "note"))))),
        ),
        ("by:kim tag:rl title:grpo", And((Text("grpo", "title"), ByPerson("kim", OfPerson(FieldEquals("tag", "rl")))))),
    ],
)  # fmt: skip
def test_the_terms_on_marks_in_the_group_mean_that_person(text: str, query: Query) -> None:
    assert parse(text, TODAY) == query


def test_a_saved_query_is_a_group_of_its_own() -> None:
    saved = {"kims": "by:kim is:starred", "read": "is:read"}
    assert parse("@kims is:read", TODAY, lambda: saved) == parse("(by:kim is:starred) is:read", TODAY)
    assert parse("by:kim @read", TODAY, lambda: saved) == parse("by:kim is:read", TODAY)


def test_terms_of_options_belong_to_the_group_of_the_words() -> None:
    terms = [parse_term("is", "starred"), parse_term("tag", "RL")]
    assert parse("by:kim grpo", TODAY, terms=terms) == parse("by:kim grpo is:starred tag:rl", TODAY)
    assert parse("by:kim OR grpo", TODAY, terms=terms) == parse("(by:kim OR grpo) is:starred tag:rl", TODAY)
    assert parse("(by:kim is:read) grpo", TODAY, terms=terms) == parse("(by:kim is:read) grpo is:starred tag:rl", TODAY)


QUERIES = {
    "by:kim": [1, 2],
    "by:Lee": [1, 4],
    "by:new": [],
    "by:any": [1, 2, 4],
    "-by:kim": [3, 5, 4],
    "by:kim is:starred": [1],
    "(by:kim) is:starred": [],
    "(by:any) is:starred": [4],
    "by:kim is:read": [2],
    "by:kim -is:read": [3, 5, 1, 4],
    "by:kim -is:starred": [3, 5, 2, 4],
    "by:kim is:unread": [3, 5, 1, 4],
    "by:new is:unread": NEWEST_FIRST,
    "by:any is:starred": [1, 4],
    "by:any is:starred is:read": [4],  # kim starred 1, and Lee reads it: not one and the same person
    "by:any is:starred -is:read": [1],
    "by:any is:reading": [1],
    "by:kim by:박 is:starred": [1],
    "by:kim by:Lee is:starred": [],
    "by:Lee is:starred OR by:kim is:starred": [1, 4],
    "(by:Lee is:starred) is:reading": [4],  # the user's own status
    "(by:any is:starred) -is:reading": [1],
    "-(by:any is:starred)": [3, 5, 2],
    "by:kim tag:to-present": [2],
    "by:kim tag:rl": [],  # a digest's tag
    "by:any tag:rl": [1],
    "by:kim -tag:to-present is:read": [],
    "by:kim note:penalty": [1],
    "by:kim note:pena": [1],
    'by:kim note:"kl penalty"': [1],
    'by:kim note:"penalty kl"': [],
    "by:kim note:kl-penalty": [1],
    "by:kim note:강화학습": [1],
    "by:kim note:penalti": [],  # no correction: what others wrote is not in the vocabulary
    "by:kim note:!?": [],
    "by:kim has:note": [1],
    "by:kim -has:note": [3, 5, 2, 4],
    "by:kim has:abstract": [2],
    "by:kim noted:2025": [1],
    "by:kim read:2026": [2],
    "by:kim read:2025": [],
    "by:kim -read:2026": [3, 5, 1, 4],
    "by:any starred:2026-01": [1, 4],
    "by:any starred:2025": [1],
    "by:kim starred:2000..": [1],
    "by:any is:starred model": [4],
    "by:any (is:starred OR diffusion)": [5, 1, 4],
    "by:any is:starred scailng": [],
    "by:kim is:later": [],
}


@pytest.mark.parametrize(("text", "ids"), QUERIES.items())
def test_a_query_finds_what_that_person_marked(index: IndexFile, text: str, ids: list[int]) -> None:
    assert search_ids(index, text) == ids


@pytest.mark.parametrize("text", QUERIES)
def test_a_query_is_formatted_as_one_that_finds_the_same(index: IndexFile, text: str) -> None:
    assert search_ids(index, format_term(parse(text, TODAY))) == search_ids(index, text)


def test_the_marks_of_the_user_are_not_those_of_others(index: IndexFile) -> None:
    assert search_ids(index, "is:starred") == [4]
    assert search_ids(index, "penalty") == [2]
    assert search_ids(index, "tag:to-present") == []


def test_a_tag_that_the_user_renamed_is_found_by_both_names(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index.sqlite")
    definitions = UserDefinitions(aliases={"rl": TagAlias("rl", "Reinforcement", NOON)})
    writer.build(index.path, IndexContents(ENTRIES, definitions=definitions, people=PEOPLE), NO_STORE)
    for tag in ("rl", "reinforcement", "reward"):
        assert search_ids(index, f"by:any tag:{tag}") == [1], tag


def test_nested_groups_as_deep_as_a_query_may_be_are_found(index: IndexFile) -> None:
    text = "is:read"
    for _ in range(MAX_DEPTH // 2):
        text = f"(by:kim is:read (is:starred OR {text}))"
    assert search_ids(index, text) == [2]
    negated = "is:read"
    for _ in range(MAX_DEPTH // 2):
        negated = f"-(by:any is:starred {negated})"
    search_ids(index, negated)


def names() -> list[str]:
    return list(PEOPLE)


@pytest.mark.parametrize(("typed", "name"), [("KIM", "kim"), ("lee", "Lee"), ("박", "박"), ("ANY", ANYONE)])
def test_names_are_recognized_in_any_case(typed: str, name: str) -> None:
    assert parse(f"by:{typed}", TODAY, people=names) == ByPerson(name, And())


@pytest.mark.parametrize("text", ["by:lisa", "grpo by:lisa is:read", "is:read OR (by:lisa)"])
def test_an_unknown_name_is_an_error_that_names_the_persons(text: str) -> None:
    with pytest.raises(QueryError) as error:
        parse(text, TODAY, people=names)
    assert str(error.value) == "nobody else in the lab has the name lisa; use one of kim, Lee, 박, new, any"
    assert text[error.value.column :].startswith("lisa")


@pytest.mark.parametrize("name", ["kim", "any"])
def test_without_a_lab_a_name_is_an_error_that_says_how_to_join_one(name: str) -> None:
    message = (
        f"nobody else shares marks with this library: by:{name}; about labs: readlist help sync;"
        f" for an author: author:{name}"
    )
    with pytest.raises(QueryError, match=rf"^{message}$"):
        parse(f"by:{name}", TODAY, people=tuple)


def test_votes_count_every_person_who_starred_a_paper_the_user_included(index: IndexFile) -> None:
    order = Order("votes")
    assert search_ids(index, "", order=order) == [1, 4, 3, 5, 2]
    assert search_ids(index, "by:any is:starred", order=order) == [1, 4]
    votes = {entry.paper.id: entry.votes for entry in index.read(get_entries, [1, 2, 3, 4, 5])}
    assert votes == {1: 2, 2: 0, 3: 0, 4: 2, 5: 0}


def test_papers_without_votes_come_last_in_both_directions(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index.sqlite")
    people = {**PEOPLE, "최": {"key-5": Mark("key-5", starred=True), "key-1": Mark("key-1", starred=True)}}
    writer.build(index.path, IndexContents(ENTRIES, people=people), NO_STORE)
    assert search_ids(index, "", order=Order("votes")) == [1, 4, 5, 3, 2]
    assert search_ids(index, "", order=Order("votes", is_reversed=True)) == [5, 4, 1, 3, 2]


def test_an_entry_has_the_marks_of_others_by_their_names(index: IndexFile) -> None:
    (first, fifth) = index.read(get_entries, [1, 5])
    assert first.others == tuple(PersonMark(person, PEOPLE[person]["key-1"]) for person in ("Lee", "kim", "박"))
    assert fifth == ENTRIES[4]
    assert index.read(get_people) == ["Lee", "kim", "new", "박"]


def test_names_are_completed_with_how_many_papers_they_marked(index: IndexFile) -> None:
    everyone = [
        ("Lee", "3 papers"),
        ("kim", "2 papers"),
        ("new", "0 papers"),
        ("박", "1 paper"),
        ("any", "any of them"),
    ]
    assert index.read(complete, "person", "", "") == everyone
    assert index.read(complete, "person", "l", "") == [("lee", "3 papers")]
    assert index.read(complete, "person", "an", "") == [("any", "any of them")]


# The index


def updated(index: IndexFile, people: People) -> None:
    before, after = ("", "", "1"), ("", "", "2")
    writer.build(index.path, IndexContents(ENTRIES, people=PEOPLE), before)
    writer.update(index.path, IndexContents(people=people), before, after)


@pytest.mark.parametrize("people", [{}, PEOPLE, {"kim": {"key-5": Mark("key-5", starred=True, tags_added=("x",))}}])
def test_an_update_gives_what_a_rebuild_gives(index: IndexFile, tmp_path: Path, people: People) -> None:
    updated(index, people)
    rebuilt = tmp_path / "rebuilt.sqlite"
    writer.build(rebuilt, IndexContents(ENTRIES, people=people), ("", "", "2"))
    assert contents(index.path) == contents(rebuilt)
    assert index.is_current(("", "", "2"))


def test_an_update_of_papers_leaves_the_marks_of_others_alone(index: IndexFile) -> None:
    index.update([Entry(ENTRIES[0].paper, Mark("key-1", starred=True), ())], NO_STORE, ("x", "", ""))
    assert search_ids(index, "by:kim") == [1, 2]
    (first,) = index.read(get_entries, [1])
    assert first.votes == 3


def test_an_index_of_others_marks_alone_keeps_them_when_the_first_papers_are_added(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index.sqlite")
    writer.build(index.path, IndexContents(people=PEOPLE), NO_STORE)
    index.update(ENTRIES, NO_STORE, ("x", "", ""))
    assert search_ids(index, "by:kim") == [1, 2]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM people WHERE name = 'new'",
        "UPDATE others SET starred = 0",
        "INSERT INTO others_tags VALUES ('key-1', 'kim', 'x')",
    ],
)
def test_the_check_of_the_index_finds_wrong_marks_of_others(index: IndexFile, statement: str) -> None:
    expected = IndexContents(ENTRIES, Provenance(), people=PEOPLE)
    assert integrity_error(index.path, expected) == ""

    with contextlib.closing(sqlite3.connect(index.path, isolation_level=None)) as connection:
        connection.execute(statement)
    assert integrity_error(index.path, expected) == "its marks of other persons differ from the store"


# A model of the conditions


TERMS = (
    "is:unread",
    "is:read",
    "is:starred",
    "has:note",
    "tag:rl",
    "note:tides",
    "read:2025",
    "starred:2026",
    "id:1-2",
)
NAMES = st.sampled_from(["by:kim", "by:lee", "by:any"])
LITERALS = st.builds("{}{}".format, st.sampled_from(["", "-"]), st.sampled_from(TERMS) | NAMES)
GROUPS = st.recursive(
    st.builds("({} {})".format, NAMES, LITERALS) | LITERALS,
    lambda parts: st.one_of(
        parts.map("NOT ({})".format),
        st.lists(parts, min_size=1, max_size=4).map(lambda group: f"({' '.join(group)})"),
        st.builds("({} OR {})".format, parts, parts),
    ),
    max_leaves=6,
)
TIMES = (None, NOON, JANUARY)


def random_mark(rng: random.Random, key: str) -> Mark:
    status = rng.choice([Status.UNREAD, Status.READ])
    note, tags = rng.choice(["", "On tides"]), rng.choice([(), ("RL",)])
    return Mark(key, status, rng.choice(TIMES), rng.random() < 0.5, rng.choice(TIMES), tags_added=tags, note=note)


def has_any(mark: Mark) -> bool:
    return mark.status is not Status.UNREAD or mark.starred or bool(mark.note or mark.tags_added)


def satisfies(query: Query, id_: int, people: People, mark: Mark | None = None) -> bool:  # noqa: PLR0911 -- cases
    """Return whether a paper, of which the user has no mark, matches; `mark` is that of the person of the ByPerson."""
    match query:
        case And(parts):
            return all(satisfies(part, id_, people, mark) for part in parts)
        case Or(parts):
            return any(satisfies(part, id_, people, mark) for part in parts)
        case Not(part):
            return not satisfies(part, id_, people, mark)
        case ByPerson(person, terms):
            marks = [given.get(f"key-{id_}", Mark("")) for name, given in people.items() if person in {name, ANYONE}]
            return any(has_any(one) if terms == And() else satisfies(terms, id_, people, one) for one in marks)
        case FieldEquals("by", person):
            return satisfies(ByPerson(person, And()), id_, people)
        case FieldEquals("id", _):
            return id_ in {1, 2}
        case OfPerson(term):
            return satisfies_term(term, mark or Mark(""))
    return satisfies_term(query, Mark(""))


def satisfies_term(term: Query, mark: Mark) -> bool:
    match term:
        case FieldEquals("is", "starred"):
            return mark.starred
        case FieldEquals("is", status):
            return mark.status.value == status
        case FieldEquals("has", _) | Text():
            return bool(mark.note)
        case FieldEquals("tag", _):
            return bool(mark.tags_added)
        case DateRange("read", _, _):
            return mark.status is Status.READ and mark.status_at == NOON
        case DateRange("starred", _, _):
            return mark.starred and mark.starred_at == JANUARY
    raise AssertionError(term)


@given(GROUPS, st.integers(0, 10_000))
def test_any_query_finds_what_a_model_of_it_finds(text: str, seed: int) -> None:
    rng = random.Random(seed)
    ids = range(1, 5)
    people = {
        name: {f"key-{id_}": random_mark(rng, f"key-{id_}") for id_ in ids if rng.random() < 0.7}
        for name in ("kim", "lee", "new")
    }
    papers = [entry(id_, "On Tides") for id_ in ids]
    query = parse(text, TODAY)
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        with filling(connection):
            insert_contents(connection, IndexContents(papers, people=people))
        found = {hit.entry.paper.id for hit in find(connection, query, limit=None).hits}
    assert found == {id_ for id_ in ids if satisfies(query, id_, people)}
