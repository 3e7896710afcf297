"""Writing systems: which tokens are compared with each other.

Hangul, Kana and Han words take particles and endings, Latin words do not; a Greek or Cyrillic letter may stand for a
Latin one (μP is typed uP or muP). The index stores the script class of every token, query expansion compares a word
with tokens of its own class only.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

ScriptClass: TypeAlias = Literal["h", "m", "w"]
"""`h`: Hangul, Kana and Han; `m`: mixed with letters that look Latin; `w`: all other words."""

FIRST_SYLLABLE = "\u3040"
"""Kana, Han and Hangul have code points from here on. Compared as a character: a range in a regular expression
is slow to compile at every start."""

# A letter of another script that looks like a Latin letter, its Latin spellings, for Greek letters their names too.
_LOOK_ALIKE_TABLE = """
α a alpha, β b beta, γ y gamma, δ d delta, ε e epsilon, ζ z zeta, η n eta, θ o theta, ι i iota, κ k kappa, λ l lambda,
μ u mu, ν v nu, ξ e xi, ο o omicron, π n pi, ρ p rho, σ s sigma, ς s sigma, τ t tau, υ u upsilon, φ o phi, χ x chi,
ψ y psi, ω w omega, а a, в b, е e, к k, м m, н h, о o, р p, с c, т t, у y, х x, і i, ѕ s, ј j
"""
LOOK_ALIKES: dict[str, tuple[str, ...]] = {
    letter: tuple(spellings) for letter, *spellings in map(str.split, _LOOK_ALIKE_TABLE.split(","))
}


def script_class(word: str) -> ScriptClass:
    """Return the class of tokens that `word`, a token, is compared with."""
    if word.isascii():
        return "w"
    if max(word) >= FIRST_SYLLABLE:
        return "h"
    look_alikes = sum(character in LOOK_ALIKES for character in word)
    return "m" if look_alikes and (len(word) == 1 or any(map(str.isascii, word))) else "w"
