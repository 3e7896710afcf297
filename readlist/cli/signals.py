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


def _end(number: int, frame: FrameType | None) -> None:
    """End the command, but not during an import: orjson's would crash, and a class might stay half defined."""
    if hasattr(signal, "setitimer") and _is_importing(frame):
        _retry(number)
    elif number == signal.SIGINT:
        raise KeyboardInterrupt
    else:
        sys.exit(128 + number)


def _retry(number: int) -> None:
    """Deliver the signal again after _RETRY_SECONDS."""
    signal.signal(signal.SIGALRM, lambda _, frame: _end(number, frame))
    signal.setitimer(signal.ITIMER_REAL, _RETRY_SECONDS)


def _handle_unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    """Deliver a signal again that arrived in a finalizer: Python ignores an exception that is raised there."""
    if hasattr(signal, "setitimer") and isinstance(unraisable.exc_value, KeyboardInterrupt | SystemExit):
        _retry(signal.SIGINT if isinstance(unraisable.exc_value, KeyboardInterrupt) else signal.SIGTERM)
    else:
        sys.__unraisablehook__(unraisable)


def _is_importing(frame: FrameType | None) -> bool:
    while frame:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False
