"""What one would otherwise write: TinyDB as it comes, rapidfuzz over all the text, a rich table.

python plain.py library.json some words
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process, utils
from rich.console import Console
from rich.table import Table
from tinydb import TinyDB
from tinydb.table import Document

if TYPE_CHECKING:
    from tests.benchmarks.made_up import MadeUp


def best(documents: list[Document], query: str, limit: int) -> list[Document]:
    """The documents that hold what is most like the query: of rapidfuzz's scorers the one that finds most here."""
    texts = [" ".join([d["title"], *d["authors"], d["abstract"], *d["commentary"].values()]) for d in documents]
    hits = process.extract(query, texts, scorer=fuzz.partial_ratio, processor=utils.default_process, limit=limit)
    return [documents[place] for _, _, place in hits]


def shelve(papers: list[MadeUp], path: Path) -> None:
    """Put made-up papers into a TinyDB file as it comes."""
    with TinyDB(path) as database:
        database.insert_multiple(
            {
                "title": paper.title,
                "authors": paper.authors,
                "abstract": paper.abstract,
                "commentary": {"ko": paper.korean, "en": paper.english},
                "tags": paper.tags,
            }
            for paper in papers
        )


def main() -> None:
    """Print the best twenty."""
    path, *words = sys.argv[1:]
    table = Table("id", "title", "authors", "tags")
    for document in best(TinyDB(path).all(), " ".join(words), 20):
        table.add_row(
            str(document.doc_id), document["title"], ", ".join(document["authors"]), " ".join(document["tags"])
        )
    Console().print(table)


if __name__ == "__main__":
    main()
