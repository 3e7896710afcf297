"""Ranking: which paper comes first, its excerpt, and the notices about corrections."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from readlist.loaders.files import find_files
from readlist.loaders.registry import load_file
from readlist.models import RELEVANCE, Appearance, Entry, Mark, Paper
from readlist.query_results import Correction, Excerpt, SearchResult
from readlist.search.candidates import MAX_CANDIDATES, MIN_PREVALENT
from readlist.search.excerpts import MAX_EXCERPT
from readlist.search.query.parser import parse
from readlist.search.results import find
from readlist.text import paper_key
from tests.search.index_file import IndexFile

DAY = dt.date(2025, 5, 27)
LONG = "An opening sentence about nothing in particular that goes on for a while. " * 3

PAPERS = [
    Paper("Properties of Rotary Position Embeddings", abstract="We study RoPE in long contexts."),
    Paper("Rope: a Toolkit", abstract="Nothing of note."),
    Paper("MiniLM-V: Seeing More", ("Mary Shelley",), abstract="It extends MiniLM."),
    Paper("MiniLM: Small Models and How They Are Trained", ("Mary Ann Evans",)),
    Paper("One Step towards Diffusing", abstract="A one-step method."),
    Paper("One-Step Diffusion by Matching Scores and Other Things", ("Evans Shelley",)),
    Paper("On Gradients", abstract=f"{LONG}Here Group Relative Policy Optimization (GRPO) is analysed. {LONG}"),
    Paper("GRPO Considered", comments={"ko": "GRPO를 다시 본다.\n강화학습을 위한 데이터."}),
    Paper("Grouping by Groups", tags=("groups",)),
    Paper("The Gödel–Straße Méthode", ("Günter Ünal",)),
    Paper("Activating Sleepers", abstract="We activate attention."),
    Paper("Activation Outliers under Attention"),
    Paper("What OpenLab Says of Its Own Work", ("OpenLab",)),
    Paper("OpenLab", ("Ada Lovelace",)),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> IndexFile:
    index = IndexFile(tmp_path_factory.mktemp("rank") / "index")
    papers = [
        Paper(
            p.title, p.authors, p.abstract, p.comments, p.tags, digests=(Appearance(DAY, "a"),), id=id_, key=f"k{id_}"
        )
        for id_, p in enumerate(PAPERS, start=1)
    ]
    index.build([Entry(paper, Mark(paper.key), paper.tags) for paper in papers])
    return index


def search(index: IndexFile, text: str) -> SearchResult:
    return index.read(find, parse(text, DAY), order=RELEVANCE, limit=10)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("rope", "Rope: a Toolkit"),
        ("minilm", "MiniLM: Small Models and How They Are Trained"),
        ("minilm-v", "MiniLM-V: Seeing More"),
        ("minilm small", "MiniLM: Small Models and How They Are Trained"),
        ("one-step diff", "One-Step Diffusion by Matching Scores and Other Things"),
        ("one step diff", "One Step towards Diffusing"),
        ("grpo", "GRPO Considered"),
        ("shelley mary", "MiniLM-V: Seeing More"),
        ("evans mary", "MiniLM: Small Models and How They Are Trained"),
        ("Evnas Shelley", "One-Step Diffusion by Matching Scores and Other Things"),
        ("godel strasse", "The Gödel–Straße Méthode"),
        ("gunter", "The Gödel–Straße Méthode"),
        ("activatin attention", "Activation Outliers under Attention"),
        ("강화학습", "GRPO Considered"),
        ("toolkit for rope", "Rope: a Toolkit"),
        ("title:openlab", "OpenLab"),
        ("author:openlab", "What OpenLab Says of Its Own Work"),
        ("title:openlab author:lovelace", "OpenLab"),
    ],
)
def test_the_intended_paper_comes_first(index: IndexFile, text: str, title: str) -> None:
    assert search(index, text).hits[0].entry.paper.title == title


def test_the_paper_whose_title_is_the_query_comes_first_however_many_have_its_words(tmp_path: Path) -> None:
    titles = ["Attention", *(f"Attention to {number} Things" for number in range(2 * MAX_CANDIDATES))]
    papers = [
        Paper(title, id=number, key=paper_key(title, ""), digests=(Appearance(DAY, "a.txt"),))
        for number, title in enumerate(titles, 1)
    ]
    index = IndexFile(tmp_path / "index.sqlite")
    index.build(Entry(paper, Mark(paper.key), ()) for paper in papers)
    for text in ("attention", "attention -things", "title:attention", '"attention"'):
        assert search(index, text).hits[0].entry.paper.id == 1
    assert 1 not in [hit.entry.paper.id for hit in search(index, "attention things").hits]
    assert 1 not in [hit.entry.paper.id for hit in search(index, "attention NOT id:1").hits]


def test_exact_matches_rank_above_corrected_ones_and_scores_decrease(index: IndexFile) -> None:
    hits = search(index, "grop").hits
    assert [hit.entry.paper.title for hit in hits][:2] == ["GRPO Considered", "On Gradients"]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all("rop" in hit.entry.paper.title.lower() for hit in search(index, "rope").hits[:1])


@pytest.mark.parametrize(
    ("text", "corrections"),
    [
        ("grpo", ()),
        ("activ", ()),
        ("activashun", ()),
        ("optimisation", (Correction("optimisation", ("optimization",)),)),
        ("relatve grop", (Correction("relatve", ("relative",)), Correction("grop", ("grpo",)))),
        ("강화학슴", (Correction("강화학슴", ("강화학습",)),)),
    ],
)
def test_a_correction_is_reported_where_no_paper_has_the_word(
    index: IndexFile, text: str, corrections: tuple[Correction, ...]
) -> None:
    assert search(index, text).corrections == corrections


def test_where_no_paper_has_all_words_the_nearest_matches_are_the_result(index: IndexFile) -> None:
    result = search(index, "grpo optimization toolkit")
    assert {"On Gradients", "Rope: a Toolkit"} <= {hit.entry.paper.title for hit in result.hits}
    assert all(hit.is_partial for hit in result.hits)
    assert result.total == 0
    assert not search(index, "grpo optimization").hits[0].is_partial


@pytest.mark.parametrize(("papers_with_word", "found"), [(MIN_PREVALENT - 1, 10), (MIN_PREVALENT, 2)])
def test_a_paper_with_only_a_word_of_most_papers_in_its_text_is_no_nearest_match(
    tmp_path: Path, papers_with_word: int, found: int
) -> None:
    texts = [*[("A Study", "About tides.")] * (papers_with_word - 1), ("On Tides", ""), ("On Rocks", "About granite.")]
    index = IndexFile(tmp_path / "index")
    papers = [Paper(title, abstract=text, id=id_, key=f"k{id_}") for id_, (title, text) in enumerate(texts, start=1)]
    index.build([Entry(paper, Mark(paper.key), ()) for paper in papers])
    result = search(index, "tides granite zebra")
    assert result.total == 0
    assert len(result.hits) == found
    assert {hit.entry.paper.title for hit in result.hits} >= {"On Tides", "On Rocks"}


@pytest.mark.parametrize(("text", "near"), [("grdeint5", ("gradients",)), ("tag:group", ("tag:groups",)), ("zzzz", ())])
def test_where_no_paper_matches_the_closest_words_and_tags_are_suggested(
    index: IndexFile, text: str, near: tuple[str, ...]
) -> None:
    result = search(index, text)
    assert (result.hits, result.total) == ((), 0)
    assert result.did_you_mean == near


def highlighted(excerpt: Excerpt | None) -> tuple[str, list[str]]:
    assert excerpt
    return excerpt.field, [excerpt.text[start:end] for start, end in excerpt.spans]


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("toolkit rope", "title", ["Rope", "Toolkit"]),
        ("godel strasse methode", "title", ["Gödel", "Straße", "Méthode"]),
        ("gunter", "author", ["Günter"]),
        ("tag:groups grouping", "title", ["Grouping", "Groups"]),
        ("강화학습", "comment", ["강화학습을"]),
        ("데이타", "comment", ["데이터"]),
        ('"policy optimization"', "abstract", ["Policy", "Optimization"]),
        ("onestep matching", "title", ["One-Step", "Matching"]),
        ("optimisation", "abstract", ["Optimization"]),
    ],
)
def test_the_excerpt_of_a_hit_highlights_the_words(index: IndexFile, text: str, field: str, words: list[str]) -> None:
    assert highlighted(search(index, text).hits[0].matched) == (field, words)


def test_an_excerpt_is_one_line_cut_around_the_match(index: IndexFile) -> None:
    matched = search(index, "relative optimization").hits[0].matched
    assert matched
    assert matched.text.startswith("…")
    assert matched.text.endswith("…")
    assert len(matched.text) <= MAX_EXCERPT + 2
    assert highlighted(matched) == ("abstract", ["Relative", "Optimization"])


def test_hits_of_filters_alone_have_no_excerpt_and_are_newest_first(index: IndexFile) -> None:
    hits = search(index, "tag:groups OR id:1").hits
    assert [(hit.entry.paper.id, hit.score, hit.matched) for hit in hits] == [(1, 0.0, None), (9, 0.0, None)]


def test_the_likelier_correction_comes_first_in_the_seeds(tmp_path: Path, seeds: Path) -> None:
    papers = [paper for path in find_files(seeds) for paper in load_file(path).papers]
    numbered = [paper._replace(id=id_, key=f"k{id_}") for id_, paper in enumerate(papers, start=1)]
    index = IndexFile(tmp_path / "index")
    index.build([Entry(paper, Mark(paper.key), paper.tags) for paper in numbered])
    result = search(index, "grop")
    assert [hit.entry.paper.id for hit in result.hits][:2] == [13, 9]
    assert result.corrections[0].replacements[0] == "grpo"


def test_the_seeds_need_no_tuning(tmp_path: Path) -> None:
    seed = Path(__file__).parents[2] / "seeds" / "000_1af87d60f0c929a1.txt"
    titles = [
        above
        for above, line in zip(seed.read_text().splitlines(), seed.read_text().splitlines()[1:], strict=False)
        if line.startswith("(") and "," in line
    ]
    index = IndexFile(tmp_path / "index")
    index.build([Entry(Paper(t, id=i, key=f"k{i}"), Mark(f"k{i}"), ()) for i, t in enumerate(titles)])
    assert search(index, "unit scaling").hits[0].entry.paper.title.startswith("μnit Scaling")
