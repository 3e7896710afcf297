"""`readlist` without a command, `readlist --help` and `readlist help`."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from readlist.cli.registry import ALIASES, COMMANDS, find_command
from readlist.cli.topics import read_topics
from tests.cli.test_startup import heavy_packages_loaded_by
from tests.conftest import ROOT, Done, Run
from tests.hostile import strip_colors

TOPICS = read_topics()
MAN_PAGE = ROOT / "readlist" / "help" / "readlist.1"


def test_without_a_command_it_summarizes_the_library(loaded: Run) -> None:
    done = loaded()
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "13 papers, 13 unread · newest digest 2025-05-27\n"
        "Reading: nothing\n"
        "Next: readlist next · readlist search WORDS · readlist help\n"
    )
    loaded("read", "1-4")
    loaded("reading", "12")
    assert loaded().out.splitlines()[:2] == [
        "13 papers, 8 unread · newest digest 2025-05-27",
        "Reading: 12 FP4 All the Way: Fully Quantized Training of LLMs",
    ]
    loaded("reading", "5", "7")
    assert loaded().out.splitlines()[1].endswith("FP4 All the Way: Fully Quantized Training of LLMs and 2 more")
    loaded("read", "1-13", "--yes")
    assert loaded().out.splitlines()[2].startswith("Next: readlist update · ")


def test_one_paper_is_singular(loaded: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    loaded("star", "13")
    assert re.fullmatch(r"No problems found: 13 papers, 1 mark, 3 backups, .*\n", loaded("doctor").out)
    loaded("read", "1-12", "--yes")
    assert loaded("read", "--where", "is:unread").err.startswith("1 paper matches\nMarked as read: 13 ")
    assert loaded("export", "is:starred", "-o./a.md").err.startswith("Exported 1 paper to ")


def test_an_empty_library_explains_how_to_add_papers(run: Run) -> None:
    done = run()
    assert (done.code, len(done.out.splitlines())) == (0, 3)
    assert max(map(len, done.out.splitlines())) <= 80
    assert "readlist load PATH" in done.out


@pytest.mark.parametrize("title", ["x" * 200, "논문 " * 60, "short"])
def test_the_summary_has_at_most_80_columns(run: Run, title: str) -> None:
    from rich.cells import cell_len

    run("load", "-", stdin=f"2025-02-11\n{title}\n(Ann Other)\nText.\n")
    run("reading", "1")
    lines = run().out.splitlines()
    assert (len(lines), lines[1].endswith("…")) == (3, title != "short")
    assert max(map(cell_len, lines)) <= 80


def test_the_summary_reports_a_damaged_store(loaded: Run, own_folders: Path) -> None:
    loaded("read", "1")
    (own_folders / "home" / "marks.json").write_text("hello")
    done = loaded()
    assert (done.code, done.out.count("\n")) == (4, 3)
    assert "readlist doctor --fix" in done.err


def test_the_summary_loads_neither_the_store_nor_tables(loaded: Run) -> None:
    assert not heavy_packages_loaded_by() & {"tinydb", "dateutil", "rich", "rapidfuzz"}


# --help


def test_help_lists_every_command_under_its_group_and_every_topic_whole_at_80_columns(run: Run) -> None:
    text = run("--help").out
    assert max(map(len, text.splitlines())) <= 80
    assert "..." not in text.partition("\nAdd:\n")[2]
    listed = [
        (match[1], match[2], group)
        for group, rows in re.findall(r"^(\w+)(?: \(.*\))?:\n((?:  .*\n)+)", text, flags=re.MULTILINE)
        for row in rows.splitlines()
        if (match := re.fullmatch(r"  (\S+(?: \S+)?) {2,}(\S.*)", row)) and group != "Options"
    ]
    commands = [(command.name, command.summary, command.group) for command in COMMANDS.values()]
    assert listed == [*commands, *((topic.name, topic.summary, "Topics") for topic in TOPICS.values())]
    assert list(dict.fromkeys(command.group for command in COMMANDS.values())) == [
        "Add",
        "Find",
        "Mark",
        "Change",
        "Share",
        "Keep",
    ]


def test_help_prints_what_the_option_prints(run: Run) -> None:
    assert run("help").out == run("--help").out
    for name in COMMANDS:
        if name not in TOPICS:
            assert run("help", *name.split()).out == run(*name.split(), "--help").out
    assert run("help", "backup", "list").out == run("help", "backup").out


@pytest.mark.parametrize("words", [["nope"], ["show", "me"], ["query", "nope"], ["tags", "nope"]])
def test_help_on_an_unknown_name_is_an_error(run: Run, words: list[str]) -> None:
    done = run("help", *words)
    message = f"readlist: no such command or topic: {' '.join(words)}; to list them: readlist help\n"
    assert (done.code, done.err) == (2, message)


def test_names_of_two_words_are_commands_of_their_own() -> None:
    assert find_command(["tags", "rename", "a"]) == ("tags rename", 2)
    assert find_command(["tags", "a"]) == ("tags", 1)
    assert find_command(["query", "list"]) == ("query", 2)
    assert find_command(["query"]) == ("query", 1)
    assert find_command([]) == find_command(["nope", "save"]) == ("", 0)
    assert set(ALIASES.values()) <= set(COMMANDS)


@pytest.mark.parametrize("alias", ALIASES)
def test_an_alias_does_the_same(loaded: Run, alias: str) -> None:
    loaded("query", "save", "fresh", "is:unread")
    loaded("words", "add", "pretraining = 사전학습")
    assert loaded(*alias.split()).out == loaded(*ALIASES[alias].split()).out != ""


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_of_each_command_is_in_its_help_and_runs(
    loaded: Run, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seeds: Path
) -> None:
    example = COMMANDS[name].example
    assert f"Example: readlist {example}" in " ".join(loaded(*name.split(), "--help").out.split())
    assert example.startswith(name)
    if name == "browse":
        pytest.skip("needs a terminal")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "seeds").mkdir()
    for seed in seeds.iterdir():
        (tmp_path / "seeds" / seed.name).write_bytes(seed.read_bytes())
    for words in ("load seeds", "star 12", "query save fresh is:unread", "words add 학습 = pretraining"):
        loaded(*words.split())
    confirmed = ["--yes"] if name == "backup restore" else []  # it asks, and there is no terminal
    done = loaded(*shlex.split(example), *confirmed)
    assert done.code == 0 or (name == "read" and done.err.endswith("no paper has ID 15-18\n")), done.err


# Global options


@pytest.mark.parametrize(
    "args",
    [
        ["--home", "HOME", "list", "-n", "1"],
        ["list", "--home", "HOME", "-n", "1"],
        ["list", "-n", "1", "--home=HOME"],
        ["--debug", "list", "-n", "1", "--home=HOME"],
        ["list", "--debug", "-n1", "--home", "HOME"],
    ],
)
def test_global_options_are_accepted_before_and_after_the_command(
    loaded: Run, args: list[str], own_folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = own_folders / "home"
    monkeypatch.setenv("READLIST_HOME", str(own_folders / "other"))
    done = loaded(*(arg.replace("HOME", str(home)) for arg in args))
    assert (done.code, done.out.split("\t")[0], done.out.count("\n")) == (0, "9", 1)


def test_home_without_a_directory_is_an_error_and_after_two_hyphens_it_is_text(loaded: Run) -> None:
    done = loaded("list", "--home")
    assert (done.code, done.out, done.err) == (2, "", "readlist: --home needs a directory; write: --home DIR\n")
    assert loaded("--home", "--help").err == done.err
    loaded("note", "12", "--", "see", "--home", "of", "--debug")
    assert loaded("note", "12", "--show").out == "see --home of --debug\n"


# Topics


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic_is_printed_as_it_is_into_a_pipe(run: Run, name: str) -> None:
    assert run("help", name).out == TOPICS[name].text
    assert TOPICS[name].text.startswith(f"# {TOPICS[name].summary}\n")


@pytest.mark.parametrize("columns", [60, 160])
def test_a_topic_is_rendered_on_a_terminal_in_at_most_100_columns(
    on_terminal: Callable[..., Done], columns: int
) -> None:
    from wcwidth import wcswidth

    lines = strip_colors(on_terminal("help", "query", columns=columns).out).splitlines()
    assert lines[0].strip() == "Query language"
    assert max(map(wcswidth, lines)) <= min(columns, 100)
    assert any("━" in line or "─" in line for line in lines)  # a table


# The man page


def test_the_man_page_in_the_package_is_current(run: Run) -> None:
    message = "run: readlist help --man > readlist/help/readlist.1"
    assert run("help", "--man").out == MAN_PAGE.read_text(encoding="utf-8"), message


def test_the_man_page_has_every_command_option_and_topic(run: Run) -> None:
    page = run("help", "--man").out.replace("\\-", "-")
    for name in COMMANDS:
        assert f"\n.SS readlist {name} [OPTIONS]" in page
        for option in re.findall(r"^  (?:-\w, )?(--[a-z-]+)", run(*name.split(), "--help").out, flags=re.MULTILINE):
            assert option in page
    for topic in TOPICS.values():
        assert f"\n.SH {topic.name.upper()}: " in page
    assert page.isascii()


def test_troff_accepts_the_man_page(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "readlist.1"
    page.write_text(run("help", "--man").out)
    try:
        done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", page], capture_output=True, check=True, text=True)
    except FileNotFoundError:
        pytest.skip("no groff here")
    assert done.stderr == ""
