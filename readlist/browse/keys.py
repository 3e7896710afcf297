"""Which key does what; the commands are methods of the screen, `action_` and their name."""

from __future__ import annotations

from textual.binding import Binding

HELP = (
    ("↑ ↓ j k", "one paper up or down; scroll, in the paper"),
    ("pgup pgdn g G", "a screenful; the first and the last"),
    ("← →", "the paper before and after, from the paper too"),
    ("enter tab", "to the paper and back"),
    ("space b", "turn the pages of the paper, from the list too"),
    ("r s", "read, skip; and on to the next unread"),
    ("i u", "being read, unread"),
    ("x", "star, or take the star off"),
    ("n", "your note; esc saves it"),
    ("t", "tags: +add -remove"),
    ("o", "open in the browser"),
    ("/", "search; esc goes back to what was there"),
    ("z Z", "undo, redo"),
    ("q", "quit; everything is saved as it is done"),
)
"""What the key ? shows."""


def _key(keys: str, action: str, shown: str = "", display: str | None = None) -> Binding:
    """What keys do, wherever the focus is: so that they are done in the order in which they were pressed.

    Left to the widgets, what is typed faster than it is done (on a slow line, all at once) would overtake itself: of
    `j r` the mark could come first, and go to the wrong paper.
    """
    return Binding(keys, action, shown, show=bool(shown), priority=True, key_display=display)


KEYS = [
    _key("r", "set_status('read', True)", "read"),
    _key("s", "set_status('skip', True)", "skip"),
    _key("u", "set_status('unread', False)"),
    _key("i", "set_status('reading', False)"),
    _key("x", "star", "star"),
    _key("n", "note", "note"),
    _key("t", "tag", "tag"),
    _key("o", "open", "open"),
    _key("slash", "search", "search", "/"),
    _key("z", "undo", "undo"),
    _key("Z", "redo"),
    _key("question_mark", "keys", "keys", "?"),
    _key("q", "finish", "quit"),
    _key("up,k", "line(-1)"),
    _key("down,j", "line(1)"),
    _key("pageup,ctrl+b", "page(-1)"),
    _key("pagedown,ctrl+f", "page(1)"),
    _key("home,g", "end(-1)"),
    _key("end,G", "end(1)"),
    _key("left", "paper(-1)"),
    _key("right", "paper(1)"),
    _key("space", "turn_page(1)"),
    _key("b", "turn_page(-1)"),
    _key("enter,tab,shift+tab", "switch"),
    _key("escape", "leave"),
    _key("ctrl+c,ctrl+q", "quit"),
]

COMMANDS = {binding.action.partition("(")[0] for binding in KEYS} - {"quit"}
"""What is no command while a query, a note or tags are typed, but text."""
