"""Real remotes: a folder, an OpenSSH server, and https with `git http-backend` and a credential helper."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from pathlib import Path

import pytest

from readlist.errors import ReadlistError, SyncRefused
from readlist.sync.clone import Clone
from readlist.sync.failures import LostRace
from readlist.sync.remotes import parse_remote
from tests.sync import servers
from tests.sync.servers import PASSWORD, USER, Server, SshServer, Transport

NOW = 1_780_000_000
FILES: dict[str, bytes | None] = {"format": b"{}\n", "marks/0a": "한글\n".encode()}


def open_clone(directory: Path, remote: str, timeout: float = 20.0) -> Clone:
    clone = Clone(directory, parse_remote(remote), timeout=timeout)
    clone.open()
    clone.create_remote()
    return clone


def commit(clone: Clone, files: dict[str, bytes | None], parent: str = "") -> str:
    return clone.commit(files, parent, "kim", "sync", NOW)


def test_two_machines_exchange_over_every_transport(transport: Transport, tmp_path: Path) -> None:
    one, other = (open_clone(tmp_path / name / "repo.git", transport.remote) for name in ("one", "other"))
    assert one.fetch() == other.fetch() == ""
    first = commit(one, FILES)
    one.push(first)
    with pytest.raises(LostRace):
        other.push(commit(other, {"format": b"other\n"}))
    assert other.fetch() == first
    assert other.blobs(other.tree(first).values()).keys() == set(one.tree(first).values())
    second = commit(other, {"queries": os.urandom(1_200_000)}, first)  # more than git sends in one piece
    other.push(second)
    with pytest.raises(LostRace):
        one.push(commit(one, {"aliases": b"a\n"}, first))
    assert one.fetch() == second
    one.push(commit(one, {"aliases": b"a\n"}, second))
    assert other.fetch() == one.ref("new")
    other.repack_if_needed()


def test_a_server_that_declines_says_why_over_every_transport(transport: Transport, tmp_path: Path) -> None:
    clone = open_clone(tmp_path / "one" / "repo.git", transport.remote)
    first = commit(clone, FILES)
    clone.push(first)
    hook = transport.directory / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\nprintf "\\033[2JThis list is \\033[31mclosed\\n" >&2\nexit 1\n')
    hook.chmod(0o755)
    second = commit(clone, {"queries": b"q\n"}, first)
    if transport.variables:  # a hook of a server is its owner's; one in a folder would run as this user
        with pytest.raises(
            SyncRefused, match=r"declines the changes: .*closed; everything is merged and saved here"
        ) as error:
            clone.push(second)
        assert str(error.value).isprintable()
    else:
        clone.push(second)


def test_a_missing_repository_is_named_over_every_transport(transport: Transport, tmp_path: Path) -> None:
    clone = open_clone(tmp_path / "one" / "repo.git", transport.remote)
    transport.directory.rename(tmp_path / "moved.git")
    with pytest.raises(ReadlistError, match=r"cannot read from the remote|does not exist") as error:
        clone.fetch()
    assert str(error.value).isprintable()
    assert PASSWORD not in str(error.value)


# ssh


def test_a_server_with_an_unknown_key_fails_at_once_without_a_question(
    ssh_server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssh_server.write_client_settings("StrictHostKeyChecking ask", known_hosts="none")
    assert_ssh_fails("Host key verification failed", ssh_server, tmp_path, monkeypatch)


def test_a_server_with_another_key_than_before_fails(
    ssh_server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = servers.create_key(ssh_server.directory / "other_host_key")
    (ssh_server.directory / "known_hosts").write_text(f"[127.0.0.1]:{ssh_server.port} {other}")
    assert_ssh_fails("IDENTIFICATION HAS CHANGED|Host key verification failed", ssh_server, tmp_path, monkeypatch)


def test_a_key_that_the_server_does_not_know_fails(
    ssh_server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers.create_key(ssh_server.directory / "stranger")
    ssh_server.write_client_settings(key="stranger")
    assert_ssh_fails("Permission denied", ssh_server, tmp_path, monkeypatch)


def test_a_key_with_a_passphrase_fails_at_once_without_a_question(
    ssh_server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"
    askpass = tmp_path / "askpass"
    askpass.write_text(f"#!/bin/sh\ntouch {asked}\necho x\n")
    askpass.chmod(0o755)
    monkeypatch.setenv("SSH_ASKPASS", str(askpass))
    monkeypatch.setenv("SSH_ASKPASS_REQUIRE", "force")
    monkeypatch.setenv("DISPLAY", ":0")
    key = ssh_server.directory / "client_key"
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "secret", "-f", key], check=True)
    assert_ssh_fails("Permission denied", ssh_server, tmp_path, monkeypatch)
    assert not asked.exists()


def assert_ssh_fails(reason: str, server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    clone = open_clone(tmp_path / "one" / "repo.git", server.url(servers.create_repository(tmp_path / "lists.git")))
    started = time.monotonic()
    with pytest.raises(ReadlistError, match=f"cannot read from the remote: ssh://.*: .*(?:{reason})") as error:
        clone.fetch()
    assert str(error.value).isprintable()
    assert time.monotonic() - started < 10


def test_ssh_of_the_users_settings_is_used_without_a_terminal(
    ssh_server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "gitconfig"
    settings.write_text(f"[core]\n\tsshCommand = ssh -F {ssh_server.client_settings}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.delenv("GIT_SSH_COMMAND", raising=False)
    clone = open_clone(tmp_path / "one" / "repo.git", ssh_server.url(servers.create_repository(tmp_path / "lists.git")))
    assert clone.fetch() == ""


def test_a_connection_that_stays_open_for_later_ones_does_not_delay_a_sync(
    ssh_server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = Path("/tmp") / f"readlist-{os.getpid()}-{ssh_server.port}"  # the path of a socket is short
    ssh_server.write_client_settings("ControlMaster auto", f"ControlPath {control}", "ControlPersist 60")
    for name, value in ssh_server.variables.items():
        monkeypatch.setenv(name, value)
    clone = open_clone(tmp_path / "one" / "repo.git", f"laptop:{servers.create_repository(tmp_path / 'lists.git')}")
    started = time.monotonic()
    try:
        clone.fetch()
        clone.push(commit(clone, FILES))
        assert control.exists()
        assert time.monotonic() - started < 12
    finally:
        command = ["ssh", "-F", str(ssh_server.client_settings), "-O", "exit", "laptop"]
        subprocess.run(command, check=False, capture_output=True)


def test_a_server_that_is_not_there_is_named_with_the_reason(tmp_path: Path) -> None:
    clone = open_clone(tmp_path / "one" / "repo.git", f"ssh://127.0.0.1:{servers.free_port()}/lists.git")
    with pytest.raises(ReadlistError, match="Connection refused"):
        clone.fetch()


# https


@pytest.fixture
def lists(https_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The remote of an https server, whose certificate git knows; no user is known to it."""
    servers.create_repository(https_server.root / "lists.git")
    settings = tmp_path / "gitconfig"
    settings.write_text("")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_SSL_CAINFO", str(https_server.certificate))
    return https_server.url("lists.git")


def fetch_error(tmp_path: Path, remote: str, timeout: float = 20.0) -> str:
    """Return the message of a fetch that fails, which has no secret and no control character."""
    clone = open_clone(tmp_path / "one" / "repo.git", remote, timeout)
    with pytest.raises(ReadlistError) as error:
        clone.fetch()
    message = str(error.value)
    assert message.isprintable()
    assert PASSWORD not in message
    return message


def test_a_password_in_the_url_works_and_is_not_printed(https_server: Server, lists: str, tmp_path: Path) -> None:
    remote = lists.replace("https://", f"https://{USER}:{PASSWORD}@")
    clone = open_clone(tmp_path / "one" / "repo.git", remote)
    clone.push(commit(clone, FILES))
    assert clone.fetch() == clone.ref("new")
    (https_server.root / "lists.git").rename(tmp_path / "moved.git")
    assert "not found" in fetch_error(tmp_path, remote)
    stored = [path for path in clone.directory.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]
    assert stored == []


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="the arguments of processes are read in /proc")
def test_a_password_in_the_url_is_no_argument_of_a_program(https_server: Server, lists: str, tmp_path: Path) -> None:
    arguments: list[bytes] = []

    def look(handler: servers.Handler) -> bool:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                arguments.append(path.read_bytes())
        return False

    https_server.answer = look
    clone = open_clone(tmp_path / "one" / "repo.git", lists.replace("https://", f"https://{USER}:{PASSWORD}@"))
    clone.push(commit(clone, FILES))
    assert any(b"remote-https" in line for line in arguments)
    assert not any(PASSWORD.encode() in line for line in arguments)


def test_no_keychain_stores_a_password_of_the_url(lists: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "passwords"
    settings = tmp_path / "settings"
    settings.write_text(f"[credential]\n\thelper = store --file={store}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    clone = open_clone(tmp_path / "one" / "repo.git", lists.replace("https://", f"https://{USER}:{PASSWORD}@"))
    assert clone.fetch() == ""
    assert not store.exists()


def test_a_program_that_asks_is_used_without_a_terminal(
    lists: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "askpass"
    program.write_text(f'#!/bin/sh\ncase "$1" in Username*) echo {USER};; *) echo {PASSWORD};; esac\n')
    program.chmod(0o700)
    monkeypatch.setenv("GIT_ASKPASS", str(program))
    assert open_clone(tmp_path / "one" / "repo.git", lists).fetch() == ""


def test_without_a_password_it_fails_at_once_without_a_question(lists: str, tmp_path: Path) -> None:
    assert "could not read Username" in fetch_error(tmp_path, lists)


def test_a_wrong_password_of_the_credential_helper_is_not_printed(
    lists: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in servers.write_credential_helper(tmp_path / "wrong", f"{PASSWORD}x").items():
        monkeypatch.setenv(name, value)
    assert "Authentication failed" in fetch_error(tmp_path, lists)


def test_a_certificate_that_nobody_vouches_for_is_refused(
    lists: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GIT_SSL_CAINFO")
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
    assert "certificate" in fetch_error(tmp_path, lists)


def test_a_user_who_may_only_read_is_told_so(
    https_server: Server, lists: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in servers.write_credential_helper(tmp_path / "helper").items():
        monkeypatch.setenv(name, value)

    def forbid(handler: servers.Handler) -> bool:
        if is_forbidden := "receive-pack" in handler.path:
            handler.reply(403, b"no")
        return is_forbidden

    https_server.answer = forbid
    clone = open_clone(tmp_path / "one" / "repo.git", lists)
    clone.fetch()
    with pytest.raises(SyncRefused, match=r"declines the changes: .*403"):
        clone.push(commit(clone, FILES))
