"""The options of commands that write handouts: title, introduction, fields, language, and the addresses of a mail."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from readlist.cli.options.parameters import expand_parameter
from readlist.cli.output import info
from readlist.cli.stdin import MAX_TEXT, read_stdin_text
from readlist.errors import ReadlistError, UsageError
from readlist.exporters.handout import DEFAULT_TITLE, FIELDS, Handout, MailHeader, parse_fields
from readlist.exporters.registry import HANDOUT_FORMATS

_FORMATS = ", ".join(HANDOUT_FORMATS)


class HandoutOptions(NamedTuple):
    """The values of the options as they were given, None and [] for those that were not."""

    title: str | None
    intro: str | None
    fields: str | None
    lang: str | None
    mail_to: list[str] | None
    mail_from: str | None

    def check_format(self, format_name: str) -> None:
        """Raise UsageError for the first option that the format does not have."""
        for field, value in self._asdict().items():
            if value not in (None, []):
                require_format(f"--{field.replace('_', '-')}", format_name)

    def build(self, format_name: str, default_title: str = "") -> Handout:
        """Return the handout that the options describe; `default_title` is its title without --title.

        Raises UsageError for a value that is not valid, and for an option that the format does not have.
        """
        self.check_format(format_name)
        for field, value in self._asdict().items():
            if value is not None and "" in (value if isinstance(value, list) else [value.strip()]):
                raise UsageError(f"empty value for --{field.replace('_', '-')}; pass a value or omit the option")
        if self.lang and not re.fullmatch(r"[a-z]{2,3}", self.lang):
            raise UsageError(f"invalid language code: {self.lang}; use ko, en or another code of ISO 639-1")
        return Handout(
            title=self.title or default_title or DEFAULT_TITLE,
            intro=_read_intro(self.intro) if self.intro else "",
            fields=parse_fields(self.fields) if self.fields else None,
            language=self.lang or "",
            mail=self._build_mail_header() if format_name == "mail" else None,
        )

    def _build_mail_header(self) -> MailHeader:
        import datetime as dt

        from readlist.exporters.mail import parse_addresses

        sender = self.mail_from or os.environ.get("EMAIL", "").strip()
        recipients = tuple(self.mail_to or ())
        for value in (*([sender] if sender else []), *recipients):
            parse_addresses(value)  # raises errors before anything is written
        return MailHeader(dt.datetime.now().astimezone().replace(microsecond=0), sender, recipients)


def require_format(option: str, format_name: str) -> None:
    """Raise UsageError where an option for handouts, or for mail, is given with another format."""
    if format_name == "--split":
        raise UsageError(f"{option} does not apply to --split; omit one of them")
    formats = "mail" if option.startswith("--mail-") else _FORMATS
    if format_name not in formats.split(", "):
        raise UsageError(f"{option} is for {formats}, not for {format_name}; change --to or omit {option}")


def _read_intro(name: str) -> str:
    """Return the text of a file, "-" for stdin. Raises ReadlistError where it cannot be read."""
    if name == "-":
        return read_stdin_text()
    try:
        with Path(name).open("rb") as file:
            data = file.read(MAX_TEXT + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        raise ReadlistError(f"cannot read --intro: {name}: {reason}") from error
    if len(data) > MAX_TEXT:
        raise UsageError(f"--intro has more than {MAX_TEXT // 1_000_000} MB: {name}; pass a shorter file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"--intro is not UTF-8: {name}; convert it, for example: iconv -t UTF-8") from None


def _collect(
    context: typer.Context,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="Title, or subject of a mail.")] = None,
    intro: Annotated[
        str | None, typer.Option(metavar="FILE", help="Markdown file to place above the papers, - for stdin.")
    ] = None,
    fields: Annotated[
        str | None,
        typer.Option(metavar="FIELDS", help=f"What to show of each paper, of: {', '.join(FIELDS)}."),
    ] = None,
    lang: Annotated[
        str | None,
        typer.Option(metavar="ko|en", help="Show one comment per paper, in this language if there is one."),
    ] = None,
    mail_to: Annotated[
        list[str] | None, typer.Option("--mail-to", metavar="ADDRESS", help="Recipient of --to mail; repeatable.")
    ] = None,
    mail_from: Annotated[
        str | None, typer.Option("--mail-from", metavar="ADDRESS", help="Sender of --to mail; default: $EMAIL.")
    ] = None,
) -> HandoutOptions:
    return HandoutOptions(title, intro, fields, lang, mail_to, mail_from)


def report_missing_recipient(handout: Handout) -> None:
    """Print a message where a mail on stdout has no recipient, which `sendmail -t` would refuse."""
    if handout.mail and not handout.mail.recipients:
        info("The mail has no recipient; for sendmail -t, add --mail-to ADDRESS")


def handout_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` these options in place of its parameter `handout`, a HandoutOptions."""
    return expand_parameter(command, "handout", _collect)
