"""The command line: translates between a person and `Library`.

Nothing else reads the environment, prints, prompts or exits. What is asked for goes to stdout; reports, counts, hints
and prompts go to stderr.
"""

import sys

from readlist.cli.signals import CTRL_C, end_no_more, end_when_told


def main() -> None:
    """Run the command in sys.argv and exit: see `errors` for the codes."""
    try:
        end_when_told()
        from readlist.cli.edge import run

        code = run()
    except KeyboardInterrupt:
        code = CTRL_C
    finally:
        end_no_more()
    sys.exit(code)
