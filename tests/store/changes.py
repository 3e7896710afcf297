"""One change of a store file in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from readlist.models import Mark, Paper
from readlist.reports import MergeResult
from readlist.sources import LoadedDocument, Provenance, TrackedSource
from readlist.store.marks import MarkStore
from readlist.store.papers import PaperStore


def merge(
    store: PaperStore,
    papers: Sequence[Paper],
    documents: Iterable[LoadedDocument] = (),
    sources: Iterable[TrackedSource] = (),
) -> MergeResult:
    """Merge loaded papers."""
    with store.transaction() as changes:
        return changes.merge(papers, documents, sources)


def untrack(store: PaperStore, location: str) -> Provenance:
    """Untrack a source; returns the change."""
    with store.transaction() as changes:
        changes.untrack(location)
        return changes.provenance


def edit_marks(store: MarkStore, keys: Collection[str], apply: Callable[[Mark], Mark]) -> list[Mark]:
    """Replace marks; returns those that are different."""
    with store.transaction() as changes:
        changes.edit(keys, apply)
        return [changes.mark(key) for key in changes.changed_keys]
