"""README.md tells the truth: its transcript is run, its commands exist, what it must say it says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator

from tests.conftest import ROOT, Done, Run

README = (ROOT / "README.md").read_text(encoding="utf-8")


def transcript() -> Iterator[tuple[str, str]]:
    """Each command of the console block with all that it prints."""
    (block,) = re.findall(r"```console\n(.*?)```", README, flags=re.DOTALL)
    for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, printed = step.partition("\n")
        yield command, printed


def test_the_transcript_is_what_a_terminal_of_80_columns_shows(on_terminal: Callable[..., Done]) -> None:
    for command, printed in transcript():
        program, *args = shlex.split(command)
        assert program == "readlist"
        done = on_terminal(*args, columns=80, TERM="dumb")
        shown = "".join(f"{line.rstrip()}\n" for line in done.out.splitlines())
        assert (command, done.code, shown) == (command, 0, printed)


def test_every_command_stands_in_the_readme(run: Run) -> None:
    _, _, listed = run("--help").out.partition("Commands:\n")
    commands = re.findall(r"^  (\S+)", listed, flags=re.MULTILINE)
    assert len(commands) > 10
    assert [name for name in commands if not re.search(rf"`{name}\b", README)] == []


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) < 150
