"""Options that several commands share, declared once as the parameters of a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def expand_parameter(
    command: Callable[..., None], name: str, declare: Callable[..., Any], convert: Callable[..., Any] | None = None
) -> Callable[..., None]:
    """Return `command` with the parameters of `declare`, a function of a Typer context and options, in place of `name`.

    The command is called with what `convert`, by default `declare` itself, returns for the values of the options.
    """
    shared = dict(inspect.signature(declare).parameters)
    context_name = next(iter(shared))
    del shared[context_name]
    convert = convert or declare

    def expanded(**values: Any) -> None:
        shared_values = {option: values.pop(option) for option in shared}
        command(**{name: convert(values["context"], **shared_values)}, **values)

    parameters: list[inspect.Parameter] = []
    for own_name, own in inspect.signature(command).parameters.items():
        parameters += shared.values() if own_name == name else [own]
    parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
    typer_command: Any = expanded  # Typer reads these attributes; the type of a function has no __signature__
    typer_command.__name__, typer_command.__doc__ = command.__name__, command.__doc__
    typer_command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    typer_command.__signature__ = inspect.Signature(parameters)
    return expanded
