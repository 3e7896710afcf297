"""The baseline: a short script with TinyDB's default storage, rapidfuzz over all text, and a rich table.

python tinydb_baseline.py library.json list
python tinydb_baseline.py library.json search some words
python tinydb_baseline.py library.json read 12
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz, process, utils
from rich.console import Console
from rich.table import Table
from tinydb import TinyDB, where
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


def change(database: TinyDB, verb: str, words: list[str]) -> None:
    """Set a status, add the paper of a digest, or rename a tag."""
    if verb == "add":
        _, title, authors, abstract, korean, english, tags = Path(words[0]).read_text(encoding="utf-8").splitlines()
        names, comments = authors.strip("()").split(", "), {"ko": korean, "en": english}
        database.insert(
            {"title": title, "authors": names, "abstract": abstract, "comments": comments, "tags": tags.split()}
        )
    elif verb == "rename":
        old, new = words

        def rename(document: dict[str, Any]) -> None:
            document["tags"] = [new if tag == old else tag for tag in document["tags"]]

        database.update(rename, where("tags").any([old]))
    else:
        database.update({"status": verb}, doc_ids=[int(words[0])])


def main() -> None:
    """Do what the arguments say; print the papers of a list or search, twenty at most."""
    path, verb, *words = sys.argv[1:]
    database = TinyDB(path)
    if verb not in {"list", "search", "show"}:
        change(database, verb, words)
        return
    documents = database.all() if verb != "show" else [database.get(doc_id=int(words[0]))]
    table = Table("id", "title", "authors", "tags")
    for document in search(documents, " ".join(words), 20) if verb == "search" else documents[-20:]:
        table.add_row(
            str(document.doc_id), document["title"], ", ".join(document["authors"]), " ".join(document["tags"])
        )
    Console().print(table)


if __name__ == "__main__":
    main()
