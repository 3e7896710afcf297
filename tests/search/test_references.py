"""References: papers that are written down by year, initial and surname."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from readlist.models import RELEVANCE, Entry
from readlist.search.query.parser import parse
from readlist.search.references import Reference, find_references, has_initial, has_surname, paper_years
from readlist.search.results import find
from readlist.search.tokens import tokenize
from tests.search.index_file import IndexFile
from tests.search.sample import TODAY, entry

D2023, D2024, D2025 = (dt.date(year, 6, 1) for year in (2023, 2024, 2025))
PAPERS = [
    entry(1, "Offline Rewards", D2024, authors=("Sergey Levine", "Kelvin Xu")),
    entry(2, "Online Rewards", D2025, authors=("Sergey Levine",)),
    entry(3, "Sparse Rewards", D2024, authors=("Yoav Levine", "Ada Song")),
    entry(4, "Geometry of Tokens", D2024, authors=("Levine Smith", "Kuang-Huei Lee")),
    entry(5, "Improving Dynamic Objects from Feedback", D2025, arxiv_id="2412.02617",
          authors=("Hiroki Furuta", "Heiga Zen", "Kimin Lee"), abstract="Text to video models and rewards."),
    entry(6, "Feedback for Objects", D2023, authors=("Min Lee", "Harriet Furuta"), abstract="A title."),
    entry(7, "Dynamics of Nothing", None, authors=("Jürgen Müller",), abstract="In 2019 we measured."),
    entry(8, "A Study of Plasticity", D2023, authors=("Clare Lyle", "Zeyu Zheng"), abstract="Feature rank."),
    entry(9, "Plasticity of Agents", D2023, authors=("Nikola Ng",)),
    entry(10, "Unrelated Work", D2023, authors=("Karl Plasticine",)),
]  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> IndexFile:
    index = IndexFile(tmp_path_factory.mktemp("references") / "index.sqlite")
    index.build(PAPERS)
    return index


def search(index: IndexFile, text: str) -> list[int]:
    result = index.read(find, parse(text, TODAY), order=RELEVANCE, limit=10)
    return [hit.entry.paper.id for hit in result.hits]


# What a word refers to


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("levine 2024", [None, Reference(2024, "", (("levine",),))]),
        ("Levine, 2024b.", [None, Reference(2024, "", (("levine",),))]),
        ("(2024)", [Reference(2024, "", ())]),
        ("1999 van-gogh", [Reference(1999, "", (("van", "gogh"),)), None]),
        ("S. Levine", [Reference(0, "s", (("levine",),)), None]),
        ("Levine, S.", [None, Reference(0, "s", (("levine",),))]),
        ("Levine S Xu", [None, Reference(0, "s", (("levine",), ("xu",))), None]),
        ("Q learning", [Reference(0, "q", (("learning",),)), None]),
        ("2024 S.", [Reference(2024, "", ()), None]),
        ("S.", [None]),
        ("3024 1899 20245 x2024", [None] * 4),
        ("가 levine", [None, None]),
        ("", []),
    ],
)
def test_years_and_initials_refer_to_the_words_beside_them(query: str, expected: list[Reference | None]) -> None:
    assert find_references(query.split()) == expected


@pytest.mark.parametrize(("id_", "years"), [(1, {2024}), (5, {2024, 2025}), (7, set())])
def test_a_paper_has_the_years_of_its_digests_and_of_its_arxiv_id(id_: int, years: set[int]) -> None:
    assert paper_years(PAPERS[id_ - 1]) == years


def names(entry: Entry) -> list[list[str]]:
    return [tokenize(author) for author in entry.paper.authors]


def test_a_surname_is_all_of_its_parts_in_one_name() -> None:
    two = names(PAPERS[3])
    assert has_surname(two, [("levine",)])
    assert not has_surname(two, [("levine",)], last=True)
    assert has_surname(two, [("lee",)], last=True)
    assert has_surname(two, [("kuang", "lee")])
    assert not has_surname(two, [("levine", "lee")])
    assert not has_surname(two, [])


def test_an_initial_begins_another_part_of_the_name_with_the_surname() -> None:
    def matches(text: str) -> bool:
        (reference,) = filter(None, find_references(text.split()))
        return has_initial(names(PAPERS[0]), reference)

    assert matches("S. Levine")
    assert matches("Levine S")
    assert matches("K. Xu")
    assert not matches("K. Levine")
    assert not matches("L. Levine")


# Which paper comes first


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("levine 2024 rewards offline", 1),
        ("sergey levine 2024", 1),
        ("sergey levine 2025", 2),
        ("levine 2025", 2),
        ("S. Levine 2025", 2),
        ("Y. Levine", 3),
        ("Levine, Y.", 3),
        ("levine y", 3),
        ("Levine et al. 2025", 2),
        ("furuta 2024", 5),
        ("furuta 2025", 5),
        ("Furuta 2023", 6),
        ("H. Furuta video", 5),
        ("J. Muller", 7),
        ("J. Müller 2019", 7),
        ("lyle plasticity 2022", 8),
    ],
)
def test_the_paper_that_is_referred_to_comes_first(index: IndexFile, text: str, id_: int) -> None:
    assert search(index, text)[0] == id_


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("Furuta, H., Lee, K., et al. (2024). Improving Dynamic Objects from Feedback. arXiv preprint.", 5),
        ("Furuta, H., Zen, H. & Lee, K. (2025) Improving dynamic objects from feedback, arXiv:2412.02617", 5),
        ("[12] C. Lyle and Z. Zheng, “A study of plasticity,” in Proc. ICML, 2023, pp. 1–12.", 8),
        ("Levine, Yoav and Song, Ada. Sparse rewards. 2024.", 3),
        ("that paper about plasticity by Lyle", 8),
        ("that paper about rewards by Yoav", 3),
        ("the paper on geometry from Kuang-Huei Lee", 4),
    ],
)
def test_a_citation_or_a_sentence_finds_its_paper_first(index: IndexFile, text: str, id_: int) -> None:
    assert search(index, text)[0] == id_


def test_a_year_that_is_one_off_ranks_above_one_that_is_further_off(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index.sqlite")
    days = {1: D2025, 2: dt.date(2021, 6, 1), 3: dt.date(2022, 6, 1), 4: D2024}
    index.build([entry(id_, "Rewards", day, authors=("Ada Song",)) for id_, day in days.items()])
    assert search(index, "song rewards 2023") == [4, 3, 1, 2]
    assert search(index, "song rewards 2025")[:2] == [1, 4]


def test_an_initial_decides_between_authors_with_one_surname(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index.sqlite")
    given_names = {1: "Bartholomew", 2: "Maximilian", 3: "Konstantin"}
    index.build([entry(id_, "Rewards", authors=(f"{given} Levine", "Ada Song")) for id_, given in given_names.items()])
    for id_, given in given_names.items():
        for text in (f"{given[0]}. Levine", f"Levine, {given[0]}.", f"rewards of {given[0]} levine"):
            assert search(index, text)[0] == id_, text


def test_a_year_in_a_field_or_in_quotes_is_text(index: IndexFile) -> None:
    assert search(index, 'levine "2024"') == []
    assert search(index, "title:2024 levine") == []
    assert search(index, '"2019"') == [7]
