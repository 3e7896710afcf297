"""What has been loaded, and from where: digests, digests forget."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from readlist.cli.context import open_library
from readlist.cli.output import HOW_TO_BEGIN, say, show_counts
from readlist.errors import NoSuchItem

if TYPE_CHECKING:
    from rich.console import RenderableType

    from readlist.models import DigestCount

app = typer.Typer(rich_markup_mode=None)
digests_app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
app.add_typer(digests_app, name="digests")


@digests_app.callback()
def digests(context: typer.Context, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the digests that have been loaded, and the sources they came from."""
    if context.invoked_subcommand is not None:
        return
    counts = open_library(context).digests()
    if not counts:
        say(HOW_TO_BEGIN)
    show_counts(counts, _fields, _table, json=json)


@digests_app.command()
def forget(
    context: typer.Context,
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="As `readlist digests` shows it.")],
) -> None:
    """Let `readlist update` no longer look at a source; its papers stay."""
    library = open_library(context)
    unknown = []
    for source in sources:
        if library.untrack(source):
            say(f"update no longer looks at {source}; its papers stay")
        else:
            unknown.append(source)
    if unknown:
        raise NoSuchItem(f"no such source: {', '.join(unknown)}")


def _table(counts: "Sequence[DigestCount]") -> "RenderableType":
    from readlist.views.tables import digests_table

    return digests_table(counts)


def _fields(count: "DigestCount") -> dict[str, Any]:
    from readlist.dates import format_utc

    return {
        "date": count.digest.date.isoformat() if count.digest.date else None,
        "source": count.digest.source,
        "papers": count.papers,
        "unread": count.unread,
        "location": count.location,
        "loaded_at": format_utc(count.loaded_at) if count.loaded_at else None,
    }
