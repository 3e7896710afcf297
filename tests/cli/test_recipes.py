"""The recipes of `readlist help scripts`, extracted from the topic and run by bash."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.terminal import run_on_terminal
from tests.test_docs import section, topic

pytestmark = pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")

PREVIEWED, CHOSEN = "9", ["9", "10"]
STUB_FZF = f"""#!{sys.executable}
import shlex, subprocess, sys
options = dict(zip(sys.argv[1:], sys.argv[2:]))
assert options["-d"] == r"\\t", options
lines = sys.stdin.read().splitlines()
chosen = lines[: 2 if "-m" in sys.argv else 1]
ids = [line.split("\\t")[0] for line in chosen]
if preview := options.get("--preview"):
    shown = subprocess.run(["sh", "-c", preview.replace("{{1}}", shlex.quote(ids[0]))], capture_output=True, check=True)
    assert b"Abstract" in shown.stdout, shown
for keys in [value for option, value in zip(sys.argv, sys.argv[1:]) if option == "--bind" and "ctrl-s" in value]:
    command = keys.partition("(")[2].removesuffix(")")
    subprocess.run(["sh", "-c", command.replace("{{+1}}", shlex.join(ids))], check=True)
print("\\n".join(chosen))
"""
"""Chooses the first line, or the first two with -m, and runs the preview and the key Ctrl-S."""
STUB_BROWSER = """#!/bin/sh
echo "$@" >> "$BROWSED"
"""


def recipes(heading: str) -> list[str]:
    """The blocks of code of a section, without their indentation."""
    blocks = re.findall(r"(?:^    .*\n)+", section(topic("scripts"), heading) + "\n", flags=re.MULTILINE)
    return [re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in blocks]


@pytest.fixture
def programs(loaded: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory at the beginning of PATH, with readlist and a browser; papers 9 to 11 have a URL."""
    folder = tmp_path / "bin"
    folder.mkdir()
    add_program(folder, "readlist", f"#!{sys.executable}\nfrom readlist.cli import main\nmain()\n")
    add_program(folder, "stub-browser", STUB_BROWSER)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("BROWSER", "stub-browser")
    monkeypatch.setenv("BROWSED", str(tmp_path / "browsed"))
    for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"):
        monkeypatch.delenv(name, raising=False)
    for id_ in ("9", "10", "11"):
        assert loaded("edit", id_, "--url", f"https://example.org/{id_}").code == 0
    return folder


def add_program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(text)
    path.chmod(0o700)


def run_in_bash(recipe: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", recipe], capture_output=True, text=True, check=False, timeout=60)


def read_statuses(run: Run) -> dict[str, tuple[str, bool]]:
    return {str(entry["id"]): (entry["status"], entry["starred"]) for entry in run("list", "--json").json}


def test_fzf_chooses_papers_to_open_to_mark_and_to_star(programs: Path, loaded: Run, tmp_path: Path) -> None:
    add_program(programs, "fzf", STUB_FZF)
    open_one, mark_several, function = recipes("fzf")
    done = run_in_bash(open_one)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "browsed").read_text().split() == [f"https://example.org/{PREVIEWED}"]
    assert run_in_bash(mark_several).returncode == 0
    assert [id_ for id_, (status, _) in read_statuses(loaded).items() if status == "read"] == CHOSEN
    assert run_in_bash(f"{function}papers --unread date:2025-02-11").returncode == 0
    marked = [id_ for id_, state in read_statuses(loaded).items() if state == ("read", True)]
    assert marked == ["1", "2"]


def test_nothing_is_chosen_and_nothing_is_changed(programs: Path, loaded: Run, tmp_path: Path) -> None:
    add_program(programs, "fzf", "#!/bin/sh\nexit 130\n")
    for recipe in recipes("fzf")[:2]:
        assert run_in_bash(recipe).stderr == "No papers on stdin\n"
    assert not (tmp_path / "browsed").exists()
    assert {status for status, _ in read_statuses(loaded).values()} == {"unread"}


@pytest.mark.skipif(not shutil.which("fzf"), reason="no fzf here")
def test_fzf_itself_shows_the_paper_beside_the_list_and_stars_the_chosen_ones(
    programs: Path, loaded: Run, tmp_path: Path
) -> None:
    *_, function = recipes("fzf")
    argv = ["bash", "--norc", "-c", f"{function}papers --unread"]
    environment = {"TERM": "xterm-256color", "FZF_DEFAULT_OPTS": "", "COLUMNS": ""}
    with run_on_terminal(argv, tmp_path, environment) as terminal:
        terminal.read_until("Abstract")
        terminal.press("\t\t")  # two papers
        terminal.press("\x13")  # Ctrl-S
        terminal.press("\x0f")  # Ctrl-O
        terminal.press("\r")
        shown = terminal.close()
    assert "Marked 2 papers as read" in shown
    marked = [id_ for id_, state in read_statuses(loaded).items() if state == ("read", True)]
    assert marked == CHOSEN
    assert (tmp_path / "browsed").read_text().split() == [f"https://example.org/{id_}" for id_ in CHOSEN]
