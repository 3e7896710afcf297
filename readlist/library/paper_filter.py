"""PaperFilter: leaves out the papers of a load that do not match the query of their source (`load --only`).

The query is evaluated over what the source says, before a paper is looked up in the library: the user's marks are not
known then, except those that an export has. Most loads have no query, and import nothing of `search`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from readlist.edits import build_entry

if TYPE_CHECKING:
    from readlist.definitions import UserDefinitions
    from readlist.loaders.base import ParseResult
    from readlist.search.query.ast import Query


class PaperFilter:
    """Selects papers by queries, with the saved queries, renamed tags and synonyms of a library; `today` is the date
    from which relative dates count.
    """

    def __init__(self, definitions: UserDefinitions, today: dt.date) -> None:
        self._definitions = definitions
        self._today = today
        self._queries: dict[str, Query] = {}

    def parse(self, text: str) -> Query:
        """Return the query of this text, by which all papers of a load are new. Raises QueryError."""
        if text not in self._queries:
            from readlist.search.query.ast import with_new_since
            from readlist.search.query.parser import parse

            saved = {name: query.text for name, query in self._definitions.queries.items() if query}
            self._queries[text] = with_new_since(parse(text, self._today, lambda: saved, people=tuple), lambda: 0)
        return self._queries[text]

    def select(self, result: ParseResult, text: str) -> ParseResult:
        """Return a result without the papers that do not match a query; words match as they are typed only."""
        from readlist.search.query.planner import plan_query
        from readlist.search.selection import find_newest_ids
        from readlist.search.temporary import index_entries

        query = self.parse(text)
        entries = (
            build_entry(paper._replace(id=number), result.marks.get(number - 1), self._definitions.renamed_tags)
            for number, paper in enumerate(result.papers, start=1)
        )
        with index_entries(entries, self._definitions) as connection:
            condition = plan_query(connection, query, as_typed=True).condition
            kept = sorted(id_ - 1 for id_ in find_newest_ids(connection, condition, None))
        marks = {new: result.marks[old] for new, old in enumerate(kept) if old in result.marks}
        return replace(result, papers=tuple(result.papers[number] for number in kept), marks=marks)
