"""`python -m tests.benchmarks [SIZE...]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.benchmarks import quality, speed
from tests.benchmarks.made_up import papers

sizes = [int(size) for size in sys.argv[1:]] or [1_000, 10_000]
with tempfile.TemporaryDirectory(prefix="readlist-benchmark-") as scratch:
    quality.table(Path(scratch, "quality"))
    for size in sizes:
        print()
        speed.table(speed.shelve(papers(size), Path(scratch, str(size))))
