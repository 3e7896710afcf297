"""What a sync costs, and how the remote grows: `python -m tests.benchmarks.sync [PAPERS [DAYS]]`.

Two machines with the same papers, a mark on each, and a directory as the remote. CPU seconds are those of this process
and of git together, without the start of Python; each is the median of some repetitions. Then DAYS days: one machine
loads ten papers and syncs, the other one receives them, marks twenty papers and syncs.
"""

from __future__ import annotations

import random
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from readlist.edits import AppendNote, SetStar, SetStatus
from readlist.library.library import Directories, Library
from readlist.models import PaperRef, Status
from tests.benchmarks.synthetic_papers import SyntheticPaper, generate_papers, write_digests

REPETITIONS = 5
PAPERS_A_DAY = 10
MARKS_A_DAY = 20


def main() -> None:
    """Print a line for each kind of sync, then the size of the remote."""
    papers = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    days = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    with TemporaryDirectory(prefix="readlist-benchmark-") as scratch:
        run(Path(scratch), papers, days)


def run(scratch: Path, papers: int, days: int) -> None:
    """Measure in a directory."""
    generated = generate_papers(papers + (REPETITIONS + days) * PAPERS_A_DAY)
    write_digests(generated[:papers], scratch / "digests")
    desk, laptop = (_open(scratch / name) for name in ("desk", "laptop"))
    desk.load([str(scratch / "digests")])
    refs = [entry.paper.ref for entry in desk.entries(range(1, papers + 1))]
    desk.apply(SetStatus(Status.READ), refs[::3])
    desk.apply(SetStar(starred=True), refs[1::3])
    desk.apply(AppendNote("One.\n\nTwo."), refs[2::3])
    remote = scratch / "remote.git"
    _print("first sync, sends all", [_cpu(lambda: desk.sync(str(remote)))])
    _print("first sync, receives all", [_cpu(lambda: laptop.sync(str(remote)))])
    dice = random.Random(1)
    times: dict[str, list[float]] = {}
    for _ in range(REPETITIONS):
        _mark(desk, refs, dice)
        times.setdefault(f"sends {MARKS_A_DAY} marks", []).append(_cpu(desk.sync))
        times.setdefault(f"receives {MARKS_A_DAY} marks", []).append(_cpu(laptop.sync))
        times.setdefault("nothing new", []).append(_cpu(laptop.sync))
        desk.sync()
        _load(desk, scratch, generated, papers)
        papers += PAPERS_A_DAY
        times.setdefault(f"sends {PAPERS_A_DAY} papers", []).append(_cpu(desk.sync))
        times.setdefault(f"receives {PAPERS_A_DAY} papers", []).append(_cpu(laptop.sync))
    for label, measured in times.items():
        _print(label, measured)
    print(f"remote: {_size(remote):,} bytes", flush=True)
    for _ in range(days):
        _load(desk, scratch, generated, papers)
        papers += PAPERS_A_DAY
        desk.sync()
        laptop.sync()
        _mark(laptop, refs, dice)
        laptop.sync()
    print(f"remote after {days} days: {_size(remote):,} bytes")


def _open(directory: Path) -> Library:
    return Library(Directories(directory / "data", directory / "state", directory / "cache"))


def _load(library: Library, scratch: Path, generated: list[SyntheticPaper], first: int) -> None:
    directory = scratch / "new" / str(first)
    write_digests(generated[first : first + PAPERS_A_DAY], directory)
    library.load([str(directory)])


def _mark(library: Library, refs: list[PaperRef], dice: random.Random) -> None:
    library.apply(AppendNote(f"Read again {dice.random()}."), dice.sample(refs, MARKS_A_DAY))


def _cpu(function: Callable[[], object]) -> float:
    before = _used()
    function()
    return _used() - before


def _used() -> float:
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _print(label: str, seconds: list[float]) -> None:
    print(f"{label:26}{median(seconds):7.2f} s", flush=True)


def _size(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
