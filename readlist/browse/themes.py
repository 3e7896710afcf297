"""The theme: the terminal's own colours, on its own background, light or dark.

$TEXTUAL_THEME names another: textual-light, nord, gruvbox, solarized-light …
"""

from dataclasses import replace

from textual.theme import BUILTIN_THEMES

_ANSI = BUILTIN_THEMES["ansi-dark"]
OWN_THEME = replace(
    _ANSI,
    name="readlist",
    variables={
        **_ANSI.variables,
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "border": "ansi_cyan",
        "border-blurred": "ansi_bright_black",
        "footer-key-foreground": "ansi_cyan",
    },
)
