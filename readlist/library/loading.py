"""Load papers: read sources with the loaders, then merge what they contain into the library as one edit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from readlist.edits import LoadPapers, fill_marks
from readlist.loaders.batch import Batch
from readlist.models import LoadReport, TrackedSource
from readlist.redaction import redact_url
from readlist.text import clean

if TYPE_CHECKING:
    from readlist.library.library import Progress
    from readlist.models import LoadedDocument, MergeResult, Provenance
    from readlist.store import Store


def read_sources(
    sources: Sequence[str], stdin: bytes | None, known: Provenance, progress: Progress, *, private: bool
) -> Batch:
    """Read sources that the user named, and a document from stdin.

    A document that has not changed since it was loaded without a problem is not read again. `private` permits URLs that
    lead to private addresses.
    """
    batch = _batch(document for document in known.documents.values() if document and not document.problems)
    batch.read([TrackedSource(source, private) for source in sources], partial(progress, "reading"))
    if stdin is not None:
        batch.read_stdin(stdin)
    return batch


def read_tracked(known: Provenance, progress: Progress) -> Batch:
    """Read what is new in the tracked sources.

    A single file that no longer exists has nothing new and is passed over; a missing directory or page is a failure.
    """
    batch = _batch(filter(None, known.documents.values()))
    tracked = [source for source in known.sources.values() if source and not _is_missing_file(source, known)]
    batch.read(tracked, partial(progress, "reading"))
    return batch


def load_command(sources: Sequence[str], stdin: bytes | None) -> str:
    """Return the command as the history shows it, each source by its last component."""
    names = [clean(PurePath(redact_url(source)).name) for source in sources]
    return " ".join(("load", *names, *(["-"] if stdin is not None else [])))


def preview(batch: Batch, store: Store) -> MergeResult:
    """Return what merging the papers of a batch into the library would change."""
    merged, papers = store.papers.preview_merge(batch.papers, batch.documents, batch.marks)
    if not batch.marks:
        return merged
    snapshot = store.marks.read()
    changed = fill_marks(papers, batch.marks, snapshot.marks.get, snapshot.definitions.renamed_tags)
    return merged._replace(marks=len(changed))


def build_edit(batch: Batch, command: str) -> LoadPapers:
    """Return the edit that merges what was read into the library."""
    return LoadPapers(batch.papers, batch.documents, tuple(batch.sources), command, batch.marks, batch.moved)


def build_report(batch: Batch, merged: MergeResult) -> LoadReport:
    """Return the report of a load: what was read, and what merging it changed."""
    return LoadReport(
        added=merged.added,
        updated=merged.updated,
        repeated=merged.repeated,
        unchanged=merged.unchanged + batch.unchanged,
        skipped_names=tuple(batch.skipped_names),
        problems=tuple(batch.problems),
        failures=tuple(batch.failures),
        marks=merged.marks,
        withdrawn=merged.withdrawn,
        deleted=merged.deleted,
    )


def _batch(known: Iterable[LoadedDocument]) -> Batch:
    return Batch({document.location: document for document in known})


def _is_missing_file(source: TrackedSource, known: Provenance) -> bool:
    path = Path(source.location)
    return source.location in known.documents and path.is_absolute() and not path.exists()
