"""Migrations: records of older schemas as this version knows them.

A store file is upgraded when it is read, and written in the new schema at the next change; so are the records in the
history, so that a change made by an older version can be undone. `format.SCHEMA` says which schema is current.

    2 -> 3    table renames -> aliases · papers: commentary -> comments, digests[].told -> digests[].hashes
              history entries: said -> description, schema named
    3 -> 4    papers.json: its papers are last · _meta: library, sequence · history entries: sums, which need no upgrade
    4 -> 5    marks.json: table synonyms
    5 -> 6    papers: doi, which was only in the URL; corrections, merged, deleted_at, digests[].comments, which no
              paper has before; digests may be empty
    6 -> 7    papers: loaded_at, which is not known of older ones · marks: later, later_at · queries: sort
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RENAMED_TABLES = {"renames": "aliases"}
"""Old name -> new name."""
REQUIRED_SINCE = {"queries": 3, "aliases": 3, "synonyms": 5}
"""Table -> the first schema of which no file lacks it; the other tables are in every file."""
_COMMENTS_SCHEMA = 3
"""The first schema with the fields `comments` and `hashes`, and with a schema in history entries."""
_UNNAMED_SCHEMA = 2


def upgrade_tables(tables: dict[str, dict[str, Any]], schema: int) -> dict[str, dict[str, Any]]:
    """Return tables of this schema as those of the current one; records may be None, for one that is deleted."""
    upgraded = dict(tables)
    for old, new in RENAMED_TABLES.items():
        if old in upgraded:
            upgraded[new] = {**upgraded.get(new, {}), **upgraded.pop(old)}
    if schema < _COMMENTS_SCHEMA and "papers" in upgraded:
        upgraded["papers"] = {key: record and _upgrade_paper(record) for key, record in upgraded["papers"].items()}
    return upgraded


def upgrade_history_entry(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a history entry as the current schema has them; one without a schema is of schema 2."""
    schema = entry.get("schema", _UNNAMED_SCHEMA)
    if schema >= _COMMENTS_SCHEMA:
        return entry
    records = upgrade_tables(entry["records"], schema)
    return {"at": entry["at"], "description": entry["said"], "schema": schema, "records": records}


def _upgrade_paper(record: Mapping[str, Any]) -> dict[str, Any]:
    paper = {("comments" if name == "commentary" else name): value for name, value in record.items()}
    if isinstance(paper.get("digests"), list):
        paper["digests"] = [_upgrade_appearance(appearance) for appearance in paper["digests"]]
    return paper


def _upgrade_appearance(appearance: object) -> object:
    if not isinstance(appearance, Mapping):
        return appearance  # the validation reports it
    return {("hashes" if name == "told" else name): value for name, value in appearance.items()}
