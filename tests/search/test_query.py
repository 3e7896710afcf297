"""The query language: every example of its docstring, its errors with their columns, and that any text may be typed."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import QueryError
from readlist.search.query import parser as language
from readlist.search.query.parser import All, Any, No, Query, Span, Text, Value, all_of, any_of, parse, term

TODAY = dt.date(2025, 6, 1)

EXAMPLES: list[tuple[str, Query]] = [
    ("grpo reasoning", All((Text("grpo"), Text("reasoning")))),
    ('"kl penalty"', Text("kl penalty", phrase=True)),
    ("grpo OR dpo", Any((Text("grpo"), Text("dpo")))),
    ("reasoning -distillation", All((Text("reasoning"), No(Text("distillation"))))),
    ("NOT distillation", No(Text("distillation"))),
    ("(grpo OR dpo) math", All((Any((Text("grpo"), Text("dpo"))), Text("math")))),
    ("pre-training", Text("pre-training")),
    ("title:scaling", Text("scaling", "title")),
    ('author:"sergey levine"', Text("sergey levine", "author")),
    ("tag:rl -tag:synthetic-data", All((Value("tag", "rl"), No(Value("tag", "synthetic-data"))))),
    ("is:unread", Value("is", "unread")),
    ("has:note", Value("has", "note")),
    ("date:2025-05..", Span("date", dt.date(2025, 5, 1), None)),
    ("read:today", Span("read", TODAY, TODAY)),
    ("added:2025", Span("added", dt.date(2025, 1, 1), dt.date(2025, 12, 31))),
    ("id:12", Value("id", "12")),
    ("id:15-18", Value("id", "15-18")),
    ("c++", Text("c++")),
    ("don't", Text("don't")),
    ("foo-bar", Text("foo-bar")),
]


@pytest.mark.parametrize(("text", "query"), EXAMPLES)
def test_each_example_means_what_the_table_says(text: str, query: Query) -> None:
    assert parse(text, TODAY) == query


@pytest.mark.parametrize("text", [text for text, _ in EXAMPLES])
def test_each_example_stands_in_the_docstring(text: str) -> None:
    mentioned = (language.__doc__ or "").replace("7d", "today").replace("  ", " ")
    assert all(word in mentioned for word in text.split())


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", All()),
        ("   ", All()),
        ("()", Text("()")),
        ("!?", Text("!?")),
        ("\0", Text("\0")),
        ("\udcff", Text("?")),
        ("a AND b", All((Text("a"), Text("b")))),
        ("a or b", All((Text("a"), Text("or"), Text("b")))),
        ("a b OR c", Any((All((Text("a"), Text("b"))), Text("c")))),
        ("NOT (a OR b)", No(Any((Text("a"), Text("b"))))),
        ("-(a b)", No(All((Text("a"), Text("b"))))),
        ('-"a b"', No(Text("a b", phrase=True))),
        ("NOT -a", No(No(Text("a")))),
        ("- a", Text("a")),
        ("--a", Text("--a")),
        ('5" screens', All((Text("5"), Text("screens")))),
        ("f(x)", All((Text("f"), Text("x")))),
        ("tag:f(x)", Value("tag", "f(x)")),
        ("Enigmata: Scaling Logical", All((Text("Enigmata"), Text("Scaling"), Text("Logical")))),
        ("Title: a note", All((Text("Title"), Text("a"), Text("note")))),
        ("foo:bar", All((Text("foo"), Text("bar")))),
        ("Tags:bar", All((Text("Tags"), Text("bar")))),
        ("xGen-MM (BLIP-3): A", All((Text("xGen-MM"), Text("BLIP-3"), Text("A")))),
        ("ANDROID ORB NOTE", All((Text("ANDROID"), Text("ORB"), Text("NOTE")))),
        ("tag:Object_Detection", Value("tag", "object-detection")),
        ("TAG:rl", Value("tag", "rl")),
        ("is:READ", Value("is", "read")),
        ("arXiv:2310.15389v2", Value("arxiv", "2310.15389")),
        ("2310.15389", Any((Text("2310.15389"), Value("arxiv", "2310.15389")))),
        (
            "https://arxiv.org/abs/2310.15389",
            Any((Text("2310.15389"), Value("arxiv", "2310.15389"))),
        ),
        ("http://x.y/z", Any((Text("x.y/z"), Value("url", "x.y/z")))),
    ],
)
def test_what_people_paste_is_searched(text: str, query: Query) -> None:
    assert parse(text, TODAY) == query


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("grpo auther:levine", 5, 'no such field: auther; did you mean author? To search for the words: "auther:…"'),
        ("tags:rl", 0, 'no such field: tags; did you mean tag? To search for the words: "tags:…"'),
        ("is:unred", 3, "no such is: unred; did you mean unread?"),
        ("has:cheese", 4, "no such has: cheese; write one of note, abstract, tag, arxiv, url"),
        ('grpo "kl', 5, "this quote is never closed"),
        ('title:"kl', 6, "this quote is never closed"),
        ("(a", 0, 'no ) closes this (; put it in quotes to search for it: "("'),
        ("a) b", 1, "no ( opens this )"),
        ("a AND", 2, "AND needs a word on both sides"),
        ("AND a", 0, "AND needs a word on both sides"),
        ("a OR", 2, "OR needs a word on both sides"),
        ("OR a", 0, "OR needs a word on both sides"),
        ("a AND OR b", 2, "AND needs a word on both sides"),
        ("a NOT", 2, "NOT needs a word after it"),
        ("id:x", 3, "not an id: x; write id:12 or id:15-18"),
        ("(" * 13 + "a" + ")" * 13, 12, "more than 12 parentheses inside each other"),
    ],
)
def test_an_error_knows_its_column_and_the_way_out(text: str, column: int, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text, TODAY)
    assert (str(caught.value), caught.value.query, caught.value.column) == (message, text, column)


def test_a_bad_date_is_shown_where_it_stands() -> None:
    with pytest.raises(QueryError, match="not a date") as caught:
        parse("grpo date:soon", TODAY)
    assert caught.value.column == 10


def test_ten_kilobytes_of_text_are_cut_to_the_words_that_matter() -> None:
    found = parse("lorem ipsum " * 900, TODAY)
    assert isinstance(found, All)
    assert len(found.parts) == language.MAX_WORDS


@pytest.mark.parametrize(
    "text",
    ["x" * 100_001, "tag:a " * 1_001, "2502.06781 " * 1_001, "http://a.b " * 1_001, "NOT " * 13 + "a"],
    ids=["too long", "too many terms", "too many arXiv ids", "too many links", "too deep"],
)
def test_what_is_out_of_all_proportion_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        parse(text, TODAY)


def test_options_are_the_same_terms_whatever_their_values_hold() -> None:
    assert term("tag", "RL") == parse("tag:rl", TODAY)
    assert term("author", 'a "b" c)') == Text('a "b" c)', "author")
    assert term("tag", "\udcff") == Value("tag", "?")
    assert term("date", "2025-05..", TODAY) == parse("date:2025-05..", TODAY)
    with pytest.raises(QueryError) as caught:
        term("is", "unred")
    assert (caught.value.query, caught.value.column) == ("unred", 0)


def test_queries_are_joined_without_nesting() -> None:
    tag, read = term("tag", "rl"), term("is", "read")
    assert all_of([parse("grpo math", TODAY), tag]) == All((Text("grpo"), Text("math"), tag))
    assert all_of([]) == any_of([]) == All()
    assert all_of([tag]) == any_of([tag]) == tag
    assert any_of([tag, read]) == Any((tag, read))
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
