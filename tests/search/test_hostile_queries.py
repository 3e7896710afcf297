"""Any text can be searched: the result is papers, none, or a QueryError with a caret under the column."""

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
from readlist.models import RELEVANCE
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
SLOW_MACHINE_FACTOR = 4


def random_queries(count: int) -> list[str]:
    rng = random.Random(20250527)
    pool = WORDS + titles(90)
    queries = list(pool)
    while len(queries) < count:
        queries.append(rng.choice(["", " ", " ", " "]).join(rng.choices(pool, k=rng.randint(1, 6))))
    return queries[:count]


@pytest.mark.parametrize("number", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_random_queries_have_a_result_or_a_query_error(loaded: Run, own_folders: Path, number: int) -> None:
    library = Library(find_directories(str(own_folders / "home")))
    matched = rejected = unmatched = 0
    for query in random_queries(number):
        try:
            result = library.find(parse_query(query), order=RELEVANCE)
        except QueryError as error:
            rejected += 0 <= error.column <= len(query)
        else:
            matched += bool(result.total)
            unmatched += not result.total
    assert matched + rejected + unmatched == number  # every column is inside its query
    assert matched > number // 20
    assert rejected > number // 20


@pytest.mark.parametrize("query", [*WORDS[:30], "a AND", "(a", 'a "b', "is:unred", "date:soon", "a" * 90 + " is:x"])
def test_an_invalid_query_is_shown_with_a_caret_below_the_column(loaded: Run, query: str) -> None:
    done = loaded("search", "--", query)
    assert done.code in {0, 2}
    if done.code == 2:
        message, excerpt, caret = done.err.splitlines()
        assert message.startswith("readlist: ")
        assert caret.strip() == "^"
        assert excerpt.strip() in query
        assert 2 <= caret.index("^") <= len(excerpt)


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
def test_a_query_of_any_length_takes_at_most_2_s(loaded: Run, own_folders: Path, query: str) -> None:
    library = Library(find_directories(str(own_folders / "home")))
    start = time.process_time()
    with contextlib.suppress(QueryError):
        library.find(parse_query(query), order=RELEVANCE)
    assert time.process_time() - start < SECONDS * SLOW_MACHINE_FACTOR
