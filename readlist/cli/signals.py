"""Ctrl-C and SIGTERM: both end a command by an exception, so that nothing is left half done."""

from __future__ import annotations

import signal
import sys
from types import FrameType

EXIT_INTERRUPTED = 128 + signal.SIGINT
"""Exit code of a command that Ctrl-C ended, by the convention of shells."""
_RETRY_SECONDS = 0.005
"""Seconds until a signal that could not end the command is delivered again."""
_DEFAULT_HANDLERS = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}


class _Terminated(SystemExit):
    """The end of a command by SIGTERM, or by a signal that is handled like it; `number` is that of the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number = number


def install_handlers() -> None:
    """Let Ctrl-C raise KeyboardInterrupt, and SIGTERM exit with 143, from now on."""
    for number, default in _DEFAULT_HANDLERS.items():
        if signal.getsignal(number) == default:  # otherwise the caller has the signal ignored, as nohup does
            signal.signal(number, _end)
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _handle_unraisable


def ignore_signals() -> None:
    """Ignore both signals once the command is done; during the interpreter's exit they would print a traceback."""
    for number in _DEFAULT_HANDLERS:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "setitimer"):  # a signal that is to be delivered again would end the process by SIGALRM
        signal.setitimer(signal.ITIMER_REAL, 0)
    if sys.unraisablehook is _handle_unraisable:
        sys.unraisablehook = sys.__unraisablehook__


def _end(number: int, frame: FrameType | None) -> None:
    """End the command, but not during an import: orjson's would crash, and a class might stay half defined."""
    if hasattr(signal, "setitimer") and _is_importing(frame):
        _retry(number)
    elif number == signal.SIGINT:
        raise KeyboardInterrupt
    else:
        raise _Terminated(number)


def _retry(number: int) -> None:
    """Deliver the signal again after _RETRY_SECONDS."""
    signal.signal(signal.SIGALRM, lambda _, frame: _end(number, frame))
    signal.setitimer(signal.ITIMER_REAL, _RETRY_SECONDS)


def _handle_unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    """Deliver a signal again that arrived in a finalizer: Python ignores an exception that is raised there."""
    error = unraisable.exc_value
    if hasattr(signal, "setitimer") and isinstance(error, KeyboardInterrupt):
        _retry(signal.SIGINT)
    elif hasattr(signal, "setitimer") and isinstance(error, _Terminated):
        _retry(error.number)
    else:
        sys.__unraisablehook__(unraisable)


def _is_importing(frame: FrameType | None) -> bool:
    while frame:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False
