"""What other machines write: nothing enters uncleaned, nothing valid is changed, and the store accepts the rest."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.store.records import record_error
from readlist.sync import definitions, incoming, marks
from readlist.sync.marks import MarkRegisters
from readlist.sync.papers import shared_paper
from readlist.sync.registers import MAX_VERSION, is_time
from readlist.text import clean, clean_lines
from tests.sync.register_strategies import NOW, mark_registers, times

_texts = st.text(max_size=6) | st.sampled_from(
    [
        *("", "a", "한국어", "각", "a  b", " a", "\x1b[31m", "a\u202eb", "a\u200db", "\u200d", "a\nb", "x" * 70, "#a"),
        *("2025-02-11T08:00:00Z", "2025-02-30T08:00:00Z", "2025-02-11", "2025-W07-2T08:00:00Z", "9999-12-31T23:59:59Z"),
        *("http://a.example/b", "javascript:alert(1)", "https://me:pw@a.example/", "2502.06781", "10.1000/182", "+"),
        *("-", "read", "0123456789abcdef", "ko", "\ufeffa", "a\r\nb", "e\u0301", "ﷺ" * 300),
    ]
)
_numbers = st.sampled_from([0, 1, 2, -1, NOW, MAX_VERSION, MAX_VERSION + 1, 10**12, 10**13, 2**53, 2**63, True, False])
_values = st.recursive(
    st.none() | _numbers | _texts | st.just(1.5),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(_texts, values, max_size=3),
    max_leaves=12,
)
"""JSON values of any kind."""


def _mutate(draw: st.DrawFn, value: Any) -> Any:
    """Return a value of which one part, at any depth, is another JSON value."""
    if isinstance(value, (dict, list)) and value and draw(st.integers(0, 4)):
        changed = copy.copy(value)
        place: Any = draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
        changed[place] = _mutate(draw, value[place])
        return changed
    return draw(_values)


@st.composite
def _foreign_marks(draw: st.DrawFn) -> Any:
    value: Any = draw(mark_registers())
    for _ in range(draw(st.integers(1, 3))):
        value = _mutate(draw, value)
    return value


@pytest.mark.heavy
@given(mark_registers())
def test_a_mark_that_this_version_writes_passes_unchanged(registers: MarkRegisters) -> None:
    checked, damaged = incoming.check_mark(registers)

    assert (checked, damaged) == (registers, 0)
    assert checked is registers


@pytest.mark.heavy
@given(_foreign_marks(), mark_registers())
def test_whatever_mark_comes_in_the_store_accepts_it_and_checking_it_again_changes_nothing(
    value: Any, here: MarkRegisters
) -> None:
    checked, _ = incoming.check_mark(value)

    assert incoming.check_mark(checked) == (checked, 0)
    joined = marks.join_marks(checked, here)
    record = marks.project_mark(joined)
    assert not record_error("marks", "a-5d589f", record)
    assert marks.observe_mark(record, joined, NOW) is joined


@pytest.mark.heavy
@given(_foreign_marks(), mark_registers())
def test_changes_here_prevail_over_whatever_mark_came_in(value: Any, here: MarkRegisters) -> None:
    record = marks.project_mark(here)

    observed = marks.observe_mark(record, incoming.check_mark(value)[0], NOW)

    assert marks.project_mark(observed) == record
    assert incoming.check_mark(observed) == (observed, 0)


@pytest.mark.parametrize(
    ("field", "register"),
    [
        ("status", [1, "done", None]),
        ("status", [1, "read"]),
        ("status", [1, ["read"], None]),
        ("status", "rea"),
        ("status", [10**18, "read", None]),
        ("status", [-1, "read", None]),
        ("status", [True, "read", None]),
        ("status", [1, "read", "2025-02-11T08:00:00"]),  # no offset
        ("status", [1, "read", "2025-02-30T08:00:00Z"]),
        ("status", [1, "read", "9999-12-31T23:59:59Z"]),
        ("status", [1, "read", "2025-02-11T08:00:00Z" + " " * 10**6]),
        ("starred", [1, 1, None]),
        ("later", [1, True, None]),
        ("later", [1, 10**13, None]),
        ("later", [1, "2025-02-30", None]),
        ("later", [1, "9999-01-01", None]),
        ("tags", {"a": [1, "+", "\x1b[31m"]}),
        ("tags", {"a": [1, "+", "b"]}),
        ("tags", {"a": [1, "?", "a"]}),
        ("tags", {"": [1, "", ""]}),
        ("tags", {"a": [1, "", "a"]}),
        ("tags", [["a", 1]]),
        ("note", {"x": [1, 1, [1], "a"]}),
        ("note", {"0123456789abcdef": [1, 1, [], "a"]}),
        ("note", {"0123456789abcdef": [1, 1, [2**60], "a"]}),
        ("note", {"0123456789abcdef": [1, 1, [1] * 201, "a"]}),
        ("note", {"0123456789abcdef": [1, True, [1], "a"]}),
        ("note", {"0123456789abcdef": [1, 1, [1], "a" * 100_001]}),
        ("note", {"0123456789abcdef": [1, 0, [], "a"]}),
        ("secret", [1, "x", None]),
    ],
)
def test_a_register_that_is_not_of_its_kind_is_left_out_and_counted(field: str, register: Any) -> None:
    value = {"note_at": [1, "2025-02-11T08:00:00Z"], field: register}

    assert incoming.check_mark(value) == ({"note_at": [1, "2025-02-11T08:00:00Z"]}, 1)


def test_of_a_note_with_a_damaged_paragraph_the_others_stay() -> None:
    valid = {"0123456789abcdef": [1, 1, [1], "a"]}

    assert incoming.check_mark({"note": valid | {"x": [1, 1, [2], "b"]}}) == ({"note": valid}, 1)


@pytest.mark.parametrize("value", [None, [], "read", 1])
def test_what_is_no_mark_is_damaged(value: Any) -> None:
    assert incoming.check_mark(value) == ({}, 1)


def test_the_note_of_another_machine_stays_as_it_was_written() -> None:
    text = "\x1b[1mBold\x1b[0m\n\n  e\u0301 \n\n\n\u200b한국어"
    registers = marks.observe_mark({"note": text}, None, NOW)

    assert marks.project_mark(incoming.check_mark(registers)[0]) == {"note": text}


@pytest.mark.parametrize("key", ["fp4-all-the-way-5d589f", "사전학습-5d589f", "a", "Überblick-5d589f", "a.b_c"])
def test_a_key_of_a_library_is_a_key(key: str) -> None:
    assert incoming.check_key(key)


@pytest.mark.parametrize("key", ["", "a b", "a\n", "a/b", 'a"b', "a\\b", "\x1b[31m", "a\u202eb", "a\u200bb", "x" * 101])
def test_what_could_mislead_in_a_key_is_none(key: str) -> None:
    assert not incoming.check_key(key)


# Definitions and pairs


@given(
    st.sampled_from(sorted(definitions.TABLES)), _texts, _values | st.tuples(_numbers, _texts, _texts, times).map(list)
)
def test_whatever_definition_comes_in_the_store_accepts_it(table: str, name: str, value: Any) -> None:
    register = incoming.check_definition(table, name, value)

    if register is not None:
        assert incoming.check_definition(table, name, register) is value
        projected = definitions.project_definitions({table: {name: register}})[table]
        assert not any(record_error(table, one, record) for one, record in projected.items())
        assert definitions.observe_definitions({table: projected}, {table: {name: register}}, NOW) == {
            table: {name: register}
        }


_AT = "2025-02-11T08:00:00Z"


@pytest.mark.parametrize(
    ("table", "name", "register"),
    [
        ("queries", "fresh", [1, "is:unread date:7d", "-date", _AT]),
        ("queries", "강화학습", [1, None, "", None]),
        ("aliases", "rl", [1, "강화학습", _AT]),
        ("aliases", "rl", [1, None, None]),
        ("synonyms", "rl", [1, ["RL", "강화학습"], _AT]),
        ("synonyms", "rl", [1, None, None]),
        ("sources", "https://a.example/feed", [1, ""]),
        ("sources", "https://a.example/feed", [1, "tag:rl"]),
        ("sources", "https://a.example/feed", [1, None]),
    ],
)
def test_a_valid_definition_passes(table: str, name: str, register: Any) -> None:
    assert incoming.check_definition(table, name, register) == register


@pytest.mark.parametrize(
    ("table", "name", "register"),
    [
        ("queries", "fresh", [1, "is:unread", "", None]),
        ("queries", "fresh", [1, "\x1b[31m", "", _AT]),
        ("queries", "fresh", [1, "", "", _AT]),
        ("queries", "fresh", [1, "x" * 1001, "", _AT]),
        ("queries", "fresh", [1, "is:unread", None, _AT]),
        ("queries", "Fresh", [1, "is:unread", "", _AT]),
        ("queries", "today", [1, "is:unread", "", _AT]),
        ("queries", "two words", [1, "is:unread", "", _AT]),
        ("queries", "fresh", [MAX_VERSION + 1, "is:unread", "", _AT]),
        ("aliases", "RL", [1, "rl", _AT]),
        ("aliases", "rl", [1, "two words", _AT]),
        ("aliases", "rl", [1, "a\u202eb", _AT]),
        ("synonyms", "rl", [1, ["rl"], _AT]),
        ("synonyms", "rl", [1, ["rl", "RL"], _AT]),
        ("synonyms", "x", [1, ["rl", "y"], _AT]),
        ("synonyms", "rl", [1, ["rl", "-"], _AT]),
        ("synonyms", "rl", [1, ["rl", *map(str, range(20))], _AT]),
        ("sources", "/etc/passwd", [1, ""]),
        ("sources", "file:///etc/passwd", [1, ""]),
        ("sources", "https://me:pw@a.example/", [1, ""]),
        ("sources", "https://a.example/feed", [1, "\x1b"]),
        ("documents", "https://a.example/feed", [1, ""]),
    ],
)
def test_an_invalid_definition_is_left_out(table: str, name: str, register: Any) -> None:
    assert incoming.check_definition(table, name, register) is None


def test_a_pair_is_two_keys_in_their_order() -> None:
    assert incoming.check_pair("a-5d589f b-5d589f", [1, True]) == [1, True]
    for text in ("b a", "a a", "a", "a b c", "a \x1bb", ""):
        assert incoming.check_pair(text, [1, True]) is None
    for value in ([1, 1], [1], [-1, True], None, "xy"):
        assert incoming.check_pair("a b", value) is None


# Papers


@st.composite
def _foreign_papers(draw: st.DrawFn) -> Any:
    value: Any = {
        "title": draw(_texts),
        "authors": draw(st.lists(_texts, max_size=3)),
        "abstract": draw(_texts),
        "comments": {"ko": draw(_texts)},
        "tags": draw(st.lists(_texts, max_size=3)),
        "links": draw(st.lists(_texts, max_size=3)),
        "arxiv_id": draw(_texts),
        "doi": draw(_texts),
        "url": draw(_texts),
        "digests": [{"date": draw(_texts), "source": draw(_texts), "hashes": [draw(_texts)], "comments": {"en": "a"}}],
        "loaded_at": draw(times),
        "id": draw(_numbers),
        "corrections": {"title": [1, draw(_texts), draw(times)], "date": [1, draw(_texts), draw(times)]},
        "deleted": [1, draw(times)],
    }
    for _ in range(draw(st.integers(0, 2))):
        value = _mutate(draw, value)
    return value


def _project(paper: dict[str, Any]) -> dict[str, Any]:
    """The record of a paper that is new here."""
    record = {name: value for name, value in paper.items() if name not in ("id", "corrections", "deleted")}
    for name, (_, value, at) in paper.get("corrections", {}).items():
        if value is not None:
            record.setdefault("corrections", {})[name] = {"value": value, "at": at}
    if at := paper.get("deleted", [0, None])[1]:
        record["deleted_at"] = at
    return {"key": "a-5d589f"} | record


@pytest.mark.heavy
@given(_foreign_papers())
def test_whatever_paper_comes_in_the_store_accepts_it_and_cleaning_it_again_changes_nothing(value: Any) -> None:
    paper = incoming.check_paper(value)

    if paper is not None:
        assert incoming.check_paper(paper) == paper
        record = _project(paper)
        assert not record_error("papers", "1", record)
        lines = [paper["title"], *paper.get("authors", ()), *paper.get("tags", ()), *paper.get("links", ())]
        assert all(clean(line) == line != "" for line in lines)
        assert all(
            clean_lines(text) == text for text in [paper.get("abstract", ""), *paper.get("comments", {}).values()]
        )
        assert all(link.lower().startswith("http") for link in paper.get("links", ()))


def test_a_paper_of_a_library_passes_unchanged() -> None:
    paper = {
        "id": 12,
        "title": "FP4 All the Way",
        "digests": [
            {"date": "2025-05-27", "source": "250527.txt", "hashes": ["9f2c51d07be4a836"], "comments": {"ko": "좋다"}}
        ],
        "authors": ["Brian Chmiel", "이순신"],
        "abstract": "One.\n\nTwo.",
        "comments": {"ko": "요약", "en": "A summary"},
        "tags": ["quantization", "object detection"],
        "links": ["https://github.com/x/y"],
        "arxiv_id": "2505.19115",
        "doi": "10.1002/(sici)17:15<1661::aid-sim968>3.0.co;2-2",
        "url": "https://arxiv.org/abs/2505.19115",
        "loaded_at": "2025-05-27T08:00:00Z",
        "corrections": {
            "authors": [3, ["B. Chmiel"], "2025-05-28T08:00:00Z"],
            "url": [4, None, None],
            "date": [4, "", _AT],
        },
        "deleted": [5, None],
    }

    checked = incoming.check_paper(paper)

    assert checked is not None
    assert list(checked.items()) == list(paper.items())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("links", ["javascript:alert(1)"]),
        ("url", "file:///etc/passwd"),
        ("url", "https://a.example/" + "x" * 2048),
        ("arxiv_id", "../../etc"),
        ("doi", "10.48550/arxiv.2502.06781"),
        ("loaded_at", "yesterday"),
        ("id", 10**12),
        ("id", 0),
        ("id", True),
        ("corrections", {"title": [1, "", _AT]}),
        ("corrections", {"title": [1, ["a"], _AT]}),
        ("corrections", {"authors": [1, "a", _AT]}),
        ("corrections", {"key": [1, "a", _AT]}),
        ("corrections", {"url": [1, "javascript:alert(1)", _AT]}),
        ("corrections", {"date": [1, "2025-02-30", _AT]}),
        ("corrections", {"title": [1, "a", None]}),
        ("deleted", [1, "yesterday"]),
        ("comments", {"../": "a"}),
        ("key", "other-5d589f"),
        ("merged", [{"id": 1}]),
        ("slug", "x"),
        ("deleted_at", _AT),
    ],
)
def test_an_invalid_field_of_a_paper_is_left_out(field: str, value: Any) -> None:
    paper = {"title": "FP4", "digests": []}

    assert incoming.check_paper(paper | {field: value}) == paper


@given(st.text(st.sampled_from("ab 가\n\t\r\x1b\u200d\u0301")) | _texts)
def test_an_abstract_is_cleaned_as_a_loader_cleans_it(text: str) -> None:
    paper = incoming.check_paper({"title": "FP4", "abstract": text})

    assert paper is not None
    assert paper.get("abstract", "") == clean_lines(text)


def test_texts_of_a_paper_are_cleaned_and_cut_as_those_of_a_digest() -> None:
    paper = incoming.check_paper(
        {"title": " FP4\x1b[31m  All\u202e ", "abstract": "a\x07\r\n\r\n\r\nb", "authors": ["x" * 300, 1]}
    )

    assert paper == {"digests": [], "title": "FP4[31m All", "abstract": "a\n\nb", "authors": ["x" * 200]}


@pytest.mark.parametrize("record", [None, [], {}, {"title": ""}, {"title": "\u200d"}, {"title": 1, "digests": []}])
def test_what_has_no_title_is_no_paper(record: Any) -> None:
    assert incoming.check_paper(record) is None


@given(times | _texts)
def test_a_time_is_one_that_the_store_accepts(text: str) -> None:
    assert is_time(text) == (not record_error("marks", "a", {"status_at": text}))


def test_what_other_machines_reject_of_a_paper_is_not_stated() -> None:
    record = {
        "key": "a-5d589f",
        "title": "FP4 " * 200,
        "links": ["ftp://a.example/"],
        "digests": [],
        "tags": ["b", "a"],
    }

    paper = shared_paper("12", record, None, NOW)

    assert incoming.check_paper(paper) == paper
    assert paper == {"id": 12, "title": ("FP4 " * 125).strip(), "digests": [], "tags": ["a", "b"]}
