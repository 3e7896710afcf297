"""`readlist sync` where it cannot do what it is asked: each message in one line, with its exit code and no secret."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from pathlib import Path

import pytest
import time_machine

from readlist.library.sync_directory import OWN, SyncDirectory
from readlist.store.lock import Lock
from tests.conftest import Done, Run
from tests.library_files import LibraryFiles

SECRET = "ghp_0123456789abcdefghijABCDEFGHIJ"


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return tmp_path / "papers.git"


@pytest.fixture
def synced(loaded: Run, remote: Path) -> Run:
    """`run`, in a library with the seeds that was synced and has a change that was not sent."""
    assert loaded("sync", remote).code == 0
    loaded("read", "12")
    return loaded


def git(remote: Path, *args: str, stdin: bytes = b"") -> str:
    call = ["git", "-C", str(remote), "-c", "user.name=Ann", "-c", "user.email=ann@example.org", *args]
    return subprocess.run(call, input=stdin, capture_output=True, check=True).stdout.decode()


def commit(remote: Path, name: str, content: bytes, branch: str = "readlist") -> None:
    """Put a file into the branch there, as another program might."""
    try:
        parent = f"from refs/heads/{branch}^0\n" if git(remote, "rev-parse", "--verify", f"refs/heads/{branch}") else ""
    except subprocess.CalledProcessError:
        parent = ""
    head = f"commit refs/heads/{branch}\ncommitter Ann <ann@example.org> 1700000000 +0000\ndata 1\nx\n{parent}"
    change = f"M 100644 inline {name}\ndata {len(content)}\n".encode()
    git(remote, "fast-import", "--quiet", "--force", stdin=head.encode() + change + content + b"\n")


def read(remote: Path, name: str) -> bytes:
    call = ["git", "-C", str(remote), "show", f"readlist:{name}"]
    return subprocess.run(call, capture_output=True, check=True).stdout


def assert_error(done: Done, code: int, *parts: str) -> None:
    assert (done.code, done.out, done.err.count("\n")) == (code, "", 1), done
    assert done.err.startswith("readlist: ")
    assert [part for part in parts if part not in done.err] == []


# Arguments


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--status", "--forget"], "contradicting arguments: --status and --forget; choose one of them"),
        (["--status", "nas:p.git"], "contradicting arguments: --status and REMOTE; choose one of them"),
        (["--status", "--quiet"], "contradicting arguments: --status and --quiet; choose one of them"),
        (["--forget", "--json"], "contradicting arguments: --forget and --json; choose one of them"),
        (["--leave", "--dry-run"], "contradicting arguments: --leave and --dry-run; choose one of them"),
        (["--lab", "nas:l.git", "nas:p.git", "--as", "kim"], "contradicting arguments: --lab and REMOTE"),
        (["--lab", "nas:l.git", "--as", "kim", "--dry-run"], "contradicting arguments: --lab and --dry-run"),
        (["--json", "--quiet"], "contradicting arguments: --json and --quiet; choose one of them"),
        (["--as", "kim"], "--as is for joining a lab; write: readlist sync --lab REMOTE --as PERSON"),
        (["--share", "note"], "--share is for joining a lab; write: readlist sync --lab REMOTE --as PERSON"),
        (["--lab", "nas:l.git"], "--lab needs your name there; write: readlist sync --lab REMOTE --as PERSON"),
        (
            ["--lab", "nas:l.git", "--as", "kim", "--share", "status,stars"],
            "invalid --share: stars; write some of: status,star,tags,note",
        ),
        (["--lab", "nas:l.git", "--as", "kim", "--share", ""], "invalid --share: (empty); write some of: "),
        (["--name", "a<b"], "invalid --name: a<b; write at most 60 characters, without < and >"),
        (["--name", " "], "invalid --name: "),
        (["--timeout", "0"], "invalid value for --timeout: 0; the minimum is 1"),
        (["--timeout", "soon"], "invalid value for --timeout: soon; write a number"),
        (["a.git", "b.git"], "unexpected argument: b.git; usage: readlist sync [OPTIONS] [REMOTE]"),
    ],
)
def test_contradicting_and_invalid_arguments_are_usage_errors(run: Run, args: list[str], message: str) -> None:
    assert_error(run("sync", *args), 2, message)


@pytest.mark.parametrize(
    "remote",
    [
        "ext::sh -c touch% x",
        "git://forge.example/papers.git",
        "http://forge.example/papers.git",
        "ftp://forge.example/papers.git",
        "ssh://-oProxyCommand=x/papers.git",
        "-oProxyCommand=x:papers.git",
        "https://",
        "nas.example:",
        "논문\n.git",
    ],
)
def test_what_is_no_remote_is_a_usage_error_that_says_what_is_one(loaded: Run, tmp_path: Path, remote: str) -> None:
    before = sorted(path for path in tmp_path.iterdir() if path.name != "state")
    assert_error(loaded("sync", "--", remote), 2, "https://")
    assert_error(loaded("sync", "--lab", remote, "--as", "kim"), 2)
    assert sorted(path for path in tmp_path.iterdir() if path.name != "state") == before


def test_without_a_remote_the_message_says_how_to_name_one(loaded: Run) -> None:
    assert_error(loaded("sync"), 2, "readlist sync REMOTE")


# git and the connection


def test_git_is_missing(synced: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert_error(synced("sync"), 1, "git", "2.30")
    assert synced("list").code == 0


def test_git_is_too_old(synced: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "git"
    program.write_text('#!/bin/sh\ntest "$1" = version && echo git version 2.17.1 || exit 129\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    assert_error(synced("sync"), 1, "2.17", "2.30")


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ("ssh: connect to host nas.example port 22: Connection refused", "Connection refused"),
        ("ssh: Could not resolve hostname nas.example: Name or service not known", "Could not resolve hostname"),
        ("ada@nas.example: Permission denied (publickey).", "Permission denied"),
        ("Host key verification failed.", "Host key verification failed"),
    ],
)
def test_an_unreachable_remote_is_an_error_with_the_reason_of_git(
    synced: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, messages: str, reason: str
) -> None:
    program = tmp_path / "ssh"
    program.write_text(f"#!/bin/sh\necho '{messages}' >&2\nprintf '\\033[31mred\\n' >&2\nexit 255\n")
    program.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(program))
    done = synced("sync", "nas.example:papers.git")
    assert_error(done, 1, reason)
    assert "\x1b" not in done.err
    assert synced("sync").err == "Sent 1 mark.\n"  # the remote before is still the remembered one


def test_a_remote_that_does_not_answer_is_given_up_after_the_timeout(
    synced: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_SSH_COMMAND", "sleep 60; false")
    assert_error(synced("sync", "nas.example:papers.git", "--timeout", "1"), 1)


def test_no_secret_of_a_url_is_printed(synced: Run) -> None:
    url = f"https://ada:{SECRET}@127.0.0.1:9/papers.git"
    outputs = [synced("sync", url), synced("sync", "--status"), synced("history"), synced("sync", url, "--json")]
    outputs += [synced("sync", f"http://ada:{SECRET}@forge.example/p.git"), synced("config", "remote", url)]
    assert [done.code for done in outputs] == [1, 0, 0, 1, 2, 2]
    assert SECRET not in "".join(done.out + done.err for done in outputs)


def test_a_disk_that_is_not_there_is_an_error_and_no_directory_is_created(synced: Run, remote: Path) -> None:
    moved = remote.rename(remote.with_name("elsewhere"))
    assert_error(synced("sync"), 1, str(remote))
    assert not remote.exists()
    moved.rename(remote)
    assert synced("sync").err == "Sent 1 mark.\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory to another user")
def test_a_directory_of_another_user_names_the_command_that_permits_it(synced: Run, remote: Path) -> None:
    os.chown(remote, 12345, 12345)
    assert_error(synced("sync"), 1, "git config --global --add safe.directory", str(remote))


# The server declines


def test_a_push_that_the_server_declines_is_merged_and_saved_here(
    loaded: Run, remote: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    loaded("sync", remote)
    monkeypatch.setenv("READLIST_HOME", str(tmp_path / "bag"))
    loaded("sync", remote)
    loaded("star", "9")
    loaded("sync")
    monkeypatch.setenv("READLIST_HOME", str(tmp_path / "home"))
    loaded("read", "12")
    git(remote, "config", "receive.hideRefs", "refs/heads/readlist")
    assert_error(loaded("sync"), 6)
    assert loaded("show", "9", "--json").json[0]["starred"] is True
    git(remote, "config", "--unset", "receive.hideRefs")
    assert loaded("sync").err == "Sent 1 mark.\n"


def test_a_branch_with_other_content_is_refused_and_left_alone(loaded: Run, remote: Path) -> None:
    git(remote.parent, "init", "-q", "--bare", str(remote))
    commit(remote, "README", b"something else\n")
    before = git(remote, "rev-parse", "readlist")
    assert_error(loaded("sync", remote), 6)
    assert git(remote, "rev-parse", "readlist") == before
    assert loaded("sync", "--status", "--json").json["remote"] == ""


def test_other_branches_are_left_alone(loaded: Run, remote: Path) -> None:
    git(remote.parent, "init", "-q", "--bare", str(remote))
    commit(remote, "README", b"mine\n", branch="main")
    before = git(remote, "rev-parse", "main")
    assert loaded("sync", remote).err == "Sent 13 papers (first sync).\n"
    assert git(remote, "for-each-ref", "--format=%(refname)").splitlines() == ["refs/heads/main", "refs/heads/readlist"]
    assert git(remote, "rev-parse", "main") == before


# Damage


@pytest.mark.parametrize("name", ["marks.json", "papers.json"])
@pytest.mark.parametrize("damage", ["missing", "damaged", "newer"])
def test_a_library_that_is_not_intact_sends_nothing(synced: Run, remote: Path, name: str, damage: str) -> None:
    path = remote.parent / "home" / name
    text, before = path.read_text(), git(remote, "rev-parse", "readlist")
    if damage == "missing":
        path.unlink()
    elif damage == "newer":
        path.write_text(text.replace('"schema":', '"schema":9'))
    else:
        path.write_text(text.replace('"sum":"', '"sum":"0'))
    assert synced("sync").code == 4
    assert synced("sync", "--dry-run").code == 4
    assert git(remote, "rev-parse", "readlist") == before
    path.write_text(text)
    assert synced("sync").err == "Sent 1 mark.\n"


@pytest.mark.parametrize("content", [b'{"readlist":99,"digits":2}\n', b"{\n", b""])
def test_a_newer_or_damaged_format_there_is_left_alone(synced: Run, remote: Path, content: bytes) -> None:
    commit(remote, "format", content)
    before = git(remote, "rev-parse", "readlist")
    assert_error(synced("sync"), 4)
    assert git(remote, "rev-parse", "readlist") == before


def test_damaged_lines_there_are_repaired_from_the_copy_here(synced: Run, remote: Path) -> None:
    synced("sync")
    name = next(name for name in git(remote, "ls-tree", "-r", "--name-only", "readlist").split() if "marks/" in name)
    intact = read(remote, name)
    commit(remote, name, intact[:-20] + b"\n")
    done = synced("sync")
    assert (done.code, done.err.count("\n")) == (0, 2)
    assert "damaged" in done.err
    assert read(remote, name) == intact
    assert synced("sync").err == "Nothing new.\n"


def test_too_many_files_there_are_refused(synced: Run, remote: Path) -> None:
    blob = "blob\nmark :1\ndata 2\nx\n\n"
    head = "commit refs/heads/readlist\ncommitter Ann <a@example.org> 1700000000 +0000\ndata 1\nx\n"
    head += "from refs/heads/readlist^0\n"
    names = "".join(f"M 100644 :1 people/p{number}/marks/00\n" for number in range(20_001))
    git(remote, "fast-import", "--quiet", stdin=(blob + head + names).encode())
    assert_error(synced("sync"), 4)


@pytest.mark.heavy
def test_a_file_of_more_than_64_mb_there_is_refused(synced: Run, remote: Path) -> None:
    commit(remote, "marks/00", b"x" * (65 << 20))
    assert_error(synced("sync"), 4)


# Clocks and other processes


def test_a_time_far_ahead_there_is_said_with_the_machine(
    loaded: Run, remote: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=30, hours=1)):
        loaded("star", "9")
        loaded("sync", remote, "--name", "책상")
    monkeypatch.setenv("READLIST_HOME", str(tmp_path / "bag"))
    done = loaded("sync", remote)
    message, summary = done.err.splitlines()
    assert (done.code, "책상" in message, "30 days" in message) == (0, True, True)
    assert summary == "Received 13 papers and 1 mark (first sync)."


def test_a_sync_that_runs_already_is_exit_code_5(synced: Run, tmp_path: Path) -> None:
    with Lock(SyncDirectory(LibraryFiles(tmp_path).state, OWN).lock_path, 1.0):
        assert_error(synced("sync"), 5)
    assert synced("sync").err == "Sent 1 mark.\n"
