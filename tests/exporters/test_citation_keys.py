"""Citation keys are readable, the same in every export of a library, and do not change as it grows."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.exporters import citation_keys as keys_module
from readlist.exporters.citation_keys import citation_keys, lacks_author_name
from readlist.models import Appearance, Paper
from readlist.text import paper_key
from tests.conftest import Run
from tests.exporters.test_citation import ANY_TEXT

FEBRUARY = Appearance(dt.date(2025, 2, 11), "000.txt")
OLDER = Appearance(dt.date(2019, 5, 6), "001.txt")
UNDATED = Appearance(None, "refs.bib")


def paper(id_: int, title: str, *authors: str, digests: tuple[Appearance, ...] = (FEBRUARY,)) -> Paper:
    return Paper(title, authors, digests=digests, id=id_, key=paper_key(title, f"{id_}"))


def key_of(first: Paper) -> str:
    return citation_keys([first])[first.key]


@pytest.fixture
def without_anyascii(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "anyascii", None)
    keys_module._load_transliterator.cache_clear()
    yield
    keys_module._load_transliterator.cache_clear()


@pytest.mark.parametrize(
    ("title", "author", "key"),
    [
        ("Exploring the Limit of Reward", "Chengqi Lyu", "lyu2025exploring"),
        ("On the Emergence of Thinking", "Guanghao Ye", "ye2025emergence"),
        ("3D Vision", "Søren Łukasz", "lukasz20253d"),
        ("Ŧe", "Áŋŋel Ħaġar", "hagar2025te"),
        ("FP4 All the Way", "DeepSeek-AI", "deepseek2025fp4"),
        ("Llama", "The LCM team", "lcm2025llama"),
        ("Yi: Open Models", "01.AI", "ai2025yi"),
        ("How to Be", "Ada Sun", "sun2025how"),
        ("A", "", "anon2025a"),
        ("…", "Ada Sun", "sun2025untitled"),
    ],
)
def test_a_citation_key_is_family_name_year_and_first_significant_title_word(title: str, author: str, key: str) -> None:
    assert key_of(paper(1, title, author)) == key


@pytest.mark.parametrize(
    ("title", "author", "key"),
    [
        ("한국어 제목", "김철수", "gimcheolsu2025hangugeo"),
        ("Глубокое обучение", "Юрий Щербаков", "shcherbakov2025glubokoe"),
        ("深度学习", "李明", "liming2025shenduxuexi"),
        ("さくら", "たなか", "tanaka2025sakura"),
        ("μnit Scaling", "Herbert Woisetschläger", "woisetschlager2025mnit"),
    ],
)
def test_names_and_titles_in_other_scripts_are_transliterated(title: str, author: str, key: str) -> None:
    assert key_of(paper(1, title, author)) == key
    assert not lacks_author_name(paper(1, title, author))


@pytest.mark.usefixtures("without_anyascii")
def test_without_anyascii_words_in_other_scripts_are_left_out() -> None:
    assert key_of(paper(1, "한국어 제목", "김철수")) == "anon2025untitled"
    assert key_of(paper(1, "BERT로 하는 GPT 연구", "Юрий Щербаков")) == "anon2025gpt"
    assert key_of(paper(1, "Über Łódź", "Søren Łukasz")) == "lukasz2025uber"
    assert lacks_author_name(paper(1, "T", "김철수"))
    assert not lacks_author_name(paper(1, "T"))


def test_a_key_without_a_date_has_a_hyphen_for_the_year() -> None:
    assert key_of(paper(1, "On Tides", "Ada Lovelace", digests=(UNDATED, FEBRUARY))) == "lovelace-tides"


def test_what_becomes_known_later_changes_no_citation_key() -> None:
    first = paper(1, "The Curse of Dept", "W. Sun", "Ada Lovelace")
    known = first._replace(
        title="A Curse of Depth",
        authors=("Wenfang Sun", "Alan Turing"),
        arxiv_id="2412.05795",
        url="https://example.org/x",
        digests=(FEBRUARY, OLDER),
    )
    assert key_of(known) == key_of(first) == "sun2025curse"


def test_papers_that_are_loaded_later_change_no_citation_key() -> None:
    papers = [paper(id_, "Deep Sets", "Ada Sun") for id_ in range(1, 30)]
    keys = citation_keys(reversed(papers))
    assert [keys[paper.key] for paper in papers[:3]] == ["sun2025deep", "sun2025deep-2", "sun2025deep-3"]
    assert citation_keys(papers[:3]).items() <= keys.items()
    assert len(set(keys.values())) == len(papers)


def test_deleting_and_merging_papers_changes_no_citation_key_of_another_one(run: Run) -> None:
    papers = "".join(f"\nDeep {word}\n(Ada Sun)\nAn abstract.\n" for word in ("Sets", "Nets", "Tides", "Moons"))
    run("load", "-", stdin=f"2025-02-11\n{papers}")

    def keys() -> list[str]:
        return re.findall(r"^@\w+\{(.*),$", run("export", "--to", "bibtex").out, re.MULTILINE)

    assert keys() == ["sun2025deep", "sun2025deep-2", "sun2025deep-3", "sun2025deep-4"]
    assert run("delete", "1").code == 0
    assert keys() == ["sun2025deep-2", "sun2025deep-3", "sun2025deep-4"]
    assert run("merge", "2", "3").code == 0
    assert keys() == ["sun2025deep-2", "sun2025deep-4"]
    assert run("edit", "4", "--title", "A Title", "--arxiv", "2412.05795", "--doi", "10.1000/182").code == 0
    assert keys() == ["sun2025deep-2", "sun2025deep-4"]
    (entry,) = run("export", "id:4", "--to", "csl").json
    assert entry["id"] == "sun2025deep-4"


NAMES = st.sampled_from(["Ada Sun", "Ada Sun2", "김철수", "", "01.AI", "Sun-2"]) | ANY_TEXT
TITLES = st.sampled_from(["Deep Sets", "2025 deep", "2 deep", "Untitled", "…", "the"]) | ANY_TEXT
DIGESTS = st.sampled_from([(FEBRUARY,), (OLDER, FEBRUARY), (UNDATED, OLDER), ()])


@given(st.lists(st.tuples(TITLES, NAMES, DIGESTS), max_size=8))
def test_citation_keys_are_unique_and_ascii(fields: list[tuple[str, str, tuple[Appearance, ...]]]) -> None:
    papers = [paper(id_, title, author, digests=digests) for id_, (title, author, digests) in enumerate(fields)]
    keys = citation_keys(papers)
    assert len(set(keys.values())) == len(papers)
    assert all(re.fullmatch("[a-z]+([0-9]{4}|-)[a-z0-9]+(-[0-9]+)?", key) for key in keys.values())


@given(st.lists(st.tuples(TITLES, NAMES, DIGESTS), max_size=8), st.integers(0, 7))
def test_the_papers_with_the_same_word_and_year_are_enough(
    fields: list[tuple[str, str, tuple[Appearance, ...]]], number: int
) -> None:
    papers = [paper(id_, title, author, digests=digests) for id_, (title, author, digests) in enumerate(fields)]
    for chosen in papers[number : number + 1]:
        parts = keys_module.title_word(chosen.key), keys_module.key_year(chosen)
        alike = [p for p in papers if (keys_module.title_word(p.key), keys_module.key_year(p)) == parts]
        assert citation_keys(alike)[chosen.key] == citation_keys(papers)[chosen.key]


def test_every_selection_and_format_has_the_same_citation_keys(loaded: Run, tmp_path: Path) -> None:
    for day in ("2019-05-28", "2025-05-28"):
        digest = "".join(f"\nFP4 for {word} in {day[:4]}\n(Brian Chmiel)\nAn abstract.\n" for word in ("A", "B"))
        assert loaded("load", "-", stdin=f"{day}\n{digest}").code == 0
    for number in (1, 2):  # the second one is in a digest with a date too
        (tmp_path / f"{number}.bib").write_text(
            f"@misc{{a, title={{FP4 in Refs {number}}}, author={{Chmiel, Brian}}}}\n"
        )
        assert loaded("load", tmp_path / f"{number}.bib").code == 0
    assert loaded("load", "-", stdin="2026-01-02\nFP4 in Refs 2\n(Brian Chmiel)\nAn abstract.\n").code == 0
    keys = re.findall(r"^@\w+\{(.*),$", loaded("export", "--to", "bibtex").out, re.MULTILINE)
    assert len(set(keys)) == len(keys) == 19
    assert {"chmiel2025fp4", "chmiel2025fp4-2", "chmiel2025fp4-3", "chmiel2019fp4", "chmiel2019fp4-2"} <= set(keys)
    assert {"chmiel-fp4", "chmiel-fp4-2"} <= set(keys)
    for format_, pattern in (
        ("biblatex", r"^@\w+\{(.*),$"),
        ("ris", r"^ID  - (.*?)\r?$"),
        ("csl", r'^    "id": "(.*)",$'),
    ):
        assert re.findall(pattern, loaded("export", "--to", format_).out, re.MULTILINE) == keys
    separate = [
        re.findall(r"^@\w+\{(.*),$", loaded("export", f"id:{id_}", "--to", "bibtex").out, re.MULTILINE)
        for id_ in range(1, 20)
    ]
    assert sorted(key for found in separate for key in found) == sorted(keys)


@pytest.mark.usefixtures("without_anyascii")
def test_export_says_that_names_are_missing_from_citation_keys(run: Run) -> None:
    run("load", "-", stdin="2025-02-11\n조석\n(김철수)\nAn abstract.\n")
    done = run("export", "--to", "bibtex")
    assert done.out.startswith("@misc{anon2025untitled,\n")
    assert done.err == (
        "1 citation key without the author's name, which is not in Latin letters; to transliterate names:"
        ' pip install "readlist[citations]"\n'
    )
    assert not run("export", "--to", "csv").err
