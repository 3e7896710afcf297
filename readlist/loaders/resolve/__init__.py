"""Look up papers at arXiv, at Crossref and on their own pages, by arXiv ID, DOI, URL or title.

    items      what a user typed: an arXiv ID, a DOI, a URL or a title
    client     requests to one service: intervals, Retry-After, and what its failures mean
    arxiv      arXiv's API        crossref   Crossref's API        page   a page with citation metadata
    matches    how sure it is that a paper that a service returned is the paper that was looked for
    lookup     the three together, which `library` calls

Nothing here reads or writes the library, and no other package requests anything from these services.
"""
