"""The command line: translates between a person and `Library`.

Nothing else reads the environment, prints, prompts or exits. What is asked for goes to stdout; reports, counts, hints
and prompts go to stderr.
"""

import os
import signal
import sys


def main() -> None:
    """Run the command in sys.argv and exit: see `errors` for the codes."""
    try:
        signal.signal(signal.SIGTERM, _stop)
        code = _complete(shell) if (shell := os.environ.get("_READLIST_COMPLETE")) else _run()
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _run() -> int:
    from readlist.cli.edge import run

    return run()


def _complete(shell: str) -> int:
    from readlist.cli.shells import answer

    answer(shell, sys.argv[1:])
    return 0


def _stop(*_: object) -> None:
    """End like Ctrl-C does, on the way that leaves nothing half done."""
    sys.exit(143)
