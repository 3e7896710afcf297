"""What may stand where the cursor is on a command line: commands, options, and what the library holds.

A parameter says by its metavar what it takes: TAG a tag, ITEM a paper, QUERY terms of the query language. A shell asks
through the variable _READLIST_COMPLETE (see `shells`), and nothing that goes wrong here is said to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from readlist.search.query.fields import DATE_KINDS, FIELDS

if TYPE_CHECKING:
    from readlist.library.library import Library

Offer: TypeAlias = tuple[str, str]
"""What may be typed, and what it is."""

FILES: Offer = (":files", "")
"""Whatever the shell offers where a file is meant."""

_HELP = ("--help", "Show the help.")
_DAYS = [("today", ""), ("yesterday", ""), ("7d", "the last seven days"), ("1m", "the last month"), ("1y", "")]


class Completer:
    """Completes the words of one command line; `library` makes that of a --home, None for the usual one."""

    def __init__(self, app: Any, library: Callable[[str | None], Library]) -> None:
        self._app = app
        self._make = library
        self._home: str | None = None

    def offers(self, words: Sequence[str], typed: str) -> list[Offer]:
        """What may follow `words` where `typed` is begun."""
        command, rest = self._command(words)
        options = {name: param for param in command.params for name in (*param.opts, *param.secondary_opts)}
        if rest and _takes_value(options.get(rest[-1])):
            return self._values(options[rest[-1]], typed)
        name, is_assigned, value = typed.partition("=")
        if is_assigned and _takes_value(options.get(name)):
            return [(f"{name}={text}", what) for text, what in self._values(options[name], value)]
        if re.match(r"--|-\w?$", typed) and "--" not in rest:
            named = [*((name, _first_line(param.help)) for name, param in _named(options)), _HELP]
            return [offer for offer in named if offer[0].startswith(typed)]
        if hasattr(command, "list_commands"):
            return _commands(command, typed)
        return self._argument(command, options, rest, typed)

    def _command(self, words: Sequence[str]) -> tuple[Any, Sequence[str]]:
        """The command that `words` lead to, and those after its name."""
        command, rest = self._app, list(words)
        while hasattr(command, "list_commands"):
            named = _without_options(command, rest)
            self._home = next((home for option, home in pairwise(rest) if option == "--home"), self._home)
            found = command.get_command(None, named[0]) if named else None
            if found is None:
                return command, rest
            command, rest = found, rest[rest.index(named[0]) + 1 :]
            if named[0] == "tags" and rest[:1] == ["rename"]:
                return self._app.get_command(None, "tags rename"), rest[1:]
        return command, rest

    def _argument(self, command: Any, options: Mapping[str, Any], rest: Sequence[str], typed: str) -> list[Offer]:
        arguments = [param for param in command.params if param.param_type_name == "argument"]
        place = len([word for word in _without_options(command, rest) if word != "--"])
        if not arguments or (place >= len(arguments) and arguments[-1].nargs == 1):
            return []
        found = self._values(arguments[min(place, len(arguments) - 1)], typed)
        return (
            [*found, ("rename", "OLD NEW")]
            if command.name == "tags" and not rest and "rename".startswith(typed)
            else found
        )

    def _values(self, param: Any, typed: str) -> list[Offer]:
        """What a parameter takes."""
        metavar = (param.metavar or param.type.name).strip("[].").lower()
        if metavar == "query":
            return self._terms(typed)
        if metavar in {"file", "dir", "source", "path"}:
            return [FILES]
        of_library = {"item": "paper", "tag": "tag", "old": "tag", "new": "tag", "author": "author", "name": "query"}
        if metavar in of_library:
            return self._held(of_library[metavar], typed)
        return [offer for offer in self._fixed(metavar) if offer[0].startswith(typed)]

    def _fixed(self, metavar: str) -> Iterable[Offer]:
        if metavar == "format":
            from readlist.exporters.registry import EXPORTERS

            return [(format_.name, format_.summary) for format_ in EXPORTERS.values()]
        if metavar == "command":
            return [("query", "the query language"), *_commands(self._app, "")]
        return _DAYS if metavar == "date" else [(name, "") for name in metavar.split("|") if "|" in metavar]

    def _terms(self, typed: str) -> list[Offer]:
        """The last term of a query, which may stand behind others in one word: --where 'is:unread tag:r'."""
        others, blank, last = typed.rpartition(" ")
        before = others + blank + (re.match(r"(?:-?\(+)*-?", last) or [""])[0]
        field, colon, value = typed[len(before) :].partition(":")
        return [(before + text, what) for text, what in self._term(field, colon, value)]

    def _term(self, field: str, colon: str, value: str) -> Iterator[Offer]:
        if field.startswith("@"):
            yield from ((f"@{name}", text) for name, text in self._held("query", field[1:]))
        elif not colon:
            yield from ((f"{name}:", one.help) for name, one in FIELDS.items() if name.startswith(field))
        elif field in {"tag", "author", "id"}:
            kind = "paper" if field == "id" else field
            yield from ((f"{field}:{text}", what) for text, what in self._held(kind, value))
        else:
            yield from ((f"{field}:{text}", what) for text, what in _known(field) if text.startswith(value))

    def _held(self, kind: str, typed: str) -> list[Offer]:
        return self._make(self._home).complete(kind, typed)


def _known(name: str) -> list[Offer]:
    """The values of a field that are the same in every library."""
    field = FIELDS.get(name)
    if field is None:
        return []
    return _DAYS if field.kind in DATE_KINDS else [(value, "") for value in field.values]


def _takes_value(param: Any) -> bool:
    return param is not None and param.param_type_name == "option" and not param.is_flag


def _named(options: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The options by their long names, and by their short ones where they have no other."""
    for name, param in options.items():
        if param.param_type_name == "option" and (name.startswith("--") or len(param.opts) == 1):
            yield name, param


def _without_options(command: Any, words: Sequence[str]) -> list[str]:
    """The words that are arguments of `command`."""
    valued = {name for param in command.params if _takes_value(param) for name in param.opts}
    behind = [False, *(word in valued for word in words)]
    return [
        word for word, is_value in zip(words, behind, strict=False) if not is_value and not re.match(r"--|-\w$", word)
    ]


def _commands(group: Any, typed: str) -> list[Offer]:
    names = [name for name in group.list_commands(None) if name.startswith(typed) and " " not in name]
    return [(name, _first_line(group.get_command(None, name).get_short_help_str(60))) for name in names]


def _first_line(text: str | None) -> str:
    return (text or "").split("\n", maxsplit=1)[0]
