"""What to read next and what is similar, asked of an index: which papers, in which order, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from readlist.models import Appearance, Entry, Mark, Paper, Provenance, Status, Suggestions
from readlist.search.index.index import Index
from readlist.search.query.parser import parse

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
def library(tmp_path: Path) -> Callable[..., Index]:
    """An index of the papers, those marked that are named: `starred={1}, skipped={4}`."""

    def make(**marked: set[int]) -> Index:
        made = Index(tmp_path / "index")
        entries = [entry(id_, *paper) for id_, paper in enumerate(PAPERS, start=1)]
        made.rebuild([replace(one, mark=mark_of(one, marked)) for one in entries], Provenance(), ("", ""))
        return made

    return make


def mark_of(one: Entry, marked: dict[str, set[int]]) -> Mark:
    names = {name for name, ids in marked.items() if one.paper.id in ids}
    status = next((status for status in Status if status.value in names), Status.UNREAD)
    at = None if status is Status.UNREAD else NOON
    return Mark(one.paper.key, status, at, starred="starred" in names, note="mine" if "noted" in names else "")


def suggested(index: Index, text: str = "", limit: int | None = None) -> Suggestions:
    return index.suggest(parse(text, TODAY), limit)


def ids(suggestions: Suggestions) -> list[int]:
    return [one.entry.paper.id for one in suggestions.papers]


def test_without_history_the_newest_come_first_and_nothing_is_claimed(library: Callable[..., Index]) -> None:
    found = suggested(library())
    assert ids(found) == [8, 7, 6, 5, 4, 3, 2, 1]
    assert (found.total, found.learned) == (8, False)
    assert {one.reason for one in found.papers} == {""}


def test_what_was_only_skipped_teaches_nothing_that_is_liked(library: Callable[..., Index]) -> None:
    found = suggested(library(skipped={4}))
    assert not found.learned
    assert ids(found) == [8, 7, 6, 5, 3, 2, 1]


@pytest.mark.parametrize("how", ["starred", "noted", "read", "reading"])
def test_what_is_like_a_chosen_paper_comes_first(library: Callable[..., Index], how: str) -> None:
    found = suggested(library(**{how: {1}}))
    assert found.learned
    assert set(ids(found)[:2]) == {2, 3}
    assert found.papers[0].score > found.papers[2].score


@pytest.mark.parametrize(
    ("how", "done"),
    [
        ("starred", ", which you starred: "),
        ("noted", ", which you noted: "),
        ("read", ", which you read: "),
        ("reading", ", which you are reading: "),
    ],
)
def test_a_reason_names_the_known_paper_what_was_done_and_words_of_both(
    library: Callable[..., Index], how: str, done: str
) -> None:
    first = suggested(library(**{how: {1}})).papers[0]
    assert first.reason.startswith(f"like OREAL{done}")
    assert first.reason.endswith(", ".join(first.terms))
    assert 1 <= len(first.terms) <= 3
    known = entry(1, *PAPERS[0])
    held = f"{known.paper.title} {known.paper.abstract} {' '.join(known.tags)} {known.paper.comments}".casefold()
    assert all(term.casefold()[:2] in held for term in first.terms)


def test_a_title_without_a_colon_is_called_by_its_first_words(library: Callable[..., Index]) -> None:
    first = suggested(library(starred={6}), limit=1).papers[0]
    assert first.entry.paper.id == 7
    assert first.reason.startswith("like The Curse of Depth in Very Large…, which you starred: ")


def test_what_the_reader_has_judged_is_not_suggested(library: Callable[..., Index]) -> None:
    index = library(starred={1}, noted={2}, read={3}, reading={4}, skipped={5})
    assert sorted(ids(suggested(index))) == [6, 7, 8]


def test_a_near_duplicate_of_a_starred_paper_comes_first_whatever_its_date(library: Callable[..., Index]) -> None:
    index = library(starred={3, 4})
    twin = entry(9, "Pixels in Patches, Twice", "diffusion", ("image",))
    twin = replace(twin, paper=replace(twin.paper, digests=(Appearance(dt.date(2001, 1, 1), "old"),)))
    index.update([twin], Provenance(), ("", ""), ("x", ""))
    assert ids(suggested(index, limit=1)) == [9]


def test_skipping_lowers_what_is_like_the_skipped_paper(library: Callable[..., Index]) -> None:
    before = {one.entry.paper.id: one.score for one in suggested(library(starred={1})).papers}
    after = {one.entry.paper.id: one.score for one in suggested(library(starred={1}, skipped={2})).papers}
    assert after[3] < before[3]


def test_a_query_narrows_what_is_suggested(library: Callable[..., Index]) -> None:
    index = library(starred={1})
    assert ids(suggested(index, "tag:rl")) == [2]
    assert set(ids(suggested(index, "denoises"))) == {4, 5}
    assert ids(suggested(index, "rewards -tag:rl")) == [3]
    assert suggested(index, "zebra") == Suggestions((), 0, learned=True)


def test_the_first_are_those_of_the_whole_list(library: Callable[..., Index]) -> None:
    index = library(starred={1}, skipped={4})
    whole = suggested(index)
    assert whole.total == len(whole.papers) == 6
    assert all(suggested(index, limit=most).papers == whole.papers[:most] for most in range(1, 7))
    assert suggested(index) == whole


@pytest.mark.parametrize("named", [[1], [4], [1, 4], [6, 7]])
def test_similar_papers_never_include_those_that_were_named(library: Callable[..., Index], named: list[int]) -> None:
    assert not set(ids(library().similar(named, None))) & set(named)


def test_similar_papers_are_those_of_the_same_subject_read_or_not(library: Callable[..., Index]) -> None:
    index = library(read={2}, skipped={3})
    found = index.similar([1], 2)
    assert set(ids(found)) == {2, 3}
    assert found.papers[0].reason.startswith("like OREAL")
    assert found.papers[0].score >= found.papers[1].score > 0


def test_a_paper_without_a_word_in_common_is_similar_to_none(library: Callable[..., Index]) -> None:
    assert library().similar([8], None).papers == ()


def test_what_shares_a_single_letter_is_not_explained_by_it(tmp_path: Path) -> None:
    index = Index(tmp_path / "index")
    index.rebuild([entry(1, "Q", "", ()), entry(2, "Q", "", ()), *map(stranger, range(3, 9))], Provenance(), ("", ""))
    assert [one.reason for one in index.similar([1], None).papers] == ["like Q"]


def stranger(id_: int) -> Entry:
    return entry(id_, f"Nothing {id_}", "", ())


def test_an_empty_library_has_nothing_to_suggest(tmp_path: Path) -> None:
    index = Index(tmp_path / "index")
    index.rebuild([], Provenance(), ("", ""))
    assert suggested(index) == Suggestions((), 0, learned=False)
    assert index.similar([], None).papers == ()
