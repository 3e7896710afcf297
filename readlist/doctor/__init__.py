"""The doctor: checks of a library, and their repairs."""
