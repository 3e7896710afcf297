"""Servers of somebody who wants passwords, programs, files, or the memory and time of the user."""

from __future__ import annotations

import contextlib
import gzip
import random
import resource
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from readlist.errors import ReadlistError
from readlist.sync import git
from readlist.sync.clone import Clone
from readlist.sync.remotes import parse_remote
from tests.sync import servers
from tests.sync.servers import PASSWORD, USER, Answer, Handler, Server, SshServer

TIMEOUT = 4.0
NOW = 1_780_000_000
ADVERTISEMENT = "application/x-git-upload-pack-advertisement"
RESULT = "application/x-git-upload-pack-result"
ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e"


def packet(content: bytes | str) -> bytes:
    content = content.encode() if isinstance(content, str) else content
    return f"{len(content) + 4:04x}".encode() + content


SERVICE = packet("# service=git-upload-pack\n") + b"0000"
ID = "12" * 20


def reply(body: bytes | str, status: int = 200, **headers: str) -> Answer:
    """Answer every request in the same way."""

    def answer(handler: Handler) -> bool:
        handler.reply(status, body.encode() if isinstance(body, str) else body, **headers)
        return True

    return answer


def advertise(body: bytes, pack: bytes = b"") -> Answer:
    """Answer with a list of refs, and with a pack."""

    def answer(handler: Handler) -> bool:
        if handler.command == "GET":
            handler.reply(200, SERVICE + body, Content_Type=ADVERTISEMENT)
        else:
            handler.reply(200, pack, Content_Type=RESULT)
        return True

    return answer


def redirect(target: str) -> Answer:
    """Send every request elsewhere; PORT is the server's own."""

    def answer(handler: Handler) -> bool:
        location = target.replace("PORT", str(handler.server.server_port))
        handler.reply(302, b"", Location=location)
        return True

    return answer


def echo(status: int) -> Answer:
    """Answer with the password that came, and with what commands a terminal."""

    def answer(handler: Handler) -> bool:
        if not handler.headers.get("Authorization"):
            handler.reply(401, b"", WWW_Authenticate='Basic realm="lists"')
        else:
            text = f"{handler.headers['Authorization']} {USER}:{PASSWORD} https://{USER}:{PASSWORD}@host/ {ESCAPES}\n"
            handler.reply(status, text.encode(), Content_Type="text/plain; charset=utf-8")
        return True

    return answer


def echo_in_a_packet(handler: Handler) -> bool:
    header = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    handler.reply(200, SERVICE + packet(f"ERR {PASSWORD} {header} {ESCAPES}\n"), Content_Type=ADVERTISEMENT)
    return True


def stream(first: bytes, chunk: bytes, pause: float = 0.0) -> Answer:
    """Answer with a body that never ends."""

    def answer(handler: Handler) -> bool:
        handler.send_response(200)
        handler.send_header("Content-Type", ADVERTISEMENT if handler.command == "GET" else RESULT)
        handler.end_headers()
        handler.wfile.write(first)
        while True:
            handler.wfile.write(chunk)
            handler.wfile.flush()
            time.sleep(pause)

    return answer


def flood_of_messages(handler: Handler) -> bool:
    """Send progress without end, after a valid list of refs."""
    if handler.command == "GET":
        handler.reply(200, SERVICE + VALID_REFS, Content_Type=ADVERTISEMENT)
        return True
    return stream(packet("NAK\n"), packet(b"\2" + f"{ESCAPES} {PASSWORD}\n".encode() * 100))(handler)


VALID_REFS = packet(f"{ID} refs/heads/readlist\0side-band-64k ofs-delta\n") + b"0000"
PACK_OF_MANY = b"PACK\0\0\0\2\xff\xff\xff\xff" + b"x" * 1_000
BOMB = gzip.compress(b"\0" * 400_000_000, 1)

ANSWERS: dict[str, Answer] = {
    "redirects without end": redirect("https://localhost:PORT/lists.git/info/refs?service=git-upload-pack"),
    "redirect to http": redirect("http://127.0.0.1:9/lists.git/info/refs?service=git-upload-pack"),
    "redirect to a file": redirect("file:///etc/passwd"),
    "redirect to a program": redirect("ext::touch x"),
    "redirect to another protocol": redirect("gopher://127.0.0.1:9/x"),
    "redirect to an option": redirect("--upload-pack=touch x"),
    "password in a refusal": echo(403),
    "password in a refused login": echo(401),
    "password in a failure": echo(500),
    "password in a packet": echo_in_a_packet,
    "page": reply("<html><script>alert(1)</script></html>", Content_Type="text/html"),
    "page that says it is git": reply("<html>", Content_Type=ADVERTISEMENT),
    "nothing": reply(b"", Content_Type=ADVERTISEMENT),
    "status 999": reply(b"", 999),
    "length that is wrong": reply(SERVICE + b"ffff" + b"x" * 10, Content_Type=ADVERTISEMENT),
    "length that is no number": reply(SERVICE + b"-001zzzz", Content_Type=ADVERTISEMENT),
    "refs that are no refs": advertise(packet(f"{ID} ../../../etc/passwd\0\n") + packet(f"{ID} --x\n") + b"0000"),
    "refs with escapes": advertise(packet(f"{ID} refs/heads/{ESCAPES}\0\n") + b"0000"),
    "ID that is too short": advertise(packet(b"1212 refs/heads/readlist\0\n") + b"0000"),
    "ID of a program": advertise(packet(b"$(touch x)".ljust(40) + b" refs/heads/readlist\0\n") + b"0000"),
    "capabilities that are unknown": advertise(
        packet(f"{ID} refs/heads/readlist\0bundle-uri=file:///etc object-format=x agent={ESCAPES}\n") + b"0000"
    ),
    "protocol of the future": advertise(packet("version 9\n") + b"0000"),
    "bundle elsewhere": advertise(
        packet("version 2\n") + packet("bundle-uri\n") + packet("fetch=packfile-uris\n") + b"0000"
    ),
    "dumb server": reply(f"{ID}\trefs/heads/readlist\n", Content_Type="text/plain"),
    "pack of noise": advertise(VALID_REFS, packet("NAK\n") + packet(b"\1" + b"noise" * 100) + b"0000"),
    "pack of billions": advertise(VALID_REFS, packet("NAK\n") + packet(b"\1" + PACK_OF_MANY) + b"0000"),
    "pack elsewhere": advertise(VALID_REFS, packet("packfile-uris\n") + packet(f"{ID} file:///etc/passwd\n") + b"0000"),
    "message of another channel": advertise(VALID_REFS, packet("NAK\n") + packet(b"\7" + b"x")),
    "error on its channel": advertise(VALID_REFS, packet("NAK\n") + packet(b"\3" + f"{ESCAPES} {PASSWORD}".encode())),
    "messages without end": flood_of_messages,
    "body without end": stream(SERVICE, packet(f"{ID} refs/heads/x\n") * 1_000),
    "body a byte a second": stream(SERVICE, b"0", 1.0),
    "compressed bomb": reply(BOMB, Content_Encoding="gzip", Content_Type=ADVERTISEMENT),
    "cookie": reply(b"", 404, Set_Cookie=f"a={ESCAPES.encode('unicode_escape').decode()}; Domain=.localhost"),
}


@pytest.fixture
def clone(https_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """A clone of a remote with a password in its URL, of a server whose certificate git knows."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_SSL_CAINFO", str(https_server.certificate))
    monkeypatch.chdir(home)
    url = https_server.url("lists.git", f"{USER}:{PASSWORD}")
    clone = Clone(tmp_path / "clone" / "repo.git", parse_remote(url), timeout=TIMEOUT)
    clone.open()
    return clone


def exchange(clone: Clone) -> None:
    """Fetch; a server that names no branch of this name is an empty remote, until something is sent."""
    if not clone.fetch():
        clone.push(clone.commit({"format": b"{}\n"}, "", "kim", "sync", NOW))


def sync_error(clone: Clone) -> str:
    """Return the message of a sync that fails in time, with nothing secret and nothing that commands a terminal."""
    started = time.monotonic()
    with pytest.raises(ReadlistError) as error:
        exchange(clone)
    message = str(error.value)
    assert time.monotonic() - started < 2 * TIMEOUT + 4
    assert message.isprintable()
    assert len(message) < 1_000
    for secret in (PASSWORD, b64encode(f"{USER}:{PASSWORD}".encode()).decode()):
        assert secret not in message
    return message


@pytest.mark.parametrize("name", ANSWERS)
def test_a_hostile_server_gets_an_error_and_nothing_else(
    name: str, clone: Clone, https_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git, "MAX_MEMORY", 200_000_000)
    https_server.answer = ANSWERS[name]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # of the processes of all tests so far
    assert sync_error(clone)
    assert list((tmp_path / "home").iterdir()) == []
    assert clone.ref("remote") == ""
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= max(peak, 700_000)


def test_a_password_is_not_sent_to_the_server_of_a_redirect(clone: Clone, https_server: Server, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with servers.serve_https(tmp_path / "other", https_server.certificate) as other:
        target = f"https://127.0.0.1:{other.server_port}/lists.git/info/refs?service=git-upload-pack"
        https_server.answer = redirect(target)
        sync_error(clone)
        assert other.requests
        assert other.passwords == []


@contextlib.contextmanager
def listen(content: bytes) -> Iterator[int]:
    """Accept connections, send this to each, and then say nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connections = []

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    connections.append(connection)
                    connection.sendall(content)

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        for connection in connections:
            connection.close()


@pytest.mark.parametrize("content", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"\x1b[2J" * 1_000])
@pytest.mark.parametrize("scheme", ["ssh", "https"])
def test_a_server_that_says_nothing_more_is_left_in_time(scheme: str, content: bytes, tmp_path: Path) -> None:
    with listen(content) as port:
        clone = Clone(tmp_path / "repo.git", parse_remote(f"{scheme}://127.0.0.1:{port}/lists.git"), timeout=1.5)
        clone.open()
        sync_error(clone)


def print_bytes(content: bytes) -> str:
    """Return the command of a shell that prints these bytes."""
    octal = "".join(rf"\{byte:03o}" for byte in content)
    return f"printf '{octal}'"


SHELLS = {
    "echo of escapes": "printf '\\033[2J\\033]0;owned\\007%s\\n' \"$*\" >&2; exit 1",
    **{f"noise {seed}": print_bytes(random.Random(seed).randbytes(5_000)) for seed in range(5)},
    "noise of an unassigned character": print_bytes("\U00098666".encode()),
    "noise of a private character": print_bytes("\U00100000".encode()),
    "messages without end": "yes \"remote: $(printf '\\033[2J')\" >&2",
    "output without end": "yes 0000",
    "nothing": "exec sleep 60",
    "success": "exit 0",
    "program that stays": "(sleep 60 &) ; exit 1",
}


@pytest.mark.parametrize("name", SHELLS)
def test_a_hostile_ssh_server_gets_an_error_in_time(
    name: str, ssh_server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its shell answers as it likes instead of running git."""
    shell = tmp_path / "shell"
    shell.write_text(f"#!/bin/sh\n{SHELLS[name]}\n")
    shell.chmod(0o755)
    keys = ssh_server.directory / "authorized_keys"
    keys.write_text(f'command="{shell}" {keys.read_text()}')
    for variable, value in ssh_server.variables.items():
        monkeypatch.setenv(variable, value)
    clone = Clone(tmp_path / "clone" / "repo.git", parse_remote(ssh_server.url(tmp_path / "x.git")), timeout=TIMEOUT)
    clone.open()
    sync_error(clone)
