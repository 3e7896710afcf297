"""Fetching a page or a feed, in bounds whatever the server does; httpx, and only here.

Every hop is checked before it is made: the scheme, and every address that the host's name resolves to. The connection
then goes to an address that was checked, so that a name that resolves anew leads nowhere else; Host and the name in the
TLS certificate stay those of the URL. Proxies, .netrc and other settings of the environment are not used: a proxy
would resolve the name by itself, which makes the check void. Cookies, referrers, names and passwords are never sent.
"""

from __future__ import annotations

import ipaddress
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
from readlist.loaders.files import MAX_FILE
from readlist.loaders.limits import MAX_URL
from readlist.loaders.optional import needed
from readlist.text import clean

if TYPE_CHECKING:
    import httpx

SECONDS = 20.0
"""For a page in all, from the first name that is resolved to the last byte."""

_MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OK, _NOT_MODIFIED = 200, 304
_MAX_SHOWN = 200
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,200}"')
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, [0-9A-Za-z :]{20,26}")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Page(NamedTuple):
    """What a server sent.

    `version` is what the next `fetch` may be given, "" where the server names none; `charset` the encoding that it
    said, "" for none; `address` the URL that it came from, after redirects.
    """

    data: bytes
    version: str
    charset: str
    address: str


class _Fault(Exception):
    """Why a page cannot be fetched."""


@dataclass(slots=True)
class _Request:
    """What is asked for, and by when on the monotonic clock it must be there."""

    version: str
    private: bool
    end: float

    def left(self) -> float:
        """The seconds that are left; raises TimeoutError where there are none."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def fetch(address: str, version: str = "", *, private: bool = False, seconds: float = SECONDS) -> Page | None:
    """The page at an http or https URL; None where it is the same as at `version`.

    `version` is the ETag or the Last-Modified date of an earlier answer, which differ in that only the one has quotes.
    `private` permits addresses of this machine and its networks. Raises ReadlistError.
    """
    with needed():
        import httpx  # noqa: F401 -- to say in this thread that it is missing

    request = _Request(version, private, time.monotonic() + seconds)
    outcome: list[Page | Exception | None] = []

    def run() -> None:
        try:
            outcome.append(_fetch(address, request))
        except Exception as error:  # noqa: BLE001 -- raised again below, by the one who asked
            outcome.append(error)

    # Neither resolving a name nor reading headers has a limit for the whole of it: only not waiting any longer has.
    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    result = outcome[0] if outcome else TimeoutError()
    if isinstance(result, Exception):
        _fail(result, seconds)
    return result


def shown(address: str) -> str:
    """The URL as a message names it: printable, not too long, without a name or password."""
    address = re.sub(r"(?<=//)[^/?#]*@", "", clean(address))
    return address if len(address) <= _MAX_SHOWN else address[:_MAX_SHOWN] + "…"


def _fail(error: Exception, seconds: float) -> NoReturn:
    import httpx

    if isinstance(error, TimeoutError | httpx.TimeoutException):
        reason = f"it took longer than {seconds:g} s"
    elif isinstance(error, _Fault):
        reason = str(error)
    elif isinstance(error, httpx.RemoteProtocolError):
        reason = f"the server does not keep to HTTP: {_plain(error)}"
    elif isinstance(error, httpx.HTTPError | httpx.InvalidURL | OSError | ValueError):
        reason = _plain(error) or "the connection failed"
    else:
        raise error
    raise ReadlistError(f"cannot be fetched: {reason}") from None


def _plain(error: Exception) -> str:
    """The message of an error without numbers and source lines: "[Errno 111] Connection refused"."""
    return re.sub(r"^\[[^\]]*\] | \(_ssl\.c:\d+\)$", "", clean(str(error)))[:_MAX_SHOWN]


def _fetch(address: str, request: _Request) -> Page | None:
    import httpx

    url = _checked_url(address)
    one_use = httpx.Limits(max_keepalive_connections=0)  # another host at the same address is another certificate
    with httpx.Client(trust_env=False, follow_redirects=False, limits=one_use) as client:
        for _ in range(_MAX_REDIRECTS + 1):
            response = _answer(client, url, request)
            try:
                if response.status_code not in _REDIRECTS:
                    return _page(response, str(url.copy_with(fragment=None)), request)
                url = _next(url, response.headers.get("location", ""))
            finally:
                response.close()
    raise _Fault(f"it leads on more than {_MAX_REDIRECTS} times")


def _checked_url(address: str) -> httpx.URL:
    import httpx

    if len(address) > MAX_URL:
        raise _Fault(f"its address has more than {MAX_URL:,} characters")
    url = httpx.URL(address)
    if url.scheme not in ("http", "https") or not url.host:
        raise _Fault("only http:// and https:// are fetched")
    if url.userinfo:
        raise _Fault("it holds a name or password, which is never sent")
    return url


def _next(url: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect leads to."""
    if not location:
        raise _Fault("it leads on, but nowhere")
    target = url.join(location)
    try:
        target = _checked_url(str(target))
    except _Fault as fault:
        raise _Fault(f"it leads to {shown(location)}: {fault}") from None
    if url.scheme == "https" and target.scheme == "http":
        raise _Fault(f"it leads from https to {shown(str(target))}, which is not encrypted")
    return target


# Where the connection goes


def _answer(client: httpx.Client, url: httpx.URL, request: _Request) -> httpx.Response:
    """The head of the answer, from the first of the host's addresses that can be reached."""
    import httpx

    addresses = _addresses(url, request)
    client.cookies.clear()
    for number, ip in enumerate(addresses, 1):
        asked = client.build_request(
            "GET",
            url.copy_with(host=ip, fragment=None),
            headers={"Host": url.netloc.decode("ascii"), **_headers(request.version)},
            timeout=request.left(),
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        try:
            return client.send(asked, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            if number == len(addresses):
                raise
    raise _Fault("its host has no address")


def _headers(version: str) -> dict[str, str]:
    headers = {"User-Agent": f"readlist/{__version__}", "Accept": "*/*", "Accept-Encoding": "gzip"}
    if _ETAG.fullmatch(version):
        headers["If-None-Match"] = version
    elif _HTTP_DATE.fullmatch(version):
        headers["If-Modified-Since"] = version
    return headers


def _addresses(url: httpx.URL, request: _Request) -> list[str]:
    """The addresses of the host, each of which is checked."""
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(url.raw_host.decode("ascii"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _Fault(f"there is no host {shown(url.host)}") from None
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
    for address in addresses:
        if not request.private and _is_private(address):
            raise _Fault(f"it leads to a private address ({clean(address)}); --allow-private permits it")
    return addresses


def _is_private(address: str) -> bool:
    """Whether an address is not that of a host on the public internet, or carries one that is not.

    >>> [_is_private(ip) for ip in ("127.0.0.1", "10.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "93.184.216.34")]
    [True, True, True, True, False]
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        carried = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if ip in _NAT64:
            carried.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
        if ip.ipv4_mapped:
            return _is_private(str(ip.ipv4_mapped))
        if ip.is_site_local or any(_is_private(str(inner)) for inner in carried if inner):
            return True
    in_use = ip in _NAT64 or not ip.is_reserved
    return not (ip.is_global and in_use) or ip.is_multicast


# What the server sends


def _page(response: httpx.Response, address: str, request: _Request) -> Page | None:
    if response.status_code == _NOT_MODIFIED and request.version:
        return None
    if response.status_code != _OK:
        raise _Fault(f"the server answered {response.status_code}")
    data = b"".join(_bounded(_unpacked(response), request))
    if not data:
        raise _Fault("the server sent nothing")
    return Page(data, _version(response), response.charset_encoding or "", address)


def _version(response: httpx.Response) -> str:
    etag, date = response.headers.get("etag", ""), response.headers.get("last-modified", "")
    return etag if _ETAG.fullmatch(etag) else date if _HTTP_DATE.fullmatch(date) else ""


def _bounded(pieces: Iterator[bytes], request: _Request) -> Iterator[bytes]:
    """The pieces of the body, as long as there is time and they are not too many."""
    size = 0
    for piece in pieces:
        request.left()
        size += len(piece)
        if size > MAX_FILE:
            raise _Fault(f"it has more than {MAX_FILE // 1_000_000} MB")
        yield piece


def _unpacked(response: httpx.Response) -> Iterator[bytes]:
    """The body, unpacked a bounded piece at a time: httpx unpacks all that comes in one piece at once."""
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing in ("", "identity"):
        yield from response.iter_raw()
        return
    if packing not in ("gzip", "x-gzip"):
        raise _Fault(f"the server packs it in a way that was not asked for ({clean(packing)[:20]})")
    gzip = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        for packed in response.iter_raw():
            while packed:
                yield gzip.decompress(packed, MAX_FILE)
                packed = gzip.unconsumed_tail  # noqa: PLW2901 -- what is left of the piece
            if gzip.eof:
                return
    except zlib.error:
        raise _Fault("what the server packed cannot be unpacked") from None
    raise _Fault("the server ended early")
