"""Query fields: declared once, and known to the parser, the compiler, the index, help and completion."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from readlist.cli.topics import read_topics
from readlist.models import RELEVANCE, Status
from readlist.search import fields
from readlist.search.fields import DATE_KINDS, FIELD_COLUMN, FIELDS, PRESENCES, STATES, Kind
from readlist.search.index.schema import COLUMNS, HAS_BITS
from readlist.search.query import parser
from readlist.search.query.parser import parse
from readlist.search.query.people import bind_people
from readlist.search.query.terms import parse_term
from readlist.search.results import find
from tests.search.index_file import IndexFile
from tests.search.sample import ENTRIES, TODAY

VALUES = {Kind.ID_RANGE: "1-3", Kind.ARXIV_ID: "2502.06781", Kind.DOI: "10.1145/3442188"} | dict.fromkeys(
    DATE_KINDS, "2025"
)


@pytest.fixture
def index(tmp_path: Path) -> IndexFile:
    index = IndexFile(tmp_path / "index.sqlite")
    index.build(ENTRIES)
    return index


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_can_be_parsed_and_executed(index: IndexFile, name: str) -> None:
    field = FIELDS[name]
    for value in field.values or (VALUES.get(field.kind, "rl"),):
        for text in (f"{name}:{value}", f"-{name}:{value}", f"reasoning OR {name}:{value}"):
            query = parse(text, TODAY)
            assert index.read(find, query, order=RELEVANCE, limit=None) == index.read(
                find, query, order=RELEVANCE, limit=99
            )
        assert parse(f"{name}:{value}", TODAY) == bind_people(parse_term(field.name, value, TODAY))


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_is_documented(name: str) -> None:
    assert FIELDS[name].help
    for text in (parser.__doc__ or "", read_topics()["query"].text):
        assert name in re.findall(r"\w+", text)
        assert all(value in text for value in FIELDS[name].values)


def test_names_are_unique() -> None:
    assert len(FIELDS) == len(fields._FIELDS)


def test_states_are_every_status_and_others() -> None:
    assert (*(status.value for status in Status), "starred", "later", "new", "deleted") == STATES


def test_each_presence_has_a_bit_of_its_own() -> None:
    assert list(HAS_BITS) == list(PRESENCES)
    assert sum(HAS_BITS.values()) == 2 ** len(PRESENCES) - 1


def test_text_fields_and_columns_of_the_full_text_index_correspond() -> None:
    assert sorted(FIELD_COLUMN.values()) == sorted(COLUMNS)
