"""Suggestions and similar papers: which, in which order, and with which explanation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from readlist.models import Appearance, Entry, Mark, Paper, Status
from readlist.search.query.parser import parse
from readlist.search.recommend.suggestions import find_similar, rank_ids, suggest
from readlist.suggestions import Suggestions
from tests.search.index_file import IndexFile

TODAY = dt.date(2025, 6, 1)
NOON = dt.datetime(2025, 5, 30, 12, tzinfo=dt.UTC)

ABSTRACTS = {
    "reward": "We study outcome reward in reinforcement learning for mathematical reasoning with a verifier.",
    "diffusion": "We generate pictures by diffusion with a transformer that denoises latent patches.",
    "norm": "We scale residual normalization with depth so that deep layers of a network contribute.",
}
PAPERS = [
    ("OREAL: Outcome Rewards", "reward", ("RL",)),
    ("Verifiers that Verify", "reward", ("RL",)),
    ("Proofs from Rewards", "reward", ()),
    ("Pixels in Patches", "diffusion", ("image",)),
    ("Denoising Again", "diffusion", ("image",)),
    ("The Curse of Depth in Very Large Language Models of Today", "norm", ()),
    ("Depth without a Curse", "norm", ()),
    ("아무것도 아닌 것", "", ()),
]
"""Ids 1 to 8, a day apart, so that the last is the newest."""


def entry(id_: int, title: str, kind: str, tags: tuple[str, ...], mark: Mark | None = None) -> Entry:
    seen = (Appearance(dt.date(2025, 5, id_), "a"),)
    abstract = ABSTRACTS.get(kind, "")
    comment = {"ko": "결과 보상을 씁니다."} if kind == "reward" else {}
    paper = Paper(title, (), abstract, comment, tags, digests=seen, id=id_, key=f"k{id_}")
    return Entry(paper, mark or Mark(paper.key), tags)


@pytest.fixture
def library(tmp_path: Path) -> Callable[..., IndexFile]:
    """An index of the papers, those marked that are named: `starred={1}, skipped={4}`."""

    def build(**marked: set[int]) -> IndexFile:
        index = IndexFile(tmp_path / "index")
        entries = [entry(id_, *paper) for id_, paper in enumerate(PAPERS, start=1)]
        index.build([one._replace(mark=make_mark(one, marked)) for one in entries])
        return index

    return build


def make_mark(one: Entry, marked: dict[str, set[int]]) -> Mark:
    names = {name for name, ids in marked.items() if one.paper.id in ids}
    status = next((status for status in Status if status.value in names), Status.UNREAD)
    at = None if status is Status.UNREAD else NOON
    return Mark(one.paper.key, status, at, starred="starred" in names, note="mine" if "noted" in names else "")


def suggested(index: IndexFile, text: str = "", limit: int | None = None) -> Suggestions:
    return index.read(suggest, parse(text, TODAY), limit, TODAY)


def ids(suggestions: Suggestions) -> list[int]:
    return [one.entry.paper.id for one in suggestions.papers]


def test_without_history_the_newest_come_first_without_a_reason(library: Callable[..., IndexFile]) -> None:
    suggestions = suggested(library())
    assert ids(suggestions) == [8, 7, 6, 5, 4, 3, 2, 1]
    assert (suggestions.total, suggestions.learned) == (8, False)
    assert {one.reason for one in suggestions.papers} == {""}


def test_skipped_papers_alone_are_no_history(library: Callable[..., IndexFile]) -> None:
    suggestions = suggested(library(skipped={4}))
    assert not suggestions.learned
    assert ids(suggestions) == [8, 7, 6, 5, 3, 2, 1]


@pytest.mark.parametrize("how", ["starred", "noted", "read", "reading"])
def test_papers_similar_to_a_marked_one_come_first(library: Callable[..., IndexFile], how: str) -> None:
    suggestions = suggested(library(**{how: {1}}))
    assert suggestions.learned
    assert set(ids(suggestions)[:2]) == {2, 3}
    assert suggestions.papers[0].score > suggestions.papers[2].score


@pytest.mark.parametrize("how", ["starred", "noted", "read", "reading"])
def test_a_reason_has_the_liked_paper_its_mark_and_words_of_both(library: Callable[..., IndexFile], how: str) -> None:
    first = suggested(library(**{how: {1}})).papers[0]
    assert first.reason.startswith(f"similar to OREAL ({how}): ")
    assert first.reason.endswith(", ".join(first.terms))
    assert 1 <= len(first.terms) <= 3
    known = entry(1, *PAPERS[0])
    known_text = f"{known.paper.title} {known.paper.abstract} {' '.join(known.tags)} {known.paper.comments}".casefold()
    assert all(term.casefold()[:2] in known_text for term in first.terms)


def test_a_reason_shortens_a_title_without_a_colon_to_its_first_words(library: Callable[..., IndexFile]) -> None:
    first = suggested(library(starred={6}), limit=1).papers[0]
    assert first.entry.paper.id == 7
    assert first.reason.startswith("similar to The Curse of Depth in Very Large… (starred): ")


def test_marked_papers_are_not_suggested(library: Callable[..., IndexFile]) -> None:
    index = library(starred={1}, noted={2}, read={3}, reading={4}, skipped={5})
    assert sorted(ids(suggested(index))) == [6, 7, 8]


def test_a_near_duplicate_of_a_starred_paper_comes_first_on_any_date(library: Callable[..., IndexFile]) -> None:
    index = library(starred={3, 4})
    twin = entry(9, "Pixels in Patches, Twice", "diffusion", ("image",))
    twin = twin._replace(paper=twin.paper._replace(digests=(Appearance(dt.date(2001, 1, 1), "old"),)))
    index.update([twin], ("", "", ""), ("x", "", ""))
    assert ids(suggested(index, limit=1)) == [9]


def test_skipping_lowers_the_score_of_similar_papers(library: Callable[..., IndexFile]) -> None:
    before = {one.entry.paper.id: one.score for one in suggested(library(starred={1})).papers}
    after = {one.entry.paper.id: one.score for one in suggested(library(starred={1}, skipped={2})).papers}
    assert after[3] < before[3]


def test_a_query_restricts_the_suggestions(library: Callable[..., IndexFile]) -> None:
    index = library(starred={1})
    assert ids(suggested(index, "tag:rl")) == [2]
    assert set(ids(suggested(index, "denoises"))) == {4, 5}
    assert ids(suggested(index, "rewards -tag:rl")) == [3]
    assert suggested(index, "zebra") == Suggestions((), 0, learned=True)


def test_a_limit_returns_the_first_of_the_whole_list(library: Callable[..., IndexFile]) -> None:
    index = library(starred={1}, skipped={4})
    whole = suggested(index)
    assert whole.total == len(whole.papers) == 6
    assert all(suggested(index, limit=limit).papers == whole.papers[:limit] for limit in range(1, 7))
    assert suggested(index) == whole


@pytest.mark.parametrize("named", [[1], [4], [1, 4], [6, 7]])
def test_similar_papers_never_include_the_given_ones(library: Callable[..., IndexFile], named: list[int]) -> None:
    assert not set(ids(library().read(find_similar, named, None))) & set(named)


def test_similar_papers_are_of_the_same_subject_with_any_status(library: Callable[..., IndexFile]) -> None:
    index = library(read={2}, skipped={3})
    suggestions = index.read(find_similar, [1], 2)
    assert set(ids(suggestions)) == {2, 3}
    assert suggestions.papers[0].reason.startswith("similar to OREAL")
    assert suggestions.papers[0].score >= suggestions.papers[1].score > 0


def test_a_paper_without_a_shared_word_is_similar_to_none(library: Callable[..., IndexFile]) -> None:
    assert library().read(find_similar, [8], None).papers == ()


def test_many_words_that_only_the_given_paper_has_do_not_hide_a_similar_one(tmp_path: Path) -> None:
    own = " ".join(f"word{number}" for number in range(300))
    index = IndexFile(tmp_path / "index")
    index.build([entry(1, f"Gardening {own}", "", ()), entry(2, "Gardening", "", ()), *map(unrelated, range(3, 9))])
    assert ids(index.read(find_similar, [1], None)) == [2]


def test_a_single_shared_letter_is_not_listed_in_the_reason(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index")
    index.build([entry(1, "Q", "", ()), entry(2, "Q", "", ()), *map(unrelated, range(3, 9))])
    assert [one.reason for one in index.read(find_similar, [1], None).papers] == ["similar to Q"]


def unrelated(id_: int) -> Entry:
    return entry(id_, f"Nothing {id_}", "", ())


def two_subjects(starred: set[int]) -> list[Entry]:
    """Return 24 papers, those with an even ID about rewards, the others about diffusion, and 6 about neither."""
    entries = []
    for id_ in range(1, 25):
        kind = "diffusion" if id_ % 2 else "reward"
        seen = (Appearance(dt.date(2025, 5, id_), "a"),)
        paper = Paper(f"Paper {id_}", (), ABSTRACTS[kind], digests=seen, id=id_, key=f"k{id_}")
        entries.append(Entry(paper, Mark(paper.key, starred=id_ in starred), ()))
    unrelated = [entry(id_, f"Other {id_}", "norm", ()) for id_ in range(25, 31)]
    return [*entries, *unrelated]


def test_suggestions_are_of_two_interests_in_turn_with_reasons_of_their_own(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index")
    index.build(two_subjects({2, 4, 6, 8, 10, 1, 3, 5}))
    suggestions = suggested(index, limit=6).papers
    assert [one.entry.paper.id % 2 for one in suggestions] == [0, 1, 0, 1, 0, 1]
    assert all(term in ABSTRACTS["reward"] for term in suggestions[0].terms)
    assert all(term in ABSTRACTS["diffusion"] for term in suggestions[1].terms)
    whole = suggested(index)
    assert len(ids(whole)) == len(set(ids(whole))) == whole.total == 22
    assert whole.papers[:6] == suggestions


def test_when_one_interest_has_no_more_papers_the_other_goes_on(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index")
    index.build(two_subjects({2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21}))
    assert ids(suggested(index, limit=5))[0] == 23
    assert set(ids(suggested(index, limit=8))) >= {12, 14, 16, 18, 20, 22, 24}


def test_given_papers_are_all_ranked_by_the_same_model_the_rest_by_date(library: Callable[..., IndexFile]) -> None:
    index = library(starred={1}, skipped={4})
    ranked = index.read(rank_ids, [8, 3, 4, 2, 2, 99])
    assert set(ids(ranked)[:2]) == {2, 3}
    assert ids(ranked)[-1] == 8
    assert (len(ranked.papers), ranked.total, ranked.learned) == (4, 4, True)
    assert ranked.papers[0].reason.startswith("similar to OREAL (starred): ")
    assert ranked.papers[-1].reason == ""
    scores = {one.entry.paper.id: one.score for one in suggested(index).papers}
    assert [one.score for one in ranked.papers[:2]] == [scores[one.entry.paper.id] for one in ranked.papers[:2]]


def test_a_marked_paper_is_ranked_and_not_similar_to_itself(library: Callable[..., IndexFile]) -> None:
    index = library(starred={1, 3})
    reasons = {one.entry.paper.id: one.reason for one in index.read(rank_ids, [1, 2]).papers}
    assert reasons[1].startswith("similar to Proofs from Rewards (starred)")


def test_without_history_given_papers_are_ranked_by_date(library: Callable[..., IndexFile]) -> None:
    ranked = library(skipped={4}).read(rank_ids, [2, 5, 3])
    assert (ids(ranked), ranked.learned) == ([5, 3, 2], False)
    assert {(one.score, one.reason) for one in ranked.papers} == {(0.0, "")}
    assert library().read(rank_ids, []) == Suggestions((), 0, learned=False)


def test_an_empty_library_has_no_suggestions(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index")
    index.build([])
    assert suggested(index) == Suggestions((), 0, learned=False)
    assert index.read(find_similar, [], None).papers == ()
