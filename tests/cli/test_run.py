"""Errors of the command line: one line, an exit code, never a traceback."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Run


def shell(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which `readlist` is this one."""
    command = f'readlist() {{ "{sys.executable}" -m readlist "$@"; }}; {line}'
    return subprocess.run(
        ["bash", "-c", command], cwd=cwd, capture_output=True, text=True, errors="replace", check=False
    )


@pytest.mark.parametrize(
    ("line", "code", "lines"),
    [
        ("readlist list > /dev/full", 1, 1),
        ("readlist list --json > /dev/full", 1, 1),
        ("readlist list >&-", 0, 0),
        ("readlist read 12 >&-", 0, 1),
        ("readlist read 12 2>&-", 0, 0),
        ("readlist load - <&-", 1, 1),
        ("readlist show $'\\xff'", 2, 1),
        ("readlist list --tag $'\\xff'", 2, 1),
        ("echo $'\\xff' | readlist show -", 3, 1),
        ("readlist --home /dev/null/x list", 1, 1),
        ("readlist --home '~nosuchuser/x' list", 2, 1),
        ("readlist tag 12 --add $'\\e[31m'", 0, 1),
        ("readlist read --where $'tag:\\xff'", 2, 1),
        ("readlist list $(printf 'is:read OR %.0s' {1..900})is:read", 0, 1),
        ("readlist list $(printf 'is:read OR %.0s' {1..300})is:read", 0, 1),
    ],
)
def test_hostile_calls_end_in_one_line(loaded: Run, tmp_path: Path, line: str, code: int, lines: int) -> None:
    done = shell(line, tmp_path)
    assert "Traceback" not in done.stderr
    assert (done.returncode, len(done.stderr.splitlines())) == (code, lines), done.stderr
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", ["list", "list --json", "show 1-13", "export", "tags", "search reasoning"])
def test_a_closed_pipe_ends_a_command_quietly(loaded: Run, tmp_path: Path, command: str) -> None:
    done = shell(f"set -o pipefail; readlist {command} | head -c 1", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp949", "cp1252"])
@pytest.mark.parametrize("command", ["list", "show 1-13", "search 추론", "export", "tags"])
def test_every_command_works_in_every_encoding(loaded: Run, tmp_path: Path, encoding: str, command: str) -> None:
    done = shell(f"PYTHONIOENCODING={encoding} readlist {command}", tmp_path)
    notices = done.stderr.splitlines()
    assert (done.returncode, len(notices)) == (0, 2 if command.startswith("search") else 0), done.stderr
    assert done.stdout


def test_a_file_with_an_undecodable_name_is_loaded(run: Run, seeds: Path, tmp_path: Path) -> None:
    (seed,) = seeds.glob("003*")
    name = os.fsencode(tmp_path) + b"/\xff\x1b[31m.txt"
    Path(os.fsdecode(name)).write_bytes(seed.read_bytes())
    done = shell(f"readlist load '{tmp_path}' && readlist digests", tmp_path)
    assert (done.returncode, done.stderr, done.stdout) == (
        0,
        "5 papers added\n",
        "2025-05-27\t\ufffd[31m.txt\t5\t5\t\t\n",
    )


def test_a_number_that_is_not_utf_8_is_shown_as_a_replacement_character(loaded: Run, tmp_path: Path) -> None:
    done = shell("readlist list --limit $'\\xe9'", tmp_path)
    assert done.stderr == "readlist: invalid value for --limit: \ufffd; write a number; see: readlist list --help\n"
    assert "\\\\udce9; write" in loaded("list", "--limit", "\\udce9").err, "typed so"


@pytest.mark.parametrize(
    "command",
    ["list", "search x", "next", "stats", "tags", "digests", "sources", "update", "query list", "", "list --json"],
)
@pytest.mark.parametrize("is_missing", [True, False])
def test_a_lost_file_is_not_called_an_empty_library(
    loaded: Run, own_folders: Path, command: str, is_missing: bool
) -> None:
    path = own_folders / "home" / ("marks.json" if command == "query list" else "papers.json")
    loaded("star", "12")
    if is_missing:
        path.unlink()
    else:
        path.write_text("{")
    done = loaded(*command.split())
    assert (done.code, len(done.err.splitlines())) == (4, 1)
    assert str(path) in done.err
    assert done.out in {"", "[]\n"} or command == "stats"


@pytest.mark.parametrize("name", ["papers.json", "marks.json"])
def test_every_command_reports_a_corrupt_store_file_and_shows_its_intact_records(
    loaded: Run, own_folders: Path, name: str
) -> None:
    loaded("star", "12")
    loaded("read", "1")
    path = own_folders / "home" / name
    lines = path.read_bytes().splitlines(keepends=True)
    place = next(i for i, line in enumerate(lines) if b"fp4-all-the-way" in line)
    lines[place] = lines[place].replace(b"e", b"f", 1)
    path.write_bytes(b"".join(lines))
    for _ in range(2):
        done = loaded("list", "--json")
        assert (done.code, len(done.err.splitlines())) == (4, 1)
        assert done.err.startswith(f"readlist: data file is corrupt: {path}: ")
        assert done.err.endswith("readlist doctor --fix\n")
        assert [entry["id"] for entry in done.json if entry["status"] == "read"] == [1]
    changed = loaded("load" if name == "papers.json" else "star", "-" if name == "papers.json" else "2", stdin="x")
    assert changed.code in (1, 4)
    assert path.read_bytes() == b"".join(lines)


def test_search_works_without_a_cache_directory(
    loaded: Run, own_folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/cache")
    assert loaded("read", "12").code == 0
    assert [entry["id"] for entry in loaded("search", "fp4", "is:read", "--json").json] == [12]


@pytest.mark.parametrize("command", ["show", "read"])
def test_an_index_with_corrupt_content_is_rebuilt_silently(loaded: Run, own_folders: Path, command: str) -> None:
    (index,) = (own_folders / "cache").rglob("index.sqlite")
    looks = index.stat()
    with contextlib.closing(sqlite3.connect(index)) as db, db:
        db.execute("UPDATE entries SET entry = x'00'")
    os.utime(index, ns=(looks.st_atime_ns, looks.st_mtime_ns))
    assert loaded(command, "12").code == 0
    assert loaded("show", "12", "--json").json[0]["status"] == ("read" if command == "read" else "unread")


def test_a_signal_that_is_to_be_delivered_again_does_not_end_a_command_that_is_done() -> None:
    program = (
        "import signal, time; from readlist.cli.signals import ignore_signals;"
        " signal.setitimer(signal.ITIMER_REAL, 0.2); ignore_signals(); time.sleep(0.5)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
