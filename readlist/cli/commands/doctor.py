"""The command that examines a library and mends it: doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from readlist.cli.context import open_library
from readlist.cli.output import say, write
from readlist.errors import ReadlistError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from readlist.doctor.doctor import Doctor
    from readlist.doctor.report import Finding

_NAMED = 5
"""Items of a finding that are named; the rest is counted, and in --json."""

app = typer.Typer(rich_markup_mode=None)


@app.command()
def doctor(
    context: typer.Context,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended; what is damaged is kept.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Examine the library, and say of each thing that is wrong what mends it.

    Exits 0 when all is sound, 4 when the store is damaged, 1 when something else is to be mended.
    """
    examiner = open_library(context).doctor()
    if fix:
        for done in examiner.repair():
            say(done)
    findings = examiner.diagnose()
    code = _exit_code(findings)
    if json:
        from readlist.exporters.json import dump_array

        write(dump_array(map(_fields, findings)))
    else:
        write(f"{_line(finding)}\n" for finding in findings)
        if not code:
            write([f"{_all_is_sound(examiner)}\n"])
    raise typer.Exit(code)


def _exit_code(findings: Iterable[Finding]) -> int:
    """Decided by the gravest."""
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


def _line(finding: Finding) -> str:
    from readlist.text import make_printable

    named = ", ".join(finding.items[:_NAMED])
    more = f" and {len(finding.items) - _NAMED:,} more" if len(finding.items) > _NAMED else ""
    return make_printable(f"{finding.message}{': ' if named else ''}{named}{more}; {finding.remedy}")


def _all_is_sound(examiner: Doctor) -> str:
    snapshot, backups = examiner.snapshot, examiner.backups()
    kept = (
        f"{len(backups)} backups, the newest of {backups[0].at.astimezone():%Y-%m-%d %H:%M}" if backups else "no backup"
    )
    return f"all is sound: {len(snapshot.entries):,} papers, {len(snapshot.marks):,} marks, {kept}"
