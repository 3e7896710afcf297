"""`readlist sync --lab` and `--leave`: a group that shares papers, and of the marks what each member chose."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Done, Run

NOTE = "비밀 메모: not for the lab"

Member = Callable[..., Done]


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    return tmp_path / "lab.git"


@pytest.fixture
def member(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Member:
    """Run readlist in the library of a person: `member("kim", "list")`."""

    def call(person: str, *args: str | Path) -> Done:
        monkeypatch.setenv("READLIST_HOME", str(tmp_path / person))
        return run(*args)

    return call


@pytest.fixture
def kim(member: Member, seeds: Path) -> Member:
    """`member`, of whom kim has the seeds, a star, a read paper, a tag and a note."""
    for words in (("load", seeds), ("star", "12"), ("read", "9"), ("tag", "9", "--add", "내것"), ("note", "9", NOTE)):
        assert member("kim", *words).code == 0
    return member


def all_objects(remote: Path) -> bytes:
    """Return every version of every file there."""
    call = ["git", "-C", str(remote), "cat-file", "--batch-all-objects", "--batch"]
    return subprocess.run(call, capture_output=True, check=True).stdout


def test_a_member_shares_status_and_star_by_default_and_nothing_else_is_in_any_object(kim: Member, lab: Path) -> None:
    done = kim("kim", "sync", "--lab", lab, "--as", "kim")
    assert (done.code, done.out) == (0, "")
    assert done.err == "Sent 13 papers and 2 marks (first sync).\n"
    shared = all_objects(lab)
    assert b"people/kim" in shared or b"kim" in shared
    for secret in (NOTE, "내것"):
        assert secret.encode() not in shared
    assert kim("kim", "sync", "--status").out == f"Lab: {lab}, as kim, sharing status, star\n"


def test_a_newcomer_gets_the_papers_and_keeps_marks_apart(kim: Member, lab: Path) -> None:
    kim("kim", "sync", "--lab", lab, "--as", "kim")
    done = kim("lee", "sync", "--lab", lab, "--as", "lee")
    assert (done.code, done.err) == (0, "Received 13 papers and 2 marks of others (first sync).\n")
    entries = kim("lee", "list", "--json").json
    assert {(entry["status"], entry["starred"]) for entry in entries} == {("unread", False)}


def test_a_sync_includes_the_lab_and_needs_no_other_remote(kim: Member, lab: Path, tmp_path: Path) -> None:
    kim("kim", "sync", "--lab", lab, "--as", "kim")
    assert kim("kim", "sync").err == "Nothing new.\n"
    kim("kim", "star", "1")
    assert kim("kim", "sync").err == "Sent 1 mark.\n"
    kim("kim", "sync", tmp_path / "own.git")
    status = kim("kim", "sync", "--status", "--json").json
    assert (status["remote"], status["lab"]) == (str(tmp_path / "own.git"), str(lab))
    assert (status["person"], status["shared"]) == ("kim", ["status", "star"])


def test_sharing_notes_is_said_with_what_it_means(kim: Member, lab: Path) -> None:
    done = kim("kim", "sync", "--lab", lab, "--as", "kim", "--share", "note,star")
    warning, summary = done.err.splitlines()
    assert warning == (
        "Your notes are shared with the lab: they stay in its git history, also after you delete them or leave"
    )
    assert summary == "Sent 13 papers and 2 marks (first sync)."
    assert NOTE.encode() in all_objects(lab)


@pytest.mark.parametrize("name", ["", " ", "../kim", "a/b", "-kim", "me:you", "x" * 200])
def test_a_name_that_is_no_folder_there_is_a_usage_error(kim: Member, lab: Path, name: str) -> None:
    done = kim("kim", "sync", "--lab", lab, f"--as={name}")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert not lab.exists()


def test_who_leaves_deletes_the_marks_there_and_keeps_the_papers(kim: Member, lab: Path) -> None:
    kim("kim", "sync", "--lab", lab, "--as", "kim")
    done = kim("kim", "sync", "--leave")
    assert (done.code, done.err) == (0, "Left the lab; your marks were deleted there, its git history keeps them\n")
    call = ["git", "-C", str(lab), "ls-tree", "-r", "--name-only", "readlist"]
    assert "people/" not in subprocess.run(call, capture_output=True, text=True, check=True).stdout
    assert len(kim("kim", "list", "--json").json) == 13
    assert (
        kim("kim", "sync", "--leave").err == "No lab is joined. To join one: readlist sync --lab REMOTE --as PERSON\n"
    )
    assert kim("kim", "sync", "--status").err.startswith("No remote. ")


def test_a_lab_that_is_unreachable_can_be_left_and_the_reason_is_said(kim: Member, lab: Path) -> None:
    kim("kim", "sync", "--lab", lab, "--as", "kim")
    lab.rename(lab.with_name("elsewhere"))
    done = kim("kim", "sync", "--leave")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert done.err.startswith("readlist: left the lab, but your marks could not be deleted there: ")
    assert kim("kim", "sync", "--status").err.startswith("No remote. ")
