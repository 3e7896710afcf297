"""Power loss during a sync: what a file relies on is on the disk before it, and all of it before a line is printed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.faults.test_power import CALLS
from tests.sync.machines import Machine

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
_PACKS = "own.git/objects/pack"


def trace_sync(machine: Machine) -> list[str]:
    """Return what a sync writes, in order: `sync PATH`, `name PATH` for a rename or a link, `print TEXT`."""
    log = machine.sandbox.root / "trace"
    call = ["strace", "-f", "-y", "-s", "200", "-o", str(log), "-e", f"trace={CALLS}", sys.executable, "-m", "readlist"]
    environment = {**os.environ, **machine.environment}
    done = subprocess.run([*call, "sync"], capture_output=True, text=True, check=False, env=environment)
    if not log.exists() or "PTRACE" in done.stderr:
        pytest.skip("strace is not permitted here")
    assert done.returncode == 0, done.stderr
    calls = [_parse_call(machine, line) for line in log.read_text().splitlines()]
    return [call for call in calls if call]


def _parse_call(machine: Machine, line: str) -> str:
    for name, path in (
        ("SYNC", machine.sync_directory),
        ("REMOTE", machine.remote),
        *((name.upper(), path) for name, path in machine.files.directories._asdict().items()),
    ):
        line = line.replace(str(path), name)
    line = line.replace("/./", "/")
    line = re.sub(r"/tmp_(pack|idx)_\w+", r"/new.\1", line)
    line = re.sub(r"/(pack)-[0-9a-f]{40}\.(pack|idx)", r"/pack.\2", line)
    line = re.sub(r"/\.([a-z0-9.-]+)\.\d+\.new", r"/\1.new", line)
    # A call during which a process ends is written in two lines.
    if match := re.search(r"(?:fsync|fdatasync)\(\d+<([^>]*)>(?:\) += 0| <unfinished)", line):
        return f"sync {match[1]}"
    if match := re.search(r'(?:rename|link)\w*\(.*"([^"]*)"(?:, [^"]*)?\) += 0', line):
        return f"name {match[1]}"
    if match := re.search(r'write\(2<[^>]*>, "((?:Sent|Received)[^"]*)"', line):
        return f"print {match[1]}"
    return ""


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a sync writes that receives and sends papers and marks."""
    root = tmp_path_factory.mktemp("machines")
    desk, laptop = (Machine(root, name, root / "remote") for name in ("desk", "laptop"))
    desk.load(range(1, 4), day=11)
    desk.run("star", "1")
    desk.sync()
    laptop.sync()
    desk.load(range(4, 6), day=12)
    desk.run("note", "1", "at the desk")
    desk.sync()
    laptop.load(range(6, 8), day=13)
    laptop.run("read", "2")
    return trace_sync(laptop)


def find(calls: list[str], call: str, after: int = 0) -> int:
    assert call in calls[after:], (call, calls[after:])
    return calls.index(call, after)


def test_the_merge_is_on_the_disk_before_the_files_that_name_it_and_these_before_anything_is_sent(
    calls: list[str],
) -> None:
    fetched = find(calls, f"name SYNC/{_PACKS}/pack.idx")
    order = [
        f"sync SYNC/{_PACKS}/new.pack",
        f"sync SYNC/{_PACKS}/new.idx",
        f"name SYNC/{_PACKS}/pack.pack",
        f"name SYNC/{_PACKS}/pack.idx",
        "sync SYNC/own.git/refs/readlist/new.lock",
        "name SYNC/own.git/refs/readlist/new",
        f"sync SYNC/{_PACKS}",
        "sync SYNC/own.git/refs/readlist",
        "sync DATA/papers.json.new",
        "name DATA/papers.json",
        "sync DATA",
        "sync DATA/marks.json.new",
        "name DATA/marks.json",
        "sync DATA",
        "sync SYNC/own.json.new",
        "name SYNC/own.json",
        "sync REMOTE/refs/heads/readlist.lock",
        "name REMOTE/refs/heads/readlist",
        "sync REMOTE/refs/heads",
    ]
    position = fetched
    for call in order:
        position = find(calls, call, position + 1)
    (printed,) = [number for number, call in enumerate(calls) if call.startswith("print ")]
    assert printed > position


def test_what_is_sent_is_on_the_disk_of_the_folder_before_its_branch_is(calls: list[str]) -> None:
    branch = find(calls, "sync REMOTE/refs/heads/readlist.lock")
    packs = [number for number, call in enumerate(calls) if call.startswith("sync REMOTE/objects/") and "new." in call]
    assert packs
    assert max(packs) < branch
