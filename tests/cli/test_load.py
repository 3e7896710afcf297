"""`readlist load`."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import pytest

from readlist.cli.commands.load import summarize
from readlist.models import Appearance, Paper
from readlist.reports import LoadReport
from tests.conftest import Done, Run

A_DIGEST = """2025년 6월 1일
A Made-Up Paper on Tides
(Ada Lovelace, Alan Turing)
Tides rise and fall.
조수에 대한 논문.
On tides.
#tides
"""


def library_bytes(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted((folder / "home").rglob("*")) if p.is_file()}


def test_a_load_prints_the_number_of_papers(run: Run, seeds: Path) -> None:
    done = run("load", seeds)
    assert (done.code, done.out, done.err) == (0, "", "13 papers added\n")


def test_loading_again_changes_nothing(loaded: Run, seeds: Path, own_folders: Path) -> None:
    before = library_bytes(own_folders)
    done = loaded("load", seeds)
    assert (done.code, done.err) == (0, "Nothing new: 13 papers unchanged\n")
    assert library_bytes(own_folders) == before


def test_a_copy_of_a_digest_adds_no_paper(loaded: Run, seeds: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.txt"
    copy.write_bytes((seeds / "003_d56214795a957d4e.txt").read_bytes())
    done = loaded("load", copy)
    *lines, last = done.err.splitlines()
    title = "Learning to Reason without External Rewards"
    assert lines[0] == f"Already in the library: 9 {title}; now also in digest 2025-05-27"
    assert (len(lines), last) == (5, "5 papers already in the library")
    assert len(loaded("list", "--json").json) == 13


def test_marks_survive_another_file_name_a_second_load_and_a_deleted_index(
    loaded: Run, seeds: Path, own_folders: Path
) -> None:
    loaded("read", "9")
    loaded("star", "10")
    loaded("note", "9", "compare with OREAL")
    marks = loaded("list", "--json").json
    copy = own_folders / "other name.txt"
    copy.write_bytes((seeds / "003_d56214795a957d4e.txt").read_bytes())
    loaded("load", copy, seeds)
    for index in (own_folders / "cache").rglob("*.sqlite"):
        index.unlink()
    after = loaded("list", "--json").json
    fields = ("id", "key", "title", "status", "status_at", "starred", "note", "note_at")
    assert [[e[f] for f in fields] for e in after] == [[e[f] for f in fields] for e in marks]
    assert [(e["id"], e["status"], e["note"]) for e in after if e["status"] != "unread"] == [
        (9, "read", "compare with OREAL")
    ]


def test_a_changed_digest_updates_the_paper_and_keeps_its_mark(run: Run, tmp_path: Path) -> None:
    digest = tmp_path / "d.txt"
    digest.write_text(A_DIGEST, encoding="utf-8")
    run("load", digest)
    run("read", "1")
    digest.write_text(A_DIGEST.replace("rise and fall", "come and go").replace("#tides", "#tides #moon"), "utf-8")
    done = run("load", digest)
    assert (done.code, done.err) == (0, "1 paper updated\n")
    (entry,) = run("list", "--json").json
    assert (entry["abstract"], entry["tags"], entry["status"]) == ("Tides come and go.", ["tides", "moon"], "read")


def test_a_digest_may_be_piped_in(run: Run) -> None:
    assert run("load", "-", stdin=A_DIGEST).err == "1 paper added\n"
    (entry,) = run("list", "--json").json
    assert entry["digests"] == [{"date": "2025-06-01", "source": "-"}]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda p: p.write_text("Dear all,\nlunch is at one.\n"), "no paper found"),
        (lambda p: p.write_text(""), "empty"),
        (lambda p: p.write_bytes(b"\x7fELF\x00\x01\x02"), "not text"),
        (lambda p: p.mkdir(), "no digest"),
        (lambda p: None, "no such file"),
        (os.mkfifo, "not a regular file"),
    ],
)
def test_an_unreadable_source_is_one_line_and_exit_code_1_and_the_rest_is_loaded(
    run: Run, tmp_path: Path, make: object, reason: str
) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text(A_DIGEST, encoding="utf-8")
    make(bad)  # type: ignore[operator] # the table holds functions of a path
    done = run("load", bad, good)
    problem, summary = done.err.splitlines()
    assert done.code == 1
    assert problem.startswith(f"readlist: {bad}: ")
    assert reason in problem
    assert summary == "1 paper added"


def test_a_load_that_only_fails_prints_the_error_and_no_summary(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "nothere"
    error = f"readlist: {missing}: no such file or directory\n"
    assert run("load", missing) == Done(1, "", error)
    assert run("load", "--dry-run", missing) == Done(1, "", error)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_one_line(run: Run, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(A_DIGEST, encoding="utf-8")
    secret.chmod(0)
    done = run("load", secret)
    assert (done.code, done.err.splitlines()[0]) == (1, f"readlist: {secret}: Permission denied")


def test_an_unplaced_line_is_reported_and_is_no_failure(run: Run, tmp_path: Path) -> None:
    digest = tmp_path / "d.txt"
    digest.write_text("A stray line before any paper\n" + A_DIGEST, encoding="utf-8")
    done = run("load", digest)
    assert done.code == 0
    assert done.err.startswith("d.txt:1: ")
    assert done.err.endswith("1 paper added\n")


def test_an_empty_source_is_an_error(run: Run) -> None:
    done = run("load", "")
    assert (done.code, done.err) == (
        2,
        "readlist: a SOURCE is empty; for the current directory write: readlist load .\n",
    )


@pytest.mark.parametrize("date", ["3. ožujka 2025", "2025-02-31", "31.02.2025"])
def test_an_invalid_date_is_reported(run: Run, date: str) -> None:
    done = run("load", "-", stdin=A_DIGEST.replace("2025년 6월 1일", date))
    assert done.err.splitlines()[0] == f"-:1: unrecognized date: '{date}'; write 2025-02-11"


def test_ids_are_never_reused(loaded: Run, own_folders: Path) -> None:
    papers = own_folders / "home" / "papers.json"
    store = json.loads(papers.read_text(encoding="utf-8"))
    assert sorted(map(int, store["papers"])) == list(range(1, 14))
    loaded("load", "-", stdin=A_DIGEST)
    assert loaded("search", "tides", "--json").json[0]["id"] == 14


ONE = Paper("One", digests=(Appearance(None, "one.txt"), Appearance(dt.date(2025, 2, 12), "two.txt")))
OTHER = Paper("Other", digests=(Appearance(dt.date(2025, 2, 13), "three.txt"),))


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (
            LoadReport((ONE, OTHER), (ONE,), (ONE,), 4),
            "2 papers added, 1 updated, 1 already in the library, 4 unchanged",
        ),
        (LoadReport((ONE,) * 1200), "1,200 papers added"),
        (LoadReport(repeated=(ONE, OTHER), unchanged=12), "2 papers already in the library, 12 unchanged"),
        (LoadReport(unchanged=13), "Nothing new: 13 papers unchanged"),
        (LoadReport(unchanged=1), "Nothing new: 1 paper unchanged"),
        (LoadReport(updated=(ONE,)), "1 paper updated"),
        (LoadReport(), "Nothing new"),
    ],
)
def test_the_summary_of_a_load(report: LoadReport, sentence: str) -> None:
    assert summarize(report) == sentence
