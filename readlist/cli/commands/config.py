"""The command that lists and changes settings: config."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from readlist.cli import config as settings
from readlist.cli.options.output import output_options
from readlist.cli.output import Form, Output, emit, info, print_rows
from readlist.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

_COLUMNS = ("key", "value", "origin", "location")

app = typer.Typer(rich_markup_mode=None)


class ConfigCommand(TyperCommand):
    """A command whose value may begin with a hyphen: `config sort -date`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments, a word such as `-date` being the last one."""
        values = [word for word in args if re.fullmatch(r"-\w{2,}", word)]
        others = [word for word in args if word not in values]
        return super().parse_args(ctx, [*others, "--", *values] if values and "--" not in args else args)


@app.command("config", cls=ConfigCommand)
@output_options
def config_(
    context: typer.Context,
    key: Annotated[
        str | None, typer.Argument(metavar="[KEY]", help="Name of a setting: print or change it.", show_default=False)
    ] = None,
    value: Annotated[
        str | None, typer.Argument(metavar="[VALUE]", help="Set it to this value.", show_default=False)
    ] = None,
    unset: Annotated[bool, typer.Option("--unset", help="Remove the setting from the file.")] = False,
    *,
    output: Output,
) -> None:
    """List the settings, print one, or change one.

    The keys are columns, sort, limit, language, pager and remote. An option takes precedence over a setting, and an
    environment variable such as READLIST_LIMIT over the file. See: readlist help config
    """
    if key is None:
        if unset:
            raise UsageError("--unset needs a key; write: readlist config KEY --unset")
        _list(settings.SETTINGS.values(), output)
        return
    setting = settings.find_setting(key)
    if output.form is Form.JSON and (unset or value is not None):
        raise UsageError("--json prints settings; omit it to change one")
    if unset and value is not None:
        raise UsageError(f"pass a value or --unset, not both: {value}")
    if unset:
        _unset(setting)
    elif value is not None:
        _set(setting, value)
    elif output.form is Form.JSON:
        _list([setting], output)
    else:
        _print(settings.read_value(setting))


def _list(chosen: Iterable[settings.Setting], output: Output) -> None:
    print_rows([settings.read_value(setting) for setting in chosen], _COLUMNS, _fields, _table, output)


def _print(value: settings.Value) -> None:
    if value.text is None:
        info(f"{value.setting.name} is not set; default: {value.setting.default}")
    else:
        emit([value.text, "\n"])


def _set(setting: settings.Setting, text: str) -> None:
    from readlist.cli.config_file import set_key

    value, path = settings.parse_text(setting, text), settings.find_config_file()
    set_key(path, setting.name, value)
    info(f"Set {setting.name} to {value} in {path}{_describe_override(setting)}")


def _unset(setting: settings.Setting) -> None:
    from readlist.cli.config_file import remove_key

    path = settings.find_config_file()
    change = f"Removed {setting.name} from" if remove_key(path, setting.name) else f"{setting.name} is not in"
    info(f"{change} {path}{_describe_override(setting)}")


def _describe_override(setting: settings.Setting) -> str:
    """Return what to add to a message where the environment takes precedence over the file."""
    import os

    overriding = [variable for variable in setting.variables if os.environ.get(variable, "").strip()]
    return f"; ${overriding[0]} takes precedence" if overriding else ""


def _fields(value: settings.Value) -> dict[str, Any]:
    return {"key": value.setting.name, "value": value.text, "origin": value.origin, "location": value.location}


def _table(values: Sequence[settings.Value]) -> "RenderableType":
    from readlist.views.tables import settings_table

    def describe(value: settings.Value) -> tuple[str, str, str, bool]:
        is_set = value.text is not None
        origin = f"${value.location}" if value.origin == "environment" else value.origin
        return value.setting.name, value.text if value.text is not None else value.setting.default, origin, is_set

    return settings_table(map(describe, values), str(settings.find_config_file()))
