"""The table of loaders: each detects its own sample and no other, and is named in messages."""

from __future__ import annotations

import json
import subprocess
import sys
from html import escape
from pathlib import Path
from typing import Any

import pytest

from readlist.loaders.base import Source
from readlist.loaders.registry import LOADERS, load_bytes, load_file
from readlist.sources import Problem

PAGE = """<!DOCTYPE html>
<html><head><title>Papers of February 11, 2025</title></head><body>
<h3><a href="https://arxiv.org/abs/2501.00001">On Tides</a></h3>
<p>(Ada Lovelace, Alan Turing)</p>
<p>Tides rise and fall.</p>
</body></html>
"""
FEED = f"""<?xml version="1.0"?>
<rss version="2.0"><channel><title>Papers</title>
<item><title>11 February 2025</title><description>{escape(PAGE)}</description></item>
</channel></rss>
"""
MAIL = """From: Ada Lovelace <ada@example.org>
Subject: Papers
Date: Tue, 11 Feb 2025 09:00:00 +0900
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

On Tides
(Ada Lovelace, =
Alan Turing)
Tides rise and fall.
"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Papers",
    "items": [{"id": "1", "url": "https://tides.example/1", "title": "11 February 2025", "content_html": PAGE}],
}
DAILY_PAPERS = [
    {
        "paper": {
            "id": "2501.00001",
            "authors": [{"name": "Ada Lovelace", "hidden": False}, {"name": "Alan Turing", "hidden": False}],
            "publishedAt": "2025-01-01T18:59:58.000Z",
            "submittedOnDailyAt": "2025-02-11T00:30:05.000Z",
            "title": "On Tides",
            "summary": "Tides rise and fall.",
        },
        "title": "On Tides",
    }
]
PAPER_PAGE = """<!DOCTYPE html>
<html><head><title>On Tides</title>
<meta name="citation_title" content="On Tides"/>
<meta name="citation_author" content="Lovelace, Ada"/>
<meta name="citation_author" content="Turing, Alan"/>
<meta name="citation_date" content="2025/02/11"/>
<meta name="citation_arxiv_id" content="2501.00001"/>
<meta name="citation_abstract" content="Tides rise and fall."/>
</head><body><h1>On Tides</h1></body></html>
"""
BIBTEX = """@article{lovelace,
  title = {On {T}ides},
  author = {Lovelace, Ada and Alan Turing},
  abstract = {Tides rise and fall.},
  year = 2025,
}
"""
RIS = """TY  - JOUR
TI  - On Tides
AU  - Lovelace, Ada
AU  - Turing, Alan
AB  - Tides rise and fall.
ER  -
"""
CSL_JSON = """[
  {"id": "lovelace", "type": "article-journal", "title": "On Tides", "abstract": "Tides rise and fall.",
   "author": [{"family": "Lovelace", "given": "Ada"}, {"literal": "Alan Turing"}]}
]
"""
ZOTERO_CSV = """"Key","Item Type","Publication Year","Author","Title","Abstract Note"
"ABCD1234","journalArticle","2025","Lovelace, Ada; Turing, Alan","On Tides","Tides rise and fall."
"""
SAMPLES = {
    "mail (EML, MHTML, mbox)": ("papers.eml", MAIL),
    "export of readlist": (
        "list.json",
        json.dumps(
            [
                {
                    "id": 1,
                    "key": "on-tides-0a1b2c",
                    "title": "On Tides",
                    "authors": ["Ada Lovelace", "Alan Turing"],
                    "abstract": "Tides rise and fall.",
                    "digests": [{"date": "2025-02-11", "source": "digest.txt"}],
                    "status": "unread",
                }
            ]
        ),
    ),
    "web feed (RSS, Atom)": ("feed.xml", FEED),
    "JSON Feed": ("feed.json", json.dumps(JSON_FEED)),
    "Hugging Face daily papers (JSON)": ("daily_papers.json", json.dumps(DAILY_PAPERS)),
    "page of a paper (HTML)": ("2501.00001.html", PAPER_PAGE),
    "web page (HTML)": ("page.html", PAGE),
    "BibTeX": ("refs.bib", BIBTEX),
    "RIS": ("refs.ris", RIS),
    "CSL-JSON": ("refs.json", CSL_JSON),
    "Zotero CSV": ("refs.csv", ZOTERO_CSV),
    "Markdown note": (
        "250211 On Tides.md",
        "https://arxiv.org/abs/2501.00001\n\n*On Tides* (Ada Lovelace, Alan Turing)\n\n> Tides rise and fall.\n",
    ),
    "Markdown digest": (
        "digest.md",
        "# 2025-02-11\n\n## On Tides\n\nAda Lovelace;\nAlan Turing\n\nTides rise and fall.\n",
    ),
    "list of papers (Markdown)": (
        "list.md",
        """# 2025-02-11

- [On Tides](https://arxiv.org/abs/2501.00001) (Ada Lovelace, Alan Turing)
  - Abstract: Tides rise and fall.

- [Code](https://github.com/ada/tides)
""",
    ),
    "newsletter text": (
        "digest.txt",
        "2025년 2월 11일\nOn Tides\n(Ada Lovelace, Alan Turing)\nTides rise and fall.\n",
    ),
}
"""A realistic text, with its file name, of each format; all contain the same paper."""
WITHOUT_DATE = {"BibTeX", "RIS", "CSL-JSON", "Zotero CSV"}
"""Formats of bibliographies, which are digests of no day."""


def test_every_loader_has_a_sample() -> None:
    assert [loader.name for loader in LOADERS] == list(SAMPLES)


@pytest.mark.parametrize("loader", [loader for loader in LOADERS if hasattr(loader, "_loader")])
def test_a_loader_that_is_imported_late_has_its_name_in_the_table(loader: Any) -> None:
    assert loader.name == loader._loader.name


def test_newsletter_text_imports_the_loader_of_no_other_format_that_has_a_sign() -> None:
    code = """
import sys
from readlist.loaders.registry import load_bytes
text = "2025년 2월 11일\\nOn Tides: pass@1\\n(Ada King)\\n\\nTides rise. https://example.org/a\\n#tides"
assert load_bytes(text.encode(), "d").papers
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    others = {"bibliography.bibtex", "bibliography.record", "notes.parser", "own.parser", "paper_lists.lines"}
    assert not {"csv", *(f"readlist.loaders.{name}" for name in others)} & set(done.stdout.split())


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_detected_by_its_own_loader_alone(name: str) -> None:
    file_name, text = SAMPLES[name]
    assert [loader.name for loader in LOADERS if loader.detect(Source(file_name, text, data=text.encode()))] == [name]


@pytest.mark.parametrize("name", SAMPLES)
def test_all_samples_contain_the_same_paper(name: str) -> None:
    file_name, text = SAMPLES[name]
    result = load_bytes(text.encode(), file_name)
    assert result.problems == ()
    (paper,) = result.papers
    assert (paper.title, paper.authors, paper.abstract, str(paper.date)) == (
        "On Tides",
        ("Ada Lovelace", "Alan Turing"),
        "Tides rise and fall.",
        "None" if name in WITHOUT_DATE else "2025-02-11",
    )


@pytest.mark.parametrize("blank_lines", ["\n", "\n \t\n", "\ufeff\n", "\ufeff\r\n\r\n"])
@pytest.mark.parametrize("name", [name for name in SAMPLES if "mail" not in name])
def test_blank_lines_above_a_document_change_nothing(name: str, blank_lines: str) -> None:
    file_name, text = SAMPLES[name]
    assert load_bytes(f"{blank_lines}{text}".encode(), file_name) == load_bytes(text.encode(), file_name)


def test_a_problem_below_blank_lines_has_its_line_in_the_file() -> None:
    text = "A stray line, by Kim\n2025-02-11\nOn Tides\n(Ada Lovelace)\n"
    assert [problem.line for problem in load_bytes(text.encode(), "d.txt").problems] == [1]
    assert [problem.line for problem in load_bytes(f"\n \n{text}".encode(), "d.txt").problems] == [3]


def test_the_first_loader_that_detects_its_format_parses_the_source() -> None:
    _, note = SAMPLES["Markdown note"]
    above, _, below = note.partition("*On Tides* (Ada Lovelace, Alan Turing)")
    both = f"{above}On Tides\n(Ada Lovelace, Alan Turing)\n{below}"
    detected = [loader.name for loader in LOADERS if loader.detect(Source("note.md", both))]
    assert detected == ["Markdown note", "newsletter text"]
    (paper,) = load_bytes(both.encode(), "note.md", directory="notes").papers
    assert [appearance.source for appearance in paper.digests] == ["notes"], "only a note has its directory as source"


def test_a_note_above_the_working_directory_has_the_name_of_its_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, text = SAMPLES["Markdown note"]
    (tmp_path / "notes" / "drafts").mkdir(parents=True)
    (tmp_path / "notes" / name).write_text(text)
    monkeypatch.chdir(tmp_path / "notes" / "drafts")
    (paper,) = load_file(Path("..") / name).papers
    assert [appearance.source for appearance in paper.digests] == ["notes"]


def test_a_warning_about_the_encoding_is_the_first_problem() -> None:
    text = "A stray line, by 김\n2025-02-11\nOn Tides\n(Ada Lovelace)\n"
    problems = load_bytes(text.encode("cp949"), "d.txt").problems
    assert problems[0] == Problem("d.txt", 0, "not UTF-8 (byte 17); decoded as CP949")
    assert [problem.line for problem in problems] == [0, 1]
