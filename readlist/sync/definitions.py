"""Saved queries, tag aliases, synonyms and sources as registers, a register a name; see `marks` for the approach.

    queries   {name: [v, text | None, sort, at]}       aliases   {old tag: [v, tag | None, at]}
    synonyms  {folded first word: [v, words | None, at]}       sources   {URL: [v, only | None]}

None is a deleted one. Only sources that are URLs are shared, without any part that may be a secret, and never that one
may be at a private address: both belong to one machine. Aliases are replayed in the order of their versions as
`tags rename` makes them, so that renames on two machines never make a chain or a circle; groups of synonyms that have a
word in common become one, as `words add` does it. A name that no machine stated is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from readlist.definition_edits import (
    MAX_SAVED_QUERY,
    MAX_SYNONYM,
    MAX_SYNONYMS,
)
from readlist.errors import UsageError
from readlist.query_names import TODAY, fold_query_name
from readlist.redaction import redact_url
from readlist.sync.marks import is_tag
from readlist.sync.registers import FIRST_VERSION, MAX_VERSION, Register, is_time, join_maps, next_version
from readlist.text import clean, fold, fold_tag, split_words
from readlist.urls import rejection_reason

Registers = dict[str, Register]
Definitions = dict[str, Registers]
_Value = list[Any]
_Record = dict[str, Any]

_MAX_SORT = 40
_MIN_WORDS = 2
_MAX_ALIASES = 10_000
"""Aliases that are replayed, the earliest ones: each may rename all that were replayed before."""


class _Table(NamedTuple):
    """How the records of a table become values of registers, and back; the last element of a value is its time."""

    value: Callable[[Mapping[str, Any]], _Value]
    record: Callable[..., _Record]
    deleted: _Value
    project: Callable[[Registers], dict[str, _Value]]
    is_valid: Callable[[str, _Value], bool]
    has_time: bool = True


def join_definitions(a: Definitions, b: Definitions) -> Definitions:
    """Return the registers of both, joined."""
    joined = {**a, **b}
    for table in a.keys() & b.keys():
        joined[table] = join_maps(a[table], b[table])
    return joined


def observe_definitions(
    records: Mapping[str, Mapping[str, Mapping[str, Any]]], seen: Definitions | None, now: int
) -> Definitions:
    """Return the registers of these tables as they are here.

    `records` are those of the store, by table and name, `seen` the registers last seen, `now` the clock here in
    seconds. A name that is in `seen` and no longer here was deleted here, at a time that is not known: it counts as
    deleted right after it was last seen, so that a change on another machine is not lost. Sources have no time of their
    own: in the first sync the decisions of other machines are later.
    """
    known = seen or {}
    return {
        table: _observe_table(_TABLES[table], records[table], known.get(table, {}), now)
        for table in _TABLES
        if table in records
    }


def project_definitions(definitions: Definitions) -> dict[str, dict[str, _Record]]:
    """Return the records of the store, by table and name, without those that are deleted."""
    return {
        table: {name: _TABLES[table].record(*value) for name, value in _TABLES[table].project(registers).items()}
        for table, registers in definitions.items()
    }


def is_valid_definition(table: str, name: str, value: _Value) -> bool:
    """Return whether a value, a register without its version, is one that the user could have entered here."""
    return value == _TABLES[table].deleted or _TABLES[table].is_valid(name, value)


def _observe_table(table: _Table, records: Mapping[str, Mapping[str, Any]], known: Registers, now: int) -> Registers:
    projected = table.project(known)
    # Projected too: a circle of aliases that another program wrote would count as changed in every sync.
    here = table.project(_to_registers(table, _shared_values(table, records, projected), 0))
    if here == projected:
        return known
    observed = dict(known)
    for name in here.keys() | projected.keys():
        value = here.get(name, table.deleted)
        if value != projected.get(name, table.deleted):
            if not known and not table.has_time:
                version = FIRST_VERSION
            elif name not in here:
                version = min(known[name][0] + 1, MAX_VERSION)
            else:
                at = value[-1] if table.has_time else None
                version = next_version(at, known[name][0] if name in known else -1, now)
            observed[name] = [version, *value]
    return observed if table.project(observed) == here else _restate(table, here, observed, now)


def _shared_values(
    table: _Table, records: Mapping[str, Mapping[str, Any]], projected: Mapping[str, _Value]
) -> dict[str, _Value]:
    """Return the values of what is shared; what cannot be shared counts as unchanged where it was shared before."""
    here = {}
    for name, record in records.items():
        value = table.value(record)
        if table.is_valid(name, value) and (name in projected or not record.get("private")):
            here[name] = value
        elif name in projected:
            here[name] = projected[name]
    return here


def _restate(table: _Table, here: Mapping[str, _Value], observed: Registers, now: int) -> Registers:
    """Return registers that project to exactly what is here.

    For names that depend on each other: a group of synonyms that was split up is still there in other registers.
    """
    version = max(now, *(register[0] + 1 for register in observed.values()))
    deleted = {name: [version, *table.deleted] for name in observed}
    restated = deleted | _to_registers(table, here, version)
    return {name: [min(register[0], MAX_VERSION), *register[1:]] for name, register in restated.items()}


def _to_registers(table: _Table, values: Mapping[str, _Value], version: int) -> Registers:
    """Return registers of these values.

    An alias that only respells its own tag is the last one, because a tag is renamed together with its aliases.
    """
    is_alias = table is _TABLES["aliases"]
    return {name: [version + (is_alias and fold_tag(value[0]) == name), *value] for name, value in values.items()}


# Queries


def _query_value(record: Mapping[str, Any]) -> _Value:
    return [record["query"], record.get("sort", ""), record["at"]]


def _query_record(text: str, sort: str, at: str) -> _Record:
    return {"query": text, "at": at} | ({"sort": sort} if sort else {})


def _is_query(name: str, value: _Value) -> bool:
    text, sort, at = value
    try:
        is_named = fold_query_name(name) == name != TODAY
    except UsageError:
        return False
    return is_named and _is_line(text, MAX_SAVED_QUERY) and (sort == "" or _is_line(sort, _MAX_SORT)) and is_time(at)


def _is_line(text: object, limit: int) -> bool:
    return isinstance(text, str) and 0 < len(text) <= limit and clean(text) == text


def _project_each(registers: Registers) -> dict[str, _Value]:
    return {name: register[1:] for name, register in registers.items() if register[1] is not None}


# Aliases


def _project_aliases(registers: Registers) -> dict[str, _Value]:
    """Return the aliases after each was made in the order of their versions; see `definition_edits.RenameTag`."""
    aliases: dict[str, _Value] = {}
    names: dict[str, set[str]] = {}  # of each folded tag, the aliases that lead to it
    existing = sorted((register[0], old, *register[1:]) for old, register in registers.items() if register[1])
    for _, old, tag, at in existing[:_MAX_ALIASES]:
        folded = fold_tag(tag)
        target = aliases[folded][0] if folded in aliases else tag
        new = tag if fold_tag(target) in (old, folded) else target
        folded = fold_tag(new)
        renamed = names.pop(old, set()) | {old}
        if old in aliases:
            names.get(fold_tag(aliases[old][0]), set()).discard(old)
        if folded in aliases and folded != old:
            names.get(fold_tag(aliases.pop(folded)[0]), set()).discard(folded)
            renamed.discard(folded)
        for name in renamed:
            aliases[name] = [new, at if name == old else aliases[name][1]]
        names.setdefault(folded, set()).update(renamed)
    return aliases


def _is_alias(name: str, value: _Value) -> bool:
    tag, at = value
    return (
        isinstance(tag, str) and is_tag(tag) and " " not in tag and is_tag(name) and fold_tag(name) == name
    ) and is_time(at)


# Synonyms


def _project_synonyms(registers: Registers) -> dict[str, _Value]:
    """Return groups of which no two have a word in common, after each was added in the order of their versions."""
    groups: dict[str, _Value] = {}
    group_of: dict[str, str] = {}
    existing = sorted((register[0], name, *register[1:]) for name, register in registers.items() if register[1])
    for _, _, added, at in existing:
        words = list({fold(word): word for word in reversed(added)}.values())[::-1]
        joined = sorted({group_of[name] for name in map(fold, words) if name in group_of})
        known = [word for key in joined for word in groups[key][0]]
        united = known + [word for word in words if fold(word) not in group_of]
        if len(united) > MAX_SYNONYMS:  # as `words add`, which rejects it
            joined, united = [], united[len(known) :]
        if len(united) < _MIN_WORDS:
            continue
        for key in joined:
            del groups[key]
        key = fold(united[0])
        groups[key] = [united, at]
        group_of |= dict.fromkeys(map(fold, united), key)
    return groups


def _is_synonyms(name: str, value: _Value) -> bool:
    words, at = value
    if not isinstance(words, list) or not _MIN_WORDS <= len(words) <= MAX_SYNONYMS or not is_time(at):
        return False
    if not all(_is_line(word, MAX_SYNONYM) and split_words(word) for word in words):
        return False
    return fold(words[0]) == name and len(set(map(fold, words))) == len(words)


# Sources


def _is_source(url: str, value: _Value) -> bool:
    """Return whether a source is a URL without any part that may be a secret, so also without a query string."""
    (only,) = value
    if not re.match(r"(?i)https?://", url) or rejection_reason(url) or redact_url(url) != url:
        return False
    return only == "" or _is_line(only, MAX_SAVED_QUERY)


_TABLES: dict[str, _Table] = {
    "queries": _Table(_query_value, _query_record, [None, "", None], _project_each, _is_query),
    "aliases": _Table(
        lambda record: [record["tag"], record["at"]],
        lambda tag, at: {"tag": tag, "at": at},
        [None, None],
        _project_aliases,
        _is_alias,
    ),
    "synonyms": _Table(
        lambda record: [record["words"], record["at"]],
        lambda words, at: {"words": words, "at": at},
        [None, None],
        _project_synonyms,
        _is_synonyms,
    ),
    "sources": _Table(
        lambda record: [record.get("only", "")],
        lambda only: {"only": only} if only else {},
        [None],
        _project_each,
        _is_source,
        has_time=False,
    ),
}
TABLES: Mapping[str, int] = {name: 1 + len(table.deleted) for name, table in _TABLES.items()}
"""The tables of definitions, and the length of their registers; sources are in papers.json."""
