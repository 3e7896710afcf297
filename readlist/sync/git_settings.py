"""The settings and the environment of git: what of the user's configuration reaches it, and what never does.

Settings are given on the command line, which no repository overrides. The user's own settings are read, since they name
the credential helper and the certificates.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

_NO_PROGRAMS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.alternateRefsCommand=true",
    "gc.auto=0",
    "maintenance.auto=false",
)
_DURABLE = ("core.fsync=committed,reference",)
SETTINGS = (
    *_NO_PROGRAMS,
    *_DURABLE,
    "core.symlinks=false",
    "core.bigFileThreshold=16m",  # larger files are not held in memory
    "fetch.fsckObjects=true",
    "transfer.fsckObjects=true",
    "fetch.unpackLimit=1",  # a pack a fetch: fewer files, and fewer fsyncs
    "fastimport.unpackLimit=1",
    "fetch.recurseSubmodules=false",
    "fetch.writeCommitGraph=false",
    "fetch.parallel=1",
    "pack.threads=1",
    "fetch.prune=false",
    "fetch.bundleURI=",
    "transfer.bundleURI=false",
    "submodule.recurse=false",
    "push.recurseSubmodules=no",
    "push.followTags=false",
    "push.gpgSign=false",
    "commit.gpgSign=false",
    "init.defaultRefFormat=files",
    "http.lowSpeedLimit=100",
    "http.lowSpeedTime=30",
    "color.ui=false",
    "protocol.allow=never",
    "protocol.file.allow=always",
    "protocol.ssh.allow=always",
    "protocol.https.allow=always",
)
SERVER_SETTINGS = (
    *_NO_PROGRAMS,
    *_DURABLE,
    "receive.autogc=false",
    "receive.unpackLimit=1",
    "receive.denyCurrentBranch=refuse",  # not updateInstead, which writes a working tree anywhere
    "core.logAllRefUpdates=false",
    "receive.fsckObjects=true",
    "transfer.fsckObjects=true",
)
"""For a remote that is a directory: git serves it with the directory's own settings, which these override."""

_KEPT_VARIABLES = frozenset(
    {
        *("GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_ASKPASS", "GIT_EXEC_PATH"),
        *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"),
        *("GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_CERT", "GIT_SSL_KEY"),
        *("GIT_PROXY_COMMAND", "GIT_PROXY_SSL_CAINFO", "GIT_HTTP_PROXY_AUTHMETHOD"),
    }
)


def options(settings: Sequence[str]) -> list[str]:
    """Return the arguments of git for settings."""
    return [argument for setting in settings for argument in ("-c", setting)]


def environment(directory: Path, *, is_interactive: bool) -> dict[str, str]:
    """Return the variables of git; without a terminal neither git nor ssh can ask for anything.

    GIT_SSH_COMMAND is not set to ssh's BatchMode, since it would replace the user's core.sshCommand: a session without
    a terminal, and no program that asks, come to the same.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT_VARIABLES}
    kept |= {
        "GIT_DIR": str(directory),
        "GIT_ALLOW_PROTOCOL": "file:ssh:https",  # stronger than a protocol.ext.allow among the user's settings
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "1" if is_interactive else "0",
        "LC_ALL": "C",  # `failures` reads the messages
    }
    if not is_interactive:
        kept.pop("SSH_ASKPASS", None)
        kept["SSH_ASKPASS_REQUIRE"] = "never"
    return kept
