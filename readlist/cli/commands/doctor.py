"""The command that checks the library and repairs it: doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from readlist.cli.context import open_library
from readlist.cli.options.output import JSON
from readlist.cli.output import emit, emit_data, info
from readlist.dates import to_local
from readlist.errors import ReadlistError, StoreError
from readlist.text import make_printable, plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from readlist.doctor.doctor import Doctor
    from readlist.doctor.report import Finding

_MAX_ITEMS = 5
"""Items of a finding that are listed; the others are counted, and listed by --json."""

app = typer.Typer(rich_markup_mode=None)


@app.command()
def doctor(
    context: typer.Context,
    fix: Annotated[
        bool, typer.Option("--fix", help="Repair what can be repaired; a copy of a corrupt file is kept.")
    ] = False,
    json: JSON = False,
) -> None:
    """Check the library for problems; --fix repairs them.

    Each problem is printed with its remedy. Exit code 0: no problems; 4: a data file is corrupt; 1: another problem.
    """
    checker = open_library(context, changes=fix).doctor()
    if fix:
        for repair in checker.repair():
            info(repair)
    findings = checker.diagnose()
    code = _exit_code(findings)
    if json:
        from readlist.exporters.json import dump_array

        emit_data(dump_array(map(_fields, findings)))
    else:
        emit(f"{_format(finding)}\n" for finding in findings)
        if not code:
            emit([f"{_summarize(checker)}\n"])
    raise typer.Exit(code)


def _exit_code(findings: Iterable[Finding]) -> int:
    """Return the exit code for the most severe finding."""
    levels = {finding.level.value for finding in findings}
    if "error" in levels:
        return StoreError.exit_code
    return ReadlistError.exit_code if "warning" in levels else 0


def _fields(finding: Finding) -> dict[str, object]:
    return {
        "level": finding.level.value,
        "message": finding.message,
        "items": list(finding.items),
        "remedy": finding.remedy,
        "fixable": finding.fix is not None,
    }


def _format(finding: Finding) -> str:
    listed = ", ".join(finding.items[:_MAX_ITEMS])
    others = len(finding.items) - _MAX_ITEMS
    more = f" and {others:,} more" if others > 0 else ""
    return make_printable(f"{finding.message}{': ' if listed else ''}{listed}{more}; {finding.remedy}")


def _summarize(checker: Doctor) -> str:
    backups, saved_at = checker.count_backups()
    newest = f", the newest of {to_local(saved_at):%Y-%m-%d %H:%M}" if saved_at else ""
    counts = (
        plural(len(checker.snapshot.papers), "paper"),
        plural(len(checker.snapshot.marks), "mark"),
        plural(backups, "backup") + newest,
    )
    return f"No problems found: {', '.join(counts)}"
