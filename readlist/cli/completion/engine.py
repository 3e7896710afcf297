"""What may be at the cursor of a command line: commands, options, and values from the library.

The metavar of a parameter names what it takes: TAG a tag, ITEM a paper, QUERY terms of the query language. `shells`
calls it for a shell, and suppresses its errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from readlist.cli.arguments import PATH_METAVARS, split_global_options
from readlist.cli.registry import COMMANDS, find_command, list_subcommands
from readlist.search.fields import DATE_KINDS, FIELDS, LAST_DIGEST, Kind

if TYPE_CHECKING:
    from readlist.library.library import Library

Completion: TypeAlias = tuple[str, str]
"""A candidate, and its description."""

FILES: Completion = (":files", "")
"""Stands for the shell's own completion of file names."""

_HELP = ("--help", "Show the help.")
_DATES = [("today", ""), ("yesterday", ""), ("7d", "the last seven days"), ("1m", "the last month"), ("1y", "")]
_FUTURE_DATES = [("tomorrow", ""), ("monday", ""), ("3d", "in three days"), ("1w", "in a week"), ("1m", "in a month")]
"""The dates that `later` takes."""
_LIBRARY_KINDS = {
    "item": "paper",
    "tag": "tag",
    "old": "tag",
    "new": "tag",
    "author": "author",
    "name": "query",
    "word": "synonym",
}
"""The kind of a library's values that a metavar takes."""


_FIELD_KINDS = {"tag": "tag", "author": "author", "id": "paper", "by": "person"}
"""The kind of a library's values that a field of the query language takes."""


class Completer:
    """Completes one command line of `app`; `open_home` returns the library of a --home, None for the default."""

    def __init__(self, app: Any, open_home: Callable[[str | None], Library]) -> None:
        self._app = app
        self._open_home = open_home
        self._home: str | None = None

    def complete(self, words: Sequence[str], prefix: str) -> list[Completion]:
        """Return what may follow `words` and begins with `prefix`."""
        if words and words[-1] == "--home":
            return [FILES]
        self._home, others = _split_home(words)
        name, length = find_command(others)
        command = self._app.get_command(None, name) if name else self._app
        rest = others[length:]
        options = {name: param for param in command.params for name in (*param.opts, *param.secondary_opts)}
        if rest and _takes_value(options.get(rest[-1])):
            return self._complete_value(command, _read_metavar(options[rest[-1]]), prefix)
        option, is_assigned, value = prefix.partition("=")
        if is_assigned and _takes_value(options.get(option)):
            candidates = self._complete_value(command, _read_metavar(options[option]), value)
            return [(f"{option}={text}", description) for text, description in candidates]
        if re.match(r"--|-\w?$", prefix) and "--" not in rest:
            named = [*((name, _first_line(param.help)) for name, param in _list_options(options)), _HELP]
            return [candidate for candidate in named if candidate[0].startswith(prefix)]
        if command is self._app:
            return _complete_command(prefix) if not rest else []
        subcommands = [] if rest else _complete_subcommand(" ".join(others[:length]), prefix)
        return [*self._complete_argument(command, rest, prefix), *subcommands]

    def _complete_argument(self, command: Any, rest: Sequence[str], prefix: str) -> list[Completion]:
        arguments = [param for param in command.params if param.param_type_name == "argument"]
        words = [word for word in _drop_options(command, rest) if word != "--"]
        if not arguments or (len(words) >= len(arguments) and arguments[-1].nargs == 1):
            return []
        metavar = _read_metavar(arguments[min(len(words), len(arguments) - 1)])
        return self._complete_value(command, _find_setting_metavar(words) if metavar == "value" else metavar, prefix)

    def _complete_value(self, command: Any, metavar: str, prefix: str) -> list[Completion]:
        """Return the values that a parameter of `command` takes."""
        if metavar == "query":
            return self._complete_term(prefix)
        if metavar in PATH_METAVARS or metavar == "remote":
            return [FILES]
        if names := _list_names("shared" if metavar == "fields" and command.name == "sync" else metavar):
            before, comma, last = prefix.rpartition(",")
            return [(f"{before}{comma}{name}", text) for name, text in names.items() if name.startswith(last)]
        if metavar in _LIBRARY_KINDS:
            return self._from_library(_LIBRARY_KINDS[metavar], prefix)
        choices = _FUTURE_DATES if metavar == "date" and command.name == "later" else _list_choices(metavar, prefix)
        return [candidate for candidate in choices if candidate[0].startswith(prefix)]

    def _complete_term(self, prefix: str) -> list[Completion]:
        """Complete the last term of a query, which may follow others in one word: --where 'is:unread tag:r'."""
        others, blank, last = prefix.rpartition(" ")
        before = others + blank + (re.match(r"(?:-?\(+)*-?", last) or [""])[0]
        field, colon, value = prefix[len(before) :].partition(":")
        return [(before + text, description) for text, description in self._complete_field(field, colon, value)]

    def _complete_field(self, field: str, colon: str, value: str) -> Iterator[Completion]:
        if field.startswith("@"):
            yield from ((f"@{name}", text) for name, text in self._from_library("query", field[1:]))
        elif not colon:
            yield from ((f"{name}:", item.help) for name, item in FIELDS.items() if name.startswith(field))
        elif kind := _FIELD_KINDS.get(field):
            yield from ((f"{field}:{text}", description) for text, description in self._from_library(kind, value))
        else:
            values = _list_field_values(field)
            yield from ((f"{field}:{text}", description) for text, description in values if text.startswith(value))

    def _from_library(self, kind: str, prefix: str) -> list[Completion]:
        return self._open_home(self._home).complete(kind, prefix)


def _split_home(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the directory of the last --home among `words`, and the words without global options."""
    options, others = split_global_options(words)
    homes = [option.removeprefix("--home=") for option in options if option.startswith("--home=")]
    return (homes[-1] if homes else None), others


def _read_metavar(param: Any) -> str:
    return str(param.metavar or param.type.name).strip("[].").lower()


def _find_setting_metavar(words: Sequence[str]) -> str:
    """Return the kind of value of the setting that `config` is called with."""
    from readlist.cli.config import SETTINGS

    setting = SETTINGS.get(words[0])
    return setting.metavar.lower() if setting else ""


def _list_names(metavar: str) -> Mapping[str, str]:
    """Return the names of which a parameter takes several, separated by commas, with what they mean."""
    if metavar == "fields":
        from readlist.exporters.handout import FIELDS as HANDOUT_FIELDS

        return HANDOUT_FIELDS
    if metavar == "shared":
        from readlist.cli.options.shared import SHARED_FIELDS

        return SHARED_FIELDS
    if metavar == "columns":
        from readlist.paper_columns import COLUMNS

        return {column.name: column.help for column in COLUMNS.values()}
    return {}


def _list_choices(metavar: str, prefix: str) -> Iterable[Completion]:
    if metavar == "format":
        from readlist.exporters.registry import EXPORTERS

        return [(item.name, item.summary) for item in EXPORTERS.values()]
    if metavar == "order":
        from readlist.search.orders import ORDERS

        reversal = "-" if prefix.startswith("-") else ""
        return [(f"{reversal}{name}", "") for name in ORDERS]
    if metavar == "key":
        from readlist.cli.config import SETTINGS

        return [(setting.name, setting.summary) for setting in SETTINGS.values()]
    if metavar == "command|topic":
        from readlist.cli.topics import read_topics

        topics = read_topics()
        commands = [command for command in _complete_command("") if command[0] not in topics]
        return [*((topic.name, topic.summary) for topic in topics.values()), *commands]
    return _DATES if metavar == "date" else [(name, "") for name in metavar.split("|") if "|" in metavar]


def _list_field_values(name: str) -> list[Completion]:
    """Return the values of a field that are the same in every library."""
    field = FIELDS.get(name)
    if field is None:
        return []
    if field.kind in DATE_KINDS:
        return [*_DATES, (LAST_DIGEST, "the newest digest")] if field.kind is Kind.DIGEST_DATE else _DATES
    return [(value, "") for value in field.values]


def _takes_value(param: Any) -> bool:
    return param is not None and param.param_type_name == "option" and not param.is_flag


def _list_options(options: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the options by their long names, and by the short one where there is no other."""
    for name, param in options.items():
        if param.param_type_name == "option" and (name.startswith("--") or len(param.opts) == 1):
            yield name, param


def _drop_options(command: Any, words: Sequence[str]) -> list[str]:
    """Return the words that are arguments of `command`."""
    valued = {name for param in command.params if _takes_value(param) for name in param.opts}
    follows_option = [False, *(word in valued for word in words)]
    return [
        word
        for word, is_value in zip(words, follows_option, strict=False)
        if not is_value and not re.match(r"--|-\w$", word)
    ]


def _complete_command(prefix: str) -> list[Completion]:
    commands = COMMANDS.values()
    return [
        (entry.name, entry.summary) for entry in commands if entry.name.startswith(prefix) and " " not in entry.name
    ]


def _complete_subcommand(name: str, prefix: str) -> list[Completion]:
    seconds = [second for second in list_subcommands(name) if second.startswith(prefix)]
    return [(second, entry.summary if (entry := COMMANDS.get(f"{name} {second}")) else "") for second in seconds]


def _first_line(text: str | None) -> str:
    return (text or "").split("\n", maxsplit=1)[0]
