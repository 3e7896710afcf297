"""The command line: translates between a person and `Library`.

Only this package reads the environment, prints, prompts or exits. Results go to stdout; counts, hints, errors and
prompts go to stderr. `run_process` is the entry point of the `readlist` script, `main` that of a caller in the same
process.
"""

import atexit
import gc
import os
import sys
from typing import NoReturn

from readlist.cli.signals import EXIT_INTERRUPTED, ignore_signals, install_handlers


def run_process() -> NoReturn:
    """Run the command in sys.argv, and end the process without freeing every object, a fiftieth of a short command.

    What else an exit does is done: handlers of atexit are run and the streams are flushed. Where another thread is
    still running, or the streams cannot be flushed, the interpreter ends as usual.
    """
    try:
        main()
    except SystemExit as end:
        if _finish():
            os._exit(int(end.code or 0))
        raise
    raise AssertionError("main exits")


def _finish() -> bool:
    """Run the handlers of atexit and flush the streams; return whether nothing is left to be done at exit."""
    run_handlers = getattr(atexit, "_run_exitfuncs", None)  # what the interpreter calls; other ones may not have it
    threading = sys.modules.get("threading")
    if run_handlers is None or (threading and threading.active_count() > 1):
        return False
    run_handlers()
    try:
        for stream in filter(None, (sys.stdout, sys.stderr)):  # None where it was closed
            stream.flush()
    except (OSError, ValueError):
        return False
    return True


def main() -> NoReturn:
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
