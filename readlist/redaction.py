"""Redaction: locations of sources as output shows them, without what may be a secret in a URL.

The feeds of a person have one: user name and password, the values of the query string, or a token in the path. The
store has the whole URL, which `update` needs; every command that prints a location, a digest of a page or a history
entry calls this module. Only `sources --json` prints the whole. The name of a digest never has a secret of its URL.
"""

from __future__ import annotations

import re

_URL_PARTS = r"(?is)([a-z][a-z0-9+.-]*://)(?:[^/?#]*@)?([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?"
_UUID = r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TIMESTAMP = r"\d{8}T\d{6}Z?"
_MIN_TOKEN, _MIN_MIXED_TOKEN = 16, 10
"""Letters and digits of a secret in a path; a shorter run counts where it mixes both cases and digits."""
_ELLIPSIS = "…"
_PUBLIC_PARAMETERS = {"openreview.net": "id"}
"""Host -> the parameter that identifies a paper there."""
_PUBLIC_VALUE = r"[\w.-]{1,40}"
_SECRET_NAMES = r"(?i)token|secret|passw|auth|key|sig|session|credential|user|mail|hash|utm_|\A(?:code|p|s|t)\Z"  # noqa: S105 -- a pattern
_CREDENTIAL_NAMES = r"(?i)token|secret|passw|credential|signature|\A(?:auth|sig|session|sid|key|api_?key|access_?key)\Z"
"""Parameters of a link whose value lets whoever has it in; narrower than the names above, which only choose a name."""
_HASH_DIGITS = 6


def redact_url(url: str) -> str:
    """Return a location as output shows it; a path is unchanged.

    Of a URL, user name and password are removed; the values of the query string, and the parts of the path that look
    like a token, are "…".

    >>> redact_url("https://me:pw@example.org/feed/3f9a8b7c6d5e4f3a2b1c?token=abc&format=rss")
    'https://example.org/feed/…?token=…&format=…'
    >>> redact_url("/home/me/3f9a8b7c6d5e4f3a2b1c.txt")
    '/home/me/3f9a8b7c6d5e4f3a2b1c.txt'
    """
    parts = re.fullmatch(_URL_PARTS, url)
    if not parts:
        return url
    scheme, host, path, query, fragment = parts.groups(default="")
    return f"{scheme}{host}{_redact_path(path)}{_redact_values(query)}{_redact_values(fragment)}"


def has_credentials(url: str) -> bool:
    """Return whether a URL has a user name, or a parameter that is a password or a token by its name.

    >>> has_credentials("https://me:pw@a.example/x"), has_credentials("https://a.example/x?token=3f")
    (True, True)
    >>> has_credentials("https://a.example/x?id=a@b")
    False
    """
    parts = re.fullmatch(_URL_PARTS, url)
    if not parts:
        return False
    names = (field.partition("=")[0] for field in re.split("[?&;#]", f"{parts[4] or ''}{parts[5] or ''}"))
    return re.match(r"[^:]+://[^/?#]*@", url) is not None or any(re.search(_CREDENTIAL_NAMES, name) for name in names)


def name_page(url: str) -> str:
    """Return what papers call the page that they are from: host and path, and what tells its parameters from others.

    The values of parameters may be secret, so that only public identifiers of papers are part of the name. Other
    parameters are hashed, without those whose names are those of secrets: of a value that nobody can guess, 24 bits say
    nothing.

    >>> name_page("https://openreview.net/forum?id=aB3_x&noteId=q"), name_page("https://a.example/feed?token=abc")
    ('openreview.net/forum?id=aB3_x', 'a.example/feed')
    >>> name_page("https://a.example/feed?tag=tides") == name_page("https://a.example/feed?tag=moon")
    False
    """
    from hashlib import sha256
    from urllib.parse import parse_qsl, urlsplit

    parts = urlsplit(url)
    name = f"{parts.hostname}{parts.path}"
    fields = parse_qsl(parts.query, keep_blank_values=True)
    public = _PUBLIC_PARAMETERS.get((parts.hostname or "").removeprefix("www."), "")
    for field, value in fields:
        if field == public and re.fullmatch(_PUBLIC_VALUE, value):
            return f"{name}?{field}={value}"
    hashed = sorted(field for field in fields if not re.search(_SECRET_NAMES, field[0]))
    return f"{name}?{sha256(repr(hashed).encode(errors='replace')).hexdigest()[:_HASH_DIGITS]}" if hashed else name


def redact_digest_name(name: str) -> str:
    """Return the name of a digest as output shows it; that of a page (`name_page`) has a path, which may have a token.

    >>> redact_digest_name("openreview.net/forum?id=aB3xYz9Q1k"), redact_digest_name("a.example/3f9a8b7c6d5e4f3a2b1c")
    ('openreview.net/forum?id=aB3xYz9Q1k', 'a.example/…')
    """
    host, slash, rest = name.partition("/")
    if not slash:
        return name
    path, mark, query = rest.partition("?")
    is_public = re.fullmatch(rf"(?:id={_PUBLIC_VALUE}|[0-9a-f]{{{_HASH_DIGITS}}})", query)
    return f"{host}/{_redact_path(path)}{mark}{query if is_public else _redact_values(query)}"


def redact_urls(text: str) -> str:
    """Return text, such as a description in the history, with its URLs, and query strings without one, redacted.

    A "?" with no value after it is part of a local name.

    >>> redact_urls("load feed?token=abc d.txt paper?draft.txt")
    'load feed?token=… d.txt paper?draft.txt'
    """
    if "?" not in text and "://" not in text:
        return text
    text = re.sub(r"(?i)[a-z][a-z0-9+.-]*://\S+", lambda match: redact_url(match[0]), text)
    return re.sub(r"(?<=[^\s?]\?)(?=[^\s#]*=)[^\s#]+", lambda match: _redact_values(match[0]), text)


def _redact_path(path: str) -> str:
    return "/".join(map(_redact_segment, path.split("/")))


def _redact_segment(segment: str) -> str:
    """Return a segment of a path with "…" for a token, and for the values of parameters: `feed;token=abc`."""
    name, semicolon, parameters = segment.partition(";")
    return f"{_ELLIPSIS if _contains_token(name) else name}{semicolon}{_redact_values(f'#{parameters}')[1:]}"


def _redact_values(query: str) -> str:
    """Return a query string or fragment with its mark, names and "&", and "…" for each value and each token."""
    mark = query[: query[:1] in ("?", "#")]
    fields = re.split("([&;])", query[len(mark) :])
    return mark + "".join(field if field in ("&", ";") else _redact_field(field, mark) for field in fields)


def _redact_field(field: str, mark: str) -> str:
    name, equals, value = field.partition("=")
    if _contains_token(name) or (name and not equals and mark != "#"):
        name = _ELLIPSIS
    return f"{name}{equals}{_ELLIPSIS if value else ''}"


def _contains_token(segment: str) -> bool:
    return re.search(_UUID, segment) is not None or any(
        len(run) >= _MIN_MIXED_TOKEN and _is_token(run) for run in re.findall("[A-Za-z0-9]+", segment)
    )


def _is_token(run: str) -> bool:
    """Return whether letters and digits are a token rather than words with a number: `Report2024` is not."""
    has_letter, has_digit = re.search("[A-Za-z]", run), re.search("[0-9]", run)
    if not has_letter or not has_digit or re.fullmatch(_TIMESTAMP, run):
        return False
    is_mixed = re.search("[a-z]", run) and re.search("[A-Z]", run) and re.search("[0-9][A-Za-z]", run)
    return bool(is_mixed) or len(run) >= _MIN_TOKEN
