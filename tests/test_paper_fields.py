"""Every field of a paper is stored, indexed and exported, and every text column has a weight."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace
from pathlib import Path

import pytest

from readlist.models import Paper
from readlist.search.index.rows import decode_entry, encode_entry
from readlist.search.index.schema import COLUMNS
from readlist.search.ranking import COLUMN_WEIGHTS
from tests.exporters.test_exporters import FULL, export_text
from tests.store.changes import merge
from tests.store.test_papers import new_store

PAPER = replace(FULL.paper, url="https://example.org/curse")
FIELDS = [field.name for field in dataclasses.fields(Paper)]


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_of_a_paper_is_stored_indexed_and_exported(tmp_path: Path, name: str) -> None:
    value = getattr(PAPER, name)
    assert value, f"PAPER needs a value for {name}"
    entry = replace(FULL, paper=PAPER)
    assert getattr(decode_entry(entry.paper.id, encode_entry(entry)).paper, name) == value
    (fields,) = json.loads(export_text("json", entry))
    assert name in fields
    store = new_store(tmp_path)
    merge(store, [PAPER])
    (stored,) = store.read().papers
    assert name in ("id", "key") or getattr(stored, name) == value


def test_every_text_column_has_a_weight() -> None:
    assert COLUMN_WEIGHTS.keys() == set(COLUMNS)
