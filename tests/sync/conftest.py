"""Remotes of each kind, for tests that are to work over all of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync import servers
from tests.sync.machines import Pair
from tests.sync.servers import Server, SshServer, Transport


@pytest.fixture(scope="session")
def prepared_pair() -> Iterator[Pair]:
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Pair(Path(name))


@pytest.fixture
def pair(prepared_pair: Pair) -> Pair:
    """Two machines that have synced."""
    prepared_pair.restore()
    return prepared_pair


@pytest.fixture
def ssh_server(tmp_path: Path) -> Iterator[SshServer]:
    if reason := servers.missing_programs("sshd", "ssh", "ssh-keygen"):
        pytest.skip(reason)
    try:
        with servers.serve_ssh(tmp_path / "ssh") as server:
            yield server
    except RuntimeError as error:
        pytest.skip(f"nobody can log in to sshd here: {error}")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if reason := servers.missing_programs("openssl"):
        pytest.skip(reason)
    return servers.create_certificate(tmp_path_factory.mktemp("certificate") / "localhost.pem")


@pytest.fixture
def https_server(tmp_path: Path, certificate: Path) -> Iterator[Server]:
    (tmp_path / "srv").mkdir()
    with servers.serve_https(tmp_path / "srv", certificate) as server:
        yield server


@pytest.fixture(params=["folder", "ssh", "host:path", "https"])
def transport(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Transport:
    """An empty remote; the variables of the environment by which git reaches it are set."""
    if request.param == "folder":
        transport = Transport(str(tmp_path / "lists.git"), tmp_path / "lists.git", {})
    elif request.param == "https":
        server: Server = request.getfixturevalue("https_server")
        variables = {
            "GIT_SSL_CAINFO": str(server.certificate),
            **servers.write_credential_helper(tmp_path / "gitconfig"),
        }
        directory = servers.create_repository(server.root / "lists.git")
        transport = Transport(server.url("lists.git"), directory, variables)
    else:
        ssh: SshServer = request.getfixturevalue("ssh_server")
        directory = servers.create_repository(tmp_path / "lists.git")
        remote = f"laptop:{directory}" if request.param == "host:path" else ssh.url(directory)
        transport = Transport(remote, directory, ssh.variables)
    for name, value in transport.variables.items():
        monkeypatch.setenv(name, value)
    return transport
