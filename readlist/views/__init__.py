"""Views: what is shown on a terminal, as rich renderables; nothing here prints.

Every text goes in as `Text`, never as markup, and is cleaned once more on its way out: a store that was edited by hand
must not command the terminal either. Only rich's console, table and text modules are used: panels, Markdown and
syntax colours would take longer to import than a search takes to run.
"""
