"""Add single papers: look up what a user typed, and merge what was found into the library as one edit."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from readlist import edits
from readlist.dates import utc_now
from readlist.models import Appearance, Mark
from readlist.redaction import redact_urls
from readlist.reports import AppliedEdit
from readlist.text import list_some

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from readlist.library.library import Library, Progress
    from readlist.loaders.resolve.items import Item
    from readlist.loaders.resolve.lookup import Answer, Lookup
    from readlist.models import Paper, PaperRef

_MAX_NAMES = 3
"""Items that the history names."""


class Details(NamedTuple):
    """What the user says about the added papers: the day, tags by their folded names, and a note."""

    date: dt.date
    tags: Mapping[str, str] = {}
    note: str = ""


class AddedPaper(NamedTuple):
    """The result for an item: `paper` as it is in the library, None where nothing was added.

    `is_known` says that it was in the library before, `is_filled` that it has more now, `is_stub` that nothing but its
    identifier is known.
    """

    item: Item
    answer: Answer
    paper: Paper | None = None
    is_known: bool = False
    is_filled: bool = False
    is_stub: bool = False


class AddReport(NamedTuple):
    """What `add` did, an outcome per item, and the number of entries in the history, which undo it."""

    outcomes: tuple[AddedPaper, ...]
    steps: int


def add_items(
    library: Library, items: Sequence[Item], lookup: Lookup, details: Details, progress: Progress
) -> AddReport:
    """Add the papers that items name.

    A paper that is in the library is not looked up, unless nothing but its identifier is known. An identifier whose
    service is not available is added as a stub.
    """
    from readlist.loaders.resolve.items import is_stub

    items = list({item._replace(text=""): item for item in items}.values())
    found = library.find_known([_in_no_digest(item.stub, details) for item in items])
    known = [None if paper and is_stub(paper) and not paper.deleted_at else paper for paper in found]
    unknown = [item for item, paper in zip(items, known, strict=True) if paper is None]
    answers = iter(lookup.resolve(unknown, partial(progress, "looking up")))
    outcomes = [
        _decide(item, paper, None if paper else next(answers)) for item, paper in zip(items, known, strict=True)
    ]
    return _save(library, outcomes, details)


def add_paper(library: Library, item: Item, paper: Paper, details: Details) -> AddReport:
    """Add a paper whose fields the user typed."""
    from readlist.loaders.resolve.lookup import Answer

    return _save(library, [AddedPaper(item, Answer(paper), paper)], details)


def _decide(item: Item, known: Paper | None, answer: Answer | None) -> AddedPaper:
    from readlist.loaders.resolve.lookup import Answer

    if answer is None:
        return AddedPaper(item, Answer(), known, is_known=True)
    if answer.paper is None and answer.problem and not item.title:
        return AddedPaper(item, answer, item.stub, is_stub=True)
    return AddedPaper(item, answer, answer.paper)


def _save(library: Library, outcomes: Sequence[AddedPaper], details: Details) -> AddReport:
    """Add the new papers as one edit, then tags and note to those that are known."""
    papers = [_in_no_digest(outcome.paper, details) for outcome in outcomes if outcome.paper and not outcome.is_known]
    before = library.find_known(papers)
    applied = AppliedEdit()
    if papers:
        marks = _build_marks(details, [number for number, known in enumerate(before) if known is None])
        applied = library.apply(edits.LoadPapers(papers, (), (), _describe(outcomes), marks))
    changed = {entry.paper.ref for entry in applied.entries}
    states = iter(zip(before, library.find_known(papers), strict=True))
    outcomes = [
        _with_state(outcome, *next(states), changed) if outcome.paper and not outcome.is_known else outcome
        for outcome in outcomes
    ]
    known = [paper for outcome in outcomes if (paper := outcome.paper) and outcome.is_known and not paper.deleted_at]
    return AddReport(tuple(outcomes), bool(changed) + _edit_marks(library, known, details))


def _with_state(
    outcome: AddedPaper, before: Paper | None, after: Paper | None, changed: Collection[PaperRef]
) -> AddedPaper:
    is_known = before is not None
    is_filled = is_known and after is not None and after.ref in changed
    return outcome._replace(
        paper=after, is_known=is_known, is_filled=is_filled, is_stub=outcome.is_stub and not is_known
    )


def _in_no_digest(paper: Paper, details: Details) -> Paper:
    """Return a paper as it is merged: added by the user on this day, without a digest."""
    return paper._replace(digests=(Appearance(details.date, ""),), id=0, key="")


def _build_marks(details: Details, numbers: Sequence[int]) -> dict[int, Mark]:
    if not details.tags and not details.note:
        return {}
    now = utc_now().replace(microsecond=0)
    mark = Mark(
        "",
        tags_added=tuple(details.tags.values()),
        tags_at=now if details.tags else None,
        note=details.note,
        note_at=now if details.note else None,
    )
    return dict.fromkeys(numbers, mark)


def _edit_marks(library: Library, known: Sequence[Paper], details: Details) -> int:
    """Add tags and note to papers that are in the library; returns the number of changes."""
    refs = list(dict.fromkeys(paper.ref for paper in known))
    changes: list[edits.MarkEdit] = []
    if details.tags:
        changes.append(edits.EditTags(details.tags, {}))
    if details.note:
        changes.append(edits.AppendNote(details.note))
    return sum(bool(library.apply(edit, refs).entries) for edit in changes) if refs else 0


def _describe(outcomes: Sequence[AddedPaper]) -> str:
    """Return the command as the history shows it."""
    names = [redact_urls(outcome.item.text) for outcome in outcomes if outcome.paper]
    return f"add {list_some(names, _MAX_NAMES)}"
