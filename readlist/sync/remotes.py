"""Remotes: which locations `sync` accepts, and how they are printed.

A remote is a directory, `host:path`, ssh:// or https://. Everything else that git would accept is refused here, before
git sees it: remote helpers (`ext::`) run programs, an argument that begins with "-" is an option, and git:// and http://
are not encrypted.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from readlist.errors import UsageError
from readlist.redaction import redact_url, redact_urls
from readlist.text import clean, clean_message

ACCEPTED = "pass a directory, host:path, ssh://HOST/PATH or https://HOST/PATH"
MAX_LENGTH = 2_000
_ELLIPSIS = "…"
_URL = r"(?i)([a-z][a-z0-9+.-]*)://(?:([^/?#]*)@)?([^/?#]*)(.*)"
_HELPER = r"[A-Za-z][A-Za-z0-9+.-]*::"
_HOST = r"[A-Za-z0-9_][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9]+)?\]"
_USER = r"[^\s@:/\\'\"`$;&|<>()-][^\s@:/\\'\"`$;&|<>()]*"
_SCP = rf"(?:{_USER}@)?(?:{_HOST}):(?!-|[^/]*@[^/]*:).+"
_USER_VARIABLE, _PASSWORD_VARIABLE = "READLIST_SYNC_USER", "READLIST_SYNC_PASSWORD"
_PRINT_CREDENTIALS = f'printf "username=%s\\npassword=%s\\n" "${_USER_VARIABLE}" "${_PASSWORD_VARIABLE}"'
_CREDENTIAL_HELPER = f'!f() {{ test "$1" != get || {_PRINT_CREDENTIALS}; }}; f'
_MIN_SECRET = 3
"""Characters; a shorter user name is part of too many words to be replaced in messages."""


class Remote(NamedTuple):
    """A remote that git may be given: a URL, `host:path`, or the absolute path of a directory, then also in `path`.

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
        return "\n".join(clean_message(redact_urls(line)) for line in text.splitlines())

    @property
    def location(self) -> str:
        """The remote as an argument of git, which every user of the machine can read: the URL without a password."""
        user, password = self._credentials()
        return self.url.replace(f"{user}:{password}@", "", 1) if password else self.url

    @property
    def variables(self) -> dict[str, str]:
        """Variables of git with a credential helper that answers with the password of the URL, {} where it has none.

        It answers for the host of the URL only, which may redirect; and no other helper is asked, since it would store
        the password.
        """
        user, password = map(unquote, self._credentials())
        if not password:
            return {}
        host = self.location.removeprefix("https://").partition("/")[0]
        settings = ("credential.helper=", f"credential.https://{host}.helper={_CREDENTIAL_HELPER}")
        return {
            "GIT_CONFIG_PARAMETERS": " ".join(f"'{setting}'" for setting in settings),
            _USER_VARIABLE: user,
            _PASSWORD_VARIABLE: password,
        }

    def _credentials(self) -> tuple[str, str]:
        """Return user name and password of an https URL as they are in it, "" for none."""
        match = re.fullmatch(_URL, self.url)
        if not match or match[1] != "https" or not match[2]:
            return "", ""
        user, _, password = match[2].partition(":")
        return user, password

    def _secrets(self) -> list[str]:
        """Return the password of an https URL in every form that a server may print, the longest first.

        A user name without a password may be a token.
        """
        from base64 import b64encode

        credentials = self._credentials()
        user, password = map(unquote, credentials)
        header = b64encode(f"{user}:{password}".encode()).decode()
        forms = {credentials[1], password, f"{user}:{password}", header} if password else {credentials[0], user}
        return sorted((form for form in forms if len(form) >= _MIN_SECRET), key=lambda form: (-len(form), form))


def parse_remote(text: str) -> Remote:
    """Return the remote that a user names; a directory is relative to the working directory, `~` is the home directory.

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
    return _parse_directory(text)


def _parse_url(text: str, scheme: str, user: str, host: str, path: str) -> Remote:
    scheme = scheme.lower()
    if scheme == "file":
        if user or host not in ("", "localhost") or not path.startswith("/"):
            raise _not_a_remote(text)
        return _parse_directory(unquote(path))
    if scheme not in ("ssh", "https"):
        raise UsageError(f"{scheme}:// is not accepted as a remote: {_shorten(text)}; {ACCEPTED}")
    name, colon, port = host.rpartition(":") if re.search(r":\d*\Z", host) else (host, "", "")
    is_valid_user = unquote(user).isprintable() if scheme == "https" else not user or re.fullmatch(_USER, user)
    if not is_valid_user or not re.fullmatch(_HOST, name) or (colon and not 0 < int(port or 0) < 2**16):
        raise _not_a_remote(text)
    if not path.strip("/") or not path.startswith("/") or path.startswith("/-") or " " in text:
        raise _not_a_remote(text)
    return Remote(f"{scheme}://{user}{'@' * bool(user)}{host}{path}")


def _parse_directory(text: str) -> Remote:
    try:
        path = Path(text).expanduser().absolute()
    except RuntimeError:  # `~name` of a user who does not exist
        raise _not_a_remote(text) from None
    if not str(path).isprintable():
        raise _not_a_remote(text)
    if "/" not in text and not text.startswith("~") and not path.exists():  # `sync status`, or a host without a path
        if "@" in text:
            raise _not_a_remote(text)
        raise UsageError(f"no directory here has this name: {_shorten(text)}; write ./NAME to create one")
    if path.is_file():
        raise UsageError(f"the remote is a file: {clean(text)}; pass a directory")
    return Remote(str(path), path)


def _not_a_remote(text: str) -> UsageError:
    return UsageError(f"not a remote: {_shorten(text)}; {ACCEPTED}")


def _shorten(text: str) -> str:
    """Return a location for a message; what precedes an "@" may be a password, and is not part of it."""
    shown = re.sub("(?s)(?<=://).*@", f"{_ELLIPSIS}@", text)
    return clean(re.sub(r"[^\s/]*:[^\s/]*@", f"{_ELLIPSIS}@", redact_urls(shown)))[:80] or '""'
