"""Search by any of the words: which papers come first, what fills the list, what is said about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist import definition_edits
from readlist.library.library import Directories, Library
from readlist.models import RELEVANCE, Status
from readlist.query_results import Correction, Exclusion, Hit, Replacement, SearchResult
from readlist.search.query.parser import parse
from readlist.search.ranked_results import MIN_RESULTS
from readlist.search.results import find
from tests.search.index_file import IndexFile, search_ids
from tests.search.sample import FEBRUARY, MAY, TODAY, entry

DIGEST = """2025-05-27
Plasticity Loss in Deep Networks
(Ada Song, Sergey Levine)
Networks lose the ability to learn as training goes on.
망이 굳어 가는 현상을 골라낸 파라미터로 막습니다.
It keeps the networks plastic.
#plasticity
Reward Hacking in Language Models
(Sergey Levine)
The policy exploits errors of the reward model.
보상 모델의 빈틈을 파고드는 정책. 놀라운 결과.
The policy finds gaps.
#rl
Teaching Small Models with Rationales
(Kuang-Huei Lee)
We use knowledge distillation from a large teacher.
이유를 적어 주면 작은 모델도 잘 배웁니다.
Rationales help small models.
#rationales
Proximal Policy Optimization Revisited
(John Schulman)
Proximal policy optimization (PPO) is a policy gradient method with clipping.
클리핑을 다시 봅니다.
Clipping again.
#rl
PPO in Practice
(Ada Song)
Details of implementations matter.
구현의 세부 사항이 중요합니다.
Details matter.
#rl
Entropy Collapse
(Łukasz Øre)
The entropy of the policy collapses early.
엔트로피가 일찍 무너집니다.
Entropy again.
#rl
Flurbish Decoders
(Nikola Ng)
A decoder that flurbishes its inputs.
뒤끓는 디코더.
It is fast.
#decoders
""" + "".join(
    f"Observation {number} of Tides\n(Author{number} Filler)\nTides rise and fall {number} times.\n"
    f"조수의 관찰 {number}번.\nOn tides.\n#tides\n"
    for number in range(12)
)
PLASTICITY, HACKING, TEACHING, PROXIMAL, PPO, ENTROPY, FLURBISH = range(1, 8)
TIDES = range(8, 20)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    root = tmp_path_factory.mktemp("nearest")
    digests = root / "digests"
    digests.mkdir()
    (digests / "2025-05-27.txt").write_text(DIGEST, encoding="utf-8")
    library = Library(Directories(root / "data", root / "state", root / "cache"))
    assert len(library.load([str(digests)]).added) == TIDES.stop - 1
    return library


def search(library: Library, text: str, *, exact: bool = False, limit: int | None = MIN_RESULTS) -> SearchResult:
    return library.find(parse(text, TODAY), order=RELEVANCE, limit=limit, exact=exact)


def ids(result: SearchResult | Sequence[Hit]) -> list[int]:
    hits = result.hits if isinstance(result, SearchResult) else result
    return [hit.entry.paper.id for hit in hits]


# Which papers, in which order


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("networks that shrink", PLASTICITY),
        ("hacking zebra reward stripes", HACKING),
        ("entropy of a frozen policy", ENTROPY),
        ("ppo implementation detail", PPO),
        ("ppo gradients", PROXIMAL),
        ("exploiting a rewarded model", HACKING),
        ("lukasz ore", ENTROPY),
        ("dpsxmfhvl collapse", ENTROPY),
        ("ㅇㅌㄹㅍ", ENTROPY),
        ("지식증류를 쓰는 선생", TEACHING),
        ("보상 해킹 언어모델", HACKING),
        ("망이 굳는 파라미터를", PLASTICITY),
        ("that paper about hacking by Levine", HACKING),
    ],
)
def test_a_paper_is_found_by_what_is_remembered_of_it(library: Library, text: str, first: int) -> None:
    assert ids(search(library, text))[:1] == [first]


def test_papers_with_all_words_come_first_and_the_total_counts_them_alone(library: Library) -> None:
    result = search(library, "policy reward")
    assert [hit.is_partial for hit in result.hits] == [False, True, True]
    assert ids(result) == [HACKING, PROXIMAL, ENTROPY]
    assert result.total == 1


def test_where_no_paper_has_all_words_all_are_nearest_matches_and_the_total_is_zero(library: Library) -> None:
    result = search(library, "policy plasticity")
    assert {hit.is_partial for hit in result.hits} == {True}
    assert (ids(result)[0], result.total) == (PLASTICITY, 0)


def test_the_list_is_filled_to_ten_and_not_beyond(library: Library) -> None:
    result = search(library, "policy tides", limit=None)
    assert (len(result.hits), result.total) == (MIN_RESULTS, 0)
    complete = search(library, "tides rise", limit=None)
    assert ({hit.is_partial for hit in complete.hits}, len(complete.hits), complete.total) == ({False}, 12, 12)
    assert len(search(library, "policy tides", limit=3).hits) == 3


def test_scores_decrease_among_the_papers_with_all_words_and_among_the_nearest_matches(library: Library) -> None:
    for text in ("policy reward", "policy plasticity", "ppo song networks", "tides policy"):
        hits = search(library, text).hits
        for is_partial in (False, True):
            scores = [hit.score for hit in hits if hit.is_partial is is_partial]
            assert scores == sorted(scores, reverse=True)
            assert all(score > 0 for score in scores)


def test_one_nearest_match_may_lead_where_it_is_better_than_every_paper_with_all_words(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index.sqlite")
    scattered = f"A survey of hacking, and of reward. {'Nothing else here. ' * 60}"
    index.build(
        [
            entry(1, "Reward Hacking", abstract="A short note."),
            entry(2, "A Long Study of Other Things", abstract=scattered),
            entry(3, "Reward", abstract="A short note."),
            *(entry(number, f"Paper {number}", abstract="About other matters.") for number in range(4, 20)),
        ]
    )
    result = index.read(find, parse("reward hacking survey", TODAY), order=RELEVANCE, limit=10)
    assert [(hit.entry.paper.id, hit.is_partial) for hit in result.hits] == [(1, True), (2, False), (3, True)]
    assert result.total == 1


def test_all_ids_are_those_of_the_hits_in_their_order(library: Library) -> None:
    for text in ("policy reward", "policy plasticity", "tides", "ppo", "지식증류", "zzzz", "tag:rl"):
        found = library.find_ids(parse(text, TODAY))
        assert list(found.ids) == ids(search(library, text, limit=None))
        assert found.result.total == search(library, text).total
        assert found.result.notices == search(library, text).notices


def test_a_paper_without_a_word_that_no_paper_has_is_a_nearest_match(library: Library) -> None:
    result = search(library, "entropy zeppelin")
    assert (ids(result), result.total) == ([ENTROPY], 0)
    assert result.hits[0].is_partial


@pytest.mark.parametrize("text", ["policy OR reward", "(policy OR plasticity)"])
def test_a_paper_with_one_of_several_alternatives_has_all_words(library: Library, text: str) -> None:
    result = search(library, text)
    assert sorted(ids(result)) == sorted(set(ids(result)))
    assert not any(hit.is_partial for hit in result.hits)


@pytest.mark.parametrize("text", ["-policy", "-policy -tides", 'tag:rl -"policy"'])
def test_a_query_of_excluded_words_finds_the_other_papers(library: Library, text: str) -> None:
    assert sorted(ids(search(library, text, limit=None))) == sorted(ids(library.find(parse(text, TODAY)).hits))


# Exact


def test_exact_finds_papers_with_all_words_as_typed_alone(library: Library) -> None:
    assert ids(search(library, "policy reward", exact=True)) == [HACKING]
    for text in ("policy plasticity", "rewrd", "지식증류", "dpsxmfhvl", "ㅇㅌㄹㅍ", "entropy zeppelin", "networked"):
        result = search(library, text, exact=True)
        assert (result.hits, result.total, result.notices) == ((), 0, ()), text
    assert ids(search(library, "ppo", exact=True)) == [PPO, PROXIMAL]
    assert ids(search(library, "proximal", exact=True)) == [PROXIMAL]


def test_a_list_has_no_paper_without_all_words(library: Library) -> None:
    for text in ("policy reward", "policy plasticity", "지식증류", "entropy zeppelin", "networks zeppelin", "ppo song"):
        listed = library.find(parse(text, TODAY))
        assert not any(hit.is_partial for hit in listed.hits)
        assert len(listed.hits) == listed.total
        assert set(ids(listed.hits)) == set(ids(search(library, text, exact=True, limit=None)))


# Quotes and filters


def test_a_quoted_word_is_required_and_has_no_readings(library: Library) -> None:
    assert set(ids(search(library, 'policy "reward"'))) == {HACKING}
    assert set(ids(search(library, '"ppo" gradient'))) == {PPO, PROXIMAL}
    for text in ('"networked"', '"rewrd"', '"지식증류"', '"dpsxmfhvl"', '"ㅇㅌㄹㅍ"', '"정책이다"'):
        assert search(library, text).hits == (), text
    assert search(library, 'reward "plasticity"').notices == ()


def test_words_of_a_field_are_required(library: Library) -> None:
    assert set(ids(search(library, "title:policy gradient tides"))) == {PROXIMAL}
    assert ids(search(library, "title:entropy author:levine policy")) == []


def test_a_paper_with_nothing_but_the_words_of_a_field_is_a_nearest_match(library: Library) -> None:
    assert ids(search(library, "title:policy tides")) == [PROXIMAL]


WORDS = ["policy", "reward model", "강화학습", "데이터를", "2025", "s. levine", "entropy", "ppo", "modeling"]
FILTERS = [
    "tag:rl", "-tag:rl", "is:read", "is:unread", "is:starred", "-is:read", "date:2025-02", "id:2-6", "has:note",
    "has:abstract", "author:levine", '"policy"', '-"policy"', "-reward", "title:model", "(tag:rl OR is:starred)",
]  # fmt: skip
FILTERED = [
    entry(
        number,
        f"{('Policy', 'Reward', 'Entropy')[number % 3]} {('model', 'models', 'collapse', 'game')[number % 4]}",
        FEBRUARY if number % 2 else MAY,
        Status.READ if number % 3 == 0 else Status.UNREAD,
        authors=("Sergey Levine",) if number % 4 else ("Ada Song",),
        tags=("rl",) if number % 5 < 2 else (),
        abstract=("A policy.", "Data of a reward (RO).", "", "The reward model and the policy.")[number * 7 % 4],
        comments={"ko": ("강화학습을 합니다.", "데이터 없이.", "정책의 엔트로피.")[number * 5 % 3]},
        starred=number % 7 == 0,
        note="compare" if number % 6 == 0 else "",
    )
    for number in range(1, 25)
]


@pytest.fixture(scope="module")
def filtered(tmp_path_factory: pytest.TempPathFactory) -> IndexFile:
    index = IndexFile(tmp_path_factory.mktemp("filtered") / "index.sqlite")
    index.build(FILTERED)
    return index


@given(
    st.lists(st.sampled_from([*WORDS, "zeppelin", "rewrd", "game"]), min_size=1, max_size=4),
    st.lists(st.sampled_from(FILTERS), min_size=1, max_size=2),
)
def test_every_hit_satisfies_the_filters(filtered: IndexFile, words: list[str], filters: list[str]) -> None:
    allowed = set(search_ids(filtered, " ".join(filters)))
    found = search_ids(filtered, " ".join([*words, *filters]), order=RELEVANCE)
    assert set(found) <= allowed
    assert len(set(found)) == len(found)


def test_a_filter_that_excludes_everything_is_named(library: Library) -> None:
    result = search(library, "policy is:read")
    assert (result.hits, result.did_you_mean) == ((), ())
    assert result.exclusion == Exclusion("is:read", 3)
    assert search(library, "policy tag:rl tag:tides").exclusion == Exclusion("tag:tides", 3)
    assert str(search(library, "entropy is:starred").exclusion) == "1 matches without is:starred"


def test_a_filter_that_excludes_all_nearest_matches_is_named(library: Library) -> None:
    assert search(library, "policy plasticity is:read").exclusion == Exclusion("is:read", 4)
    assert search(library, "policy zeppelin tag:tides").exclusion == Exclusion("tag:tides", 3)


def test_filters_that_exclude_everything_only_together_are_named_together(library: Library) -> None:
    assert search(library, "policy id:1-2 title:entropy").exclusion == Exclusion("id:1-2", 1)
    assert search(library, "policy id:1-2 id:4").exclusion == Exclusion("id:1-2 id:4", 3)


# What is said


def test_a_word_that_no_paper_has_is_reported_with_its_replacement(library: Library) -> None:
    result = search(library, "rewrd hacking")
    assert result.corrections == (Correction("rewrd", ("reward",)),)
    assert result.additions == ()
    assert search(library, "dpsxmfhvl").corrections[0].replacements == ("엔트로피",)


@pytest.mark.parametrize(("text", "first"), [("골라", PLASTICITY), ("골라 파라미터", PLASTICITY), ("놀라", HACKING)])
def test_a_form_of_a_korean_word_is_not_corrected_to_another_word(library: Library, text: str, first: int) -> None:
    result = search(library, text)
    assert (ids(result)[:1], result.notices) == ([first], ())


@pytest.mark.parametrize(
    ("text", "additions"),
    [
        ("지식증류", (Replacement("지식증류", ("knowledge distillation",)),)),
        ("ppo clipping", (Replacement("ppo", ("proximal policy optimization",)),)),
        ("policy reward", ()),
        ("proximal policy optimization song", (Replacement("proximal policy optimization", ("ppo",)),)),
    ],
)
def test_a_word_that_means_the_same_is_reported_where_a_paper_was_found_by_it(
    library: Library, text: str, additions: tuple[Replacement, ...]
) -> None:
    assert search(library, text).additions == additions


def test_what_was_searched_for_as_well_is_one_line_that_says_how_to_refuse_it(library: Library) -> None:
    (notice,) = search(library, "지식증류").notices
    assert notice == 'Also searching "knowledge distillation" for "지식증류" (quote a word to search only this)'


def test_where_nothing_is_known_similar_words_are_suggested(library: Library) -> None:
    result = search(library, "plastecitees")
    assert (result.hits, result.total, result.did_you_mean) == ((), 0, ("plasticity",))
    assert search(library, "zzzz qqqq").did_you_mean == ()


# Excerpts


def highlighted(hit: Hit) -> tuple[str, list[str]]:
    """Return the field of an excerpt and its highlighted words."""
    assert hit.matched is not None
    return hit.matched.field, [hit.matched.text[start:end] for start, end in hit.matched.spans]


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("지식증류", "abstract", ["knowledge", "distillation"]),
        ("dpsxmfhvl", "comment", ["엔트로피가"]),
        ("ㅁㄴㅈㄴㄷ", "comment", ["무너집니다"]),
        ("rationale", "title", ["Rationales"]),
        ("rewrd", "title", ["Reward"]),
        ("flurbishing inputs", "abstract", ["flurbishes", "inputs"]),
    ],
)
def test_the_excerpt_highlights_the_word_that_matched_whatever_the_reading(
    library: Library, text: str, field: str, words: list[str]
) -> None:
    assert highlighted(search(library, text).hits[0]) == (field, words)


def test_words_of_a_long_form_are_highlighted_only_where_it_occurs(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index.sqlite")
    index.build(
        [
            entry(1, "A Mixture of Experts (MoE) of Mine"),
            entry(2, "MoE and Routing of Tokens to Experts"),
        ]
    )
    hits = index.read(find, parse("moe routing", TODAY), order=RELEVANCE, limit=10).hits
    assert highlighted(hits[0]) == ("title", ["MoE", "Routing"])
    assert highlighted(hits[1]) == ("title", ["Mixture", "of", "Experts", "MoE", "of"])


# The user's synonyms


def test_a_paper_is_found_by_a_synonym_of_the_user_until_it_is_deleted(library: Library) -> None:
    assert search(library, "밀키트").hits == ()
    library.apply(definition_edits.AddSynonyms.parse("밀키트 = Meal-Kit = Flurbish = 지식 증발"))
    try:
        for text in ("밀키트", "밀키트를", "지식증발", "지식증발을"):
            result = search(library, text)
            assert ids(result)[:1] == [FLURBISH], text
            assert not result.hits[0].is_partial
            assert re.search('"flurbish', result.notices[-1]), text
        library.apply(definition_edits.DeleteSynonym.parse("flurbish"))
        assert search(library, "밀키트").hits == ()
        library.undo(1)
        assert ids(search(library, "밀키트")) == [FLURBISH]
    finally:
        library.apply(definition_edits.DeleteSynonym.parse("밀키트"))
        library.apply(definition_edits.DeleteSynonym.parse("meal-kit"))
    assert search(library, "밀키트").hits == ()


@pytest.mark.parametrize("text", ["superintelligence", "환각", "지식 증류 연구"])
def test_a_word_that_no_paper_has_finds_papers_by_what_means_the_same(tmp_path: Path, text: str) -> None:
    index = IndexFile(tmp_path / "index.sqlite")
    papers = [
        entry(1, "Beyond Minds", comments={"ko": "초지능에 대한 글."}, tags=("distillation",)),
        entry(2, "A Measure of Hallucination"),
    ]
    index.build(papers)
    assert search_ids(index, text, order=RELEVANCE)[:1] == [2 if text == "환각" else 1]
