"""Which key does what; an action is a method of the application, `action_` and its name."""

from __future__ import annotations

from textual.binding import Binding

HELP = (
    ("↑ ↓ j k", "previous or next paper; scroll while reading"),
    ("pgup pgdn g G", "page up or down; first or last"),
    ("← →", "previous or next paper, also while reading"),
    ("enter tab", "switch between the list and the paper"),
    ("space b", "scroll the paper by a page, also from the list"),
    ("r s", "mark as read or skipped, go to the next unread paper"),
    ("l L", "queue, go to the next; queue first or postpone until a day"),
    ("i u x", "mark as reading or unread; add or remove the star"),
    ("n t", "edit the note, esc saves it; the tags: +add -remove"),
    ("e a", "correct the paper in your editor; show all authors"),
    ("o p", "open in the web browser: the page, the PDF"),
    ("/", "search; esc restores the previous query"),
    ("f", "filter: unread, starred, queued or postponed, reading, all"),
    ("c v", "change the order: date, title, author …; reverse it"),
    ("z Z", "undo, redo"),
    ("q ctrl+z", "quit; suspend until fg: every change is saved at once"),
)
"""The lines of the list of keys: keys, description."""


def _key(keys: str, action: str, label: str = "", display: str | None = None) -> Binding:
    """Bind keys to an action, wherever the focus is; those with a label are in the footer.

    With priority, the application handles all keys in the order in which they were pressed. If widgets handled some of
    them, input that arrives faster than it is processed (all at once, on a slow connection) would be reordered: in
    `j r`, the mark could come first and go to the wrong paper.
    """
    return Binding(keys, action, label, show=bool(label), priority=True, key_display=display)


KEYS = [
    _key("r", "set_status('read', True)", "read"),
    _key("s", "set_status('skipped', True)", "skip"),
    _key("l", "postpone", "later"),
    _key("L", "postpone_until"),
    _key("u", "set_status('unread', False)"),
    _key("i", "set_status('reading', False)"),
    _key("x", "toggle_star", "star"),
    _key("n", "edit_note", "note"),
    _key("t", "edit_tags", "tag"),
    _key("e", "edit_paper"),
    _key("a", "toggle_authors"),
    _key("o", "open", "open"),
    _key("p", "open_pdf"),
    _key("f", "next_filter"),
    _key("c", "next_order"),
    _key("v", "reverse"),
    _key("slash", "search", "find", "/"),
    _key("z", "undo"),
    _key("Z", "redo"),
    _key("question_mark", "show_keys", "keys", "?"),
    _key("q", "finish", "quit"),
    _key("up,k", "move(-1)"),
    _key("down,j", "move(1)"),
    _key("pageup,ctrl+b", "move_page(-1)"),
    _key("pagedown,ctrl+f", "move_page(1)"),
    _key("home,g", "move_to_end(-1)"),
    _key("end,G", "move_to_end(1)"),
    _key("left", "move_paper(-1)"),
    _key("right", "move_paper(1)"),
    _key("space", "scroll_page(1)"),
    _key("b", "scroll_page(-1)"),
    _key("enter,tab,shift+tab", "switch_pane"),
    _key("escape", "leave"),
    _key("ctrl+z", "suspend_process"),
    _key("ctrl+c,ctrl+q", "quit"),
]
BOUND_KEYS = frozenset(key for binding in KEYS for key in binding.key.split(","))
KEY_NAMES = {"/": "slash", "?": "question_mark", " ": "space"}
"""Textual's names of the bound characters that are no letters."""

COMMANDS = {binding.action.partition("(")[0] for binding in KEYS} - {"quit"}
"""Actions whose keys are text, not commands, while a query, a note or tags are edited."""
