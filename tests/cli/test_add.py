"""`readlist add`, with a server on this machine in the place of arXiv, Crossref and publishers."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from readlist.cli.context import find_directories
from readlist.library.library import Library
from readlist.paper_edits import DeletePapers
from tests.conftest import Run
from tests.services import MOONS, TIDES, WAVES, WORLD_1, WORLD_2, Published, Server, paper_page, serving, status

TODAY = dt.date.today().isoformat()
NOBODY = "http://127.0.0.1:9"
"""A server that does not run."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(TIDES, MOONS, WAVES, WORLD_1, WORLD_2) as server:
        monkeypatch.setenv("READLIST_ARXIV_URL", server.url("/arxiv"))
        monkeypatch.setenv("READLIST_CROSSREF_URL", server.url("/crossref"))
        yield server


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READLIST_ARXIV_URL", NOBODY)
    monkeypatch.setenv("READLIST_CROSSREF_URL", NOBODY)


def test_a_paper_is_added_by_its_arxiv_id(run: Run, server: Server) -> None:
    done = run("add", "arXiv:2501.00001v2")
    assert (done.code, done.out, done.err) == (0, "", "Added: 1 On Tides and Their Causes\n")
    (paper,) = run("list", "--json").json
    assert (paper["arxiv_id"], paper["authors"], paper["abstract"]) == (
        "2501.00001",
        ["Ada Lovelace", "Alan Turing"],
        "Tides rise and fall.",
    )
    assert run("list").out.split("\t")[1] == TODAY
    assert run("digests").out == ""
    assert len(server.requests) == 1


def test_papers_are_added_by_doi_url_and_title_and_one_undo_removes_them(run: Run, server: Server) -> None:
    server.pages = {"/a": paper_page(Published("On Its Page", doi="10.1000/page"))}
    done = run("add", "10.1000/waves.1", server.url("/a"), "moons of distant planets", "--allow-private")
    assert (done.code, done.err.splitlines()) == (
        0,
        [
            "Added: 1 Waves in Shallow Water",
            "Added: 2 On Its Page",
            "Added: 3 Moons of Distant Planets (title 100%, no authors to compare)",
            "3 papers added",
        ],
    )
    assert [paper["doi"] for paper in run("list", "--json").json] == [
        "10.1000/waves.1",
        "10.1000/page",
        "10.1000/moons.2",
    ]
    assert run("undo").code == 0
    assert run("list").out == ""


def test_a_known_paper_is_shown_and_not_looked_up(run: Run, server: Server) -> None:
    run("add", "2501.00002")
    server.requests.clear()
    for text in ("2501.00002v1", "https://arxiv.org/pdf/2501.00002", "10.1000/moons.2", "Moons of distant planets"):
        done = run("add", text)
        assert (done.code, done.err) == (0, "Already in the library: 1 Moons of Distant Planets\n")
    assert server.requests == []
    assert len(run("history").out.splitlines()) == 1


def test_a_paper_that_turns_out_to_be_known_is_shown_and_its_empty_fields_are_filled(
    run: Run, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "d.txt").write_text("2025-02-11\nMoons of Distant Planets\n(Grace Hopper)\nA comment.\n")
    run("load", tmp_path / "d.txt")
    done = run("add", "2501.00002")
    assert (done.code, done.err) == (0, "Already in the library: 1 Moons of Distant Planets; empty fields filled\n")
    (paper,) = run("list", "--json").json
    assert (paper["arxiv_id"], paper["digests"][0]["date"], len(paper["digests"])) == ("2501.00002", "2025-02-11", 1)
    run("undo")
    assert run("list", "--json").json[0]["arxiv_id"] == ""


def test_of_several_candidates_none_is_added(run: Run, server: Server) -> None:
    done = run("add", "World Models", "2501.00001")
    assert (done.code, done.err.splitlines()) == (
        1,
        [
            "readlist: not added: World Models: no certain match; add one of these by its ID",
            "  readlist add arXiv:2501.00003  World Models (David Ha): title 100%, no authors to compare",
            "  readlist add arXiv:2501.00004  World Models (Lise Meitner): title 100%, no authors to compare",
            "Added: 1 On Tides and Their Causes",
            "1 paper added",
        ],
    )
    assert run("add", "arXiv:2501.00004").err == "Added: 2 World Models\n"
    assert run("add", "arXiv:2501.00003").err == "Added: 3 World Models\n"


def test_a_paper_that_no_service_has_is_not_added(run: Run, server: Server) -> None:
    for text in ("2501.99999", "10.1000/unknown", "Unheard of Title"):
        done = run("add", text)
        assert (done.code, done.err) == (3, f"readlist: no paper found: {text}; add it by hand with --title\n")
    assert run("list").out == ""


def test_items_are_read_from_stdin_one_per_line(run: Run, server: Server) -> None:
    done = run(
        "add", "-", stdin="2501.00001\n\n  Moons of Distant Planets\r\nhttps://doi.org/10.1000/waves.1\n2501.00001\n"
    )
    assert done.code == 0
    assert done.err.splitlines()[-1] == "3 papers added"
    assert len(run("list").out.splitlines()) == 3
    assert server.count("id_list") == 1


def test_a_title_may_be_given_without_quotes(run: Run, server: Server) -> None:
    assert run("add", "Moons", "of", "Distant", "Planets").err.startswith("Added: 1 Moons of Distant Planets")
    assert run("add", "Waves", "in", "shallow", "Water").err.startswith("Added: 2 Waves in Shallow Water")
    server.papers.append(Published("Tides & Moons 2", arxiv_id="2501.00008"))
    assert run("add", "Tides", "&", "Moons", "2").err.startswith("Added: 3 Tides & Moons 2")
    assert run("add", "Moons", "2501.00001").code == 3
    assert run("list").out.count("\n") == 4


def test_tags_note_and_date_are_those_of_all_added_papers(run: Run, server: Server) -> None:
    arguments = ("--tag", "to-try", "-t", "#tides", "--note", "See section 2.", "--date", "2025-02-11")
    assert run("add", "2501.00001", "2501.00002", *arguments).code == 0
    for paper in run("list", "--json").json:
        assert (paper["my_tags"], paper["note"]) == (["to-try", "tides"], "See section 2.")
        assert paper["tags_at"]
        assert paper["note_at"]
    assert run("list", "date:2025-02-11").out.count("\n") == 2
    run("undo")
    assert run("list").out == ""


def test_a_known_paper_gets_the_tags_and_the_note(run: Run, server: Server) -> None:
    run("add", "2501.00001", "--note", "First.")
    done = run("add", "2501.00001", "--tag", "again", "--note", "Second.")
    assert done.err == "Already in the library: 1 On Tides and Their Causes; tags added; note extended\n"
    (paper,) = run("list", "--json").json
    assert (paper["my_tags"], paper["note"]) == (["again"], "First.\n\nSecond.")


def test_a_deleted_paper_is_not_added_again(run: Run, server: Server) -> None:
    run("add", "2501.00001")
    library = Library(find_directories(os.environ["READLIST_HOME"]))
    library.apply(DeletePapers(), library.resolve(["1"]).papers)
    done = run("add", "2501.00001", "--tag", "again")
    assert (done.code, done.err) == (
        1,
        "readlist: paper 1 was deleted: On Tides and Their Causes; to restore it: readlist delete --restore 1\n",
    )


# By hand, and without network


def test_a_paper_is_added_by_hand_without_a_request(run: Run, server: Server) -> None:
    arguments = ("--title", " By  Hand ", "--authors", "Kim, Minsu; Ada Lovelace", "--date", "2025-02-11")
    assert run("add", *arguments, "--tag", "x", "--note", "n").err == "Added: 1 By Hand\n"
    assert run("add", "https://example.org/a", "--title", "With a URL").err == "Added: 2 With a URL\n"
    assert run("add", "2501.00001", "--title", "With an ID", "--authors", "A. B, C. D").err == "Added: 3 With an ID\n"
    papers = {paper["id"]: paper for paper in run("list", "--json").json}
    assert (papers[1]["title"], papers[1]["authors"], papers[1]["my_tags"], papers[1]["note"]) == (
        "By Hand",
        ["Minsu Kim", "Ada Lovelace"],
        ["x"],
        "n",
    )
    assert papers[2]["url"] == "https://example.org/a"
    assert (papers[3]["arxiv_id"], papers[3]["authors"]) == ("2501.00001", ["A. B", "C. D"])
    assert run("add", "--title", "By Hand").err == "Already in the library: 1 By Hand\n"
    assert server.requests == []


@pytest.mark.usefixtures("offline")
def test_without_network_an_identifier_is_added_alone(run: Run) -> None:
    done = run("add", "2501.00001", "10.1000/waves.1", "--tag", "later")
    assert (done.code, done.err.splitlines()) == (
        0,
        [
            (
                "Added without title and authors: 1 arXiv:2501.00001: arXiv cannot be reached: Connection refused; "
                "to add them: readlist fetch"
            ),
            (
                "Added without title and authors: 2 doi:10.1000/waves.1: Crossref cannot be reached: "
                "Connection refused; to add them: readlist fetch"
            ),
            "2 papers added",
        ],
    )
    assert run("add", "2501.00001").err == "Already in the library: 1 arXiv:2501.00001\n"


def test_a_stub_is_filled_when_the_paper_is_loaded_from_a_digest(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("READLIST_ARXIV_URL", NOBODY)
    run("add", "2501.00001", "--note", "My note.")
    (tmp_path / "tides.md").write_text("https://arxiv.org/abs/2501.00001\n*On Tides* (Ada Lovelace)\n> Tides rise.\n")
    run("load", tmp_path / "tides.md")
    (paper,) = run("list", "--json").json
    assert (paper["id"], paper["title"], paper["abstract"], paper["note"]) == (
        1,
        "On Tides",
        "Tides rise.",
        "My note.",
    )


def test_an_identifier_that_was_added_alone_is_looked_up_when_it_is_added_again(
    run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("READLIST_ARXIV_URL", NOBODY)
        run("add", "2501.00001")
        assert run("add", "2501.00001").err == "Already in the library: 1 arXiv:2501.00001\n"
    done = run("add", "2501.00001", "--tag", "later")
    assert done.err == "Already in the library: 1 On Tides and Their Causes; empty fields filled; tags added\n"
    (paper,) = run("list", "--json").json
    assert (paper["authors"], paper["my_tags"]) == (["Ada Lovelace", "Alan Turing"], ["later"])


@pytest.mark.usefixtures("offline")
def test_without_network_a_title_is_not_added(run: Run) -> None:
    done = run("add", "On Tides")
    assert (done.code, done.err) == (
        1,
        (
            "readlist: not added: On Tides: arXiv cannot be reached: Connection refused; "
            "try again later, or add it by hand with --title\n"
        ),
    )
    assert run("list").out == ""


def test_while_arxiv_limits_requests_an_id_is_added_alone(run: Run, server: Server) -> None:
    server.faults = [status(429, Retry_After="600")] * 3
    done = run("add", "2501.00001")
    assert done.code == 0
    assert "arXiv asks to wait for 600 s: HTTP status 429" in done.err
    assert len(server.requests) == 1


USAGE_ERRORS = {
    (): "no paper to add; pass an arXiv ID, DOI, URL or title, or --title TITLE",
    ("12",): "not an arXiv ID, DOI, URL or title: 12; see: readlist add --help",
    ("2501.00001", "--authors", "A"): "--authors needs --title; without --title, authors are looked up",
    ("2501.00001", "2501.00002", "--title", "T"): (
        "--title describes one paper; pass at most one arXiv ID, DOI or URL with it"
    ),
    ("A title", "--title", "T"): "--title describes one paper; pass at most one arXiv ID, DOI or URL with it",
    ("--title", " "): "--title is empty; pass the title of the paper",
    ("2501.00001", "--date", "2025-02"): f"--date: not a single day: 2025-02; write a date such as {TODAY}, yesterday",
    ("2501.00001", "--tag", "two words"): "invalid tag: two words; a tag is one word of at most 64 characters",
    ("file:///etc/passwd",): "invalid URL: file:///etc/passwd: it is not an http or https URL",
    ("2501.00001", "--note", "a" * 10_001): "note is too long: 10,001 characters; the maximum is 10,000",
}


@pytest.mark.parametrize("arguments", USAGE_ERRORS, ids=" ".join)
def test_wrong_arguments_change_nothing_and_send_no_request(
    run: Run, server: Server, arguments: tuple[str, ...]
) -> None:
    done = run("add", *arguments)
    assert (done.code, done.err) == (2, f"readlist: {USAGE_ERRORS[arguments]}\n")
    assert server.requests == []


def test_a_service_is_at_an_http_url(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READLIST_ARXIV_URL", "localhost:80")
    assert run("add", "2501.00001").err == (
        "readlist: invalid $READLIST_ARXIV_URL: localhost:80; write: https://HOST\n"
    )


def test_hostile_metadata_reaches_neither_terminal_nor_library(run: Run, server: Server) -> None:
    server.papers = [Published("On \x9b31mTides\u202e [/] " + "x" * 600, ("A\u200bda [link=file:///]",), "2501.00001")]
    done = run("add", "2501.00001")
    assert done.code == 0
    assert all(line.isprintable() for line in done.err.splitlines())
    (paper,) = run("list", "--json").json
    assert len(paper["title"]) == 500
