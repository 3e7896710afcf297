"""Machines that load, edit and sync papers through a branch in memory, for the tests of the merge of papers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from readlist.models import Appearance, Paper
from readlist.store.matching import PaperMatcher
from readlist.store.merging import merge_records
from readlist.store.records import RecordValidator
from readlist.sync.keys import Classes, KeyMap
from readlist.sync.paper_merge import LocalPapers, PaperMerge, SharedPapers
from readlist.sync.paper_months import merge_months
from readlist.sync.papers import SharedPaper, month

START = 1_767_225_600
"""2026-01-01 in seconds UTC."""


def paper(title: str, *authors: str, date: str = "2026-01-05", source: str = "daily", **fields: Any) -> Paper:
    """Return a paper as a digest has it."""
    return Paper(title, authors, digests=(Appearance(dt.date.fromisoformat(date), source),), **fields)


def utc(now: int) -> str:
    return dt.datetime.fromtimestamp(now, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Branch:
    """The states of a branch, the newest one last."""

    def __init__(self) -> None:
        self.history = [SharedPapers({}, {})]

    @property
    def state(self) -> SharedPapers:
        return self.history[-1]


class Machine:
    """A library with its papers; `now` is its clock."""

    def __init__(self, name: str = "laptop", *, with_edits: bool = True) -> None:
        self.name = name
        self.with_edits = with_edits
        self.records: dict[str, Mapping[str, Any]] = {}
        self.next_id = 1
        self.now = START
        self.base = SharedPapers({}, {})
        self.keys: KeyMap | None = None
        self.synced: dict[str, Mapping[str, Any]] = {}
        self.undoable: list[tuple[dict[str, Any], dict[str, Any]]] = []

    def load(self, *papers: Paper) -> list[str]:
        self.now += 60
        matcher = PaperMatcher(self.records, self.next_id)
        ids = matcher.add_all(papers)
        self.next_id = matcher.next_id
        self._put(matcher.changed())
        return ids

    def correct(self, id_: str, field: str, value: Any) -> None:
        self.now += 60
        record = {name: each for name, each in self.records[id_].items() if name != "corrections"}
        corrections = {**self.records[id_].get("corrections", {}), field: {"value": value, "at": utc(self.now)}}
        if value is None:
            del corrections[field]
        self._put({id_: record | ({"corrections": corrections} if corrections else {})})

    def delete(self, id_: str, *, restore: bool = False) -> None:
        self.now += 60
        record = {name: each for name, each in self.records[id_].items() if name != "deleted_at"}
        self._put({id_: record | ({} if restore else {"deleted_at": utc(self.now)})})

    def merge(self, first: str, second: str) -> None:
        self.now += 60
        kept, other = sorted((first, second), key=int)
        self._put({kept: merge_records(self.records[kept], other, self.records[other]), other: None})

    def undo(self) -> bool:
        """Undo the last change, where its records are as it left them."""
        self.now += 60
        if not self.undoable:
            return False
        before, after = self.undoable.pop()
        if any(self.records.get(id_) != record for id_, record in after.items()):
            return False
        keys = {record["key"] for id_, record in self.records.items() if id_ not in before}
        if any(record and record["key"] in keys for record in before.values()):
            return False
        self._replace(before)
        return True

    def _put(self, changes: Mapping[str, Any]) -> None:
        self.undoable.append(({id_: self.records.get(id_) for id_ in changes}, dict(changes)))
        self._replace(changes)

    def _replace(self, changes: Mapping[str, Any]) -> None:
        self.records |= {id_: record for id_, record in changes.items() if record}
        for id_ in [id_ for id_, record in changes.items() if not record]:
            self.records.pop(id_, None)

    # Sync

    def prepare(self, branch: Branch, *, everything: bool = False) -> PaperMerge:
        """Merge with the branch, and save here."""
        self.now += 60
        changed = {
            id_ for id_ in self.records.keys() | self.synced.keys() if self.records.get(id_) != self.synced.get(id_)
        }
        has_base = any(self.base is state for state in branch.history)
        local = LocalPapers(self.records, self.next_id, changed if has_base and not everything else None)
        base, there = self.base, branch.state

        def read(months: Collection[str] | None) -> tuple[SharedPapers, SharedPapers]:
            return (base, there) if months is None else (_only(base, months), _only(there, months))

        differing = {month(paper) for state in (base, there) for paper in _differing(state, base, there)}
        merge = merge_months(local, differing, read, self.keys, self.now, with_edits=self.with_edits)
        before = {id_: record["key"] for id_, record in self.records.items()}
        self._replace(merge.records)
        self.next_id = merge.next_id
        after = {id_: record["key"] for id_, record in self.records.items()}
        assert all(after.get(id_, key) == key for id_, key in before.items()), "a key changed under its ID"
        self.keys = merge.keys
        self.synced = dict(self.records)
        self.base = SharedPapers({**branch.state.papers, **merge.shared}, merge.same)
        validate = RecordValidator()
        assert not list(filter(None, (validate("papers", id_, record) for id_, record in self.records.items())))
        assert all(int(id_) < self.next_id for id_ in self.records)
        return merge

    def sync(self, branch: Branch, *, everything: bool = False) -> PaperMerge:
        """Merge with the branch, and send."""
        merge = self.prepare(branch, everything=everything)
        branch.history.append(self.base)
        return merge

    def titles(self) -> list[str]:
        return sorted(record["title"] for record in self.records.values())

    def by_class(self, branch: Branch) -> dict[str, Mapping[str, Any]]:
        """Return the records by the canonical key of the branch."""
        assert self.keys is not None
        classes = Classes(branch.state.same)
        found = {self.keys.to_shared(record["key"]): record for record in self.records.values()}
        assert len(found) == len(self.records), "two papers here are one in the branch"
        assert {classes.find(key) for key in found} == found.keys()
        inverse = self.keys.inverse()
        assert all(inverse.get(key, key) == record["key"] for key, record in found.items())
        return found


def settle(branch: Branch, machines: Iterable[Machine], rounds: int = 2) -> None:
    """Sync all machines so many times, and check that they agree and that another round changes nothing."""
    machines = list(machines)
    for machine in machines * rounds:
        machine.sync(branch)
    for machine in machines:
        state = branch.state
        merge = machine.sync(branch, everything=True)
        assert merge.records == {}
        assert merge.sent == set()
        assert branch.state == state
    known = [_knowledge(machine, branch) for machine in machines]
    assert all(each == known[0] for each in known), known


def _knowledge(machine: Machine, branch: Branch) -> dict[str, Any]:
    return {
        key: {
            "corrections": record.get("corrections", {}),
            "deleted_at": record.get("deleted_at"),
            "tags": sorted(record.get("tags", ())),
            "digests": sorted((each["date"] or "", each["source"]) for each in record["digests"]),
        }
        for key, record in sorted(machine.by_class(branch).items())
    }


def _differing(state: SharedPapers, base: SharedPapers, there: SharedPapers) -> list[SharedPaper]:
    return [paper for key, paper in state.papers.items() if base.papers.get(key) != there.papers.get(key)]


def _only(state: SharedPapers, months: Iterable[str]) -> SharedPapers:
    wanted = set(months)
    return SharedPapers({key: each for key, each in state.papers.items() if month(each) in wanted}, state.same)
