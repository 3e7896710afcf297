"""RIS: the fields, their variants, and entries that are not well-formed."""

from __future__ import annotations

import pytest

from readlist.loaders.base import Source
from readlist.loaders.bibliography.ris import RisLoader
from tests.loaders.bibliography.loading import load, load_paper, notes_and_tags, paper, problems

ZOTERO = """TY  - JOUR
TI  - On Tides
AU  - van der Maaten, Laurens
AU  - King, Martin, Jr.
AU  - The Tide Group
T2  - Journal of Tides
AB  - Tides rise
and fall.
DA  - 2025/02/11/
PY  - 2025
DO  - 10.1000/182
UR  - https://example.org/tides;v=1
AN  - 2501.00001
L1  - /home/ada/tides.pdf
N1  - <p>Read &amp; compare</p>
<p>again</p>
KW  - tides
KW  - machine learning; moon
ER  -

"""
DATABASE = """Provider: Example Press
Database: Example
Content:text/plain; charset="UTF-8"

TY - CONF
T1 - On Moons
A1 - Turing, Alan
N2 - Moons.
LK - https://example.org/moons
ID - key
ER -
"""


def test_an_entry_of_zotero() -> None:
    assert load_paper(ZOTERO) == paper(
        "On Tides",
        "Laurens van der Maaten",
        "Martin King Jr.",
        "The Tide Group",
        abstract="Tides rise and fall.",
        arxiv_id="2501.00001",
        url="https://example.org/tides;v=1",
        links=("https://doi.org/10.1000/182",),
        doi="10.1000/182",
    )
    assert notes_and_tags(ZOTERO) == [(0, "Read & compare\n\nagain", ("tides", "machine-learning", "moon"))]


def test_an_entry_of_a_database_with_other_tags_and_one_blank() -> None:
    moons = paper("On Moons", "Alan Turing", abstract="Moons.", url="https://example.org/moons")
    assert load_paper(DATABASE) == moons
    assert load(DATABASE.replace("\n", "\r\n").encode("utf-8-sig")).papers == (moons,)


def test_entries_without_an_end_or_a_title_are_reported_with_their_lines() -> None:
    text = "TY  - JOUR\n continued\nTI  - A\nTY  - JOUR\nID  - b\nER  - \nTI  - stray\nTY  - JOUR\nTI  - C\n"
    assert [item.title for item in load(text).papers] == ["A", "C"]
    assert problems(text) == [
        "refs:1: entry without an ER line; it ends where the next one begins",
        "refs:4: entry without a title: 'b'; ignored",
        "refs:8: entry without an ER line; it ends where the next one begins",
    ]


@pytest.mark.parametrize("text", ["TY  - JOUR\nER  - \n", "Party - TY  - us\n", "TI  - On Tides\n", ""])
def test_what_has_no_entry_with_a_title_is_no_ris(text: str) -> None:
    assert not RisLoader().detect(Source("a.ris", text))
