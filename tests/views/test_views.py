"""Views: their layout at several widths, their content, and their imports."""

from __future__ import annotations

import datetime as dt
import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from readlist.counts import BackupCount, DigestCount, SourceCount, TagCount
from readlist.models import Appearance, Entry, Mark, Paper, Status
from readlist.paper_columns import COLUMNS, parse_columns
from readlist.query_results import Excerpt, Hit
from readlist.text import clean_markdown
from readlist.views.paper import brief_page, paper_page
from readlist.views.paper_layout import TableOptions, short_authors
from readlist.views.papers import papers_table
from readlist.views.symbols import describe_symbols, mark_symbols
from readlist.views.tables import backups_table, digests_table, sources_table, tags_table

SEEDS = Path(__file__).parents[2] / "seeds"
NOON = dt.datetime(2025, 6, 1, 12, 0, tzinfo=dt.UTC)
WIDTHS = (40, 80, 120)
_COLOR = re.compile(r"\x1b\[[\d;]*m")


def render(view: RenderableType, width: int = 80, *, color: bool = False) -> str:
    """Return what a terminal of this width shows, without the spaces at the ends of lines."""
    screen = io.StringIO()
    console = Console(file=screen, width=width, force_terminal=color, color_system="standard" if color else None)
    console.print(view)
    text = screen.getvalue()
    return text if color else "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def without_spaces(text: str) -> str:
    return "".join(_COLOR.sub("", text).split())


def paper(title: str, number: int = 1, **others: Any) -> Paper:
    return Paper(title, id=number, key=f"k-{number}")._replace(**others)


def entry(of_paper: Paper, **mark: Any) -> Entry:
    return Entry(of_paper, Mark(of_paper.key)._replace(**mark), of_paper.tags)


MAY = (Appearance(dt.date(2025, 5, 27), "003.txt"),)
FEBRUARY = (Appearance(dt.date(2025, 2, 11), "000.txt"),)
ENTRIES = [
    entry(
        paper(
            "Learning to Reason without External Rewards",
            1,
            authors=("Xuandong Zhao", "Zhewei Kang"),
            tags=("rl", "reasoning"),
            digests=MAY,
        ),
        status=Status.READ,
    ),
    entry(
        paper(
            "Enigmata: Scaling Logical Reasoning in Large Language Models with Synthetic Verifiable Puzzles",
            2,
            authors=("Jiangjie Chen", "Qianyu He", "Siyu Yuan"),
            tags=("rl", "reasoning", "synthetic-data"),
            digests=MAY,
        ),
        status=Status.READING,
        starred=True,
    ),
    entry(
        paper(
            "대규모 언어 모델의 강화 학습과 추론 능력에 대한 연구: 보상 없이도 배울 수 있는가",
            10,
            authors=("김철수",),
            tags=("강화_학습",),
            digests=FEBRUARY,
        )
    ),
    entry(paper("μnit Scaling", 11, authors=("DeepSeek-AI",), tags=("inference-time-scaling",)), status=Status.SKIPPED),
]
HITS = [Hit(one) for one in ENTRIES]


def test_from_100_columns_the_table_has_one_line_a_title() -> None:
    expected = """\
id  date            title                                                         tags
 1  2025-05-27  ✓   Learning to Reason without External Rewards                   #rl #reasoning
 2  2025-05-27  ▸★  Enigmata: Scaling Logical Reasoning in Large Language Model…  #rl #reasoning #s…
10  2025-02-11      대규모 언어 모델의 강화 학습과 추론 능력에 대한 연구: 보상…   #강화_학습
11              –   μnit Scaling                                                  #inference-time-s…
"""
    assert render(papers_table(HITS, 100), 100) == expected


def test_the_table_at_140_columns_has_authors() -> None:
    expected = """\
id  date            title                                                                              authors      tags
 1  2025-05-27  ✓   Learning to Reason without External Rewards                                        Zhao, Kang   #rl #reasoning
 2  2025-05-27  ▸★  Enigmata: Scaling Logical Reasoning in Large Language Models with Synthetic Veri…  Chen et al.  #rl #reasoning #synthet…
10  2025-02-11      대규모 언어 모델의 강화 학습과 추론 능력에 대한 연구: 보상 없이도 배울 수 있는가   김철수       #강화_학습
11              –   μnit Scaling                                                                       DeepSeek-AI  #inference-time-scaling
"""  # noqa: E501 -- 140 cells
    assert render(papers_table(HITS, 140), 140) == expected


def test_the_table_at_80_columns_has_no_authors() -> None:
    expected = """\
id  date            title                                      tags
 1  2025-05-27  ✓   Learning to Reason without External        #rl #reasoning
                    Rewards
 2  2025-05-27  ▸★  Enigmata: Scaling Logical Reasoning in     #rl #reasoning
                    Large Language Models with Synthetic       #synthetic-data
                    Verifiable Puzzles
10  2025-02-11      대규모 언어 모델의 강화 학습과 추론        #강화_학습
                    능력에 대한 연구: 보상 없이도 배울 수
                    있는가
11              –   μnit Scaling                               #inference-time-…
"""
    assert render(papers_table(HITS, 80), 80) == expected


def test_the_table_at_62_columns_has_no_tags() -> None:
    expected = """\
id  date            title
 1  2025-05-27  ✓   Learning to Reason without External
                    Rewards
 2  2025-05-27  ▸★  Enigmata: Scaling Logical Reasoning in
                    Large Language Models with Synthetic
                    Verifiable Puzzles
10  2025-02-11      대규모 언어 모델의 강화 학습과 추론 능력에
                    대한 연구: 보상 없이도 배울 수 있는가
11              –   μnit Scaling
"""
    assert render(papers_table(HITS, 62), 62) == expected


def test_below_60_columns_the_table_has_no_header_and_no_date() -> None:
    expected = """\
 1  ✓   Learning to Reason without
        External Rewards
 2  ▸★  Enigmata: Scaling Logical
        Reasoning in Large Language
        Models with Synthetic Verifiable
        Puzzles
10      대규모 언어 모델의 강화 학습과
        추론 능력에 대한 연구: 보상
        없이도 배울 수 있는가
11  –   μnit Scaling
"""
    assert render(papers_table(HITS, 40), 40) == expected


def test_a_match_outside_the_title_is_shown_below_it() -> None:
    abstract = "We study how the reasoning of language models comes about, and when it does not come about at all"
    at = abstract.index("come about at")
    hits = [
        Hit(ENTRIES[0], 1.0, Excerpt("title", "Learning to Reason without External Rewards", ((12, 18),))),
        Hit(ENTRIES[2], 1.0, Excerpt("abstract", abstract, ((17, 26),))),
        Hit(ENTRIES[2], 1.0, Excerpt("abstract", abstract, ((at, at + 10),))),
        Hit(ENTRIES[2], 1.0, Excerpt("comment", "짧은 설명", ((0, 2),))),
    ]
    expected = """\
id  date            title                                         tags
 1  2025-05-27  ✓   Learning to Reason without External Rewards   #rl #reasoning
10  2025-02-11      대규모 언어 모델의 강화 학습과 추론 능력에    #강화_학습
                    대한 연구: 보상 없이도 배울 수 있는가
                    abstract: …how the reasoning of language…
10  2025-02-11      대규모 언어 모델의 강화 학습과 추론 능력에    #강화_학습
                    대한 연구: 보상 없이도 배울 수 있는가
                    abstract: …does not come about at all
10  2025-02-11      대규모 언어 모델의 강화 학습과 추론 능력에    #강화_학습
                    대한 연구: 보상 없이도 배울 수 있는가
                    comment: 짧은 설명
"""
    assert render(papers_table(hits, 80), 80) == expected


def highlighted(view: RenderableType, width: int = 80) -> list[str]:
    """Return the pieces in the style of matches."""
    return re.findall(r"\x1b\[1;35m(.*?)\x1b\[0m", render(view, width, color=True))


def test_matches_are_highlighted() -> None:
    title = ENTRIES[0].paper.title
    read = Hit(ENTRIES[0]._replace(mark=Mark("")), 1.0, Excerpt("title", title, ((0, 8), (12, 18))))
    part = read._replace(matched=Excerpt("title", "…to Reason without…", ((4, 10),)))
    in_comment = read._replace(matched=Excerpt("comment", "늘 재미있는 주제", ((2, 6),)))
    assert highlighted(papers_table([read], 80)) == ["Learning", "Reason"]
    assert highlighted(papers_table([part], 80)) == ["Reason"]
    assert highlighted(papers_table([in_comment], 80)) == ["재미있는"]
    tag = read._replace(matched=Excerpt("tag", "#rl #reasoning", ((5, 14),)))
    assert highlighted(papers_table([tag], 80)) == ["reasoning"]
    assert "tag:" not in render(papers_table([tag], 80))
    assert "tag: #rl #reasoning" in render(papers_table([tag], 60), 60)


def test_finished_papers_are_dimmed() -> None:
    rows = render(papers_table(HITS, 120), 120, color=True).splitlines()
    dim = [
        bool(re.search(r"\x1b\[2m(Learning|Enigmata|대규모|μnit)", row))
        for row in rows
        if re.search("Lear|Enig|대|μ", row)
    ]
    assert dim == [True, False, False, True]


def test_a_long_title_is_cut_after_120_cells() -> None:
    table = render(papers_table([Hit(entry(paper("word " * 100)))], 80), 80)
    lines = [f"{'word ' * 12}".rstrip(), f"{'word ' * 12}".rstrip() + "…"]
    assert table.splitlines()[1:] == [f" 1{' ' * 18}{lines[0]}", f"{' ' * 20}{lines[1]}"]


@pytest.mark.parametrize("width", [1, 10, 40, 60, 80, 99, 100, 120, 200])
def test_one_line_a_paper_in_any_width(width: int) -> None:
    hits = [*HITS, Hit(ENTRIES[0], 1.0, Excerpt("abstract", "the reasoning of language models", ((4, 13),)))]
    table = render(papers_table(hits, width, TableOptions(one_line=True)), width)
    assert len(table.splitlines()) == len(hits) + (width >= 60)


@pytest.mark.parametrize("width", [100, 120, 200])
def test_a_wide_list_without_excerpts_has_one_line_a_paper(width: int) -> None:
    hits = [Hit(ENTRIES[0], 1.0, Excerpt("abstract", "the reasoning of language models", ((4, 13),)))] * 10
    assert len(render(papers_table(hits, width, TableOptions(excerpts=False)), width).splitlines()) == 11
    assert len(render(papers_table(hits, width), width).splitlines()) == 21


def test_in_one_line_a_match_takes_the_rest_of_the_line() -> None:
    hits = [
        Hit(ENTRIES[0], 1.0, Excerpt("title", ENTRIES[0].paper.title, ((12, 18),))),
        Hit(ENTRIES[1], 1.0, Excerpt("title", "…with Synthetic Verifiable Puzzles", ((27, 34),))),
        Hit(ENTRIES[2], 1.0, Excerpt("comment", "짧은 설명", ((0, 2),))),
    ]
    expected = """\
id  date            title                                   match
 1  2025-05-27  ✓   Learning to Reason without External R…
 2  2025-05-27  ▸★  Enigmata: Scaling Logical Reasoning i…  title: …Verifiable Puzzles
10  2025-02-11      대규모 언어 모델의 강화 학습과 추론…    comment: 짧은 설명
"""
    assert render(papers_table(hits, 92, TableOptions(one_line=True)), 92) == expected


def test_a_match_in_the_cut_part_of_a_title_is_shown_below_it() -> None:
    hits = [Hit(ENTRIES[1], 1.0, Excerpt("title", "…with Synthetic Verifiable Puzzles", ((27, 34),)))]
    assert "title: …with Synthetic Verifiable Puzzles" in render(papers_table(hits, 100), 100)
    assert "title: " not in render(papers_table(hits, 160), 160)


def test_named_columns_are_shown_in_their_order_and_the_widest_are_cut() -> None:
    columns = parse_columns("title,id,status,marks,first,authors,read")
    noted = entry(ENTRIES[0].paper, status=Status.READ, status_at=NOON, note="n")
    table = papers_table([Hit(noted), *HITS[1:]], 80, TableOptions(columns, one_line=True))
    expected = """\
title                      id  status        first       authors      read
Learning to Reason witho…   1  read     ✓ ✎  2025-05-27  Zhao, Kang   2025-06-01
Enigmata: Scaling Logica…   2  reading  ▸★   2025-05-27  Chen et al.
대규모 언어 모델의 강화…   10  unread        2025-02-11  김철수
μnit Scaling               11  skipped  –                DeepSeek-AI
"""
    assert render(table, 80) == expected


@pytest.mark.parametrize("width", [1, 20, 60, 100, 250])
@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_fits_beside_a_title(name: str, width: int) -> None:
    suggested = Hit(PAGE, 0.5, Excerpt("", "similar to Hybrid Latent Reasoning", ()))
    for one_line in (False, True):
        options = TableOptions(parse_columns(f"title,{name}"), one_line)
        table = render(papers_table([*HITS, Hit(PAGE), suggested], width, options), width)
        assert max(map(cell_len, table.splitlines())) <= max(width, 4)
        assert width < 60 or name == "marks" or name in table.splitlines()[0]


def test_a_note_and_a_paper_put_off_are_marked_in_cells_of_their_own() -> None:
    noted = [Hit(entry(paper("Tides"), note="compare")), Hit(entry(paper("Waves", 2), starred=True, later=3))]
    assert (
        render(papers_table(noted, 80))
        == "id  date              title\n 1                ✎   Tides\n 2               ★ ◷  Waves\n"
    )


def test_the_legend_has_every_symbol_of_a_table() -> None:
    marks = [Mark("", status, starred=True, note="n", later=1) for status in Status]
    symbols = {symbol for mark in marks for symbol, _ in mark_symbols(mark) if symbol.strip()}
    assert set(re.findall(r"(\S) [a-z ]+(?:,|;)", describe_symbols())) == symbols


@pytest.mark.parametrize(
    ("authors", "short"),
    [
        ((), ""),
        (("Chengqi Lyu",), "Lyu"),
        (("Xuandong Zhao", "Zhewei Kang"), "Zhao, Kang"),
        (("Chengqi Lyu", "A", "B"), "Lyu et al."),
        (("김철수", "이 영희"), "김철수, 영희"),
        (("DeepSeek-AI",), "DeepSeek-AI"),
        (("The Institute of Very Long Names",), "The Institute of Very Long Names"),
    ],
)
def test_short_authors(authors: tuple[str, ...], short: str) -> None:
    assert short_authors(authors) == short


PAGE = entry(
    paper(
        "Hybrid Latent Reasoning via Reinforcement Learning",
        7,
        authors=("Zhenrui Yue", "Bowen Jin"),
        abstract="Recent advances have introduced latent reasoning. See https://arxiv.org/abs/2505.14827.",
        comments={
            "ko": "아이디어가 생각보다 많이 나오네요 (arXiv:2505.15778).\n\n이쪽은 RL 학습도 했습니다.",
            "en": "This work also did RL training.",
            "xx": "Ipsum.",
        },
        tags=("rl", "reasoning"),
        links=("https://arxiv.org/abs/2505.14827", "https://example.org/code"),
        arxiv_id="2505.18454",
        digests=(*MAY, Appearance(None, "again.txt")),
    ),
    status=Status.READING,
    status_at=NOON,
    starred=True,
    note="compare with **OREAL**\n\n    code",
    note_at=NOON,
)


def test_the_page_of_a_paper_has_every_field() -> None:
    expected = """\
  Hybrid Latent Reasoning via Reinforcement Learning
  Zhenrui Yue, Bowen Jin

  id       7
  status   ★ starred · reading since 2025-06-01
  digests  2025-05-27  003.txt
           undated  again.txt
  tags     #rl #reasoning
  arXiv    https://arxiv.org/abs/2505.18454
  key      k-7

  Korean
  아이디어가 생각보다 많이 나오네요 (arXiv:2505.15778).

  이쪽은 RL 학습도 했습니다.

  English
  This work also did RL training.

  xx
  Ipsum.

  Abstract
  Recent advances have introduced latent reasoning. See https://arxiv.org/abs/2505.14827.

  links     https://example.org/code
  mentions  https://arxiv.org/abs/2505.14827
            https://arxiv.org/abs/2505.15778

  Note · 2025-06-01
  │ compare with **OREAL**
  │
  │     code
"""
    assert render(paper_page(PAGE, 100), 100) == expected


def test_the_page_of_a_bare_paper_has_no_empty_fields() -> None:
    expected = """\
  Only a Title

  id      1
  status  unread
  key     k-1
"""
    assert render(paper_page(entry(paper("Only a Title")), 80)) == expected


@pytest.mark.parametrize(
    ("count", "names"), [(3, "A0, A1, A2"), (10, "A8, A9"), (11, "A0, A1, A2 and 8 more"), (100, "A2 and 97 more")]
)
def test_a_page_names_three_of_more_than_ten_authors_and_counts_the_others(count: int, names: str) -> None:
    long = entry(paper("T", authors=tuple(f"A{i}" for i in range(count))))
    assert render(paper_page(long, 80)).splitlines()[1].endswith(names)
    assert f"A{count - 1}" in render(paper_page(long, 80, all_authors=True))


@pytest.mark.parametrize(("count", "names"), [(4, "A0, A1, A2, A3"), (5, "A0, A1, A2 and 2 more")])
def test_a_brief_page_names_three_of_more_than_four_authors(count: int, names: str) -> None:
    long = entry(paper("T", authors=tuple(f"A{i}" for i in range(count))))
    assert render(brief_page(long, 80)).splitlines()[1].strip() == names
    assert f"A{count - 1}" in render(brief_page(long, 80, all_authors=True))


def test_lines_of_text_are_88_columns_at_most() -> None:
    page = render(paper_page(entry(paper("word " * 90, abstract="word " * 200)), 200), 200)
    assert max(map(len, page.splitlines())) in range(84, 93)


def test_tables_of_tags_and_digests() -> None:
    expected = """\
tag         papers  unread
#rl          1,800       3
#강화_학습       2       0
"""
    assert render(tags_table([TagCount("rl", 1800, 3), TagCount("강화_학습", 2, 0)])) == expected
    expected = """\
/home/me/[/]digests  loaded 2025-06-01 12:00
digest      papers  unread  source
2025-05-27       5       3  003.txt
source unknown
digest   papers  unread  source
undated       1       0  x [/].txt
"""
    counts = [
        DigestCount(MAY[0], 5, 3, "/home/me/[/]digests", dt.datetime(2025, 6, 1, 12).astimezone()),
        DigestCount(Appearance(None, "x [/].txt"), 1, 0),
    ]
    assert render(digests_table(counts)) == expected


def test_views_import_no_heavy_module() -> None:
    code = (
        "import sys, typer\nfrom rich.console import Console\nfrom rich.table import Table\nbefore = set(sys.modules)\n"
        "import readlist.views.papers, readlist.views.paper, readlist.views.tables\n"
        "print(sorted(m for m in set(sys.modules) - before if not m.startswith('readlist')))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(re.findall(r"\w+", result.stdout)) <= {"unicodedata"}


def test_a_note_keeps_its_lines_and_indentation() -> None:
    note = "- a\n  - b\n\n    code"
    page = render(paper_page(entry(paper("T"), note=note), 80))
    assert [line.removeprefix("  │").removeprefix(" ") for line in page.splitlines()[-4:]] == clean_markdown(
        note
    ).split("\n")


@pytest.mark.parametrize("width", [*range(20, 100)])
def test_every_width_shows_every_paper_and_every_word_of_its_title(width: int) -> None:
    table = render(papers_table(HITS, width), width)
    assert re.findall(r"^ ?(\d+) ", table, re.MULTILINE) == ["1", "2", "10", "11"]
    for word in " ".join(hit.entry.paper.title for hit in HITS).split():
        assert word in table
    assert without_spaces(PAGE.paper.title) in without_spaces(render(paper_page(PAGE, width), width))


BACKUP = "papers.json/000013-20250601T120000Z-incremental-000012"
SOURCE = "/home/ada/documents/newsletters/reading group/daily paper digests"


def test_a_name_to_copy_is_in_one_line_where_the_table_is_too_wide() -> None:
    table = backups_table([BackupCount(BACKUP, NOON, 13, 33_090), BackupCount(BACKUP, NOON, None, 0)])
    time = f"{NOON.astimezone():%Y-%m-%d %H:%M:%S}"
    lines = [BACKUP, f"  {time}  13 papers  33.1 kB", BACKUP, f"  {time}  corrupt  0 bytes"]
    assert render(table, 80).splitlines() == lines
    assert [line.split()[-1] for line in render(table, 120).splitlines()] == ["name", BACKUP, BACKUP]
    sources = sources_table([SourceCount(SOURCE, "directory", 13, NOON, "tag:rl"), SourceCount(SOURCE, "URL", 1, None)])
    details = f"  directory  13 papers  loaded {NOON.astimezone():%Y-%m-%d %H:%M}  only tag:rl"
    assert render(sources, 80).splitlines() == [SOURCE, details, SOURCE, "  URL  1 paper"]
    assert render(sources, 120).count(SOURCE) == 2
