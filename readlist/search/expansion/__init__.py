"""Query expansion: a word of a query -> the variants, words of the vocabulary, that it matches, each with a weight.

    exact       the word as it is spelled: the start of longer words, its parts joined or apart
    fuzzy       a misspelled word: typing errors, Korean stems, two words typed as one
    readings    what the word may stand for as well: word forms, acronyms, another keyboard layout, initial consonants
    bridges     words that mean the same, in either language: thesaurus, sounds, translations learned from the library

`query.planner` uses exact and fuzzy variants, and readings of a word that no paper has, to decide which papers have all
words; `query_words` adds the other readings and bridges for the ranking.
"""
