"""Names of persons as bibliographies write them: the family name first, with all of its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.loaders.person_names import NAME_SUFFIXES, join_name

if TYPE_CHECKING:
    from collections.abc import Sequence

_WITH_SUFFIX = 3


def join_name_parts(parts: Sequence[str]) -> str:
    """Return the parts between the commas of one name in the order in which it is written in a text.

    The suffix may be the second part, as in BibTeX, or the third one, as in RIS. What is no such name stays as it is.

    >>> join_name_parts(["van der Maaten", "Laurens"]), join_name_parts(["King", "Jr.", "Martin"])
    ('Laurens van der Maaten', 'Martin King Jr.')
    >>> join_name_parts(["김", "민수"])
    '김민수'
    >>> join_name_parts(["The Example Company", "Inc", "Ulm", "Germany"])
    'The Example Company, Inc, Ulm, Germany'
    """
    parts = [part for part in map(str.strip, parts) if part]
    suffixes = [part for part in parts[1:] if part.lower() in NAME_SUFFIXES]
    names = [part for part in parts if part not in suffixes]
    if len(names) > 2 or len(parts) > _WITH_SUFFIX or len(suffixes) > 1:  # noqa: PLR2004 -- family and given name
        return ", ".join(parts)
    name = join_name(names[0], "".join(names[1:])) if names else ""
    return " ".join(filter(None, [name, *suffixes]))
