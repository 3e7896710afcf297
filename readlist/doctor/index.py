"""The check of the search index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from readlist.doctor.report import FIX, Components, Finding, IndexReport, Level, LibrarySnapshot
from readlist.errors import StoreError
from readlist.search.index.integrity import integrity_error
from readlist.search.index.reader import is_current
from readlist.store.fingerprint import fingerprint
from readlist.store.people import read_marks

if TYPE_CHECKING:
    from readlist.search.index.writer import IndexContents


def compare_index(components: Components, contents: IndexContents) -> IndexReport | None:
    """Compare the index with these contents of the store files, without people; None where there is no store file.

    Staleness is found by the fingerprints of the files, corruption by comparing the content.
    """
    files = components.papers.file.path, components.marks.file.path, components.people_file
    papers, marks, people = map(fingerprint, files)
    if not papers and not marks:
        return None
    people_problem = ""
    try:
        contents = contents._replace(people=read_marks(components.people_file))
    except StoreError as failure:
        people_problem = str(failure)
    if not is_current(components.index, (papers, marks, people)):
        return IndexReport(is_current=False, people_problem=people_problem)
    return IndexReport(error=integrity_error(components.index, contents), people_problem=people_problem)


class IndexCheck:
    """An index that is stale or corrupt."""

    def __init__(self, snapshot: LibrarySnapshot, rebuild: Callable[[], object]) -> None:
        self._snapshot = snapshot
        self._rebuild = rebuild

    def run(self) -> Iterator[Finding]:
        """Yield what is wrong with it, and with the marks of others that it is built from.

        That is nothing where the store has problems of its own, or is empty.
        """
        report = self._snapshot.index_report
        if report is None:
            return
        if report.people_problem:
            problem, _, remedy = report.people_problem.partition("; ")
            yield Finding(Level.WARNING, problem, remedy)
        if not report.is_current:
            message = "the search index is not current"
            yield Finding(Level.INFO, message, "nothing to do: the next command rebuilds it", fix=self._fix)
        elif report.error:
            yield Finding(Level.WARNING, f"the search index is corrupt: {report.error}", FIX, fix=self._fix)

    def _fix(self) -> str:
        self._rebuild()
        return "Rebuilt the search index"
