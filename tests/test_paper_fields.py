"""Every field of a paper is stored, indexed and exported, and every text column has a weight."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from readlist.models import FieldCorrection, Paper, PaperRef
from readlist.search.index.rows import decode_entry, encode_entry
from readlist.search.index.schema import COLUMNS
from readlist.search.ranking import COLUMN_WEIGHTS
from tests.exporters.test_exporters import FULL, export_text
from tests.store.changes import merge
from tests.store.test_papers import new_store

NOW = dt.datetime(2025, 6, 1, 8, tzinfo=dt.UTC)
PAPER = FULL.paper._replace(
    url="https://example.org/curse",
    doi="10.1000/curse",
    corrections={"title": FieldCorrection("The Curse", NOW), "authors": FieldCorrection(("A. Ada",), NOW)},
    merged=(PaperRef(3, "the-curse-000000"),),
    deleted_at=NOW,
)
FIELDS = [name for name in Paper._fields if name != "identity_codes"]
"""All but the identity codes, which are computed from the record of a paper for the index."""
CHANGES = ("corrections", "merged", "deleted_at")
"""What the user changed in a library, of which an export has the result."""


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_of_a_paper_is_stored_indexed_and_exported(tmp_path: Path, name: str) -> None:
    value = getattr(PAPER, name)
    assert value, f"PAPER needs a value for {name}"
    entry = FULL._replace(paper=PAPER)
    assert getattr(decode_entry(entry.paper.id, encode_entry(entry)).paper, name) == value
    (fields,) = json.loads(export_text("json", entry))
    assert name in fields or name in CHANGES
    store = new_store(tmp_path)
    merge(store, [PAPER])
    (stored,) = store.read().papers
    assert name in ("id", "key", *CHANGES) or getattr(stored, name) == value


def test_every_text_column_has_a_weight() -> None:
    assert COLUMN_WEIGHTS.keys() == set(COLUMNS)
