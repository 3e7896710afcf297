"""Categories and keywords of several words as tags of one word; feeds, pages and bibliographies have them."""

from __future__ import annotations


def join_tag_words(text: str) -> str:
    """Return a category or keyword as a tag without "#"; a dash between words is one of their separators.

    >>> join_tag_words("Computer Science - Machine Learning"), join_tag_words("#machine learning")
    ('Computer-Science-Machine-Learning', 'machine-learning')
    """
    words = text.split()
    return "-".join([word for word in words if word.strip("-–—")] or words).lstrip("#")
