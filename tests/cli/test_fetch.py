"""`readlist fetch`, with a server on this machine in the place of arXiv and Crossref."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from readlist.library import filling
from tests.conftest import Done, Run
from tests.services import (
    MOONS,
    TIDES,
    WAVES,
    WORLD_1,
    WORLD_2,
    Handler,
    Published,
    Server,
    body,
    hang,
    serving,
    status,
)

DIGEST = """2025-02-11
On Tides and Their Causes
(Ada Lovelace, Alan Turing)
조수에 대한 논문.

Waves in Shallow Water
(E. Noether)
An abstract of its own.
파도에 대한 논문.

World Models
(Somebody Else)
A comment.

Unheard of by All
(Nobody Known)
A comment.
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(TIDES, MOONS, WAVES, WORLD_1, WORLD_2) as server:
        monkeypatch.setenv("READLIST_ARXIV_URL", server.url("/arxiv"))
        monkeypatch.setenv("READLIST_CROSSREF_URL", server.url("/crossref"))
        yield server


@pytest.fixture
def digest(run: Run, tmp_path: Path) -> Path:
    path = tmp_path / "d.txt"
    path.write_text(DIGEST)
    run("load", path)
    return path


def many(run: Run, server: Server, tmp_path: Path, count: int) -> None:
    """Load papers of which the library has title and author, and arXiv the rest."""
    titles = [f"A Study of Phenomenon {chr(97 + n // 26)}{chr(97 + n % 26)}q" for n in range(count)]
    server.papers = [Published(title, ("Ada Lovelace",), f"2502.{n:05}") for n, title in enumerate(titles, 1)]
    (tmp_path / "many.txt").write_text("2025-02-11\n" + "".join(f"{title}\n(Ada Lovelace)\n\n" for title in titles))
    assert run("load", tmp_path / "many.txt").code == 0


def test_papers_are_found_by_title_and_author_and_only_empty_fields_are_filled(
    run: Run, server: Server, digest: Path
) -> None:
    done = run("fetch")
    assert done.code == 0
    assert done.out.splitlines() == [
        "1\tarxiv_id, url, abstract\ttitle 100%, 2 of 2 authors in common\tOn Tides and Their Causes",
        "2\tdoi, url\ttitle 100%, 1 of 1 author in common\tWaves in Shallow Water",
    ]
    assert done.err.splitlines() == [
        "No certain match: 3 World Models (Somebody Else)",
        "  arXiv:2501.00003  World Models (David Ha): title 100%, 0 of 1 author in common",
        "  arXiv:2501.00004  World Models (Lise Meitner): title 100%, 0 of 1 author in common",
        "Not filled: 4 Unheard of by All: not found",
        "2 papers filled, 1 without a certain match, 1 not filled",
    ]
    tides, waves, *rest = sorted(run("list", "--json").json, key=lambda paper: paper["id"])
    assert (tides["arxiv_id"], tides["abstract"], tides["comments"]) == (
        "2501.00001",
        "Tides rise and fall.",
        {"ko": "조수에 대한 논문."},
    )
    assert (waves["doi"], waves["abstract"], waves["authors"]) == (
        "10.1000/waves.1",
        "An abstract of its own.",
        ["E. Noether"],
    )
    assert [(paper["arxiv_id"], paper["doi"]) for paper in rest] == [("", "")] * 2
    assert (server.count("search_query"), server.count("/crossref/works?")) == (4, 3)


def test_a_field_that_the_user_removed_is_not_filled(run: Run, server: Server, digest: Path) -> None:
    for abstract in ("Another.", ""):
        run("edit", "1", "--abstract", abstract)
    assert run("fetch", "tides").out.startswith("1\tarxiv_id, url\t")
    (paper,) = run("list", "tides", "--json").json
    assert (paper["arxiv_id"], paper["abstract"]) == ("2501.00001", "")


def test_one_undo_empties_the_filled_fields(run: Run, server: Server, digest: Path) -> None:
    before = run("list", "--json").json
    run("fetch")
    assert run("history").out.splitlines()[0].split("\t")[1].startswith("fetch")
    assert run("undo").code == 0
    assert run("list", "--json").json == before


def test_what_is_complete_is_not_looked_up_again(run: Run, server: Server, digest: Path) -> None:
    run("fetch")
    server.requests.clear()
    done = run("fetch", "On Tides")
    assert (done.out, done.err) == (
        "",
        "Nothing to look up: no matching paper lacks an identifier, authors or an abstract\n",
    )
    assert server.requests == []


def test_a_query_limits_what_is_looked_up(run: Run, server: Server, digest: Path) -> None:
    assert run("fetch", "author:lovelace").err == "1 paper filled\n"
    assert len(server.requests) == 1


def test_a_dry_run_changes_nothing(run: Run, server: Server, digest: Path) -> None:
    before = run("list", "--json").json
    done = run("fetch", "--dry-run")
    assert len(done.out.splitlines()) == 2
    assert (
        done.err.splitlines()[-1]
        == "Dry run, nothing was changed: 2 papers filled, 1 without a certain match, 1 not filled"
    )
    assert run("list", "--json").json == before


def test_papers_with_an_arxiv_id_are_looked_up_in_one_request(run: Run, server: Server, tmp_path: Path) -> None:
    for number, paper in enumerate((TIDES, MOONS, WORLD_1)):
        (tmp_path / f"{number}.md").write_text(
            f"https://arxiv.org/abs/{paper.arxiv_id}\n*{paper.title}* (Ada Lovelace)\n"
        )
    run("load", tmp_path)
    done = run("fetch")
    assert [line.split("\t")[1:3] for line in done.out.splitlines()] == [
        ["abstract", "same arXiv ID, title 100%, 1 of 1 author in common"],
        ["doi, abstract", "same arXiv ID, title 100%, 1 of 1 author in common"],
        ["abstract", "same arXiv ID, title 100%, 0 of 1 author in common"],
    ]
    assert len(server.requests) == 1


def test_stubs_are_filled(run: Run, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as offline:
        for name in ("ARXIV", "CROSSREF"):
            offline.setenv(f"READLIST_{name}_URL", "http://127.0.0.1:9")
        assert run("add", "2501.00002", "10.1000/waves.1", "--tag", "later").code == 0
    assert run("fetch").err == "2 papers filled\n"
    papers = sorted(run("list", "--json").json, key=lambda paper: paper["id"])
    assert [(paper["title"], paper["authors"], paper["my_tags"]) for paper in papers] == [
        (MOONS.title, list(MOONS.authors), ["later"]),
        (WAVES.title, list(WAVES.authors), ["later"]),
    ]
    run("undo")
    assert sorted(paper["title"] for paper in run("list", "--json").json) == ["arXiv:2501.00002", "doi:10.1000/waves.1"]


def test_an_identifier_of_another_paper_is_not_filled(run: Run, server: Server, tmp_path: Path) -> None:
    run("add", "2501.00001")
    (tmp_path / "d.txt").write_text("2025-02-11\nOn Tide and Their Causes\n(Ada Lovelace, Alan Turing)\nA comment.\n")
    run("load", tmp_path / "d.txt")
    server.papers = [TIDES, TIDES._replace(title="On Tide and Their Causes")]
    done = run("fetch")
    assert done.err.splitlines() == [
        (
            "Not filled: 2 On Tide and Their Causes: paper 1 has the same identifier;"
            " if they are the same paper: readlist merge 1 2"
        ),
        "0 papers filled, 1 not filled",
    ]


# Failures


def test_what_was_found_before_a_failure_is_saved_and_the_next_run_continues(
    run: Run, server: Server, tmp_path: Path
) -> None:
    many(run, server, tmp_path, 7)
    answer = Handler._answer
    server.faults = [answer, answer, answer, status(429, Retry_After="3600")]
    done = run("fetch")
    assert (done.code, len(done.out.splitlines()), len(server.requests)) == (1, 3, 4)
    assert done.err.splitlines() == [
        "3 papers filled",
        "readlist: arXiv asks to wait for 3,600 s: HTTP status 429; to continue, repeat the command",
    ]
    server.requests.clear()
    assert run("fetch").err == "4 papers filled\n"
    assert len(server.requests) == 4
    assert run("list", "has:arxiv").out.count("\n") == 7


def test_papers_are_saved_in_batches_and_the_report_says_how_many_steps_undo_them(
    run: Run, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "BATCH_SIZE", 3)
    many(run, server, tmp_path, 7)
    assert run("fetch").err == "7 papers filled\n"
    assert [line.split("\t")[1] for line in run("history").out.splitlines()[:3]] == [
        "fetch 7",
        "fetch 4-6",
        "fetch 1-3",
    ]
    run("undo", "3")
    assert run("list", "has:arxiv").out == ""


@pytest.mark.parametrize("data", [b"<html>Captive portal</html>", b"\x00\x01", b"{}"])
def test_an_answer_in_another_format_ends_the_run(run: Run, server: Server, digest: Path, data: bytes) -> None:
    server.faults = [body(data)]
    done = run("fetch")
    assert (done.code, done.out) == (1, "")
    assert "readlist: arXiv returned " in done.err
    assert len(server.requests) == 1


def start(*args: str) -> subprocess.Popen[str]:
    """Run readlist as a process of its own, which waits for a server."""
    return subprocess.Popen(
        [sys.executable, "-m", "readlist", *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )


def wait_for_requests(server: Server, count: int) -> None:
    end = time.monotonic() + 30
    while len(server.requests) < count:
        assert time.monotonic() < end
        time.sleep(0.01)


ENDS = {signal.SIGINT: (130, 25), signal.SIGTERM: (143, 25), signal.SIGKILL: (-9, 20)}
"""Signal -> exit code, and how many of 25 papers are saved."""


@pytest.mark.parametrize("number", ENDS)
def test_an_interrupted_run_is_continued_by_the_next_one(
    run: Run, server: Server, tmp_path: Path, number: signal.Signals
) -> None:
    code, saved = ENDS[number]
    many(run, server, tmp_path, 30)
    server.faults = [Handler._answer] * 25 + [hang]
    with start("fetch") as process:
        wait_for_requests(server, 26)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == code
    if number != signal.SIGKILL:
        assert len(out.splitlines()) == saved
        assert err.splitlines()[0] == "Not all papers were looked up; to continue, repeat the command"
        assert err.splitlines()[1] == "25 papers filled"
    assert run("list", "has:arxiv").out.count("\n") == saved
    server.requests.clear()
    assert run("fetch").err.splitlines()[-1] == f"{30 - saved} papers filled"
    assert len(server.requests) == 30 - saved
    assert run("doctor").code == 0


# Questions


def test_questions_need_a_terminal(run: Run, server: Server, digest: Path) -> None:
    done = run("fetch", "--ask")
    assert (done.code, done.err) == (2, "readlist: --ask needs a terminal\n")


def answer_questions(answers: str) -> Done:
    import pty

    screen, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "readlist", "fetch", "--ask"],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
    ) as process:
        os.write(screen, answers.encode())
        out, _ = process.communicate(timeout=30)
    os.close(terminal)
    shown = os.read(screen, 65_536).decode().replace("\r\n", "\n")
    os.close(screen)
    return Done(process.returncode, out, shown)


def test_the_user_decides_about_papers_without_a_certain_match(run: Run, server: Server, digest: Path) -> None:
    done = answer_questions("n\ny\n")
    assert done.code == 0
    assert "Candidates for 3 World Models (Somebody Else):" in done.err
    assert "3 papers filled, 1 not filled. Undo: readlist undo 2" in done.err
    assert run("show", "3", "--json").json[0]["arxiv_id"] == "2501.00004"
