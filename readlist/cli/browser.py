"""The reader's browser: which one it is, and how an address is given to it, without a shell."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from readlist.errors import ReadlistError

PATIENCE = 2.0
"""Seconds in which a browser that cannot start says so; after them its window is up."""
_IN_TERMINAL = frozenset({"w3m", "lynx", "links", "links2", "elinks", "browsh", "carbonyl"})
"""Browsers that take over the terminal until the reader is done."""
_LAUNCHERS = {"darwin": (("open",),), "win32": (("rundll32", "url.dll,FileProtocolHandler"),)}
_OTHERS = (("xdg-open",), ("wslview",), ("x-www-browser",), ("firefox",), ("chromium",), ("google-chrome",))
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
_REMOTE = ("SSH_CONNECTION", "SSH_TTY")


def find_browser(environment: Mapping[str, str], platform: str = sys.platform) -> list[str]:
    """The command of the browser; empty where nobody would see one: over SSH, without a display, none installed.

    $BROWSER is taken wherever we are: commands separated as in $PATH, the first that is installed.
    """
    for command in (*_chosen(environment), *_installed(environment, platform)):
        if command and (program := shutil.which(command[0])):
            return [program, *command[1:]]
    return []


def _chosen(environment: Mapping[str, str]) -> Iterator[list[str]]:
    for text in environment.get("BROWSER", "").split(os.pathsep):
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise ReadlistError(f"$BROWSER cannot be read: {error}") from error
        yield words[:-1] if words[-1:] == ["&"] else words


def _installed(environment: Mapping[str, str], platform: str) -> Iterator[list[str]]:
    remote = any(map(environment.get, _REMOTE))
    dark = platform not in _LAUNCHERS and not any(map(environment.get, _DISPLAYS))
    if not remote and not dark:
        yield from map(list, _LAUNCHERS.get(platform, _OTHERS))


def takes_over(command: list[str]) -> bool:
    """Whether it is a browser that needs the terminal for itself."""
    return Path(command[0]).name in _IN_TERMINAL


def give(command: list[str], url: str) -> None:
    """Give an address to a browser, as one argument: in place of `%s` if there is one, else the last.

    Not `webbrowser` of the standard library, which also takes $BROWSER apart, but runs what it finds without waiting to
    hear whether that worked. Raises ReadlistError where it did not.
    """
    marked = any("%s" in word for word in command[1:])
    argv = [command[0], *(word.replace("%s", url) for word in command[1:]), *([] if marked else [url])]
    try:
        code = _run(argv)
    except OSError as error:
        raise ReadlistError(f"cannot run the browser {command[0]}: {error.strerror}; the address is {url}") from error
    if code:
        raise ReadlistError(f"the browser {command[0]} ended with {code}; the address is {url}")


def _run(argv: list[str]) -> int:
    if takes_over(argv):
        return subprocess.run(argv, check=False).returncode  # noqa: S603 -- the reader's own choice
    quiet = subprocess.DEVNULL
    started = subprocess.Popen(argv, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)  # noqa: S603
    try:
        return started.wait(PATIENCE)
    except subprocess.TimeoutExpired:  # it is the browser itself, and stays when we go
        started.returncode = 0  # else the interpreter warns of it at its end
        return 0
