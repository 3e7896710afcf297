"""Tracking links are unwrapped without a connection, and no token of a subscriber is left."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable
from email.message import EmailMessage
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.loaders.registry import load_bytes
from readlist.loaders.tracking import MAX_WRAPPERS, unwrap_link, unwrap_links, unwrap_text
from readlist.urls import rejection_reason
from tests.scaling import assert_linear

ARXIV = "https://arxiv.org/abs/2502.06781"
OPENREVIEW = "https://openreview.net/forum?id=aB3_x&noteId=q"
TOKEN = "eyJ1c2VyX2lkIjoxMjM0NX0.c2lnbmF0dXJlX29mX2FkYQ"


def encode(text: str | bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(text.encode() if isinstance(text, str) else text).decode().rstrip("=")


def substack(target: str) -> str:
    return f"https://substack.com/redirect/2/{encode(json.dumps({'e': target, 'p': 1, 'u': 12345}))}.c2lnbmF0dXJl"


def escape(target: str) -> str:
    return quote(target, safe="")


def google(target: str) -> str:
    return f"https://www.google.com/url?q={escape(target)}&sa=D&ust=1"


WRAPPERS: dict[str, Callable[[str], str]] = {
    "Substack": substack,
    "Substack with a domain of its own": lambda target: substack(target).replace("substack.com", "letters.example"),
    "Stibee": lambda target: f"https://event.stibee.com/v2/click/NDczLzEvMi8/{encode(target)}",
    "Stibee, parameter": lambda target: f"https://event.stibee.com/v2/click?s=NDczLzEvMi8&u={encode(target)}==",
    "ConvertKit": lambda target: f"https://f9.click.convertkit-mail2.com/d0uw/6qhe/{encode(target)}=",
    "Mailjet": lambda target: f"http://x.mjt.lu/lnk/AV/1/hash/{encode(target)}",
    "Sailthru": lambda target: f"https://link.letters.example/click/123.456/{encode(target)}/5f1b2c3d",
    "Mandrill": lambda target: (
        "https://mandrillapp.com/track/click/1/a.example?p="
        + encode(json.dumps({"s": "sig", "p": json.dumps({"u": 1, "url": target})}))
    ),
    "Mailgun": lambda target: (
        f"https://email.mg1.substack.com/c/{encode(zlib.compress(f'user_id=1&l={escape(target)}&r=ada%40b.c'.encode()))}"
    ),
    "Google": google,
    "Google in another country": lambda target: f"https://google.co.kr/url?sa=t&url={escape(target)}",
    "Google Scholar": lambda target: (
        f"https://scholar.google.com/scholar_url?url={escape(target)}&hl=en&ei=aB&scisig=x"
    ),
    "Safe Links": lambda target: f"https://nam12.safelinks.protection.outlook.com/?url={escape(target)}&data=05%7C01",
    "Proofpoint 1": lambda target: f"https://urldefense.proofpoint.com/v1/url?u={escape(target)}&k=x",
    "Proofpoint 2": lambda target: (
        "https://urldefense.proofpoint.com/v2/url?u="
        + "".join(c if c.isalnum() or c == "." else "_" if c == "/" else f"-{ord(c):02X}" for c in target)
        + "&d=DwMFaQ"
    ),
    "Proofpoint 3": lambda target: (
        f"https://urldefense.com/v3/__{target.replace('?', '*')}__;{encode('?' * target.count('?'))}!!abc!xyz$"
    ),
    "LinkedIn": lambda target: f"https://www.linkedin.com/redir/redirect?url={escape(target)}&urlhash=x",
    "Facebook": lambda target: f"https://l.facebook.com/l.php?u={escape(target)}&h=AT0",
    "DuckDuckGo": lambda target: f"https://duckduckgo.com/l/?uddg={escape(target)}&rut=a",
    "Amazon SES": lambda target: f"https://x.r.us-east-1.awstrack.me/L0/{escape(target)}/1/0100018/sig=1",
    "TLDR": lambda target: (
        f"https://tracking.tldrnewsletter.com/CL0/{escape(target).replace('%3A', ':', 1)}/1/0100/s=1"
    ),
    "beehiiv": lambda target: f"https://www.beehiiv.com/redirect?redirect_to={escape(target)}&token={TOKEN}",
    "Mailchimp": lambda target: f"https://x.us1.list-manage.com/track/click?u=1&id=2&e=3&url={escape(target)}",
    "SendGrid": lambda target: f"https://u1.ct.sendgrid.net/wf/click?upn=abc&url={escape(target)}",
    "parameters alone": lambda target: (
        f"{target}{'&' if '?' in target else '?'}utm_source=x&fbclid=y&mc_cid=1&mc_eid=2"
    ),
}


@pytest.mark.parametrize("target", [ARXIV, OPENREVIEW, "https://aclanthology.org/2024.acl-long.1/"])
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_tracking_link_becomes_its_target(wrapper: str, target: str) -> None:
    assert unwrap_link(WRAPPERS[wrapper](target)) == target


def test_links_within_each_other_are_unwrapped_up_to_a_limit() -> None:
    assert unwrap_link(WRAPPERS["Safe Links"](substack(google(f"{ARXIV}?utm_source=x")))) == ARXIV
    link = ARXIV
    for _ in range(MAX_WRAPPERS):
        link = f"https://l.facebook.com/l.php?u={link}"
    assert unwrap_link(link) == ARXIV
    assert not unwrap_link(f"https://l.facebook.com/l.php?u={link}")


def test_a_run_in_a_link_of_proofpoint_stands_for_several_characters() -> None:
    link = f"https://urldefense.com/v3/__https://a.example/**B/x*y__;{encode('é☃')}!!abc$"
    assert unwrap_link(link.replace("**B", "*")) == "https://a.example/é/x☃y"
    assert (
        unwrap_link(f"https://urldefense.com/v3/__https://a.example/**A__;{encode('é☃')}!!abc$")
        == "https://a.example/é☃"
    )


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://substack.com/redirect/7da7-22f?j=eyJ1IjoicXd0ciJ9.0tEp", "https://substack.com/redirect/7da7-22f"),
        (f"https://a.substack.com/p/tides?r=6q6&token={TOKEN}&utm_x=1#end", "https://a.substack.com/p/tides#end"),
        (f"https://letters.example/p/tides?r=6q6&x={TOKEN}", "https://letters.example/p/tides"),
        (
            "https://x.us1.list-manage.com/track/click?u=1&id=2&e=3",
            "https://x.us1.list-manage.com/track/click?u=1&id=2",
        ),
        ("https://mailchi.mp/a/tides?e=3f", "https://mailchi.mp/a/tides"),
        ("https://a.example/x?a=1&utm_source=y&b=2", "https://a.example/x?a=1&b=2"),
        ("https://a.example/x?a=1&amp;utm_source=y", "https://a.example/x?a=1"),
    ],
)
def test_a_parameter_that_names_the_reader_is_removed(link: str, expected: str) -> None:
    assert unwrap_link(link) == expected


@pytest.mark.parametrize(
    "link",
    [
        f"https://a.substack.com/action/disable_email?token={TOKEN}",
        "https://x.us1.list-manage.com/unsubscribe?u=1&id=2&e=3",
        "https://x.us1.list-manage.com/profile?u=1&id=2&e=3",
        "https://a.example/newsletter/unsubscribe/3f9a8b7c",
        "https://a.example/email-preferences?id=3f9a",
        "https://a.example/view-in-browser/3f9a",
        "https://u1.ct.sendgrid.net/ls/click?upn=u001.abc",
        "https://link.mail.beehiiv.com/ss/c/u001.abc/4x/h0/h001.x",
        "https://event.stibee.com/v2/click/NDczLzEvMi8/xyz",
        substack("javascript:alert(1)"),
        substack(f"https://a.substack.com/action/disable_email?token={TOKEN}"),
    ],
)
def test_a_link_of_use_to_one_subscriber_only_is_no_link_and_leaves_its_host_in_a_text(link: str) -> None:
    assert not unwrap_link(link)
    assert unwrap_links([link, ARXIV, google(ARXIV)]) == (ARXIV,)
    host = link.split("/")[2]
    assert unwrap_text(f"Unsubscribe ({link}).") in {
        f"Unsubscribe (https://{host}/).",
        "Unsubscribe (https://substack.com/).",
    }


@pytest.mark.parametrize(
    "link",
    [
        ARXIV, OPENREVIEW, "https://www.google.com/search?q=https://a.example", "https://www.google.com/url?q=tides",
        "https://doi.org/10.1002/(SICI)1097?a=b", "https://web.archive.org/web/2020/https://a.example/",
        "https://a.example/reviews/interview", "https://github.com/a/unsubscribe-study", "https://a.example/?r=1&e=2&j=3",
        "https://www.google.com/url?q=javascript:alert(1)", "https://www.google.com/url?q=file:///etc/passwd",
        "https://www.google.com/url?q=https://arxiv.org@evil.example/", "https://google.com.evil.example/url?q=https://a.b",
        "not a link", "", "http://[", "https://a.example/x?gid=1&did=2&id=3&key=4", "https://user@l.facebook.com/l.php?u=https://a.example",
    ],
)  # fmt: skip
def test_other_links_stay_as_they_are(link: str) -> None:
    assert unwrap_link(link) == link


def test_in_a_text_only_its_links_change() -> None:
    text = f"코드: {google(ARXIV)}에서, (see {substack(OPENREVIEW)}). Done; 1 < 2 & utm_source=x"
    assert unwrap_text(text) == f"코드: {ARXIV}에서, (see {OPENREVIEW}). Done; 1 < 2 & utm_source=x"


def mail(html: str, text: str) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = "a@b.example", "Papers of 2025-02-11", "<1@b.example>"
    message.set_content(text or "text")
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


def test_a_heading_of_a_mail_that_leads_to_arxiv_through_a_redirect_is_a_paper_without_the_token() -> None:
    html = (
        f'<h2><a href="{WRAPPERS["Safe Links"](substack(ARXIV))}">On Tides</a></h2><p>(Ada Lovelace)</p>'
        f'<p>Tides rise. <a href="{substack("https://github.com/ada/tides?utm_source=substack")}">Code</a></p>'
        f'<p>조석에 대한 논평이다.</p><p><a href="https://a.substack.com/action/disable_email?token={TOKEN}">Leave</a></p>'
    )
    (paper,) = load_bytes(mail(html, ""), "d.eml").papers
    assert (paper.title, paper.arxiv_id, paper.url) == ("On Tides", "2502.06781", ARXIV)
    assert paper.links == ("https://github.com/ada/tides",)


def test_a_link_in_the_text_of_a_mail_is_the_own_link_of_a_paper_behind_a_redirect() -> None:
    text = (
        f"On Tides\n(Ada Lovelace)\n{substack(ARXIV)}\n조석에 대한 논평이다.\n"
        f"Unsubscribe https://a.substack.com/action/disable_email?token={TOKEN}\n"
    )
    (paper,) = load_bytes(mail("", text), "d.eml").papers
    assert (paper.arxiv_id, paper.url, paper.links) == ("2502.06781", ARXIV, ("https://a.substack.com/",))
    assert TOKEN not in repr(paper)


def test_every_loader_of_papers_unwraps_links() -> None:
    wrapped = substack(ARXIV)
    sources = {
        "a.txt": f"On Tides\n(Ada Lovelace)\n{wrapped}\nTides rise.\n",
        "a.md": f"{wrapped}\n*On Tides* (Ada Lovelace)\n> Tides rise.\n",
        "a.bib": f"@misc{{a, title={{On Tides}}, author={{Lovelace, Ada}}, url={{{wrapped}}}}}",
        "a.ris": f"TY  - JOUR\nTI  - On Tides\nAU  - Lovelace, Ada\nUR  - {wrapped}\nER  - \n",
        "a.html": f'<h2><a href="{wrapped}">On Tides</a></h2><p>(Ada Lovelace)</p><p>Tides rise.</p>',
        "a.json": json.dumps(
            [{"type": "article", "title": "On Tides", "URL": wrapped, "author": [{"literal": "Ada"}]}]
        ),
    }
    for name, text in sources.items():
        (paper,) = load_bytes(text.encode(), name).papers
        assert (name, paper.arxiv_id, paper.url) == (name, "2502.06781", ARXIV)


_NAMES = st.sampled_from(["u", "q", "url", "utm_x", "token", "j", "e", "r", "uddg", "a", "l", "p"])
_HOSTS = st.sampled_from(
    ["www.google.com/url", "l.facebook.com/l.php", "a.list-manage.com/track/click", "event.stibee.com/v2/click/x",
     "urldefense.com/v3/__", "urldefense.proofpoint.com/v2/url", "substack.com/redirect/2/x", "a.example/p/unsubscribe",
     "email.mg.example/c/eJ", "mandrillapp.com/track/click/1", "arxiv.org/abs/2502.06781",
     "[::1]:80/x", "user@a.example"],
)  # fmt: skip
_PIECES = st.sampled_from(["&", "?", "#", "/", "%", "*", "**A", "__;", "!!", "=", "%2F", ";", "&amp;", "https:%2F%2F"])


@st.composite
def links(draw: st.DrawFn) -> str:
    """Return a tracking link, whose target is one too, or none, or is cut off."""
    link = draw(st.just(ARXIV) | st.text(max_size=20) | st.just("https://a.example/" + "x" * 2_050))
    for wrapper in draw(st.lists(st.sampled_from(sorted(WRAPPERS)), max_size=4)):
        link = WRAPPERS[wrapper](link)
    fields = draw(
        st.lists(st.tuples(_NAMES, st.just(link) | st.just(encode(link)) | _PIECES | st.text(max_size=9)), max_size=4)
    )
    query = "&".join(f"{name}={value}" for name, value in fields)
    prefix = draw(st.sampled_from(["https://", "http://", "HTTPS://", ""])) + draw(_HOSTS)
    others = "".join(draw(st.lists(_PIECES, max_size=4)))
    return draw(st.sampled_from([link, f"{prefix}?{query}", f"{prefix}{others}{link}", f"{link}{others}", others]))


@given(links() | st.text())
def test_unwrapping_is_idempotent_and_gives_no_target_that_may_not_be_opened(link: str) -> None:
    target = unwrap_link(link)
    assert unwrap_link(target) == target
    assert target in {"", link} or len(target) < len(link)
    if target and not rejection_reason(link):
        assert not rejection_reason(target)
    text = unwrap_text(f"see {link} and {link}.")
    assert unwrap_text(text) == text


@pytest.mark.heavy
@pytest.mark.parametrize(
    "piece", [google("x")[:30], "?q=https://", "%25", "aHR0cHM6Ly9h", "&utm_x=", "**_", "https:%2F%2F", "&amp;"]
)
def test_the_time_to_unwrap_grows_linearly(piece: str) -> None:
    for prefix in (
        "https://www.google.com/url?q=",
        "https://urldefense.com/v3/__https://a/",
        "https://a.example/unsubscribe/",
    ):
        assert_linear(
            lambda size, prefix=prefix: " ".join([(prefix + piece * 60)[:3_000]] * (size // 3_000)),  # type: ignore[misc] # mypy infers no type of a lambda with a default
            unwrap_text,
            start=6_000,
            limit=400_000,
        )
