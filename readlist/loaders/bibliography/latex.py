r"""LaTeX in the values of BibTeX to text: accents, symbols, escapes, braces; formulas stay as written.

    G{\"o}del's {\emph{first}}     Gödel's first
    \v{C}apek, {\L}ukasz, \'{\i}   Čapek, Łukasz, í
    R\&D in {$O(n^2)$} steps       R&D in $O(n^2)$ steps

Not pylatexenc, which the middleware of bibtexparser uses: it builds a tree by recursion, so that some hundred nested
braces end it, and takes 60 times as long.
"""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307",
    '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323", "c": "\u0327", "k": "\u0328",
    "b": "\u0331",
}  # fmt: skip
_GREEK = """
alpha α, beta β, gamma γ, delta δ, epsilon ε, zeta ζ, eta η, theta θ, iota ι, kappa κ, lambda λ, mu μ, nu ν, xi ξ, pi π,
rho ρ, sigma σ, tau τ, upsilon υ, phi φ, chi χ, psi ψ, omega ω, Gamma Γ, Delta Δ, Theta Θ, Lambda Λ, Xi Ξ, Pi Π,
Sigma Σ, Phi Φ, Psi Ψ, Omega Ω
"""
_SYMBOLS = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å",
    "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "dj": "đ", "DJ": "Đ", "th": "þ", "TH": "Þ", "ng": "ŋ", "NG": "Ŋ",
    "textbackslash": "\\", "textbraceleft": "{", "textbraceright": "}", "lbrace": "{", "rbrace": "}",
    "textasciicircum": "^", "textasciitilde": "~", "textdollar": "$", "textunderscore": "_", "textbar": "|",
    "textless": "<", "textgreater": ">", "textendash": "–", "textemdash": "—", "textquoteleft": "‘",
    "textquoteright": "’", "textquotedblleft": "“", "textquotedblright": "”", "textquotesingle": "'",
    "textquotedbl": '"', "ldots": "…", "dots": "…", "textellipsis": "…", "textbullet": "•", "textdegree": "°",
    "degree": "°", "textregistered": "®", "texttrademark": "™", "textcopyright": "©", "copyright": "©", "textmu": "µ",
    "texttimes": "×", "times": "×", "pm": "±", "S": "§", "P": "¶", "pounds": "£", "texteuro": "€", "euro": "€",
    "LaTeX": "LaTeX", "TeX": "TeX", "BibTeX": "BibTeX", "slash": "/", "par": "\n\n", "newline": "\n",
    "quad": " ", "qquad": " ", "space": " ", "sim": "~",
    **dict(map(str.split, _GREEK.split(","))),
}  # fmt: skip
_ESCAPED = {"\\": " ", "-": "", "/": "", "@": "", "!": "", ",": " ", ";": " ", ":": " ", "\n": " "}
"""What a backslash and a character mean where that is not the character itself."""
_LIGATURES = {"---": "—", "--": "–", "``": "“", "''": "”", "~": " "}
_DOTLESS = {"\\i": "i", "\\j": "j"}

# A formula, or an escaped character, which cannot begin or end one.
_FORMULA = re.compile(r"(?P<formula>\$\$(?:[^$\\]|\\.)*+\$\$|\$(?:[^$\\]|\\.)*+\$)|\\.", re.DOTALL)
_ACCENT = re.compile(
    r"""\\(["'`^~=.]|[Hcdbkruv](?![A-Za-z]))\s*"""
    r"(?:\{\s*(\\[ij](?![A-Za-z])|[^\W\d_])\s*(?:\{\})?\s*\}|(\\[ij](?![A-Za-z])\s?|[^\W\d_]))"
)
_TOKEN = re.compile(
    r"\\(?P<command>[A-Za-z]+)\*?(?:\{\}|\s+)?|\\(?P<escaped>.)(?P<empty>\{\})?|(?P<ligature>---?|``|''|~)|[{}]",
    re.DOTALL,
)
_SPECIAL = re.compile(r"[\\{}$~]|--|``|''")
"""What occurs in all LaTeX that is not the text itself."""
_TILDE = re.compile(r"\\~(?:\{\})?|\$\\sim\$")
_HREF = re.compile(r"\\href\s*\{([^{}]*)\}\s*\{([^{}]*)\}")


def to_text(latex: str, *, ligatures: bool = True) -> str:
    r"""Return LaTeX as text; `ligatures` is whether `--`, ``quotes'' and `~` mean dashes, quotation marks and a space.

    Unknown commands are left out, their arguments stay.

    >>> print(to_text(r"{G}{\"o}del -- \emph{a $\beta$-test} of R\&D"))
    Gödel – a $\beta$-test of R&D
    """
    if not _SPECIAL.search(latex):  # most values, and ten times as fast
        return latex
    if "\\" not in latex and "$" not in latex:
        return _convert(latex, ligatures=ligatures)
    pieces: list[str] = []
    done = 0
    for match in _FORMULA.finditer(latex):
        if match["formula"]:
            pieces += (_convert(latex[done : match.start()], ligatures=ligatures), match[0])
            done = match.end()
    pieces.append(_convert(latex[done:], ligatures=ligatures))
    return "".join(pieces)


def _convert(latex: str, *, ligatures: bool) -> str:
    """Return LaTeX without formulas as text."""
    if "\\" in latex:
        latex = _HREF.sub(r"\2", latex)
        latex = _ACCENT.sub(_combine, _ACCENT.sub(_combine, latex))  # twice: Vietnamese letters have two accents

    def replace(match: re.Match[str]) -> str:
        if command := match["command"]:
            return _SYMBOLS.get(command, "")
        if escaped := match["escaped"]:
            return _ESCAPED.get(escaped, escaped)
        if ligature := match["ligature"]:
            return _LIGATURES[ligature] if ligatures else ligature
        return ""

    return _TOKEN.sub(replace, latex)


def _combine(match: re.Match[str]) -> str:
    accent, braced, bare = match.groups()
    letter = (braced or bare).strip()
    return unicodedata.normalize("NFC", _DOTLESS.get(letter, letter) + _ACCENTS[accent])


def to_url(latex: str) -> str:
    r"""Return a URL or DOI, which is often written without or with too many escapes.

    >>> print(to_url(r"\url{https://example.org/\~{}ada/a\_b~c--d}"))
    https://example.org/~ada/a_b~c--d
    """
    return to_text(_TILDE.sub("~", latex), ligatures=False)


def split_outside_braces(text: str, separator: str) -> list[str]:
    """Return the parts of LaTeX between the separators (text, not a pattern) that are not within braces."""
    if "{" not in text and "\\" not in text:
        return text.split(separator)
    parts: list[str] = []
    depth = start = 0
    for match in re.finditer(rf"\\.|[{{}}]|{re.escape(separator)}", text, re.DOTALL):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth = max(depth - 1, 0)
        elif match[0] == separator and not depth:
            parts.append(text[start : match.start()])
            start = match.end()
    return [*parts, text[start:]]
