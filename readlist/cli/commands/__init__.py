"""The commands, one module per command or small family; `cli.registry` lists them.

A module has an `app`, a Typer application with the commands under the names that the registry gives them. The first
paragraph of a command's docstring is its summary in the registry.
"""
