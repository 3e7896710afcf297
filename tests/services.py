"""A server on this machine that answers as arXiv's API, Crossref's API and the page of a paper do.

The answers have the shape of recorded ones; the papers are made up. Every request is recorded, and `faults` are what
the next requests get instead of an answer.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from readlist.text import split_words


class Published(NamedTuple):
    """A paper that the services know; without arXiv ID Crossref has it alone, without DOI arXiv."""

    title: str
    authors: tuple[str, ...] = ("Ada Lovelace", "Alan Turing")
    arxiv_id: str = ""
    doi: str = ""
    abstract: str = "Tides rise and fall."


TIDES = Published("On Tides and Their Causes", arxiv_id="2501.00001")
MOONS = Published("Moons of Distant Planets", ("Grace Hopper", "Ada Lovelace"), "2501.00002", "10.1000/moons.2")
WAVES = Published("Waves in Shallow Water", ("Emmy Noether",), doi="10.1000/waves.1")
WORLD_1 = Published("World Models", ("David Ha",), "2501.00003")
WORLD_2 = Published("World Models", ("Lise Meitner",), "2501.00004")

Fault = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers a request, see `Server`."""

    server: Server

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        self.server.headers.append(dict(self.headers))
        with contextlib.suppress(OSError):  # the client has closed the connection
            if self.server.faults:
                self.server.faults.pop(0)(self)
            else:
                self._answer()

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/arxiv/api/query":
            self.reply(self.server.answer_arxiv(query), "application/atom+xml; charset=UTF-8")
        elif parts.path == "/crossref/works":
            self.reply(self.server.search_crossref(query), "application/json")
        elif parts.path.startswith("/crossref/works/"):
            work = self.server.find_work(unquote(parts.path.removeprefix("/crossref/works/")))
            self.reply(work or b"Resource not found.", "application/json", 200 if work else 404)
        elif page := self.server.pages.get(parts.path):
            self.reply(page.encode(), "text/html; charset=utf-8")
        else:
            self.reply(b"no such page", "text/plain", 404)

    def reply(self, body: bytes, kind: str = "text/plain", status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class has this name
        pass


class Server(ThreadingHTTPServer):
    """arXiv at /arxiv, Crossref at /crossref, and `pages` by their paths."""

    daemon_threads = True

    def __init__(self, *papers: Published) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.papers = list(papers)
        self.pages: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.closing = threading.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def count(self, part: str) -> int:
        """Return the number of requests whose path contains a text."""
        return sum(part in path for path in self.requests)

    def answer_arxiv(self, query: dict[str, str]) -> bytes:
        known = [paper for paper in self.papers if paper.arxiv_id]
        if ids := query.get("id_list"):
            found = [paper for id_ in ids.split(",") for paper in known if paper.arxiv_id == id_]
        else:
            phrase = " ".join(split_words(query["search_query"].removeprefix("ti:")))
            found = [paper for paper in known if phrase in " ".join(split_words(paper.title))]
        return atom(found[: int(query.get("max_results", "10"))])

    def search_crossref(self, query: dict[str, str]) -> bytes:
        words = set(split_words(query["query.bibliographic"]))
        found = [paper for paper in self.papers if paper.doi and words & set(split_words(paper.title))]
        items = [work(paper) for paper in found[: int(query["rows"])]]
        return message({"total-results": len(items), "items": items, "items-per-page": 5}, "work-list")

    def find_work(self, doi: str) -> bytes:
        found = [paper for paper in self.papers if paper.doi and paper.doi.casefold() == doi.casefold()]
        return message(work(found[0]), "work") if found else b""


@contextlib.contextmanager
def serving(*papers: Published) -> Iterator[Server]:
    """Run a server that knows these papers."""
    server = Server(*papers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


# Answers


def atom(papers: list[Published]) -> bytes:
    entries = "".join(map(_entry, papers))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <link href="http://arxiv.org/api/query?id_list=" rel="self" type="application/atom+xml"/>
  <title type="html">ArXiv Query: search_query=&amp;id_list=&amp;start=0&amp;max_results=10</title>
  <id>http://arxiv.org/api/cHxbiOdZaP56ODnBPIenZhzg5f8</id>
  <updated>2025-02-11T00:00:00-05:00</updated>
  <opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">{len(papers)}</opensearch:totalResults>
{entries}</feed>
""".encode()


def _entry(paper: Published) -> str:
    names = "".join(f"    <author>\n      <name>{escape(name)}</name>\n    </author>\n" for name in paper.authors)
    doi = f'    <arxiv:doi xmlns:arxiv="http://arxiv.org/schemas/atom">{paper.doi}</arxiv:doi>\n' if paper.doi else ""
    return f"""  <entry>
    <id>http://arxiv.org/abs/{paper.arxiv_id}v2</id>
    <updated>2025-02-10T18:59:50Z</updated>
    <published>2025-02-09T18:59:50Z</published>
    <title>{escape(paper.title)}</title>
    <summary>  {escape(paper.abstract)}
</summary>
{names}{doi}    <link href="http://arxiv.org/abs/{paper.arxiv_id}v2" rel="alternate" type="text/html"/>
    <link title="pdf" href="http://arxiv.org/pdf/{paper.arxiv_id}v2" rel="related" type="application/pdf"/>
    <arxiv:primary_category xmlns:arxiv="http://arxiv.org/schemas/atom" term="cs.LG"/>
    <category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/>
  </entry>
"""


def work(paper: Published) -> dict[str, Any]:
    names = [name.rpartition(" ") for name in paper.authors]
    title, _, subtitle = paper.title.partition(": ")
    return {
        "DOI": paper.doi.upper(),
        "URL": f"https://doi.org/{paper.doi}",
        "type": "journal-article",
        "title": [title],
        "subtitle": [subtitle] if subtitle else [],
        "container-title": ["Journal of Tides"],
        "author": [
            {"given": given, "family": family, "sequence": "additional", "affiliation": []}
            for given, _, family in names
        ],
        "abstract": f"<jats:title>Abstract</jats:title><jats:p>{escape(paper.abstract)}</jats:p>",
    }


def message(content: dict[str, Any], kind: str) -> bytes:
    return json.dumps({"status": "ok", "message-type": kind, "message-version": "1.0.0", "message": content}).encode()


def paper_page(paper: Published) -> str:
    """Return the page of a paper at a publisher."""
    authors = "".join(f'<meta name="citation_author" content="{escape(name)}">' for name in paper.authors)
    doi = f'<meta name="citation_doi" content="{paper.doi}">' if paper.doi else ""
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(paper.title)} | Journal</title>'
        f'<meta name="citation_title" content="{escape(paper.title)}">{authors}{doi}'
        f'<meta name="citation_abstract" content="{escape(paper.abstract)}"></head><body><h1>…</h1></body></html>'
    )


# Faults


def status(code: int, **headers: str) -> Fault:
    return lambda handler: handler.reply(b"Rate exceeded.", status=code, **headers)


def body(data: bytes, kind: str = "text/html") -> Fault:
    return lambda handler: handler.reply(data, kind)


def hang(handler: Handler) -> None:
    handler.server.closing.wait(30)


def close(handler: Handler) -> None:
    handler.close_connection = True
