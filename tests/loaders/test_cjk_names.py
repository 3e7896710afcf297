"""Korean, Chinese and Japanese authors, whose family name stays first in every format that separates the two parts."""

from __future__ import annotations

import pytest

from readlist.loaders.person_names import join_name, split_author_field
from readlist.loaders.registry import load_bytes

KOREAN = ("김민수", "이지은")
CSL_NAMES = '[{"family": "김", "given": "민수"}, {"family": "이", "given": "지은"}]'
FORMATS = {
    "a.bib": "@misc{k, title = {On Tides}, author = {김, 민수 and 이, 지은}}",
    "b.bib": "@misc{k, title = {On Tides}, author = {김민수 and 이지은}}",
    "c.bib": "@misc{k, title = {On Tides}, author = {{김민수} and 이, 지 은}}",
    "a.ris": "TY  - JOUR\nTI  - On Tides\nAU  - 김, 민수\nAU  - 이, 지은\nER  - \n",
    "a.json": f'[{{"id": "k", "type": "article-journal", "title": "On Tides", "author": {CSL_NAMES}}}]',
    "a.csv": '"Key","Item Type","Author","Title"\n"K","article","김, 민수; 이, 지은","On Tides"\n',
    "a.md": "---\ntitle: On Tides\nauthors:\n  - 김, 민수\n  - 이, 지은\n"
    "url: https://arxiv.org/abs/2501.00001\n---\n\nOn tides.\n",
    "a.html": '<html><meta name="citation_title" content="On Tides"><meta name="citation_author" content="김, 민수">'
    '<meta name="citation_author" content="이, 지은"></html>',
}


@pytest.mark.parametrize("name", FORMATS)
def test_korean_authors_with_a_comma_have_the_family_name_first_and_no_space(name: str) -> None:
    (paper,) = load_bytes(FORMATS[name].encode(), name).papers
    assert paper.authors == KOREAN


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("김, 민수 and 이, 지은", ["김민수", "이지은"]),
        ("김, 민수; 이, 지은", ["김민수", "이지은"]),
        ("田中, 太郎; 山田, 花子", ["田中太郎", "山田花子"]),
        ("김, 민수", ["김민수"]),
        ("남궁, 민수", ["남궁민수"]),
        ("김민수, 이지은", ["김민수", "이지은"]),
        ("田中太郎, 山田花子", ["田中太郎", "山田花子"]),
        ("김민수, 이지은, 박철수", ["김민수", "이지은", "박철수"]),
        ("Kim, Minsu; 이, 지은", ["Minsu Kim", "이지은"]),
    ],
)
def test_a_field_in_either_notation_has_whole_names(text: str, names: list[str]) -> None:
    assert split_author_field(text) == names


@pytest.mark.parametrize(
    ("family", "given", "name"),
    [
        ("佐々木", "次郎", "佐々木次郎"),
        ("さくら", "ももこ", "さくらももこ"),
        ("田中", "マリア", "田中マリア"),
        ("スミス", "ジョン", "ジョン スミス"),
        ("김", "Minsu", "Minsu 김"),
        ("김", "", "김"),
    ],
)
def test_only_a_name_that_is_written_in_cjk_script_throughout_is_joined(family: str, given: str, name: str) -> None:
    assert join_name(family, given) == name
