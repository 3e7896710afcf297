"""The newsletter as plain text: every field of the seeds, each irregularity of the layout, and laws of parsing."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.loaders.base import ParseResult, Source
from readlist.loaders.files import find_files
from readlist.loaders.languages import detect_language
from readlist.loaders.newsletter.parser import NewsletterLoader
from readlist.loaders.registry import load_file
from readlist.models import Appearance, Paper

TESTS = Path(__file__).resolve().parents[1]
HEAD = "2025-02-11\nOn Tides\n(Ada Lovelace, Alan Turing)\n"
ABSTRACT = "Tides rise and fall."


def parse(text: str, name: str = "d.txt") -> ParseResult:
    return NewsletterLoader().parse(Source(name, text))


def parse_paper(text: str) -> Paper:
    result = parse(text)
    assert result.problems == ()
    (paper,) = result.papers
    return paper


def parse_body(body: str) -> tuple[str, dict[str, str]]:
    """Return abstract and comments of a paper with this text below its authors."""
    paper = parse_paper(HEAD + body)
    return paper.abstract, dict(paper.comments)


def messages(result: ParseResult) -> list[str]:
    return list(map(str, result.problems))


# The seeds


def to_golden(paper: Paper) -> dict[str, Any]:
    fields = ("title", "abstract", "arxiv_id", "url")
    lists = ("authors", "tags", "links")
    return {
        **{name: getattr(paper, name) for name in fields},
        **{name: list(getattr(paper, name)) for name in lists},
        "comments": dict(paper.comments),
        "date": str(paper.date),
    }


def test_every_field_of_the_papers_in_the_seeds_is_exact() -> None:
    golden = json.loads((TESTS / "golden" / "seeds.json").read_text(encoding="utf-8"))
    results = {path.name: load_file(path) for path in find_files(TESTS.parent / "seeds")}
    assert {name: [to_golden(paper) for paper in result.papers] for name, result in results.items()} == golden
    assert [result.problems for result in results.values()] == [(), ()]
    assert {paper.digests for name, result in results.items() for paper in result.papers if name.startswith("003")} == {
        (Appearance(dt.date(2025, 5, 27), "003_d56214795a957d4e.txt"),)
    }


# Abstract and comments


@pytest.mark.parametrize(
    ("body", "abstract", "comments"),
    [
        ("", "", {}),
        (ABSTRACT, ABSTRACT, {}),
        (f"{ABSTRACT}\n좋은 논문.\nA good paper.", ABSTRACT, {"ko": "좋은 논문.", "en": "A good paper."}),
        (f"{ABSTRACT}\nA good paper.\nReally.", ABSTRACT, {"en": "A good paper.\n\nReally."}),
        ("좋은 논문.\n정말로.", "", {"ko": "좋은 논문.\n\n정말로."}),
        ("좋은 논문.\nA good paper.", "", {"ko": "좋은 논문.", "en": "A good paper."}),
        (f"{ABSTRACT}\nThey do so twice a day.\n좋다.", f"{ABSTRACT} They do so twice a day.", {"ko": "좋다."}),
        ("Tides rise\nand fall.\nA good paper.", "Tides rise and fall.", {"en": "A good paper."}),
        (f"{ABSTRACT}\n좋다\n1. Multi-Head\n정말", ABSTRACT, {"ko": "좋다\n\n1. Multi-Head\n\n정말"}),
        (f"{ABSTRACT}\n- 하나\n- 둘\n- One\n* Two", ABSTRACT, {"ko": "- 하나\n\n- 둘", "en": "- One\n\n* Two"}),
        (r"It is $O(n^2)$ in \textbf{n}." + "\n좋다", r"It is $O(n^2)$ in \textbf{n}.", {"ko": "좋다"}),
    ],
)
def test_abstract_and_comments_are_split_by_language(body: str, abstract: str, comments: dict[str, str]) -> None:
    assert parse_body(body) == (abstract, comments)
    assert parse_body(f"{body}\n#tides #moon") == (abstract, comments)


# Links that break lines


LINK = "https://example.org/code"


@pytest.mark.parametrize(
    ("body", "abstract", "comments"),
    [
        (f"Code is at:\n{LINK}\n.\n좋다", f"Code is at: {LINK}.", {"ko": "좋다"}),
        (f"Code is at\n{LINK}\n좋다", f"Code is at {LINK}", {"ko": "좋다"}),
        (f"Code is at\n{LINK}\n.\nGood.", f"Code is at {LINK}.", {"en": "Good."}),
        (f"Code is at\n{LINK}\nand data at\n{LINK}/d\n.", f"Code is at {LINK} and data at {LINK}/d.", {}),
        (f"Code is at\n{LINK}\n, and more.\n좋다", f"Code is at {LINK}, and more.", {"ko": "좋다"}),
        (f"Code:\n{LINK}Model:\n{LINK}\n좋다", f"Code: {LINK}Model: {LINK}", {"ko": "좋다"}),
        (f"Code at\n{LINK}under a licence.\n좋다", f"Code at {LINK}under a licence.", {"ko": "좋다"}),
        ("Code at\nhttps://github.com/\nada/tide-s.\n좋다", "Code at https://github.com/ada/tide-s.", {"ko": "좋다"}),
        ("Code at\nhttps://tides.io/\nGood.", "Code at https://tides.io/", {"en": "Good."}),
        (f"{ABSTRACT}\n{LINK}\n좋다", ABSTRACT, {"ko": f"{LINK}\n\n좋다"}),
        (f"Page:\n{LINK}\n{LINK}/2\n좋다", f"Page: {LINK}", {"ko": f"{LINK}/2\n\n좋다"}),
        (f"{ABSTRACT}\n좋다\n{LINK}\n정말", ABSTRACT, {"ko": f"좋다\n\n{LINK}\n\n정말"}),
        (f"{ABSTRACT}\n좋다\n{LINK}\nGood.", ABSTRACT, {"ko": f"좋다\n\n{LINK}", "en": "Good."}),
        (f"{ABSTRACT}\n좋다\n({LINK})\nGood.", ABSTRACT, {"ko": f"좋다\n\n({LINK})", "en": "Good."}),
        (f"{ABSTRACT}\n좋다\nGood.\n{LINK}", ABSTRACT, {"ko": "좋다", "en": f"Good.\n\n{LINK}"}),
        (f"{ABSTRACT}\n좋다\nSee\n{LINK}\n.\nGood.", ABSTRACT, {"ko": "좋다", "en": f"See {LINK}.\n\nGood."}),
        (f"{ABSTRACT}\n{LINK}", ABSTRACT, {}),
        (f"{ABSTRACT}\n{LINK}\nGood.", ABSTRACT, {"en": "Good."}),
    ],
)
def test_lines_broken_by_a_link_are_joined(body: str, abstract: str, comments: dict[str, str]) -> None:
    assert parse_body(body) == (abstract, comments)


def test_a_comment_of_links_alone_is_in_the_language_of_most_comments_in_the_digest() -> None:
    result = parse(f"{HEAD}{LINK}\n#a\nOn Moons\n(Alan Turing)\nMoons.\n좋다\nGood.")
    assert [dict(p.comments) for p in result.papers] == [{"ko": LINK}, {"ko": "좋다", "en": "Good."}]


def test_links_in_abstract_and_comments_are_not_the_url_of_the_paper() -> None:
    paper = parse_paper(f"{HEAD}Code: {LINK}.\n좋다 (https://arxiv.org/abs/2501.00001)\nGood, see {LINK}.")
    assert paper.links == (LINK, "https://arxiv.org/abs/2501.00001")
    assert (paper.arxiv_id, paper.url) == ("", "")


@pytest.mark.parametrize(
    ("text", "url", "arxiv", "rest"),
    [
        (
            f"{HEAD}https://arxiv.org/abs/2501.00001v2\n{ABSTRACT}",
            "https://arxiv.org/abs/2501.00001v2",
            "2501.00001",
            {},
        ),
        (
            f"{HEAD}https://arxiv.org/pdf/2501.00001\n좋다",
            "https://arxiv.org/pdf/2501.00001",
            "2501.00001",
            {"ko": "좋다"},
        ),
        (f"{HEAD}{LINK}\n{ABSTRACT}", LINK, "", {}),
        (f"{HEAD}{LINK}\n좋다", "", "", {"ko": f"{LINK}\n\n좋다"}),
        (f"On Tides\n{LINK}\n(Ada Lovelace)\n좋다", LINK, "", {"ko": "좋다"}),
    ],
)
def test_a_link_directly_below_title_or_authors_is_the_url_of_the_paper(
    text: str, url: str, arxiv: str, rest: dict[str, str]
) -> None:
    paper = parse_paper(text)
    assert (paper.url, paper.arxiv_id, dict(paper.comments)) == (url, arxiv, rest)
    assert paper.abstract in ("", ABSTRACT)


@pytest.mark.parametrize(
    ("body", "url", "links", "arxiv", "comments"),
    [
        (LINK, LINK, (), "", {}),
        (f"{LINK}\n{LINK}/2", LINK, (f"{LINK}/2",), "", {}),
        (f"{LINK}\nGood.", LINK, (), "", {"en": "Good."}),
        (f"{LINK}\n좋다", LINK, (LINK,), "", {"ko": f"{LINK}\n\n좋다"}),
        (
            "https://arxiv.org/abs/2501.00001\n좋다",
            "https://arxiv.org/abs/2501.00001",
            (),
            "2501.00001",
            {"ko": "좋다"},
        ),
        (f"좋다\n{LINK}", "", (LINK,), "", {"ko": f"좋다\n\n{LINK}"}),
    ],
)
def test_a_link_alone_below_a_complete_abstract_is_the_url_of_the_paper(
    body: str, url: str, links: tuple[str, ...], arxiv: str, comments: dict[str, str]
) -> None:
    paper = parse_paper(f"{HEAD}{ABSTRACT}\n{body}\n#tides")
    assert (paper.abstract, paper.url, paper.links, paper.arxiv_id) == (ABSTRACT, url, links, arxiv)
    assert dict(paper.comments) == comments


# The second language


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("SigLIP와 SAM 인코더를 결합한 Vision Transformer Encoder", "ko"),
        ("大規模言語モデルの学習。", "ja"),
        ("训练大型语言模型的新方法。", "zh"),
        ("Обучение больших моделей.", "ru"),
        ("Εκπαίδευση μεγάλων μοντέλων.", "el"),
        ("تدريب النماذج الكبيرة.", "ar"),
        ("אימון מודלים גדולים.", "he"),
        ("बड़े मॉडल का प्रशिक्षण।", "hi"),
        ("การฝึกโมเดลขนาดใหญ่", "th"),
    ],
)
def test_the_second_language_is_detected_by_its_script(line: str, code: str) -> None:
    assert parse_body(f"{ABSTRACT}\n{line}\nGood.") == (ABSTRACT, {code: line, "en": "Good."})


@pytest.mark.parametrize(
    "abstract",
    [
        "We call it Tao (道), which is short for a way of training large models without labels 🚀.",
        "The loss is α + β·Δt ≤ Σ σ² for all ε, which we prove for μnit scaling of large models.",
        "We thank 김철수 for the data on which all of these models of the tides have been trained so far.",
        "Ελ is our name for the naïve résumé of a Gödel machine, and Σχ for its proof.",
    ],
)
def test_a_few_foreign_characters_in_an_abstract_are_not_a_second_language(abstract: str) -> None:
    assert parse_body(f"{abstract}\nGood.") == (abstract, {"en": "Good."})
    assert parse_body(f"{abstract}\n좋다\nGood.") == (abstract, {"ko": "좋다", "en": "Good."})


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("RLHF vs DPO 비교", "ko"),
        ("Mixture of Experts, Sparse Attention, Long Context Transformer Architecture 비교.", "ko"),
        ("Reinforcement Learning from Human Feedback의 Direct Preference Optimization", "ko"),
        ("Mixture of Experts, Sparse Attention, Long Context Transformer Architecture 比較", "zh"),
        ("The 道 of training large language models without any labels, explained in ten steps", "en"),
        ("Thanks to 김철수 for all of the data on which these models have been trained so far", "en"),
    ],
)
def test_a_line_with_one_foreign_word_at_its_end_or_a_foreign_ending_is_foreign(line: str, code: str) -> None:
    assert parse_body(f"{ABSTRACT}\n{line}")[1] == {code: line}


@given(st.text("가ㄱᄀab .1"))
def test_punctuation_does_not_change_the_language(line: str) -> None:
    assert detect_language(f"{line}…") == detect_language(line)


# Titles and authors


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("(Ada Lovelace)", ["Ada Lovelace"]),
        ("(DeepSeek-AI)", ["DeepSeek-AI"]),
        ("(The Moving Tides team @ Example)", ["The Moving Tides team @ Example"]),
        ("(Ada (the Countess) Lovelace, Alan Turing)", ["Ada (the Countess) Lovelace", "Alan Turing"]),
        ("(Ada Lovelace (Example, Inc.), Alan Turing)", ["Ada Lovelace (Example, Inc.)", "Alan Turing"]),
        (
            "(Ada Lovelace, Alan Turing (more authors not shown))",
            ["Ada Lovelace", "Alan Turing (more authors not shown)"],
        ),
        ("(Martin King, Jr., and Ada L. King)", ["Martin King, Jr.", "Ada L. King"]),
        ("(Ada Lovelace (Example, Alan Turing)", ["Ada Lovelace (Example", "Alan Turing"]),
        ("(Ada Lovelace,, Alan Turing,)", ["Ada Lovelace", "Alan Turing"]),
        ("（김철수, 이영희）", ["김철수", "이영희"]),
        ("(nobody in particular, yet.)", ["nobody in particular", "yet."]),
    ],
)
def test_authors_are_split_at_the_commas_outside_parentheses(line: str, authors: list[str]) -> None:
    assert list(parse_paper(f"2025-02-11\nOn Tides\n{line}\n{ABSTRACT}").authors) == authors


@pytest.mark.parametrize(
    "remark",
    [
        "(https://arxiv.org/abs/2501.00001)",
        "(시스템 프롬프트로 만든 것이 좋다.)",
        "(시스템 프롬프트로)",
        "(They say so themselves, and I believe them.)",
        "(which is rather interesting, to say the least)",
        "(It rises) and (falls)",
        "()",
        "( )",
    ],
)
@pytest.mark.parametrize("before", ["좋은 논문", "좋은 논문.", "A good paper."])
def test_a_comment_in_parentheses_is_not_an_author_line(before: str, remark: str) -> None:
    paper = parse_paper(f"{HEAD}{ABSTRACT}\n{before}\n{remark}\n정말 좋다.")
    assert "".join(paper.comments.values()).count(remark) + paper.abstract.count(remark) == 1


@pytest.mark.parametrize(
    "end", [ABSTRACT, "좋다", f"{ABSTRACT}\n좋다", f"{ABSTRACT}\n좋다\nGood.", f"At\n{LINK}\n.", ""]
)
@pytest.mark.parametrize(
    "authors", ["(Alan Turing, Grace Hopper)", "(Alan Turing)", "(OpenAI)", "(L. van der Berg, 01.AI, Y. Wu)"]
)
@pytest.mark.parametrize("title", ["Do Moons Rise?", "Moon-7B: A Model of the Moon", "μnit Scaling", "Stop!"])
def test_a_paper_without_tags_ends_at_the_next_title(end: str, authors: str, title: str) -> None:
    first, second = parse(f"{HEAD}{end}\n{title}\n{authors}\nMoons rise.\n#moon").papers
    assert (first.title, first.tags) == ("On Tides", ())
    assert (second.title, second.abstract, second.tags) == (title, "Moons rise.", ("moon",))
    assert f"({', '.join(second.authors)})" == authors


# Dates, tags, white space


def test_each_of_several_digests_in_one_file_has_its_date() -> None:
    second, third = "2025년 2월 11일\nOn Moons\n(Alan Turing)\n#a\n", "# 12 February 2025\nOn Suns\n(Grace Hopper)"
    text = f"On Tides\n(Ada Lovelace)\n{second}{third}"
    assert [str(paper.date) for paper in parse(text, "250201.txt").papers] == ["2025-02-01", "2025-02-11", "2025-02-12"]
    assert parse("On Tides\n(Ada Lovelace)", "d.txt").papers[0].date is None


@pytest.mark.parametrize(
    "line", ["2025년 2월 31일", "2025-02-30", "05/06/2025", "2월 12일 (수)", "12 February", "12. helmikuuta 2025"]
)
@pytest.mark.parametrize("end", ["#tides", "They do so twice a day."])
def test_papers_below_a_date_that_cannot_be_read_have_no_date(line: str, end: str) -> None:
    above = f"{HEAD}{ABSTRACT}\n{end}"
    result = parse(f"{above}\n{line}\nOn Moons\n(Alan Turing, Grace Hopper)\nMoons.", "250101.txt")
    assert messages(result) == [f"250101.txt:6: unrecognized date: '{line}'; write 2025-02-11"]
    assert [(paper.title, paper.date) for paper in result.papers] == [
        ("On Tides", dt.date(2025, 2, 11)),
        ("On Moons", None),
    ]
    assert line not in f"{result.papers[0].comments}{result.papers[0].abstract}"


def test_a_title_that_looks_like_a_date_by_its_numbers_is_a_title() -> None:
    above = f"2025-02-11\nVol. 12, 2025\nOn Tides\n(Ada Lovelace, Alan Turing)\n{ABSTRACT}\n#tides"
    result = parse(f"{above}\nGPT 4 in 2025\n(Grace Hopper)\n")
    assert [(paper.title, str(paper.date)) for paper in result.papers] == [
        ("On Tides", "2025-02-11"),
        ("GPT 4 in 2025", "2025-02-11"),
    ]


@pytest.mark.parametrize(
    ("line", "tags"),
    [
        ("#tides", ("tides",)),
        ("#tides #moon #tides", ("tides", "moon")),
        ("#tides, #moon", ("tides", "moon")),
        ("#c++ #3d-generation #조수", ("c++", "3d-generation", "조수")),
        ("#c# #c++, #f#, #tides#", ("c#", "c++", "f#", "tides")),
    ],
)
def test_tags_keep_their_order_and_have_no_number_sign(line: str, tags: tuple[str, ...]) -> None:
    assert parse_paper(f"{HEAD}{ABSTRACT}\n{line}").tags == tags


@pytest.mark.parametrize("line", ["# A heading", "## Another heading here", "#1 of all the models of tides"])
def test_a_heading_is_not_a_tag(line: str) -> None:
    assert parse_paper(f"{HEAD}{ABSTRACT}\n{line}").tags == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: text.replace("\n", " \t\n  "),
        lambda text: "\ufeff" + text,
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.rstrip(),
        lambda text: text.replace("a", "a\u200b\x07"),
    ],
)
def test_white_space_invisible_characters_and_decomposed_letters_do_not_change_the_result(change: Any) -> None:
    for seed in find_files(TESTS.parent / "seeds"):
        text = seed.read_text(encoding="utf-8")
        assert parse(change(text)) == parse(text)


# Problems


def test_lines_before_any_paper_are_reported() -> None:
    result = parse("Dear readers,\n\n" + HEAD)
    assert messages(result) == ["d.txt:1: belongs to no paper: no title with authors above it"]
    assert len(result.papers) == 1


def test_lines_below_the_tags_are_reported_and_added_to_the_comments() -> None:
    result = parse(f"{HEAD}{ABSTRACT}\n#tides\nA Title without Authors\n늦었다")
    reason = "text below the tags has no authors of its own; added to the comment above"
    assert messages(result) == [f"d.txt:6: {reason}", f"d.txt:7: {reason}"]
    (paper,) = result.papers
    assert (paper.abstract, dict(paper.comments)) == (ABSTRACT, {"en": "A Title without Authors", "ko": "늦었다"})


def test_a_word_among_the_tags_is_reported_and_added_to_the_comment() -> None:
    result = parse(f"{HEAD}{ABSTRACT}\n#tides #moon x")
    assert messages(result) == ["d.txt:5: not a tag: 'x'; added to the comment"]
    assert (result.papers[0].tags, dict(result.papers[0].comments)) == (("tides", "moon"), {"en": "x"})


@pytest.mark.parametrize(
    ("text", "field", "kept", "reason"),
    [
        (f"{'T' * 501}\n(Ada King)", "title", "T" * 500, "1: title truncated: 501 characters; the first 500 are kept"),
        (f"T\n({'A' * 201})", "authors", ("A" * 200,), "1: author truncated: 201 characters; the first 200 are kept"),
        (f"T\n(A)\n#{'t' * 65}", "tags", ("t" * 64,), "1: tag truncated: 65 characters; the first 64 are kept"),
        (
            f"T\n(A)\n{'x' * 20_001}",
            "abstract",
            "x" * 20_000,
            "1: abstract truncated: 20,001 characters; the first 20,000 are kept",
        ),
        (
            f"T\n(A)\n{'가' * 20_001}",
            "comments",
            {"ko": "가" * 20_000},
            "1: comment (ko) truncated: 20,001 characters; the first 20,000 are kept",
        ),
        (
            f"T\n(A)\nSee https://a.b/{'x' * 2_048} and {LINK}",
            "links",
            (LINK,),
            "1: link ignored: longer than 2,048 characters",
        ),
    ],
)
def test_fields_that_are_too_long_are_truncated_with_a_problem(
    text: str, field: str, kept: object, reason: str
) -> None:
    result = parse(text)
    assert getattr(result.papers[0], field) == kept
    assert messages(result) == [f"d.txt:{reason}"]


# Laws

WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9)
HANGUL = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=6)
CODE_LINKS = st.integers(1, 999).map("https://example.org/code-{}".format)


def sentences(words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(words, min_size=1, max_size=8).map(
        lambda w: (w[0].capitalize() + " " + " ".join(w[1:])).strip() + "."
    )


@st.composite
def papers(draw: st.DrawFn) -> tuple[Paper, str]:
    """Draw a paper, and its lines in a digest."""
    title = draw(sentences(WORDS))[:-1]
    name = st.tuples(WORDS, WORDS).map(lambda parts: " ".join(map(str.capitalize, parts)))
    authors = draw(st.lists(name, min_size=1, max_size=5))
    abstract = draw(st.just("") | sentences(WORDS))
    lines = [title, f"({', '.join(authors)})"]
    if abstract and draw(st.booleans()):
        code = draw(CODE_LINKS)
        lines += [f"{abstract} Code is at", code, "."]
        abstract = f"{abstract} Code is at {code}."
    elif abstract:
        lines.append(abstract)
    korean = draw(st.lists(sentences(HANGUL), max_size=3))
    english = draw(st.lists(sentences(WORDS), max_size=3)) if korean or abstract else []
    tags = draw(st.lists(WORDS, max_size=3, unique=True))
    lines += [*korean, *english, *([" ".join(f"#{tag}" for tag in tags)] if tags else [])]
    comments = {code: "\n\n".join(texts) for code, texts in (("ko", korean), ("en", english)) if texts}
    links = tuple(re.findall(r"https://\S+-\d+", abstract))
    return Paper(title, tuple(authors), abstract, comments, tuple(tags), links), "\n".join(lines)


DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))


@given(st.lists(st.tuples(DAYS, st.lists(papers(), min_size=1, max_size=4)), min_size=1, max_size=3), st.booleans())
def test_generated_papers_are_parsed_from_the_text_that_is_written_from_them(
    digests: list[tuple[dt.date, list[Any]]], blanks: bool
) -> None:
    parts = []
    for day, papers_of_day in digests:
        parts += [f"{day.year}년 {day.month}월 {day.day}일", *(text for _, text in papers_of_day)]
    result = parse(("\n\n" if blanks else "\n").join(parts))
    expected = [(paper, day) for day, papers_of_day in digests for paper, _ in papers_of_day]
    assert result.problems == ()
    assert [(to_golden(p), p.date) for p in result.papers] == [
        (to_golden(p) | {"date": str(d)}, d) for p, d in expected
    ]


LINES = (
    sentences(WORDS)
    | sentences(HANGUL)
    | CODE_LINKS
    | WORDS
    | st.lists(WORDS, min_size=1, max_size=3).map(lambda words: " ".join(f"#{word}" for word in words))
    | st.lists(WORDS, min_size=1, max_size=3).map(lambda words: f"({', '.join(map(str.title, words))})")
    | sentences(WORDS).map("({})".format)
    | st.sampled_from(
        ["", ".", ", and more", "(", ")", "#", "- ", "https://github.com/", "ada/tides.", "At:", "#a b #c"]
    )
)


@given(st.lists(LINES, max_size=25))
def test_every_word_is_in_a_paper_or_its_line_is_reported(lines: list[str]) -> None:
    result = parse("\n".join(lines))
    kept = "".join(json.dumps(to_golden(p), ensure_ascii=False) for p in result.papers)
    kept = re.sub(r"[\s#,;()]", "", kept.replace("\\n", ""))
    reported = {problem.line for problem in result.problems}
    for number, line in enumerate(lines, 1):
        for word in re.sub(r"[#,;()]", " ", line).split():
            assert word in kept or number in reported, line


@given(st.text() | st.lists(st.text() | LINES).map("\n".join))
def test_any_text_is_parsed_and_the_fields_are_printable(text: str) -> None:
    source = Source("d.txt", text)
    result = NewsletterLoader().parse(source)
    assert NewsletterLoader().detect(source) is bool(result.papers)
    for paper in result.papers:
        fields = json.dumps(to_golden(paper), ensure_ascii=False)
        assert not {unicodedata.category(c) for c in fields} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
        assert paper.title
