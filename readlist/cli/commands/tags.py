"""Commands on all tags: tags, tags rename."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from readlist import definition_edits
from readlist.cli.context import open_library, print_if_intact
from readlist.cli.options.output import ROW_LIMIT, output_options, report_limit
from readlist.cli.options.query import QueryCommand, print_query_notices, query_options, report_no_match
from readlist.cli.output import Output, info, print_rows, success
from readlist.errors import NoSuchItem, UsageError
from readlist.text import clean, fold_tag, plural

if TYPE_CHECKING:
    from rich.console import RenderableType

    from readlist.counts import TagCount
    from readlist.library.library import Library
    from readlist.search.query.ast import Query

_COLUMNS = ("tag", "papers", "unread")

app = typer.Typer(rich_markup_mode=None)


@app.command(cls=QueryCommand)
@query_options
@output_options
def tags(context: typer.Context, query: "Query", limit: ROW_LIMIT = None, *, output: Output) -> None:
    """Count the tags of all papers or of a query's matches."""
    library = open_library(context)
    print_query_notices(library, query)
    counts = library.tags(query)
    if not counts and not report_no_match(context, library, query):
        print_if_intact(context, "No tags")
    print_rows(counts[: limit or None], _COLUMNS, _fields, _table, output)
    report_limit(limit, len(counts), "tag", output)


@app.command("tags rename")
def rename(
    context: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="A tag that papers have.", show_default=False)],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its new name.", show_default=False)],
) -> None:
    """Rename a tag on every paper.

    Tags of digests are renamed as well as your own, also in papers that are loaded later. If NEW is already in use,
    the two tags are merged. To undo: readlist undo.
    """
    library = open_library(context)
    edit = definition_edits.RenameTag.parse(old, new)
    old, new = clean(old).lstrip("#"), clean(new).lstrip("#")
    if old == new:
        raise UsageError(f"OLD and NEW are the same tag: #{old}")
    old_count = _count_papers(library, old)
    if not old_count:
        raise NoSuchItem(f"no paper has the tag: #{old}{_describe_alternative(library, old)}")
    target = library.definitions().renamed_tags.get(edit.new, new)
    new_count = _count_papers(library, target) if fold_tag(target) != edit.old else 0
    aliases = library.apply(edit).definitions.aliases
    if alias := aliases.get(edit.old):
        count = _count_papers(library, alias.new)
        verb = "has" if count == 1 else "have"
        success(f"{_describe_rename(old, old_count, alias.new, new_count)}; {plural(count, 'paper')} {verb} this tag")
    else:
        info(f"#{old} is already named #{new}")


def _describe_rename(old: str, old_count: int, new: str, new_count: int) -> str:
    """Return what a command did to a tag of `old_count` papers; `new_count` papers had the new name before."""
    if fold_tag(old) == fold_tag(new):
        return f"Changed the spelling of #{old} to #{new}"
    if new_count:
        return f"Merged #{old} ({plural(old_count, 'paper')}) into #{new} ({plural(new_count, 'paper')})"
    return f"Renamed #{old} to #{new}"


def _count_papers(library: "Library", tag: str) -> int:
    """Return how many papers have a tag in effect, even where the tag is also an alias of another one."""
    from readlist.search.query.terms import parse_term

    counts = library.tags(parse_term("tag", tag))
    return next((count.papers for count in counts if fold_tag(count.tag) == fold_tag(tag)), 0)


def _describe_alternative(library: "Library", tag: str) -> str:
    from readlist.search.query.terms import parse_term

    if alias := library.definitions().renamed_tags.get(fold_tag(tag)):
        return f"; it was renamed to #{alias}"
    suggestions = library.find(parse_term("tag", tag)).did_you_mean
    return f"; did you mean: {', '.join(suggestions)}?" if suggestions else ""


def _fields(count: "TagCount") -> dict[str, Any]:
    return {"tag": count.tag, "papers": count.papers, "unread": count.unread}


def _table(counts: "Sequence[TagCount]") -> "RenderableType":
    from readlist.views.tables import tags_table

    return tags_table(counts)
