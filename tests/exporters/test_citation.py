"""BibTeX, BibLaTeX and CSL-JSON: their fields, names and dates, and that no text is a command."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pybtex.database import parse_string

from readlist.exporters.citation import Name, parse_name, publication_date
from readlist.exporters.latex import encode_accents, escape, escape_title
from readlist.loaders.bibliography.html_text import to_text
from readlist.models import Appearance, Entry, Mark, Paper
from readlist.text import clean, clean_lines, clean_markdown
from readlist.urls import paper_url
from tests.exporters.test_exporters import FULL, HOSTILE, export_text
from tests.hostile import is_harmless

CITED = Entry(
    Paper(
        title="GRPO for C++ at 50% of $O(n^2)$: Self-Play {revisited} in DeepSeek-R1",
        authors=("Laurens van der Maaten", "Robert Downey Jr.", "DeepSeek-AI", "Qwen: An Yang", "김철수", "Gemma Team"),
        abstract="It costs $5 & not $6_0.\nSee \\cite{x}.",
        tags=("rl", "c#", "a,b"),
        arxiv_id="2502.05795",
        doi="10.1000/a_b<1>",
        url="https://example.org/a_b#c&d~e{f}\\%2f%",
        id=3,
        key="grpo-for-c-000000",
    ),
    Mark("grpo-for-c-000000", note="Two\n\n*lines* # 1"),
    ("rl", "c#", "a,b"),
)
BARE = Entry(Paper(title="Untagged", id=9, key="untagged-111111"), Mark("untagged-111111"), ())

COMMANDS = [
    "}} @misc{x, title = {pwn}}", "}\n@misc{x,\n", "\\input{/etc/passwd}", "$\\input{x}$", "$\\write18{ls}$",
    "${$}$", "$}{$", "$x%$", "$x$ $\\def\\x{}$", "\\", "a\\", "{", "}", "{{{", "$", "$$", "$ $", "\\$x$", "$x\\$",
    "$a_b_c$", "$x^2 ^3$", "$\\frac{1}$", "$\\sqrt$", "$\\sqrt{x}^2'$", "$x\\$ and $y$", '"', '" # x # "',
    "@comment{", "%", "x and y", "and", "others", "a, b, c, d", ",", "\\textbackslash{}", "\\%", "~", "^", "~~^^",
    "--", "``x''", "#1", "&", "\\\\", "\\begin{document}",
]  # fmt: skip
SIGNS = st.text("\\{}$&#%_^~@\",'() \naAbB12한é-", max_size=30)
ANY_TEXT = st.one_of(st.text(max_size=60), SIGNS, st.sampled_from([*HOSTILE, *COMMANDS]))

# The meaning of the escapes in LaTeX, independent of the table in `latex`.
MACROS = {
    r"\textbackslash{}": "\\", r"\textbraceleft{}": "{", r"\textbraceright{}": "}", r"\textasciicircum{}": "^",
    r"\textasciitilde{}": "~", r"\$": "$", r"\&": "&", r"\#": "#", r"\%": "%", r"\_": "_", "{}": "",
}  # fmt: skip
LATEX_ESCAPE = re.compile("|".join([r"(?<!\\)\$[^$]*\$", *map(re.escape, MACROS)]))
LETTERS = {"ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "i": "ı"}
ACCENTS = dict(
    zip(
        "`'^~=u.\"rHvdckb",
        map(chr, [768, 769, 770, 771, 772, 774, 775, 776, 778, 779, 780, 803, 807, 808, 817]),
        strict=True,
    )
)


def compose(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", (match[2] or match[4]) + ACCENTS[match[1] or match[3]])


def unescape_latex(latex: str) -> str:
    """Return what LaTeX sets; formulas stay in their source form."""
    latex = re.sub(r"\{\\(ss|[oO]|[lL]|ae|AE|oe|OE|i)\}", lambda match: LETTERS[match[1]], latex)
    latex = re.sub(r"\{\\(?:([`'^~=.\"])(\w)|([urHvdckb])\{(\w)\})\}", compose, latex)
    assert not re.search(r"[#&%_^~\\]", LATEX_ESCAPE.sub("", latex).replace("\\,", "")), latex
    return LATEX_ESCAPE.sub(lambda match: MACROS.get(match[0], match[0]), latex)


def parse_person(read: Any) -> Name:
    if not read.first_names:
        (whole,) = read.last_names
        return Name(unescape_latex(whole[1:-1]))
    parts = ([*read.prelast_names, *read.last_names], [*read.first_names, *read.middle_names], read.lineage_names)
    return Name(*(unescape_latex(" ".join(names)) for names in parts))


def test_biblatex_output() -> None:
    assert export_text("biblatex", CITED, BARE) == (
        "@online{vandermaaten-grpo,\n"
        "  title = {{GRPO} for {C}++ at 50\\% of {$O(n^2)$}: Self-Play \\textbraceleft{}revisited\\textbraceright{}"
        " in {DeepSeek}-{R1}},\n"
        "  author = {van der Maaten, Laurens and Downey, Jr., Robert and {DeepSeek-AI} and {Qwen: An Yang} and {김철수}"
        " and {Gemma Team}},\n"
        "  date = {2025-02},\n"
        "  eprint = {2502.05795},\n"
        "  eprinttype = {arxiv},\n"
        "  doi = {10.1000/a_b<1>},\n"
        "  url = {https://example.org/a_b#c&d~e%7Bf%7D%5C%2f%25},\n"
        "  abstract = {It costs \\$5 \\& not \\$6\\_0. See"
        " \\textbackslash{}cite\\textbraceleft{}x\\textbraceright{}.},\n"
        "  keywords = {rl, c\\#, {a,b}},\n"
        "  annotation = {Two\n\n*lines* \\# 1},\n"
        "}\n"
        "\n"
        "@misc{anon-untagged,\n"
        "  title = {Untagged},\n"
        "}\n"
    )
    assert export_text("biblatex") == ""


def test_classic_bibtex_has_the_arxiv_id_and_the_url_where_every_style_prints_them() -> None:
    elsewhere = Entry(CITED.paper._replace(arxiv_id="", authors=(), abstract="", id=4, key="b-1"), Mark("b-1"), ())
    assert export_text("bibtex", CITED, BARE, elsewhere) == (
        "@article{vandermaaten-grpo,\n"
        "  title = {{GRPO} for {C}++ at 50\\% of {$O(n^2)$}: Self-Play \\textbraceleft{}revisited\\textbraceright{}"
        " in {DeepSeek}-{R1}},\n"
        "  author = {van der Maaten, Laurens and Downey, Jr., Robert and {DeepSeek-AI} and {Qwen: An Yang} and {김철수}"
        " and {Gemma Team}},\n"
        "  journal = {arXiv preprint arXiv:2502.05795},\n"
        "  year = {2025},\n"
        "  month = feb,\n"
        "  eprint = {2502.05795},\n"
        "  archiveprefix = {arXiv},\n"
        "  doi = {10.1000/a_b<1>},\n"
        "  url = {https://example.org/a_b#c&d~e%7Bf%7D%5C%2f%25},\n"
        "  abstract = {It costs \\$5 \\& not \\$6\\_0. See"
        " \\textbackslash{}cite\\textbraceleft{}x\\textbraceright{}.},\n"
        "  keywords = {rl, c\\#, {a,b}},\n"
        "  annote = {Two\n\n*lines* \\# 1},\n"
        "}\n"
        "\n"
        "@misc{anon-untagged,\n"
        "  title = {Untagged},\n"
        "}\n"
        "\n"
        "@misc{anon-b,\n"
        "  title = {{GRPO} for {C}++ at 50\\% of {$O(n^2)$}: Self-Play \\textbraceleft{}revisited\\textbraceright{}"
        " in {DeepSeek}-{R1}},\n"
        "  howpublished = {https://example.org/a\\_b\\#c\\&d\\textasciitilde{}e\\%7Bf\\%7D\\%5C\\%2f\\%25},\n"
        "  doi = {10.1000/a_b<1>},\n"
        "}\n"
    )
    assert export_text("bibtex") == ""


@pytest.mark.parametrize("name", ["bibtex", "biblatex"])
@given(text=ANY_TEXT)
def test_bibtex_reads_back_any_text(name: str, text: str) -> None:
    line = clean(text)
    paper = Paper(
        text, (text, "Wenfang Sun", text), text, tags=(text,), url=f"https://a.b/{text}", id=1, key="k-000000"
    )
    written = export_text(name, Entry(paper, Mark("", note=text), paper.tags), BARE)
    assert is_harmless(written)
    read = parse_string(written, "bibtex").entries
    assert len(read) == 2
    record = next(iter(read.values()))
    fields = record.fields
    url = fields.get("url", "") if name == "biblatex" else unescape_latex(fields.get("howpublished", ""))
    assert url == paper_url(paper)
    assert not re.search(r"[\s{}\\^\"<>]", paper_url(paper))
    if line:
        assert unescape_latex(fields["abstract"]) == line
        assert re.sub("[{}]", "", unescape_latex(fields["title"])) == re.sub("[{}]", "", line)
        assert unescape_latex(fields["annotation" if name == "biblatex" else "annote"]) == " ".join(
            clean_lines(text).split()
        )
        keyword = fields["keywords"]
        assert unescape_latex(keyword[1:-1] if "," in line else keyword).replace("$", "") == line.replace("$", "")
        assert [parse_person(read) for read in record.persons["author"]] == [
            parse_name(line),
            parse_name("Wenfang Sun"),
            parse_name(line),
        ]


ACCENTED = st.text(
    st.characters(min_codepoint=0xC0, max_codepoint=0x24F) | st.characters(min_codepoint=0x1E00, max_codepoint=0x1EFF)
)


@given(ACCENTED.map(clean))
def test_accents_are_commands_for_the_same_letters(text: str) -> None:
    assert unescape_latex(encode_accents(text)) == text
    assert encode_accents(encode_accents(text)) == encode_accents(text)
    assert encode_accents("ÀéñçĄşžůőā") == r"{\`A}{\'e}{\~n}{\c{c}}{\k{A}}{\c{s}}{\v{z}}{\r{u}}{\H{o}}{\=a}"


@given(ANY_TEXT)
def test_braces_are_balanced_at_every_point_of_a_value(text: str) -> None:
    """BibTeX counts braces whether or not a backslash precedes them."""
    for value in (escape(clean(text)), escape_title(clean(text))):
        depth = 0
        for character in value:
            depth += {"{": 1, "}": -1}.get(character, 0)
            assert depth >= 0
        assert depth == 0


@pytest.mark.parametrize(
    "formula",
    [
        "$x$", "$O(n^2)$", "$^3$", "$10^{-6}$", r"$\infty$", r"$3.84\times$", r"$K_s$", r"$V^{\star}$",
        r"$x_{a^{b}}$", r"$2\%$", r"$\frac{1}{2}$", r"$\sqrt{x^2 + y^2}$", r"$\mathbf{x}\in\mathbb{R}^d$",
        r"$\mathcal O(\log n)$", "$x'_1$", r"$a \le b$", r"$\alpha_i^\beta$",
    ],
)  # fmt: skip
def test_a_safe_formula_is_kept(formula: str) -> None:
    assert escape(f"in {formula} steps") == f"in {formula} steps"
    assert escape_title(f"in {formula} steps") == f"in {{{formula}}} steps"


@pytest.mark.parametrize(
    "text",
    [
        "for $5 and $6", "from $4.1 to $4.2", "US$ 5 or 6 $", "$PATH and $HOME", "A$AP Rocky and Ke$ha",
        r"$\input{/etc/passwd}$", r"$\write18{ls}$", r"$\def\x{y}$", r"$\csname x\endcsname$", r"$\catcode`\%=12$",
        "${$", "$}{$", "$x%$", "$a_b_c$", "$x^2 ^3$", r"$\frac{1}$", r"$\sqrt$", r"$\left( x$", r"$\{x\}$", "$한$",
        "$x$1", "$\\times", "$#1$", "$a&b$", "$~$", r"$\text{a}$", "$x_$",
    ],
)  # fmt: skip
def test_an_unsafe_formula_is_escaped(text: str) -> None:
    assert not re.search(r"(?<!\\)\$", escape(text))
    assert unescape_latex(escape(text)) == text


def test_a_formula_is_found_after_a_dollar_sign_that_is_not_one() -> None:
    assert escape("for $5 per #, in $O(n)$ steps") == r"for \$5 per \#, in $O(n)$ steps"


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("Wenfang Sun", Name("Sun", "Wenfang")),
        ("Huseyin A. Inan", Name("Inan", "Huseyin A.")),
        ("Jean de Dieu Nyandwi", Name("de Dieu Nyandwi", "Jean")),
        ("Ludwig van Beethoven", Name("van Beethoven", "Ludwig")),
        ("Hans-Arno O’Brien-Jacobsen", Name("O’Brien-Jacobsen", "Hans-Arno")),
        ("Martin Luther King Jr.", Name("King", "Martin Luther", "Jr.")),
        ("Mengdi zhang", Name("zhang", "Mengdi")),
        ("OpenAI", Name("OpenAI")),
        ("Movie Gen Team @ Meta", Name("Movie Gen Team @ Meta")),
        ("Google DeepMind", Name("Google DeepMind")),
        ("and Tri Dao", Name("and Tri Dao")),
        ("Lovelace, Ada", Name("Lovelace, Ada")),
        ("이 순신", Name("이 순신")),
        ("01.AI", Name("01.AI")),
    ],
)
def test_only_names_of_persons_are_split(author: str, expected: Name) -> None:
    assert parse_name(author) == expected


@pytest.mark.parametrize(
    ("arxiv_id", "days", "expected"),
    [
        ("2502.05795", (dt.date(2025, 2, 11),), "2025-02"),
        ("0704.0001", (), "2007-04"),
        ("cs/9301111", (), "1993-01"),
        ("math.GT/0309136", (), "2003-09"),
        ("2513.00001", (dt.date(2025, 2, 11),), "2025-02-11"),
        ("", (dt.date(2025, 5, 27), None, dt.date(2025, 2, 11)), "2025-02-11"),
        ("", (None,), ""),
    ],
)
def test_the_publication_date_comes_from_the_arxiv_id_or_else_the_first_digest(
    arxiv_id: str, days: tuple[dt.date | None, ...], expected: str
) -> None:
    assert (
        publication_date(Paper("T", arxiv_id=arxiv_id, digests=tuple(Appearance(day, "x") for day in days))) == expected
    )


def test_csl_output() -> None:
    assert json.loads(export_text("csl", CITED, BARE, FULL)) == [
        {
            "id": "vandermaaten-grpo",
            "type": "article",
            "title": CITED.paper.title,
            "author": [
                {"family": "van der Maaten", "given": "Laurens"},
                {"family": "Downey", "given": "Robert", "suffix": "Jr."},
                *({"literal": literal} for literal in CITED.paper.authors[2:]),
            ],
            "issued": {"date-parts": [[2025, 2]]},
            "number": "arXiv:2502.05795",
            "publisher": "arXiv",
            "DOI": "10.1000/a_b<1>",
            "URL": "https://example.org/a_b#c&d~e%7Bf%7D%5C%2f%25",
            "abstract": CITED.paper.abstract,
            "keyword": "rl, c#, a,b",
            "annote": "Two\n\n*lines* # 1",
        },
        {"id": "anon-untagged", "type": "article", "title": "Untagged"},
        {
            "id": "sun2025curse",
            "type": "article",
            "title": "The Curse of Depth [in] *Large* Models",
            "author": [{"family": "Sun", "given": "Wenfang"}, {"family": "Liu", "given": "Shiwei"}],
            "issued": {"date-parts": [[2025, 2]]},
            "number": "arXiv:2502.05795",
            "publisher": "arXiv",
            "DOI": "10.48550/arXiv.2502.05795",
            "URL": "https://arxiv.org/abs/2502.05795",
            "abstract": "We introduce the Curse of Depth.",
            "keyword": "normalization, 내것",
            "annote": "# Compare\n\n- with **OREAL**\n\n```\nx = 1",
        },
    ]
    assert export_text("csl") == "[]\n"


# The part of the schema csl-data.json 1.0.2 that our items use, written out because no installable package contains it.
# The schema allows no other fields.
CSL_TEXTS = {"id", "title", "number", "publisher", "DOI", "URL", "abstract", "keyword", "annote"}


def assert_valid_csl(item: dict[str, Any]) -> None:
    assert {"id", "type"} <= set(item) <= CSL_TEXTS | {"type", "author", "issued"}
    assert item["type"] == "article"
    assert all(isinstance(item[text], str) for text in CSL_TEXTS & set(item))
    for author in item.get("author", []):
        assert set(author) <= {"family", "given", "suffix", "literal"}
        assert all(isinstance(part, str) and part for part in author.values())
    if "issued" in item:
        ((parts,),) = item["issued"].values()
        assert list(item["issued"]) == ["date-parts"]
        assert 1 <= len(parts) <= 3
        assert all(isinstance(part, int) for part in parts)


@given(ANY_TEXT)
@example("\u202etxt.exe")
def test_csl_reads_back_any_text(text: str) -> None:
    paper = Paper(text, (text,), text, tags=(text,), url=text, arxiv_id=text, id=1, key="k-000000")
    written = export_text("csl", Entry(paper, Mark("", note=text), paper.tags))
    assert is_harmless(written)
    (item,) = json.loads(written)
    assert_valid_csl(item)
    assert to_text(item.get("title", "")) == clean(text)
    assert to_text(item.get("abstract", "")) == clean_lines(text)
    assert item.get("annote", "") == clean_markdown(text)
