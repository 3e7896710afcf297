"""Remotes: which locations `sync` accepts, and how they are printed.

A remote is a folder, `host:path`, ssh:// or https://. Everything else that git would accept is refused here, before git
sees it: remote helpers (`ext::`) run programs, an argument that begins with "-" is an option, and git:// and http://
are not encrypted.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from readlist.errors import UsageError
from readlist.redaction import redact_url, redact_urls
from readlist.text import clean

ACCEPTED = "pass a folder, host:path, ssh://HOST/PATH or https://HOST/PATH"
MAX_LENGTH = 2_000
_ELLIPSIS = "…"
_URL = r"(?i)([a-z][a-z0-9+.-]*)://(?:([^/?#]*)@)?([^/?#]*)(.*)"
_HELPER = r"[A-Za-z][A-Za-z0-9+.-]*::"
_HOST = r"[A-Za-z0-9_][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9]+)?\]"
_USER = r"[^\s@:/\\'\"`$;&|<>()-][^\s@:/\\'\"`$;&|<>()]*"
_SCP = rf"(?:{_USER}@)?(?:{_HOST}):(?!-|[^/]*@[^/]*:).+"
_MIN_SECRET = 3
"""Characters; a shorter user name is part of too many words to be replaced in messages."""


class Remote(NamedTuple):
    """A remote that git may be given: a URL, `host:path`, or the absolute path of a folder, then also in `path`.

    `url` may contain a password; str() and repr() do not.
    """

    url: str
    path: Path | None = None

    def __str__(self) -> str:
        return clean(redact_url(self.url))

    def __repr__(self) -> str:
        return f"Remote({str(self)!r})"

    def redact(self, text: str) -> str:
        """Return what git or a server printed, as lines that may be shown: without secrets and control characters.

        The password of the URL is replaced wherever it occurs, also encoded as an HTTP header has it.
        """
        for secret in self._secrets():
            text = text.replace(secret, _ELLIPSIS)
        return "\n".join(clean(redact_urls(line)) for line in text.splitlines())

    def _secrets(self) -> list[str]:
        """Return user name and password of an https URL, in every form that git may print; the longest first."""
        match = re.fullmatch(_URL, self.url)
        if not match or match[1] != "https" or not match[2]:
            return []
        from base64 import b64encode

        user, _, password = match[2].partition(":")
        plain = [unquote(part) for part in (user, password)]
        header = b64encode(":".join(plain).encode()).decode()
        forms = {match[2], user, password, *plain, ":".join(plain), header}
        return sorted((form for form in forms if len(form) >= _MIN_SECRET), key=lambda form: (-len(form), form))


def parse_remote(text: str) -> Remote:
    """Return the remote that a user names; a folder is relative to the working directory, `~` is the home directory.

    Raises UsageError for a location that git would take for an option or a program, for a protocol without encryption,
    and for what is no location.
    """
    if not text or text != text.strip() or not text.isprintable() or text.startswith("-") or len(text) > MAX_LENGTH:
        raise _not_a_remote(text)
    if re.match(_HELPER, text):
        raise UsageError(f"a remote helper of git runs programs: {_shorten(text)}; {ACCEPTED}")
    if match := re.fullmatch(_URL, text):
        return _parse_url(text, *match.groups(default=""))
    if ":" in text.partition("/")[0]:
        if not re.fullmatch(_SCP, text):
            raise _not_a_remote(text)
        return Remote(text)
    return _folder(text)


def _parse_url(text: str, scheme: str, user: str, host: str, path: str) -> Remote:
    scheme = scheme.lower()
    if scheme == "file":
        if user or host not in ("", "localhost") or not path.startswith("/"):
            raise _not_a_remote(text)
        return _folder(unquote(path))
    if scheme not in ("ssh", "https"):
        raise UsageError(f"{scheme}:// is not accepted as a remote: {_shorten(text)}; {ACCEPTED}")
    name, colon, port = host.rpartition(":") if re.search(r":\d*\Z", host) else (host, "", "")
    is_valid_user = scheme == "https" or not user or re.fullmatch(rf"{_USER}", user)
    if not is_valid_user or not re.fullmatch(_HOST, name) or (colon and not 0 < int(port or 0) < 2**16):
        raise _not_a_remote(text)
    if not path.strip("/") or not path.startswith("/") or path.startswith("/-") or " " in text:
        raise _not_a_remote(text)
    return Remote(f"{scheme}://{user}{'@' * bool(user)}{host}{path}")


def _folder(text: str) -> Remote:
    try:
        path = Path(text).expanduser().absolute()
    except RuntimeError:  # `~name` of a user who does not exist
        raise _not_a_remote(text) from None
    if not str(path).isprintable():
        raise _not_a_remote(text)
    if path.is_file():
        raise UsageError(f"the remote is a file: {clean(text)}; pass a folder")
    return Remote(str(path), path)


def _not_a_remote(text: str) -> UsageError:
    return UsageError(f"not a remote: {_shorten(text)}; {ACCEPTED}")


def _shorten(text: str) -> str:
    """Return a location for a message; what precedes an "@" may be a password, and is not part of it."""
    shown = re.sub("(?s)(?<=://).*@", f"{_ELLIPSIS}@", text)
    return clean(re.sub(r"[^\s/]*:[^\s/]*@", f"{_ELLIPSIS}@", redact_urls(shown)))[:80] or '""'
