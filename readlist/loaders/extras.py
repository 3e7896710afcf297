"""The packages of the optional extra readlist[feeds], which a plain installation does not have."""

from __future__ import annotations

from importlib import import_module

from readlist.errors import ReadlistError


def require_extra(package: str) -> None:
    """Import a package of readlist[feeds].

    Raises:
        ReadlistError: the package is not installed; the message has the command that installs it.
    """
    try:
        import_module(package)
    except ImportError:
        raise ReadlistError(
            'web pages and feeds require optional packages; run: pip install "readlist[feeds]"'
        ) from None
