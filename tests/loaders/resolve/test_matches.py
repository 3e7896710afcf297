"""How sure it is that a paper that a service returned is the paper that was looked for."""

from __future__ import annotations

import pytest

from readlist.loaders.resolve.matches import Match, choose, compare
from readlist.models import Paper

LOVELACE, TURING, HOPPER = "Ada Lovelace", "Alan Turing", "Grace Hopper"


def match(title: str, authors: tuple[str, ...], other: str, *names: str, arxiv_id: str = "") -> Match:
    return compare(title, authors, Paper(other, names or authors, arxiv_id=arxiv_id), "arXiv")


SURE = [
    ("On Tides", (LOVELACE, TURING), "On Tides", (LOVELACE, TURING)),
    ("on tides — and moons!", (LOVELACE,), "On Tides: And Moons", (LOVELACE, HOPPER)),
    ("On Tides and Moons", ("A. Lovelace",), "On Tides and Moons", (LOVELACE,)),
    ("On Tides and Moons", ("José García",), "On Tides and Moons", ("Jose Garcia",)),
    ("On the Causes of Tides", (LOVELACE, TURING), "On the Cause of Tides", (LOVELACE, TURING)),
    ("$\\pi_0$: A Flow Model", (LOVELACE,), "$π_0$: A Flow Model", (LOVELACE,)),
    ("조수에 대하여 다시 생각하기", ("김철수",), "조수에 대하여 다시 생각하기", ("김철수",)),
]
UNSURE = [
    ("On Tides", (LOVELACE,), "On Tides", (HOPPER,)),
    ("Qwen2 Technical Report", (LOVELACE, TURING), "Qwen3 Technical Report", (LOVELACE, TURING)),
    ("Tides of the Moon II", (LOVELACE,), "Tides of the Moon III", (LOVELACE,)),
    ("Learning to Swim 1", (LOVELACE,), "Learning to Swim 2", (LOVELACE,)),
    ("On the Causes of Tides", (LOVELACE, TURING, HOPPER), "On the Cause of Tides", (LOVELACE, "B", "C")),
    ("World Models", (), "World Models", (HOPPER,)),
    ("On Tides and Moons", (), "On Tides and Moon", (HOPPER,)),
]


@pytest.mark.parametrize(("title", "authors", "other", "names"), SURE)
def test_the_same_title_with_an_author_in_common_is_sure(
    title: str, authors: tuple[str, ...], other: str, names: tuple[str, ...]
) -> None:
    assert match(title, authors, other, *names).is_sure


@pytest.mark.parametrize(("title", "authors", "other", "names"), UNSURE)
def test_another_author_another_number_or_a_short_title_alone_is_not_sure(
    title: str, authors: tuple[str, ...], other: str, names: tuple[str, ...]
) -> None:
    assert not match(title, authors, other, *names).is_sure


def test_a_match_says_why() -> None:
    assert match("On Tides", (LOVELACE, TURING), "On Tides", LOVELACE).describe() == (
        "title 100%, 1 of 2 authors in common"
    )
    assert compare("On Tides", (), Paper("On Tide"), "arXiv").describe() == "title 93%, no authors to compare"


def test_two_papers_with_one_title_are_no_match_but_candidates() -> None:
    first = match("The World Models", (), "The World Models", LOVELACE, arxiv_id="2501.00001")
    second = match("The World Models", (), "The World Models", HOPPER, arxiv_id="2501.00002")
    assert choose([first, second]) == (None, [first, second])


def test_a_preprint_and_its_publication_are_one_candidate() -> None:
    preprint = match("On Tides and Moons", (LOVELACE,), "On Tides and Moons", LOVELACE, arxiv_id="2501.00001")
    published = compare(
        "On Tides and Moons", (LOVELACE,), Paper("On tides and moons", ("A. Lovelace",), doi="10.1/a"), "Crossref"
    )
    assert choose([preprint, published]) == (preprint, [preprint])


def test_the_exact_title_is_preferred_to_a_similar_one() -> None:
    similar = match("On the Causes of Tides", (LOVELACE,), "On the Cause of Tides", arxiv_id="2501.00001")
    exact = match("On the Causes of Tides", (LOVELACE,), "On the Causes of Tides", arxiv_id="2501.00002")
    assert similar.is_sure
    assert choose([similar, exact])[0] == exact


def test_at_most_three_candidates_are_listed_and_none_with_another_title() -> None:
    titles = ["On Tide", "On Tides Again", "Of Tides", "On Ties", "Quantum Gravity"]
    matches = [match("On Tides", (), title, f"Author {n}", arxiv_id=f"2501.0000{n}") for n, title in enumerate(titles)]
    best, listed = choose(matches)
    assert best is None
    assert [candidate.paper.title for candidate in listed] == ["On Tide", "On Ties", "Of Tides"]
