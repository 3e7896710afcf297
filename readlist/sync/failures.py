"""Failures of git as errors with a reason: what it and the server printed, without secrets and control characters."""

from __future__ import annotations

import re
from typing import NoReturn

from readlist.errors import ReadlistError, SyncRefused
from readlist.sync import remote_directories
from readlist.sync.git import Result
from readlist.sync.remotes import Remote
from readlist.text import clean

_MAX_REASON = 300
_REASONS = (
    r"Host key verification failed|REMOTE HOST IDENTIFICATION|Permission denied|^ssh: |[Cc]ould not resolve",
    r"^remote: .*\w",
    r"^(?:fatal|error|ERROR): ",
)
_INFORMATIVE = r"^(?!(?:remote: )?hint:).*\S"
_PREFIX = r"^(?:fatal|error|ERROR|remote): *(?:fatal: |error: )?(?:unable to access '\S*': )?"
_RACE = (
    r"fetch first|non-fast-forward|stale info|reference already exists|failed to update ref|cannot lock ref"
    r"|[Uu]nable to (?:create|lock)"
)
_DAMAGED = (
    r"not our ref|did not receive expected object|unresolved deltas?|[Bb]ad object|bad tree object"
    r"|missing (?:necessary )?(?:blob|tree|commit|object)|invalid sha1 pointer|did not send all necessary objects"
    r"|corrupt|inflate|is not a valid object|file \S+ is empty"
)
"""What git prints where objects of the remote are missing or damaged."""
_READ_ONLY = r"error: 403|[Ww]rite access|[Pp]ermission to \S+ denied|read[- ]only|not allowed to push"


class LostRace(Exception):
    """Another machine pushed since the fetch; the sync is to be done again from there."""


def raise_fetch_error(remote: Remote, messages: str) -> NoReturn:
    """Raise ReadlistError with the reason why the remote cannot be read."""
    _raise_unreachable("cannot read from the remote", remote, messages)


def raise_push_error(remote: Remote, branch: str, result: Result) -> NoReturn:
    """Raise LostRace, SyncRefused where the server declines, or ReadlistError where it cannot be reached.

    The exit code does not tell them apart; the line that `push --porcelain` prints for the branch does.
    """
    lines = result.output.decode(errors="replace").splitlines()
    status = next((line for line in lines if line.startswith("!")), "")
    if status and re.search(_RACE, status):
        if remote.path is not None:
            remote_directories.check_stale_lock(remote.path, branch)
        raise LostRace
    if re.search(_DAMAGED, result.messages):
        _raise_damaged(remote, result.messages)
    if not status and not re.search(_READ_ONLY, result.messages):
        _raise_unreachable("cannot send to the remote", remote, result.messages)
    has_reason = not status or re.search(_REASONS[1], result.messages, re.MULTILINE)
    reason = _find_reason(result.messages) if has_reason else status.rpartition("\t")[2]
    raise SyncRefused(
        f"the remote declines the changes: {remote}: {_redact(remote, reason)}; everything is merged and saved here"
    )


def raise_local_error(remote: Remote, verb: str, messages: str) -> NoReturn:
    """Raise ReadlistError with the reason why a command on the clone failed, such as a full disk."""
    reason = _redact(remote, _find_reason(messages))
    raise ReadlistError(f"git {verb} failed: {reason}; to check the copy of the remote: readlist doctor")


def _raise_unreachable(problem: str, remote: Remote, messages: str) -> NoReturn:
    if "dubious ownership" in messages and remote.path is not None:
        path = remote_directories.find_repository(remote.path) or remote.path
        raise ReadlistError(
            f"the remote belongs to another user: {remote}; if you trust that user: "
            f"git config --global --add safe.directory '{clean(str(path))}'"
        )
    if re.search(_DAMAGED, messages):
        _raise_damaged(remote, messages)
    raise ReadlistError(f"{problem}: {remote}: {_redact(remote, _find_reason(messages))}")


def _raise_damaged(remote: Remote, messages: str) -> NoReturn:
    reason = _redact(remote, _find_reason(messages))
    raise ReadlistError(f"the remote is damaged: {remote}: {reason}; {remote_directories.REPLACE_REMOTE}")


def _find_reason(messages: str) -> str:
    """Return the line that says what is wrong: that of ssh, else that of the server, else that of git."""
    lines = [line.strip() for line in messages.splitlines() if re.search(_INFORMATIVE, line)]
    for pattern in _REASONS:
        for line in lines:
            if re.search(pattern, line):
                return re.sub(_PREFIX, "", line)
    return lines[-1] if lines else "git gives no reason"


def _redact(remote: Remote, reason: str) -> str:
    return remote.redact(reason)[:_MAX_REASON].rstrip(".")
