"""The terminal driver: Textual's, except for input that Textual does not expect."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import threading
from codecs import getincrementaldecoder

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

_READ_BYTES = 4096


class TerminalDriver(LinuxDriver):
    """Ignores bytes that are not UTF-8, and ends the application when the terminal is gone.

    Textual's own driver ends with a traceback at such a byte, and reads a closed terminal again and again.
    """

    def run_input_thread(self) -> None:
        """Read input until the application exits, and pass its events on.

        It also ends with the main thread, where a signal has ended that before Textual could stop the driver: Python
        waits for this thread, and would wait for ever.
        """
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="ignore").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set() and threading.main_thread().is_alive():
                if selector.select(0.1):
                    data = self._read()
                    if not data:
                        os.kill(os.getpid(), signal.SIGHUP)  # as the system does in the terminal's own session
                        break
                    for event in parser.feed(decode(data)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
        with contextlib.suppress(EOFError, ParseError):
            for _ in parser.feed(""):
                pass

    def _read(self) -> bytes:
        """Return the bytes that were typed, b"" where the terminal was closed."""
        try:
            return os.read(self.fileno, _READ_BYTES)
        except OSError:  # EIO
            return b""
