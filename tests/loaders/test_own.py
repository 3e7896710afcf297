"""What readlist exports is loaded back: the same papers, statuses, stars, tags, notes and times."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from readlist.cli.vault import update_vault
from readlist.edits import build_entry
from readlist.exporters.registry import load_exporter
from readlist.loaders.registry import load_file
from readlist.models import Appearance, Entry, Mark, Paper, Problem, Status
from readlist.store.matching import PaperMatcher
from readlist.text import clean, clean_lines, clean_markdown, fold_tag, normalize_note, printable_line
from tests.exporters.test_exporters import FULL, HOSTILE
from tests.hostile import titles

NOON = dt.datetime(2025, 6, 1, 12, tzinfo=dt.UTC)
FORMATS = ("json", "jsonl", "csv", "html", "vault")
EXACT = ("json", "jsonl", "html")
"""Formats that have every character of a note."""

# Libraries

ODD = st.sampled_from([*HOSTILE, *titles(200), "a; b", "a\\; b", "\\", "a\\", ";", "[en]", "\\[ko]", "x\n\n[en]\ny"])
TEXT = st.one_of(ODD, st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
LINE = TEXT.map(clean)
LINES = st.lists(TEXT, max_size=3).map("\n\n".join).map(clean_lines).map(clean_lines)
TITLE = st.one_of(st.sampled_from(["On Tides", "on tides", "Tides: why"]), LINE).filter(bool)
TAG = st.one_of(st.sampled_from(["rl", "RL", "r_l", "r-l"]), TEXT).map(printable_line).map(lambda tag: tag.lstrip("#"))
OWN_TAG = TAG.filter(lambda tag: tag and " " not in tag and len(tag) <= 64)
URL = st.sampled_from(
    ["https://a.org/1", "http://b.org/x_(y)?q=1&r=2#z", "https://c.org/가나", "https://d.org/a*b_c`d", "https://e.org/<"]
)
TIME = st.none() | st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2030, 1, 1)).map(
    lambda time: time.replace(microsecond=0, tzinfo=dt.UTC)
)
DIGEST = st.builds(
    Appearance,
    st.none() | st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)),
    st.sampled_from(["250211.txt", "a b.txt", "notes", "weekly; of papers", "="]) | LINE.filter(bool),
)


def unique_tags(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple({fold_tag(tag): tag for tag in tags}.values())


PAPER = st.builds(
    Paper,
    title=TITLE,
    authors=st.lists(st.sampled_from(["Ada Lovelace", "Alan Turing"]) | LINE.filter(bool), max_size=3).map(tuple),
    abstract=LINES,
    comments=st.dictionaries(st.sampled_from(["ko", "en", "ja"]), LINES.filter(bool), max_size=3),
    tags=st.lists(LINE.filter(bool).filter(lambda tag: len(tag) <= 64 and fold_tag(tag)), max_size=3).map(unique_tags),
    links=st.lists(URL, unique=True, max_size=3).map(tuple),
    arxiv_id=st.sampled_from(["", "", "2502.00001", "2502.00002", "cs.LG/0101001"]),
    url=st.just("") | URL,
    digests=st.lists(DIGEST, min_size=1, max_size=3, unique=True).map(tuple),
)
MARK = st.builds(
    Mark,
    key=st.just(""),
    status=st.sampled_from(list(Status)),
    status_at=TIME,
    starred=st.booleans(),
    starred_at=TIME,
    tags_added=st.lists(OWN_TAG, max_size=2).map(unique_tags),
    tags_removed=st.lists(OWN_TAG, max_size=2).map(unique_tags),
    tags_at=TIME,
    note=TEXT.map(normalize_note),
    note_at=TIME,
)


def store(papers: Sequence[Paper], marks: dict[int, Mark]) -> list[Entry]:
    """Return the entries of an empty library after a load, as the store merges them."""
    from readlist.edits import fill_marks
    from readlist.store.papers import _decode, _loaded_papers

    matcher = PaperMatcher({}, 1)
    ids = [matcher.add(paper) for paper in papers]
    changed = fill_marks(_loaded_papers(matcher, ids, marks), marks, lambda _: None, {})
    stored = (_decode(id_, record) for id_, record in matcher.merged_records.items())
    return [build_entry(paper, changed.get(paper.key)) for paper in stored if paper]


def comparable(entries: Iterable[Entry], name: str) -> dict[str, Entry]:
    """Return entries by their keys, without IDs, with what the format has of a note."""

    def simplify(entry: Entry) -> Entry:
        note = entry.mark.note if name in EXACT else normalize_note(clean_markdown(entry.mark.note))
        tags = entry.paper.tags
        return replace(entry, paper=replace(entry.paper, id=0, tags=tags), mark=replace(entry.mark, note=note))

    return {entry.paper.key: simplify(entry) for entry in entries}


def export_and_parse(name: str, entries: Sequence[Entry]) -> tuple[list[Paper], dict[int, Mark], list[Problem]]:
    papers: list[Paper] = []
    marks: dict[int, Mark] = {}
    problems: list[Problem] = []
    with tempfile.TemporaryDirectory() as folder:
        if name == "vault":
            _, failures = update_vault(Path(folder), entries)
            assert failures == []
            paths = sorted(Path(folder).glob("*.md"))
        else:
            paths = [Path(folder, f"x.{name}")]
            paths[0].write_text("".join(load_exporter(name)(entries)), encoding="utf-8", newline="")
        for path in paths:
            result = load_file(path)
            marks |= {len(papers) + number: mark for number, mark in result.marks.items()}
            papers += result.papers
            problems += result.problems
    return papers, marks, problems


@pytest.mark.parametrize("name", FORMATS)
@given(loaded=st.lists(st.tuples(PAPER, st.none() | MARK), min_size=1, max_size=5))
@example(loaded=[(FULL.paper, FULL.mark)])
@settings(max_examples=60)
def test_an_export_of_any_library_is_loaded_into_the_same_library(
    name: str, loaded: list[tuple[Paper, Mark | None]]
) -> None:
    papers = [paper for paper, _ in loaded]
    marks = {number: replace(mark, key="") for number, (_, mark) in enumerate(loaded) if mark}
    entries = store(papers, marks)
    exported = sorted(entries, key=lambda entry: str(entry.paper.date), reverse=True)
    read_papers, read_marks, problems = export_and_parse(name, exported)
    assert problems == []
    assert comparable(store(read_papers, read_marks), name) == comparable(entries, name)
