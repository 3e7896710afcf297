"""Files that readlist writes are readable by their owner only, under any umask."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import CALLS, DIGEST, PREPARED, call
from tests.conftest import ROOT, Run

UMASKS = [0o000, 0o077, 0o777, *(pytest.param(umask, marks=pytest.mark.slow) for umask in (0o022, 0o277))]


@pytest.mark.parametrize("umask", UMASKS, ids=oct)
def test_every_file_and_directory_is_private_after_every_command(
    run: Run, own_folders: Path, monkeypatch: pytest.MonkeyPatch, umask: int
) -> None:
    for name in ("STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(own_folders / "library" / name))
    monkeypatch.setenv("READLIST_HOME", str(own_folders / "library" / "data" / "home"))
    before = os.umask(umask)
    try:
        run("load", "-", stdin=DIGEST)
        run("load", ROOT / "seeds")
        for words in [*PREPARED, *map(call, CALLS)]:
            assert run(*words, stdin=DIGEST).code == 0
    finally:
        os.umask(before)
    paths = list((own_folders / "library").rglob("*"))
    assert len(paths) > 10
    assert {path: oct(stat.S_IMODE(path.stat().st_mode)) for path in paths} == {
        path: "0o700" if path.is_dir() else "0o600" for path in paths
    }


@pytest.mark.parametrize("umask", UMASKS, ids=oct)
def test_a_temporary_index_and_the_file_of_the_editor_are_private(loaded: Run, tmp_path: Path, umask: int) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    editor = tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\nstat -c "%a %n" "{temporary}"/* "{temporary}"/*/* > {tmp_path}/modes\n')
    editor.chmod(0o755)
    code = f"""
import os, pty, sys
os.umask({umask})
sys.exit(os.waitstatus_to_exitcode(pty.spawn([sys.executable, "-m", "readlist", "note", "12"])))
"""
    env = {"TMPDIR": str(temporary), "XDG_CACHE_HOME": "/dev/null/x", "EDITOR": str(editor)}
    subprocess.run([sys.executable, "-c", code], env={**os.environ, **env}, check=True, cwd=ROOT, capture_output=True)
    modes = {Path(line.split()[1]).name: line.split()[0] for line in (tmp_path / "modes").read_text().splitlines()}
    assert modes.pop("note-12.md") == "600"
    assert modes.pop("private.sqlite") == "600"
    assert set(modes.values()) == {"700"}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077], ids=oct)
@pytest.mark.parametrize("force", [False, True])
def test_an_export_has_the_mode_of_the_umask(loaded: Run, tmp_path: Path, umask: int, force: bool) -> None:
    path = tmp_path / "list.md"
    before = os.umask(umask)
    try:
        for _ in range(1 + force):
            assert loaded("export", "-o", path, *["--force"] * force).code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask
