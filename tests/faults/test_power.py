"""Power loss: a change is reported as saved only when the file, its name and its directory are on the disk."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
import sys

import pytest

from readlist.edits import SetStar
from tests.faults.sandbox import LibrarySandbox
from tests.library_files import refs

CALLS = "fsync,fdatasync,rename,renameat,renameat2,link,linkat,write"


def trace_disk_calls(sandbox: LibrarySandbox, *words: str) -> list[str]:
    """Return what a command writes and prints, in order: `sync data/marks.json.new`, `rename to …`, `print …`."""
    log = sandbox.root / "trace"
    call = ["strace", "-f", "-y", "-s", "200", "-o", str(log), "-e", f"trace={CALLS}", sys.executable, "-m", "readlist"]
    done = subprocess.run([*call, *words], capture_output=True, text=True, check=False)
    if not log.exists() or "PTRACE" in done.stderr:
        pytest.skip("strace is not permitted here")
    assert done.returncode == 0, done.stderr
    calls = [_parse_call(sandbox, line) for line in log.read_text().splitlines()]
    return [call for call in calls if call]


def _parse_call(sandbox: LibrarySandbox, line: str) -> str:
    for name, path in sandbox.files.directories._asdict().items():
        line = line.replace(str(path), name)
    line = re.sub(r"/\.([a-z0-9.]+)\.\d+\.new", r"/\1.new", line)
    if match := re.search(r"(fsync|fdatasync)\(\d+<([^>]*)>\) += 0", line):
        return "" if match[2].startswith("cache") else f"sync {match[2]}"
    if match := re.search(r'rename\w*\(.*"([^"]*)"', line):
        return f"rename to {match[1]}"
    if match := re.search(r'write\(2<[^>]*>, "([^"]*)"', line):
        return f"print {match[1]}"
    return ""


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_a_change_is_reported_once_file_name_and_directory_are_on_the_disk(disk_sandbox: LibrarySandbox) -> None:
    disk_sandbox.load(3)
    disk_sandbox.library().apply(SetStar(True), refs(disk_sandbox.library(), [1]))  # creates the directories
    calls = trace_disk_calls(disk_sandbox, "read", "2")
    *synced, message, end = [call for call in calls if "/backups/" not in call]
    assert synced == [
        "sync state/history/000003.done.new",
        "rename to state/history/000003.done",
        "sync state/history",
        "sync data/marks.json.new",
        "rename to data/marks.json",
        "sync data",
    ]
    assert message.startswith("print ")
    assert message.endswith("Latent reward number 2")
    assert end == "print \\n"


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_a_new_directory_is_on_the_disk_before_its_files_are_reported_as_saved(disk_sandbox: LibrarySandbox) -> None:
    path = disk_sandbox.write_digest(dt.date(2025, 2, 11), range(1, 4))
    calls = trace_disk_calls(disk_sandbox, "load", str(path))
    (message,) = [call for call in calls if call.startswith("print 3 ")]
    assert calls.index(f"sync {disk_sandbox.root}") < calls.index("sync data") < calls.index(message)
