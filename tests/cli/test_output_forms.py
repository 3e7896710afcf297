"""The forms of lists: --table, --tsv, --json and --header, --columns and -1, in a pipe and on a terminal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.cells import cell_len

from tests.conftest import Done, Run
from tests.hostile import strip_colors

LISTS = [("list",), ("search", "reasoning"), ("next",), ("similar", "12")]
TABLES = [("tags",), ("digests",), ("sources",), ("query",), ("words",), ("history",), ("backup",)]
DEFAULT_HEADER = "id\tdate\tstatus\tstar\ttitle\tauthors\ttags"


@pytest.fixture
def in_use(loaded: Run) -> Run:
    """A library in which every list has a row."""
    loaded("star", "12")
    loaded("note", "9", "메모")
    loaded("query", "save", "fresh", "is:unread")
    loaded("words", "add", "ebb = 썰물")
    return loaded


@pytest.mark.parametrize("command", [*LISTS, *TABLES], ids=lambda words: words[0])
def test_every_list_takes_every_form_in_a_pipe(in_use: Run, command: tuple[str, ...]) -> None:
    plain = in_use(*command)
    assert in_use(*command, "--tsv").out == plain.out
    header, rest = in_use(*command, "--header").out.split("\n", maxsplit=1)
    assert rest == plain.out
    assert {line.count("\t") for line in plain.out.splitlines()} == {header.count("\t")}
    table = in_use(*command, "--table")
    assert (table.code, "\t" in table.out, "\x1b" in table.out) == (0, False, False)
    assert 0 < max(map(cell_len, table.out.splitlines())) <= 80
    assert in_use(*command, "--json").json


@pytest.mark.parametrize(
    ("command", "total"), [("tags", "11 tags"), ("digests", "2 digests"), ("history", "5 commands")]
)
def test_a_list_of_rows_has_a_limit(in_use: Run, command: str, total: str) -> None:
    rows = in_use(command).out.splitlines(keepends=True)
    assert in_use(command, "-n", "1") == Done(0, rows[0], "")
    assert in_use(command, "--limit", "0").out == "".join(rows)
    assert len(in_use(command, "--json", "-n", "1").json) == 1
    assert in_use(command, "--table", "-n", "1").err == f"1 of {total}; --limit 0 shows all\n"
    assert in_use(command, "--table", "-n", "99").err == ""


@pytest.mark.parametrize("command", LISTS, ids=lambda words: words[0])
def test_the_header_has_the_names_of_the_columns_also_above_nothing(in_use: Run, command: tuple[str, ...]) -> None:
    assert in_use(*command, "--header").out.splitlines()[0] == DEFAULT_HEADER
    assert in_use("list", "tag:none", "--header").out == f"{DEFAULT_HEADER}\n"
    columns = in_use(*command, "--header", "--columns", "title,ID, noted").out.splitlines()
    assert columns[0] == "title\tid\tnoted"
    assert {line.count("\t") for line in columns} == {2}


def test_a_pipe_gets_a_table_of_the_columns_of_the_environment(loaded: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    lines = loaded("list", "--table", "-n", "10").out.splitlines()
    assert (len(lines), max(map(cell_len, lines)) <= 100) == (11, True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in loaded("list", "--table").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in loaded("list", "--table").out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--json", "--tsv"], "contradicting options: --json and --tsv; choose one of them"),
        (["--tsv", "--table", "--json"], "contradicting options: --json and --table and --tsv; choose one of them"),
        (["--header", "--json"], "contradicting options: --header and --json; --header is for --tsv"),
        (["--table", "--header"], "contradicting options: --header and --table; --header is for --tsv"),
        (["--columns", "id", "--json"], "contradicting options: --columns and --json; JSON has all fields"),
        (["--columns", "id,titel"], "unknown column: titel; use: id, date, "),
        (["--columns", ""], "empty column name: ; use: id, date, "),
    ],
)
def test_contradicting_forms_and_unknown_columns_are_usage_errors(
    loaded: Run, options: list[str], message: str
) -> None:
    done = loaded("list", *options)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"readlist: {message}")
    assert len(done.err.splitlines()) == 1


def test_ten_papers_take_twelve_lines_at_100_columns(loaded: Run, on_terminal: Callable[..., Done]) -> None:
    lines = strip_colors(on_terminal("list", "-n", "10", columns=100).out).splitlines()
    assert len(lines) == 12
    assert lines[0].split() == ["id", "date", "title", "tags"]
    assert lines[-1] == "10 of 13 papers; --limit 0 shows all"
    assert max(map(cell_len, lines)) <= 100


@pytest.mark.parametrize("columns", [40, 80, 100])
@pytest.mark.parametrize("command", [("list", "MXFP4"), ("search", "MXFP4")], ids=["list", "search"])
def test_one_line_a_paper_is_forced_at_any_width_and_shows_the_match(
    loaded: Run, on_terminal: Callable[..., Done], command: tuple[str, ...], columns: int
) -> None:
    lines = strip_colors(on_terminal(*command, "-1", columns=columns).out).splitlines()
    assert len(lines) == (1 if columns < 60 else 2)
    if command[0] == "search":
        assert "MXFP4" in lines[-1]


def test_a_terminal_gets_lines_and_json_where_they_are_asked_for(loaded: Run, on_terminal: Callable[..., Done]) -> None:
    lines = on_terminal("list", "--tsv", "--header").out
    assert lines.replace("\r", "") == loaded("list", "--tsv", "--header").out
    assert on_terminal("list", "--json").out == loaded("list", "--json").out


def test_list_and_export_print_the_same_json(in_use: Run) -> None:
    for query in ((), ("tag:rl",), ("tag:none",)):
        assert in_use("list", *query, "--json").out == in_use("export", *query, "--to", "json").out
