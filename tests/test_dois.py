"""DOIs: every form in which one is written leads to the same DOI."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.dois import doi_page, find_doi, identify_doi, parse_doi

OLD = "10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2"
FORMS = {
    "10.1000/182": "10.1000/182",
    " 10.1000/AB-1 ": "10.1000/ab-1",
    "doi:10.1000/182": "10.1000/182",
    "DOI 10.1000/182": "10.1000/182",
    "DOI: https://doi.org/10.1000/182": "10.1000/182",
    "info:doi/10.1000/182": "10.1000/182",
    "10.1000/182.": "10.1000/182",
    "10.1000/\u200b182": "10.1000/182",
    "doi.org/10.1000/182": "10.1000/182",
    "http://dx.doi.org/10.1000/182": "10.1000/182",
    "https://www.doi.org/10.1000/182?nosfx=y#top": "10.1000/182",
    "https://doi.org/doi:10.1000/182": "10.1000/182",
    "https://doi.org/10.1000%2F182": "10.1000/182",
    "https://doi.org/10.1002/(SICI)1097-0258(19980815)17:15%3C1661::AID-SIM968%3E3.0.CO;2-2": OLD,
    OLD.upper(): OLD,
    "10.1002/(SICI)1:4<422::AID-JBM9>3.0.CO;2-#": "10.1002/(sici)1:4<422::aid-jbm9>3.0.co;2-#",
    "https://doi.org/10.1002/1:4%3C422::AID-JBM9%3E3.0.CO;2-%23": "10.1002/1:4<422::aid-jbm9>3.0.co;2-#",
    "10.18653/v1/N19-1423": "10.18653/v1/n19-1423",
    "https://dl.acm.org/doi/10.1145/3580305": "10.1145/3580305",
    "https://dl.acm.org/doi/pdf/10.1145/3580305?download=true": "10.1145/3580305",
    "https://onlinelibrary.wiley.com/doi/10.1002/abc.1/full": "10.1002/abc.1",
    "https://link.springer.com/content/pdf/10.1007/s1-2.pdf": "10.1007/s1-2",
    "https://www.frontiersin.org/articles/10.3389/fnins.2021.1/full": "10.3389/fnins.2021.1",
    "https://journals.aps.org/prl/abstract/10.1103/PhysRevLett.116.061102": "10.1103/physrevlett.116.061102",
    "https://www.biorxiv.org/content/10.1101/2025.02.10.637123v2.full.pdf": "10.1101/2025.02.10.637123",
    "https://www.biorxiv.org/content/10.1101/2025.02.10.637123v1": "10.1101/2025.02.10.637123",
}
NO_DOIS = [
    "",
    "10",
    "10.5/12",
    "10.1000",
    "10.1000/",
    "see 10.1000/182",
    "10.1000/1 10.1000/2",
    "https://example.org/?to=https://doi.org/10.1000/182",
    "https://arxiv.org/abs/2502.06781",
    "doi",
    "doi.org",
    '10.1000/"',
    "10.1000/" + "a" * 3_000,
]


@pytest.mark.parametrize(("text", "doi"), FORMS.items())
def test_a_doi_is_read_in_every_form_and_in_any_text(text: str, doi: str) -> None:
    assert parse_doi(text) == find_doi(text) == doi


@pytest.mark.parametrize("text", NO_DOIS)
def test_a_text_that_is_not_a_doi_as_a_whole_has_none(text: str) -> None:
    assert parse_doi(text) == ""


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("In Proc. Tides (2024), doi:10.1000/182.", "10.1000/182"),
        ("(https://doi.org/10.1000/182)", "10.1000/182"),
        ("(10.1016/s0140-6736(20)30183-5).", "10.1016/s0140-6736(20)30183-5"),
        ('<a href="https://doi.org/10.1000/182">10.1000/182</a>', "10.1000/182"),
        ("<p>10.1000/182</p>", "10.1000/182"),
        (f"see {OLD}, page 3", OLD),
        ("10.1000/1 10.1000/2", "10.1000/1"),
        ("version 110.1000/182", ""),
        ("n/a", ""),
    ],
)
def test_the_first_doi_of_a_text_is_found_without_what_surrounds_it(text: str, doi: str) -> None:
    assert find_doi(text) == doi


@pytest.mark.parametrize(
    ("text", "identifiers"),
    [
        ("10.1000/182", ("", "10.1000/182")),
        ("https://doi.org/10.48550/arXiv.2502.06781v3", ("2502.06781", "")),
        ("10.48550/arXiv.hep-th/9901001", ("hep-th/9901001", "")),
        ("10.48550/arXiv.x", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_doi_of_arxiv_is_the_arxiv_id_without_its_version(text: str, identifiers: tuple[str, str]) -> None:
    assert identify_doi(parse_doi(text)) == identifiers


@given(st.from_regex(r"10\.[0-9]{4,9}/[a-z0-9_.;()/:<>#&+%-]{0,20}[a-z0-9)]", fullmatch=True))
def test_the_page_of_a_doi_leads_back_to_it(text: str) -> None:
    doi = parse_doi(text)
    assert parse_doi(doi_page(doi)) == doi
    assert parse_doi(doi) == doi


@pytest.mark.parametrize("text", ["10.1000/", "https://a/10.1000/", "10.1000/(", "10.1000/a<1", "10.1000/%3C", "doi "])
def test_a_long_text_takes_linear_time(text: str) -> None:
    start = time.perf_counter()
    find_doi(text * 20_000)
    assert time.perf_counter() - start < 1
