"""A document of the maximum size takes seconds and less than 200 MB, whatever it repeats (found by fuzzing)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SIZE = 9_000_000
HTML = b'<html><h2><a href="https://arxiv.org/abs/2502.06781">On Tides</a></h2><p>(Ada Lovelace)</p><p>'
MAIL = b"From: a@b.example\nMessage-ID: <1@b.example>\nContent-Type: text/html\n\n"
EXPORT = b'{"id": 1, "key": "k", "title": "T", "status": "read", "digests": []}\n'
META = (
    b'<html><meta name="citation_title" content="T"><meta name="citation_author" content="A B"><div class="abstract">'
)
FEED = b"<rss><channel><item><title>T</title><link>https://arxiv.org/abs/2502.06781</link><description>"
CSV = b"id,status,title,authors,tags,digests,key\n1,read,T,A,,,k\n"

CASES = {
    "links with tracking parameters in a page": (HTML, b"https://a.example/?utm_x=1 "),
    "redirects in a page": (HTML, b'<a href="https://l.facebook.com/l.php?u=https://a.example/">x</a>'),
    "tracking links in a mail": (
        MAIL.replace(b"html", b"plain") + b"On Tides\n(Ada)\n",
        b"https://a.example/?utm_x=1 ",
    ),
    "emoji in a mail": (MAIL + HTML, "😀".encode()),
    "character references in RIS": (b"TY  - JOUR\nTI  - T\n", b"&#1;"),
    "lines that are no entries in an export": (EXPORT, b"- a\n"),
    "short lines in an export": (EXPORT, "가\n".encode()),
    "words of an abstract in a page": (META, b"A B, "),
    "words of an abstract in a feed": (FEED, b"A B, "),
    "cells of one row": (CSV, b"[],"),
    "empty lists in an export": (EXPORT.strip()[:-2], b"[],"),
    "entries of BibTeX": (b"", b"@misc{a,title={T}}\n"),
    "rows of Zotero": (b'"Key","Item Type","Author","Title"\n', b'"K","a","A","T"\n'),
    "papers of a feed": (
        b"<rss><channel>",
        b"<item><title>T</title><link>https://arxiv.org/abs/2502.06781</link></item>\n",
    ),
}


PROGRAM = """
import contextlib, pathlib, sys, time
from readlist.errors import ReadlistError
from readlist.loaders.registry import load_file
start = time.process_time()
with contextlib.suppress(ReadlistError):
    load_file(pathlib.Path(sys.argv[1]))
status = pathlib.Path("/proc/self/status").read_text()
print(time.process_time() - start, status.partition("VmHWM:")[2].split()[0])
"""
"""Prints CPU seconds, and kB of memory at most; `ru_maxrss` would be at least that of the process that started it."""


@pytest.mark.heavy
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.parametrize("case", CASES)
def test_a_document_of_the_maximum_size_takes_seconds_and_less_than_200_mb(case: str, tmp_path: Path) -> None:
    start, unit = CASES[case]
    count = SIZE // len(unit)
    data = start + unit * (min(count, 149_000) if b"\n" in unit and start != EXPORT else count)
    path = tmp_path / "d.txt"
    path.write_bytes(data)
    done = subprocess.run([sys.executable, "-c", PROGRAM, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seconds, size = map(float, done.stdout.split())
    assert seconds < 8  # 2 s, but a busy machine is slower
    assert size < 200_000
