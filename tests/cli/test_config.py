"""Settings: `readlist config`, config.toml, the environment, and what the settings change."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.cli.config import SETTINGS
from readlist.cli.config_file import MAX_BYTES, parse_simple
from readlist.paper_columns import COLUMNS
from tests.conftest import Done, Run
from tests.hostile import strip_colors
from tests.test_docs import rows, section, spans, topic

VALID = {
    "columns": "id,date",
    "sort": "-date",
    "limit": "50",
    "language": "ko",
    "pager": "less -S",
    "remote": "nas:papers.git",
}


@pytest.fixture
def file(own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of config.toml, which does not exist."""
    monkeypatch.delenv("PAGER")
    return own_folders / "config" / "readlist" / "config.toml"


@pytest.fixture
def screen(file: Path, on_terminal: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """`on_terminal`, without a pager, which nobody would leave."""
    monkeypatch.setenv("PAGER", "cat")
    return on_terminal


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())


def origins(run: Run) -> dict[str, tuple[str | None, str]]:
    return {row["key"]: (row["value"], row["origin"]) for row in run("config", "--json").json}


# readlist config


def test_every_setting_has_a_default_and_is_listed(run: Run, file: Path) -> None:
    done = run("config")
    assert (done.code, done.err) == (0, "")
    assert done.out == "".join(f"{name}\t\tdefault\t\n" for name in SETTINGS)
    assert origins(run) == dict.fromkeys(SETTINGS, (None, "default"))
    assert not file.parent.exists()


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_is_set_printed_and_removed(run: Run, file: Path, name: str) -> None:
    done = run("config", name, VALID[name])
    assert (done.code, done.out, done.err) == (0, "", f"Set {name} to {VALID[name]} in {file}\n")
    assert run("config", name).out == f"{VALID[name]}\n"
    assert origins(run)[name] == (VALID[name], "file")
    assert run("config", name, "--json").json[0]["location"] == f"{file}, line 1"
    assert run("config", name, "--unset").err == f"Removed {name} from {file}\n"
    assert run("config", name, "--unset").err == f"{name} is not in {file}\n"
    done = run("config", name)
    assert (done.code, done.out) == (0, "")
    assert done.err == f"{name} is not set; default: {SETTINGS[name].default}\n"


def test_setting_a_key_keeps_comments_and_unknown_lines(run: Run, file: Path) -> None:
    text = '# mine\nlimit = 10 # a screen\n\ncolour = "red"\n[other]\nx = 1\n'
    write(file, text)
    run("config", "limit", "50")
    run("config", "sort", "-date")
    changed = file.read_text()
    lines = [line for line in changed.splitlines() if line]
    assert lines == ["# mine", "limit = 50 # a screen", 'colour = "red"', 'sort = "-date"', "[other]", "x = 1"]
    assert tomllib.loads(changed) == {"limit": 50, "sort": "-date", "colour": "red", "other": {"x": 1}}
    run("config", "sort", "--unset")
    assert [line for line in file.read_text().splitlines() if line] == [line for line in lines if "sort" not in line]


def test_line_ends_of_windows_and_a_symbolic_link_are_kept(run: Run, file: Path, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles.toml"
    write(target, "# mine\r\nlimit = 10\r\n")
    target.chmod(0o640)
    file.parent.mkdir(parents=True)
    file.symlink_to(target)
    assert run("config", "limit").out == "10\n"
    run("config", "limit", "50")
    assert (target.read_bytes(), file.is_symlink()) == (b"# mine\r\nlimit = 50\r\n", True)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["limt"], "unknown setting: limt; did you mean: limit?"),
        (["colour", "red"], "unknown setting: colour; did you mean: columns?"),
        (["x"], "unknown setting: x; use one of: columns, sort, limit, language, pager, remote"),
        (["limit", "many"], "invalid limit: many; write a whole number, 0 for all papers"),
        (["limit", "-5"], "no such option: -5; see: readlist config --help"),
        (["limit", ""], "invalid limit: (empty); write a value"),
        (["language", "korean"], "invalid language: korean; write a two-letter language code: ko, en"),
        (["language", "kr"], "invalid language: kr; kr is a country code; write the language code: ko"),
        (["pager", "less '"], "invalid pager: less '; close the quotes: less -FRX"),
        (
            ["columns", "id date"],
            f"invalid columns: id date; write names separated by commas, of: {', '.join(COLUMNS)}",
        ),
        (
            ["sort", "size"],
            (
                "invalid sort: size; use one of: relevance, date, loaded, read, starred, noted, title, author, votes, "
                "random; "
                "-date reverses an order"
            ),
        ),
        (["remote", "papers.git"], f"invalid remote: papers.git; write an absolute path: {Path.cwd() / 'papers.git'}"),
        (
            ["remote", "https://ada:secret@forge.example/papers.git"],
            (
                "invalid remote: https://forge.example/papers.git; leave out user and password; "
                "git asks its credential helper for them"
            ),
        ),
        (["--unset"], "--unset needs a key; write: readlist config KEY --unset"),
        (["limit", "5", "--unset"], "pass a value or --unset, not both: 5"),
        (["limit", "5", "--json"], "--json prints settings; omit it to change one"),
    ],
)
def test_a_wrong_argument_is_an_error_and_changes_nothing(run: Run, file: Path, args: list[str], message: str) -> None:
    done = run("config", *args)
    assert (done.code, done.out, done.err) == (2, "", f"readlist: {message}\n")
    assert not file.exists()


def test_values_are_stored_in_one_form(run: Run) -> None:
    for args, value in (
        (["limit", "007"], "7"),
        (["language", "KO"], "ko"),
        (["columns", "ID, Date"], "id,date"),
        (["sort", "-author"], "-author"),
        (["sort", "--", "-title"], "-title"),
    ):
        run("config", *args)
        assert run("config", args[0]).out == f"{value}\n"


def test_a_file_that_cannot_be_written_is_an_error(run: Run, file: Path) -> None:
    file.parent.parent.mkdir(exist_ok=True)
    file.parent.write_text("a file where the directory has to be")
    done = run("config", "limit", "5")
    assert done.code in {1, 2}
    assert done.err.startswith("readlist: cannot ")
    assert str(file) in done.err


# Precedence


def test_the_environment_takes_precedence_over_the_file(run: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VALID.items():
        run("config", name, value)
    others = {
        "columns": "title",
        "sort": "title",
        "limit": "0",
        "language": "en",
        "pager": "more",
        "remote": "~/papers.git",
    }
    for name, value in others.items():
        monkeypatch.setenv(f"READLIST_{name.upper()}", value)
        assert run("config", name, "--json").json[0]["location"] == f"READLIST_{name.upper()}"
    assert origins(run) == {name: (value, "environment") for name, value in others.items()}
    assert run("config", "limit", "9").err == f"Set limit to 9 in {file}; $READLIST_LIMIT takes precedence\n"
    monkeypatch.setenv("READLIST_LIMIT", " ")
    assert run("config", "limit").out == "9\n"


def test_a_pager_in_the_file_takes_precedence_over_that_of_all_programs(
    run: Run, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGER", "more")
    assert origins(run)["pager"] == ("more", "environment")
    run("config", "pager", "less -S")
    assert origins(run)["pager"] == ("less -S", "file")


def test_an_invalid_variable_is_an_error_that_names_it(run: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READLIST_LIMIT", "many")
    done = run("config")
    assert (done.code, done.out) == (2, "")
    assert done.err == "readlist: invalid limit: many ($READLIST_LIMIT); write a whole number, 0 for all papers\n"


# The file


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("limit = 5\nlimit 5\n", "invalid settings: {}, line 2: limit 5: expected '=' after a key in a key/value pair"),
        ("limit = 5\nlimit = 6\n", "invalid settings: {}, line 2: limit = 6: cannot overwrite a value"),
        ('sort = "date\n', 'invalid settings: {}, line 1: sort = "date: '),
        ('# a\nlimit = "many"\n', "invalid limit: many ({}, line 2); write a whole number, 0 for all papers"),
        ("limit = -5\n", "invalid limit: -5 ({}, line 1); write a whole number"),
        ("limit = true\n", "invalid limit: True ({}, line 1); write a string or a number: readlist config limit VALUE"),
        ("limit = 1.5\n", "invalid limit: 1.5 ({}, line 1); "),
        ("[limit]\nx = 1\n", "invalid limit: {{'x': 1}} ({}, line 1); "),
        ("columns = []\n", "invalid columns: [] ({}, line 1); "),
        ('language = ""\n', "invalid language: (empty) ({}, line 1); write a value"),
    ],
)
def test_an_invalid_file_is_an_error_with_file_line_and_remedy(run: Run, file: Path, text: str, message: str) -> None:
    write(file, text)
    done = run("config")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith(f"readlist: {message.format(file)}")
    assert "; " in done.err
    assert file.read_text() == text


def test_an_invalid_value_is_replaced_or_removed_by_the_command_that_the_error_names(run: Run, file: Path) -> None:
    for text in ("limit = true\n", 'limit = "many"\n', "[limit]\nx = 1\n"):
        write(file, text)
        assert run("config", "limit", "50").code == 0
        assert file.read_text() == "limit = 50\n"
        write(file, text)
        assert run("config", "limit", "--unset").code == 0
        assert file.read_text() == ""


def test_an_unknown_key_is_reported_once_and_ignored(run: Run, file: Path) -> None:
    write(file, 'limit = 5\ncolums = "id"\n')
    done = run("config")
    assert (done.code, done.err) == (0, f"readlist: unknown setting: colums ({file}, line 2); did you mean: columns?\n")
    assert done.out.splitlines()[2].startswith("limit\t5\tfile\t")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"limit = 5\n# \xff\n", ", line 2: not UTF-8; save the file as UTF-8"),
        (b"#" * (MAX_BYTES + 1), "has more than 100,000 bytes; shorten it"),
    ],
)
def test_a_file_that_is_no_text_is_an_error(run: Run, file: Path, data: bytes, message: str) -> None:
    write(file, "")
    file.write_bytes(data)
    done = run("config")
    assert (done.code, str(file) in done.err, message in done.err) == (2, True, True)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["FIFO", "directory"])
def test_a_path_that_is_no_file_is_an_error_and_never_waited_for(
    run: Run, file: Path, make: Callable[[Path], None]
) -> None:
    file.parent.mkdir(parents=True)
    make(file)
    done = run("config")
    assert (done.code, done.err.startswith(f"readlist: not a regular file: {file}")) == (2, True)


def test_a_byte_order_mark_and_a_list_are_read(run: Run, file: Path) -> None:
    write(file, '\ufefflimit = 5\ncolumns = ["id", "date"]\n')
    assert origins(run)["columns"] == ("id,date", "file")
    assert origins(run)["limit"] == ("5", "file")


LINES = st.lists(
    st.one_of(
        st.text(st.sampled_from("abl =01_\"'#\\\t\r[]-.é\u2028\x00"), max_size=12),
        st.builds("{} = {}".format, st.sampled_from(["limit", "sort", "a-b", ""]), st.integers().map(str)),
        st.builds('{}="{}"  # {}'.format, st.sampled_from(["pager", "sort"]), st.text(max_size=5), st.text(max_size=5)),
    ),
    max_size=4,
)


@given(LINES, st.sampled_from(["\n", "\r\n"]))
def test_what_is_read_without_tomllib_is_what_tomllib_reads(lines: list[str], end: str) -> None:
    text = end.join(lines)
    values = parse_simple(text)
    if values is not None:
        assert tomllib.loads(text) == values


# What the settings change


def test_limit_is_how_many_papers_a_list_has_on_a_terminal(
    loaded: Run, file: Path, screen: Callable[..., Done]
) -> None:
    def count(*args: str, **variables: str) -> int:
        return strip_colors(screen(*args, columns=120, **variables).out).count(" #")

    papers = count("list")
    loaded("config", "limit", "2")
    assert count("list") < papers
    assert "2 of 13 papers; --limit 0 shows all" in screen("list").out
    assert "4 of 13 papers" in screen("list", "-n", "4").out
    assert "3 of 13 papers" in screen("list", READLIST_LIMIT="3").out
    assert "of 13 papers" not in screen("list", READLIST_LIMIT="0").out
    assert "2 of 6 papers" in screen("search", "reasoning", "reward").out
    assert len(loaded("list").out.splitlines()) == len(loaded("list", "--json").json) == 13


def test_columns_and_sort_are_those_of_tables_and_never_of_what_other_programs_read(
    loaded: Run, file: Path, screen: Callable[..., Done]
) -> None:
    lines, entries = loaded("list").out, loaded("list", "--json").out
    loaded("config", "columns", "id,title")
    loaded("config", "sort", "-title")
    shown = strip_colors(screen("list", columns=100).out).splitlines()
    assert (shown[0].split(), shown[1].split()[:2]) == (["id", "title"], ["5", "μnit"])
    assert strip_colors(screen("search", "reasoning").out).split()[:2] == ["id", "title"]
    assert strip_colors(loaded("list", "--table").out).split()[:4] == ["id", "title", "5", "μnit"]
    assert strip_colors(screen("list", "--columns", "id", "--sort", "date").out).split()[:2] == ["id", "9"]
    assert strip_colors(screen("list", READLIST_COLUMNS="title", READLIST_SORT="title").out).split()[1] == "Can"
    assert "why" in screen("next").out or "reason" in screen("next").out
    assert (loaded("list").out, loaded("list", "--json").out) == (lines, entries)
    loaded("query", "save", "newest", "is:unread", "--sort", "date")
    assert strip_colors(screen("list", "@newest").out).splitlines()[1].split()[0] == "9"


def test_pager_shows_what_is_longer_than_the_screen(loaded: Run, file: Path, screen: Callable[..., Done]) -> None:
    long = {"LINES": "10", "PAGER": "cat"}
    assert "Learning to Reason" in screen("list", **long).out
    loaded("config", "pager", "sed s/Reason/REASON/")
    assert "Learning to REASON" in screen("list", **long).out
    assert "Learning to Reason" in screen("list", "--no-pager", **long).out
    assert "Learning to Reason" in screen("list", READLIST_PAGER="cat", **long).out
    done = screen("help", "query", READLIST_PAGER="'", **long)
    assert (done.code, done.out.splitlines()[0]) == (
        0,
        "readlist: invalid pager: ' ($READLIST_PAGER); close the quotes: less -FRX",
    )


def test_language_is_that_of_the_first_comment(loaded: Run, file: Path) -> None:
    def languages() -> list[str]:
        return [line for line in map(str.strip, loaded("show", "12").out.splitlines()) if line in {"English", "Korean"}]

    assert languages() == ["Korean", "English"]
    loaded("config", "language", "en")
    assert languages() == ["English", "Korean"]
    loaded("config", "language", "fr")
    assert languages() == ["Korean", "English"]


def test_an_invalid_file_fails_the_commands_that_read_it_only(
    loaded: Run, file: Path, screen: Callable[..., Done]
) -> None:
    write(file, "limit = what\n")
    assert screen("list").code == 2
    assert loaded("read", "1").code == loaded("tags").code == loaded("list", "-n", "1").code == 0


def test_settings_load_no_parser_of_toml_unless_the_file_needs_one(loaded: Run, file: Path) -> None:
    def modules(*args: str) -> set[str]:
        code = "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
        done = subprocess.run(
            [sys.executable, "-c", f"{code}; import readlist.__main__", *args],
            capture_output=True,
            text=True,
            check=True,
        )
        return set(done.stderr.splitlines()[-1].split())

    parsers = {"tomllib", "tomlkit", "readlist.cli.config_file"}
    assert not modules("show", "1") & parsers
    write(file, '# mine\nlanguage = "ko"\nlimit = 5\n')
    assert modules("show", "1") & parsers == {"readlist.cli.config_file"}
    write(file, 'columns = ["id"]\n')
    assert modules("show", "1") & parsers == {"readlist.cli.config_file", "tomllib"}


# Its documentation


def test_the_topic_has_every_key_and_variable() -> None:
    described = [span for cells in rows(section(topic("config"), "Keys")) for span in spans(cells[0])]
    assert described == list(SETTINGS)
    variables = {variable for setting in SETTINGS.values() for variable in (*setting.variables, *setting.fallbacks)}
    assert variables <= set(spans(topic("config")))
    for name in SETTINGS:
        assert SETTINGS[name].default in topic("config") or name != "pager"


def test_the_file_of_the_topic_is_valid(run: Run, file: Path) -> None:
    example = [line[4:] for line in section(topic("config"), "The file").splitlines() if line.startswith("    ")]
    write(file, "\n".join(example))
    assert {name: value for name, (value, origin) in origins(run).items() if origin == "file"} == {
        "limit": "50",
        "language": "ko",
        "columns": "id,date,title,tags",
    }
