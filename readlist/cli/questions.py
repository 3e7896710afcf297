"""Yes/no questions before a command goes on, asked on stderr and answered on stdin."""

import sys

import typer

from readlist.cli.output import error

_ANSWERS = {"y": True, "yes": True, "n": False, "no": False, "": False}


def can_ask() -> bool:
    """Return whether somebody sees a question and can answer it."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str) -> bool:
    """Ask until the answer is yes or no, in any case; a line without an answer is no.

    Raises typer.Abort for Ctrl-C and at the end of stdin.
    """
    while True:
        typed = typer.prompt(f"{question} [y/N]", default="", show_default=False, err=True, value_proc=str)
        answer = _ANSWERS.get(typed.strip().lower())
        if answer is not None:
            return answer
        error(f"invalid answer: {typed}; type y or n")
