"""Ctrl-C and SIGTERM: a command ends on the way that leaves nothing half done."""

from __future__ import annotations

import signal
import sys
from types import FrameType

CTRL_C = 128 + signal.SIGINT
"""The exit code of a command that Ctrl-C ended, as shells have it."""
_AGAIN = 0.005
"""Seconds until a signal is tried again that came at a bad moment."""
_USUAL = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}


def end_when_told() -> None:
    """From now on Ctrl-C raises KeyboardInterrupt, and SIGTERM exits with 143."""
    for number, usual in _USUAL.items():
        if signal.getsignal(number) == usual:  # else whoever called us wants it to pass us by
            signal.signal(number, _end)


def end_no_more() -> None:
    """The command is done: Python's own end is not to be disturbed, which would print a traceback."""
    for number in _USUAL:
        signal.signal(number, signal.SIG_IGN)


def _end(number: int, frame: FrameType | None) -> None:
    """Not during an import, though: orjson's then ends in a segmentation fault, and a class may not be made."""
    if hasattr(signal, "setitimer") and _is_importing(frame):
        signal.signal(signal.SIGALRM, lambda _, later: _end(number, later))
        signal.setitimer(signal.ITIMER_REAL, _AGAIN)
    elif number == signal.SIGINT:
        raise KeyboardInterrupt
    else:
        sys.exit(128 + number)


def _is_importing(frame: FrameType | None) -> bool:
    while frame:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False
