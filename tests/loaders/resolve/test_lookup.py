"""The look-up of papers at a server that answers as arXiv, Crossref and a publisher do; its requests are counted."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import time
from collections.abc import Iterator
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import ReadlistError
from readlist.loaders.fetch import FetchedPage, fetch
from readlist.loaders.resolve import arxiv, client, lookup
from readlist.loaders.resolve.client import Client, ServiceUnavailable, choose_words
from readlist.loaders.resolve.items import parse_item
from readlist.loaders.resolve.lookup import Answer, Lookup, Services
from readlist.models import Paper
from tests.services import (
    MOONS,
    TIDES,
    WAVES,
    WORLD_1,
    WORLD_2,
    Fault,
    Published,
    Server,
    atom,
    body,
    close,
    hang,
    message,
    paper_page,
    serving,
    status,
    work,
)

ANSWERS = [atom([TIDES, MOONS]), message(work(WAVES), "work"), message({"items": [work(MOONS)]}, "work-list")]


def damage(answer: bytes) -> st.SearchStrategy[bytes]:
    """Return answers with a part cut out or replaced."""
    places = st.integers(0, len(answer))
    return st.builds(lambda start, end, new: answer[:start] + new + answer[end:], places, places, st.binary(max_size=9))


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(TIDES, MOONS, WAVES, WORLD_1, WORLD_2) as server:
        yield server


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "RETRY_SECONDS", 0.01)


def look_up(server: Server, notices: list[str] | None = None, *, private: bool = True) -> Lookup:
    services = Services(server.url("/arxiv"), server.url("/crossref/"), private)
    return Lookup(services, (notices if notices is not None else []).append)


def resolve(server: Server, *texts: str) -> list[Answer]:
    return look_up(server).resolve([parse_item(text) for text in texts], lambda *_: None)


def titles(answers: list[Answer]) -> list[str]:
    return [answer.paper.title if answer.paper else "" for answer in answers]


def test_arxiv_ids_are_looked_up_in_one_request(server: Server) -> None:
    answers = resolve(server, "2501.00002v3", "arxiv.org/abs/2501.00001", "2501.99999")
    assert titles(answers) == [MOONS.title, TIDES.title, ""]
    assert answers[0].paper
    paper = answers[0].paper
    assert (paper.authors, paper.arxiv_id, paper.doi) == (MOONS.authors, "2501.00002", "10.1000/moons.2")
    assert (paper.abstract, paper.url, paper.tags) == (
        "Tides rise and fall.",
        "https://arxiv.org/abs/2501.00002",
        ("cs.LG",),
    )
    assert server.requests == ["/arxiv/api/query?id_list=2501.00002,2501.00001,2501.99999&max_results=3"]


def test_many_arxiv_ids_take_one_request_for_fifty(server: Server) -> None:
    server.papers = [Published(f"Paper {n}", arxiv_id=f"2502.{n:05}") for n in range(120)]
    found = look_up(server).fetch_ids([f"2502.{n:05}" for n in range(130)])
    assert len(found) == 120
    assert len(server.requests) == 3


def test_an_id_that_arxiv_rejects_does_not_keep_others_from_being_found(server: Server) -> None:
    server.faults = [status(400), status(400)]
    found = look_up(server).fetch_ids(["2501.00009", "2501.00001", "2501.00002"])
    assert list(found) == ["2501.00001", "2501.00002"]
    assert len(server.requests) == 3


def test_a_doi_is_looked_up_at_crossref(server: Server) -> None:
    (answer,) = resolve(server, "https://doi.org/10.1000/Waves.1")
    assert answer.paper
    paper = answer.paper
    assert (paper.title, paper.authors, paper.doi) == (WAVES.title, WAVES.authors, "10.1000/waves.1")
    assert (paper.abstract, paper.url) == ("Tides rise and fall.", "https://doi.org/10.1000/waves.1")
    assert server.requests == ["/crossref/works/10.1000%2Fwaves.1"]


def test_the_subtitle_is_part_of_the_title(server: Server) -> None:
    server.papers = [Published("On Tides: A Study", doi="10.1000/sub")]
    assert titles(resolve(server, "10.1000/sub")) == ["On Tides: A Study"]


def test_a_page_is_read_by_its_metadata(server: Server) -> None:
    server.pages = {
        "/a": paper_page(Published("On Its Page", doi="10.1000/page")),
        "/blog": "<html><p>Hello</p></html>",
    }
    page, blog, missing = resolve(server, server.url("/a"), server.url("/blog"), server.url("/none"))
    assert page.paper
    assert (page.paper.title, page.paper.doi) == ("On Its Page", "10.1000/page")
    assert (blog, missing) == (Answer(), Answer())


def test_a_page_at_a_private_address_is_refused(server: Server) -> None:
    (answer,) = look_up(server, private=False).resolve([parse_item(server.url("/a"))], lambda *_: None)
    assert answer.problem == "the page cannot be reached: private address: 127.0.0.1; use --allow-private to permit it"
    assert server.requests == []


def test_a_title_is_looked_up_at_arxiv_and_at_crossref_only_where_arxiv_does_not_have_it(server: Server) -> None:
    assert titles(resolve(server, "on tides & their causes?")) == [""]
    server.requests.clear()
    assert titles(resolve(server, "on tides and their causes")) == [TIDES.title]
    assert server.count("/crossref") == 0
    assert titles(resolve(server, "Waves in shallow water")) == [WAVES.title]
    assert (server.count("/arxiv"), server.count("/crossref")) == (2, 1)


def test_a_title_of_two_papers_has_two_candidates_and_authors_decide(server: Server) -> None:
    (answer,) = resolve(server, "World Models")
    assert answer.paper is None
    assert [match.paper.arxiv_id for match in answer.candidates] == ["2501.00003", "2501.00004"]
    found = look_up(server).find_by_title("World Models", ("Lise Meitner",))
    assert found.paper
    assert found.paper.arxiv_id == "2501.00004"
    assert found.reason == "title 100%, 1 of 1 author in common"


def test_a_title_that_nobody_has_is_no_answer(server: Server) -> None:
    assert resolve(server, "Unheard Of") == [Answer()]
    assert resolve(server, "—a—") == [Answer()]


# Papers of the library


def test_papers_are_looked_up_by_what_is_known_of_them(server: Server) -> None:
    server.pages = {"/a": paper_page(Published("On Its Page", doi="10.1000/page"))}
    papers = [
        Paper("Waves in Shallow Water", ("E. Noether",)),
        Paper(TIDES.title, ("Ada Lovelace",), arxiv_id="2501.00001"),
        Paper("arXiv:2501.00002", arxiv_id="2501.00002"),
        Paper("A Quite Different Paper", ("Nobody",), arxiv_id="2501.00003"),
        Paper("doi:10.1000/waves.1", doi="10.1000/waves.1", url="https://doi.org/10.1000/waves.1"),
        Paper(server.url("/a"), url=server.url("/a")),
        Paper("Unknown to All", ("Nobody",)),
    ]
    answers = {paper.title: answer for paper, answer in look_up(server).look_up(papers)}
    assert {title: answer.reason for title, answer in answers.items()} == {
        TIDES.title: "same arXiv ID, title 100%, 1 of 1 author in common",
        "arXiv:2501.00002": "same arXiv ID",
        "A Quite Different Paper": "",
        "Waves in Shallow Water": "title 100%, 1 of 1 author in common",
        "doi:10.1000/waves.1": "same DOI",
        server.url("/a"): "same URL",
        "Unknown to All": "",
    }
    assert answers["A Quite Different Paper"].candidates[0].paper.title == "World Models"
    assert (server.count("id_list"), server.count("search_query"), server.count("/crossref/works?")) == (1, 2, 2)


def test_the_abstract_that_crossref_does_not_have_is_that_of_the_preprint(server: Server) -> None:
    server.papers = [WAVES._replace(abstract=""), WAVES._replace(arxiv_id="2501.00009", doi="")]
    paper = Paper(WAVES.title, WAVES.authors, doi=WAVES.doi)
    ((_, answer),) = look_up(server).look_up([paper])
    assert answer.paper
    assert (answer.paper.arxiv_id, answer.paper.abstract) == ("2501.00009", "Tides rise and fall.")
    assert len(server.requests) == 2


def test_a_title_is_asked_for_by_its_words() -> None:
    assert choose_words('$π_0$: "Don\'t" (v2.0) — Schrödinger-type') == "π 0 Don't v2.0 Schrödinger type"


# Failures

FAULTS: dict[str, tuple[Fault, str]] = {
    "error": (status(403), "arXiv returned an error: HTTP status 403"),
    "long wait": (status(429, Retry_After="3600"), "arXiv asks to wait for 3,600 s: HTTP status 429"),
    "closed": (
        close,
        "arXiv cannot be reached: invalid HTTP response: Server disconnected without sending a response.",
    ),
    "html": (body(b"<html><body>Captive portal</body></html>"), "arXiv returned an invalid feed"),
    "garbage": (body(bytes(range(1, 256))), "arXiv returned "),
    "truncated": (
        body(atom([TIDES])[:900], "application/atom+xml"),
        "arXiv returned an invalid feed",
    ),
    "empty": (body(b""), "arXiv cannot be reached: empty response"),
    "huge": (body(b"x" * 10_000_001), "arXiv cannot be reached: response larger than 10 MB"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_service_that_fails_is_asked_once_and_says_why(server: Server, name: str) -> None:
    fault, problem = FAULTS[name]
    server.faults = [fault] * 5
    lookup = look_up(server)
    for _ in range(2):
        with pytest.raises(ServiceUnavailable) as failure:
            lookup.fetch_ids(["2501.00001"])
        assert str(failure.value).startswith(problem)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "data",
    [b"[]", b"null", b'{"message": 1}', b'{"message": []}', b"{", b"<html/>", b"[" * 10_000, b"\xff\xfe\x00"],
)
def test_an_answer_of_crossref_in_another_format_is_a_failure(server: Server, data: bytes) -> None:
    server.faults = [body(data, "application/json")]
    with pytest.raises(ServiceUnavailable, match="Crossref returned an answer in an unexpected format"):
        look_up(server).fetch_doi("10.1000/waves.1")


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"title": 1, "author": 2, "DOI": 3},
        {"title": [None], "author": [None, 1, {}], "DOI": []},
        {"title": ["T"], "author": [{"family": 1}], "subtitle": [1], "DOI": "10.1000/x", "abstract": [], "type": {}},
    ],
)
def test_a_work_of_odd_types_is_a_paper_or_none(server: Server, item: dict[str, object]) -> None:
    server.faults = [body(message(item, "work"), "application/json")]
    look_up(server).fetch_doi("10.1000/waves.1")


def test_a_service_that_is_not_running_is_not_available() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(ServiceUnavailable, match=r"^arXiv cannot be reached: Connection refused$"):
        Lookup(Services(url), print).fetch_ids(["2501.00001"])


def test_a_service_that_does_not_answer_is_given_up_after_a_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "__kwdefaults__", {**(fetch.__kwdefaults__ or {}), "timeout_seconds": 0.3})
    server.faults = [hang]
    with pytest.raises(ServiceUnavailable, match=r"^arXiv cannot be reached: timed out after 0\.3 s$"):
        look_up(server).fetch_ids(["2501.00001"])


def test_a_busy_service_is_asked_again_after_the_time_that_it_asks_for(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("readlist.loaders.resolve.client.time.sleep", waits.append)
    later = format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=20), usegmt=True)
    server.faults = [status(429, Retry_After="7"), status(503, Retry_After=later)]
    notices: list[str] = []
    assert list(look_up(server, notices).fetch_ids(["2501.00001"])) == ["2501.00001"]
    assert [round(seconds) for seconds in waits if seconds > 1] in ([7, 20], [7, 19])
    assert len(server.requests) == 3
    assert notices[0] == "arXiv is busy; the next request is in 7 s"


def test_a_service_that_stays_busy_is_given_up_after_three_requests(server: Server) -> None:
    server.faults = [status(503)] * 9
    with pytest.raises(ServiceUnavailable, match=r"^arXiv is busy: HTTP status 503 after 3 requests$"):
        look_up(server).fetch_ids(["2501.00001"])
    assert len(server.requests) == 3


def test_one_service_that_fails_leaves_the_others(server: Server) -> None:
    server.faults = [status(403)]
    by_id, by_doi, by_title = resolve(server, "2501.00001", "10.1000/waves.1", "Waves in Shallow Water")
    assert by_id.problem == by_title.problem == "arXiv returned an error: HTTP status 403"
    assert by_doi.paper
    assert len(server.requests) == 2


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode) | st.sampled_from(ANSWERS).flatmap(damage))
def test_any_answer_is_papers_or_a_failure(data: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "get", lambda *_: FetchedPage(data, "", "", "https://a.example/"))
        asked = Lookup(Services(), print)
        for ask in (lambda: asked.fetch_ids(["2501.00001"]), lambda: asked.fetch_doi("10.1/a")):
            with contextlib.suppress(ServiceUnavailable):
                ask()


# What is asked for


def test_the_public_arxiv_is_asked_every_three_seconds_and_a_server_of_the_users_without_intervals() -> None:
    public, chosen = Lookup(Services(), print), Lookup(Services("http://127.0.0.1:1"), print)
    same = Lookup(Services("https://export.arxiv.org/"), print)
    assert [one._arxiv._interval for one in (public, chosen, same)] == [3.0, 0.0, 3.0]
    assert public._crossref._interval == 1.0


def test_requests_are_as_far_apart_as_the_interval(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        lookup, "_build_client", lambda name, url, *_: client.Client(name, url, 0.2, chosen_by_user=True)
    )
    began = time.monotonic()
    asked = look_up(server)
    for _ in range(3):
        asked.fetch_ids(["2501.00001"])
    assert 0.4 <= time.monotonic() - began < 2


def test_requests_name_the_program_and_the_format(server: Server) -> None:
    resolve(server, "2501.00001", "10.1000/waves.1")
    assert [headers["Accept"] for headers in server.headers] == ["application/atom+xml", "application/json"]
    assert all(headers["User-Agent"].startswith("readlist/") for headers in server.headers)


def test_the_longest_request_is_within_the_limit_of_a_url(server: Server) -> None:
    look_up(server).fetch_ids([f"hep-th/99{n:05}" for n in range(arxiv.MAX_IDS)])
    look_up(server).find_by_title("한국어로 된 제목 " * 60, ("김철수" * 60,))
    assert max(map(len, server.requests)) < 1_800


def test_a_redirect_to_another_private_server_is_refused(server: Server) -> None:
    with serving() as other:
        server.faults = [status(302, Location=other.url("/arxiv/api/query"))]
        with pytest.raises(ReadlistError, match=r"private address: 127\.0\.0\.1"):
            look_up(server).fetch_ids(["2501.00001"])
        assert other.requests == []
