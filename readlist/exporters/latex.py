r"""Escape text for LaTeX: it is set literally and runs no command, except that formulas known to be safe stay formulas.

    50% of R&D_costs     50\% of R\&D\_costs
    in $O(n^2)$ steps    in $O(n^2)$ steps                   a formula is kept
    for $5 and $6        for \$5 and \$6                     amounts of money are escaped
    $\input{/etc/x}$     \$\textbackslash{}input…            unknown commands are escaped

Braces are written as commands, because BibTeX counts them whether or not a backslash precedes them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}
_ESCAPE_TABLE = str.maketrans(_ESCAPES)
_LIGATURE = re.compile(r"([-`',<>])(?=\1)|[?!](?=`)")
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".",
    "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0323": "d", "\u0327": "c", "\u0328": "k",
    "\u0331": "b",
}  # fmt: skip
_LETTERS = {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ı": "i"}
_LATIN = re.compile("[\xc0-\u024f\u1e00-\u1eff]")
_WORD = re.compile(r"[^\W_]+")

# The rule of Pandoc: no space just inside of the dollars, no digit after the second one.
_FORMULA = re.compile(r"\$(?=\S)([^$]{1,200})(?<=\S)\$(?!\d)")
_PROSE = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,} +[A-Za-z]{2,}")
_GROUP = "\0"  # replaces a pair of braces that has been checked; cleaned text never contains it

_SYMBOLS = (
    "alpha|beta|gamma|delta|epsilon|varepsilon|zeta|eta|theta|vartheta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|"
    "upsilon|phi|varphi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega|"
    "times|cdot|cdots|ldots|dots|pm|mp|div|ast|star|circ|bullet|cap|cup|setminus|wedge|vee|oplus|otimes|"
    "le|leq|ge|geq|ne|neq|ll|gg|sim|simeq|approx|equiv|propto|in|notin|subset|subseteq|supset|mid|parallel|perp|"
    "to|gets|rightarrow|leftarrow|leftrightarrow|Rightarrow|mapsto|uparrow|downarrow|infty|partial|nabla|forall|exists|"
    "sum|prod|int|log|ln|exp|min|max|arg|sup|inf|lim|Pr|det|dim|ell|hbar|Re|Im|top|bot|prime|emptyset|neg|quad"
)
_STYLE_COMMANDS = "mathbf|mathbb|mathcal|mathrm|mathsf|mathtt|mathit|sqrt|hat|bar|tilde|vec|dot|overline"


def escape(text: str) -> str:
    r"""Return the text as LaTeX; safe formulas are kept.

    >>> print(escape(r"R&D in $O(n^2)$ for $5 {\bf now}"))
    R\&D in $O(n^2)$ for \$5 \textbraceleft{}\textbackslash{}bf now\textbraceright{}
    """
    return "".join(piece if is_formula else escape_literal(piece) for is_formula, piece in _split_formulas(text))


def escape_literal(text: str) -> str:
    """Return the text as LaTeX, formulas escaped too, and signs that fonts join to another one, such as a dash, apart.

    >>> print(escape_literal("a--b ``c``"))
    a-{}-b `{}`c`{}`
    """
    return _LIGATURE.sub(r"\g<0>{}", text.translate(_ESCAPE_TABLE))


def encode_accents(latex: str) -> str:
    r"""Return LaTeX with commands for Latin letters with an accent: classic BibTeX takes a letter for one byte.

    It would abbreviate a name to half a letter, and sort it after z. Letters with two accents stay.

    >>> print(encode_accents("Łukasz, Émile and Dvořák and 김철수"))
    {\L}ukasz, {\'E}mile and Dvo{\v{r}}{\'a}k and 김철수
    """
    return _LATIN.sub(lambda match: _encode_letter(match[0]), latex)


def _encode_letter(letter: str) -> str:
    if command := _LETTERS.get(letter):
        return f"{{\\{command}}}"
    base, *marks = list(unicodedata.normalize("NFD", letter))
    accent = _ACCENTS.get(marks[0]) if len(marks) == 1 else None
    if not accent or not base.isascii():
        return letter
    return f"{{\\{accent}{{{base}}}}}" if accent.isalpha() else f"{{\\{accent}{base}}}"


def escape_title(title: str) -> str:
    r"""Return a title as LaTeX, with braces around words that must keep their capitals in styles that lower them.

    >>> print(escape_title("GRPO or PPO? A Study of $O(n)$ Self-Play with DeepSeek-R1"))
    {GRPO} or {PPO}? A Study of {$O(n)$} Self-Play with {DeepSeek}-{R1}
    """
    return "".join(
        f"{{{piece}}}" if is_formula else "".join(map(_brace_capitals, re.split(r"([^\W_]+)", piece)))
        for is_formula, piece in _split_formulas(title)
    )


def _brace_capitals(piece: str) -> str:
    """Escape a word, or what is between two words, and put braces around a word with capitals that matter."""
    if not _WORD.fullmatch(piece):
        return escape_literal(piece)
    has_capitals = any(map(str.isupper, piece[1:])) or (piece[0].isupper() and any(map(str.isdigit, piece)))
    is_letter = len(piece) == 1 and piece.isupper() and piece != "A"  # C++ and Q-learning, but not the article
    return f"{{{piece}}}" if has_capitals or is_letter else piece


def _split_formulas(text: str) -> Iterator[tuple[bool, str]]:
    """Yield the text in pieces, each with whether it is a safe formula."""
    done = at = 0
    while (at := text.find("$", at)) >= 0:
        match = _FORMULA.match(text, at)
        if not match or not _is_safe_formula(match[1]):
            at += 1
            continue
        yield False, text[done:at]
        yield True, match[0]
        done = at = match.end()
    yield False, text[done:]


def _is_safe_formula(formula: str) -> bool:
    """Return whether LaTeX sets it without an error and it contains only known symbols.

    Groups in braces are checked from the innermost outwards, each replaced by _GROUP.
    """
    if _PROSE.search(formula):
        return False
    group, whole = _formula_patterns()
    while (reduced := group.sub(_GROUP, formula)) != formula:
        formula = reduced
    return bool(whole.fullmatch(formula))


@cache
def _formula_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Compile the patterns of a formula in braces, and of one without braces.

    TeX rejects two subscripts on one letter, also with a space between them, and a command without its argument.
    """
    symbol = rf"\\(?:{_SYMBOLS})(?![A-Za-z])"
    argument = rf"(?:[A-Za-z0-9{_GROUP}+*-]|{symbol})"
    styled = rf"\\(?:{_STYLE_COMMANDS})(?![A-Za-z])\ *{argument} | \\frac{_GROUP}{_GROUP}"
    atom = rf"(?:[A-Za-z0-9{_GROUP}+\-*/=<>()\[\]|!,.:;] | \\[,;!%|] | {symbol} | {styled})"
    scripts = rf"'*(?:_{argument}(?:\^{argument})?|\^{argument}(?:_{argument})?)?"
    formula = rf"{scripts}(?:{atom}{scripts}|\ )*"
    return re.compile(rf"\{{{formula}\}}", re.VERBOSE), re.compile(formula, re.VERBOSE)
