"""The command line: translates between a person and `Library`.

Nothing else reads the environment, prints, prompts or exits. What is asked for goes to stdout; reports, counts, hints
and prompts go to stderr.
"""

import os
import sys

from readlist.cli.signals import CTRL_C, end_no_more, end_when_told


def main() -> None:
    """Run the command in sys.argv and exit: see `errors` for the codes."""
    try:
        end_when_told()
        code = _complete(shell) if (shell := os.environ.get("_READLIST_COMPLETE")) else _run()
    except KeyboardInterrupt:
        code = CTRL_C
    finally:
        end_no_more()
    sys.exit(code)


def _run() -> int:
    from readlist.cli.run import run

    return run()


def _complete(shell: str) -> int:
    from readlist.cli.completion.shells import answer

    answer(shell, sys.argv[1:])
    return 0
