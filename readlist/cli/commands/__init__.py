"""The commands, one module a command or a small family; `cli.registry` lists them."""
