"""What readlist exports is loaded back: the same papers, statuses, stars, tags, notes and times."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from readlist.cli.vault import update_vault
from readlist.edits import build_entry, fill_marks
from readlist.errors import ReadlistError
from readlist.exporters.registry import load_exporter
from readlist.loaders.base import Source
from readlist.loaders.own import csv
from readlist.loaders.own.parser import ExportLoader
from readlist.loaders.registry import load_bytes, load_file
from readlist.models import Appearance, Entry, Mark, Paper, Status
from readlist.redaction import redact_digest_name
from readlist.sources import Problem
from readlist.text import clean, clean_lines, clean_markdown, fold_tag, normalize_note, paper_key, printable_line
from tests.conftest import Run
from tests.exporters.test_exporters import FULL, HOSTILE, export_text
from tests.hostile import titles
from tests.store.test_papers import new_store
from tests.strategies import build_model

NOON = dt.datetime(2025, 6, 1, 12, tzinfo=dt.UTC)
FORMATS = ("json", "jsonl", "csv", "html", "vault")
EXACT = ("json", "jsonl", "html")
"""Formats that have every character of a note."""

# Libraries

ODD = st.sampled_from([*HOSTILE, *titles(200), "a; b", "a\\; b", "\\", "a\\", ";", "[en]", "\\[ko]", "x\n\n[en]\ny"])
TEXT = st.one_of(ODD, st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
LINE = TEXT.map(lambda text: clean(text[:200]))
LINES = st.lists(TEXT, max_size=3).map("\n\n".join).map(clean_lines).map(clean_lines)
TITLE = st.one_of(st.sampled_from(["On Tides", "on tides", "Tides: why"]), LINE).filter(bool)
TAG = st.one_of(st.sampled_from(["rl", "RL", "r_l", "r-l"]), TEXT).map(printable_line).map(lambda tag: tag.lstrip("#"))
OWN_TAG = TAG.filter(lambda tag: tag and " " not in tag and len(tag) <= 64)
URL = st.sampled_from(
    [
        "https://a.org/1",
        "http://b.org/x_(y)?q=1&r=2#z",
        "https://c.org/가나",
        "https://d.org/a*b_c`d",
        "https://e.org/<",
    ]
)
KNOWN_TIME = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2030, 1, 1)).map(
    lambda time: time.replace(microsecond=0, tzinfo=dt.UTC)
)
TIME = st.none() | KNOWN_TIME


def is_no_url(name: str) -> bool:
    """Return whether an export keeps the name of a digest; that of a URL may have a secret, which it does not."""
    return redact_digest_name(name) == name


DIGEST = st.builds(
    Appearance,
    st.none() | st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)),
    st.sampled_from(["250211.txt", "a b.txt", "notes", "weekly; of papers", "="]) | LINE.filter(bool).filter(is_no_url),
)


def unique_tags(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple({fold_tag(tag): tag for tag in tags}.values())


PAPER = build_model(
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
    loaded_at=KNOWN_TIME,
)
MARK = build_model(
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
    later=st.none() | st.integers(-5, 5) | st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)),
    later_at=TIME,
)


def store(papers: Sequence[Paper], marks: dict[int, Mark]) -> list[Entry]:
    """Return the entries of an empty library after a load, as the store merges them."""
    entries: list[Entry] = []
    with (
        tempfile.TemporaryDirectory() as directory,
        contextlib.suppress(_NotSaved),
        new_store(Path(directory)).transaction() as changes,
    ):
        changes.merge(papers, (), ())
        changed = fill_marks(changes.loaded(marks), marks, lambda _: None, {})
        entries += (build_entry(paper, changed.get(paper.key)) for paper in changes.papers)
        raise _NotSaved
    return entries


class _NotSaved(Exception):
    """Ends a transaction without writing it."""


def comparable(entries: Iterable[Entry], name: str) -> dict[str, Entry]:
    """Return entries by their keys, without IDs and identity codes, with what the format has of a note."""

    def simplify(entry: Entry) -> Entry:
        note = entry.mark.note if name in EXACT else normalize_note(clean_markdown(entry.mark.note))
        paper = entry.paper._replace(id=0, identity_codes=())
        return entry._replace(paper=paper, mark=entry.mark._replace(note=note))

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
            paths[0].write_text(export_text(name, *entries), encoding="utf-8", newline="")
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
    marks = {number: mark._replace(key="") for number, (_, mark) in enumerate(loaded) if mark}
    entries = store(papers, marks)
    exported = sorted(entries, key=lambda entry: str(entry.paper.date), reverse=True)
    read_papers, read_marks, problems = export_and_parse(name, exported)
    assert problems == []
    assert comparable(store(read_papers, read_marks), name) == comparable(entries, name)


# Older versions, and what programs and people change


def parse(text: str, name: str = "x.json") -> tuple[list[Paper], dict[int, Mark], list[str]]:
    result = load_bytes(text.encode(), name)
    return list(result.papers), dict(result.marks), list(map(str, result.problems))


def entry_of(**fields: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "id": 1,
        "key": paper_key("On Tides", "Ada"),
        "title": "On Tides",
        "authors": ["Ada"],
        "status": "read",
        "digests": [{"date": "2025-02-11", "source": "250211.txt"}],
    }
    return known | fields


@pytest.mark.parametrize(
    ("value", "doi", "problem"),
    [
        ("10.1000/ABC", "10.1000/abc", []),
        ("10.48550/arXiv.2502.00001", "", []),
        ("x\u202ey", "", ["x.json: entry 1: not a DOI: 'xy'; ignored"]),
        (3, "", ["x.json: entry 1: doi is not valid; ignored"]),
    ],
)
def test_the_doi_of_an_export_is_read_and_checked(value: object, doi: str, problem: list[str]) -> None:
    (paper,), _, problems = parse(json.dumps([entry_of(doi=value)]))
    assert (paper.doi, problems) == (doi, problem)


def test_an_export_of_an_older_version_has_only_the_tags_in_effect() -> None:
    (paper,), marks, problems = parse(json.dumps([entry_of(tags=["rl", "Mine"], my_tags=["mine"])]))
    assert (paper.tags, marks[0].tags_added, problems) == (("rl",), ("mine",), [])


def test_the_json_of_search_is_loaded(loaded: Run, tmp_path: Path) -> None:
    (tmp_path / "found.json").write_text(loaded("search", "GRPO", "--json").out, encoding="utf-8")
    papers, _, problems = parse((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert (len(papers), problems) == (len(loaded("search", "GRPO", "--json").json), [])


@pytest.mark.parametrize("change", [lambda text: "\ufeff" + text, lambda text: text.replace("\r\n", "\n")])
def test_a_table_with_a_byte_order_mark_or_other_line_ends_is_loaded(change: Callable[[str], str]) -> None:
    table = "".join(load_exporter("csv")([FULL]))
    papers, marks, problems = parse(change(table), "x.csv")
    assert (papers[0].title, marks[0].note, problems) == (FULL.paper.title, FULL.mark.note, [])


def test_columns_of_a_table_are_found_by_their_names() -> None:
    table = "title,authors,key,id,tags,status,digests,mine\r\nOn Tides,Ada; Alan,,3,rl,read,2025-02-11 d.txt,x\r\n"
    (paper,), marks, problems = parse(table, "x.csv")
    assert (paper.authors, paper.tags, marks[0].status, problems) == (("Ada", "Alan"), ("rl",), Status.READ, [])
    assert paper.key == paper_key("On Tides", "Ada")


def test_tags_that_were_changed_in_the_front_matter_are_the_users(loaded: Run, tmp_path: Path) -> None:
    loaded("tag", "12", "--add", "mine")
    loaded("export", "id:12", "--split", tmp_path / "vault")
    (path,) = (tmp_path / "vault").iterdir()
    text = path.read_text(encoding="utf-8")
    tags = loaded("list", "id:12", "--json").json[0]["digest_tags"]
    path.write_text(text.replace(f'  - "{tags[0]}"\n', '  - "added"\n', 1), encoding="utf-8")
    result = load_file(path)
    assert result.papers[0].tags == tuple(tags)
    assert (result.marks[0].tags_added, result.marks[0].tags_removed) == (("mine", "added"), (tags[0],))


def test_a_file_of_a_vault_without_data_is_loaded_by_what_it_shows(loaded: Run, tmp_path: Path) -> None:
    loaded("note", "8", "mine")
    loaded("export", "id:8", "--split", tmp_path)
    (path,) = tmp_path.glob("*.md")
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join(line for line in lines if "readlist:data" not in line), encoding="utf-8")
    result = load_file(path)
    entry = loaded("list", "id:8", "--json").json[0]
    (paper,) = result.papers
    assert (paper.key, paper.abstract, dict(paper.comments)) == (entry["key"], entry["abstract"], entry["comments"])
    assert (str(paper.date), result.marks[0].note) == ("2025-02-11", "mine")


# What is not an export


@pytest.mark.parametrize(
    "value",
    [
        [],
        [1, "x", None],
        [{"id": "doe2024", "type": "article-journal", "title": "On Tides", "author": [{"family": "Doe"}]}],
        [{"id": 1, "title": "On Tides", "status": "read", "key": "k"}],
        [{**entry_of(), "id": "1"}],
        [{**entry_of(), "digests": "x"}],
        {"entries": [entry_of()]},
        {"version": "https://jsonfeed.org/version/1.1", "items": []},
    ],
)
def test_other_json_is_not_an_export(value: object) -> None:
    assert not ExportLoader().detect(Source("file.json", json.dumps(value), data=json.dumps(value).encode()))


@pytest.mark.parametrize("text", ["[" * 100_000, '{"key":' * 100_000, '[{"key":"digests","status":' + "9" * 10_000])
def test_json_that_is_no_json_is_not_an_export(text: str) -> None:
    with pytest.raises(ReadlistError, match="no paper found"):
        parse(text)


# Damage


def test_a_damaged_array_is_an_error_and_damaged_lines_are_reported() -> None:
    array, lines = ("".join(load_exporter(name)([FULL, FULL])) for name in ("json", "jsonl"))
    with pytest.raises(ReadlistError, match=r"not valid JSON: .*; export it again"):
        parse(array[:-40])
    papers, _, problems = parse(f'{lines.splitlines()[0]}\n{{"id": 1\n\n"x"\n', "x.jsonl")
    assert (len(papers), problems) == (
        1,
        ["x.jsonl:2: not valid JSON; ignored", "x.jsonl:4: not an entry of readlist; ignored"],
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"authors": "Ada"}, "authors is not valid"),
        ({"authors": ["Ada", 1]}, "authors is not valid"),
        ({"abstract": ["x"]}, "abstract is not valid"),
        ({"comments": ["x"]}, "comments is not valid"),
        ({"comments": {"en": 1}}, "a comment that is no text"),
        ({"comments": {"../x": "y"}}, "a comment that is no text"),
        ({"status": "done"}, "status is not valid"),
        ({"status_at": "yesterday"}, "status_at is not valid"),
        ({"status_at": "9999-12-31T23:59:59Z"}, "status_at is not valid"),
        ({"status_at": "2025-02-11T08:00:00"}, "status_at is not valid"),
        ({"status_at": 1e300}, "status_at is not valid"),
        ({"starred": "yes"}, "starred is not valid"),
        ({"my_tags": ["two words"]}, "invalid tag: 'two words'"),
        ({"note": "x" * 10_001}, "note truncated"),
        ({"title": "x" * 501}, "title truncated"),
        ({"url": "javascript:alert(1)"}, "a URL that is not http"),
        ({"links": ["file:///etc/passwd"]}, "a URL that is not http"),
        ({"arxiv_id": "x"}, "not an arXiv ID: 'x'"),
        ({"digests": [{"date": "2025-13-01", "source": "x"}]}, "a digest without a name or with an invalid date"),
        ({"digests": [7]}, "a digest without a name or with an invalid date"),
    ],
)
def test_a_damaged_field_is_reported_and_the_rest_is_loaded(fields: dict[str, Any], reason: str) -> None:
    papers, _, (problem,) = parse(json.dumps([entry_of(**fields), entry_of(title="Another", key="another-0a1b2c")]))
    assert [paper.title[:8] for paper in papers] == ["x" * 8 if "title" in fields else "On Tides", "Another"]
    assert problem.startswith(f"x.json: entry 1: {reason}")


def test_an_entry_without_a_title_and_a_second_one_with_the_same_key_are_reported() -> None:
    papers, _, problems = parse(json.dumps([entry_of(), entry_of(title="\u202e "), 3, entry_of(id=2)]))
    assert len(papers) == 1
    assert problems == [
        "x.json: entry 2: no title; the entry is ignored",
        "x.json: entry 3: not an entry of readlist; ignored",
        f"x.json: entry 4: a second entry with the key '{papers[0].key}'; ignored",
    ]


@pytest.mark.parametrize("name", ["json", "jsonl", "csv"])
def test_an_export_may_be_larger_than_a_digest(name: str) -> None:
    entries = [
        Entry(FULL.paper._replace(title=f"Tides {number}", key=f"tides-{number}-0a1b2c"), FULL.mark, ())
        for number in range(12_000)
    ]
    result = load_bytes("".join(load_exporter(name)(entries)).encode(), f"x.{name}")
    assert (len(result.papers), len(result.marks), result.problems) == (12_000, 12_000, ())


@given(st.text(st.characters(exclude_categories=["Cs"])) | ODD)
def test_lists_in_a_cell_are_read_back(text: str) -> None:
    text = text[:90]
    for items in ([clean(text), "x"], ["x", clean(text)], [clean(text)], [f"{clean(text)}; {clean(text)}"]):
        entry = FULL._replace(paper=FULL.paper._replace(title="T", authors=tuple(map(clean, filter(None, items)))))
        papers, _, _ = parse("".join(load_exporter("csv")([entry])), "x.csv")
        assert papers[0].authors == entry.paper.authors
    assert csv.detect("".join(load_exporter("csv")([])))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"id":1,"key":"a"\n' * 160_000, "too many lines"),
        ('[{"id":1,"key":"a"' + " " * 10_000_000, "too large for another format"),
    ],
)
def test_what_only_begins_like_an_export_has_the_limits_of_a_digest(text: str, message: str) -> None:
    with pytest.raises(ReadlistError, match=message):
        parse(text)


@pytest.mark.parametrize("header", ['"id\r"', "id,x\r", "y" * 990 + ",id"])
def test_a_header_of_csv_with_line_ends_or_of_great_length_is_no_error(header: str) -> None:
    text = f"{header},status,title,authors,tags,key,digestsX\n" + "1,read,T,A,,k,\n"
    for changed in (text, text.replace("digestsX", "digests"), text.replace(",digestsX", "\r,digests")):
        with contextlib.suppress(ReadlistError):
            load_bytes(changed.encode(), "x.csv")
