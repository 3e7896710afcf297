"""Which remotes are accepted, and how they are printed."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from readlist.errors import UsageError
from readlist.sync.remotes import Remote, parse_remote

SECRET = "s3cr3t-Pa55"


@pytest.mark.parametrize(
    "text",
    [
        "host:lists.git",
        "kim@host:lists.git",
        "host:/srv/git/lists.git",
        "git@github.example:kim/lists.git",
        "host_alias:~/lists",
        "[::1]:lists",
        "kim@[fe80::1]:lists",
        "ssh://host/srv/lists.git",
        "ssh://kim@host:2222/~/lists",
        "ssh://[::1]:22/lists",
        "https://forge.example/kim/lists.git",
        "https://forge.example:8443/kim/lists",
        f"https://kim:{SECRET}@forge.example/kim/lists",
    ],
)
def test_a_remote_over_ssh_or_https_is_accepted_as_it_is(text: str) -> None:
    assert parse_remote(text) == Remote(text)


def test_the_protocol_may_be_in_capitals() -> None:
    assert parse_remote("HTTPS://forge.example/lists").url == "https://forge.example/lists"


def test_a_folder_is_relative_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for text in (
        "./lists",
        str(tmp_path / "lists"),
        f"file://{tmp_path}/lists",
        f"file://localhost{tmp_path}/lists",
    ):
        assert parse_remote(text) == Remote(str(tmp_path / "lists"), tmp_path / "lists")


def test_a_word_alone_is_a_folder_only_where_it_exists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"no directory here has this name: status; write ./NAME to create one"):
        parse_remote("status")
    with pytest.raises(UsageError, match=r"not a remote: git@forge.example; .*host:path"):
        parse_remote("git@forge.example")
    (tmp_path / "status").mkdir()
    assert parse_remote("status").path == tmp_path / "status"


def test_a_folder_may_have_spaces_hangul_and_colons(tmp_path: Path) -> None:
    for name in ("my lists", "목록", "a:b", "a::b"):
        assert parse_remote(str(tmp_path / name)).path == tmp_path / name
    assert parse_remote(f"file://{tmp_path}/my%20lists").path == tmp_path / "my lists"


def test_a_tilde_is_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse_remote("~/lists").path == tmp_path / "lists"


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", " host:lists", "host:lists\n", "host:li\x1b[31msts", "host:lists\u202e", "a" * 3_000),
        *("-oProxyCommand=touch x", "--upload-pack=touch x", "-oProxyCommand=x@host:lists", "-h:lists"),
        *("ext::sh -c 'touch x'", "ext::[x", "ext::x/y", "fd::17", "testgit::x", "https::https://forge.example/lists"),
        *(
            "git://host/lists",
            "http://forge.example/lists",
            "ftp://host/lists",
            "rsync://host/lists",
            "ext://host/lists",
        ),
        *("git+ssh://host/lists", "ssh+git://host/lists", "javascript://host/lists", "s3://bucket/lists"),
        *("host:", "host:-lists", "@host:lists", "kim@:lists", "a b:lists", "host;x:lists", "$(touch x)@host:lists"),
        *("ssh://-oProxyCommand=touch/lists", "ssh://-x@host/lists", "ssh://host", "ssh://host/", "ssh:///lists"),
        *("ssh://host:0/lists", "ssh://host:70000/lists", "ssh://host:22x/lists", "ssh://ho st/lists", "ssh://host/-x"),
        *("https://", "https:///lists", "https://forge.example", "https://-forge/lists", "https://forge.example/a b"),
        *("file://server/lists", "file://", "~nobody-of-this-name/lists", f"kim:{SECRET}@host:lists"),
        f"ssh://kim:{SECRET}@host/lists",
        f"https://kim:{SECRET}%0Aurl=https://elsewhere@host/lists",
        f"https://kim:{SECRET}%0Ax@host/lists",
    ],
)
def test_what_is_no_remote_is_a_usage_error_of_one_line(text: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_remote(text)
    message = str(error.value)
    assert message.endswith("pass a directory, host:path, ssh://HOST/PATH or https://HOST/PATH")
    assert message.isprintable()
    assert SECRET not in message


def test_a_file_is_no_remote(tmp_path: Path) -> None:
    (tmp_path / "lists.bundle").write_text("# v2 git bundle\n")
    with pytest.raises(UsageError, match="the remote is a file"):
        parse_remote(str(tmp_path / "lists.bundle"))


@pytest.mark.parametrize(
    "text",
    [
        f"https://kim:{SECRET}@forge.example:8443/kim/lists",
        f"https://{SECRET}@forge.example/kim/lists",
        f"https://forge.example/lists?token={SECRET}",
    ],
)
def test_a_password_is_never_printed(text: str) -> None:
    remote = parse_remote(text)
    assert SECRET not in f"{remote} {remote!r} {[remote]}"


@pytest.mark.parametrize(
    "text", [f"https://kim:{SECRET}/x@host/lists", f"http://kim:{SECRET}@host/lists", f"-://a:{SECRET}@b"]
)
def test_a_refused_remote_is_printed_without_its_password(text: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_remote(text)
    assert SECRET not in str(error.value)


def test_git_gets_the_url_without_its_password() -> None:
    remote = parse_remote(f"https://kim:{SECRET}%21@forge.example/kim:{SECRET}%21@x")
    assert remote.location == f"https://forge.example/kim:{SECRET}%21@x"
    assert remote.variables["READLIST_SYNC_PASSWORD"] == f"{SECRET}!"
    for text in ("https://kim@forge.example/x", "https://forge.example/x", "kim@host:x", "/srv/x"):
        assert parse_remote(text).location == text
        assert parse_remote(text).variables == {}


def test_a_server_that_repeats_the_password_does_not_have_it_printed() -> None:
    remote = parse_remote(f"https://kim:{SECRET}%21@forge.example/lists")
    header = b64encode(f"kim:{SECRET}!".encode()).decode()
    shown = remote.redact(f"hello {SECRET}! and {SECRET}%21\nAuthorization: Basic {header}\x1b[2J\n")
    assert SECRET not in shown
    assert header not in shown
    assert "\x1b" not in shown
