"""Reads the library for all checks of the doctor: each store file once, unless a repair changed it.

papers.json is read record by record; each entry is compared with the index at once, and only what the checks of the
contents need is kept of it: all papers take twice as much memory as the file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from readlist.doctor.index import compare_index
from readlist.doctor.report import Components, LibrarySnapshot, PaperSummary
from readlist.edits import build_entry
from readlist.errors import ReadlistError
from readlist.search.index.writer import IndexContents
from readlist.store import paper_records, provenance
from readlist.store.fingerprint import fingerprint
from readlist.store.format import Content
from readlist.store.identity import read_metadata
from readlist.store.identity_codes import record_codes
from readlist.store.papers import PAPERS
from readlist.store.valid_lines import UnusualFile, ValidLines

if TYPE_CHECKING:
    from pathlib import Path

    from readlist.models import Entry
    from readlist.store.file import FileStatus, StoreFile
    from readlist.store.format import Record
    from readlist.store.marks import MarksSnapshot


_BATCH = 500
"""Records that are decoded at once: one step for all of them stays in the caches of the processor."""


class LibraryReader:
    """Reads the store files of a library and their backups."""

    def __init__(self, components: Components) -> None:
        self._components = components
        self._lines = {file.path: ValidLines(file.tables) for file in (components.papers.file, components.marks.file)}
        self._corrupt: dict[tuple[Path, str], bool] = {}
        self._known: tuple[list[str], LibrarySnapshot] | None = None

    def read(self) -> LibrarySnapshot:
        """Return the content of the library; it is read again only where a file changed."""
        components = self._components
        files = components.papers.file.path, components.marks.file.path, components.people_file, components.index
        state = list(map(_describe_state, files))
        if self._known is None or self._known[0] != state:
            self._known = state, self._read()
        return self._known[1]

    def is_corrupt(self, file: StoreFile, backup: Path) -> bool:
        """Return whether a backup of a file cannot be read, or is corrupt; one that a newer version wrote is not.

        An incremental backup is corrupt where its base is, which is therefore asked for twice.
        """
        state = backup, _describe_state(backup)
        if state not in self._corrupt:
            self._corrupt[state] = self._is_corrupt(file, backup)
        return self._corrupt[state]

    def _is_corrupt(self, file: StoreFile, backup: Path) -> bool:
        try:
            base = file.find_base(backup)
        except ReadlistError:
            return True
        if base:
            return self.is_corrupt(file, base) or _is_corrupt(partial(file.read_difference, backup, base))
        try:
            self._lines[file.path].check(backup)
        except UnusualFile:
            return _is_corrupt(partial(file.read_content, backup))
        return False

    def read_ids(self, file: StoreFile, backup: Path | None = None) -> set[str]:
        """Return the IDs of the papers or marks of a file, or of a backup; none of one that is not valid."""
        try:
            return self._lines[file.path].read_ids(backup or file.path, file.main_table)
        except UnusualFile:
            try:
                content = file.read_content(backup, validate=False)
            except ReadlistError:
                return set()
            return set(content.tables[file.main_table]) if content.is_valid else set()

    def _read(self) -> LibrarySnapshot:
        papers, marks = self._components.papers.file, self._components.marks.file
        statuses: dict[Path, FileStatus | ReadlistError] = {}
        known_marks = None
        try:
            known_marks = self._components.marks.read(self._read_small(marks))
            statuses[marks.path] = known_marks.status
        except ReadlistError as error:
            statuses[marks.path] = error
        try:
            snapshot, statuses[papers.path] = self._read_papers(papers, known_marks)
        except ReadlistError as error:
            statuses[papers.path] = error
            snapshot = LibrarySnapshot()
        return (snapshot if known_marks else LibrarySnapshot())._replace(statuses=statuses)

    def _read_small(self, file: StoreFile) -> Content:
        """Return the content of a file, all of which is decoded."""
        try:
            return Content({name: dict(records) for name, records in self._lines[file.path].read(file.path)})
        except UnusualFile:
            return file.read_content()

    def _read_papers(self, file: StoreFile, marks: MarksSnapshot | None) -> tuple[LibrarySnapshot, FileStatus]:
        tables: dict[str, dict[str, Record]] = {PAPERS: {}}
        try:
            for name, records in self._lines[file.path].read(file.path):
                if name == PAPERS:  # the last table
                    status = file.examine(Content(tables))
                    snapshot = self._survey(status, tables, records, marks)
                else:
                    tables[name] = dict(records)
        except UnusualFile:
            content = file.read_content()
            status = file.examine(content)
            papers = content.tables[PAPERS]
            snapshot = self._survey(status, content.tables, _take_sorted(papers), marks)
        return snapshot, status

    def _survey(
        self,
        status: FileStatus,
        tables: Mapping[str, Mapping[str, Record]],
        records: Iterable[tuple[str, Record]],
        marks: MarksSnapshot | None,
    ) -> LibrarySnapshot:
        """Return the content of the library, in which `tables` need not have the papers, and read all `records`."""
        origin = provenance.decode(*(tables[name] for name in provenance.TABLES))
        papers: list[PaperSummary] = []
        entries = _build_entries(records, marks, papers)
        snapshot = LibrarySnapshot(papers, provenance=origin)
        if marks:
            is_intact = status.problem is None and marks.status.problem is None
            known_papers = read_metadata(self._components.marks.file.path).papers
            snapshot = LibrarySnapshot(papers, marks.marks, origin, marks.definitions, known_papers, is_intact)
            if is_intact:
                contents = IndexContents(entries, origin, marks.definitions)
                snapshot = snapshot._replace(index_report=compare_index(self._components, contents))
        deque(entries, maxlen=0)
        return snapshot


def _build_entries(
    records: Iterable[tuple[str, Record]], marks: MarksSnapshot | None, papers: list[PaperSummary]
) -> Iterator[Entry]:
    """Yield the entries of these records, as the index needs them; adds what the checks need of each to `papers`."""
    known_marks = marks.marks if marks else {}
    renamed_tags = marks.definitions.renamed_tags if marks else {}
    remaining = iter(records)
    while batch := list(islice(remaining, _BATCH)):
        codes = [record_codes(record) for _, record in batch]
        decoded = [paper_records.decode(*pair, known) for pair, known in zip(batch, codes, strict=True)]
        entries = [build_entry(paper, known_marks.get(paper.key), renamed_tags) for paper in decoded if paper]
        papers += map(_summarize, entries)
        yield from entries


def _summarize(entry: Entry) -> PaperSummary:
    paper = entry.paper
    identity = paper.title, paper.arxiv_id, paper.doi
    return PaperSummary(paper.id, paper.key, *identity, entry.tags, paper.deleted_at is not None)


def _take_sorted(papers: dict[str, Record]) -> Iterator[tuple[str, Record]]:
    """Yield the records in the order of their IDs, each for the last time."""
    for id_ in sorted(papers, key=int):
        yield id_, papers.pop(id_)


def _is_corrupt(read: Callable[[], Content]) -> bool:
    try:
        content = read()
    except ReadlistError:
        return True
    return bool(content.corruption) and not content.is_newer


def _describe_state(path: Path) -> str:
    """Return what differs between two states of a file, or why it cannot be read."""
    try:
        return fingerprint(path)
    except ReadlistError as error:
        return str(error)
