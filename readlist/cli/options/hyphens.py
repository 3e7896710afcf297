"""Words of a query that begin with a hyphen: `-word` excludes a word, `-t rl` is an option.

`-trl` may be either: the option -t with the value "rl", or the exclusion of the word "trl". Typer would take every
such word for options; the query language promises `-word`. So the library decides: a tag or author that exists is the
value of an option, anything else an excluded word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from readlist.cli.output import info
from readlist.errors import UsageError

if TYPE_CHECKING:
    from readlist.library.library import Library

_EXCLUSION = r"(?s)-(?:[^\W\d_]\S|[^\w\s-])"
"""`-word`, `-field:value`, `-"phrase"` and `-(`; not `-t`."""
_FIELD = r"-\w{2,}:"


def expand_hyphens(args: Sequence[str], options: Mapping[str, Any], library: Callable[[], Library]) -> Iterator[str]:
    """Yield `args` with `-word` as the synonym `NOT word` of the language, and `-trl` as `-t`, `rl`, up to `--`.

    `options` are the parameters of the command by their names, of those that take a value. Raises UsageError where a
    file name cannot be distinguished from an excluded word.
    """
    rest = iter(args)
    for arg in rest:
        if arg == "--":
            yield from (arg, *rest)
        elif arg in options:
            yield from (arg, *(value for value in [next(rest, None)] if value is not None))
        elif not (arg.startswith("-") and re.match(_EXCLUSION, arg)):
            yield arg
        elif _is_attached(arg, options, library):
            yield from (arg[:2], arg[2:].removeprefix("="))
        else:
            yield from ("NOT", arg[1:])


def _is_attached(arg: str, options: Mapping[str, Any], library: Callable[[], Library]) -> bool:
    """Return whether an argument such as `-trl` is an option with its value; otherwise it is an excluded word."""
    option, value = arg[:2], arg[2:].removeprefix("=")
    if option not in options or re.match(_FIELD, arg):
        return False
    kind = options[option].metavar
    if kind == "N":
        return value.isdecimal()
    if kind == "FILE":
        return _is_file_name(arg, value, library)
    if _has_match(library(), f"{kind.lower()}:", value):
        return True
    if not _has_match(library(), "", arg[1:]):
        name = options[option].opts[0]
        info(f"no paper contains the excluded word: {arg[1:]}; for the option, write: {name} {value}")
    return False


def _is_file_name(arg: str, value: str, library: Callable[[], Library]) -> bool:
    """Raises UsageError for a name without a dot or slash that no paper contains as a word either."""
    if re.search(r"[./]", value) or value == "-":
        return True
    if not _has_match(library(), "", arg[1:]):
        raise UsageError(f"ambiguous: {arg}; write {arg[:2]} {value} for the file, or NOT {arg[1:]} for the word")
    return False


def _has_match(library: Library, field: str, value: str) -> bool:
    """Return whether a paper matches exactly this value, in a field ("tag:") or anywhere ("")."""
    from readlist.cli.options.query import parse_query

    quoted = value.replace('"', " ")
    query = parse_query(f'{field}"{quoted}"')
    result = library.find(query, limit=1)
    return bool(result.total) and not result.notices
