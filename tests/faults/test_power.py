"""Power loss: "saved" is said once the file, its name and its folder are on the disk, in this order."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
import sys

import pytest

from readlist.edits import SetStar
from tests.faults.home import Home

CALLS = "fsync,fdatasync,rename,renameat,renameat2,link,linkat,write"


def traced(home: Home, *words: str) -> list[str]:
    """What a command does to the disk, and says, in order: `fsync data/marks.json.new`, `rename …`, `says …`."""
    log = home.root / "trace"
    call = ["strace", "-f", "-y", "-s", "200", "-o", str(log), "-e", f"trace={CALLS}", sys.executable, "-m", "readlist"]
    done = subprocess.run([*call, *words], capture_output=True, text=True, check=False)
    if not log.exists() or "PTRACE" in done.stderr:
        pytest.skip("strace may not trace here")
    assert done.returncode == 0, done.stderr
    steps = [_step(home, line) for line in log.read_text().splitlines()]
    return [step for step in steps if step]


def _step(home: Home, line: str) -> str:
    names = {str(home.folders.data): "data", str(home.folders.state): "state", str(home.folders.cache): "cache"}
    for path, name in names.items():
        line = line.replace(path, name)
    line = re.sub(r"/\.([a-z0-9.]+)\.\d+\.new", r"/\1.new", line)
    if match := re.search(r"(fsync|fdatasync)\(\d+<([^>]*)>\) += 0", line):
        return "" if match[2].startswith("cache") else f"sync {match[2]}"
    if match := re.search(r'rename\w*\(.*"([^"]*)"', line):
        return f"rename to {match[1]}"
    if match := re.search(r'write\(2<[^>]*>, "([^"]*)"', line):
        return f"says {match[1]}"
    return ""


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_saved_is_said_when_file_name_and_folder_are_on_the_disk(home: Home) -> None:
    home.load(3)
    home.library().apply(SetStar(True), [1])  # so that the folders are there
    steps = traced(home, "read", "2")
    assert [step for step in steps if "/backups/" not in step] == [
        "sync state/history/000003.done.new",
        "rename to state/history/000003.done",
        "sync state/history",
        "sync data/marks.json.new",
        "rename to data/marks.json",
        "sync data",
        "says Marked as read: 2 Latent reward number 2",
        "says \\n",
    ]


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_a_new_folder_is_on_the_disk_before_what_lies_in_it_is_said_to_be(home: Home) -> None:
    path = home.write_digest(dt.date(2025, 2, 11), range(1, 4))
    steps = traced(home, "load", str(path))
    assert steps.index(f"sync {home.root}") < steps.index("sync data") < steps.index("says 3 papers added")
