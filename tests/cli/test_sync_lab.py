"""`readlist sync --lab` and `--leave`: a group that shares papers, and of the marks what each member chose."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Member

NOTE = "비밀 메모: not for the lab"


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
    assert kim("kim", "sync", "--status").out.startswith(f"Lab: {lab}, as kim, sharing status, star\n")


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
    assert done.err.endswith("; to delete them later: join again, then readlist sync --leave\n")
    assert kim("kim", "sync", "--status").err.startswith("No remote. ")


def test_marks_that_could_not_be_deleted_when_leaving_are_after_joining_again(kim: Member, lab: Path) -> None:
    kim("kim", "sync", "--lab", lab, "--as", "kim")
    lab.rename(lab.with_name("elsewhere"))
    kim("kim", "sync", "--leave")
    lab.with_name("elsewhere").rename(lab)
    kim("kim", "sync", "--lab", lab, "--as", "kim")
    assert kim("kim", "sync", "--leave").code == 0
    assert not any(path.startswith("people/") for path in read_branch(lab))


def test_a_url_with_a_password_or_a_token_is_in_no_object(kim: Member, lab: Path, tmp_path: Path) -> None:
    paper = {
        "title": "Behind a Login",
        "url": "https://me:SECRET1@a.example/x.pdf",
        "links": ["https://a.example/y?token=SECRET2", "https://a.example/code?id=3"],
        "digests": [{"date": "2026-11-20", "source": "lab.txt"}],
    }
    (tmp_path / "papers.json").write_text(json.dumps([paper]))
    assert kim("kim", "load", tmp_path / "papers.json").code == 0
    kim("kim", "sync", "--lab", lab, "--as", "kim")
    kim("kim", "sync", tmp_path / "own.git")
    for remote in (lab, tmp_path / "own.git"):
        objects = all_objects(remote)
        assert b"Behind a Login" in objects
        assert b"SECRET" not in objects
    assert b"https://a.example/code?id=3" in all_objects(lab)
    (entry,) = kim("kim", "list", "title:login", "--json").json
    assert entry["url"] == paper["url"]  # here it stays


def test_what_is_no_longer_shared_is_removed_from_the_branch_and_named(kim: Member, lab: Path) -> None:
    kim("kim", "sync", "--lab", lab, "--as", "kim", "--share", "status,star,note,tags")
    assert any(NOTE in content for content in read_branch(lab).values())
    done = kim("kim", "sync", "--lab", lab, "--as", "kim", "--share", "star")
    assert done.err.splitlines()[0] == (
        "no longer shared: status, tags, note; the lab's git history keeps what was sent"
    )
    own = "".join(content for path, content in read_branch(lab).items() if path.startswith("people/kim/"))
    assert "starred" in own
    assert not any(text in own for text in (NOTE, "내것", "status"))


def test_joining_under_a_name_that_somebody_has_is_reported(kim: Member, lab: Path) -> None:
    assert "already" not in kim("kim", "sync", "--lab", lab, "--as", "kim").err
    assert "already" not in kim("kim", "sync", "--lab", lab, "--as", "kim", "--share", "star").err
    done = kim("bag", "sync", "--lab", lab, "--as", "KIM")
    assert done.code == 0
    assert done.err.splitlines()[0] == (
        "kim shares marks there already; if that is not you, on this or another of your machines: readlist sync "
        "--leave, then join under another name"
    )


def test_status_has_the_others_and_what_the_lab_does_not_have_yet(kim: Member, lab: Path) -> None:
    kim("kim", "sync", "--lab", lab, "--as", "kim")
    assert "\nOthers in the lab: none yet\n" in kim("kim", "sync", "--status").out
    kim("lee", "sync", "--lab", lab, "--as", "lee")
    kim("lee", "star", "3")
    status = kim("lee", "sync", "--status").out.splitlines()
    assert status[1] == "Others in the lab: kim"
    assert status[2].startswith("Last sync with the lab: 20")
    assert status[3] == "Not sent to the lab: 1 mark"
    fields = kim("lee", "sync", "--status", "--json").json
    assert (fields["others"], fields["lab_unsent"]["marks"], fields["unsent"]["marks"]) == (["kim"], 1, 0)
    assert fields["lab_last_sync"].endswith("Z")


def test_an_unreachable_lab_is_an_error_that_says_that_the_other_sync_is_complete(
    kim: Member, lab: Path, tmp_path: Path
) -> None:
    kim("kim", "sync", "--lab", lab, "--as", "kim")
    lab.rename(lab.with_name("elsewhere"))
    done = kim("kim", "sync", tmp_path / "own.git")
    assert done.code == 1
    assert done.err == (
        f"readlist: the remote does not exist: {lab}; connect its disk, or pass another remote; "
        f"the sync with {tmp_path / 'own.git'} is complete\n"
    )


@pytest.mark.parametrize("name", ["any", "Lee", "ｌｅｅ", "\u202elee"])
def test_a_directory_below_a_name_that_nobody_can_join_under_is_no_person(kim: Member, lab: Path, name: str) -> None:
    kim("lee", "load", "-")
    kim("kim", "sync", "--lab", lab, "--as", "kim")
    rename_person(lab, "kim", name)
    kim("lee", "sync", "--lab", lab, "--as", "park")
    assert kim("lee", "sync", "--status", "--json").json["others"] == []


def test_a_member_who_pushes_marks_of_one_user_does_not_keep_the_others_from_the_lab(kim: Member, lab: Path) -> None:
    kim("kim", "sync", "--lab", lab, "--as", "kim")
    blob = git(lab, "hash-object", "-w", "--stdin").strip()
    add_to_branch(lab, f"100644 blob {blob}\taliases")
    kim("kim", "star", "1")
    assert kim("kim", "sync", "--status").code == 0
    assert kim("kim", "sync").err == "Sent 1 mark.\n"


def read_branch(remote: Path) -> dict[str, str]:
    """Return the files of the branch by their paths."""
    paths = git(remote, "ls-tree", "-r", "-z", "--name-only", "readlist").rstrip("\0").split("\0")
    return {path: git(remote, "show", f"readlist:{path}") for path in paths}


def rename_person(remote: Path, person: str, name: str) -> None:
    """Give the directory of a person another name, as whoever may push can."""
    people = git(remote, "ls-tree", "readlist:people").replace(f"\t{person}\n", f"\t{name}\n")
    tree = git(remote, "mktree", input_=people).strip()
    add_to_branch(remote, f"040000 tree {tree}\tpeople")


def add_to_branch(remote: Path, entry: str) -> None:
    """Add a line as `git ls-tree` prints it to the root of the branch, in place of one with the same name."""
    name = entry.partition("\t")[2]
    lines = [line for line in git(remote, "ls-tree", "readlist").splitlines() if line.partition("\t")[2] != name]
    lines.append(entry)
    tree = git(remote, "mktree", input_="\n".join(lines) + "\n").strip()
    identity = ("-c", "user.name=x", "-c", "user.email=x@localhost")
    commit = git(remote, *identity, "commit-tree", tree, "-p", "readlist", "-m", "x").strip()
    git(remote, "update-ref", "refs/heads/readlist", commit)


def git(remote: Path, *args: str, input_: str = "") -> str:
    """Run git in a repository, and return what it prints."""
    call = ["git", "-C", str(remote), "-c", "core.quotePath=false", *args]
    return subprocess.run(call, capture_output=True, text=True, check=True, input=input_).stdout
