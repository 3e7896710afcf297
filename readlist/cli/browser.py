"""The user's web browser: which command it is, and how a URL is passed to it, without a shell."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from readlist.errors import ReadlistError

STARTUP_SECONDS = 2.0
"""Seconds within which a browser that cannot start exits with an error."""
_TERMINAL_BROWSERS = frozenset({"w3m", "lynx", "links", "links2", "elinks", "browsh", "carbonyl"})
_LAUNCHERS = {"darwin": (("open",),), "win32": (("rundll32", "url.dll,FileProtocolHandler"),)}
_UNIX_LAUNCHERS = (("xdg-open",), ("wslview",), ("x-www-browser",), ("firefox",), ("chromium",), ("google-chrome",))
_DISPLAY_VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY")
_SSH_VARIABLES = ("SSH_CONNECTION", "SSH_TTY")


def find_browser(environment: Mapping[str, str], platform: str = sys.platform) -> list[str]:
    """Return the command of the browser, empty over SSH, without a display, or where none is installed.

    $BROWSER is used in any case: commands separated as in $PATH, of which the first that is installed is taken.
    """
    for command in (*_configured_browsers(environment), *_default_browsers(environment, platform)):
        if command and (program := shutil.which(command[0])):
            return [program, *command[1:]]
    return []


def _configured_browsers(environment: Mapping[str, str]) -> Iterator[list[str]]:
    for text in environment.get("BROWSER", "").split(os.pathsep):
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise ReadlistError(f"invalid $BROWSER: {error}") from error
        yield words[:-1] if words[-1:] == ["&"] else words


def _default_browsers(environment: Mapping[str, str], platform: str) -> Iterator[list[str]]:
    is_remote = any(map(environment.get, _SSH_VARIABLES))
    has_display = platform in _LAUNCHERS or any(map(environment.get, _DISPLAY_VARIABLES))
    if has_display and not is_remote:
        yield from map(list, _LAUNCHERS.get(platform, _UNIX_LAUNCHERS))


def needs_terminal(command: list[str]) -> bool:
    """Return whether it is a browser that runs in the terminal until the user quits it."""
    return Path(command[0]).name in _TERMINAL_BROWSERS


def open_url(command: list[str], url: str) -> None:
    """Pass a URL to a browser as one argument, in place of `%s` if the command has it, else the last.

    Not `webbrowser` of the standard library, which does not report a browser that fails. Raises ReadlistError where
    the browser fails.
    """
    has_placeholder = any("%s" in word for word in command[1:])
    arguments = [word.replace("%s", url) for word in command[1:]]
    argv = [command[0], *arguments, *([] if has_placeholder else [url])]
    try:
        code = _run(argv)
    except OSError as error:
        raise ReadlistError(f"cannot run the web browser: {command[0]}: {error.strerror}; the URL is {url}") from error
    if code:
        raise ReadlistError(f"the web browser failed: {command[0]}: exit code {code}; the URL is {url}")


def _run(argv: list[str]) -> int:
    if needs_terminal(argv):
        return subprocess.run(argv, check=False).returncode  # noqa: S603 -- the user's own choice, without a shell
    null = subprocess.DEVNULL
    process = subprocess.Popen(argv, stdin=null, stdout=null, stderr=null, start_new_session=True)  # noqa: S603 -- as above
    try:
        return process.wait(STARTUP_SECONDS)
    except subprocess.TimeoutExpired:  # it is the browser itself, which outlives this process
        process.returncode = 0  # otherwise the interpreter warns at exit about a running child
        return 0
