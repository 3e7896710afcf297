"""The command line: translates between a person and `Library`.

Nothing else reads the environment, prints, prompts or exits. What is asked for goes to stdout; reports, counts, hints
and prompts go to stderr.
"""

import sys


def main() -> None:
    """Run the command in sys.argv and exit: see `errors` for the codes."""
    try:
        from readlist.cli.edge import run

        code = run()
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
