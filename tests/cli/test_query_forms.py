"""Every form of the query language finds the same papers in every command that takes a query.

The papers are the seeds, 1 to 8 of Tuesday 2025-02-11 and 9 to 13 of Tuesday 2025-05-27, and two that were added by
hand, 14 with an arXiv ID and 15 with a DOI. It is Wednesday, 2025-05-28, in Seoul.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine

from readlist.cli.context import find_directories
from readlist.cli.options.items import select_papers
from readlist.library.library import Library
from tests.conftest import Run

FEBRUARY, MAY, BY_HAND, NONE = list(range(1, 9)), list(range(9, 14)), [14, 15], list[int]()
DIGESTS = FEBRUARY + MAY
ALL = DIGESTS + BY_HAND
MARKS = (
    ("add", "2412.00001", "--title", "On tides", "--date", "2024-12-30"),
    ("add", "10.1000/182", "--title", "On ebb", "--date", "2024-12-31"),
    ("read", "12", "--on", "yesterday"),
    ("read", "4", "--on", "2025-02-12"),
    ("reading", "3"),
    ("skip", "11"),
    ("star", "9", "12"),
    ("star", "2", "--on", "2025-04-30"),
    ("note", "9", "compare with OREAL"),
    ("tag", "5", "--add", "to-teach"),
    ("later", "8"),
    ("later", "7", "2025-06-03"),
    ("query", "save", "fresh", "is:unread date:7d"),
)
FORMS: dict[str, dict[str, list[int]]] = {
    "words": {
        "grpo": [9, 13],
        '"negative gradient"': [13],
        "puzzle OR fp4": [11, 12],
        "puzzle fp4": NONE,
        "grpo -gradient": [9],
        "grpo NOT gradient": [9],
        "(puzzle OR fp4) synthetic": [11],
        "추론": [9, 11],
        "@fresh": [9, 10, 13],
        "@fresh tag:rl grpo": [9, 13],
        "2412.00001": [14],
        "https://doi.org/10.1000/182": [15],
        "GRPO: gradient": [13],
    },
    "fields": {
        "title:scaling": [5, 6, 11],
        "author:levine": [9],
        'author:"chmiel brian"': [12],
        "abstract:quantization": [12],
        "comment:분석": [13],
        "comment:mxfp4": [12],
        "note:oreal": [9],
        "tag:RL": [1, 2, 9, 10, 11, 13],
        "tag:rl -title:scaling": [1, 2, 9, 10, 13],
        "tag:To_Teach": [5],
        "id:12": [12],
        "id:3-5": [3, 4, 5],
        "key:fp4-all-the-way-fully-quantized-training-of-llms-5d589f": [12],
        "arxiv:2412.00001v2": [14],
        "doi:10.1000/182": [15],
        "url:github.com": [1, 2, 7, 9, 12],
        "source:003": MAY,
    },
    "states": {
        "is:unread": [1, 2, 5, 6, 7, 8, 9, 10, 13, 14, 15],
        "is:reading": [3],
        "is:read": [4, 12],
        "is:skipped": [11],
        "is:starred": [2, 9, 12],
        "is:later": [7, 8],
        "is:new": MAY,
        "@today grpo": [9, 13],
        "is:starred -is:read": [2, 9],
        "NOT is:unread": [3, 4, 11, 12],
        "has:note": [9],
        "has:abstract": DIGESTS,
        "has:comment": DIGESTS,
        "has:tag": DIGESTS,
        "has:arxiv": [14],
        "has:doi": [15],
    },
    "dates": {
        "date:2025": DIGESTS,
        "date:2024-12": BY_HAND,
        "date:2025-02-11": FEBRUARY,
        "date:today": NONE,
        "date:yesterday": MAY,
        "date:last": MAY,
        "date:7d": MAY,
        "date:2w": MAY,
        "date:3m": MAY,
        "date:1y": ALL,
        "date:tuesday": MAY,
        "date:Tue": MAY,
        "date:monday": NONE,
        "date:2025-01..2025-03": FEBRUARY,
        "date:2025-05..": MAY,
        "date:..2025-02": FEBRUARY + BY_HAND,
        "date:>2025-02": MAY,
        "date:>=2025-02": DIGESTS,
        "date:<2025-02": BY_HAND,
        "date:<=2025-02": FEBRUARY + BY_HAND,
        "date:1 day ago": MAY,
        "date:this week": MAY,
        "date:last week": NONE,
        "date:this month": MAY,
        'date:"last month"': NONE,
        "date:this year": DIGESTS,
        "date:last year": BY_HAND,
        "date:11 Feb 2025": FEBRUARY,
        "date:Feb 2025": FEBRUARY,
        "date:this week grpo": [9, 13],
    },
    "dates in Korean": {
        "date:2025년": DIGESTS,
        "date:2024년 12월": BY_HAND,
        "date:2025년 2월 11일": FEBRUARY,
        'date:"2025년 2월"': FEBRUARY,
        "date:2025년2월": FEBRUARY,
        "date:오늘": NONE,
        "date:어제": MAY,
        "date:그제": NONE,
        "date:화요일": MAY,
        "date:1일 전": MAY,
        "date:최근 7일": MAY,
        "date:이번주": MAY,
        "date:이번 주": MAY,
        "date:지난주": NONE,
        "date:이번달": MAY,
        "date:지난달": NONE,
        "date:올해": DIGESTS,
        "date:작년": BY_HAND,
        "date:지난달..어제": MAY,
        "date:2024년 12월..2025년 2월": FEBRUARY + BY_HAND,
        "date:>=이번달": MAY,
        "date:이번 주 추론": [9, 11],
    },
    "times of what one did": {
        "first:2025-02": FEBRUARY,
        "first:작년": BY_HAND,
        "loaded:today": ALL,
        "loaded:yesterday": NONE,
        "read:yesterday": [12],
        "read:2025-02": [4],
        "read:어제": [12],
        "starred:today": [9, 12],
        "starred:지난달": [2],
        "starred:2025-04..": [2, 9, 12],
        "noted:today": [9],
        "noted:<today": NONE,
        "later:7d": [7, 8],
        "later:어제": NONE,
    },
}


@pytest.fixture
def marked(run: Run, seeds: Path) -> Iterator[Run]:
    with time_machine.travel(dt.datetime(2025, 5, 28, 9, tzinfo=ZoneInfo("Asia/Seoul")), tick=False):
        run("load", seeds)
        for command in MARKS:
            assert run(*command).code == 0, command
        yield run


@pytest.mark.parametrize("group", FORMS)
def test_list_search_export_and_where_find_the_same_papers(marked: Run, group: str) -> None:
    library = Library(find_directories(os.environ["READLIST_HOME"]))
    for query, expected in FORMS[group].items():
        assert _list(marked, query) == expected, query
        found = marked("search", "--limit", "0", "--json", "--", query).json
        assert sorted(entry["id"] for entry in found if not entry["matched"] or entry["matched"]["all"]) == expected, (
            query
        )
        exported = marked("export", "--to", "json", "--", query).json
        assert sorted(entry["id"] for entry in exported) == expected, query
        selected = select_papers(library, None, query, yes=True)
        assert sorted(paper.id for paper in selected.papers) == expected, query
    marked("tag", "--where", query, "--add", "selected", "--yes")
    assert _list(marked, "tag:selected") == expected, query


def test_deleted_papers_are_found_alike(marked: Run) -> None:
    marked("delete", "9", "12")
    assert _list(marked, "is:deleted") == [9, 12]
    assert sorted(entry["id"] for entry in marked("search", "is:deleted", "--json").json) == [9, 12]
    assert sorted(entry["id"] for entry in marked("export", "is:deleted", "--to", "json").json) == [9, 12]
    assert marked("delete", "--restore", "--where", "is:deleted", "--yes").code == 0
    assert _list(marked, "is:deleted") == []


def _list(run: Run, query: str) -> list[int]:
    return sorted(entry["id"] for entry in run("list", "--limit", "0", "--json", "--", query).json)


HINT = 'Unclosed quote: the query is read as words; for a phrase, add a closing "\n'


@pytest.mark.parametrize("query", ['"reward model', 'reward "model', '(reward "model', '"reward" "model'])
def test_a_quote_that_is_not_closed_is_reported(loaded: Run, query: str) -> None:
    for command in ("search", "list", "stats", "tags", "today"):
        assert loaded(command, query).err.count(HINT) == 1, command
    assert loaded("star", "--where", query).err.startswith(HINT)


@pytest.mark.parametrize(
    "query",
    ['"reward model"', 'a "reward model" b', "it's", '5" disk', 'a 5"', '"', '""', 'title:"(" a', 'author:"levine " a'],
)
def test_a_quote_that_is_closed_or_part_of_a_word_is_not_reported(loaded: Run, query: str) -> None:
    assert HINT not in loaded("search", query).err


@pytest.mark.parametrize("query", ["★★", '"★★"', "note:★★", "is:unread note:★★"])
@pytest.mark.parametrize("command", ["search", "list", "export", "stats"])
def test_a_query_of_signs_says_that_they_are_not_searched(loaded: Run, command: str, query: str) -> None:
    loaded("note", "3", "★★")
    assert loaded(command, query).err == 'No papers match: "★★" has no letter or digit to search for\n'
    assert loaded(command, "has:note").err == ""
