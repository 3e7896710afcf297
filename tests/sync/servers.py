"""Remotes of each kind on this machine: a folder, an OpenSSH server, and https with `git http-backend`.

`serve_ssh` and `serve_https` need sshd, ssh-keygen and openssl; `missing_programs` says which are missing. `Transport`
is a remote with the variables of the environment by which git reaches it. Nothing here reads or writes what the user
has: own host keys, own known hosts, own certificate, own credential helper.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

USER, PASSWORD = "kim", "s3cr3t-Pa55"
SBIN = "/usr/sbin:/usr/local/sbin:/sbin"
_START_TIMEOUT = 10.0
_MAX_LINE = 200


class Transport(NamedTuple):
    """A remote as a user names it, the directory on the server, and the variables that git needs to reach it."""

    remote: str
    directory: Path
    variables: Mapping[str, str]


def find_program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:{SBIN}")


def missing_programs(*names: str) -> str:
    """Return a reason to skip a test that needs these programs, "" for none."""
    missing = [name for name in names if find_program(name) is None]
    return f"not installed: {', '.join(missing)}" if missing else ""


def create_repository(directory: Path) -> Path:
    command = ["git", "init", "-q", "--bare", "--template=", "-b", "readlist", str(directory)]
    subprocess.run(command, check=True)
    return directory


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class SshServer(NamedTuple):
    """An sshd on the loopback; `directory` has its keys and the client's."""

    directory: Path
    port: int

    @property
    def client_settings(self) -> Path:
        return self.directory / "ssh_config"

    @property
    def variables(self) -> dict[str, str]:
        return {"GIT_SSH_COMMAND": f"ssh -F {self.client_settings}"}

    def url(self, path: Path) -> str:
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}{path}"

    def write_client_settings(self, *lines: str, key: str = "client_key", known_hosts: str = "known_hosts") -> None:
        """Write the settings of the client; more lines come first, and so win."""
        self.client_settings.write_text(
            "\n".join(
                [
                    "Host *",
                    *lines,
                    f"IdentityFile {self.directory / key}",
                    f"UserKnownHostsFile {self.directory / known_hosts}",
                    *("IdentitiesOnly yes", "IdentityAgent none", "GlobalKnownHostsFile /dev/null"),
                    *("StrictHostKeyChecking yes", f"User {getpass.getuser()}"),
                    f"Host laptop\nHostName 127.0.0.1\nPort {self.port}\n",
                ]
            )
        )


def create_key(path: Path) -> str:
    """Create a key without a passphrase; return its public half."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(path)]
    subprocess.run(command, check=True)
    return path.with_suffix(".pub").read_text()


@contextlib.contextmanager
def serve_ssh(directory: Path) -> Iterator[SshServer]:
    """Run an OpenSSH server, which admits one key; raises RuntimeError with its log where nobody can log in."""
    directory.mkdir(mode=0o700)
    server = SshServer(directory, free_port())
    host_key = create_key(directory / "host_key")
    (directory / "authorized_keys").write_text(create_key(directory / "client_key"))
    (directory / "known_hosts").write_text(f"[127.0.0.1]:{server.port} {host_key}")
    server.write_client_settings()
    settings = directory / "sshd_config"
    settings.write_text(
        f"ListenAddress 127.0.0.1:{server.port}\nHostKey {directory}/host_key\nPidFile none\n"
        f"AuthorizedKeysFile {directory}/authorized_keys\nStrictModes no\nUsePAM no\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd, started as root, asks for it
    log = directory / "log"
    with log.open("wb") as file:
        command = [str(find_program("sshd")), "-D", "-e", "-f", str(settings)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
    try:
        wait_for_port(server.port, process)
        login = ["ssh", "-F", str(server.client_settings), "laptop", "true"]
        if subprocess.run(login, check=False, capture_output=True, stdin=subprocess.DEVNULL).returncode:
            raise RuntimeError(log.read_text(errors="replace")[-500:])
        yield server
    finally:
        process.terminate()
        process.wait()


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)


Answer = Callable[["Handler"], bool]


class Server(ThreadingHTTPServer):
    """An https server of the repositories in `root`; `answer` may take a request, and then returns True.

    `requests` are the paths that were asked for, `passwords` the Authorization headers that came with them.
    """

    daemon_threads = True

    def __init__(self, root: Path, certificate: Path, *, has_users: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.root, self.certificate, self.has_users = root, certificate, has_users
        self.answer: Answer | None = None
        self.requests: list[str] = []
        self.passwords: list[str] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def url(self, path: str, user: str = "") -> str:
        return f"https://{user}{'@' * bool(user)}localhost:{self.server_port}/{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that breaks off the handshake or the connection is no error of the server."""


class Handler(BaseHTTPRequestHandler):
    """Answers a request by `git http-backend`, as the web server of a forge does."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        header = self.headers.get("Authorization", "")
        if header:
            self.server.passwords.append(header)
        with contextlib.suppress(OSError):
            if self.server.answer and self.server.answer(self):
                return
            if self.server.has_users and header != "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode():
                self.reply(401, b"who are you?", WWW_Authenticate='Basic realm="lists"')
                return
            self._run_backend(self._read_body())

    do_POST = do_GET  # noqa: N815 -- the name that the base class calls

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self._read_body()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name of the base class
        """Print nothing."""

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline(_MAX_LINE), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline(_MAX_LINE)
        self.rfile.readline(_MAX_LINE)
        return b"".join(chunks)

    def _run_backend(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.server.root),
            "GIT_PROJECT_ROOT": str(self.server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REQUEST_METHOD": self.command,
            "PATH_INFO": unquote(parts.path),
            "QUERY_STRING": parts.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_USER": USER,
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(["git", "http-backend"], input=body, env=variables, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def create_certificate(path: Path) -> Path:
    """Create a certificate of localhost that is signed by itself."""
    command = [
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
        *(
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout",
            str(path.with_suffix(".key")),
            "-out",
            str(path),
        ),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return path


@contextlib.contextmanager
def serve_https(root: Path, certificate: Path, *, has_users: bool = True) -> Iterator[Server]:
    """Serve the repositories in a directory; with users, to USER with PASSWORD alone."""
    with Server(root, certificate, has_users=has_users) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()


def write_credential_helper(path: Path, password: str = PASSWORD) -> dict[str, str]:
    """Write settings of git with a credential helper; return the variable that makes them the user's."""
    program = path.with_suffix(".sh")
    program.write_text(f'#!/bin/sh\ntest "$1" = get && printf "username={USER}\\npassword={password}\\n"\nexit 0\n')
    program.chmod(0o700)
    path.write_text(f"[credential]\n\thelper = {program}\n")
    return {"GIT_CONFIG_GLOBAL": str(path)}
