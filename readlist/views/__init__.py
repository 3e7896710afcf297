"""Views: what a terminal shows, as Rich renderables; the command line and `browse` print them.

Pure: a view computes nothing and prints nothing. Text becomes `Text`, never markup, and is cleaned here once more: a
store that was edited by hand must not send commands to the terminal. Only Rich's console, table and text modules are
used; its panels, Markdown and syntax highlighting are slow to import.
"""
