"""The command lines of the help topics, extracted and run; the recipes of `readlist help scripts` as a whole."""

from __future__ import annotations

import email
import email.policy
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.terminal import run_on_terminal
from tests.test_docs import TOPICS, section, topic

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
STUB_SENDMAIL = """#!/bin/sh
test "$*" = -t && cat > "$SENT"
"""
STUB_BROWSER = """#!/bin/sh
echo "$@" >> "$BROWSED"
"""


NOT_RUN = (
    'https://|load papers.eml|add "The Curse|fetch ',  # the network, or files of a user
    "pip install|man -l|^[0-9]|browse|zsh|--ask",  # another program, cron, or a terminal
    "backup restore|fzf|^papers|^--|^}|readlist read -$|sendmail|^test -z",  # a state of the library; below
    "^readlist add --title",  # its lines go on at the next
    "readlist sync|by:kim|by:any",  # needs a remote or a lab: test_sync.py, test_lab.py
)
"""Patterns of lines that the test of all lines leaves out, and why."""


def command_lines(text: str) -> list[str]:
    """The lines of readlist in the blocks of code of a topic, without what is explained beside them."""
    text = re.sub(r"\\\n\s*", " ", text)
    lines = [re.sub(r"\s{2,}\S.*", "", line) for line in re.findall(r"^ {4,}(\S.*)$", text, flags=re.MULTILINE)]
    return [line for line in lines if "readlist" in line and not re.search("|".join(NOT_RUN), line)]


LINES = [(path.stem, line) for path in TOPICS for line in command_lines(path.read_text(encoding="utf-8"))]
DIGEST = "2025-06-02\n" + "\n".join(
    f"On Tides of Kind {number}\n(Ada Lovelace)\nhttps://arxiv.org/abs/2501.{number:05}\nTides rise.\n#rl #survey\n"
    for number in range(14, 19)
)


def test_the_search_for_command_lines_finds_them() -> None:
    assert len(LINES) >= 35
    assert command_lines("    readlist undo 3      undo the last\n        x\ntext\n") == ["readlist undo 3"]


def test_every_command_line_of_a_topic_succeeds(programs: Path, loaded: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    home = programs.parent
    monkeypatch.chdir(home)
    monkeypatch.setenv("HOME", str(home))
    (home / "ids.txt").write_text("2502.06781\n")
    (home / "intro.md").write_text("What we read.\n")
    (home / ".config" / "fish" / "completions").mkdir(parents=True)
    assert loaded("load", "-", stdin=DIGEST).code == 0
    assert loaded("edit", "12", "--arxiv", "2505.19115").code == 0
    failed = {}
    for name, line in LINES:
        if re.search(r"[|<>$&]", line):
            code, err = (done := run_in_bash(line)).returncode, done.stderr
        else:
            code, err = (called := loaded(*shlex.split(line)[1:])).code, called.err
        if code:
            failed[f"{name}: {line}"] = err
    assert not failed, failed


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


@pytest.fixture
def sent(programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which a stub of sendmail leaves the message; it does not exist."""
    folder = tmp_path / ".local" / "bin"  # the first directory of PATH in the scripts
    folder.mkdir(parents=True)
    add_program(folder, "sendmail", STUB_SENDMAIL)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SENT", str(tmp_path / "sent"))
    return tmp_path / "sent"


def read_message(path: Path) -> tuple[str, str, str]:
    """Return recipient, subject and plain text of a message."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    return message["To"], message["Subject"], body.get_content() if body else ""


def test_a_script_for_cron_loads_and_mails_what_is_new_and_nothing_otherwise(
    sent: Path, loaded: Run, tmp_path: Path
) -> None:
    _, daily, _ = recipes("cron")
    source = tmp_path / "2025-06-02.txt"
    source.write_text("2025-06-01\nOn Ebb\n(Alan Turing)\nTides fall.\n")
    loaded("load", source)
    loaded("today", "--to", "text")
    done = run_in_bash(daily)
    assert (done.returncode, done.stdout, done.stderr, sent.exists()) == (0, "", "", False)
    source.write_text(DIGEST)
    done = run_in_bash(daily)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    recipient, subject, text = read_message(sent)
    assert (recipient, subject.startswith("New papers")) == ("ada@example.org", True)
    assert ("On Tides of Kind 14" in text, "Learning to Reason" in text) == (True, False)


def test_a_script_for_cron_mails_what_was_starred_and_nothing_otherwise(sent: Path, loaded: Run) -> None:
    *_, weekly = recipes("cron")
    done = run_in_bash(weekly)
    assert (done.returncode, done.stdout, done.stderr, sent.exists()) == (0, "", "", False)
    loaded("star", "9")
    done = run_in_bash(weekly)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    recipient, subject, text = read_message(sent)
    assert (recipient, subject) == ("group@example.org", "Starred this week")
    assert "Learning to Reason without External Rewards" in text
    assert "Hybrid Latent Reasoning" not in text


@pytest.mark.skipif(not shutil.which("fzf"), reason="no fzf here")
def test_fzf_itself_shows_the_paper_beside_the_list_and_stars_the_chosen_ones(
    programs: Path, loaded: Run, tmp_path: Path
) -> None:
    *_, function = recipes("fzf")
    argv = ["bash", "--norc", "-c", f"{function}papers --unread"]
    environment = {"TERM": "xterm-256color", "FZF_DEFAULT_OPTS": "", "COLUMNS": ""}
    with run_on_terminal(argv, tmp_path, environment) as terminal:
        terminal.read_until("Korean")
        terminal.press("\t\t")  # two papers
        terminal.press("\x13")  # Ctrl-S
        terminal.press("\x0f")  # Ctrl-O
        terminal.press("\r")
        shown = terminal.close()
    assert "Marked 2 papers as read" in shown
    marked = [id_ for id_, state in read_statuses(loaded).items() if state == ("read", True)]
    assert marked == CHOSEN
    assert (tmp_path / "browsed").read_text().split() == [f"https://example.org/{id_}" for id_ in CHOSEN]
