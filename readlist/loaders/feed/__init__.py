"""The newsletter as an RSS or Atom feed."""
