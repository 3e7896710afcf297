"""`python -m tests.benchmarks [SIZE...]`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import speed

sizes = [int(size) for size in sys.argv[1:]] or [1_000, 10_000]
for name in ("quality", "suggestions"):
    subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"], check=True)
for size in sizes:
    print(flush=True)
    with TemporaryDirectory(prefix="readlist-benchmark-") as scratch:
        speed.print_table(speed.create_library(size, Path(scratch)))
