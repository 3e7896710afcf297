"""The CSV that Zotero exports."""

from __future__ import annotations

import csv
import io

import pytest

from readlist.loaders.base import Source
from readlist.loaders.bibliography.zotero import ZoteroLoader
from tests.loaders.bibliography.loading import load, load_paper, load_papers, notes_and_tags, paper, problems

COLUMNS = [
    "Key", "Item Type", "Publication Year", "Author", "Title", "Publication Title", "ISBN", "ISSN", "DOI", "Url",
    "Abstract Note", "Date", "Date Added", "Extra", "Notes", "File Attachments", "Manual Tags", "Automatic Tags",
    "Editor",
]  # fmt: skip
ROW = {
    "Key": "ABCD1234",
    "Item Type": "preprint",
    "Publication Year": "2025",
    "Author": "van der Maaten, Laurens; King, Martin, Jr.; The Tide Group",
    "Title": "On “Tides”, Again",
    "DOI": "10.1000/182",
    "Url": "http://arxiv.org/abs/2501.00001v2",
    "Abstract Note": "Tides rise\nand fall, \"they\" say.",
    "Date": "2025-02-11",
    "Extra": "arXiv:2501.00001 [cs]",
    "Notes": "<div data-schema-version=\"8\"><p>Read <strong>again</strong> &amp; compare</p>\n<p>x</p></div>",
    "File Attachments": "/home/ada/tides.pdf",
    "Manual Tags": "tides; machine learning",
    "Automatic Tags": "Computer Science",
}  # fmt: skip


def export(*rows: dict[str, str]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, restval="", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def test_a_row() -> None:
    assert load_paper(export(ROW)) == paper(
        "On “Tides”, Again",
        "Laurens van der Maaten",
        "Martin King Jr.",
        "The Tide Group",
        abstract='Tides rise and fall, "they" say.',
        arxiv_id="2501.00001",
        url="http://arxiv.org/abs/2501.00001v2",
        links=("https://doi.org/10.1000/182",),
        doi="10.1000/182",
    )
    tags = ("tides", "machine-learning", "Computer-Science")
    assert notes_and_tags(export(ROW)) == [(0, "Read again & compare\n\nx", tags)]


def test_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    assert load_papers(export(ROW).replace("\n", "\r\n").encode("utf-8-sig")) == load_papers(export(ROW))


def test_attachments_are_no_papers_and_editors_stand_in_for_authors() -> None:
    other = {"Key": "B", "Item Type": "book", "Title": "On Moons", "Editor": "Turing, Alan"}
    (read,) = load_papers(export({"Key": "A", "Item Type": "attachment", "Title": "Full Text PDF"}, other))
    assert (read.title, read.authors) == ("On Moons", ("Alan Turing",))


def test_rows_that_are_not_well_formed_are_reported_with_their_lines() -> None:
    text = export(ROW, {"Key": "B", "Item Type": "book"}) + "C,book\n\n" + '"D","book","' + "x" * 200_000
    assert [item.title for item in load(text).papers] == ["On “Tides”, Again"]
    assert problems(text) == [
        "refs:5: entry without a title: 'B'; ignored",
        "refs:6: row with 2 of 19 columns",
        "refs:6: entry without a title: 'C'; ignored",
        "refs:8: row with 3 of 19 columns",
        "refs:8: entry without a title: 'D'; ignored",
    ]


@pytest.mark.parametrize("text", ["Key,Value\na,b\n", export(), "Title,Author\nOn Tides,Ada\n", '"Key,', '"Title",\0'])
def test_another_csv_is_not_zoteros(text: str) -> None:
    assert not ZoteroLoader().detect(Source("a.csv", text))
