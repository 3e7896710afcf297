"""What the command `sync` asks for: to sync with the remote, with the lab, or both; the lab; what is not sent yet.

`syncer` syncs with one remote. A library has at most one remote of its own, and one of a lab.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from readlist.errors import ReadlistError, StoreError, UsageError
from readlist.library.sync_directory import LAB, OWN, Settings, SyncDirectory
from readlist.library.syncer import LibraryParts, Syncer
from readlist.store.people import read_people, remove_people
from readlist.sync.clone import Clone
from readlist.sync.lab import parse_person
from readlist.sync.remotes import parse_remote
from readlist.sync.report import SyncReport, SyncStatus

if TYPE_CHECKING:
    from readlist.library.library import Progress


class Request(NamedTuple):
    """What the user asked for: a remote, "" for the one of the last time, and the name of this machine, "" likewise.

    `timeout` is in seconds, for each call of git.
    """

    remote: str = ""
    name: str = ""
    timeout: float = 120.0


def sync(parts: LibraryParts, request: Request, progress: Progress, *, dry_run: bool = False) -> SyncReport:
    """Sync with the remote of this library; see `Library.sync`."""
    directory = SyncDirectory(parts.state, OWN)
    known = directory.read_settings() or Settings("")
    if not request.remote and not known.remote:
        raise UsageError("no remote is known yet; pass one: readlist sync REMOTE (a directory, host:path or https://…)")
    remote = parse_remote(request.remote or known.remote)
    name = request.name or known.name or socket.gethostname() or "readlist"
    clone = Clone(directory.clone_path, remote, timeout=request.timeout)
    syncer = Syncer(parts, directory, Settings(remote.url, name), clone)
    if dry_run:
        return syncer.preview(is_new=bool(request.remote) and clone.is_new_remote())
    if request.remote:  # a remembered directory that is missing is on a disk that is not mounted
        clone.create_remote()
    return syncer.run(progress)


def sync_all(parts: LibraryParts, request: Request, progress: Progress, *, dry_run: bool = False) -> SyncReport:
    """Sync with the remote of this library and with its lab, where there is one; see `Library.sync`."""
    lab = lab_syncer(parts, request.timeout)
    if lab is None:
        return sync(parts, request, progress, dry_run=dry_run)
    steps: list[Callable[[], SyncReport]] = [lab.preview if dry_run else lambda: lab.run(progress)]
    if request.remote or SyncDirectory(parts.state, OWN).read_settings():
        steps.insert(0, lambda: sync(parts, request, progress, dry_run=dry_run))
    reports: list[SyncReport] = []
    failures: list[ReadlistError] = []
    for step in steps:  # a lab that cannot be reached does not keep the other sync from its work
        try:
            reports.append(step())
        except ReadlistError as error:
            failures.append(error)
    if failures:
        failure = failures[0]
        if reports:  # not a new error of its type, which may have other arguments
            failure.args = (f"{failure}; the sync with {reports[0].remote} is complete",)
        raise failure
    return _combine(reports)


def lab_syncer(parts: LibraryParts, timeout: float) -> Syncer | None:
    """Return what syncs with the lab of a library, None where it is in none."""
    directory = SyncDirectory(parts.state, LAB)
    settings = directory.read_settings()
    if settings is None:
        return None
    return Syncer(
        parts, directory, settings, Clone(directory.clone_path, parse_remote(settings.remote), timeout=timeout)
    )


def join_lab(parts: LibraryParts, request: Request, shared: Sequence[str], progress: Progress) -> SyncReport:
    """Join a lab, under the name of the request; see `Library.join_lab`."""
    directory = SyncDirectory(parts.state, LAB)
    remote = parse_remote(request.remote)
    settings = Settings(remote.url, parse_person(request.name), tuple(shared))
    known = directory.read_settings()
    if known and known.remote == settings.remote and known.name != settings.name:
        raise UsageError(
            f"this library is in the lab as {known.name}; to change the name: readlist sync --leave, then join again"
        )
    if known and known.remote != settings.remote:  # what the members of one lab sent is not for those of another
        directory.delete_copies()
    clone = Clone(directory.clone_path, remote, timeout=request.timeout)
    clone.create_remote()
    report = Syncer(parts, directory, settings, clone).run(progress)
    if not known or known.remote != settings.remote:
        return report
    withdrawn = [field for field in known.shared if field not in shared]
    message = f"no longer shared: {', '.join(withdrawn)}; the lab's git history keeps what was sent"
    return report._replace(messages=(*report.messages, message)) if withdrawn else report


def leave_lab(parts: LibraryParts) -> str | None:
    """Leave the lab; see `Library.leave_lab`."""
    syncer = lab_syncer(parts, Request().timeout)
    if syncer is None:
        return None
    try:
        syncer.withdraw()
        reason = ""
    except ReadlistError as error:
        reason = str(error)
    directory = SyncDirectory(parts.state, LAB)
    directory.forget()
    directory.delete_copies()
    remove_people(parts.store.people_file)
    return reason


def get_status(parts: LibraryParts) -> SyncStatus:
    """Return what is known without the network; see `Library.sync_status`."""
    status = SyncStatus()
    directory = SyncDirectory(parts.state, OWN)
    if settings := directory.read_settings():
        last = directory.read_last()
        remote = parse_remote(settings.remote)
        syncer = Syncer(parts, directory, settings, Clone(directory.clone_path, remote))
        unsent = syncer.preview(is_offline=True).sent
        status = status._replace(remote=str(remote), last_sync=last.at if last else None, unsent=unsent)
    if lab := SyncDirectory(parts.state, LAB).read_settings():
        status = _add_lab(status, parts, lab)
    return status


def _add_lab(status: SyncStatus, parts: LibraryParts, settings: Settings) -> SyncStatus:
    last = SyncDirectory(parts.state, LAB).read_last()
    syncer = lab_syncer(parts, Request().timeout)
    others: tuple[str, ...] = ()
    with suppress(StoreError):  # the next sync writes the file again
        others = tuple(sorted(read_people(parts.store.people_file)))
    return status._replace(
        lab=str(parse_remote(settings.remote)),
        person=settings.name,
        shared=settings.shared,
        lab_last_sync=last.at if last else None,
        lab_unsent=syncer.preview(is_offline=True).sent if syncer else {},
        others=others,
    )


def _combine(reports: Sequence[SyncReport]) -> SyncReport:
    """Return one report for the remote and the lab: what is sent to both counts once."""
    sent: Counter[str] = Counter()
    received: Counter[str] = Counter()
    for report in reports:
        sent |= Counter(report.sent)
        received += Counter(report.received)
    messages = dict.fromkeys(message for report in reports for message in report.messages)
    return reports[0]._replace(sent=dict(sent), received=dict(received), messages=tuple(messages))
