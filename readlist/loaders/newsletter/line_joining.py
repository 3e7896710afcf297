"""Undo the line breaks before and after links, which the newsletter's text has in the middle of sentences.

    Code is available at
    https://example.org            ->    Code is available at https://example.org.
    .

`sections` calls `join_broken_lines` for abstract and comments; notes have no such breaks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from readlist.loaders.languages import DEFAULT_LANGUAGE, detect_language, ends_in_foreign_script
from readlist.loaders.links import ends_with_link, starts_with_link

if TYPE_CHECKING:
    from collections.abc import Iterable

_TAIL = 400
"""Characters at the end of a text that decide whether its last sentence is incomplete; few links are longer."""

_CLOSERS = ")]}\"'”’»*"
_SENTENCE_ENDS = ".!?…。！？"
_PUNCTUATION = ".,;:!?)]…。"
_PATH_WORD = re.compile(r"[\w./~%+#=&?-]+", re.ASCII)


def join_broken_lines(lines: Iterable[str]) -> list[str]:
    """Return the lines, with those joined that links broke apart."""
    joined: list[list[str]] = []  # the parts of each line: joining them one by one takes quadratic time
    tail, after_link = "", False
    for line in lines:
        joiner = _find_joiner(tail, line, after_link=after_link) if joined else None
        if joiner is None:
            joined.append([line])
            tail = line[-_TAIL:]
        else:
            joined[-1] += (joiner, line)
            tail = (tail + joiner + line[-_TAIL:])[-_TAIL:]
        after_link = starts_with_link(line)
    return ["".join(parts) for parts in joined]


def is_incomplete_sentence(text: str) -> bool:
    """Return whether the last sentence continues on the next line: it ends in no full stop and no link.

    Notes in other scripts often have no full stop, so a sentence that ends in a letter of one is complete.
    """
    text = text[-_TAIL:]
    end = text.rstrip(_CLOSERS)[-1:]
    return not (end in _SENTENCE_ENDS or ends_in_foreign_script(end) or ends_with_link(text))


def _find_joiner(before: str, line: str, *, after_link: bool) -> str | None:
    """Return the string to insert between `before` and `line`, None where they are separate lines.

    `after_link` says that the line before `line` is a link, or begins with one.
    """
    if after_link and before[-1] == "/" and _continues_link(line):
        return ""
    if line[0] in _PUNCTUATION and (after_link or not line.strip(_PUNCTUATION)):
        return ""
    if starts_with_link(line):
        return " " if is_incomplete_sentence(before) and detect_language(line) == DEFAULT_LANGUAGE else None
    return " " if after_link and line[0].islower() and detect_language(line) == DEFAULT_LANGUAGE else None


def _continues_link(line: str) -> bool:
    """Return whether a line continues a link that ends in "/": its first word has the form of a path, "owner/name"."""
    word = line.split(maxsplit=1)[0]
    return _PATH_WORD.fullmatch(word) is not None and any(mark in word for mark in "/_-")
