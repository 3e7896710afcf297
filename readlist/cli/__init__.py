"""The command line: translates between a person and `Library`.

Nothing else reads the environment, prints, prompts or exits. What is asked for goes to stdout; reports, counts, hints
and prompts go to stderr.
"""

from readlist.cli.edge import main

__all__ = ["main"]
