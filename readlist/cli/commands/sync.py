"""The command that merges the library with those of other machines, and with a lab: sync."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from readlist.cli.config import read_setting
from readlist.cli.context import open_library, print_if_intact
from readlist.cli.options.output import JSON
from readlist.cli.options.shared import SHARED_BY_DEFAULT, SHARED_FIELDS, parse_shared
from readlist.cli.output import emit, emit_data, info
from readlist.cli.progress import activity_lines
from readlist.errors import ReadlistError, UsageError
from readlist.redaction import redact_url
from readlist.text import clean, make_printable

if TYPE_CHECKING:
    import datetime as dt

    from readlist.library.library import Library
    from readlist.sync.report import SyncReport, SyncStatus

NO_REMOTE = "No remote. To sync: readlist sync REMOTE; see: readlist help sync"
TIMEOUT_SECONDS = 120
"""How long one connection to the remote may take, by default."""
_MAX_NAME = 60
"""Characters of the name of a machine."""
_KINDS = ("papers", "marks", "queries", "aliases", "synonyms", "sources", "others")
"""The kinds of a `SyncReport`."""
_FORGOTTEN = "Remote forgotten; nothing was deleted there. To sync again: readlist sync REMOTE"
_MODES: Mapping[str, Collection[str]] = {
    "--status": {"--json"},
    "--forget": set(),
    "--leave": set(),
    "--lab": {"--as", "--share", "--json", "--quiet", "--timeout"},
    "": {"REMOTE", "--dry-run", "--json", "--quiet", "--timeout", "--name"},
}
"""Option that says what to do, "" for a sync -> the other arguments that it can be combined with."""

app = typer.Typer(rich_markup_mode=None)


class _Form(NamedTuple):
    """What to print: JSON, nothing but problems, or what a sync would do."""

    is_json: bool
    is_quiet: bool
    is_dry_run: bool


@app.command()
def sync(
    context: typer.Context,
    remote: Annotated[
        str,
        typer.Argument(
            metavar="[REMOTE]",
            help="A directory, HOST:PATH, or a URL with ssh:// or https://; remembered for the next sync.",
            show_default=False,
        ),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be received and sent, and change nothing.")
    ] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Print the remote and what was not sent yet; works offline.")
    ] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Forget the remote; nothing is deleted there.")] = False,
    json: JSON = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print problems only: for cron.")] = False,
    timeout: Annotated[
        int | None,
        typer.Option(
            "--timeout",
            metavar="SECONDS",
            min=1,
            help=f"Time limit of one connection. Default: {TIMEOUT_SECONDS}.",
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--name", metavar="MACHINE", help="Name of this machine in the history there. Default: host name."
        ),
    ] = None,
    lab: Annotated[
        str | None, typer.Option("--lab", metavar="REMOTE", help="Join a lab, a remote that a group shares.")
    ] = None,
    person: Annotated[str | None, typer.Option("--as", metavar="PERSON", help="Your name in the lab.")] = None,
    share: Annotated[
        str | None,
        typer.Option(
            "--share",
            metavar="FIELDS",
            help=f"What the lab sees, of: {', '.join(SHARED_FIELDS)}. Default: {','.join(SHARED_BY_DEFAULT)}.",
        ),
    ] = None,
    leave: Annotated[bool, typer.Option("--leave", help="Leave the lab, and delete your marks there.")] = False,
) -> None:
    """Sync the library with your other machines, or a lab.

    REMOTE is a git repository; a directory that does not exist is created. It receives papers, marks, notes, saved
    queries and renamed tags, and sends those of the other machines: readlist help sync. A sync is not undone by
    readlist undo.
    """
    given = {
        "REMOTE": bool(remote),
        "--dry-run": dry_run,
        "--json": json,
        "--quiet": quiet,
        "--timeout": timeout is not None,
        "--name": name is not None,
        "--as": person is not None,
        "--share": share is not None,
    }
    modes = {"--status": status, "--forget": forget, "--leave": leave, "--lab": lab is not None}
    mode = _choose_mode(modes, [option for option, is_given in given.items() if is_given])
    form = _Form(json, quiet, dry_run)
    machine, fields, seconds = _parse_name(name), parse_shared(share), timeout or TIMEOUT_SECONDS
    library = open_library(context)
    if mode == "--status":
        _print_status(context, library.sync_status(), json=json)
    elif mode == "--forget":
        info(_FORGOTTEN if library.forget_remote() else NO_REMOTE)
    elif mode == "--leave":
        _leave_lab(library)
    elif mode == "--lab":
        _join_lab(library, (lab or "", person or "", fields), seconds, form)
    else:
        _sync(library, remote, machine, seconds, form)


def _choose_mode(modes: Mapping[str, bool], given: Sequence[str]) -> str:
    """Return the option that says what to do, "" for a sync. Raises UsageError for arguments that contradict it."""
    chosen = [option for option, is_given in modes.items() if is_given]
    mode = chosen[0] if chosen else ""
    others = [*chosen[1:], *(argument for argument in given if argument not in _MODES[mode])]
    if mode and others:
        raise UsageError(f"contradicting arguments: {mode} and {others[0]}; choose one of them")
    if others:
        raise UsageError(f"{others[0]} is for joining a lab; write: readlist sync --lab REMOTE --as PERSON")
    if "--json" in given and "--quiet" in given:
        raise UsageError("contradicting arguments: --json and --quiet; choose one of them")
    if mode == "--lab" and "--as" not in given:
        raise UsageError("--lab needs your name there; write: readlist sync --lab REMOTE --as PERSON")
    return mode


def _parse_name(name: str | None) -> str:
    """Return the name of this machine, "" where none is given. Raises UsageError for one that git cannot store."""
    if name is None:
        return ""
    if not name.strip() or name != clean(name) or set("<>") & set(name) or len(name) > _MAX_NAME:
        raise UsageError(f"invalid --name: {name}; write at most {_MAX_NAME} characters, without < and >")
    return name


def _sync(library: Library, remote: str, machine: str, timeout: float, form: _Form) -> None:
    """Sync with `remote`, else with the remembered one, else with that of the setting."""
    if not remote and (configured := read_setting("remote")) and not library.sync_status().remote:
        remote = configured
    with activity_lines(is_enabled=not form.is_quiet) as progress:
        report = library.sync(remote, name=machine, timeout=timeout, dry_run=form.is_dry_run, progress=progress)
    _print_report(report, form)


def _join_lab(library: Library, member: tuple[str, str, tuple[str, ...]], timeout: float, form: _Form) -> None:
    """Join a lab; `member` is its remote, the user's name there, and the fields that it sees."""
    remote, person, fields = member
    if "note" in fields and not form.is_quiet:
        info("Your notes are shared with the lab: they stay in its git history, also after you delete them or leave")
    with activity_lines(is_enabled=not form.is_quiet) as progress:
        report = library.join_lab(remote, person, fields, timeout=timeout, progress=progress)
    _print_report(report, form)


def _leave_lab(library: Library) -> None:
    """Leave the lab. Raises ReadlistError where what was shared could not be deleted there."""
    with activity_lines() as progress:
        progress("connecting", 0, 0)
        reason = library.leave_lab()
    if reason is None:
        info("No lab is joined. To join one: readlist sync --lab REMOTE --as PERSON")
    elif reason:
        remedy = "to delete them later: join again, then readlist sync --leave"
        raise ReadlistError(f"left the lab, but your marks could not be deleted there: {reason}; {remedy}")
    else:
        info("Left the lab; your marks were deleted there, its git history keeps them")


def _print_report(report: SyncReport, form: _Form) -> None:
    if form.is_json:
        _print_json(_report_fields(report, form))
        return
    for message in report.messages:
        info(message)
    if not form.is_quiet:
        info(summarize(report, is_dry_run=form.is_dry_run))


def summarize(report: SyncReport, *, is_dry_run: bool = False) -> str:
    """Return what a sync did, or would do.

    >>> from readlist.sync.report import SyncReport
    >>> summarize(SyncReport("nas:papers.git", sent={"marks": 5}, received={"papers": 10, "marks": 3}))
    'Received 10 papers and 3 marks, sent 5 marks.'
    """
    from readlist.sync.report import describe_counts

    receive, send = ("would receive", "would send") if is_dry_run else ("received", "sent")
    counts = ((receive, describe_counts(report.received)), (send, describe_counts(report.sent)))
    done = ", ".join(f"{verb} {count}" for verb, count in counts if count) or "nothing new"
    return f"{done[0].upper()}{done[1:]}{' (first sync)' if report.is_first else ''}."


def _report_fields(report: SyncReport, form: _Form) -> dict[str, object]:
    return {
        "remote": report.remote,
        "first": report.is_first,
        "dry_run": form.is_dry_run,
        "received": _all_kinds(report.received),
        "sent": _all_kinds(report.sent),
        "messages": list(report.messages),
    }


def _all_kinds(kinds: Mapping[str, int]) -> dict[str, int]:
    return {kind: kinds.get(kind, 0) for kind in _KINDS}


def _print_status(context: typer.Context, status: SyncStatus, *, json: bool) -> None:
    if json:
        _print_json(_status_fields(status))
    elif lines := list(_describe_status(status)):
        emit(f"{make_printable(line)}\n" for line in lines)
    else:
        print_if_intact(context, NO_REMOTE)


def _status_fields(status: SyncStatus) -> dict[str, object]:
    from readlist.dates import format_utc

    return {
        "remote": status.remote,
        "last_sync": format_utc(status.last_sync) if status.last_sync else None,
        "unsent": _all_kinds(status.unsent),
        "lab": status.lab,
        "person": status.person,
        "shared": list(status.shared),
        "lab_last_sync": format_utc(status.lab_last_sync) if status.lab_last_sync else None,
        "lab_unsent": _all_kinds(status.lab_unsent),
        "others": list(status.others),
    }


def _describe_status(status: SyncStatus) -> Iterator[str]:
    """Yield a line for each thing that is known; none where there is neither a remote nor a lab."""
    from readlist.sync.report import describe_counts

    if status.remote:
        yield f"Remote: {status.remote}"
    elif configured := read_setting("remote"):
        yield f"Remote: {redact_url(configured)} (from the settings; not synced yet)"
    if status.remote:
        yield f"Last sync: {_describe_time(status.last_sync)}"
        yield f"Not sent: {describe_counts(status.unsent) or 'nothing'}"
    if status.lab:
        yield f"Lab: {status.lab}, as {status.person}, sharing {', '.join(status.shared)}"
        yield f"Others in the lab: {', '.join(map(clean, status.others)) or 'none yet'}"
        yield f"Last sync with the lab: {_describe_time(status.lab_last_sync)}"
        yield f"Not sent to the lab: {describe_counts(status.lab_unsent) or 'nothing'}"


def _describe_time(at: dt.datetime | None) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}" if at else "never"


def _print_json(fields: Mapping[str, object]) -> None:
    from readlist.exporters.json import dump_object

    emit_data(dump_object(fields))
