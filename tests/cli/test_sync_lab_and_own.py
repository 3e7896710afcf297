"""A library with a remote of its own and a lab: that neither is taken for the other, and what others share is shown."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest

from readlist.errors import ReadlistError
from readlist.sync.git import GitFailed, Result
from tests.cli.conftest import Member


@pytest.fixture
def members(member: Member, lab: Path, seeds: Path) -> Member:
    """`member`, where kim and lee are in the lab with the seeds, and kim starred 12."""
    for words in (("load", seeds), ("star", "12"), ("sync", "--lab", lab, "--as", "kim")):
        assert member("kim", *words).code == 0
    assert member("lee", "sync", "--lab", lab, "--as", "lee").code == 0
    return member


def starred_by_kim(member: Member) -> list[int]:
    return [entry["id"] for entry in member("lee", "list", "by:kim is:starred", "--json").json]


# One repository in two roles


def test_a_lab_is_no_remote_of_ones_own_so_that_no_note_is_published_by_mistake(members: Member, lab: Path) -> None:
    assert members("new", "add", "--title", "On Tides").code == 0
    done = members("new", "sync", lab)
    assert (done.code, done.err.count("\n")) == (6, 1)
    assert "the remote is a lab" in done.err
    assert "readlist sync --lab" in done.err
    assert members("new", "sync", "--status").err.startswith("No remote")
    assert members("lee", "sync").err == "Nothing new.\n"


def test_a_remote_of_ones_own_is_no_lab(member: Member, tmp_path: Path, seeds: Path) -> None:
    for words in (("load", seeds), ("star", "12"), ("sync", tmp_path / "own.git")):
        assert member("kim", *words).code == 0
    done = member("kim", "sync", "--lab", tmp_path / "own.git", "--as", "kim")
    assert (done.code, done.err.count("\n")) == (6, 1)
    assert "the remote is not a lab" in done.err


def test_a_failure_of_git_with_one_remote_tells_that_the_other_sync_is_complete(members: Member, lab: Path) -> None:
    failure = GitFailed("init", Result(128, b"", ""))
    with patch("readlist.library.syncing.sync", side_effect=failure):
        done = members("lee", "sync", lab.with_name("own.git"))
    assert done.code == 1
    assert done.err == f"readlist: git init failed with exit code 128; the sync with {lab} is complete\n"


# The marks of others


def test_marks_of_others_that_could_not_be_saved_come_with_the_next_sync(members: Member) -> None:
    members("kim", "star", "3")
    members("kim", "sync")
    with patch("readlist.library.sync_merge.write_people", side_effect=ReadlistError("disk full")):
        assert members("lee", "sync").code == 1
    assert members("lee", "sync").code == 0
    assert starred_by_kim(members) == [12, 3]


def test_a_sync_writes_a_corrupt_file_of_the_marks_of_others_again(members: Member, tmp_path: Path) -> None:
    (people,) = (path for path in tmp_path.rglob("people.json") if b"kim" in path.read_bytes())
    content = people.read_bytes()
    people.write_bytes(content.replace(b"true", b"fals"))
    assert "readlist sync" in members("lee", "list").err
    assert members("lee", "sync").code == 0
    assert people.read_bytes() == content


def test_a_paper_merged_here_has_the_marks_of_others_on_both(members: Member, lab: Path) -> None:
    members("kim", "star", "3")
    members("kim", "sync")
    members("lee", "merge", "2", "3")
    members("lee", "merge", "5", "12")
    members("lee", "sync")
    assert starred_by_kim(members) == [5, 2]


# Leaving


def test_leaving_a_lab_deletes_what_others_shared(members: Member, tmp_path: Path) -> None:
    assert members("lee", "sync", "--leave").code == 0
    left = [path for path in tmp_path.rglob("lab.git") if path.parent.name == "sync"]
    assert len(left) == 1  # that of kim
    assert members("lee", "doctor").code == 0


def test_a_paper_that_was_deleted_here_does_not_get_from_one_lab_to_another(members: Member, tmp_path: Path) -> None:
    assert members("lee", "delete", "12", "--yes").code == 0
    assert members("lee", "sync", "--lab", tmp_path / "other.git", "--as", "lee").code == 0
    assert members("park", "sync", "--lab", tmp_path / "other.git", "--as", "park").err.startswith("Received 12 papers")
