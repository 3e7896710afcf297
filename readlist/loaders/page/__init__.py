"""The newsletter as an HTML page."""
