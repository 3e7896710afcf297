"""What may be odd about what a library holds; nothing of it is mended without a person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from readlist.doctor.report import Finding, Held, Level
from readlist.text import fold, fold_tag


def marks_without_a_paper(held: Held) -> Iterator[Finding]:
    """Marks of papers that are not in the library; they stay."""
    keys = tuple(sorted(held.marks.keys() - {entry.paper.key for entry in held.entries}))
    if keys and held.is_sound:
        count = "1 mark has" if len(keys) == 1 else f"{len(keys):,} marks have"
        yield Finding(Level.MEND, f"{count} no paper", "load the digests that have them again", keys)


def sources(held: Held) -> Iterator[Finding]:
    """Folders that an update looks at and that are gone; a single file that is gone has nothing new, which is well."""
    for place, source in held.origins.sources.items():
        path = Path(place)
        if source and path.is_absolute() and place not in held.origins.documents and not path.exists():
            yield Finding(Level.MEND, f"{place} is gone", f"bring it back, or: readlist sources forget '{place}'")


def namesakes(held: Held) -> Iterator[Finding]:
    """Papers with the same title that were kept apart because they may be two."""
    by_title = defaultdict(list)
    for entry in held.entries:
        by_title[fold(entry.paper.title)].append(entry.paper)
    for papers in by_title.values():
        if len(papers) > 1:
            ids = tuple(str(paper.id) for paper in papers)
            what = f"papers {', '.join(ids)} have the same title: {papers[0].title}"
            yield Finding(Level.INFO, what, f"if they are the same: readlist skip {' '.join(ids[1:])}")


def spellings(held: Held) -> Iterator[Finding]:
    """Tags that are spelt in several ways."""
    spelt: dict[str, Counter[str]] = defaultdict(Counter)
    for tag in chain.from_iterable(entry.tags for entry in held.entries):
        spelt[fold_tag(tag)][tag] += 1
    several = tuple(
        " = ".join(f"#{tag}" for tag, _ in spelt[name].most_common()) for name in sorted(spelt) if len(spelt[name]) > 1
    )
    if several:
        count = "1 tag is" if len(several) == 1 else f"{len(several):,} tags are"
        yield Finding(Level.INFO, f"{count} spelt in several ways", "nothing to do: each counts as one tag", several)
