"""Completion in bash, zsh and fish: their scripts, and the protocol between a script and readlist.

    _READLIST_COMPLETE=bash readlist "readlist list tag:r" r 9     the line to the cursor, what bash replaces, COMP_TYPE
    _READLIST_COMPLETE=zsh readlist list tag:r                     the words before the cursor, the last one unfinished
    _READLIST_COMPLETE=fish readlist list tag:r                    the same

The output has a line for each candidate; in zsh and fish its description follows after a tab. `:files` requests the
shell's own completion of file names. Typer's completion is not used: it is slower, detects the shell by running a
program, and does not know the colon, at which bash splits words.
"""

from __future__ import annotations

import contextlib
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from readlist.cli.completion.engine import Completion
    from readlist.library.library import Library

BASH = r"""# completion of readlist in bash: eval "$(readlist completion bash)"
_readlist() {
    local candidate
    COMPREPLY=()
    while IFS= read -r candidate; do
        COMPREPLY+=("$candidate")
    done < <(_READLIST_COMPLETE=bash "${1:-readlist}" "${COMP_LINE:0:$COMP_POINT}" "$2" "${COMP_TYPE:-9}" \
        2>/dev/null)
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
# completion of readlist in zsh: eval "$(readlist completion zsh)", or as a file _readlist in a directory of $fpath
_readlist() {
    local value description
    local -a values labels prefixes prefix_labels
    while IFS=$'\t' read -r value description; do
        if [[ $value == :files ]]; then
            _files
            return
        elif [[ $value == *: ]]; then
            prefixes+=("$value")
            prefix_labels+=("$value${description:+  -- $description}")
        else
            values+=("$value")
            labels+=("$value${description:+  -- $description}")
        fi
    done < <(_READLIST_COMPLETE=zsh readlist "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)
    (( $#values )) && compadd -l -d labels -- "${values[@]}"
    (( $#prefixes )) && compadd -l -S '' -d prefix_labels -- "${prefixes[@]}"
    (( $#values + $#prefixes ))
}
if [[ ${funcstack[1]} == _readlist ]]; then
    _readlist "$@"
else
    compdef _readlist readlist
fi
"""

FISH = r"""# completion of readlist in fish: readlist completion fish > ~/.config/fish/completions/readlist.fish
function _readlist_candidates
    set -l words (commandline -opc)
    set -l typed (string unescape -- (commandline -ct); or commandline -ct)
    set -l candidates (_READLIST_COMPLETE=fish readlist $words[2..-1] "$typed" 2>/dev/null)
    if test "$candidates[1]" = :files
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $candidates
    end
end
complete -c readlist -f -a '(_readlist_candidates)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
MAX_DESCRIPTION = 60
"""Characters of the description beside a candidate."""
_BASH_LISTING_TYPES = {"33", "63", "64"}
"""COMP_TYPE of !, ? and @, for which bash lists the candidates; for others it, or a program that calls the script, may
insert a candidate into the line."""


def print_completions(shell: str, argv: Sequence[str]) -> None:
    """Print what may be at the cursor; nothing in case of any error, for which a prompt has no place."""
    with contextlib.suppress(Exception):
        lines = list(complete_bash(*argv[:3]) if shell == "bash" else _complete_words(argv))
        sys.stdout.buffer.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))
        sys.stdout.flush()


def _complete_words(argv: Sequence[str]) -> Iterator[str]:
    for text, description in complete_line(argv[:-1], argv[-1].lstrip("\"'")):
        yield f"{text}\t{_shorten(description)}" if description else text


def complete_bash(line: str, replaced: str, completion_type: str = "9") -> Iterator[str]:
    """Yield each candidate as bash is to insert it in place of `replaced`, the second argument of its function.

    That is the end of the unfinished word, after the last of $COMP_WORDBREAKS and after an open quote, but with an "@"
    before it; COMP_WORDS has the "@" as a word of its own. What precedes it in the candidate is removed, and the rest
    is quoted.
    """
    words, prefix, quote = _split_line(line)
    candidates = complete_line(words[1:], prefix)
    replaced = replaced if quote else re.sub(r"\\(.)", r"\1", replaced)
    start = len(prefix) - len(replaced) if prefix.endswith(replaced) else 0
    for text, description in candidates:
        value = text if text == ":files" else quote_for_bash(text[start:], quote)
        is_listed = completion_type in _BASH_LISTING_TYPES and len(candidates) > 1
        has_label = is_listed and description and text.isdecimal()
        yield f"{value}  {_shorten(description)}" if has_label else value


def quote_for_bash(text: str, quote: str) -> str:
    """Return text that bash reads letter for letter inside `quote`, which no title or tag can end.

    Inside double quotes "!" cannot be escaped from the history: there the quotes are closed around it.
    """
    if quote == "'":
        return text.replace("'", r"'\''")
    if quote:
        return re.sub(r'([\\"$`])', r"\\\1", text).replace("!", "\"'!'\"")
    return re.sub(r"([^\w%+=:@,./-])", r"\\\1", text)


def _split_line(line: str) -> tuple[list[str], str, str]:
    """Return the complete words of a line, the unfinished one, and the quote that it is in."""
    for quote in ("", '"', "'"):
        try:
            words = shlex.split(line + quote)
        except ValueError:
            continue
        is_unfinished = quote or (line and not line[-1].isspace()) or line.endswith("\\ ")
        return (words[:-1], words[-1], quote) if is_unfinished and words else (words, "", quote)
    return [], "", ""


def complete_line(words: Sequence[str], prefix: str) -> list[Completion]:
    """Return what may follow `words` and begins with `prefix`; the library is that of --home or $READLIST_HOME."""
    import os

    from typer.main import get_command

    from readlist.cli.app import app
    from readlist.cli.completion.engine import Completer

    def open_home(home: str | None) -> Library:
        from readlist.cli.context import find_directories
        from readlist.library.library import Library

        return Library(find_directories(home or os.environ.get("READLIST_HOME")))

    completions = Completer(get_command(app), open_home).complete(words, prefix)
    from readlist.text import printable_line

    return [completion for completion in completions if printable_line(completion[0]) == completion[0]]


def _shorten(text: str) -> str:
    from readlist.text import clean

    text = clean(text)
    return text if len(text) <= MAX_DESCRIPTION else f"{text[: MAX_DESCRIPTION - 1]}…"
