"""A lab: a remote in which each person publishes some of their marks, for the others to read.

    people/kim/marks/3f     written by kim's machines only

A name is a claim: whoever may write to the remote may write every directory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from unicodedata import normalize

from readlist.errors import UsageError
from readlist.sync import incoming, layout
from readlist.sync.branch import PEOPLE, SAME, BranchFiles
from readlist.sync.keys import Classes, KeyMap
from readlist.sync.marks import SHARED_FIELDS, MarkRegisters, join_marks, project_mark, restrict
from readlist.text import clean

People = dict[str, dict[str, dict[str, Any]]]
"""Person -> key of a paper here -> record of the mark."""
RESERVED_NAMES = ("any",)
"""Names that have a meaning in a query: `by:any`."""


def parse_person(text: str) -> str:
    """Return the name of a person in a lab, in lower case. Raises UsageError for an invalid one.

    >>> parse_person("Kim")
    'kim'
    """
    name = normalize("NFKC", normalize("NFKC", clean(text)).casefold())
    if not re.fullmatch(layout.PERSON_NAME, name) or name in RESERVED_NAMES:
        raise UsageError(
            f"invalid name: {clean(text) or '(empty)'}; a name is one word of letters, digits, - and ., "
            "at most 40 characters, and not 'any'"
        )
    return name


def find_own_files(files: BranchFiles, commit: str, person: str) -> list[str]:
    """Return the paths of what a person publishes."""
    return [path for path in files.tree(commit) if path.startswith(f"{PEOPLE}{person}/")]


def collect_people(files: BranchFiles, commit: str, own: str, keys: KeyMap) -> People:
    """Return the marks of the others, by person and by the key of the paper here, as records of marks.json.

    `own` is the user's name, whose marks are left out. So are those below a name that nobody can join under: "any", or
    one that looks like another, in full-width letters for instance. A paper here that others were merged into has the
    marks of all of them.
    """
    paths = [path for path in files.tree(commit) if path.startswith(PEOPLE)]
    others = {name for name in map(_person, paths) if name != own and _is_person(name)}
    paths = [path for path in paths if _person(path) in others]
    files.load((commit, [*paths, SAME]))
    pairs, _ = layout.read_lines(SAME, files.read(commit, SAME))
    checked = {pair: incoming.check_pair(pair, value) for pair, value in pairs.items()}
    classes = Classes({pair: register for pair, register in checked.items() if register})
    local_keys = keys.inverse()
    merged = {classes.find(key): classes.find(kept) for key, kept in keys.merged.items()}
    people: dict[str, dict[str, MarkRegisters]] = {}
    for path in sorted(paths):
        marks = people.setdefault(_person(path), {})
        for key, registers in _read_marks(files.read(commit, path)):
            shared = merged.get(classes.find(key), classes.find(key))
            here = local_keys.get(shared, shared)
            marks[here] = join_marks(marks[here], registers) if here in marks else registers
    return {person: dict(_project(marks)) for person, marks in people.items()}


def _is_person(name: str) -> bool:
    try:
        return parse_person(name) == name
    except UsageError:
        return False


def _person(path: str) -> str:
    return path.split("/")[1]


def _read_marks(blob: bytes) -> Iterator[tuple[str, MarkRegisters]]:
    records, _ = layout.read_lines("marks", blob)
    for key, value in records.items():
        if incoming.check_key(key):
            registers, _ = incoming.check_mark(value)
            yield key, restrict(registers, SHARED_FIELDS)


def _project(marks: Mapping[str, MarkRegisters]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, registers in marks.items():
        if record := project_mark(registers):
            yield key, record
