"""The pager that shows what is longer than the screen of the terminal.

It is $PAGER, else `less`, run without a shell. Where neither can be run the caller prints the text itself.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path

_DEFAULT = "less"
_LESS_OPTIONS = "FRX"
"""$LESS where it is not set: end at once with a short text, keep colors, leave the text on the screen at the end."""
_NONE = frozenset({"", "cat"})
"""Values of $PAGER for no pager."""
_is_enabled = True


def use_pager(*, enabled: bool) -> None:
    """Let `show_in_pager` use a pager, or none, from now on."""
    global _is_enabled  # noqa: PLW0603 -- a state of the process, as its streams are
    _is_enabled = enabled


def show_in_pager(text: str) -> bool:
    """Show text in the pager until the user leaves it; return whether there is a pager."""
    command = _find_pager()
    if not command:
        return False
    import subprocess

    if Path(command[0]).name == "less":
        command.append("-R")  # keep colors, also with a $LESS of the user
    environment = {**os.environ, "LESS": os.environ.get("LESS", _LESS_OPTIONS)}
    handler = signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is a key of the pager; SIG_IGN it would inherit
    try:
        with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as process:  # noqa: S603 -- no shell
            assert process.stdin is not None  # noqa: S101 -- for the type
            with contextlib.suppress(BrokenPipeError), process.stdin:  # left before its end
                process.stdin.write(text.encode(sys.stdout.encoding or "utf-8", "replace"))
    except OSError:  # there is no such program
        return False
    finally:
        signal.signal(signal.SIGINT, handler)
    return True


def _find_pager() -> list[str]:
    """Return the words of the setting `pager`, of $PAGER or of the default, split as a shell would, [] for no pager."""
    if not _is_enabled or not sys.stdin.isatty():  # the pager reads its keys from stdin
        return []
    if os.environ.get("TERM", "dumb") == "dumb":  # which `less` asks about before it shows anything
        return []
    import shlex

    from readlist.cli.config import read_setting
    from readlist.cli.output import info
    from readlist.errors import UsageError

    try:
        words = shlex.split(read_setting("pager") or os.environ.get("PAGER", _DEFAULT))
    except UsageError as error:  # the text is printed all the same: it may be the help that is needed
        info(f"readlist: {error}")
        return []
    except ValueError:
        return []
    return [] if " ".join(words) in _NONE else words
