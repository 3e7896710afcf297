"""Browse: a full-screen view of the papers that a query matches, operated by keys.

    backlog.py      the papers, in a fixed order, and the edits to them; without a screen
    draft.py        a note while it is edited; without a screen
    app.py          the application: what each key does
    keys.py         which key does what
    query_bar.py    the top lines: query, counts, notice, search input
    paper_list.py   the list; it reads and draws only the visible rows
    rows.py         a paper as a row of the list
    paper_pane.py   the paper at the cursor
    screens.py      editors for note and tags, and the list of keys
    theme.py        colors

Only this package imports Textual. Everything runs in one thread, because the library's lock belongs to a thread.
"""
