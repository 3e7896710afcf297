"""`python -m readlist`."""

from readlist.cli import run_process

run_process()
