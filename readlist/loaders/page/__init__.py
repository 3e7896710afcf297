"""The newsletter as a web page."""
