"""The doctor: checks of a library, one class a component, each finding with its repair. Checking changes nothing.

    doctor      runs the checks in the order in which one component depends on another, and the repairs
    reading     reads the store files and their backups for the checks
    report      what a check reports: findings with their level, message and remedy
    files       permissions, temporary files, store files, backups, history
    index       the search index
    contents    marks without a paper, missing sources, duplicate titles, tag spellings

Called by `library` and, for its findings, by the command `doctor`.
"""
