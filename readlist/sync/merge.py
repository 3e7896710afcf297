"""The merge of a sync: this library, the last common state and the branch to one state, for both.

    LocalLibrary, BranchFiles, Bases -> Merge: files to commit, records to put here

It is a function of what it reads: the caller holds the lock, commits the files, puts the records, and records which
commit each store file was merged with. Each of the two files has a base of its own, saved in the same write as its
records, so that neither a process that dies nor a restored backup turns an old value into a new change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from readlist.sync import incoming, layout
from readlist.sync.branch import (
    ALIASES,
    DEFINITIONS,
    FORMAT_PATH,
    PAPERS,
    SAME,
    SOURCES,
    Bases,
    BranchFiles,
    Member,
    read_format,
)
from readlist.sync.definitions import (
    Definitions,
    join_definitions,
    observe_definitions,
    project_definitions,
)
from readlist.sync.keys import Classes, KeyMap, split_pair
from readlist.sync.local import LocalLibrary, Record
from readlist.sync.mark_merge import KeyNames, LocalMarks, MarkMerger, Published, Versions
from readlist.sync.paper_merge import LocalPapers, PaperMerge, SharedPapers
from readlist.sync.paper_months import merge_months
from readlist.sync.papers import join_papers, month
from readlist.sync.registers import Register
from readlist.text import format_ranges, plural

_MANY_MARKS = 50_000
"""Marks from which a new branch has 4,096 files of marks instead of 256."""


class Merge(NamedTuple):
    """The result of a merge.

    `files` are those of the branch that change, None for one that is deleted; `records` those of the store, by table
    and ID. `next_id` is the next free ID, 0 where no paper is new. `keys` are the keys that differ from the shared
    ones. `has_papers` says whether papers.json was merged: it is not read where neither side changed a paper.
    `sent` and `received` count by kind as `report.SyncReport` does.
    """

    files: dict[str, bytes | None]
    records: dict[str, dict[str, Any]]
    next_id: int
    keys: KeyMap
    has_papers: bool
    sent: dict[str, int]
    received: dict[str, int]
    messages: tuple[str, ...]


class Merger:
    """Merges a library with the branch at `tip`, as of `now`, in seconds since 1970.

    In the branch of a lab, the marks of a `member` are published, papers are merged without the user's edits, and there
    are no definitions.
    """

    def __init__(  # noqa: PLR0913, PLR0917 -- the state of both sides
        self,
        files: BranchFiles,
        local: LocalLibrary,
        bases: Bases,
        tip: str,
        now: int,
        member: Member | None = None,
    ) -> None:
        self._files = files
        self._local = local
        self._bases = bases
        self._tip = tip
        self._now = now
        self._member = member
        self._format = read_format(files, tip, is_lab=member is not None) if tip else self._choose_format()
        self._result = Merge({}, {}, 0, local.keys or KeyMap(), False, {}, {}, ())
        self._messages: list[str] = []
        self._damaged = 0

    def _choose_format(self) -> layout.Format:
        """Return the format of a new branch."""
        has_many = len(self._local.records("marks")) >= _MANY_MARKS
        return layout.Format(layout.DIGITS + has_many, is_lab=self._member is not None)

    def merge(self) -> Merge:
        """Return the result."""
        self._files.load(
            (self._bases.papers, (SAME, SOURCES)),
            (self._bases.marks, DEFINITIONS),
            (self._tip, (SAME, SOURCES, *DEFINITIONS)),
        )
        papers = self._merge_papers() if self._papers_differ() else None
        if self._member is None:
            self._merge_definitions(DEFINITIONS, self._bases.marks)
            if papers is not None:
                self._merge_definitions((SOURCES,), self._bases.papers)
        self._merge_marks(papers)
        if not self._tip:
            self._result.files[FORMAT_PATH] = layout.write_format(self._format)
        if self._damaged:
            self._messages.append(f"repaired {plural(self._damaged, 'damaged line')} of the remote from this library")
        return self._result._replace(messages=tuple(self._messages))

    # Papers

    def _papers_differ(self) -> bool:
        """Return whether a paper or a source may have changed on either side since papers.json was last merged."""
        if self._local.keys is None or self._local.changed_papers is None or self._local.changed_papers:
            return True
        before = self._bases.papers
        return any(self._files.differing(before, self._tip, prefix) for prefix in (PAPERS, SAME, SOURCES))

    def _merge_papers(self) -> PaperMerge:
        differing = {_month_of(path) for path in self._files.differing(self._bases.papers, self._tip, PAPERS)}
        local = LocalPapers(self._local.records("papers"), self._local.next_id(), self._changed_papers())
        paths: set[str] = set()

        def read(months: Collection[str] | None) -> tuple[SharedPapers, SharedPapers]:
            paths.update(self._paper_paths() if months is None else map(layout.papers_path, months))
            return self._read_both(paths)

        is_own = self._member is None
        merged = merge_months(local, differing, read, self._local.keys, self._now, with_edits=is_own)
        self._write_papers(merged, paths)
        self._count("received", "papers", len(merged.received | merged.updated))
        self._count("sent", "papers", len(merged.sent | self._changed_pairs(merged.same)))
        self._report_papers(merged)
        self._report_deleted(merged, local.records)
        self._result = self._result._replace(
            next_id=merged.next_id if merged.received else 0, keys=merged.keys, has_papers=True
        )
        if merged.records:
            self._result.records["papers"] = dict(merged.records)
        return merged

    def _changed_pairs(self, same: Mapping[str, Register]) -> set[str]:
        """Return a key of each pair that differs in the branch: a merge, or its undo, may change nothing else there."""
        there = self._read_same(self._tip)
        return {split_pair(pair)[0] for pair, register in same.items() if register != there.get(pair)}

    def _changed_papers(self) -> set[str] | None:
        """Return the IDs of the papers that may have changed here, None for all."""
        changed = self._local.changed_papers
        return None if changed is None else set(filter(str.isdecimal, changed))

    def _paper_paths(self) -> set[str]:
        """Return the paths of all months, of both states."""
        trees = (self._files.tree(commit) for commit in (self._bases.papers, self._tip))
        return {path for tree in trees for path in tree if path.startswith(PAPERS)}

    def _read_both(self, paths: Iterable[str]) -> tuple[SharedPapers, SharedPapers]:
        self._files.load((self._bases.papers, paths), (self._tip, paths))
        self._damaged = 0
        return self._read_papers(self._bases.papers, paths), self._read_papers(self._tip, paths, counts_damage=True)

    def _read_papers(self, commit: str, paths: Iterable[str], *, counts_damage: bool = False) -> SharedPapers:
        papers: dict[str, Any] = {}
        damaged = 0
        for path in sorted(paths):
            records, invalid = layout.read_lines("papers", self._files.read(commit, path))
            damaged += invalid
            for key, record in records.items():
                paper = incoming.check_paper(record) if incoming.check_key(key) else None
                damaged += paper is None
                if paper is not None:
                    papers[key] = join_papers(papers[key], paper) if key in papers else paper
        same = self._read_same(commit)
        self._damaged += damaged if counts_damage else 0
        return SharedPapers(papers, same)

    def _read_same(self, commit: str) -> dict[str, Register]:
        records, _ = layout.read_lines(SAME, self._files.read(commit, SAME))
        pairs = {pair: incoming.check_pair(pair, value) for pair, value in records.items()}
        return {pair: register for pair, register in pairs.items() if register}

    def _write_papers(self, merged: PaperMerge, paths: Iterable[str]) -> None:
        read = set(paths)
        by_month: dict[str, dict[str, Any]] = {path: {} for path in read}
        for key, paper in merged.shared.items():
            by_month.setdefault(layout.papers_path(month(paper)), {})[key] = paper
        for path, papers in by_month.items():
            others = b"" if path in read else self._files.read(self._tip, path)
            self._put_file(path, layout.replace_lines("papers", others, papers))
        if merged.same:
            self._put_file(SAME, layout.write_lines(SAME, merged.same))

    def _report_papers(self, merged: PaperMerge) -> None:
        if merged.returned:
            ids = format_ranges(map(int, merged.returned))
            noun = "papers that were" if len(merged.returned) > 1 else "paper that was"
            self._messages.append(
                f"{noun} removed here without `delete` came back: {ids}; to remove: readlist delete {ids}"
            )
        for kept, other in merged.merged:
            self._messages.append(
                f"paper {other} was merged into {kept}, because they are one paper on another machine"
            )
        for namesake in merged.namesakes:
            self._messages.append(
                f"paper {namesake.id} has title and author of another paper and another arXiv ID: {namesake.title}; "
                "both are kept"
            )

    def _report_deleted(self, merged: PaperMerge, before: Mapping[str, Any]) -> None:
        """Name the papers that another machine deleted and that have a star or a note here."""
        deleted = [
            id_
            for id_ in merged.updated
            if "deleted_at" in (merged.records[id_] or {}) and "deleted_at" not in before[id_]
        ]
        if not deleted:
            return
        records = self._local.records("marks")
        marks = {id_: records.get(before[id_]["key"], {}) for id_ in deleted}
        marked = [int(id_) for id_, mark in marks.items() if mark.get("starred") or mark.get("note")]
        if marked:
            ids = format_ranges(sorted(marked))
            self._messages.append(
                f"deleted on another machine, with a star or a note here: {ids}; "
                f"to restore: readlist delete --restore {ids}"
            )

    # Definitions

    def _merge_definitions(self, tables: Iterable[str], base: str) -> None:
        tables = tuple(tables)
        records = {table: self._local.records(table) for table in tables}
        seen, theirs = self._read_definitions(base, tables), self._read_definitions(self._tip, tables)
        here = observe_definitions(records, seen, self._now)
        both = join_definitions(here, theirs)
        projected, before = project_definitions(both), project_definitions(here)
        if ALIASES in both:  # as they are: an undo may have left a chain of aliases, of which the projection has none
            before[ALIASES] = {name: dict(each) for name, each in records[ALIASES].items() if name in both[ALIASES]}
        for table in tables:
            self._put_file(table, layout.write_lines(table, both.get(table, {})))
            known = theirs.get(table, {})
            self._count("sent", table, sum(value != known.get(name) for name, value in both.get(table, {}).items()))
            changed = _differing(projected.get(table, {}), before.get(table, {}))
            if table == SOURCES:
                changed = {url: _with_privacy(records[table].get(url), source) for url, source in changed.items()}
            changed = {name: record for name, record in changed.items() if records[table].get(name) != record}
            if changed:
                self._result.records[table] = changed
            self._count("received", table, len(changed))

    def _read_definitions(self, commit: str, tables: Iterable[str]) -> Definitions:
        definitions: Definitions = {}
        for table in tables:
            records, _ = layout.read_lines(table, self._files.read(commit, table))
            checked = {name: incoming.check_definition(table, name, value) for name, value in records.items()}
            definitions[table] = {name: register for name, register in checked.items() if register}
        return definitions

    # Marks

    def _merge_marks(self, papers: PaperMerge | None) -> None:
        names = self._names(papers)
        versions = Versions(self._bases.marks, self._tip)
        local = LocalMarks(self._local.records("marks"), self._local.changed_marks)
        member = self._member
        published = Published(member.directory, member.shared) if member else Published()
        merged = MarkMerger(self._files, versions, names, local, published, self._format.digits).merge(self._now)
        self._result.files.update(merged.files)
        if merged.records:
            self._result.records["marks"] = merged.records
        self._damaged += merged.damaged
        self._count("sent", "marks", merged.sent)
        self._count("received", "marks", sum(record is not None for record in merged.records.values()))

    def _names(self, papers: PaperMerge | None) -> KeyNames:
        if papers is not None:
            return KeyNames(papers.keys, Classes(papers.observed), Classes(papers.same), papers.rekeyed)
        same = Classes(self._read_same(self._tip))
        return KeyNames(self._result.keys, same, same)

    # Result

    def _put_file(self, path: str, content: bytes) -> None:
        if content != self._files.read(self._tip, path):
            self._result.files[path] = content or None

    def _count(self, direction: str, kind: str, count: int) -> None:
        if count:
            getattr(self._result, direction)[kind] = count


def _differing(after: Mapping[str, Record], before: Mapping[str, Record]) -> dict[str, Record | None]:
    """Return the records that differ, None for one that is no longer there."""
    return {name: after.get(name) for name in after.keys() | before.keys() if after.get(name) != before.get(name)}


def _month_of(path: str) -> str:
    """Return the month of a file of papers, or "undated"."""
    return path.removeprefix(PAPERS)


def _with_privacy(here: Record | None, source: Record | None) -> Record | None:
    """Return a source with the permission to lead to private addresses that it has here; it is never shared."""
    if source is None or not here or "private" not in here:
        return source
    return {"private": here["private"], **source}
