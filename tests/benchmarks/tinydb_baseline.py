"""The baseline: a short script with TinyDB's default storage, rapidfuzz over all text, and a rich table.

python tinydb_baseline.py library.json some words
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
    from tests.benchmarks.synthetic_papers import SyntheticPaper


def search(documents: list[Document], query: str, limit: int) -> list[Document]:
    """Return the best matches; of rapidfuzz's scorers this one has the best MRR in `quality`."""
    texts = [" ".join([d["title"], *d["authors"], d["abstract"], *d["comments"].values()]) for d in documents]
    hits = process.extract(query, texts, scorer=fuzz.partial_ratio, processor=utils.default_process, limit=limit)
    return [documents[position] for _, _, position in hits]


def write_database(papers: list[SyntheticPaper], path: Path) -> None:
    """Write papers to a TinyDB file."""
    with TinyDB(path) as database:
        database.insert_multiple(
            {
                "title": paper.title,
                "authors": paper.authors,
                "abstract": paper.abstract,
                "comments": {"ko": paper.korean, "en": paper.english},
                "tags": paper.tags,
            }
            for paper in papers
        )


def main() -> None:
    """Print the twenty best matches."""
    path, *words = sys.argv[1:]
    table = Table("id", "title", "authors", "tags")
    for document in search(TinyDB(path).all(), " ".join(words), 20):
        table.add_row(
            str(document.doc_id), document["title"], ", ".join(document["authors"]), " ".join(document["tags"])
        )
    Console().print(table)


if __name__ == "__main__":
    main()
