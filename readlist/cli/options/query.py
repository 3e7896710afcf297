"""The query, as every command takes it: words, and options that are sugar for terms of the same language."""

import inspect
import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from readlist.cli.context import open_library
from readlist.cli.output import say
from readlist.errors import QueryError, UsageError

if TYPE_CHECKING:
    from readlist.library.library import Library
    from readlist.models import SearchResult
    from readlist.search.query.parser import Query

_NEGATED = re.compile(r"-(?!n\d+$)(?:[^\W\d_]\S|[^\w\s-])", re.DOTALL)
"""`-word`, `-field:value`, `-"phrase"` and `-(`; not an option of one letter, nor -n5."""


_QUERY_HELP = 'Words, "phrases", author:levine, tag:rl, is:unread, date:2025-05.., OR, -word, ( ), @saved.'


class QueryCommand(TyperCommand):
    """A command whose arguments are a query: `-tag:rl` there is a term, not a bundle of options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Spell `-word` as the language's own synonym `NOT word`, up to `--`."""
        end = args.index("--") if "--" in args else len(args)
        spelt: list[str] = []
        for arg in args[:end]:
            spelt += ["NOT", arg[1:]] if _NEGATED.match(arg) else [arg]
        return super().parse_args(ctx, spelt + args[end:])


def parse_query(text: str, library: "Callable[[], Library] | None" = None, within: tuple[str, ...] = ()) -> "Query":
    """Parse `text` with today as the day that "today" and "7d" speak of.

    `library` has the saved queries, and is asked for only where one is called.
    """
    import datetime as dt

    from readlist.search.query.parser import parse

    def saved() -> dict[str, str]:
        queries = library().definitions().queries if library else {}
        return {name: query.text for name, query in queries.items() if query}

    return parse(text, dt.date.today(), cache(saved), within)


def _query(
    context: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[QUERY]...", help=_QUERY_HELP, show_default=False)
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", "-t", metavar="TAG", help="Only with this tag; repeat it for all of several."),
    ] = None,
    author: Annotated[
        list[str] | None, typer.Option("--author", "-a", metavar="AUTHOR", help="Only by this author.")
    ] = None,
    unread: Annotated[bool, typer.Option("--unread", help="Only unread papers.")] = False,
    reading: Annotated[bool, typer.Option("--reading", help="Only papers being read.")] = False,
    read: Annotated[bool, typer.Option("--read", help="Only read papers.")] = False,
    skipped: Annotated[bool, typer.Option("--skipped", help="Only skipped papers.")] = False,
    starred: Annotated[bool, typer.Option("--starred", help="Only starred papers.")] = False,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Only from digests of this day or later: 2025-02-11, 7d.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Only from digests up to this day.")] = None,
) -> "Query":
    """The query that these arguments and options stand for; the declaration of them for every command."""
    from readlist.search.query.parser import all_of, any_of, parse_term

    statuses = {"unread": unread, "reading": reading, "read": read, "skipped": skipped}
    terms = [
        parse_query(" ".join(words or ()), lambda: open_library(context)),
        *(parse_term("tag", value) for value in tag or ()),
        *(parse_term("author", value) for value in author or ()),
        any_of(parse_term("is", name) for name, wanted in statuses.items() if wanted),
        *([parse_term("is", "starred")] if starred else []),
        *([_dated("--since", since, "{}..")] if since else []),
        *([_dated("--until", until, "..{}")] if until else []),
    ]
    return all_of(terms)


def _dated(option: str, day: str, span: str) -> "Query":
    from readlist.search.query.parser import parse_term

    try:
        parse_term("date", day)
    except QueryError as error:
        raise UsageError(f"{option}: {error}") from error
    return parse_term("date", span.format(day))


def explained(found: "SearchResult") -> "SearchResult":
    """`found`, after telling the reader what is shown in place of what they typed."""
    for remark in found.notices:
        say(remark)
    return found


def _spelt(context: typer.Context, **asked: Any) -> str:
    """The same query as one would type it: `--tag rl --unread grpo` is `grpo tag:rl is:unread`."""
    _query(context, **asked)  # which tells what is wrong by the name of the option
    words = " ".join(asked["words"] or ())
    states = " OR ".join(f"is:{name}" for name in ("unread", "reading", "read", "skipped") if asked[name])
    terms = [
        *(f"tag:{_quoted(value)}" for value in asked["tag"] or ()),
        *(f"author:{_quoted(value)}" for value in asked["author"] or ()),
        *([_grouped(states)] if states else []),
        *(["is:starred"] if asked["starred"] else []),
        *([f"date:{asked['since']}.."] if asked["since"] else []),
        *([f"date:..{asked['until']}"] if asked["until"] else []),
    ]
    return " ".join([_grouped(words) if terms else words, *terms]).strip()


def _quoted(value: str) -> str:
    return value if re.fullmatch(r"[\w+#.-]+", value) else f'"{value.replace(chr(34), " ")}"'


def _grouped(terms: str) -> str:
    return f"({terms})" if " OR " in terms else terms


def explain(library: "Library", query: "Query") -> None:
    """Tell the reader what a command that only counts or suggests takes their words for."""
    from readlist.search.query.parser import all_of

    if query != all_of([]):  # which needs no explaining, and 3 ms
        explained(library.find(query, ranked=False, limit=1))


def takes_query(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` the parameters of a query in place of its own parameter `query`."""
    return _taking(command, _query)


def takes_query_text(command: Callable[..., None]) -> Callable[..., None]:
    """The same, for a command that is given the query as it would be typed."""
    return _taking(command, _spelt)


def _taking(command: Callable[..., None], make: Callable[..., Any]) -> Callable[..., None]:
    shared = dict(inspect.signature(_query).parameters)
    del shared["context"]
    own = inspect.signature(command).parameters

    def with_query(**given: Any) -> None:
        asked = {name: given.pop(name) for name in shared}
        command(query=make(given["context"], **asked), **given)

    parameters = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in {**shared, **own}.items()
        if name != "query"
    ]
    described: Any = with_query  # functions may have a signature of their own; their type does not know of it
    described.__name__, described.__doc__ = command.__name__, command.__doc__
    described.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    described.__signature__ = inspect.Signature(parameters)
    return with_query
