"""No source is too big: it is read within 2 s and 200 MB, or refused in one line."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import ReadlistError
from readlist.loaders.files import MAX_FILE, MAX_LINES
from readlist.loaders.registry import load_bytes
from tests.conftest import Run
from tests.hostile import is_harmless, titles

SECONDS, MEGABYTES = 2, 200
PATIENCE = 4
"""How many times as slow a busy machine may be."""
MB = 1_000_000


class Measured(NamedTuple):
    """How a readlist of its own ended, and what it took."""

    code: int
    err: str
    seconds: float
    megabytes: float


# A process of few megabytes in between: the greatest size of one begins with that of the process that made it.
MEASURE = f"""
import json, os, resource, subprocess, sys
resource.setrlimit(resource.RLIMIT_CPU, ({10 * SECONDS},) * 2)
resource.setrlimit(resource.RLIMIT_AS, ({10 * MEGABYTES * MB},) * 2)
call = [sys.executable, "-m", "readlist", *sys.argv[1:]]
done = subprocess.run(call, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([done.returncode, done.stderr.decode(), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""


def measured(*args: str | Path, stdin: str = os.devnull) -> Measured:
    """Run readlist as a process that may not take much more than it should."""
    with Path(stdin).open("rb") as given_:
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, *map(str, args)], stdin=given_, capture_output=True, check=True
        )
    return Measured(*json.loads(done.stdout))


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2_000 * MB)


def paper(title: str = "A Title", authors: str = "Ann Other", body: str = "Text.", tags: str = "#t") -> str:
    return f"2025-02-11\n{title}\n({authors})\n{body}\n{tags}\n"


def wrote(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(text[:MAX_FILE], encoding="utf-8")


SIZES: dict[str, tuple[Callable[[Path], object], int, str]] = {
    "a title of 1 MB": (wrote(paper("Title " * 170_000)), 0, "title cut"),
    "a title of one word of 1 MB": (wrote(paper("x" * MB)), 0, "title cut"),
    "an author of 1 MB": (wrote(paper(authors="x" * MB)), 0, "author cut"),
    "300,000 authors": (wrote(paper(authors="ab," * 300_000 + "ab")), 0, "authors cut: there are 300,001"),
    "10 MB of authors": (wrote(paper(authors="ab," * 3_300_000)), 1, "no paper found"),
    "parentheses of 1 MB": (wrote(paper(authors="(" * 500_000 + ")" * 500_000)), 0, "author cut"),
    "a tag of 1 MB": (wrote(paper(tags="#" + "x" * MB)), 0, "tag cut"),
    "10 MB of tags": (wrote(paper(tags="#ab " * 2_400_000)), 0, "tags cut"),
    "a link of 1 MB": (wrote(paper(body="https://a.example/" + "x" * MB)), 0, "a link longer than"),
    "a link of 1 MB of brackets": (wrote(paper(body="https://a.example/" + ")" * MB)), 0, ""),
    "an abstract of 10 MB on one line": (wrote(paper(body="word " * 2_000_000)), 0, "abstract cut"),
    "a comment of 3,000,000 letters on one line": (wrote(paper(body="학습" * 1_500_000)), 0, "comment (ko) cut"),
    "10 MB of one line": (wrote("x" * MAX_FILE), 1, "no paper found"),
    "10 MB of links": (wrote(paper(body="http://a.b/c " * 760_000)), 0, "abstract cut"),
    "640,000 lines of two Korean words": (wrote(paper(body="언어 모델\n" * 640_000)), 1, "more than 150,000 lines"),
    "as many lines as may be": (wrote(paper(body="언어 모델\n" * (MAX_LINES - 10))), 0, "comment (ko) cut"),
    "as many lines that belong to no paper": (wrote("언어 모델\n" * (MAX_LINES - 10)), 1, "no paper found"),
    "as many lines above a paper": (wrote("언어 모델\n" * (MAX_LINES - 10) + paper()), 0, "more problems"),
    "as many lines below the tags": (wrote(paper() + "언어 모델\n" * (MAX_LINES - 10)), 0, "more problems"),
    "10 MB of line ends": (wrote(paper() + "\n" * MAX_FILE), 1, "more than 150,000 lines"),
    "10 MB of strange line ends": (wrote(paper() + "\x85" * 4_900_000), 1, "more than 150,000 lines"),
    "10 MB of blanks": (wrote(paper(body=" " * MAX_FILE)), 0, ""),
    "10 MB of invisible characters": (wrote(paper(body="\u200b" * 3_300_000)), 0, ""),
    "10 MB of marks over one letter": (wrote(paper(title="a" + "\u0301\u0323" * 2_400_000)), 0, ""),
    "more than 10 MB": (lambda path: path.write_bytes(b"x" * (MAX_FILE + 1)), 1, "larger than 10 MB"),
    "2 GB": (sparse, 1, "larger than 10 MB"),
    "a pipe that nobody writes to": (os.mkfifo, 1, "not a regular file"),
    "an endless device": (lambda path: path.symlink_to("/dev/zero"), 1, "not a regular file"),
    "10 MB of NULs": (lambda path: path.write_bytes(bytes(MAX_FILE)), 1, "not text"),
    "10 MB of noise": (lambda path: path.write_bytes(os.urandom(MAX_FILE)), 1, "not text"),
}


IN_THE_SUITE = {
    "a title of 1 MB", "300,000 authors", "a link of 1 MB of brackets", "10 MB of one line", "10 MB of NULs", "2 GB",
    "640,000 lines of two Korean words", "as many lines below the tags", "10 MB of marks over one letter",
    "a pipe that nobody writes to", "an endless device",
}  # fmt: skip


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=[] if case in IN_THE_SUITE else [pytest.mark.slow]) for case in SIZES]
)
def test_a_source_of_any_size_is_read_or_refused_within_2_s_and_200_mb(tmp_path: Path, case: str) -> None:
    make, code, said = SIZES[case]
    source = tmp_path / "d.txt"
    make(source)
    done = measured("load", source)
    assert done.code == code, done
    assert said in done.err
    assert len(done.err.splitlines()) <= 110
    assert is_harmless(done.err)
    assert done.seconds < SECONDS * PATIENCE, done
    assert done.megabytes < MEGABYTES, done


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("load", "-"), 1, "larger than 10 MB"),
        (("show", "-"), 2, "not a list of papers"),
        (("read", "-"), 2, "not a list of papers"),
        (("note", "1", "-"), 2, "more than 1 MB"),
    ],
)
def test_an_endless_stdin_is_refused_in_one_line(loaded: Run, args: tuple[str, ...], code: int, said: str) -> None:
    done = measured(*args, stdin="/dev/zero")
    assert done.code == code, done
    assert said in done.err
    assert done.seconds < SECONDS * PATIENCE
    assert done.megabytes < MEGABYTES


def test_a_library_of_the_greatest_papers_is_shown_within_2_s_and_200_mb(run: Run, tmp_path: Path) -> None:
    big = tmp_path / "d.txt"
    big.write_text(
        "".join(
            paper(
                f"{n} " + "긴 제목 " * 100,
                "Ann Other, " * 1_000,
                "word " * 4_000 + "\n" + "학습 " * 6_000,
                "#tag " * 99,
            )
            for n in range(20)
        ),
        encoding="utf-8",
    )
    assert run("load", big).code == 0
    for args in [("list",), ("search", "학습"), ("show", "1-20"), ("export",)]:
        done = measured(*args)
        assert (done.code, done.seconds < SECONDS * PATIENCE, done.megabytes < MEGABYTES) == (0, True, True), done


# What doubles is repeated until parsing takes a while: with a rule that is not linear it would double again.
PATTERNS = [
    "(", ")", "()", "(a,", "[", "]", "#", "# ", "#a ", "a ", "a, ", "A B, ", ".", ". ", "http://", "http://a",
    "http://a.b/) ", "https://arxiv.org/abs/", "arxiv:a-", "1", "1.", "2025-", "2025년 ", "년월일", "가", "가 ", "a가",
    "κ", "\u0301", "\u0301\u0323", "\u200b",
    "&amp;", "<a ", "<!--", "*_", "``", "\\", "'", '"', "，", "（", "et al., ",
    "Jr., ", "a\n", "a\n\n", "a\n(b)\n", "(a)\n", "http://a.b\n", "http://a.b/\na-b\n",
    ".\n", "#a\n", "가\n", "가\na\n",
    "2025-02-11\n", "A T\n(A B)\nText at:\nhttp://a.b\n.\n가.\nEn.\n#t\n",
]  # fmt: skip
HEADS = ["", "A Title\n(Ann Other)\n", "A Title\n("]


def seconds_to_load(text: str) -> float:
    data = text.encode()
    began = time.process_time()
    with contextlib.suppress(ReadlistError):
        load_bytes(data, "d.txt")
    return time.process_time() - began


def is_linear(head: str, pattern: str, longest: int) -> bool:
    """Whether doubling the input at most 2.5-folds the time, in the best of five tries: the machine has other work."""
    once = head + pattern * (longest // 2 // len(pattern))
    twice = head + pattern * (longest // len(pattern))
    for _ in range(5):
        before = seconds_to_load(once)
        if seconds_to_load(twice) < 2.5 * before + 0.02:
            return True
    return False


@pytest.mark.parametrize("longest", [20_000, pytest.param(2_000_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_doubling_the_input_at_most_2_5_folds_the_time(pattern: str, longest: int) -> None:
    for head in HEADS:
        assert is_linear(head, pattern, longest), (head, pattern)


_SCRAPS = [
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


@given(st.lists(st.binary(max_size=40) | st.sampled_from(_SCRAPS + [t.encode() for t in titles(90)])).map(b"".join))
def test_any_bytes_at_all_are_a_report_and_never_a_traceback(data: bytes) -> None:
    reasons: list[str] = []
    try:
        loaded = load_bytes(data, "d.txt")
    except ReadlistError as error:
        reasons = [str(error)]
    else:
        assert loaded.papers
        reasons = list(map(str, loaded.problems))
    assert all(map(str.isprintable, reasons))
