"""Browse: a full-screen reader of what a query finds, to go through a backlog by keys.

    backlog.py   the papers, their order, and what is done to them; knows no screen
    draft.py     a note while it is written
    rows.py      a paper as a row of the list
    papers.py    the list: only the rows on the screen are read and drawn
    panes.py     the paper, the note, the line of input, the keys
    keys.py      which key does what
    app.py       the screen, and what each key does

textual is imported here and nowhere else. Everything runs in one thread, in which the library's lock must stay.
"""
