"""The query as every command takes it: words, and options that are short for terms of the same language."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from readlist.cli.context import open_library, print_if_intact
from readlist.cli.options.hyphens import expand_hyphens
from readlist.cli.options.parameters import expand_parameter
from readlist.cli.output import EMPTY_HINT, info
from readlist.errors import QueryError, UsageError

if TYPE_CHECKING:
    from readlist.library.library import Library
    from readlist.query_results import SearchResult
    from readlist.search.query.ast import Query


_QUERY_HELP = 'Words, "phrases", author:levine, tag:rl, is:unread, date:2025-05.., OR, -word, ( ), @saved.'
_MAX_IDS = 3
"""IDs that the message names for a query of numbers."""
_QUOTED = r'\w+:"[^"]*(")|(?<![^\s(])-?"\s*[^"\s][^"]*("?)'
"""A quoted text or value of a query, with its closing quote as a group; a quote inside a word is no such quote."""
_STATUSES = ("unread", "reading", "read", "skipped")
"""Options that are named like a status."""


class QueryCommand(TyperCommand):
    """A command whose arguments are a query: `-tag:rl` is a term of it, not a group of options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments after `expand_hyphens`."""
        options = {
            name: param
            for param in self.params
            if param.param_type_name == "option" and not getattr(param, "is_flag", False)
            for name in param.opts
        }
        return super().parse_args(ctx, list(expand_hyphens(args, options, cache(lambda: open_library(ctx)))))


def parse_query(
    text: str,
    library: "Callable[[], Library] | None" = None,
    call_stack: tuple[str, ...] = (),
    terms: "Sequence[Query]" = (),
) -> "Query":
    """Parse a query with the current date as "today".

    `library` returns the library that has the saved queries and the persons of the lab; it is called only for a query
    that uses one. `call_stack` are the names of the saved queries that this one is the text of. All of `terms` must
    match as well, as if they were typed at the end.
    """
    import datetime as dt

    from readlist.search.query.parser import parse

    def read_saved_queries() -> dict[str, str]:
        queries = library().definitions().queries if library else {}
        return {name: query.text for name, query in queries.items() if query}

    def read_people() -> list[str]:
        return library().people() if library else []

    return parse(text, dt.date.today(), cache(read_saved_queries), call_stack, cache(read_people), terms)


def _build_query(
    context: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[QUERY]...", help=_QUERY_HELP, show_default=False)
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", "-t", metavar="TAG", help="Only papers with this tag; repeat it for all of several."),
    ] = None,
    author: Annotated[
        list[str] | None, typer.Option("--author", "-a", metavar="AUTHOR", help="Only papers by this author.")
    ] = None,
    unread: Annotated[bool, typer.Option("--unread", help="Only unread papers.")] = False,
    reading: Annotated[bool, typer.Option("--reading", help="Only papers being read.")] = False,
    read: Annotated[bool, typer.Option("--read", help="Only read papers.")] = False,
    skipped: Annotated[bool, typer.Option("--skipped", help="Only skipped papers.")] = False,
    starred: Annotated[bool, typer.Option("--starred", help="Only starred papers.")] = False,
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Only from digests of this date or later: 2025-02-11, 7d, 'last week'."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="Only from digests of this date or earlier.")
    ] = None,
) -> "Query":
    """Return the query of these arguments; its parameters are those that `query_options` gives to every command."""
    from readlist.search.query.ast import any_of
    from readlist.search.query.terms import parse_term

    statuses = {"unread": unread, "reading": reading, "read": read, "skipped": skipped}
    terms = [
        *(parse_term("tag", value) for value in tag or ()),
        *(parse_term("author", value) for value in author or ()),
        any_of(parse_term("is", name) for name, is_set in statuses.items() if is_set),
        *([parse_term("is", "starred")] if starred else []),
        *([_build_date_term("--since", since, "{}..")] if since else []),
        *([_build_date_term("--until", until, "..{}")] if until else []),
    ]
    text = " ".join(words or ())
    query = parse_query(text, lambda: open_library(context), terms=terms)
    report_unclosed_quote(text)
    return query


def report_unclosed_quote(text: str) -> None:
    """Print that a quote which begins a word of a valid query, and is not closed, was not read as that of a phrase."""
    if any(not any(closing) for closing in re.findall(_QUOTED, text)):
        info('Unclosed quote: the query is read as words; for a phrase, add a closing "')


def _build_date_term(option: str, day: str, span: str) -> "Query":
    from readlist.search.query.terms import parse_term

    if ".." in day or day.strip()[:1] in {"<", ">"}:
        raise UsageError(f"{option} takes a date, not a range: {day}; write a query: 'date:{day}'")
    try:
        parse_term("date", day)
    except QueryError as failure:
        raise UsageError(f"{option}: {failure}") from failure
    return parse_term("date", span.format(day))


def _format_query(context: typer.Context, **values: Any) -> str:
    """Return the same query as text: `--tag rl --unread grpo` is `grpo tag:rl is:unread`."""
    _build_query(context, **values)  # raises errors that name the option
    words = " ".join(values["words"] or ())
    statuses = " OR ".join(f"is:{name}" for name in _STATUSES if values[name])
    terms = [
        *(f"tag:{_quote(value)}" for value in values["tag"] or ()),
        *(f"author:{_quote(value)}" for value in values["author"] or ()),
        *([_parenthesize(statuses)] if statuses else []),
        *(["is:starred"] if values["starred"] else []),
        *([f"date:{_quote(values['since'] + '..')}"] if values["since"] else []),
        *([f"date:{_quote('..' + values['until'])}"] if values["until"] else []),
    ]
    return " ".join([_parenthesize(words) if terms else words, *terms]).strip()


def _quote(value: str) -> str:
    return value if re.fullmatch(r"[\w+#.-]+", value) else f'"{value.replace(chr(34), " ")}"'


def _parenthesize(terms: str) -> str:
    return f"({terms})" if " OR " in terms else terms


def print_notices(result: "SearchResult") -> "SearchResult":
    """Print what was corrected or left out of the user's words; return `result`."""
    for notice in result.notices:
        info(notice)
    return result


def describe_no_match(library: "Library", query: "Query", result: "SearchResult") -> str:
    """Return the message for a query that no paper matches."""
    if not library.digests():
        return EMPTY_HINT
    if result.exclusion:
        return f"No papers match; {result.exclusion}"
    if ids := find_id_terms(library, query):
        return f"No papers match. To select papers by ID: {ids}"
    if symbols := _find_symbols(query):
        return f'No papers match: "{symbols}" has no letter or digit to search for'
    suggestion = f". Did you mean: {', '.join(result.did_you_mean)}?" if result.did_you_mean else ""
    return f"No papers match{suggestion}"


def _find_symbols(query: "Query") -> str:
    """Return the first text of a query without a letter or digit, which no paper can match, else ""."""
    from readlist.search.query.ast import iter_texts
    from readlist.search.tokens import tokenize

    return next((text.text for text in iter_texts(query, negated=False) if not tokenize(text.text)), "")


def report_no_match(context: typer.Context, library: "Library", query: "Query") -> bool:
    """Print a message if no paper matches a query; return whether none does."""
    result = library.find(query, limit=1)
    if not result.total:
        print_if_intact(context, describe_no_match(library, query, result))
    return not result.total


def find_id_terms(library: "Library", query: "Query") -> str:
    """Return `id:11 OR id:12` for a query of the numbers 11 and 12 if these are IDs of papers, else ""."""
    from readlist.search.query.ast import conjuncts, is_plain

    words = [part.text if is_plain(part) else "" for part in conjuncts(query)]
    ids = library.resolve(words[:_MAX_IDS]).ids if words and all(map(str.isdecimal, words)) else ()
    return " OR ".join(f"id:{id_}" for id_ in ids)


def print_query_notices(library: "Library", query: "Query") -> None:
    """Print the notices on a query for a command that counts or suggests instead of searching."""
    from readlist.search.query.ast import all_of

    if query != all_of([]):  # without terms there is nothing to correct, and no need to search
        print_notices(library.find(query, limit=1))


def query_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` the arguments and options of a query in place of its parameter `query`, a Query."""
    return expand_parameter(command, "query", _build_query)


def query_text_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` the same options in place of its parameter `query`, which is the query as text."""
    return expand_parameter(command, "query", _build_query, _format_query)
