"""Fetching pages: what a good server gets us, and that no bad one costs more than a line and a bounded time."""

from __future__ import annotations

import contextlib
import gzip
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist import __version__
from readlist.errors import ReadlistError
from readlist.loaders.fetch import Page, _next, fetch, shown
from readlist.loaders.registry import load_bytes

BODY = "<h3>On Tides</h3>\n<p>(Ada Lovelace)</p>\n<p>조수에 대한 논문.</p>".encode()
ETAG = '"tides-1"'
DATE = "Tue, 11 Feb 2025 09:00:00 GMT"


class Handler(BaseHTTPRequestHandler):
    """Answers as the path says."""

    server: Server

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers)))
        with contextlib.suppress(OSError):  # the reader has had enough
            ANSWERS[self.path.partition("?")[0]](self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name in the base class
        pass

    def reply(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def endlessly(self, piece: bytes, pause: float = 0.0) -> None:
        while not self.server.closing.wait(pause):
            self.wfile.write(piece)


class Server(ThreadingHTTPServer):
    """A server on this machine that knows what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


def conditional(handler: Handler) -> None:
    if handler.headers["If-None-Match"] == ETAG:
        handler.reply(304, ETag=ETAG)
    else:
        handler.reply(body=BODY, ETag=ETAG, Last_Modified=DATE)


def dated(handler: Handler) -> None:
    if handler.headers["If-Modified-Since"] == DATE:
        handler.reply(304)
    else:
        handler.reply(body=BODY, Last_Modified=DATE)


def bomb(handler: Handler) -> None:
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(bytes(10_000_000)) for _ in range(50)) + packer.flush()
    handler.reply(body=packed, Content_Encoding="gzip")


def endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.endlessly(b"x" * 65536)


def drip(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.endlessly(b"x", 0.05)


def header_drip(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    handler.endlessly(b"X: y\r\n", 0.05)


def header_flood(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    handler.endlessly(b"X: y\r\n" * 1000)


def behind_gzip(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.end_headers()
    handler.wfile.write(gzip.compress(BODY))
    handler.endlessly(b"x" * 65536)


def to(location: str) -> Callable[[Handler], None]:
    return lambda handler: handler.reply(302, Location=location, Set_Cookie="a=b")


ANSWERS: dict[str, Callable[[Handler], Any]] = {
    "/page": lambda h: h.reply(body=BODY, Content_Type="text/html; charset=utf-8"),
    "/plain": lambda h: h.reply(body=BODY),
    "/euc-kr": lambda h: h.reply(body=BODY.decode().encode("euc-kr"), Content_Type="text/html; charset=EUC-KR"),
    "/gzip": lambda h: h.reply(body=gzip.compress(BODY), Content_Encoding="gzip"),
    "/behind-gzip": behind_gzip,
    "/etag": conditional,
    "/dated": dated,
    "/odd-etag": lambda h: h.reply(body=BODY, ETag="no quotes", Last_Modified="yesterday"),
    "/one": to("/two#part"),
    "/two": to("three?x=1"),
    "/three": to("/page"),
    "/loop": to("/loop"),
    "/file": to("file:///etc/passwd"),
    "/name": to("http://ada:secret@example.org/"),
    "/private": to("http://10.0.0.1/"),
    "/nowhere": lambda h: h.reply(302),
    "/404": lambda h: h.reply(404, b"no such page"),
    "/500": lambda h: h.reply(500),
    "/304": lambda h: h.reply(304),
    "/204": lambda h: h.reply(204),
    "/empty": lambda h: h.reply(),
    "/garbage": lambda h: h.wfile.write(b"\x00\x01\x02 garbage\r\n\r\n" * 100),
    "/silent": lambda h: None,
    "/short": lambda h: h.reply(body=BODY, Content_Length="5000"),
    "/short-gzip": lambda h: h.reply(body=gzip.compress(BODY)[:-12], Content_Encoding="gzip"),
    "/bad-gzip": lambda h: h.reply(body=BODY, Content_Encoding="gzip"),
    "/br": lambda h: h.reply(body=BODY, Content_Encoding="br"),
    "/big": lambda h: h.reply(body=bytes(10_000_001)),
    "/bomb": bomb,
    "/endless": endless,
    "/drip": drip,
    "/header-drip": header_drip,
    "/header-flood": header_flood,
    "/hundreds": lambda h: h.endlessly(b"HTTP/1.1 100 Continue\r\n\r\n" * 100, 0.01),
}


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.closing.set()
        running.shutdown()
        thread.join()


def fault(address: str, *, private: bool = True, seconds: float = 5.0) -> str:
    """The line that the address ends with, without the words that all have."""
    with pytest.raises(ReadlistError) as caught:
        fetch(address, private=private, seconds=seconds)
    message = str(caught.value)
    assert message.isprintable()
    assert message.startswith("cannot be fetched: ")
    return message.removeprefix("cannot be fetched: ")


def page(address: str, version: str = "") -> Page:
    found = fetch(address, version, private=True)
    assert found
    return found


# Good servers


def test_a_page_comes_with_its_bytes_charset_and_address(server: Server) -> None:
    assert page(server.url("/page#part")) == Page(BODY, "", "utf-8", server.url("/page"))
    assert page(server.url("/plain")).charset == ""


def test_a_request_says_who_asks_and_nothing_of_the_reader(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    page(server.url("/one"))
    host = f"127.0.0.1:{server.server_port}"
    sent = {
        "Host": host,
        "User-Agent": f"readlist/{__version__}",
        "Accept": "*/*",
        "Accept-Encoding": "gzip",
        "Connection": "keep-alive",
    }
    assert server.requests == [(path, sent) for path in ("/one", "/two", "/three?x=1", "/page")]


def test_three_redirects_are_followed_and_the_last_address_is_named(server: Server) -> None:
    assert page(server.url("/one")).address == server.url("/page")


@pytest.mark.parametrize("path", ["/gzip", "/behind-gzip"])
def test_a_packed_page_is_unpacked(server: Server, path: str) -> None:
    assert page(server.url(path)).data == BODY


@pytest.mark.parametrize(("path", "version"), [("/etag", ETAG), ("/dated", DATE), ("/odd-etag", "")])
def test_a_page_that_is_unchanged_is_not_sent_again(server: Server, path: str, version: str) -> None:
    first = page(server.url(path))
    assert first.version == version
    again = fetch(server.url(path), first.version, private=True)
    assert again == (None if version else first)


@pytest.mark.parametrize("version", ["x", '"a\r\nX: y"', "é", '"' + "x" * 999 + '"'])
def test_a_version_that_no_server_gave_is_not_sent(server: Server, version: str) -> None:
    assert page(server.url("/etag"), version).data == BODY
    assert not {"If-None-Match", "If-Modified-Since"} & server.requests[0][1].keys()


def test_a_page_in_the_encoding_that_the_server_says_is_read(server: Server) -> None:
    found = page(server.url("/euc-kr"))
    (paper,) = load_bytes(found.data, "p", charset=found.charset).papers
    assert (dict(paper.comments), found.charset) == ({"ko": "조수에 대한 논문."}, "euc-kr")


def test_a_name_is_asked_for_by_its_name(server: Server) -> None:
    address = f"http://localhost:{server.server_port}/page"
    assert page(address).address == address
    assert server.requests[0][1]["Host"] == f"localhost:{server.server_port}"


# Bad ones


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/404", "the server answered 404"),
        ("/500", "the server answered 500"),
        ("/204", "the server answered 204"),
        ("/304", "the server answered 304"),
        ("/empty", "the server sent nothing"),
        ("/loop", "it leads on more than 3 times"),
        ("/nowhere", "it leads on, but nowhere"),
        ("/file", "it leads to file:///etc/passwd: only http:// and https:// are fetched"),
        ("/name", "it leads to http://example.org/: it holds a name or password, which is never sent"),
        ("/garbage", "the server does not keep to HTTP: illegal status line: bytearray(b'\\x00\\x01\\x02 garbage')"),
        ("/silent", "the server does not keep to HTTP: Server disconnected without sending a response."),
        ("/short-gzip", "the server ended early"),
        ("/bad-gzip", "what the server packed cannot be unpacked"),
        ("/br", "the server packs it in a way that was not asked for (br)"),
        ("/big", "it has more than 10 MB"),
        ("/bomb", "it has more than 10 MB"),
        ("/endless", "it has more than 10 MB"),
    ],
)
def test_a_bad_server_costs_one_line(server: Server, path: str, reason: str) -> None:
    assert fault(server.url(path)) == reason


@pytest.mark.parametrize("path", ["/short", "/header-flood"])
def test_what_is_no_http_is_said_to_be_none(server: Server, path: str) -> None:
    assert fault(server.url(path)).startswith("the server does not keep to HTTP: ")


@pytest.mark.parametrize("path", ["/drip", "/header-drip", "/hundreds"])
def test_what_never_ends_is_ended(server: Server, path: str) -> None:
    start = time.monotonic()
    assert fault(server.url(path), seconds=0.5) == "it took longer than 0.5 s"
    assert time.monotonic() - start < 2


def test_what_does_not_listen_is_one_line() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert fault(f"http://127.0.0.1:{closed.getsockname()[1]}/") == "Connection refused"


def test_a_server_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        assert fault(f"http://127.0.0.1:{mute.getsockname()[1]}/", seconds=0.3) == "it took longer than 0.3 s"
        assert fault(f"https://127.0.0.1:{mute.getsockname()[1]}/", seconds=0.3) == "it took longer than 0.3 s"


def test_a_server_without_tls_is_not_taken_for_a_safe_one(server: Server) -> None:
    assert "WRONG_VERSION_NUMBER" in fault(server.url("/page").replace("http:", "https:")).upper().replace(" ", "_")


# Addresses


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("10.0.0.1", "10.0.0.1"),
        ("192.168.1.1", "192.168.1.1"),
        ("169.254.169.254", "169.254.169.254"),
        ("100.64.0.1", "100.64.0.1"),
        ("224.0.0.1", "224.0.0.1"),
        ("255.255.255.255", "255.255.255.255"),
        ("[::1]", "::1"),
        ("[::]", "::"),
        ("[::ffff:10.0.0.1]", "::ffff:10.0.0.1"),
        ("[64:ff9b::a00:1]", "64:ff9b::a00:1"),
        ("[2002:a00:1::]", "2002:a00:1::"),
        ("[fe80::1]", "fe80::1"),
        ("[fec0::1]", "fec0::1"),
        ("[fc00::1]", "fc00::1"),
        ("[ff02::1]", "ff02::1"),
    ],
)
def test_private_addresses_are_refused_unless_allowed(monkeypatch: pytest.MonkeyPatch, host: str, address: str) -> None:
    if host == "localhost":
        resolve_to(monkeypatch, address)
    reason = fault(f"http://{host}/", private=False)
    assert reason == f"it leads to a private address ({address}); --allow-private permits it"


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """From now on every name has these addresses; the names that were asked for."""
    asked: list[str] = []
    resolve = socket.getaddrinfo

    def answer(host: str, port: int, *args: Any, **options: Any) -> Any:
        if host in addresses:
            return resolve(host, port, *args, **options)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


def test_every_address_of_a_name_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "93.184.216.34", "192.168.0.1")
    assert fault("http://tides.example/", private=False).startswith("it leads to a private address (192.168.0.1)")


def test_the_connection_goes_to_the_address_that_was_checked(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolve_to(monkeypatch, "127.0.0.1")
    address = f"http://tides.example:{server.server_port}/one"
    assert page(address).address == f"http://tides.example:{server.server_port}/page"
    assert asked == ["tides.example"] * 4  # once a hop, and no more when the connection is made
    assert server.requests[0][1]["Host"] == f"tides.example:{server.server_port}"


def test_a_certificate_is_asked_for_by_the_name_and_not_by_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        heard: list[bytes] = []

        def listen() -> None:
            connection, _ = listener.accept()
            with connection:
                heard.append(connection.recv(4096))

        thread = threading.Thread(target=listen)
        thread.start()
        fault(f"https://tides.example:{listener.getsockname()[1]}/")
        thread.join()
    assert b"tides.example" in heard[0]


def test_the_next_address_is_tried_where_one_cannot_be_reached(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "127.0.0.2", "127.0.0.1")
    assert page(f"http://tides.example:{server.server_port}/page").data == BODY


def test_a_redirect_to_a_private_address_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("readlist.loaders.fetch._is_private", lambda address: address != "127.0.0.1")
    reason = fault(server.url("/private"), private=False)
    assert reason == "it leads to a private address (10.0.0.1); --allow-private permits it"


def test_a_safe_page_does_not_lead_to_one_that_anyone_may_change() -> None:
    reason = "^it leads from https to http://b.example/x, which is not encrypted$"
    with pytest.raises(Exception, match=reason):
        _next(httpx.URL("https://a.example/"), "http://b.example/x")
    assert str(_next(httpx.URL("http://a.example/"), "https://b.example/x")) == "https://b.example/x"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("file:///etc/passwd", "only http:// and https:// are fetched"),
        ("ftp://example.org/", "only http:// and https:// are fetched"),
        ("http://", "only http:// and https:// are fetched"),
        ("//example.org", "only http:// and https:// are fetched"),
        ("", "only http:// and https:// are fetched"),
        ("http://ada:secret@example.org/", "it holds a name or password, which is never sent"),
        ("http://example.org/" + "x" * 2048, "its address has more than 2,048 characters"),
    ],
)
def test_what_is_no_address_of_a_page_is_not_fetched(address: str, reason: str) -> None:
    assert fault(address) == reason


def test_a_name_that_does_not_exist_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert fault("http://tides.example/") == "there is no host tides.example"


def test_a_password_and_controls_are_not_shown() -> None:
    assert shown("https://ada:secret@example.org/\x1b[31m?q=@") == "https://example.org/[31m?q=@"
    assert len(shown("https://example.org/" + "x" * 2000)) == 201


@given(st.text() | st.text().map("http://{}".format))
def test_any_address_at_all_is_one_line(address: str) -> None:
    with contextlib.suppress(ReadlistError), pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
        fetch(address, seconds=5)


def test_without_the_extra_it_is_said_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['httpx'] = None\n"
        "from readlist.loaders.fetch import fetch\n"
        "try: fetch('https://example.org')\n"
        "except Exception as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == 'feeds and web pages need more packages: pip install "readlist[feeds]"\n'
