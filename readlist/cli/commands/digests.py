"""The command that lists what has been loaded: digests."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from readlist.cli.context import open_library, print_if_intact
from readlist.cli.options.output import ROW_LIMIT, output_options, report_limit
from readlist.cli.output import EMPTY_HINT, Output, print_rows
from readlist.redaction import redact_digest_name, redact_url

if TYPE_CHECKING:
    from rich.console import RenderableType

    from readlist.counts import DigestCount

_COLUMNS = ("date", "source", "papers", "unread", "location", "loaded_at")

app = typer.Typer(rich_markup_mode=None)


@app.command()
@output_options
def digests(context: typer.Context, limit: ROW_LIMIT = None, *, output: Output) -> None:
    """List the loaded digests, the newest first."""
    counts = open_library(context).digests()
    if not counts:
        print_if_intact(context, EMPTY_HINT)
    print_rows(counts[: limit or None], _COLUMNS, _fields, _table, output)
    report_limit(limit, len(counts), "digest", output)


def _fields(count: "DigestCount") -> dict[str, Any]:
    from readlist.dates import format_utc

    return {
        "date": count.digest.date.isoformat() if count.digest.date else None,
        "source": redact_digest_name(count.digest.source),
        "papers": count.papers,
        "unread": count.unread,
        "location": redact_url(count.location),
        "loaded_at": format_utc(count.loaded_at) if count.loaded_at else None,
    }


def _table(counts: "Sequence[DigestCount]") -> "RenderableType":
    from readlist.views.tables import digests_table

    return digests_table(counts)
