"""RIS: its fields, and that no text ends a record or begins a field."""

from __future__ import annotations

import re

from hypothesis import given

from readlist.models import Entry, Mark, Paper
from tests.exporters.test_citation import ANY_TEXT, BARE, CITED
from tests.exporters.test_exporters import export_text
from tests.hostile import is_harmless
from tests.loaders.bibliography.loading import load


def test_ris_output() -> None:
    assert export_text("ris", CITED, BARE) == (
        "TY  - JOUR\r\n"
        "ID  - vandermaaten-grpo\r\n"
        "TI  - GRPO for C++ at 50% of $O(n^2)$: Self-Play {revisited} in DeepSeek-R1\r\n"
        "AU  - van der Maaten, Laurens\r\n"
        "AU  - Downey, Robert, Jr.\r\n"
        "AU  - DeepSeek-AI\r\n"
        "AU  - Qwen: An Yang\r\n"
        "AU  - 김철수\r\n"
        "AU  - Gemma Team\r\n"
        "PY  - 2025\r\n"
        "DA  - 2025/02\r\n"
        "JO  - arXiv preprint arXiv:2502.05795\r\n"
        "DO  - 10.1000/a_b<1>\r\n"
        "UR  - https://example.org/a_b#c&d~e%7Bf%7D%5C%2f%25\r\n"
        "AB  - It costs $5 & not $6_0. See \\cite{x}.\r\n"
        "KW  - rl\r\n"
        "KW  - c#\r\n"
        "KW  - a,b\r\n"
        "N1  - Two\r\n\r\n*lines* # 1\r\n"
        "ER  - \r\n"
        "\r\n"
        "TY  - GEN\r\n"
        "ID  - anon-untagged\r\n"
        "TI  - Untagged\r\n"
        "ER  - \r\n"
    )
    assert export_text("ris") == ""


def test_a_line_of_a_note_is_never_a_field() -> None:
    note = "ER  - \nTY  - JOUR\nTI  - Another"
    written = export_text("ris", Entry(Paper("T", key="k-1"), Mark("k-1", note=note), ()))
    assert written.count("\nER  -") == written.count("\nTI  -") == 1
    result = load(written)
    assert [paper.title for paper in result.papers] == ["T"]
    assert result.marks[0].note == note.replace("\n", "\n ")


@given(ANY_TEXT)
def test_any_text_stays_in_its_field(text: str) -> None:
    paper = Paper(text, (text, "Ann Other"), text, tags=(text,), arxiv_id=text, doi=text, url=text, id=1, key="k-1")
    written = export_text("ris", Entry(paper, Mark("", note=text), paper.tags), BARE)
    assert is_harmless(written.replace("\r\n", "\n").replace("\t", " "))  # a note may have tabs
    assert len(re.findall("^TY  - ", written, re.MULTILINE)) == 2
    assert len(re.findall("^ER  - ", written, re.MULTILINE)) == 2
