r"""Text as LaTeX that shows just that text: nothing in it is a command, but for formulas that can do no harm.

    50% of R&D_costs     50\% of R\&D\_costs
    in $O(n^2)$ steps    in $O(n^2)$ steps                   a formula stays one
    for $5 and $6        for \$5 and \$6                     money is none
    $\input{/etc/x}$     \$\textbackslash{}input\lbrace …    nor is what is not known to be harmless

Braces are written as commands, because BibTeX counts them whether or not a backslash stands before them.
"""

from __future__ import annotations

import re
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
_TABLE = str.maketrans(_ESCAPES)
_WORD = re.compile(r"[^\W_]+")

# As Pandoc has it: no blank inside of the dollars, no digit behind the second one.
_FORMULA = re.compile(r"\$(?=\S)([^$]{1,200})(?<=\S)\$(?!\d)")
_PROSE = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,} +[A-Za-z]{2,}")
_GROUP = "\0"  # stands for a pair of braces that has been looked into; no cleaned text holds it

_SIGNS = (
    "alpha|beta|gamma|delta|epsilon|varepsilon|zeta|eta|theta|vartheta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|"
    "upsilon|phi|varphi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega|"
    "times|cdot|cdots|ldots|dots|pm|mp|div|ast|star|circ|bullet|cap|cup|setminus|wedge|vee|oplus|otimes|"
    "le|leq|ge|geq|ne|neq|ll|gg|sim|simeq|approx|equiv|propto|in|notin|subset|subseteq|supset|mid|parallel|perp|"
    "to|gets|rightarrow|leftarrow|leftrightarrow|Rightarrow|mapsto|uparrow|downarrow|infty|partial|nabla|forall|exists|"
    "sum|prod|int|log|ln|exp|min|max|arg|sup|inf|lim|Pr|det|dim|ell|hbar|Re|Im|top|bot|prime|emptyset|neg|quad"
)
_STYLES = "mathbf|mathbb|mathcal|mathrm|mathsf|mathtt|mathit|sqrt|hat|bar|tilde|vec|dot|overline"


def escape(text: str) -> str:
    r"""The text as LaTeX, formulas kept.

    >>> print(escape(r"R&D in $O(n^2)$ for $5 {\bf now}"))
    R\&D in $O(n^2)$ for \$5 \textbraceleft{}\textbackslash{}bf now\textbraceright{}
    """
    return "".join(piece if is_formula else plain(piece) for is_formula, piece in _pieces(text))


def plain(text: str) -> str:
    """The text as LaTeX, letter for letter."""
    return text.translate(_TABLE)


def escape_title(title: str) -> str:
    r"""A title as LaTeX, with braces around what must keep its capitals in a style that lowers them.

    >>> print(escape_title("GRPO or PPO? A Study of $O(n)$ Self-Play with DeepSeek-R1"))
    {GRPO} or {PPO}? A Study of {$O(n)$} Self-Play with {DeepSeek}-{R1}
    """
    return "".join(
        f"{{{piece}}}" if is_formula else "".join(map(_guarded, re.split(r"([^\W_]+)", piece)))
        for is_formula, piece in _pieces(title)
    )


def _guarded(piece: str) -> str:
    """A word, or what stands between two."""
    if not _WORD.fullmatch(piece):
        return plain(piece)
    has_capitals = any(map(str.isupper, piece[1:])) or (piece[0].isupper() and any(map(str.isdigit, piece)))
    is_letter = len(piece) == 1 and piece.isupper() and piece != "A"  # C++ and Q-learning, but not the article
    return f"{{{piece}}}" if has_capitals or is_letter else piece


def _pieces(text: str) -> Iterator[tuple[bool, str]]:
    """The text in pieces, and whether each is a formula."""
    done = at = 0
    while (at := text.find("$", at)) >= 0:
        found = _FORMULA.match(text, at)
        if not found or not _is_harmless(found[1]):
            at += 1
            continue
        yield False, text[done:at]
        yield True, found[0]
        done = at = found.end()
    yield False, text[done:]


def _is_harmless(formula: str) -> bool:
    """Whether LaTeX can set it without an error, and it holds nothing but well-known signs: looked into from the
    innermost braces outwards.
    """
    if _PROSE.search(formula):
        return False
    group, whole = _grammar()
    while (folded := group.sub(_GROUP, formula)) != formula:
        formula = folded
    return bool(whole.fullmatch(formula))


@cache
def _grammar() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns of a formula in braces, and of one without braces.

    Two subscripts at one letter are an error of TeX, also with a blank between them; so is a command without what it
    needs.
    """
    sign = rf"\\(?:{_SIGNS})(?![A-Za-z])"
    argument = rf"(?:[A-Za-z0-9{_GROUP}+*-]|{sign})"
    styled = rf"\\(?:{_STYLES})(?![A-Za-z])\ *{argument} | \\frac{_GROUP}{_GROUP}"
    atom = rf"(?:[A-Za-z0-9{_GROUP}+\-*/=<>()\[\]|!,.:;] | \\[,;!%|] | {sign} | {styled})"
    scripts = rf"'*(?:_{argument}(?:\^{argument})?|\^{argument}(?:_{argument})?)?"
    formula = rf"{scripts}(?:{atom}{scripts}|\ )*"
    return re.compile(rf"\{{{formula}\}}", re.VERBOSE), re.compile(formula, re.VERBOSE)
