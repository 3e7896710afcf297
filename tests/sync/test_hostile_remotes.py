"""A folder of somebody else as remote: no program runs, nothing outside the clone changes, and it ends in time."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from readlist.errors import ReadlistError, SyncRefused
from readlist.sync import remote_directories
from readlist.sync.clone import Clone
from readlist.sync.failures import LostRace
from readlist.sync.layout import is_own_path
from readlist.sync.remotes import parse_remote
from tests.sync.hostile_remotes import CONTENTS, NOW, SETTINGS, Hostile, Scene, hooks, working_tree_elsewhere

TIMEOUT = 8.0
SECRET = "s3cr3t-Pa55"
MAX_MEMORY = 700_000
"""KiB of the largest git process; the largest file that is read has 64 MB."""


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A valid remote with two commits, a home directory, and a program that leaves a file where it runs."""
    home = tmp_path / "victims"
    (home / "victim").mkdir(parents=True)
    (home / "victim" / "mine").write_text("mine\n")
    (home / ".gitconfig").write_text(
        "[user]\n\tuseConfigOnly = true\n[log]\n\tshowSignature = true\n[fetch]\n\tprune = true\n"
    )
    program = tmp_path / "bin" / "program"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\ntouch "{tmp_path}/ran"\ncat >/dev/null\nexit 0\n')
    program.chmod(0o755)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    scene = Scene(tmp_path / "remote.git", program, home / "victim")
    clone = open_clone(tmp_path / "other.git", scene.remote)
    first = clone.commit({"format": b"{}\n", "marks/0a": b"one\n"}, "", "kim", "sync", NOW)
    clone.push(clone.commit({"queries": b"q\n"}, first, "kim", "sync", NOW))
    return scene


def open_clone(directory: Path, remote: Path, timeout: float = TIMEOUT) -> Clone:
    clone = Clone(directory, parse_remote(str(remote)), timeout=timeout)
    clone.open()
    clone.create_remote()
    return clone


def exchange(clone: Clone) -> str:
    """Do all that a sync does with a clone; return the error that ends it, "" for none."""
    try:
        tip = clone.fetch()
        tree = clone.tree(tip)
        assert all(is_own_path(path) for path in tree)
        assert all(len(content) <= 64_000_000 for content in clone.blobs(tree.values()).values())
        for author, seconds in clone.commits_between("", tip) if tip else ():
            assert author.isprintable()
            assert 0 <= seconds < 10**11
        if tip and "format" not in clone.tree(tip):
            return "foreign"
        clone.contains(tip)
        clone.push(clone.commit({"aliases": b"a\n"}, tip, "me", "sync", NOW))
        clone.repack_if_needed()
    except (ReadlistError, LostRace) as error:
        return str(error) or "lost race"
    return ""


def snapshot(directory: Path) -> dict[str, tuple[int, str]]:
    found = {}
    for path in sorted(directory.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        found[str(path)] = (status.st_mode, hashlib.sha1(content).hexdigest())
    return found


def peak_memory() -> int:
    """Return the most that a process of this or of an earlier test has used, in kB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


@pytest.mark.parametrize("name", [*SETTINGS, *CONTENTS])
def test_a_hostile_folder_runs_nothing_and_changes_nothing(
    name: str, scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ({**SETTINGS, **CONTENTS}[name])(scene)
    before = snapshot(scene.victim.parent)
    monkeypatch.setattr(remote_directories, "needs_repack", lambda _: True)
    clone = open_clone(tmp_path / "clone" / "repo.git", scene.remote)
    peak = peak_memory()  # of the processes of all tests so far
    started = time.monotonic()
    message = exchange(clone)
    assert not (tmp_path / "ran").exists(), "a program ran"
    assert snapshot(scene.victim.parent) == before
    assert time.monotonic() - started < 2 * TIMEOUT + 5
    assert message.isprintable()
    assert len(message) < 1_000
    assert peak_memory() <= max(peak, MAX_MEMORY)


HARMLESS = {
    *("hooks", "hooks elsewhere", "alternates with a program", "fsmonitor", "programs of core", "garbage collection"),
    *("an executable file", "attributes", "a submodule", "a link for a file", "a link for a directory"),
    *("a name that is not UTF-8", "a name with escapes", "an option as name", "names in capitals", "a signature"),
    *("an encoding of the message", "replaced objects", "escapes in author and message", "many branches"),
}


@pytest.mark.parametrize("name", sorted(HARMLESS - {"garbage collection"}))
def test_what_is_overridden_or_left_out_does_not_stop_a_sync(name: str, scene: Scene, tmp_path: Path) -> None:
    ({**SETTINGS, **CONTENTS}[name])(scene)
    clone = open_clone(tmp_path / "clone" / "repo.git", scene.remote)
    assert exchange(clone) == ""
    assert clone.fetch() == clone.ref("new")


@pytest.mark.parametrize("name", ["a repository of something else", "a link for format", "a directory for format"])
def test_a_branch_without_the_file_format_is_left_alone(name: str, scene: Scene, tmp_path: Path) -> None:
    CONTENTS[name](scene)
    tip = scene.tip
    assert exchange(open_clone(tmp_path / "clone" / "repo.git", scene.remote)) == "foreign"
    assert scene.tip == tip


@pytest.mark.parametrize("change", [hooks, working_tree_elsewhere])
def test_git_without_these_settings_does_run_and_change(change: Hostile, scene: Scene, tmp_path: Path) -> None:
    """The test above detects something."""
    change(scene)
    before = snapshot(scene.victim.parent)
    subprocess.run(["git", "clone", "-q", "-b", "readlist", scene.remote, tmp_path / "tree"], check=True)
    identity = ("-c", "user.name=k", "-c", "user.email=k@k")
    subprocess.run(["git", *identity, "commit", "-q", "--allow-empty", "-m", "x"], cwd=tmp_path / "tree", check=True)
    subprocess.run(["git", "push", "-q"], cwd=tmp_path / "tree", check=False, capture_output=True)
    assert (tmp_path / "ran").exists() or snapshot(scene.victim.parent) != before


def fill(text: str, scene: Scene) -> str:
    """Return a text with the paths of a scene instead of PROGRAM, VICTIM and HOOKS."""
    text = text.replace("PROGRAM", str(scene.program)).replace("VICTIM", str(scene.victim))
    return text.replace("HOOKS", str(scene.victim.parent / "hooks"))


ENVIRONMENT = {
    **dict.fromkeys(
        ("GIT_EXTERNAL_DIFF", "GIT_EDITOR", "GIT_PAGER", "GIT_SEQUENCE_EDITOR", "GIT_TEMPLATE_DIR"), "PROGRAM"
    ),
    **dict.fromkeys(("GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_DIR", "GIT_NAMESPACE"), "VICTIM"),
    **dict.fromkeys(
        ("GIT_TRACE", "GIT_TRACE_PACKET", "GIT_TRACE_CURL", "GIT_TRACE2_EVENT", "GIT_INDEX_FILE"), "VICTIM/trace"
    ),
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": "VICTIM",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "core.hooksPath",
    "GIT_CONFIG_VALUE_0": "HOOKS",
    "GIT_CONFIG_PARAMETERS": "'core.hooksPath'='HOOKS'",
    "GIT_ALLOW_PROTOCOL": "ext:git:http",
    "GIT_DEFAULT_HASH": "sha256",
    "GIT_QUARANTINE_PATH": "VICTIM",
    "GIT_SHALLOW_FILE": "VICTIM/mine",
    "GIT_GRAFT_FILE": "VICTIM/mine",
    "GIT_REPLACE_REF_BASE": "refs/heads/",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_CURL_VERBOSE": "1",
    "LANGUAGE": "ko",
    "LC_ALL": "ko_KR.UTF-8",
}


def test_variables_of_git_have_no_effect(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pre-push", "reference-transaction", "post-checkout", "pre-receive"):
        scene.hook(scene.victim.parent / "hooks", name)
    before = snapshot(scene.victim.parent)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, fill(value, scene))
    clone = open_clone(tmp_path / "clone" / "repo.git", scene.remote)
    assert exchange(clone) == ""
    assert not (tmp_path / "ran").exists()
    assert snapshot(scene.victim.parent) == before


USER_SETTINGS = """
[core]
	hooksPath = HOOKS
	fsmonitor = PROGRAM
	attributesFile = VICTIM/mine
	autocrlf = true
	excludesFile = VICTIM/mine
[init]
	templateDir = HOOKS
	defaultObjectFormat = sha256
	defaultRefFormat = reftable
	defaultBranch = main
[protocol "ext"]
	allow = always
[commit]
	gpgSign = true
[push]
	gpgSign = true
	followTags = true
	default = nothing
[gpg]
	program = PROGRAM
[user]
	useConfigOnly = true
[safe]
	bareRepository = explicit
[transfer]
	fsckObjects = false
[fetch]
	prune = true
	recurseSubmodules = true
	writeCommitGraph = true
[gc]
	auto = 1
[log]
	showSignature = true
[i18n]
	commitEncoding = EUC-KR
	logOutputEncoding = EUC-KR
[color]
	ui = always
[pager]
	fetch = PROGRAM
	rev-list = PROGRAM
"""


def test_settings_of_the_user_that_are_for_other_work_have_no_effect(scene: Scene, tmp_path: Path) -> None:
    hook_directory = scene.victim.parent / "hooks"
    for name in ("pre-push", "reference-transaction", "post-checkout", "pre-receive", "pre-auto-gc"):
        scene.hook(hook_directory, name)
    (scene.victim.parent / ".gitconfig").write_text(fill(USER_SETTINGS, scene))
    before = snapshot(scene.victim.parent)
    clone = open_clone(tmp_path / "clone" / "repo.git", scene.remote)
    assert exchange(clone) == ""
    assert clone.fetch() == clone.ref("new")
    assert not (tmp_path / "ran").exists()
    assert snapshot(scene.victim.parent) == before
    assert not (clone.directory / "hooks").exists()


def test_an_address_that_the_user_rewrites_to_a_program_is_refused(scene: Scene, tmp_path: Path) -> None:
    settings = (
        f'[protocol "ext"]\n\tallow = always\n[url "ext::{scene.program} "]\n\tinsteadOf = https://forge.example/\n'
    )
    (scene.victim.parent / ".gitconfig").write_text(settings)
    clone = Clone(tmp_path / "repo.git", parse_remote(f"https://kim:{SECRET}@forge.example/x"), timeout=TIMEOUT)
    clone.remote = parse_remote("https://forge.example/x")
    clone.open()
    with pytest.raises(ReadlistError, match="transport 'ext' not allowed"):
        clone.fetch()
    assert not (tmp_path / "ran").exists()


def test_the_working_directory_is_no_repository_of_sync(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks(scene)
    scene.settings("[core]\n\tfsmonitor = PROGRAM\n")
    monkeypatch.chdir(scene.remote)
    clone = open_clone(tmp_path / "clone" / "repo.git", tmp_path / "new.git")
    assert exchange(clone) == ""
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can make a folder another user's"
)
def test_a_folder_of_another_user_names_the_command_that_trusts_it(scene: Scene, tmp_path: Path) -> None:
    for path in (scene.remote, *scene.remote.rglob("*")):
        shutil.chown(path, user=65_534)
    clone = open_clone(tmp_path / "clone" / "repo.git", scene.remote)
    with pytest.raises(ReadlistError, match=r"belongs to another user: .*git config --global --add safe\.directory '/"):
        clone.fetch()


def test_a_folder_with_settings_that_may_run_programs_is_refused_with_their_name(scene: Scene, tmp_path: Path) -> None:
    scene.settings("[include]\n\tpath = x\n")
    with pytest.raises(SyncRefused, match=r"settings of the remote may run programs: include in /.*/config; remove it"):
        open_clone(tmp_path / "clone" / "repo.git", scene.remote).fetch()
