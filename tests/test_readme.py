"""README.md: its transcript is what the program prints, its commands, paths and figures exist.

`UPDATE_README=1 pytest tests/test_readme.py` writes what the commands of the transcript print now into README.md.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path

from tests.conftest import ROOT, Done

README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")
_TRANSCRIPT = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)


def test_the_transcript_is_what_a_terminal_of_80_columns_shows(on_terminal: Callable[..., Done]) -> None:
    (expected,) = _TRANSCRIPT.findall(TEXT)
    actual = ""
    for command in re.findall(r"^\$ (.*)$", expected, flags=re.MULTILINE):
        program, *args = shlex.split(command)
        assert program == "readlist"
        done = on_terminal(*args, columns=80, TERM="dumb")
        assert done.code == 0, command
        actual += f"$ {command}\n" + "".join(f"{line.rstrip()}\n" for line in done.out.splitlines())
    if os.environ.get("UPDATE_README"):
        README.write_text(_TRANSCRIPT.sub(lambda _: actual, TEXT), encoding="utf-8")
    else:
        assert actual == expected


def test_the_readme_is_short() -> None:
    assert len(TEXT.splitlines()) <= 175


def test_each_guarantee_names_tests_that_exist() -> None:
    guarantees = TEXT.partition("## Guarantees")[2].partition("\n## ")[0]
    rows = [line for line in guarantees.splitlines() if line.startswith("| ") and "tests/" in line]
    assert len(rows) == 10
    assert [path for path in re.findall(r"`(tests/\S+)`", guarantees) if not (ROOT / path).is_file()] == []


def test_the_commands_that_continuous_integration_runs_are_in_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    headings = re.findall(r'^\s*readme_command "([^"]+)"', script, flags=re.MULTILINE)
    assert headings == ["Development", "Install"]
    for heading in headings:
        section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
        assert ".venv/bin/pip install" in re.findall(r"```sh\n(.*?)```", section, flags=re.DOTALL)[0]


def test_every_picture_is_described() -> None:
    assert [Path(path).suffix for path in re.findall(r"!?\[[^\]]+\]\((\.github/[^)]+\.svg)\)", TEXT)] == [".svg"] * 4
