"""Requests to one service: its base URL, the interval between requests, and what to do when it is busy.

A service that cannot be reached, or that limits requests for longer than we wait, is not asked again by this process:
each further request raises the same error at once.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote_plus, urlsplit

from readlist.errors import ReadlistError
from readlist.loaders.fetch import HttpStatusError, fetch

if TYPE_CHECKING:
    from readlist.loaders.fetch import FetchedPage

Notify = Callable[[str], None]
"""Receives a line about a long wait."""

MAX_WAIT_SECONDS = 60.0
"""The longest wait that a service can ask for before it counts as not available."""
RETRY_SECONDS = 5.0
"""The wait before the first repetition of a request to a service that is busy and does not say how long; it doubles."""
MAX_RETRIES = 2
_BUSY = frozenset({429, 500, 502, 503, 504})
_NOTHING = frozenset({400, 404, 410})
_NOTICE_SECONDS = 2.0
_MAX_QUERY = 700
"""Characters of the words in a URL, percent-encoded: 30 words of English, 70 syllables of Hangul."""
_WORD = r"[^\W_]+(?:['’.][^\W_]+)*"
_HTTP_DATE = r"[A-Z][a-z]{2}, [0-9A-Za-z :]{20,26}"


class ServiceUnavailable(ReadlistError):
    """A service cannot be reached, limits requests, or returns what cannot be parsed."""


class Client:
    """A service: `name` is what messages call it, `base_url` where it is, `interval` the seconds between requests.

    A `base_url` that the user chose may be at a private address; then only that server may.
    """

    def __init__(
        self, name: str, base_url: str, interval: float, *, chosen_by_user: bool = False, notify: Notify = print
    ) -> None:
        self.name = name
        self._base_url = base_url.rstrip("/")
        self._interval = interval
        self._private_server = urlsplit(base_url).netloc if chosen_by_user else ""
        self._notify = notify
        self._next_request = 0.0
        self._failure = ""

    def get(self, path: str, accept: str) -> FetchedPage | None:
        """Return what the service answers to a path with a query string; None where it has nothing there.

        Raises:
            ServiceUnavailable: the service is not available now.
        """
        if self._failure:
            raise ServiceUnavailable(self._failure)
        retry_seconds = RETRY_SECONDS
        for attempt in range(MAX_RETRIES + 1):
            self._wait_until_next_request()
            try:
                return fetch(f"{self._base_url}{path}", private_server=self._private_server, accept=accept)
            except HttpStatusError as error:
                if error.status in _NOTHING:
                    return None
                requested = parse_retry_after(error.retry_after)
                self._raise_unless_busy(error.status, requested, is_last=attempt == MAX_RETRIES)
                self._pause(retry_seconds if requested is None else requested)
                retry_seconds *= 2
            except ReadlistError as error:
                self.fail(describe_failure(self.name, error))
        raise AssertionError  # the last attempt returns or raises

    def fail(self, reason: str) -> NoReturn:
        """Raise ServiceUnavailable, now and for each further request."""
        self._failure = reason
        raise ServiceUnavailable(reason)

    def _wait_until_next_request(self) -> None:
        if (seconds := self._next_request - time.monotonic()) > 0:
            time.sleep(seconds)
        self._next_request = time.monotonic() + self._interval

    def _raise_unless_busy(self, status: int, requested: float | None, *, is_last: bool) -> None:
        if status not in _BUSY:
            self.fail(f"{self.name} returned an error: HTTP status {status}")
        if requested is not None and requested > MAX_WAIT_SECONDS:
            self.fail(f"{self.name} asks to wait for {requested:,.0f} s: HTTP status {status}")
        if is_last:
            self.fail(f"{self.name} is busy: HTTP status {status} after {MAX_RETRIES + 1} requests")

    def _pause(self, seconds: float) -> None:
        if seconds > _NOTICE_SECONDS:
            self._notify(f"{self.name} is busy; the next request is in {seconds:.0f} s")
        time.sleep(seconds)


def choose_words(text: str) -> str:
    """Return the first words of a title or name, as many as a URL has room for: quotes and colons would be syntax.

    Points and apostrophes within a word stay, as services index "2.0" and "don't" as one word.
    """
    chosen: list[str] = []
    size = 0
    for word in re.findall(_WORD, text):
        size += len(quote_plus(word)) + 1
        if size > _MAX_QUERY:
            break
        chosen.append(word)
    return " ".join(chosen)


def describe_failure(name: str, error: ReadlistError) -> str:
    """Return why a request to a server was not answered; a missing package is not due to the server."""
    reason = str(error).removeprefix("cannot be fetched: ")
    return reason if reason == str(error) else f"{name} cannot be reached: {reason}"


def parse_retry_after(text: str) -> float | None:
    """Return the seconds of a Retry-After header, which has a number or a date; None for anything else.

    >>> parse_retry_after("120"), parse_retry_after("Thu, 01 Jan 1970 00:00:00 GMT"), parse_retry_after("soon")
    (120.0, 0.0, None)
    """
    text = text.strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    if not re.fullmatch(_HTTP_DATE, text):
        return None
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
