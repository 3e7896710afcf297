"""What readlist says when it is asked nothing, or asked for help."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from pathlib import Path

import pytest

from readlist.cli.app import EXAMPLES, MODULES
from readlist.cli.commands.help import QUERY_PAGE
from readlist.search.query.ast import And, Text
from readlist.search.query.parser import parse
from tests.cli.test_startup import heavy_packages_loaded_by
from tests.conftest import Run

QUERIES = re.findall(r"^  (\S.*?)  +\S", QUERY_PAGE, flags=re.MULTILINE)


def test_alone_it_says_where_one_stands(loaded: Run) -> None:
    done = loaded()
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "13 papers, 13 unread · last digest 2025-05-27\n"
        "reading now: nothing\n"
        "Next: readlist next · readlist search WORDS · readlist help\n"
    )
    loaded("read", "1-4")
    loaded("reading", "12")
    assert loaded().out.splitlines()[:2] == [
        "13 papers, 8 unread · last digest 2025-05-27",
        "reading now: 12 FP4 All the Way: Fully Quantized Training of LLMs",
    ]
    loaded("reading", "5", "7")
    assert loaded().out.splitlines()[1].endswith("FP4 All the Way: Fully Quantized Training of LLMs and 2 more")
    loaded("read", "1-13", "--yes")
    assert loaded().out.splitlines()[2].startswith("Next: readlist update · ")


def test_alone_in_an_empty_library_it_says_how_to_begin(run: Run) -> None:
    done = run()
    assert (done.code, len(done.out.splitlines())) == (0, 3)
    assert "readlist load FOLDER" in done.out


def test_alone_it_tells_of_a_damaged_store(loaded: Run, own_folders: Path) -> None:
    loaded("read", "1")
    (own_folders / "home" / "marks.json").write_text("hello")
    done = loaded()
    assert (done.code, done.out.count("\n")) == (4, 3)
    assert "readlist doctor --fix" in done.err


def test_alone_it_needs_no_store_and_no_tables(loaded: Run) -> None:
    assert not heavy_packages_loaded_by() & {"tinydb", "dateutil", "rich", "rapidfuzz"}


def test_help_is_what_the_option_prints(run: Run) -> None:
    assert run("help").out == run("--help").out
    for words in (["show"], ["tags"], ["tags", "rename"], ["digests", "forget"], ["query", "save"], ["backup"]):
        assert run("help", *words).out == run(*words, "--help").out


@pytest.mark.parametrize("words", [["nope"], ["show", "me"], ["query", "nope"], ["tags", "nope"]])
def test_help_with_what_there_is_not(run: Run, words: list[str]) -> None:
    done = run("help", *words)
    assert (done.code, done.err) == (2, f"readlist: no such command: {' '.join(words)}; see readlist help\n")


def test_the_page_on_queries_fits_a_small_screen(run: Run) -> None:
    assert run("help", "query").out == QUERY_PAGE
    lines = QUERY_PAGE.splitlines()
    assert len(lines) < 24
    assert max(map(len, lines)) < 80


def test_each_example_of_the_page_is_a_query_that_runs(loaded: Run) -> None:
    assert len(QUERIES) == 14
    loaded("query", "save", "fresh", "is:unread")
    plain = [query for query in QUERIES if " " not in query]
    for query in QUERIES:
        done = loaded("list", query)
        assert done.code == 0, query
        assert "most of them" not in done.err
    assert all(not isinstance(parse(query, dt.date.today(), lambda: {"fresh": "a"}), And) for query in plain)
    assert parse(QUERIES[0], dt.date.today()) == And((Text("kl"), Text("penalty")))
    (shell,) = re.findall(r"^  (readlist .*)", QUERY_PAGE, flags=re.MULTILINE)
    assert loaded(*shlex.split(shell)[1:]).code == 0


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_of_a_command_stands_in_its_help_and_runs(
    loaded: Run, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seeds: Path
) -> None:
    assert f"Example: readlist {EXAMPLES[name]}" in " ".join(loaded(*name.split(), "--help").out.split())
    assert EXAMPLES[name].startswith(name)
    if name == "browse":
        pytest.skip("it takes a terminal")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    (tmp_path / "seeds").symlink_to(seeds)
    monkeypatch.setenv("HOME", str(tmp_path))
    loaded("star", "12")
    done = loaded(*(word.replace("~", str(tmp_path)) for word in shlex.split(EXAMPLES[name])))
    assert done.code == 0 or (name == "read" and done.err.endswith("no such paper: 15-18\n")), done.err


def test_every_example_is_of_a_command() -> None:
    assert set(EXAMPLES) < set(MODULES)
