"""The introduction of a handout, which its author writes in Markdown, as HTML for `html` and `mail`.

markdown-it renders CommonMark without HTML: tags in the text are text. Links lead to http, https and mailto only, and
an image is a link to it, because a page or mail must not request anything when it is opened.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from readlist.text import clean_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from markdown_it.token import Token

_LINK_TARGET = re.compile(r"(?:https?://|mailto:)\S+", re.IGNORECASE)
_LOWEST_HEADING = 6


def render_markdown(text: str, styles: Mapping[str, str] | None = None) -> str:
    r"""Return the HTML of a Markdown text, headings one level lower; `styles` are inline styles by the elements' names.

    >>> render_markdown("# Hello <b>all</b>")
    '<h2>Hello &lt;b&gt;all&lt;/b&gt;</h2>\n'
    """
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False})
    parser.validateLink = lambda url: _LINK_TARGET.fullmatch(url) is not None  # type: ignore[method-assign] # the documented way
    tokens = parser.parse(clean_markdown(text))
    for token in _iter_tokens(tokens):
        if token.type.startswith("heading_"):
            token.tag = f"h{min(int(token.tag[1:]) + 1, _LOWEST_HEADING)}"
        if token.type == "link_open":
            token.attrSet("rel", "noopener noreferrer")
        if token.nesting >= 0 and (style := (styles or {}).get(token.tag)):
            token.attrSet("style", style)
    html: str = parser.renderer.render(_link_images(tokens), parser.options, {})
    return clean_markdown(html)  # again, because `&#x202e;` has become a character


def _iter_tokens(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _link_images(tokens: list[Token]) -> list[Token]:
    """Replace each image by a link to it, with its description; inside a link, by its description."""
    from markdown_it.token import Token

    for block in tokens:
        children: list[Token] = []
        links = 0
        for token in block.children or ():
            links += token.nesting if token.type.startswith("link_") else 0
            if token.type != "image":
                children.append(token)
                continue
            url = str(token.attrGet("src") or "")
            text = Token("text", "", 0, content=token.content or url)
            attributes: dict[str, str | int | float] = {"href": url, "rel": "noopener noreferrer"}
            link = [Token("link_open", "a", 1, attrs=attributes), text, Token("link_close", "a", -1)]
            children += [text] if links else link
        if block.children:
            block.children = children
    return tokens
