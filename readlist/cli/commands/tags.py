"""Commands that name things: query save, query list, query show, query delete, and tags rename."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from readlist import edits
from readlist.cli.context import open_library
from readlist.cli.options.query import QueryCommand, parse_query
from readlist.cli.output import say, say_done, show_counts, write
from readlist.errors import NoSuchItem
from readlist.text import clean, fold_tag

if TYPE_CHECKING:
    from rich.console import RenderableType

    from readlist.library.library import Library
    from readlist.models import SavedQuery

NAME = Annotated[str, typer.Argument(metavar="NAME", help="One word; queries call it as @NAME.", show_default=False)]
JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]

app = typer.Typer(rich_markup_mode=None)
query_app = typer.Typer(rich_markup_mode=None, help="Keep queries under a name, for @NAME in any query.")
app.add_typer(query_app, name="query")


@query_app.command(cls=QueryCommand)
def save(
    context: typer.Context,
    name: NAME,
    words: Annotated[list[str], typer.Argument(metavar="QUERY...", help="As for search.", show_default=False)],
) -> None:
    """Give a query a name; a query that had it before goes."""
    library = open_library(context)
    edit = edits.SaveQuery.parse(name, " ".join(words))
    name, text = edit.name, edit.text
    parse_query(text, lambda: library, (name,))
    if library.apply(edit).definitions.queries:
        say_done(f"@{name} is now: {text}")
    else:
        say(f"@{name} is that already: {text}")


@query_app.command("list")
def list_(context: typer.Context, json: JSON = False) -> None:
    """List the saved queries."""
    saved = [query for _, query in sorted(open_library(context).definitions().queries.items()) if query]
    if not saved:
        say("no query is saved yet; save one with: readlist query save NAME QUERY")
    show_counts(saved, _fields, _table, json=json)


@query_app.command("show")
def show_(context: typer.Context, name: NAME) -> None:
    """Print what a saved query is."""
    write([edits.find_saved_query(open_library(context).definitions(), edits.fold_query_name(name)).text, "\n"])


@query_app.command()
def delete(context: typer.Context, name: NAME) -> None:
    """Let go of a saved query."""
    name = edits.fold_query_name(name)
    open_library(context).apply(edits.DeleteQuery(name))
    say_done(f"@{name} is no longer saved")


@app.command("tags rename")
def rename(
    context: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="A tag that papers have.", show_default=False)],
    new: Annotated[str, typer.Argument(metavar="NEW", help="What it is to be called.", show_default=False)],
) -> None:
    """Give a tag another name, wherever it stands.

    The digests' tags are renamed and your own, in papers that are loaded later too. Where papers have NEW already, the
    two become one tag. To take it back: readlist undo, or rename NEW to OLD.
    """
    library = open_library(context)
    edit = edits.RenameTag.parse(old, new)
    old, new = clean(old).lstrip("#"), clean(new).lstrip("#")
    if not _count(library, old):
        raise NoSuchItem(f"no paper has the tag #{old}{_where_it_is(library, old)}")
    changed = library.apply(edit).definitions.aliases
    if renamed := changed.get(fold_tag(old)):
        count = _count(library, renamed.new)
        say_done(f"#{old} is now #{renamed.new}, which {count:,} paper{'s have' if count > 1 else ' has'}")
    else:
        say(f"#{old} is #{new} already")


def _count(library: "Library", tag: str) -> int:
    """The papers that have a tag in effect, whatever else it is the old name of."""
    from readlist.search.query.parser import parse_term

    counts = library.tags(parse_term("tag", tag))
    return next((count.papers for count in counts if fold_tag(count.tag) == fold_tag(tag)), 0)


def _where_it_is(library: "Library", tag: str) -> str:
    from readlist.search.query.parser import parse_term

    if renamed := library.definitions().renamed_tags.get(fold_tag(tag)):
        return f", which is now #{renamed}"
    near = library.find(parse_term("tag", tag), ranked=False).did_you_mean
    return f"; near it: {', '.join(near)}" if near else ""


def _fields(saved: "SavedQuery") -> dict[str, Any]:
    from readlist.dates import format_utc

    return {"name": saved.name, "query": saved.text, "at": format_utc(saved.at)}


def _table(saved: "Sequence[SavedQuery]") -> "RenderableType":
    from readlist.views.tables import queries_table

    return queries_table(saved)
