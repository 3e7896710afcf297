"""The daily papers of Hugging Face as its API returns them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import NoPaper
from readlist.loaders.base import ParseResult, Source
from readlist.loaders.daily_papers import DailyPapersLoader
from readlist.loaders.registry import load_bytes
from readlist.models import Appearance, Paper
from tests.loaders.test_json_feed import VALUES
from tests.loaders.web import messages

NAME = "huggingface.co/api/daily_papers"
PAPER: dict[str, Any] = {
    "id": "2502.06781",
    "authors": [
        {"_id": "67aab9b5", "name": "Ada Lovelace", "hidden": False},
        {
            "_id": "67aab9b6",
            "user": {"_id": "64", "fullname": "Zoë"},
            "name": "Zoë Čapek",
            "status": "claimed_verified",
        },
    ],
    "publishedAt": "2025-02-10T18:57:29.000Z",
    "submittedOnDailyAt": "2025-02-11T00:30:05.000Z",
    "submittedOnDailyBy": {"_id": "63", "fullname": "Alan Turing", "type": "user"},
    "title": "On Tides\n  of Learning",
    "summary": "Tides rise if $a<b$\nand fall.",
    "upvotes": 61,
    "discussionId": "67aab9b8",
    "ai_keywords": ["outcome reward"],
    "githubRepo": "https://github.com/ada/tides",
    "projectPage": "javascript:alert(1)",
}
ITEM: dict[str, Any] = {
    "paper": PAPER,
    "publishedAt": "2025-02-10T22:01:44.000Z",
    "title": "On Tides of Learning",
    "summary": "Tides rise if $a<b$ and fall.",
    "thumbnail": "https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/2502.06781.png",
    "numComments": 6,
    "submittedBy": {"_id": "63", "fullname": "Alan Turing"},
}


def parse(*items: object) -> ParseResult:
    source = Source(NAME, json.dumps(items))
    assert DailyPapersLoader().detect(source)
    return DailyPapersLoader().parse(source)


def test_a_paper_of_the_day_has_exact_fields() -> None:
    paper = Paper(
        title="On Tides of Learning",
        authors=("Ada Lovelace", "Zoë Čapek"),
        abstract="Tides rise if $a<b$ and fall.",
        links=("https://huggingface.co/papers/2502.06781", "https://github.com/ada/tides"),
        arxiv_id="2502.06781",
        url="https://arxiv.org/abs/2502.06781",
        digests=(Appearance(dt.date(2025, 2, 11), NAME),),
    )
    assert parse(ITEM) == ParseResult((paper,), ())


@pytest.mark.parametrize(
    ("item", "date"),
    [
        (ITEM, "2025-02-11"),
        (ITEM | {"paper": PAPER | {"submittedOnDailyAt": None}}, "2025-02-10"),
        ({"paper": PAPER | {"submittedOnDailyAt": "soon"}}, "None"),
    ],
)
def test_the_date_is_the_day_in_the_list_else_that_of_publication(item: object, date: str) -> None:
    assert str(parse(item).papers[0].date) == date


@pytest.mark.parametrize(
    "item", [None, 5, [], {}, {"paper": []}, {"paper": {"id": 2502.06781}}, {"paper": {"id": "x"}}]
)
def test_an_item_without_a_paper_is_counted(item: object) -> None:
    result = parse(ITEM, item, {"paper": {"id": "2502.00001"}})
    assert len(result.papers) == 1
    assert messages(result) == [f"{NAME}: entries without a paper: 2 of 3"]


def test_an_empty_list_is_no_error_where_it_is_a_list_of_daily_papers() -> None:
    assert load_bytes(b"[]", NAME) == ParseResult((), ())
    with pytest.raises(NoPaper):
        load_bytes(b"[]", "other.json")


@pytest.mark.parametrize(
    "text", ["[", '[{"paper": ', '[{"paper": 1}]', '[{"id": "2502.06781"}]', '{"paper": {}}', "[" * 9999]
)
def test_other_json_is_an_error(text: str) -> None:
    with pytest.raises(NoPaper):
        load_bytes(text.encode(), NAME)


@pytest.mark.heavy
def test_100000_papers_are_parsed_up_to_the_limit() -> None:
    result = parse(*[{"paper": {"id": "2502.06781", "title": "x"}}] * 100_000)
    assert len(result.papers) == 5_000
    assert messages(result) == [f"{NAME}: more than 5,000 papers; the rest is ignored"]


def test_fields_are_printable_and_within_the_limits() -> None:
    authors = [{"name": f"A\x1b[31m {number}"} for number in range(6_001)]
    result = parse({"paper": PAPER | {"title": "T\u202e" * 501, "authors": authors}})
    (paper,) = result.papers
    assert (paper.title, len(paper.authors), paper.authors[0]) == ("T" * 500, 6_000, "A[31m 0")
    assert messages(result) == [
        f"{NAME}: title truncated: 501 characters; the first 500 are kept",
        f"{NAME}: authors truncated: 6,001 authors; the first 6,000 are kept",
    ]


PAPERS = st.dictionaries(st.sampled_from(list(PAPER)), VALUES, max_size=4)


@given(st.lists(VALUES | st.fixed_dictionaries({"paper": PAPERS}), max_size=3))
def test_items_of_any_shape_are_parsed_without_an_exception(items: list[object]) -> None:
    assert parse(ITEM, *items).papers


@given(st.text())
def test_any_text_is_parsed_without_an_exception(text: str) -> None:
    source = Source(NAME, '[{"paper": ' + text)
    DailyPapersLoader().detect(source)
    DailyPapersLoader().parse(source)
