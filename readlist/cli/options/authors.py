"""The option --authors: names as a user types them, in a list."""

from __future__ import annotations

from readlist.text import clean, require_unicode


def parse_authors(text: str) -> tuple[str, ...]:
    """Return the names in a list, given name first, each once; ";" separates them, or "," where there is no ";".

    >>> parse_authors("Ada Lovelace, Alan Turing"), parse_authors("Lovelace, Ada; Turing, Alan")
    (('Ada Lovelace', 'Alan Turing'), ('Ada Lovelace', 'Alan Turing'))
    """
    from readlist.loaders.person_names import invert_name, split_author_list

    text = clean(require_unicode(text))
    names = map(invert_name, text.split(";")) if ";" in text else split_author_list(text)
    return tuple(dict.fromkeys(filter(None, names)))
