"""Commands that read: search, list, show, tags."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from readlist.cli.context import open_library
from readlist.cli.options.items import ITEMS, complain_of_missing, resolve
from readlist.cli.options.query import QueryCommand, explain, explained, takes_query
from readlist.cli.output import HOW_TO_BEGIN, on_terminal, say, show, show_counts, write

if TYPE_CHECKING:
    from rich.console import RenderableType

    from readlist.library.library import Library
    from readlist.models import Hit, SearchResult, TagCount
    from readlist.search.query.parser import Query

SHOWN_ON_TERMINAL = 20
"""Papers that a terminal shows unless told otherwise: what fits one screen."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit", "-n", metavar="N", min=0, help="Papers at most, 0 for all; 20 on a terminal, else all, if not given."
    ),
]

app = typer.Typer(rich_markup_mode=None)


@app.command(cls=QueryCommand)
@takes_query
def search(context: typer.Context, query: "Query", limit: Limit = None, json: Json = False) -> None:
    """Find papers by any words, the best match first.

    Every field is searched, in both languages, and misspelt words are corrected.
    """
    _print_found(context, query, ranked=True, limit=limit, json=json)


@app.command("list", cls=QueryCommand)
@takes_query
def list_(context: typer.Context, query: "Query", limit: Limit = None, json: Json = False) -> None:
    """List papers, the newest digest first."""
    _print_found(context, query, ranked=False, limit=limit, json=json)


@app.command("show")
def show_(context: typer.Context, items: ITEMS, json: Json = False) -> None:
    """Show everything of a paper: comments, links, your note."""
    library = open_library(context)
    chosen = resolve(library, items)
    entries = library.entries(chosen.ids)
    if json:
        from readlist.exporters.json import export

        write(export(entries))
    else:
        from readlist.views.paper import paper_page

        for entry in entries:
            show(lambda width, entry=entry: paper_page(entry, width))  # type: ignore[misc] # bound now, not later
    complain_of_missing(chosen)


@app.command(cls=QueryCommand)
@takes_query
def tags(context: typer.Context, query: "Query", json: Json = False) -> None:
    """Count the tags of all papers, or of those that a query finds."""

    def table(counts: "Sequence[TagCount]") -> "RenderableType":
        from readlist.views.tables import tags_table

        return tags_table(counts)

    def fields(count: "TagCount") -> dict[str, Any]:
        return {"tag": count.tag, "papers": count.papers, "unread": count.unread}

    library = open_library(context)
    explain(library, query)
    counts = library.tags(query)
    if not counts:
        say("no tags")
    show_counts(counts, fields, table, json=json)


def _print_found(context: typer.Context, query: "Query", *, ranked: bool, limit: int | None, json: bool) -> None:
    library = open_library(context)
    terminal = on_terminal() and not json
    most = limit if limit is not None else SHOWN_ON_TERMINAL if terminal else 0
    found = explained(library.find(query, ranked=ranked, limit=most or None))
    if not found.total:
        say(_why_nothing(library, found))
    if json:
        from readlist.exporters.json import dump_array, entry_dict, hit_dict

        write(dump_array(hit_dict(hit) if ranked else entry_dict(hit.entry) for hit in found.hits))
    elif terminal:
        _show_table(found.hits)
    else:
        from readlist.exporters.tsv import export

        write(export(found.hits))
    if terminal and len(found.hits) < found.total:
        say(f"{len(found.hits)} of {found.total:,} papers; --limit 0 shows all")


def _show_table(hits: "Sequence[Hit]") -> None:
    if hits:
        from readlist.views.papers import papers_table

        show(lambda width: papers_table(hits, width))


def _why_nothing(library: "Library", found: "SearchResult") -> str:
    if not library.digests():
        return HOW_TO_BEGIN
    return f"nothing found; near it: {', '.join(found.did_you_mean)}" if found.did_you_mean else "nothing found"
