"""Fetch a page or feed, with limits on time and size; the only module that imports httpx.

Every hop is checked before the request: the scheme, and all IP addresses of the host. The connection then goes to a
checked address, so that a host name that resolves to another address the next time (DNS rebinding) has no effect; the
Host header and the name in the TLS certificate remain those of the URL. Proxies, .netrc and other settings of the
environment are not used: a proxy would resolve the name itself, which makes the check void. Cookies, referrers, user
names and passwords are never sent.
"""

from __future__ import annotations

import re
import socket
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from readlist import __version__
from readlist.errors import ReadlistError
from readlist.loaders.addresses import is_private
from readlist.loaders.extras import require_extra
from readlist.loaders.files import MAX_FILE
from readlist.redaction import redact_url
from readlist.text import clean_message
from readlist.urls import MAX_URL

if TYPE_CHECKING:
    import httpx

TIMEOUT_SECONDS = 20.0
"""For a page in all, from resolving the first host name to the last byte."""

_MAX_REDIRECTS = 3
_REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
_OK, _NOT_MODIFIED = 200, 304
_MAX_DISPLAYED = 200
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,200}"')
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, [0-9A-Za-z :]{20,26}")


class FetchedPage(NamedTuple):
    """The response of a server.

    `version` is the ETag or Last-Modified date to pass to the next `fetch`, "" where the server sent none. `charset`
    is the declared encoding, "" for none. `url` is the URL after redirects.
    """

    data: bytes
    version: str
    charset: str
    url: str


class FetchError(Exception):
    """Why a page cannot be fetched."""


class HttpStatusError(ReadlistError):
    """A server answered with another status than success; `retry_after` is its header of this name, "" for none."""

    def __init__(self, status: int, retry_after: str = "") -> None:
        super().__init__(f"cannot be fetched: HTTP status {status}")
        self.status = status
        self.retry_after = retry_after


@dataclass(slots=True)
class _Request:
    """The options of a fetch; `deadline` is on the monotonic clock."""

    version: str
    private: bool
    deadline: float
    accept: str
    private_server: str

    def get_remaining_seconds(self) -> float:
        """Return the remaining seconds; raise TimeoutError where there are none."""
        remaining = self.deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        return remaining


def fetch(  # noqa: PLR0913 -- what differs between pages, feeds and services
    url: str,
    version: str = "",
    *,
    private: bool = False,
    private_server: str = "",
    accept: str = "*/*",
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> FetchedPage | None:
    """Return the page at an http or https URL, None where it has not changed since `version`.

    `version` is the ETag or Last-Modified date of an earlier response; only an ETag has quotes. `private` permits
    addresses of this machine and of local networks, `private_server` only those of one server, as host or host:port:
    a redirect does not lead to another one. `accept` is the media type that is asked for.

    Raises:
        HttpStatusError: the server answered with an error.
        ReadlistError: the page cannot be fetched; the message says why.
    """
    require_extra("httpx")
    deadline = time.monotonic() + timeout_seconds
    request = _Request(version, private, deadline, accept, private_server)
    outcome: list[FetchedPage | Exception | None] = []

    def run() -> None:
        try:
            outcome.append(_fetch(url, request))
        except Exception as error:  # noqa: BLE001 -- raised again below, in the calling thread
            outcome.append(error)

    # Neither resolving a name nor receiving headers can be given a total time limit, so the caller stops waiting.
    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(timeout_seconds)
    result = outcome[0] if outcome else TimeoutError()
    if isinstance(result, Exception):
        _raise_readlist_error(result, timeout_seconds)
    return result


def display_url(url: str) -> str:
    """Return a URL as messages show it: printable, at most 200 characters, without secrets."""
    url = redact_url(clean_message(url))
    return url if len(url) <= _MAX_DISPLAYED else url[:_MAX_DISPLAYED] + "…"


def _raise_readlist_error(error: Exception, timeout_seconds: float) -> NoReturn:
    import httpx

    if isinstance(error, HttpStatusError):
        raise error
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        reason = f"timed out after {timeout_seconds:g} s"
    elif isinstance(error, FetchError):
        reason = str(error)
    elif isinstance(error, httpx.RemoteProtocolError):
        reason = f"invalid HTTP response: {_clean_message(error)}"
    elif isinstance(error, httpx.HTTPError | httpx.InvalidURL | OSError | ValueError):
        reason = _clean_message(error) or "connection failed"
    else:
        raise error
    raise ReadlistError(f"cannot be fetched: {reason}") from None


def _clean_message(error: Exception) -> str:
    """Return the message of an error without error number and source line: `[Errno 111] Connection refused`."""
    return re.sub(r"^\[[^\]]*\] | \(_ssl\.c:\d+\)$", "", clean_message(str(error)))[:_MAX_DISPLAYED]


def _fetch(start_url: str, request: _Request) -> FetchedPage | None:
    import httpx

    url = _parse_url(start_url)
    no_reuse = httpx.Limits(max_keepalive_connections=0)  # another host at the same address has another certificate
    with httpx.Client(trust_env=False, follow_redirects=False, limits=no_reuse) as client:
        for _ in range(_MAX_REDIRECTS + 1):
            response = _send(client, url, request)
            try:
                if response.status_code not in _REDIRECT_STATUSES:
                    return _read_page(response, str(url.copy_with(fragment=None)), request)
                url = _resolve_redirect(url, response.headers.get("location", ""))
            finally:
                response.close()
    raise FetchError(f"more than {_MAX_REDIRECTS} redirects")


def _parse_url(text: str) -> httpx.URL:
    import httpx

    if len(text) > MAX_URL:
        raise FetchError(f"URL longer than {MAX_URL:,} characters")
    url = httpx.URL(text)
    if url.scheme not in ("http", "https") or not url.host:
        raise FetchError("not an http:// or https:// URL")
    if url.userinfo:
        raise FetchError("URL contains a user name or password; these are never sent")
    return url


def _resolve_redirect(url: httpx.URL, location: str) -> httpx.URL:
    """Return the target of a redirect."""
    if not location:
        raise FetchError("redirect without a target")
    target = url.join(location)
    try:
        target = _parse_url(str(target))
    except FetchError as error:
        raise FetchError(f"redirect to {display_url(location)}: {error}") from None
    if url.scheme == "https" and target.scheme == "http":
        raise FetchError(f"redirect from https to {display_url(str(target))}, which is not encrypted")
    return target


# Sending the request to a checked address


def _send(client: httpx.Client, url: httpx.URL, request: _Request) -> httpx.Response:
    """Return the response, its body unread, of the first of the host's addresses that accepts a connection."""
    import httpx

    addresses = _resolve_host(url, request)
    client.cookies.clear()
    for number, address in enumerate(addresses, 1):
        http_request = client.build_request(
            "GET",
            url.copy_with(host=address, fragment=None),
            headers={"Host": url.netloc.decode("ascii"), **_build_headers(request)},
            timeout=request.get_remaining_seconds(),
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        try:
            return client.send(http_request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            if number == len(addresses):
                raise
    raise FetchError("the host has no address")


def _build_headers(request: _Request) -> dict[str, str]:
    headers = {"User-Agent": f"readlist/{__version__}", "Accept": request.accept, "Accept-Encoding": "gzip"}
    if _ETAG.fullmatch(request.version):
        headers["If-None-Match"] = request.version
    elif _HTTP_DATE.fullmatch(request.version):
        headers["If-Modified-Since"] = request.version
    return headers


def _resolve_host(url: httpx.URL, request: _Request) -> list[str]:
    """Return the IP addresses of the host; raise FetchError if one is private and that is not permitted."""
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        infos = socket.getaddrinfo(url.raw_host.decode("ascii"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise FetchError(f"unknown host: {display_url(url.host)}") from None
    addresses = list(dict.fromkeys(str(socket_address[0]) for *_, socket_address in infos))
    is_permitted = request.private or url.netloc.decode("ascii") == request.private_server
    for address in addresses:
        if not is_permitted and is_private(address):
            raise FetchError(f"private address: {clean_message(address)}; use --allow-private to permit it")
    return addresses


# Reading the response


def _read_page(response: httpx.Response, url: str, request: _Request) -> FetchedPage | None:
    if response.status_code == _NOT_MODIFIED and request.version:
        return None
    if response.status_code != _OK:
        raise HttpStatusError(response.status_code, response.headers.get("retry-after", ""))
    data = b"".join(_check_bounds(_decompress(response), request))
    if not data:
        raise FetchError("empty response")
    return FetchedPage(data, _get_version(response), response.charset_encoding or "", url)


def _get_version(response: httpx.Response) -> str:
    etag, date = response.headers.get("etag", ""), response.headers.get("last-modified", "")
    return etag if _ETAG.fullmatch(etag) else date if _HTTP_DATE.fullmatch(date) else ""


def _check_bounds(chunks: Iterator[bytes], request: _Request) -> Iterator[bytes]:
    """Yield the chunks of the body; raise when the time is up or the body is too large."""
    size = 0
    for chunk in chunks:
        request.get_remaining_seconds()
        size += len(chunk)
        if size > MAX_FILE:
            raise FetchError(f"response larger than {MAX_FILE // 1_000_000} MB")
        yield chunk


def _decompress(response: httpx.Response) -> Iterator[bytes]:
    """Yield the decompressed body in bounded chunks; httpx would decompress each received chunk as a whole."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        yield from response.iter_raw()
        return
    if encoding not in ("gzip", "x-gzip"):
        raise FetchError(f"unsupported content encoding: {clean_message(encoding)[:20]}")
    gzip = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        for chunk in response.iter_raw():
            compressed = chunk
            while compressed:
                yield gzip.decompress(compressed, MAX_FILE)
                compressed = gzip.unconsumed_tail
            if gzip.eof:
                return
    except zlib.error:
        raise FetchError("invalid gzip data") from None
    raise FetchError("incomplete gzip data")
