"""readlist's own exports, read back: JSON, JSON Lines, CSV, the HTML page and the files of `export --split`."""
