"""Browse: a full-screen view of the papers that a query matches, operated by keys.

    backlog.py      the papers, in a fixed order, and the edits to them; without a screen
    pending.py      changes that wait for the library's lock; without a screen
    draft.py        a note while it is edited; without a screen
    display.py      the layout, and what is displayed
    movement.py     what the keys do that move the cursor, search and filter
    marking.py      what the keys do that change papers
    app.py          the application: all of it together
    keys.py         which key does what
    input_methods.py    the Latin keys behind other layouts
    driver.py       the terminal
    query_bar.py    the top lines: query, counts, notice, search input
    paper_list.py   the list; it reads and draws only the visible rows
    rows.py         a paper as a row of the list
    paper_pane.py   the paper at the cursor
    screens.py      editors for note and tags, and the list of keys
    theme.py        colors

Only this package imports Textual. Everything runs in one thread, because the library's lock belongs to a thread.
"""
