"""`python -m tests.benchmarks [SIZE...] [--python PATH]...`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import speed

parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure readlist.")
parser.add_argument("sizes", type=int, nargs="*", metavar="SIZE", help="numbers of papers (default: 1000 10000)")
parser.add_argument(
    "--python",
    action="append",
    metavar="PATH",
    help="an interpreter in whose environment readlist is installed; several are compared with each other",
)
parser.add_argument("--rounds", type=int, default=speed.ROUNDS, help="measured runs of each command")
arguments = parser.parse_args()
if not arguments.python:
    for name in ("quality", "suggestions"):
        subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"], check=True)
for size in arguments.sizes or [1_000, 10_000]:
    print(flush=True)
    with TemporaryDirectory(prefix="readlist-benchmark-") as scratch:
        speed.print_table(size, Path(scratch), arguments.python or [sys.executable], arguments.rounds)
