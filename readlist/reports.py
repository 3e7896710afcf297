"""What a change, a load or a restore did."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from readlist.definitions import UserDefinitions
from readlist.models import Entry, Paper
from readlist.sources import Problem, Provenance


class RestoreReport(NamedTuple):
    """What restoring a backup changes: how many papers or marks are restored, changed and removed.

    `at` is when the backup was saved, `definitions` the number of saved queries, tag names, synonym groups or sources
    that differ. Without a name: the file was missing or foreign, and no backup is chosen yet, or there was none.
    """

    name: str = ""
    at: dt.datetime | None = None
    restored: int = 0
    changed: int = 0
    removed: int = 0
    definitions: int = 0


class MergeResult(NamedTuple):
    """What merging loaded papers changes; a paper that is loaded twice counts once.

    `repeated` were known and appear in one more digest, `unchanged` counts those that stayed the same.
    """

    added: Sequence[Paper] = ()
    updated: Sequence[Paper] = ()
    repeated: Sequence[Paper] = ()
    withdrawn: Sequence[Paper] = ()
    """Papers that are no longer in a file in which they were."""
    unchanged: int = 0
    deleted: int = 0
    """Papers that the user deleted."""
    marks: int = 0
    """Papers whose mark has more than before: a status, a star, tags or a note."""


class LoadReport(NamedTuple):
    """What a load changed, or would change.

    `repeated` were known and appear in one more digest, `unchanged` counts those that stayed the same, `marks` papers
    whose mark has more than before.
    """

    added: Sequence[Paper] = ()
    updated: Sequence[Paper] = ()
    repeated: Sequence[Paper] = ()
    unchanged: int = 0
    skipped_names: tuple[str, ...] = ()
    """Notes and pages in a directory that contain no paper."""
    problems: tuple[Problem, ...] = ()
    """Lines that could not be assigned."""
    failures: tuple[Problem, ...] = ()
    """Sources that could not be read at all."""
    marks: int = 0
    withdrawn: Sequence[Paper] = ()
    """Papers that are no longer in a file in which they were."""
    deleted: int = 0
    """Papers that the user deleted."""
    left_out: int = 0
    """Papers that do not match the query of their source."""
    revisions: int = 0
    """New versions of papers that a feed announces, which are not loaded."""


class AppliedEdit(NamedTuple):
    """What an edit changed: the entries, definitions and provenance that differ, as they are now.

    `merged` says what became of the papers of a load.
    """

    entries: Sequence[Entry] = ()
    definitions: UserDefinitions = UserDefinitions()
    provenance: Provenance = Provenance()
    merged: MergeResult = MergeResult()
