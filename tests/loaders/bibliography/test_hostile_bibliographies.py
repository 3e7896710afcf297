"""Hostile bibliographies: any text is parsed without an error, in linear time, within limits."""

from __future__ import annotations

import json
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.edits import MAX_NOTE, MAX_TAG, MAX_TITLE
from readlist.loaders.base import Loader, ParseResult, Source
from readlist.loaders.bibliography import bibtex, csl, ris, zotero
from readlist.loaders.bibliography.bibtex import BibTexLoader
from readlist.loaders.bibliography.csl import CslLoader
from readlist.loaders.bibliography.latex import to_text
from readlist.loaders.bibliography.record import TOO_MANY_RECORDS
from readlist.loaders.bibliography.ris import RisLoader
from readlist.loaders.bibliography.zotero import ZoteroLoader
from tests.loaders.bibliography.loading import load, problems
from tests.scaling import assert_linear

LOADERS: tuple[Loader, ...] = (BibTexLoader(), RisLoader(), CslLoader(), ZoteroLoader())

PIECES = st.sampled_from(
    [
        "@misc{k,", "@misc(k,", "@", "{", "}", '"', "title = ", "author={", "keywords", "note", "url=", "=", ",", "\n",
        "#", "@string{a = ", "@comment{", "@preamble(", ")", "\\", "\\'", "\\\"{", "$", "\\href{a}{", " and ", "~",
        "others", "crossref={k}",
        "eprint={2501.00001}", "doi={10.1000/", "TY  - JOUR\n", "TI  - A\n", "ER  - \n", "AU  - a, b\n",
        "N1  - <p>\n", '"Key","Item Type","Author","Title","Notes"\n', '"a","b","c, d; e","f","<p>&#9;"\n', "a,b\n",
        '[{"', '"type": "book", "title": "A", "author": [{"family": 1}], "note": "', '"}]', "\0", "\ud7ff", "&#x41;",
        "<jats:p>",
    ]
)  # fmt: skip
TEXTS = st.text() | st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join)


@given(TEXTS)
def test_any_text_is_parsed_without_an_error(text: str) -> None:
    for loader in LOADERS:
        source = Source("refs", text)
        loader.detect(source)
        result = loader.parse(source)
        assert all(0 < len(paper.title) <= MAX_TITLE for paper in result.papers)
        for number, mark in result.marks.items():
            assert 0 <= number < len(result.papers)
            assert len(mark.note) <= MAX_NOTE
            assert all(0 < len(tag) <= MAX_TAG and " " not in tag for tag in mark.tags_added)


HOSTILE = {
    "braces": "{",
    "closing braces": "}",
    "unclosed entries": "@a{x,t={",
    "unclosed entries on lines": "\n@a{x,t={",
    "parentheses": "\n@a(",
    "names": "@",
    "quotation marks": '"',
    "equals signs": "a=b ",
    "hashes": "#",
    "blanks": " ",
    "backslashes": "\\",
    "dollars": "$\\$",
    "accents": "\\'",
    "links": "\\href{",
    "references": "&#",
    "tags": "<a ",
    "authors": " and ",
    "commas": ",",
    "lines": "\nx",
    "quoted lines": '"\n',
}


def parse_all(text: str) -> list[ParseResult]:
    source = Source("refs", text)
    for loader in LOADERS:
        loader.detect(source)
    return [loader.parse(source) for loader in LOADERS]


@pytest.mark.heavy
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(
    "frame",
    [
        "@misc{k, title={T}}\n%s",
        "@misc{k, title={T}, author={%s}}",
        '@misc{k, title={T}, abstract="%s"}',
        "@misc{k, keywords=%s, title={T}}",
        "TY  - JOUR\nTI  - T\nN1  - %s\nER  - \n",
        '"Key","Item Type","Author","Title"\n"a","b","%s","T"\n',
    ],
)
def test_hostile_text_takes_linear_time(name: str, frame: str) -> None:
    unit = HOSTILE[name]
    # Below bibtex.MAX_ENTRY, above which an entry takes no time at all.
    assert_linear(lambda size: frame.replace("%s", unit * (size // len(unit))), parse_all, start=2_000, limit=180_000)


def test_nested_braces_end_pylatexenc_but_not_this_module() -> None:
    nested = "{" * 1_000 + "a" + "}" * 1_000
    assert to_text(nested) == "a"
    with pytest.raises(RecursionError):
        pytest.importorskip("pylatexenc.latex2text").LatexNodes2Text().latex_to_text(nested)


def test_abbreviations_that_double_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bibtex, "MAX_EXPANSION", 10_000)
    text = "@string{a={x}}\n" + "@string{a = a # a}\n" * 60 + "@misc{k, title={T} # a}\n"
    (paper,) = load(text).papers
    assert paper.title == "T"
    assert problems(text) == ["refs: @string abbreviations expand to more than 10,000 characters; others are empty"]


def test_the_number_and_size_of_entries_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bibtex, "MAX_RECORDS", 3)
    monkeypatch.setattr(bibtex, "MAX_ENTRY", 100)
    text = "@misc{a, title={A}}\n@misc{b, title={" + "B" * 100 + "}}\n@misc{c, title={C}}\n@misc{d, title={D}}\n"
    assert [paper.title for paper in load(text).papers] == ["A", "C"]
    assert problems(text) == [
        "refs:2: entry longer than 100 characters; ignored",
        f"refs:4: {TOO_MANY_RECORDS}",
    ]


@pytest.mark.parametrize(
    ("module", "text", "line"),
    [
        (ris, "TY  - JOUR\nTI  - T\nER  - \n" * 3, 7),
        (csl, json.dumps([{"type": "article", "title": "T", "DOI": "10.1000/1"}] * 3), 0),
        (zotero, '"Key","Item Type","Author","Title"\n' + '"K","article","A","T"\n' * 3, 4),
    ],
)
def test_entries_beyond_the_limit_are_ignored_and_reported(
    module: ModuleType, text: str, line: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_RECORDS", 2)
    assert len(load(text).papers) == 2
    assert problems(text) == [f"refs:{line}: {TOO_MANY_RECORDS}" if line else f"refs: {TOO_MANY_RECORDS}"]


def test_the_number_of_braces_and_other_marks_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bibtex, "MAX_MARKS", 12)
    text = "@misc{a, title={A}}\n@misc{b, title={B}}\n@misc{c, title={C}}\n"
    assert [paper.title for paper in load(text).papers] == ["A", "B"]
    assert problems(text) == ["refs:3: more than 12 braces, commas and other marks; the rest is ignored"]


def test_a_long_note_and_a_long_keyword_are_truncated_and_reported() -> None:
    result = load(f"@misc{{k, title={{T}}, note={{{'x' * 10_001}}}, keywords={{{'y' * 65}, z}}}}")
    assert [len(result.marks[0].note), *map(len, result.marks[0].tags_added)] == [MAX_NOTE, MAX_TAG, 1]
    assert list(map(str, result.problems)) == [
        "refs:1: keyword truncated: 65 characters; the first 64 are kept",
        "refs:1: note truncated: 10,001 characters; the first 10,000 are kept",
    ]
