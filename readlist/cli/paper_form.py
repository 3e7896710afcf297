"""The fields of a paper as text for the editor: front matter in YAML, and the abstract below it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from readlist.cli.editor import EditedText
from readlist.errors import UsageError
from readlist.paper_edits import CORRECTABLE, EditPaper, field_value, option_name
from readlist.text import clean, clean_markdown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from readlist.models import Paper

_HEADER_FIELDS = tuple(name for name in CORRECTABLE if name != "abstract")
_FORM = re.compile(r"\s*---[ \t]*\r?\n(.*?)^---[ \t]*\r?$\n?(.*)", re.DOTALL | re.MULTILINE)


def format_form(paper: Paper) -> str:
    """Return the form with the present values; the authors are a list."""
    lines = ["---"]
    for name in _HEADER_FIELDS:
        value = field_value(paper, name)
        if isinstance(value, str):
            lines.append(f"{option_name(name)}: {_quote(clean(value))}".rstrip())
        else:
            lines += [f"{option_name(name)}:", *(f"  - {_quote(clean(author))}" for author in value)]
    return "\n".join([*lines, "---", "", clean_markdown(paper.abstract)]).rstrip()


def parse_form(text: str) -> dict[str, str]:
    """Return the fields of an edited form as a user types them; a field that is missing is empty.

    Raises UsageError where the form cannot be read, or has a field that does not exist.
    """
    match = _FORM.fullmatch(text)
    if not match:
        raise UsageError("the front matter between the two lines --- is missing; the paper is unchanged")
    fields = _load_yaml(match[1])
    names = {name: option_name(name) for name in _HEADER_FIELDS}
    if unknown := fields.keys() - set(names.values()):
        raise UsageError(
            f"unknown field: {clean(min(unknown))}; the fields are {', '.join(names.values())}; the paper is unchanged"
        )
    return {name: _to_text(name, fields.get(key)) for name, key in names.items()} | {"abstract": match[2].strip()}


def parse_corrections(form: str, edited: str) -> EditPaper:
    """Return what differs between a form and its edited text. Raises UsageError where that is not valid."""
    before, after = parse_form(form), parse_form(edited)
    return EditPaper.parse({name: text for name, text in after.items() if text != before[name]})


def edited_paper(paper: Paper) -> EditedText:
    """Return what messages call the paper in the editor, and its file."""
    return EditedText("the paper", f"paper-{paper.id}.md", 'pass the fields: --title "TEXT"')


def _quote(text: str) -> str:
    """Return a text as a double-quoted scalar of YAML, which JSON is a part of; "" for an empty one."""
    return json.dumps(text, ensure_ascii=False) if text else ""


def _load_yaml(block: str) -> Mapping[str, Any]:
    import yaml

    try:
        fields = yaml.load(block, Loader=yaml.BaseLoader)  # noqa: S506 -- it creates strings, lists and mappings only
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f" in line {line + 2}"
        raise UsageError(f"the front matter is not valid YAML{where}; the paper is unchanged") from error
    if not isinstance(fields, dict) and fields not in (None, ""):
        raise UsageError("the front matter has no fields; the paper is unchanged")
    return fields or {}


def _to_text(name: str, value: object) -> str:
    """Return the text of a field; names that contain commas are separated by semicolons."""
    if value is None or isinstance(value, str):
        return value or ""
    if name == "authors" and isinstance(value, list) and all(isinstance(author, str) for author in value):
        return "; ".join(value) + ";" * (len(value) == 1)
    raise UsageError(f"{option_name(name)} is not text; the paper is unchanged")
