"""Browse: a full-screen reader of what a query finds, to go through a backlog by keys.

    backlog.py   the papers, their order, and what is done to them; knows no screen
    rows.py      a paper as a row of the list
    papers.py    the list: only the rows on the screen are read and drawn
    panes.py     the paper, the note, the line of input, the keys
    app.py       the screen: which key does what

textual is imported here and nowhere else. Everything runs in one thread, in which the library's lock must stay.
"""
