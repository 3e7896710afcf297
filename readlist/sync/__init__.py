"""Sync: the merge of this library with those of other machines, through a branch of a remote git repository.

    remotes git clone        the transport: which remotes are accepted, how git is run, the private bare clone
    registers notes marks definitions      the merge: what a machine says, as values with versions that join by maximum
    papers keys paper_merge  the merge of papers, and which keys name one paper
    layout                   the files of the branch, and the lines in them
    incoming paper_cleaning  the validation of what other machines wrote
    merge                    all of it: local records, the last common state and the remote state to one result
    lab                      the marks that persons share with a group
    report                   what a sync did, for the command

Nothing is checked out, and git merges nothing: trees are read and written as objects, and the store stays the only
writer of the library. `library.syncer` takes the lock, applies the result and pushes. Nothing here opens a store file.
"""
