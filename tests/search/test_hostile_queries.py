"""Any text may be searched: papers, nothing, or an error of ours with a caret under the column."""

from __future__ import annotations

import contextlib
import random
import time
from pathlib import Path

import pytest

from readlist.cli.context import find_directories
from readlist.cli.options.query import parse_query
from readlist.errors import QueryError
from readlist.library.library import Library
from tests.conftest import Run
from tests.hostile import titles

WORDS = [
    "c++", "c#", "don't", "foo-bar", "GRPO", "추론", "학슴", "quantizd", "AND", "OR", "NOT", "NEAR", "near(a b)", "-",
    "--",     "-a", "*", "a*", "^a", "a^2", '"', "'", '""', '"a b"', "(", ")", "()", ":", "::", "tag:", "tag:rl", "is:",
    "is:unread", "title:", "title:(a)", "rowid:1", "{a b}", "{title}:a", "+", "a+b",
    "\0", "\x1b[31m", "\udcff", "\u202e", "\u200b",
    "\u0301", "", " ", "\t", "\n", "%", "_", ";", "--;", "'; DROP TABLE papers; --", "date:2025", "date:..", "date:7d",
    "id:1", "id:1-9", "id:99999999999999999999", "arxiv:2502.06781", "http://a.b", "\\", "/", "/a/", "[a-z]+", "(?i)",
    "😀", "한", "ㅎ", "ㅏ", "é", "ß", "İ", "ﬁ", "x" * 300, "1e999", "٣",
    "κ", "NUL", "null", "true", "\ufffe", "\U0010ffff",
]  # fmt: skip
SECONDS = 2
PATIENCE = 4


def queries(count: int) -> list[str]:
    chance = random.Random(20250527)
    pool = WORDS + titles(90)
    made = list(pool)
    while len(made) < count:
        made.append(chance.choice(["", " ", " ", " "]).join(chance.choices(pool, k=chance.randint(1, 6))))
    return made[:count]


@pytest.mark.parametrize("number", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_random_queries_end_in_papers_or_in_our_own_error(loaded: Run, own_folders: Path, number: int) -> None:
    library = Library(find_directories(str(own_folders / "home")))
    found = refused = nothing = 0
    for query in queries(number):
        try:
            hits = library.find(parse_query(query), ranked=True)
        except QueryError as error:
            refused += 0 <= error.column <= len(query)
        else:
            found += bool(hits.total)
            nothing += not hits.total
    assert found + refused + nothing == number  # no column is outside of its query
    assert found > number // 20
    assert refused > number // 20


@pytest.mark.parametrize("query", [*WORDS[:30], "a AND", "(a", 'a "b', "is:unred", "date:soon", "a" * 90 + " is:x"])
def test_a_query_that_cannot_be_read_has_a_caret_below_it(loaded: Run, query: str) -> None:
    done = loaded("search", "--", query)
    assert done.code in {0, 2}
    if done.code == 2:
        said, shown, caret = done.err.splitlines()
        assert said.startswith("readlist: ")
        assert caret.strip() == "^"
        assert shown.strip() in query
        assert 2 <= caret.index("^") <= len(shown)


@pytest.mark.parametrize(
    "query",
    [
        "a\u0301\u0323" * 30_000, "x" * 100_000, "x " * 50_000, "추론" * 50_000, "a-" * 50_000, "(" * 90_000,
        '"a" ' * 25_000, "a" + "*" * 99_000, "tag:" + "x" * 90_000, "author:" + "김" * 90_000,
        "a OR " * 900 + "a", "-a " * 999,
        "quantizd " * 90, "http://" * 10_000, "학슴 " * 99, "2502.0678 " * 999,
    ],
    ids=lambda query: query[:6],
)  # fmt: skip
def test_a_query_of_any_length_is_answered_or_refused_within_2_s(loaded: Run, own_folders: Path, query: str) -> None:
    library = Library(find_directories(str(own_folders / "home")))
    began = time.process_time()
    with contextlib.suppress(QueryError):
        library.find(parse_query(query), ranked=True)
    assert time.process_time() - began < SECONDS * PATIENCE
