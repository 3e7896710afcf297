"""Fetching pages: requests and responses, and bounded errors whatever a server sends."""

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
from readlist.loaders.fetch import FetchedPage, FetchError, HttpStatusError, _resolve_redirect, display_url, fetch
from readlist.loaders.registry import load_bytes

BODY = "<h3>On Tides</h3>\n<p>(Ada Lovelace)</p>\n<p>조수에 대한 논문.</p>".encode()
ETAG = '"tides-1"'
DATE = "Tue, 11 Feb 2025 09:00:00 GMT"


class Handler(BaseHTTPRequestHandler):
    """Sends the response that belongs to the path, see RESPONSES."""

    server: Server

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers)))
        with contextlib.suppress(OSError):  # the client has closed the connection
            RESPONSES[self.path.partition("?")[0]](self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class has this name
        pass

    def reply(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def send_endlessly(self, piece: bytes, pause: float = 0.0) -> None:
        while not self.server.closing.wait(pause):
            self.wfile.write(piece)


class Server(ThreadingHTTPServer):
    """A server on this machine that records the requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


def send_by_etag(handler: Handler) -> None:
    if handler.headers["If-None-Match"] == ETAG:
        handler.reply(304, ETag=ETAG)
    else:
        handler.reply(body=BODY, ETag=ETAG, Last_Modified=DATE)


def send_by_date(handler: Handler) -> None:
    if handler.headers["If-Modified-Since"] == DATE:
        handler.reply(304)
    else:
        handler.reply(body=BODY, Last_Modified=DATE)


def send_gzip_bomb(handler: Handler) -> None:
    compressor = zlib.compressobj(9, wbits=31)
    compressed = b"".join(compressor.compress(bytes(10_000_000)) for _ in range(10)) + compressor.flush()
    handler.reply(body=compressed, Content_Encoding="gzip")


def send_endless_body(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.send_endlessly(b"x" * 65536)


def send_slow_body(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.send_endlessly(b"x", 0.05)


def send_slow_headers(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    handler.send_endlessly(b"X: y\r\n", 0.05)


def send_endless_headers(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    handler.send_endlessly(b"X: y\r\n" * 1000)


def send_data_after_gzip(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.end_headers()
    handler.wfile.write(gzip.compress(BODY))
    handler.send_endlessly(b"x" * 65536)


def redirect_to(location: str) -> Callable[[Handler], None]:
    return lambda handler: handler.reply(302, Location=location, Set_Cookie="a=b")


RESPONSES: dict[str, Callable[[Handler], Any]] = {
    "/page": lambda h: h.reply(body=BODY, Content_Type="text/html; charset=utf-8"),
    "/plain": lambda h: h.reply(body=BODY),
    "/euc-kr": lambda h: h.reply(body=BODY.decode().encode("euc-kr"), Content_Type="text/html; charset=EUC-KR"),
    "/gzip": lambda h: h.reply(body=gzip.compress(BODY), Content_Encoding="gzip"),
    "/data-after-gzip": send_data_after_gzip,
    "/etag": send_by_etag,
    "/dated": send_by_date,
    "/odd-etag": lambda h: h.reply(body=BODY, ETag="no quotes", Last_Modified="yesterday"),
    "/one": redirect_to("/two#part"),
    "/two": redirect_to("three?x=1"),
    "/three": redirect_to("/page"),
    "/loop": redirect_to("/loop"),
    "/file": redirect_to("file:///etc/passwd"),
    "/name": redirect_to("http://ada:secret@example.org/"),
    "/private": redirect_to("http://10.0.0.1/"),
    "/nowhere": lambda h: h.reply(302),
    "/busy": lambda h: h.reply(429, Retry_After="120"),
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
    "/noise-encoding": lambda h: h.reply(body=BODY, Content_Encoding="\U00098666\ue000".encode().decode("latin-1")),
    "/br": lambda h: h.reply(body=BODY, Content_Encoding="br"),
    "/big": lambda h: h.reply(body=bytes(10_000_001)),
    "/bomb": send_gzip_bomb,
    "/endless": send_endless_body,
    "/slow-body": send_slow_body,
    "/slow-headers": send_slow_headers,
    "/endless-headers": send_endless_headers,
    "/continue-responses": lambda h: h.send_endlessly(b"HTTP/1.1 100 Continue\r\n\r\n" * 100, 0.01),
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


def fetch_error(url: str, *, private: bool = True, timeout_seconds: float = 60.0) -> str:
    """Return the reason why a URL cannot be fetched."""
    with pytest.raises(ReadlistError) as caught:
        fetch(url, private=private, timeout_seconds=timeout_seconds)
    message = str(caught.value)
    assert message.isprintable()
    assert message.startswith("cannot be fetched: ")
    return message.removeprefix("cannot be fetched: ")


def fetch_page(url: str, version: str = "") -> FetchedPage:
    page = fetch(url, version, private=True)
    assert page
    return page


# Requests and responses


def test_a_page_has_data_charset_and_url(server: Server) -> None:
    assert fetch_page(server.url("/page#part")) == FetchedPage(BODY, "", "utf-8", server.url("/page"))
    assert fetch_page(server.url("/plain")).charset == ""


def test_a_request_has_no_personal_headers(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    fetch_page(server.url("/one"))
    host = f"127.0.0.1:{server.server_port}"
    sent = {
        "Host": host,
        "User-Agent": f"readlist/{__version__}",
        "Accept": "*/*",
        "Accept-Encoding": "gzip",
        "Connection": "keep-alive",
    }
    assert server.requests == [(path, sent) for path in ("/one", "/two", "/three?x=1", "/page")]


def test_three_redirects_are_followed_and_the_url_is_the_last_one(server: Server) -> None:
    assert fetch_page(server.url("/one")).url == server.url("/page")


@pytest.mark.parametrize("path", ["/gzip", "/data-after-gzip"])
def test_a_compressed_page_is_decompressed(server: Server, path: str) -> None:
    assert fetch_page(server.url(path)).data == BODY


@pytest.mark.parametrize(("path", "version"), [("/etag", ETAG), ("/dated", DATE), ("/odd-etag", "")])
def test_an_unchanged_page_is_not_sent_again(server: Server, path: str, version: str) -> None:
    first = fetch_page(server.url(path))
    assert first.version == version
    again = fetch(server.url(path), first.version, private=True)
    assert again == (None if version else first)


@pytest.mark.parametrize("version", ["x", '"a\r\nX: y"', "é", '"' + "x" * 999 + '"'])
def test_a_version_that_is_not_an_etag_or_date_is_not_sent(server: Server, version: str) -> None:
    assert fetch_page(server.url("/etag"), version).data == BODY
    assert not {"If-None-Match", "If-Modified-Since"} & server.requests[0][1].keys()


def test_a_page_is_decoded_with_the_charset_of_the_server(server: Server) -> None:
    page = fetch_page(server.url("/euc-kr"))
    (paper,) = load_bytes(page.data, "p", charset=page.charset).papers
    assert (dict(paper.comments), page.charset) == ({"ko": "조수에 대한 논문."}, "euc-kr")


def test_the_host_header_has_the_host_name(server: Server) -> None:
    url = f"http://localhost:{server.server_port}/page"
    assert fetch_page(url).url == url
    assert server.requests[0][1]["Host"] == f"localhost:{server.server_port}"


# Errors of servers


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/404", "HTTP status 404"),
        ("/500", "HTTP status 500"),
        ("/204", "HTTP status 204"),
        ("/304", "HTTP status 304"),
        ("/empty", "empty response"),
        ("/loop", "more than 3 redirects"),
        ("/nowhere", "redirect without a target"),
        ("/file", "redirect to file:///etc/passwd: not an http:// or https:// URL"),
        ("/name", "redirect to http://example.org/: URL contains a user name or password; these are never sent"),
        ("/garbage", "invalid HTTP response: illegal status line: bytearray(b'\\x00\\x01\\x02 garbage')"),
        ("/silent", "invalid HTTP response: Server disconnected without sending a response."),
        ("/short-gzip", "incomplete gzip data"),
        ("/bad-gzip", "invalid gzip data"),
        ("/noise-encoding", "unsupported content encoding: \ufffd"),
        ("/br", "unsupported content encoding: br"),
        ("/big", "response larger than 10 MB"),
        ("/bomb", "response larger than 10 MB"),
        ("/endless", "response larger than 10 MB"),
    ],
)
def test_an_unusable_response_is_an_error(server: Server, path: str, reason: str) -> None:
    assert fetch_error(server.url(path)) == reason


@pytest.mark.parametrize("path", ["/short", "/endless-headers"])
def test_a_response_that_is_not_http_is_an_error(server: Server, path: str) -> None:
    assert fetch_error(server.url(path)).startswith("invalid HTTP response: ")


@pytest.mark.parametrize("path", ["/slow-body", "/slow-headers", "/continue-responses"])
def test_a_response_that_never_ends_times_out(server: Server, path: str) -> None:
    timeout_seconds = 0.5
    start = time.monotonic()
    assert fetch_error(server.url(path), timeout_seconds=timeout_seconds) == "timed out after 0.5 s"
    assert time.monotonic() - start < 20 * timeout_seconds


def test_a_refused_connection_is_an_error() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert fetch_error(f"http://127.0.0.1:{closed.getsockname()[1]}/") == "Connection refused"


def test_a_server_that_never_responds_times_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert (
            fetch_error(f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout_seconds=0.3) == "timed out after 0.3 s"
        )
        assert (
            fetch_error(f"https://127.0.0.1:{silent.getsockname()[1]}/", timeout_seconds=0.3) == "timed out after 0.3 s"
        )


def test_https_to_a_server_without_tls_is_an_error(server: Server) -> None:
    assert "WRONG_VERSION_NUMBER" in fetch_error(server.url("/page").replace("http:", "https:")).upper().replace(
        " ", "_"
    )


# IP addresses and URLs


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
def test_private_addresses_are_rejected_unless_permitted(
    monkeypatch: pytest.MonkeyPatch, host: str, address: str
) -> None:
    if host == "localhost":
        resolve_to(monkeypatch, address)
    reason = fetch_error(f"http://{host}/", private=False)
    assert reason == f"private address: {address}; use --allow-private to permit it"


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every host name resolve to these addresses; return the names as they are resolved."""
    resolved: list[str] = []
    getaddrinfo = socket.getaddrinfo

    def resolve(host: str, port: int, *args: Any, **options: Any) -> Any:
        if host in addresses:
            return getaddrinfo(host, port, *args, **options)
        resolved.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return resolved


def test_every_address_of_a_host_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "93.184.216.34", "192.168.0.1")
    assert fetch_error("http://tides.example/", private=False).startswith("private address: 192.168.0.1;")


def test_the_connection_goes_to_the_checked_address(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    resolved = resolve_to(monkeypatch, "127.0.0.1")
    url = f"http://tides.example:{server.server_port}/one"
    assert fetch_page(url).url == f"http://tides.example:{server.server_port}/page"
    assert resolved == ["tides.example"] * 4  # once for each hop, and not again for the connection
    assert server.requests[0][1]["Host"] == f"tides.example:{server.server_port}"


def test_tls_uses_the_host_name_and_not_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        received: list[bytes] = []

        def receive() -> None:
            connection, _ = listener.accept()
            with connection:
                received.append(connection.recv(4096))

        thread = threading.Thread(target=receive)
        thread.start()
        fetch_error(f"https://tides.example:{listener.getsockname()[1]}/")
        thread.join()
    assert b"tides.example" in received[0]


def test_the_next_address_is_tried_if_one_cannot_be_reached(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "127.0.0.2", "127.0.0.1")
    assert fetch_page(f"http://tides.example:{server.server_port}/page").data == BODY


def test_a_redirect_to_a_private_address_is_rejected(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("readlist.loaders.fetch.is_private", lambda address: address != "127.0.0.1")
    reason = fetch_error(server.url("/private"), private=False)
    assert reason == "private address: 10.0.0.1; use --allow-private to permit it"


def test_a_redirect_from_https_to_http_is_rejected() -> None:
    reason = "^redirect from https to http://b.example/x, which is not encrypted$"
    with pytest.raises(FetchError, match=reason):
        _resolve_redirect(httpx.URL("https://a.example/"), "http://b.example/x")
    assert str(_resolve_redirect(httpx.URL("http://a.example/"), "https://b.example/x")) == "https://b.example/x"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "not an http:// or https:// URL"),
        ("ftp://example.org/", "not an http:// or https:// URL"),
        ("http://", "not an http:// or https:// URL"),
        ("//example.org", "not an http:// or https:// URL"),
        ("", "not an http:// or https:// URL"),
        ("http://ada:secret@example.org/", "URL contains a user name or password; these are never sent"),
        ("http://example.org/" + "x" * 2048, "URL longer than 2,048 characters"),
    ],
)
def test_a_url_that_is_not_that_of_a_page_is_rejected(url: str, reason: str) -> None:
    assert fetch_error(url) == reason


def test_an_unknown_host_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert fetch_error("http://tides.example/") == "unknown host: tides.example"


def test_a_displayed_url_has_no_password_and_no_control_characters() -> None:
    assert display_url("https://ada:secret@example.org/\x1b[31m?q=@") == "https://example.org/[31m?q=…"
    assert len(display_url("https://example.org/" + "x" * 2000)) == 201


@given(st.text() | st.text().map("http://{}".format))
def test_any_text_as_url_is_an_error(url: str) -> None:
    with contextlib.suppress(ReadlistError), pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
        fetch(url, timeout_seconds=60)


def test_without_the_extra_the_error_has_the_command_that_installs_it() -> None:
    code = (
        "import sys; sys.modules['httpx'] = None\n"
        "from readlist.loaders.fetch import fetch\n"
        "try: fetch('https://example.org')\n"
        "except Exception as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == 'web pages and feeds require optional packages; run: pip install "readlist[feeds]"\n'


def test_an_error_of_a_server_has_its_status_and_when_to_ask_again(server: Server) -> None:
    with pytest.raises(HttpStatusError, match=r"^cannot be fetched: HTTP status 429$") as error:
        fetch(server.url("/busy"), private=True)
    assert (error.value.status, error.value.retry_after) == (429, "120")


def test_one_server_may_be_at_a_private_address_and_no_other(server: Server) -> None:
    name = f"127.0.0.1:{server.server_port}"
    assert fetch(server.url("/plain"), private_server=name)
    for other in ("127.0.0.1", f"127.0.0.1:{server.server_port + 1}", "localhost"):
        with pytest.raises(ReadlistError, match="private address"):
            fetch(server.url("/plain"), private_server=other)


def test_the_media_type_that_is_asked_for_is_sent(server: Server) -> None:
    fetch(server.url("/plain"), private=True, accept="application/json")
    assert server.requests[-1][1]["Accept"] == "application/json"
