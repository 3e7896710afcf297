"""The query language: every example of its docstring, its errors with their columns, and that any text may be typed."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import QueryError
from readlist.search.fields import FIELDS
from readlist.search.query import parser as language
from readlist.search.query.ast import And, DateRange, FieldEquals, Not, Or, Query, Text, all_of, any_of
from readlist.search.query.parser import parse
from readlist.search.query.terms import parse_term

TODAY = dt.date(2025, 6, 1)


def _unknown(name: str) -> str:
    """Return the message about a field that is near no known one."""
    return f'unknown field: {name}; the fields are {", ".join(FIELDS)}. To search for the words, write "{name}:…"'


EXAMPLES: list[tuple[str, Query]] = [
    ("grpo reasoning", And((Text("grpo"), Text("reasoning")))),
    ('"kl penalty"', Text("kl penalty", phrase=True)),
    ("grpo OR dpo", Or((Text("grpo"), Text("dpo")))),
    ("reasoning -distillation", And((Text("reasoning"), Not(Text("distillation"))))),
    ("NOT distillation", Not(Text("distillation"))),
    ("(grpo OR dpo) math", And((Or((Text("grpo"), Text("dpo"))), Text("math")))),
    ("pre-training", Text("pre-training")),
    ("title:scaling", Text("scaling", "title")),
    ('author:"sergey levine"', Text("sergey levine", "author")),
    ("tag:rl -tag:synthetic-data", And((FieldEquals("tag", "rl"), Not(FieldEquals("tag", "synthetic-data"))))),
    ("is:unread", FieldEquals("is", "unread")),
    ("has:note", FieldEquals("has", "note")),
    ("date:2025-05..", DateRange("date", dt.date(2025, 5, 1), None)),
    ("read:today", DateRange("read", TODAY, TODAY)),
    ("first:2025", DateRange("first", dt.date(2025, 1, 1), dt.date(2025, 12, 31))),
    ("id:12", FieldEquals("id", "12")),
    ("id:15-18", FieldEquals("id", "15-18")),
    ("c++", Text("c++")),
    ("don't", Text("don't")),
    ("foo-bar", Text("foo-bar")),
]


@pytest.mark.parametrize(("text", "query"), EXAMPLES)
def test_each_example_is_parsed_as_the_table_says(text: str, query: Query) -> None:
    assert parse(text, TODAY) == query


@pytest.mark.parametrize("text", [text for text, _ in EXAMPLES])
def test_each_example_is_in_the_docstring(text: str) -> None:
    mentioned = (language.__doc__ or "").replace("7d", "today").replace("  ", " ")
    assert all(word in mentioned for word in text.split())


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", And()),
        ("   ", And()),
        ("()", Text("()")),
        ("!?", Text("!?")),
        ("\0", Text("\0")),
        ("\udcff", Text("?")),
        ("a AND b", And((Text("a"), Text("b")))),
        ("a or b", And((Text("a"), Text("or"), Text("b")))),
        ("a b OR c", Or((And((Text("a"), Text("b"))), Text("c")))),
        ("NOT (a OR b)", Not(Or((Text("a"), Text("b"))))),
        ("-(a b)", Not(And((Text("a"), Text("b"))))),
        ('-"a b"', Not(Text("a b", phrase=True))),
        ("NOT -a", Not(Not(Text("a")))),
        ("- a", Text("a")),
        ("--a", Text("--a")),
        ('5" screens', And((Text("5"), Text("screens")))),
        ("f(x)", And((Text("f"), Text("x")))),
        ("tag:f(x)", FieldEquals("tag", "f(x)")),
        ("Enigmata: Scaling Logical", And((Text("Enigmata"), Text("Scaling"), Text("Logical")))),
        ("Title: a note", And((Text("Title"), Text("a"), Text("note")))),
        ('"foo:bar"', Text("foo:bar", phrase=True)),
        ("Foo:bar", And((Text("Foo"), Text("bar")))),
        ("foo: bar", And((Text("foo"), Text("bar")))),
        ("std::vector", And((Text("std"), Text("vector")))),
        ("Note: on tides", And((Text("Note"), Text("on"), Text("tides")))),
        ('grpo "kl', And((Text("grpo"), Text("kl")))),
        ("(a", Text("a")),
        ("a) b", And((Text("a"), Text("b")))),
        ("Tags:bar", And((Text("Tags"), Text("bar")))),
        ("xGen-MM (BLIP-3): A", And((Text("xGen-MM"), Text("BLIP-3"), Text("A")))),
        ("ANDROID ORB NOTE", And((Text("ANDROID"), Text("ORB"), Text("NOTE")))),
        ("tag:Object_Detection", FieldEquals("tag", "object-detection")),
        ("TAG:rl", FieldEquals("tag", "rl")),
        ("is:READ", FieldEquals("is", "read")),
        ("arXiv:2310.15389v2", FieldEquals("arxiv", "2310.15389")),
        ("2310.15389", Or((Text("2310.15389"), FieldEquals("arxiv", "2310.15389")))),
        (
            "https://arxiv.org/abs/2310.15389",
            Or((Text("2310.15389"), FieldEquals("arxiv", "2310.15389"))),
        ),
        ("http://x.y/z", Or((Text("x.y/z"), FieldEquals("url", "x.y/z")))),
    ],
)
def test_pasted_text_is_searched(text: str, query: Query) -> None:
    assert parse(text, TODAY) == query


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        (
            "grpo auther:levine",
            5,
            'unknown field: auther; did you mean author? To search for the words, write "auther:…"',
        ),
        ("tags:rl", 0, 'unknown field: tags; did you mean tag? To search for the words, write "tags:…"'),
        ("is:unred", 3, "unknown value for is: unred; did you mean unread?"),
        ("has:cheese", 4, "unknown value for has: cheese; use one of note, abstract, comment, tag, arxiv, doi, url"),
        (
            "foo:bar",
            0,
            f'unknown field: foo; the fields are {", ".join(FIELDS)}. To search for the words, write "foo:…"',
        ),
        ("added:2025", 0, 'unknown field: added; did you mean first? To search for the words, write "added:…"'),
        ("status:unread", 0, _unknown("status")),
        ("sort:date", 0, _unknown("sort")),
        ("due:today", 0, _unknown("due")),
        ("태그:rl", 0, _unknown("태그")),
        ("title:", 0, "no value after title:; write title:VALUE without a space"),
        ("grpo tag: rl", 5, "no value after tag:; write tag:VALUE without a space"),
        ('title:""', 6, "no value after title:"),
        ('grpo -"kl', 6, 'unclosed quote; add a closing "'),
        ('title:"kl', 6, 'unclosed quote; add a closing "'),
        ("(a OR b", 0, 'unmatched "("; close it with ")" or put the text in quotes'),
        ("a) tag:b", 1, 'unmatched ")"; remove it or put the text in quotes'),
        ("a AND", 2, "AND needs a word on both sides"),
        ("AND a", 0, "AND needs a word on both sides"),
        ("a OR", 2, "OR needs a word on both sides"),
        ("OR a", 0, "OR needs a word on both sides"),
        ("a AND OR b", 2, "AND needs a word on both sides"),
        ("a NOT", 2, "NOT needs a word after it"),
        ("id:x", 3, "invalid ID: x; use id:12 or id:15-18"),
        ("(" * 13 + "a" + ")" * 13, 12, "more than 12 nested parentheses or negations"),
    ],
)
def test_an_error_has_its_column_and_says_what_to_do(text: str, column: int, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text, TODAY)
    assert (str(caught.value), caught.value.query, caught.value.column) == (message, text, column)


@pytest.mark.parametrize(
    ("text", "first", "last", "word"),
    [
        ("date:2025년 12월", (2025, 12, 1), (2025, 12, 31), ""),
        ("date:2025년 12월 논문", (2025, 12, 1), (2025, 12, 31), "논문"),
        ("date:2025년 2월 3일..2025년 3월 4일 grpo", (2025, 2, 3), (2025, 3, 4), "grpo"),
        ("date:last week grpo", (2025, 5, 19), (2025, 5, 25), "grpo"),
        ("date:last monday", (2025, 5, 26), (2025, 5, 26), ""),
        ("date:지난주 월요일", (2025, 5, 19), (2025, 5, 19), ""),
        ("date:3 days ago", (2025, 5, 29), (2025, 5, 29), ""),
        ("date:11 Feb 2025 reward", (2025, 2, 11), (2025, 2, 11), "reward"),
        ("(date:이번 달)", (2025, 6, 1), (2025, 6, 30), ""),
        ("date:2025-05 11", (2025, 5, 1), (2025, 5, 31), "11"),
        ("date:today weekly", (2025, 6, 1), (2025, 6, 1), "weekly"),
        ("date:today 2.5d", (2025, 6, 1), (2025, 6, 1), "2.5d"),
    ],
)
def test_a_date_in_words_needs_no_quotes(
    text: str, first: tuple[int, int, int], last: tuple[int, int, int], word: str
) -> None:
    date = DateRange("date", dt.date(*first), dt.date(*last))
    assert parse(text, TODAY) == (And((date, Text(word))) if word else date)


def test_a_month_in_words_that_does_not_exist_is_an_error_and_no_year_with_a_word() -> None:
    with pytest.raises(QueryError, match="no such date: 2025년 13월"):
        parse("date:2025년 13월", TODAY)


def test_an_invalid_date_is_reported_at_its_column() -> None:
    with pytest.raises(QueryError, match="invalid date") as caught:
        parse("grpo date:soon", TODAY)
    assert caught.value.column == 10


def test_ten_kilobytes_of_text_are_cut_to_the_words_that_matter() -> None:
    query = parse("lorem ipsum " * 900, TODAY)
    assert isinstance(query, And)
    assert len(query.parts) == language.MAX_WORDS


@pytest.mark.parametrize(
    "text",
    ["x" * 100_001, "tag:a " * 1_001, "2502.06781 " * 1_001, "http://a.b " * 1_001, "NOT " * 13 + "a"],
    ids=["too long", "too many terms", "too many arXiv ids", "too many links", "too deep"],
)
def test_a_query_beyond_the_limits_is_an_error(text: str) -> None:
    with pytest.raises(QueryError):
        parse(text, TODAY)


def test_options_are_the_same_terms_for_any_value() -> None:
    assert parse_term("tag", "RL") == parse("tag:rl", TODAY)
    assert parse_term("author", 'a "b" c)') == Text('a "b" c)', "author")
    assert parse_term("tag", "\udcff") == FieldEquals("tag", "?")
    assert parse_term("date", "2025-05..", TODAY) == parse("date:2025-05..", TODAY)
    with pytest.raises(QueryError) as caught:
        parse_term("is", "unred")
    assert (caught.value.query, caught.value.column) == ("unred", 0)


def test_queries_are_combined_without_nesting() -> None:
    tag, read = parse_term("tag", "rl"), parse_term("is", "read")
    assert all_of([parse("grpo math", TODAY), tag]) == And((Text("grpo"), Text("math"), tag))
    assert all_of([]) == any_of([]) == And()
    assert all_of([tag]) == any_of([tag]) == tag
    assert any_of([tag, read]) == Or((tag, read))
    assert all_of([parse("", TODAY), read]) == read


@given(st.text(alphabet=st.one_of(st.sampled_from('()"-: ANDORT tagis1'), st.characters()), max_size=60))
def test_any_text_is_a_query_or_an_error_with_a_column_inside_it(text: str) -> None:
    try:
        hash(parse(text, TODAY))
        column = 0
    except QueryError as error:
        column = error.column
    assert 0 <= column <= len(text)


@given(st.text(alphabet=st.characters(categories=["L", "Nd", "Zs"]), max_size=60))
def test_letters_and_digits_are_never_an_error(text: str) -> None:
    if not {"AND", "OR", "NOT"} & set(text.split()):
        parse(text, TODAY)
