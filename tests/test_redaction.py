"""What of a URL is a secret, and what is not."""

from __future__ import annotations

import pytest

from readlist.redaction import name_page, redact_digest_name, redact_url, redact_urls


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:pw@example.org/feed", "https://example.org/feed"),
        ("https://token@example.org/feed", "https://example.org/feed"),
        ("https://example.org/feed?token=abc&page=2#x", "https://example.org/feed?token=…&page=…#x"),
        ("https://example.org/feed?abcdef", "https://example.org/feed?…"),
        ("https://example.org/feed?a=;b=c", "https://example.org/feed?a=;b=…"),
        ("https://example.org/feed#access_token=abc", "https://example.org/feed#access_token=…"),
        ("https://example.org?token=abc", "https://example.org?token=…"),
        ("https://example.org/private-1a2b3c4d5e6f7a8b9c0d/basic.ics", "https://example.org/…/basic.ics"),
        ("https://example.org/2b1c3f9a-8b7c-4d5e-8f3a-2b1c3f9a8b7c.xml", "https://example.org/…"),
        ("https://example.org/e/aB3xY9kLmN/rss", "https://example.org/e/…/rss"),
        ("https://example.org/feed;token=abc/x;v=1;flag", "https://example.org/feed;token=…/x;v=…;flag"),
        ("https://example.org/feed;aB3xY9kLmN", "https://example.org/feed;…"),
        ("HTTPS://EXAMPLE.org/?Token=Ab", "HTTPS://EXAMPLE.org/?Token=…"),
        ("ftp://user:secret@x/y", "ftp://x/y"),
    ],
)
def test_a_secret_is_not_shown(url: str, shown: str) -> None:
    assert redact_url(url) == shown
    assert redact_url(shown) == shown
    assert redact_urls(f"sources forget {url}") == f"sources forget {shown}"


@pytest.mark.parametrize(
    "url",
    [
        "https://arxiv.org/abs/2502.05795",
        "https://rss.arxiv.org/rss/cs.CL",
        "https://example.org/2025/02/11/a-digest-of-papers-on-reasoning-2025.html",
        "https://example.org/Report2024/InternLM2.xml",
        "https://example.org/20250211T093000Z.xml",
        "/home/me/feed?token=abc",
        "digests",
    ],
)
def test_what_is_no_secret_is_shown(url: str) -> None:
    assert redact_url(url) == url


def test_names_of_digests_and_descriptions() -> None:
    assert redact_digest_name("example.org/feed/3f9a8b7c6d5e4f3a2b1c/x") == "example.org/feed/…/x"
    assert redact_digest_name("example.org/feed?token=abc&id=1") == "example.org/feed?token=…&id=…"
    assert redact_digest_name("3f9a8b7c6d5e4f3a2b1c.txt") == "3f9a8b7c6d5e4f3a2b1c.txt"
    assert redact_urls("load feed?token=abc&x=1: 2 papers added") == "load feed?token=…&x=… 2 papers added"
    assert redact_urls("note 3?") == "note 3?"
    assert redact_urls("load paper?draft.txt why?.md: 1 paper added") == "load paper?draft.txt why?.md: 1 paper added"


def test_pages_that_differ_in_their_parameters_have_different_names() -> None:
    urls = [
        "https://openreview.net/forum?id=aB3xYz9Q1k", "https://openreview.net/forum?id=aB3xYz9Q1l",
        "https://export.arxiv.org/api/query?search_query=cat:cs.LG", "https://export.arxiv.org/api/query?search_query=cat:cs.CL",
        "https://a.example/feed", "https://a.example/feed?page=2",
    ]  # fmt: skip
    names = list(map(name_page, urls))
    assert len(set(names)) == len(names)
    assert names[::4] == ["openreview.net/forum?id=aB3xYz9Q1k", "a.example/feed"]
    assert list(map(redact_digest_name, names)) == names


def test_the_name_of_a_page_is_the_same_for_any_order_of_parameters_and_does_not_depend_on_secrets() -> None:
    name = name_page("https://a.example/feed?b=2&a=1")
    assert name == name_page("https://a.example/feed?a=1&b=2&token=s3cret&api_key=x#top")
    assert name.startswith("a.example/feed?")
    for url in (
        "https://me:pw@a.example/feed?token=s3cret&utm_source=x",
        "https://a.example/feed?",
        "https://a.example/feed#x",
    ):
        assert name_page(url) == "a.example/feed"
    assert "<" not in name_page("https://openreview.net/forum?id=<b>&x=1")
