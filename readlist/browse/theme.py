"""The theme: the terminal's own colors on its own background, light or dark.

$TEXTUAL_THEME selects another: textual-light, nord, gruvbox, solarized-light …
"""

from dataclasses import replace

from textual.theme import BUILTIN_THEMES

_ANSI_THEME = BUILTIN_THEMES["ansi-dark"]
TERMINAL_THEME = replace(
    _ANSI_THEME,
    name="readlist",
    variables={
        **_ANSI_THEME.variables,
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "border": "ansi_cyan",
        "border-blurred": "ansi_bright_black",
        "footer-key-foreground": "ansi_cyan",
    },
)
