"""Tracking links: the target of a link that counts its clicks, without a connection, and links without tokens.

    https://substack.com/redirect/2/eyJl…                the target is in the link: JSON in base64url
    https://event.stibee.com/v2/click/…/aHR0c…           a URL in base64, as ConvertKit, Mailjet and Sailthru have too
    https://scholar.google.com/scholar_url?url=…         a parameter
    https://urldefense.com/v3/__https://…__;!!…$         the encodings of Proofpoint
    https://substack.com/redirect/<uuid>?j=…             the target is not in the link; the token is removed
    https://example.substack.com/action/disable_email    of use to one subscriber only: no link at all

`limits.apply_limits` passes all links and texts of every paper through this module, so that no token of a subscriber
reaches the store. `page.html` and `mail` call it earlier too, because a link to arXiv shows them what a paper is;
unwrapping is idempotent. The functions are pure, never raise, and take linear time.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

from readlist.loaders.json_text import get_text, parse_json
from readlist.text import clean, encode_invisible, replace_links
from readlist.urls import rejection_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_WRAPPERS = 5
"""Tracking links within each other that are unwrapped; a mail that a company's filter has rewritten has three."""
MAX_UNWRAPPED = 5_000
"""Links of a page or a text that are unwrapped before it is parsed, which takes 0.2 s; a digest has 100."""

_MAX_LENGTH = 8_192
"""Characters of a link; a longer one stays as it is, and is dropped by `limits`."""
_MAX_PARAMETERS = 100
_PARTS = re.compile(r"(?is)(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?")

_TRACKING_NAMES = (
    r"utm_[\w-]*|mc_[ce]id|(?:fb|g|d|y|tt|tw)clid|msclkid|igshid|_hs(?:enc|mi)|_bhlid|mkt_tok|vero_(?:id|conv)"
    r"|oly_(?:anon|enc)_id|ck_subscriber_id|is_?freemail|triedredirect|trackingid|midtoken|midsig|otptoken"
)
_TOKEN_NAMES = r"(?:access_?|auth_?|subscriber_?|user_?|email_?)?token|subscriber_?id|subscriber_?hash"  # noqa: S105 -- names
_JSON_WEB_TOKEN = re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]+){0,2}")
_REMOVED_NAMES = re.compile(rf"(?i)(?:{_TRACKING_NAMES}|{_TOKEN_NAMES})")
_REMOVED_WITH_OTHERS = "r"
"""The subscriber in Substack's links, where another parameter shows that it is a tracking link."""
_SUBSCRIBER_PARAMETERS = {
    r"(?:[\w-]+\.)*substack\.com/.*": ("j", "r"),
    r"(?:[\w-]+\.)*(?:list-manage\d?\.com|mailchi\.mp|campaign-archive\d?\.com)/.*": ("e",),
}
"""Host and path -> the parameters that have the subscriber."""

_GOOGLE = r"google\.(?:[a-z]{2,3}|com?\.[a-z]{2})"
_TARGET_PARAMETERS = {
    rf"(?:www\.)?{_GOOGLE}/url": ("q", "url"),
    rf"scholar\.{_GOOGLE}/scholar_url": ("url",),
    r"[\w.-]+\.safelinks\.protection\.outlook\.com/.*": ("url",),
    r"urldefense\.proofpoint\.com/v1/url": ("u",),
    r"(?:www\.)?linkedin\.com/(?:redir/redirect|safety/go)/?": ("url",),
    r"lm?\.facebook\.com/l\.php": ("u",),
    r"l\.instagram\.com/": ("u",),
    r"(?:[\w-]+\.)?duckduckgo\.com/l/": ("uddg",),
    r"(?:www\.)?youtube\.com/redirect": ("q",),
    r"out\.reddit\.com/.*": ("url",),
    r"slack-redir\.net/link": ("url",),
    r"t\.umblr\.com/redirect": ("z",),
    r"medium\.com/r/": ("url",),
    r"linkprotect\.cudasvc\.com/url": ("a",),
    r"clicktime\.symantec\.com/.*": ("u",),
    r"(?:[\w-]+\.)*(?:beehiiv|list-manage\d?|sendgrid|convertkit|mailchimp)\.(?:com|net)/.*": (
        "url",
        "u",
        "redirect_to",
        "redirect",
    ),
}
"""Host and path of a redirect -> the parameters that may have its target."""
_OPAQUE_REDIRECT = re.compile(
    r"[^/]+/(?:redirect/2/.*|(?:ls|wf)/click\b.*|ss/c/.*|c/eJ[\w-]{20,}.*)"
    r"|(?:[\w-]+\.)*(?:link\.mail\.beehiiv\.com|event\.stibee\.com|click\.(?:convert)?kit-mail\d?\.com|mjt\.lu|awstrack\.me"
    r"|sendgrid\.net|sendibt\d?\.com|createsend\d?\.com|cmail\d{1,2}\.com|hubspotlinks\.com|klclick\d?\.com|mandrillapp\.com)"
    r"/.+"
)
"""Host and path of redirects whose path or parameters are a token as a whole: nothing is left without it."""
_SUBSCRIPTION_PATH = re.compile(
    r"(?i)[^/]+/(?:.*/)?(?:unsubscribe|optout|opt-out|disable_email|(?:email|manage|update)[-_]?(?:preferences|profile"
    r"|subscription)|subscription[-_]?(?:preferences|center)|view[-_]?(?:in[-_]?browser|online)|webversion"
    r"|forward-to-a?-?friend)(?:[/.].*)?"
    r"|(?:[\w-]+\.)*list-manage\d?\.com/(?:profile|about|vcard|subscribe/confirm)\b.*"
)
_PROOFPOINT_2 = re.compile(r"urldefense\.proofpoint\.com/v2/url")
_PROOFPOINT_3 = re.compile(r"(?is)https?://urldefense\.(?:com|us)/v3/__(.+?)__;([\w-]*=*)!.*")
_PROOFPOINT_RUN = re.compile(r"\*(?:\*([A-Za-z0-9_-]))?")
_PROOFPOINT_LENGTHS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_MIN_RUN = 2
_MANDRILL = re.compile(r"mandrillapp\.com/track/click/.*")

_ENCODED_URL = re.compile(r"(?:a1)?(aHR0c(?:HM6Ly|DovL)[\w+/-]*)=*")
_ESCAPED_URL = re.compile(r"(?i)https?(?::|%3A)%2F%2F")
_SUBSTACK = re.compile(r"/redirect/2/(eyJ[\w-]+)")
_MAILGUN = re.compile(r"/c/(eJ[\w-]{20,})")
_UNSAFE = re.compile(r"[\s<>\"'\\^`{|}]")

_HINTS = (
    "ahr0c", "%2f%2f", "/redirect/", "/click", "/ss/c/", "/c/ej", "urldefense", "beehiiv", "stibee", "kit-mail",
    "mjt.lu", "awstrack", "sendgrid", "sendibt", "createsend", "cmail", "hubspotlinks", "klclick", "mandrillapp",
    "list-manage", "unsubscribe", "optout", "opt-out", "disable_email", "preferences", "profile", "subscription",
    "view", "webversion", "forward-to",
)  # fmt: skip
"""What every link in lower case has that this module changes, unless it has parameters; most links have neither."""

_PAPER_SITES = ("https://arxiv.org/", "https://doi.org/", "https://github.com/")
"""How most links of papers begin; without parameters, they are no redirects."""


class _Link(NamedTuple):
    """The parts of a link; `place` is its host without a port, in lower case, and its path."""

    url: str
    place: str
    path: str
    query: str


def unwrap_links(links: Iterable[str]) -> tuple[str, ...]:
    """Return the targets of links, each once, without the links that are of use to one subscriber only."""
    return tuple(dict.fromkeys(filter(None, map(unwrap_link, links))))


def unwrap_text(text: str) -> str:
    """Return a text with the targets of its links; of a link that is of use to one subscriber only, its host stays."""
    return replace_links(text, lambda link: unwrap_link(link) or _keep_host(link)) if "://" in text else text


def unwrap_link(url: str) -> str:
    """Return the target of a tracking link, without the parameters that track or name the reader.

    Returns "" for a link that is of use to one subscriber only, or that is nothing but a token. A target that may not
    be opened in a browser (`urls.rejection_reason`) does not count.

    >>> unwrap_link("https://www.google.com/url?q=https://arxiv.org/abs/2502.06781%3Futm_source%3Dx&sa=D")
    'https://arxiv.org/abs/2502.06781'
    >>> unwrap_link("https://substack.com/redirect/7da7d22f-9a6c-4b0b-8a6e-1f0a5f6f5b1e?j=eyJ1IjoiMSJ9.c2ln")
    'https://substack.com/redirect/7da7d22f-9a6c-4b0b-8a6e-1f0a5f6f5b1e'
    """
    if not url or len(url) > _MAX_LENGTH:
        return url
    for _ in range(MAX_WRAPPERS + 1):
        link = _split(url) if _may_track(url) else None
        if link is None:
            return url
        target = next(filter(None, map(_check_target, _iter_targets(link))), "")
        if not target:
            return _remove_tokens(link)
        url = target
    return ""


def _may_track(url: str) -> bool:
    if "?" in url:
        return True
    if url.startswith(_PAPER_SITES):
        return False
    lowered = url.lower()
    return any(hint in lowered for hint in _HINTS)


def _split(url: str) -> _Link | None:
    """Return the parts of a link, None for a link with a user name, which hides its host."""
    parts = _PARTS.fullmatch(url)
    if not parts or "@" in parts[2]:
        return None
    host = parts[2].partition(":")[0].lower()
    return _Link(url, f"{host}{parts[3]}", parts[3], parts[4] or "")


def _keep_host(url: str) -> str:
    parts = _PARTS.fullmatch(url)
    return f"{parts[1]}://{parts[2]}/" if parts else ""


# Targets


def _iter_targets(link: _Link) -> Iterator[str]:
    """Yield what may be the target of a link, the most probable first."""
    parameters = list(_iter_parameters(link.query))
    for pattern, names in _TARGET_PARAMETERS.items():
        if re.fullmatch(pattern, link.place, re.DOTALL):
            yield from (unquote(value) for name in names for field, value in parameters if field == name)
    for text in (*link.path.split("/"), *(value for _, value in parameters)):
        if encoded := _ENCODED_URL.fullmatch(unquote(text)):
            yield _decode_base64(encoded[1]).decode("utf-8", "replace")
    if escaped := _ESCAPED_URL.search(link.path):
        yield unquote(link.path[escaped.start() :].partition("/")[0])
    yield from _iter_packed_targets(link, dict(parameters))
    if _PROOFPOINT_2.fullmatch(link.place):
        yield unquote(dict(parameters).get("u", "").replace("-", "%").replace("_", "/"))
    if defended := _PROOFPOINT_3.fullmatch(link.url):
        yield _decode_proofpoint(defended[1], defended[2])


def _iter_packed_targets(link: _Link, parameters: dict[str, str]) -> Iterator[str]:
    """Yield the targets in the JSON of Substack and Mandrill, and in the compressed parameters of Mailgun."""
    if packed := _SUBSTACK.match(link.path):
        yield get_text(_parse_packed_json(packed[1]), "e")
    if _MANDRILL.fullmatch(link.place):
        yield get_text(parse_json(get_text(_parse_packed_json(unquote(parameters.get("p", ""))), "p")), "url")
    if packed := _MAILGUN.match(link.path):
        fields = dict(_iter_parameters(_decompress(_decode_base64(packed[1])).decode("utf-8", "replace")))
        yield unquote(fields.get("l", ""))


def _parse_packed_json(text: str) -> object:
    return parse_json(_decode_base64(text).decode("utf-8", "replace"))


def _check_target(target: str) -> str:
    """Return a target as a URL that may be opened in a browser, "" for anything else."""
    target = encode_invisible(_UNSAFE.sub(lambda match: quote(match[0]), clean(target)))
    return "" if rejection_reason(target) else target


def _iter_parameters(query: str) -> Iterator[tuple[str, str]]:
    """Yield names and values of a query string as they are, without decoding them."""
    for field in islice(re.split("&amp;|&", query), _MAX_PARAMETERS):
        name, _, value = field.partition("=")
        yield name, value


def _decode_base64(text: str) -> bytes:
    """Return the bytes of base64 or base64url with or without padding, b"" where it is neither."""
    digits = text.replace("+", "-").replace("/", "_")
    try:
        return base64.urlsafe_b64decode(digits + "=" * (-len(digits) % 4))
    except (binascii.Error, ValueError):
        return b""


def _decompress(data: bytes) -> bytes:
    """Return at most as many bytes as a link has, b"" for data that is not compressed."""
    try:
        return zlib.decompressobj().decompress(data, _MAX_LENGTH)
    except zlib.error:
        return b""


def _decode_proofpoint(text: str, encoded: str) -> str:
    """Return the URL of a link of version 3: "*" stands for a byte of `encoded`, "**X" for as many as X says."""
    replaced = _decode_base64(encoded).decode("utf-8", "replace")
    position = 0

    def restore(match: re.Match[str]) -> str:
        nonlocal position
        length = _PROOFPOINT_LENGTHS.index(match[1]) + _MIN_RUN if match[1] else 1
        position += length
        return replaced[position - length : position]

    return _PROOFPOINT_RUN.sub(restore, text)


# Tokens


def _remove_tokens(link: _Link) -> str:
    """Return a link that leads to no other without parameters that track, "" where nothing else is in it."""
    if _OPAQUE_REDIRECT.fullmatch(link.place) or _SUBSCRIPTION_PATH.fullmatch(link.place):
        return ""
    if not link.query:
        return link.url
    own = next((names for place, names in _SUBSCRIBER_PARAMETERS.items() if re.fullmatch(place, link.place)), ())
    fields = re.split("&amp;|&", link.query)
    kept = [field for field in fields if not _is_tracking(field, own)]
    if len(kept) == len(fields):
        return link.url
    kept = [field for field in kept if not field.startswith(f"{_REMOVED_WITH_OTHERS}=")]
    before, _, rest = link.url.partition("?")
    fragment = rest[len(link.query) :]
    return f"{before}{'?' if kept else ''}{'&'.join(kept)}{fragment}"


def _is_tracking(field: str, names: Iterable[str]) -> bool:
    """Return whether a parameter tracks the reader; `names` are those that do so on this host."""
    name, _, value = field.partition("=")
    return (
        name in names
        or _REMOVED_NAMES.fullmatch(name) is not None
        or _JSON_WEB_TOKEN.fullmatch(unquote(value)) is not None
    )
