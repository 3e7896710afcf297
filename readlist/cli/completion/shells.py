"""Completion in bash, zsh and fish: what each of them is told, and how they ask.

    _READLIST_COMPLETE=bash readlist "readlist list tag:r" r 9      the line to the cursor, bash's own word, COMP_TYPE
    _READLIST_COMPLETE=zsh readlist list tag:r                      the words before the cursor, the last one unfinished
    _READLIST_COMPLETE=fish readlist list tag:r                     the same

The answer has a line for each offer; in zsh and fish what it is follows behind a tab. `:files` asks for the shell's own
completion of files. Not typer's machinery: it takes 40 ms more, shells out to find out which shell it is in, and knows
nothing of the colon at which bash parts words.
"""

from __future__ import annotations

import contextlib
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from readlist.cli.completion.engine import Offer
    from readlist.library.library import Library

BASH = r"""# completion of readlist in bash: eval "$(readlist completion bash)"
_readlist() {
    local offer
    COMPREPLY=()
    while IFS= read -r offer; do
        COMPREPLY+=("$offer")
    done < <(_READLIST_COMPLETE=bash "${1:-readlist}" "${COMP_LINE:0:$COMP_POINT}" "${COMP_WORDS[COMP_CWORD]}" \
        "${COMP_TYPE:-9}" 2>/dev/null)
    if [[ ${COMPREPLY[0]} == :files ]]; then
        COMPREPLY=()
        compopt -o default 2>/dev/null
    elif [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *: ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -F _readlist readlist
"""

ZSH = r"""#compdef readlist
# completion of readlist in zsh: eval "$(readlist completion zsh)", or as a file _readlist in a folder of $fpath
_readlist() {
    local value what
    local -a values shown open opened
    while IFS=$'\t' read -r value what; do
        if [[ $value == :files ]]; then
            _files
            return
        elif [[ $value == *: ]]; then
            open+=("$value")
            opened+=("$value${what:+  -- $what}")
        else
            values+=("$value")
            shown+=("$value${what:+  -- $what}")
        fi
    done < <(_READLIST_COMPLETE=zsh readlist "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)
    (( $#values )) && compadd -l -d shown -- "${values[@]}"
    (( $#open )) && compadd -l -S '' -d opened -- "${open[@]}"
    (( $#values + $#open ))
}
if [[ ${funcstack[1]} == _readlist ]]; then
    _readlist "$@"
else
    compdef _readlist readlist
fi
"""

FISH = r"""# completion of readlist in fish: readlist completion fish > ~/.config/fish/completions/readlist.fish
function _readlist_offers
    set -l words (commandline -opc)
    set -l typed (string unescape -- (commandline -ct); or commandline -ct)
    set -l offers (_READLIST_COMPLETE=fish readlist $words[2..-1] "$typed" 2>/dev/null)
    if test "$offers[1]" = :files
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $offers
    end
end
complete -c readlist -f -a '(_readlist_offers)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
SHOWN = 60
"""Characters of a title beside its id."""
_MENUS = {"37", "42"}
"""COMP_TYPE where bash puts the offers themselves on the line, one after the other: % and *."""


def answer(shell: str, argv: Sequence[str]) -> None:
    """Print what may stand at the cursor; nothing where anything at all goes wrong: a prompt is no place to say it."""
    with contextlib.suppress(Exception):
        lines = list(_bash(*argv[:3]) if shell == "bash" else _words(argv))
        sys.stdout.buffer.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))
        sys.stdout.flush()


def _words(argv: Sequence[str]) -> Iterator[str]:
    for text, what in _offers(argv[:-1], argv[-1].lstrip("\"'")):
        yield f"{text}\t{_in_short(what)}" if what else text


def _bash(line: str, word: str, how: str = "9") -> Iterator[str]:
    """Each offer without what stands before bash's own word, which begins anew behind a colon, quoted for it."""
    words, typed, quote = _parted(line)
    offers = _offers(words[1:], typed)
    if word and not word.strip(":=@"):
        word = ""
    head = 0 if quote or not typed.endswith(word) else len(typed) - len(word)
    for text, what in offers:
        value = text if text == ":files" else _quoted(text[head:], quote)
        yield (
            f"{value}  {_in_short(what)}"
            if what and text.isdecimal() and len(offers) > 1 and how not in _MENUS
            else value
        )


def _quoted(text: str, quote: str) -> str:
    """A text as bash reads it letter for letter inside of `quote`, of which no title or tag may break out."""
    if quote == "'":
        return text.replace("'", r"'\''")
    return re.sub(r'([\\"$`])' if quote else r"([^\w%+=:@,./~-])", r"\\\1", text)


def _parted(line: str) -> tuple[list[str], str, str]:
    """The words of a line before the one that is begun, that one, and the quote that it is in."""
    for quote in ("", '"', "'"):
        try:
            words = shlex.split(line + quote)
        except ValueError:
            continue
        begun = quote or (line and not line[-1].isspace()) or line.endswith("\\ ")
        return (words[:-1], words[-1], quote) if begun and words else (words, "", quote)
    return [], "", ""


def _offers(words: Sequence[str], typed: str) -> list[Offer]:
    import os

    from typer.main import get_command

    from readlist.cli.app import app
    from readlist.cli.completion.engine import Completer

    def library(home: str | None) -> Library:
        from readlist.cli.context import folders
        from readlist.library.library import Library

        return Library(folders(home or os.environ.get("READLIST_HOME")))

    offers = Completer(get_command(app), library).offers(words, typed)
    return [offer for offer in offers if offer[0].isprintable()]  # what cannot be seen cannot be chosen


def _in_short(text: str) -> str:
    from readlist.text import clean

    text = clean(text)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
