"""Sources of any size: they are loaded or rejected with bounded memory, in linear time."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import ReadlistError
from readlist.loaders.encoding import MAX_LINES
from readlist.loaders.files import MAX_FILE
from readlist.loaders.registry import load_bytes
from tests.conftest import Run
from tests.hostile import is_harmless, titles
from tests.scaling import assert_linear

MAX_MEGABYTES = 200
MB = 1_000_000


class MeasuredProcess(NamedTuple):
    """Exit code, standard error and peak memory of a readlist process."""

    code: int
    err: str
    megabytes: float


# A small process in between: the peak memory of a process includes that of the process that forked it. The limit on CPU
# time is a guard against hangs; how time grows is tested below as a ratio.
MEASURE = f"""
import json, os, resource, subprocess, sys
resource.setrlimit(resource.RLIMIT_CPU, (60,) * 2)
resource.setrlimit(resource.RLIMIT_AS, ({10 * MAX_MEGABYTES * MB},) * 2)
call = [sys.executable, "-m", "readlist", *sys.argv[1:]]
done = subprocess.run(call, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([done.returncode, done.stderr.decode(), used.ru_maxrss / 1024]))
"""


def measure(*args: str | Path, stdin: str = os.devnull) -> MeasuredProcess:
    """Run readlist as a process with limits on CPU time and memory."""
    with Path(stdin).open("rb") as stdin_file:
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, *map(str, args)], stdin=stdin_file, capture_output=True, check=True
        )
    return MeasuredProcess(*json.loads(done.stdout))


def write_sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2_000 * MB)


def format_paper(title: str = "A Title", authors: str = "Ann Other", body: str = "Text.", tags: str = "#t") -> str:
    return f"2025-02-11\n{title}\n({authors})\n{body}\n{tags}\n"


def writer(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(text[:MAX_FILE], encoding="utf-8")


SIZES: dict[str, tuple[Callable[[Path], object], int, str]] = {
    "a title of 1 MB": (writer(format_paper("Title " * 170_000)), 0, "title truncated"),
    "a title of one word of 1 MB": (writer(format_paper("x" * MB)), 0, "title truncated"),
    "an author of 1 MB": (writer(format_paper(authors="x" * MB)), 0, "author truncated"),
    "300,000 authors": (writer(format_paper(authors="ab," * 300_000 + "ab")), 0, "authors truncated: 300,001"),
    "10 MB of authors": (writer(format_paper(authors="ab," * 3_300_000)), 1, "no paper found"),
    "parentheses of 1 MB": (writer(format_paper(authors="(" * 500_000 + ")" * 500_000)), 0, "author truncated"),
    "a tag of 1 MB": (writer(format_paper(tags="#" + "x" * MB)), 0, "tag truncated"),
    "10 MB of tags": (writer(format_paper(tags="#ab " * 2_400_000)), 0, "tags truncated"),
    "a link of 1 MB": (writer(format_paper(body="https://a.example/" + "x" * MB)), 0, "link ignored: longer than"),
    "a link of 1 MB of brackets": (writer(format_paper(body="https://a.example/" + ")" * MB)), 0, ""),
    "an abstract of 10 MB on one line": (writer(format_paper(body="word " * 2_000_000)), 0, "abstract truncated"),
    "a comment of 3,000,000 letters on one line": (
        writer(format_paper(body="학습" * 1_500_000)),
        0,
        "comment (ko) truncated",
    ),
    "10 MB of one line": (writer("x" * MAX_FILE), 1, "no paper found"),
    "10 MB of links": (writer(format_paper(body="http://a.b/c " * 760_000)), 0, "abstract truncated"),
    "640,000 lines": (writer(format_paper(body="언어 모델\n" * 640_000)), 1, "too many lines: more than 150,000"),
    "the maximum number of lines": (
        writer(format_paper(body="언어 모델\n" * (MAX_LINES - 10))),
        0,
        "comment (ko) truncated",
    ),
    "the maximum number of lines without a paper": (writer("언어 모델\n" * (MAX_LINES - 10)), 1, "no paper found"),
    "the maximum number of lines above a paper": (
        writer("언어 모델\n" * (MAX_LINES - 10) + format_paper()),
        0,
        "more problems",
    ),
    "the maximum number of lines below the tags": (
        writer(format_paper() + "언어 모델\n" * (MAX_LINES - 10)),
        0,
        "more problems",
    ),
    "10 MB of line ends": (writer(format_paper() + "\n" * MAX_FILE), 1, "too many lines: more than 150,000"),
    "10 MB of rare line ends": (writer(format_paper() + "\x85" * 4_900_000), 1, "too many lines: more than 150,000"),
    "10 MB of blanks": (writer(format_paper(body=" " * MAX_FILE)), 0, ""),
    "10 MB of invisible characters": (writer(format_paper(body="\u200b" * 3_300_000)), 0, ""),
    "10 MB of marks over one letter": (writer(format_paper(title="a" + "\u0301\u0323" * 2_400_000)), 0, ""),
    "more than 10 MB": (lambda path: path.write_bytes(b"x" * (MAX_FILE + 1)), 1, "too large"),
    "2 GB": (write_sparse, 1, "too large"),
    "a pipe without a writer": (os.mkfifo, 1, "not a regular file"),
    "an endless device": (lambda path: path.symlink_to("/dev/zero"), 1, "not a regular file"),
    "10 MB of NULs": (lambda path: path.write_bytes(bytes(MAX_FILE)), 1, "not text"),
    "10 MB of random bytes": (lambda path: path.write_bytes(os.urandom(MAX_FILE)), 1, "not text"),
}


FAST_CASES = {
    "a title of 1 MB", "300,000 authors", "a link of 1 MB of brackets", "10 MB of one line", "10 MB of NULs", "2 GB",
    "640,000 lines", "the maximum number of lines below the tags", "10 MB of marks over one letter",
    "a pipe without a writer", "an endless device",
}  # fmt: skip


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=[] if case in FAST_CASES else [pytest.mark.slow]) for case in SIZES]
)
def test_a_source_of_any_size_is_loaded_or_rejected_within_200_mb(tmp_path: Path, case: str) -> None:
    create, code, message = SIZES[case]
    source = tmp_path / "d.txt"
    create(source)
    done = measure("load", source)
    assert done.code == code, done
    assert message in done.err
    assert len(done.err.splitlines()) <= 110
    assert is_harmless(done.err)
    assert done.megabytes < MAX_MEGABYTES, done


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (("load", "-"), 1, "too large"),
        (("show", "-"), 2, "is not a list of papers"),
        (("read", "-"), 2, "is not a list of papers"),
        (("note", "1", "-"), 2, "more than 1 MB"),
    ],
)
def test_an_endless_stdin_is_rejected(loaded: Run, args: tuple[str, ...], code: int, message: str) -> None:
    done = measure(*args, stdin="/dev/zero")
    assert done.code == code, done
    assert message in done.err
    assert done.megabytes < MAX_MEGABYTES


def test_a_library_of_papers_of_maximum_size_is_shown_within_200_mb(run: Run, tmp_path: Path) -> None:
    digest = tmp_path / "d.txt"
    digest.write_text(
        "".join(
            format_paper(
                f"{n} " + "긴 제목 " * 100,
                "Ann Other, " * 1_000,
                "word " * 4_000 + "\n" + "학습 " * 6_000,
                "#tag " * 99,
            )
            for n in range(20)
        ),
        encoding="utf-8",
    )
    assert run("load", digest).code == 0
    for args in [("list",), ("search", "학습"), ("show", "1-20"), ("export",)]:
        done = measure(*args)
        assert (done.code, done.megabytes < MAX_MEGABYTES) == (0, True), done


# Each pattern is repeated: a rule that is not linear in some character takes quadratic time for one of these.
PATTERNS = [
    "(", ")", "()", "(a,", "[", "]", "#", "# ", "#a ", "a ", "a, ", "A B, ", ".", ". ", "http://", "http://a",
    "http://a.b/) ", "https://arxiv.org/abs/", "arxiv:a-", "1", "1.", "2025-", "2025년 ", "년월일", "가", "가 ", "a가",
    "κ", "\u0301", "\u0301\u0323", "\u200b",
    "&amp;", "<a ", "<!--", "*_", "``", "\\", "'", '"', "，", "（", "et al., ",
    "Jr., ", ",Jr.", "- ", "A (b) ", "/-", "é", "a\u200b", "https://a/", "https://a/\n",
    "## a\n", "**a**\n", "- [a](http://b.c)\n", "| a |\n", "- **a** (\n", "Tags: a\n", "a::  b\n", "11. a 2025\n",
    "a\n", "a\n\n", "a\n(b)\n", "(a)\n", "http://a.b\n", "http://a.b\nand\n", "http://a.b/\na-b\n",
    ".\n", "#a\n", "가\n", "가\na\n",
    "2025-02-11\n", "A T\n(A B)\nText at:\nhttp://a.b\n.\n가.\nEn.\n#t\n",
]  # fmt: skip
SHAPES = {
    "text": "{}",
    "body": "A Title\n(Ann Other)\n{}",
    "authors": "A Title\n({})\n",
    "unclosed authors": "A Title\n({}",
    "body and remark": "A Title\n(Ann Other)\nText\n{0}\n({0})\n",
}


def load(text: str) -> None:
    with contextlib.suppress(ReadlistError):
        load_bytes(text.encode(), "d.txt")


@pytest.mark.heavy
@pytest.mark.parametrize("limit", [100_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_time_to_load_grows_linearly(pattern: str, shape: str, limit: int) -> None:
    def make_text(size: int) -> str:
        return SHAPES[shape].format(pattern * (size // len(pattern)))

    assert_linear(make_text, load, start=1_000, limit=limit, min_seconds=limit / 20_000_000)


_PIECES = [
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xc0\xaf",
    b"\x80",
    b"\0",
    b"\r\n",
    b"\n",
    b"(Ann)\n",
    b"#t\n",
    b"2025-02-11\n",
]


@given(st.lists(st.binary(max_size=40) | st.sampled_from(_PIECES + [t.encode() for t in titles(90)])).map(b"".join))
def test_any_bytes_give_papers_or_printable_messages(data: bytes) -> None:
    reasons: list[str] = []
    try:
        result = load_bytes(data, "d.txt")
    except ReadlistError as error:
        reasons = [str(error)]
    else:
        assert result.papers
        reasons = list(map(str, result.problems))
    assert all(map(str.isprintable, reasons))
