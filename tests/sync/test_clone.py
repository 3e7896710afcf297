"""The clone: what is fetched, written and pushed, over a remote that is a folder."""

from __future__ import annotations

import os
import stat
import subprocess
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from readlist.errors import ReadlistError, StoreError, SyncRefused
from readlist.sync import clone as clone_module
from readlist.sync import git
from readlist.sync.clone import Clone
from readlist.sync.failures import LostRace
from readlist.sync.remotes import Remote, parse_remote

NOW = 1_780_000_000
FILES: dict[str, bytes | None] = {
    "format": b'{"readlist":1}\n',
    "marks/0a": b"one\n",
    "papers/2026-01": "한글\n".encode(),
}


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return parse_remote(str(tmp_path / "stick" / "lists.git"))


@pytest.fixture
def clone(tmp_path: Path, remote: Remote) -> Clone:
    return open_clone(tmp_path / "one" / "repo.git", remote)


def open_clone(directory: Path, remote: Remote) -> Clone:
    assert remote.path
    remote.path.parent.mkdir(exist_ok=True)
    clone = Clone(directory, remote, timeout=20)
    clone.open()
    clone.create_remote()
    return clone


def commit(clone: Clone, files: dict[str, bytes | None], parent: str = "", author: str = "kim's laptop") -> str:
    return clone.commit(files, parent, author, "sync", NOW)


def contents(clone: Clone, tip: str) -> dict[str, bytes]:
    tree = clone.tree(tip)
    blobs = clone.blobs(tree.values())
    return {path: blobs[id_] for path, id_ in tree.items()}


def run_git(directory: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_DIR": str(directory)}
    return subprocess.run(["git", *arguments], env=environment, check=True, capture_output=True, text=True).stdout


def count_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    calls: list[str] = []
    run = git.run

    def counted(call: git.Call) -> git.Result:
        calls.append(call.arguments[0])
        return run(call)

    monkeypatch.setattr(git, "run", counted)
    return calls


def test_what_one_machine_pushes_another_fetches(tmp_path: Path, clone: Clone, remote: Remote) -> None:
    assert clone.fetch() == ""
    first = commit(clone, FILES)
    clone.push(first)
    other = open_clone(tmp_path / "other" / "repo.git", remote)
    assert other.fetch() == first
    assert contents(other, first) == FILES
    assert other.contains(first)


def test_a_commit_keeps_the_files_of_its_parent_except_those_it_names(clone: Clone) -> None:
    first = commit(clone, FILES)
    second = commit(clone, {"marks/0a": None, "queries": b"q\n"}, first)
    assert contents(clone, second).keys() == {"format", "papers/2026-01", "queries"}
    third = commit(clone, {"format": b"x"})
    assert contents(clone, third) == {"format": b"x"}
    assert clone.ref("new") == third


def test_a_sync_without_changes_is_one_call_of_git_and_one_with_changes_five(
    clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone.push(commit(clone, FILES))
    calls = count_calls(monkeypatch)
    tip = clone.fetch()
    assert calls == ["fetch"]
    contents(clone, tip)
    assert clone.contains(tip)
    clone.push(commit(clone, {"queries": b"q\n"}, tip))
    clone.repack_if_needed()
    assert calls == ["fetch", "ls-tree", "cat-file", "fast-import", "push"]


def test_a_push_after_another_machine_pushed_is_a_lost_race(tmp_path: Path, clone: Clone, remote: Remote) -> None:
    base = commit(clone, FILES)
    clone.push(base)
    other = open_clone(tmp_path / "other" / "repo.git", remote)
    other.fetch()
    other.push(commit(other, {"queries": b"q\n"}, base))
    with pytest.raises(LostRace):
        clone.push(commit(clone, {"aliases": b"a\n"}, base))
    tip = clone.fetch()
    clone.push(commit(clone, {"aliases": b"a\n"}, tip))
    assert other.fetch() == clone.ref("new")


def test_two_first_pushes_are_a_race_too(tmp_path: Path, clone: Clone, remote: Remote) -> None:
    other = open_clone(tmp_path / "other" / "repo.git", remote)
    assert other.fetch() == clone.fetch() == ""
    other.push(commit(other, FILES, author="other"))
    with pytest.raises(LostRace):
        clone.push(commit(clone, FILES))


def test_the_commits_since_the_last_sync_say_who_wrote_them_and_when(clone: Clone) -> None:
    first = commit(clone, FILES, author="김 <kim>\n")
    second = clone.commit({"queries": b""}, first, "", "sync", NOW + 5)
    assert clone.commits_between("", second) == [("readlist", NOW + 5), ("김 kim", NOW)]
    assert clone.commits_between(first, second) == [("readlist", NOW + 5)]
    assert clone.commits_between(second, second) == []


def test_refs_keep_commits_under_names_of_their_own(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    first = commit(clone, FILES)
    clone.set_ref("base-marks", first)
    calls = count_calls(monkeypatch)
    clone.set_ref("base-marks", first)
    assert clone.ref("base-marks") == first
    assert calls == []
    clone.set_ref("base-marks", "")
    assert clone.ref("base-marks") == ""
    assert run_git(clone.directory, "for-each-ref", "--format=%(refname)").split() == ["refs/readlist/new"]
    with pytest.raises(ValueError, match="main"):
        clone.set_ref("../heads/main", first)


def test_contains_is_false_for_what_is_no_commit_of_the_clone(clone: Clone) -> None:
    blob = clone.tree(commit(clone, FILES))["format"]
    for name in ("", "HEAD", "0" * 40, blob, "--help", "x" * 40):
        assert not clone.contains(name)


def test_only_files_of_the_layout_can_be_written(clone: Clone) -> None:
    for path in ("../evil", "README", "marks/../x", '"format', "format\nM 100644 inline x", "hooks/post-update"):
        with pytest.raises(ValueError, match=r"."):
            commit(clone, {path: b""})


def test_the_clone_is_private_under_any_umask(tmp_path: Path, remote: Remote) -> None:
    before = os.umask(0)
    try:
        clone = open_clone(tmp_path / "state" / "repo.git", remote)
        clone.push(commit(clone, FILES))
        clone.fetch()
    finally:
        os.umask(before)
    for path in [clone.directory, *clone.directory.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert remote.path
    assert stat.S_IMODE(remote.path.stat().st_mode) == 0o777  # a folder that is shared has the modes of its users


def test_a_clone_that_was_not_created_completely_is_created_again(tmp_path: Path, remote: Remote) -> None:
    directory = tmp_path / "one" / "repo.git"
    for remains in (directory, directory.with_name(".repo.git.new")):
        (remains / "objects").mkdir(parents=True)
    clone = open_clone(directory, remote)
    clone.push(commit(clone, FILES))
    assert sorted(path.name for path in directory.parent.iterdir()) == ["repo.git"]


@pytest.mark.parametrize("name", ["HEAD", "config"])
def test_a_clone_that_a_power_cut_emptied_is_created_again(name: str, clone: Clone) -> None:
    first = commit(clone, FILES)
    clone.push(first)
    (clone.directory / name).write_text("")
    clone.open()
    assert clone.ref("remote") == clone.ref("new") == ""
    assert clone.fetch() == first


def test_locks_of_a_killed_process_do_not_stop_the_next_sync(clone: Clone) -> None:
    first = commit(clone, FILES)
    clone.push(first)
    for name in ("refs/readlist/remote.lock", "refs/readlist/new.lock", "packed-refs.lock", "objects/pack/tmp_pack_x"):
        (clone.directory / name).write_text("")
    clone.open()
    assert clone.fetch() == first
    commit(clone, {"queries": b"q"}, first)
    assert not list(clone.directory.rglob("*.lock"))
    assert not list(clone.directory.rglob("tmp_pack_x"))


def test_a_lock_that_an_interrupted_push_left_on_a_disk_is_named(clone: Clone, remote: Remote) -> None:
    first = commit(clone, FILES)
    clone.push(first)
    assert remote.path
    lock = remote.path / "refs" / "heads" / "readlist.lock"
    lock.write_text("")
    with pytest.raises(LostRace):
        clone.push(commit(clone, {"queries": b"q"}, first))
    os.utime(lock, (NOW - 1e8, NOW - 1e8))
    with pytest.raises(ReadlistError, match=r"readlist\.lock; delete this file"):
        clone.push(commit(clone, {"queries": b"q"}, first))


def test_a_missing_object_is_a_store_error(clone: Clone) -> None:
    with pytest.raises(StoreError, match="an object is missing from the clone"):
        clone.blobs(["0" * 40])


def test_an_existing_folder_that_is_no_repository_is_left_alone(tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "thesis.txt").write_text("mine")
    clone = Clone(tmp_path / "one" / "repo.git", parse_remote(str(documents)), timeout=20)
    clone.open()
    assert not clone.create_remote()
    with pytest.raises(ReadlistError, match="the remote is not a git repository"):
        clone.fetch()
    assert [path.name for path in documents.iterdir()] == ["thesis.txt"]


def test_a_remote_on_a_disk_that_is_not_mounted_is_not_created(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "one" / "repo.git", parse_remote(str(tmp_path / "stick" / "lists.git")), timeout=20)
    clone.open()
    with pytest.raises(ReadlistError, match=r"does not exist: .*/stick; mount the disk"):
        clone.create_remote()


def test_a_repository_with_a_working_tree_is_a_remote_too(tmp_path: Path) -> None:
    run_git(tmp_path / "tree" / ".git", "init", "-q", "-b", "main", str(tmp_path / "tree"))
    clone = Clone(tmp_path / "one" / "repo.git", parse_remote(str(tmp_path / "tree")), timeout=20)
    clone.open()
    first = commit(clone, FILES)
    clone.push(first)
    assert clone.fetch() == first
    assert sorted(path.name for path in (tmp_path / "tree").iterdir()) == [".git"]


def test_a_remote_that_declines_says_so(clone: Clone, remote: Remote) -> None:
    first = commit(clone, FILES)
    clone.push(first)
    assert remote.path
    run_git(remote.path, "config", "receive.denyCurrentBranch", "refuse")
    run_git(remote.path, "config", "core.bare", "false")
    with pytest.raises(SyncRefused, match=r"the remote declines the changes: .*; everything is merged and saved here"):
        clone.push(commit(clone, {"queries": b"q"}, first))


def test_many_packs_become_one_here_and_in_the_folder(clone: Clone, remote: Remote) -> None:
    tip = ""
    for number in range(24):
        tip = commit(clone, {**FILES, "queries": b"%d" % number}, tip)
        clone.push(tip)
    assert remote.path
    for directory in (clone.directory, remote.path):
        assert len(list(directory.glob("objects/pack/*.pack"))) > 20
    run_git(remote.path, "update-ref", "refs/heads/elsewhere", run_git(remote.path, "rev-parse", f"{tip}~5").strip())
    clone.repack_if_needed()
    for directory in (clone.directory, remote.path):
        assert len(list(directory.glob("objects/pack/*.pack"))) == 1
        run_git(directory, "fsck", "--strict", "--no-dangling")
    assert clone.fetch() == tip
    assert contents(clone, tip)["queries"] == b"23"


def test_many_changes_take_little_space_after_the_repacking(clone: Clone) -> None:
    """Each file is stored as its difference to its last version, not to the file that was written before it."""
    random = Random(1)

    def line() -> str:
        return f'{{"key":"{random.getrandbits(64):016x}","status":[{random.randrange(10**9)},"read"]}}\n'

    shards = {f"marks/{number:02x}": [line() for _ in range(40)] for number in range(8)}
    tip = ""
    for _ in range(23):  # so that it is repacked once
        for lines in shards.values():
            lines[random.randrange(40)] = line()
        files: dict[str, bytes | None] = {path: "".join(lines).encode() for path, lines in shards.items()}
        tip = clone.commit({"format": b"", **files}, tip, "kim", "sync", NOW)
        clone.repack_if_needed()
    size = sum(path.stat().st_size for path in clone.directory.glob("objects/pack/*.pack"))
    assert size < 80_000


def test_a_missing_git_says_what_to_install(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ReadlistError, match=r"sync needs git, which is not installed; install git 2\.30 or newer"):
        clone.fetch()


def test_a_git_that_is_too_old_says_what_to_install(
    tmp_path: Path, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho git version 2.20.1\nexit 129\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    with pytest.raises(ReadlistError, match=r"git is too old for sync: 2\.20; install git 2\.30 or newer"):
        Clone(tmp_path / "one" / "repo.git", remote).open()


def test_a_git_that_does_not_end_is_ended_with_its_children(
    tmp_path: Path, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n(sleep 2; touch {tmp_path}/alive) &\nsleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    clone.timeout = 0.5
    started = time.monotonic()
    with pytest.raises(
        ReadlistError, match=r"the remote did not answer within 0\.5 s: .*; try again with a larger --timeout"
    ):
        clone.fetch()
    assert time.monotonic() - started < 2
    time.sleep(max(0.0, started + 2.5 - time.monotonic()))
    assert not (tmp_path / "alive").exists()


def test_a_listing_that_is_too_long_is_a_store_error(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    first = commit(clone, FILES)
    limits: list[tuple[str, Any]] = [("MAX_FILE", 3), ("MAX_TOTAL", 10), ("MAX_FILES", 1), ("_MAX_LISTING", 20)]
    for name, limit in limits:
        with monkeypatch.context() as patch:
            patch.setattr(clone_module, name, limit)
            with pytest.raises(StoreError, match="more than a library can"):
                Clone(clone.directory, clone.remote).tree(first)


@pytest.mark.parametrize("names", [("refs/heads",), ("refs/heads", "HEAD"), ("refs/heads", "HEAD", "config.lock")])
def test_a_folder_in_which_git_init_was_killed_is_created_again(tmp_path: Path, names: tuple[str, ...]) -> None:
    folder = tmp_path / "remote"
    (folder / "refs" / "heads").mkdir(parents=True)
    for name in names[1:]:
        (folder / name).write_text("ref: refs/heads/readlist\n")
    assert Clone(tmp_path / "clone", parse_remote(str(folder))).create_remote()
    assert Clone(tmp_path / "clone", parse_remote(str(folder))).create_remote() is False
    assert not (folder / "config.lock").exists()
    assert (folder / "objects").is_dir()


def test_a_folder_with_something_else_is_no_unfinished_repository(tmp_path: Path) -> None:
    folder = tmp_path / "remote"
    (folder / "refs" / "heads").mkdir(parents=True)
    (folder / "notes.txt").write_text("mine")
    assert not Clone(tmp_path / "clone", parse_remote(str(folder))).create_remote()
    assert not (folder / "objects").exists()


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (
            git.GitFailed("init", git.Result(128, b"", "fatal: cannot mkdir: No space left on device\n")),
            "No space left",
        ),
        (OSError(28, "No space left on device"), "No space left"),
        (TimeoutError(), "git took too long"),
    ],
)
def test_a_clone_that_cannot_be_created_is_an_error_with_a_reason(
    tmp_path: Path, remote: Remote, monkeypatch: pytest.MonkeyPatch, failure: Exception, reason: str
) -> None:
    def fail(_call: git.Call) -> git.Result:
        raise failure

    monkeypatch.setattr(git, "run", fail)
    with pytest.raises(ReadlistError, match=reason):
        Clone(tmp_path / "new.git", remote).open()
