"""The command line: translates between a person and `Library`.

Only this package reads the environment, prints, prompts or exits. Results go to stdout; counts, hints, errors and
prompts go to stderr. `main` is the entry point of the `readlist` script.
"""

import gc
import os
import sys

from readlist.cli.signals import EXIT_INTERRUPTED, ignore_signals, install_handlers


def main() -> None:
    """Run the command in sys.argv and exit; see `errors` for the exit codes.

    The garbage collector is off, but for the commands in `registry.COLLECTING`: others make no cycles that hold much
    memory, with 100,000 papers too. At exit the objects that are left are frozen, since the interpreter would look for
    cycles among them once more. Both take a tenth of the time of a short command.
    """
    gc.disable()
    try:
        install_handlers()
        code = _complete(shell) if (shell := os.environ.get("_READLIST_COMPLETE")) else _run()
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    finally:
        ignore_signals()
        gc.freeze()
    sys.exit(code)


def _run() -> int:
    from readlist.cli.run import run

    return run()


def _complete(shell: str) -> int:
    from readlist.cli.completion.shells import print_completions

    print_completions(shell, sys.argv[1:])
    return 0
