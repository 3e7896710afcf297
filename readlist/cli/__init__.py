"""The command line: translates between a person and `Library`.

Nothing else reads the environment, prints, prompts or exits. What is asked for goes to stdout; reports, counts, hints
and prompts go to stderr.
"""

import signal
import sys


def main() -> None:
    """Run the command in sys.argv and exit: see `errors` for the codes."""
    try:
        signal.signal(signal.SIGTERM, _stop)
        from readlist.cli.edge import run

        code = run()
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _stop(*_: object) -> None:
    """End like Ctrl-C does, on the way that leaves nothing half done."""
    sys.exit(143)
