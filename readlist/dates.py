"""Parse dates as people and digests write them, and format times; the only module that imports python-dateutil.

dateutil invents what is missing: `parse("May")` returns today's day, `240501` the 24th of May 2001. So known formats
are parsed here; dateutil gets only text that consists of date words, twice, with different defaults and both orders of
day and month, and its result is used only where both agree.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache

MAX_DATE = 40
"""Characters of a date; "Wednesday, the 11th of September 2025" has 37."""
MAX_TIME = dt.datetime(9998, 12, 31, tzinfo=dt.UTC)
"""A time in year 9999, which a wrong clock may show, overflows in another time zone."""
_MAX_TITLE = 200

WEEKDAY_NAMES = "mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
MONTH_NAMES = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|"
    "january|february|march|april|june|july|august|september|october|november|december"
)
"""Names in English, each a part of a regular expression."""
_WEEKDAYS = rf"{WEEKDAY_NAMES}|[월화수목금토일](?:요일)?|[月火水木金土日](?:曜日?)?|(?:星期|周)[一二三四五六日天]"
_WEEKDAY = rf"(?:\s?[,(（]?\s?(?:{_WEEKDAYS})[)）]?)?"
# Patterns are text: compiling them here would delay the start of every command that only formats a time.
_HEADING = r"#{1,6}\s+"
_KNOWN_FORMATS = (
    rf"([0-9]{{4}})\s?[년年]\s?([0-9]{{1,2}})\s?[월月]\s?([0-9]{{1,2}})\s?[일日]{_WEEKDAY}",
    rf"([0-9]{{4}})[-./]\s?([0-9]{{1,2}})[-./]\s?([0-9]{{1,2}})\.?{_WEEKDAY}",
    rf"((?:19|20)[0-9]{{2}})([0-9]{{2}})([0-9]{{2}}){_WEEKDAY}",
    rf"([0-9]{{2}})([0-9]{{2}})([0-9]{{2}}){_WEEKDAY}",
)
_IN_FILE_NAME = (
    r"(?<![0-9A-Za-z])([0-9]{4})([-_.])([0-9]{1,2})\2([0-9]{1,2})(?![0-9])",
    r"(?<![0-9A-Za-z])((?:19|20)[0-9]{2})()([0-9]{2})([0-9]{2})(?![0-9A-Za-z])",
    r"([0-9]{4})()\s?[년年]\s?([0-9]{1,2})\s?[월月]\s?([0-9]{1,2})\s?[일日]",
    r"\A([0-9]{2})()([0-9]{2})([0-9]{2})(?![0-9A-Za-z])",
)
_WORD = rf"(?i)[0-9]{{1,4}}(?:st|nd|rd|th)?|(?:{MONTH_NAMES}|{WEEKDAY_NAMES}|of|the)"
_DATE_WORDS = (
    rf"(?i)\b(?:(?:{MONTH_NAMES})\.? [0-9]{{1,2}}(?:st|nd|rd|th)?,? [0-9]{{4}}"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{MONTH_NAMES})\.?,? [0-9]{{4}})\b"
)
_RANGE = (
    rf"(?i)\b(?P<first>{MONTH_NAMES})\.? [0-9]{{1,2}}(?:st|nd|rd|th)?\s?[-–—~]\s?"
    rf"(?:(?P<last>{MONTH_NAMES})\.? )?(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?"
    r"(?:[)\]]\s?[-–—,]?\s?|\s?[-–—,]\s?|\s)(?P<year>[0-9]{4})\b"
)
"""A range of days in English, whose year may follow its parentheses: `(November 16 - 22) - 2026`."""
_YEAR = r"(?<![0-9])[0-9]{4}(?![0-9])"
_BETWEEN_WORDS = r"[\s,./()-]+"

_UNREADABLE_FORMATS = (
    *_KNOWN_FORMATS[:2],
    rf"[0-9]{{1,2}}([-./])\s?[0-9]{{1,2}}\1\s?(?:[0-9]{{4}}|[0-9]{{2}})\.?{_WEEKDAY}",
    rf"(?:['’]?[0-9]{{2}}\s?[년年]\s?)?[0-9]{{1,2}}\s?[월月]\s?[0-9]{{1,2}}\s?[일日]{_WEEKDAY}",
)
"""Formats of lines that are dates, but of no day that exists, of no year, or in an unknown order of day and month."""
_MONTH_NAME = rf"(?i)(?:{MONTH_NAMES})"
_DAY = r"[0-9]{1,2}(?:st|nd|rd|th)?"


def parse_date_line(line: str) -> dt.date | None:
    """Read a line that is a date as a whole, also with a weekday or as a heading; None where it is anything else.

    >>> parse_date_line("2025년 2월 11일"), parse_date_line("# Tuesday, 11 February 2025")
    (datetime.date(2025, 2, 11), datetime.date(2025, 2, 11))
    """
    if len(line) > MAX_DATE + 8 or not any(map(str.isdigit, line)):
        return None  # the common case: every line of a digest is tried
    if heading := re.match(_HEADING, line):
        line = line[heading.end() :]
    return parse_date(line)


def parse_date(text: str) -> dt.date | None:
    """Read a day with its year in one of the known formats; None for any other text.

    >>> parse_date("2025-02-11"), parse_date("11 February 2025"), parse_date("2025-02")
    (datetime.date(2025, 2, 11), datetime.date(2025, 2, 11), None)
    """
    return _parse_known_format(text) or _parse_foreign_format(text) or _ask_dateutil(text)


def is_impossible_date(text: str) -> bool:
    """Return whether a text that `parse_date` rejects is a date in digits that does not exist, such as 2025-02-30."""
    return any(form.fullmatch(text) for form in _compile(_KNOWN_FORMATS))


def is_unreadable_date(line: str) -> bool:
    """Return whether a line that `parse_date_line` rejects is a date all the same, wherever it stands.

    >>> is_unreadable_date("2025년 2월 31일"), is_unreadable_date("05/06/2025"), is_unreadable_date("11 February")
    (True, True, True)
    >>> is_unreadable_date("251301"), is_unreadable_date("Scaling to 2025")
    (False, False)
    """
    if len(line) > MAX_DATE + 8 or not any(map(str.isdigit, line)):
        return False
    line = re.sub(_HEADING, "", line, count=1)
    if any(form.fullmatch(line) for form in _compile(_UNREADABLE_FORMATS)):
        return True
    return bool(_match_foreign_format(line)[1]) or _consists_of_date_words(line)


def looks_like_date(line: str) -> bool:
    """Return whether a line that `parse_date_line` rejects is meant as a date: short, with a year and a day in digits.

    >>> looks_like_date("3. ožujka 2025"), looks_like_date("31.02.2025"), looks_like_date("GPT 4 in 2025, one year on")
    (True, True, False)
    """
    numbers = re.findall(r"[0-9]+", line)
    words = re.findall(r"[^\W\d_]+", line)
    return len(line) <= MAX_DATE and bool(re.search(_YEAR, line)) and len(numbers) in (2, 3) and len(words) <= 3  # noqa: PLR2004 -- a date has this many parts


def date_from_file_name(name: str) -> dt.date | None:
    """Find the date in a file's name, for digests without a date line.

    >>> date_from_file_name("2025-02-11.txt"), date_from_file_name("2502.06781.txt")
    (datetime.date(2025, 2, 11), None)
    """
    for form in _compile(_IN_FILE_NAME):
        for match in form.finditer(name):
            if date := _date(match[1], match[3], match[4]):
                return date
    return None


def find_date(text: str) -> dt.date | None:
    """Find the date that a title mentions among other words; of a range of days, the last one.

    >>> find_date("Papers of February 11, 2025"), find_date("2025년 2월 11일 | 논문"), find_date("Scaling to 2025")
    (datetime.date(2025, 2, 11), datetime.date(2025, 2, 11), None)
    """
    text = text[:_MAX_TITLE]
    days = (f"{match['last'] or match['first']} {match['day']}, {match['year']}" for match in re.finditer(_RANGE, text))
    dates = (parse_date_line(part) for part in (text, *days, *re.findall(_DATE_WORDS, text)))
    return next(filter(None, dates), None) or date_from_file_name(text)


def utc_now() -> dt.datetime:
    """Return the time by the system's clock, at most MAX_TIME."""
    return min(dt.datetime.now(dt.UTC), MAX_TIME)


def to_local(time: dt.datetime) -> dt.datetime:
    """Return a time in the local time zone, in UTC where the local one has no such year, as by a wrong clock."""
    try:
        return time.astimezone()
    except OverflowError:
        return time


def format_utc(time: dt.datetime) -> str:
    """Return an aware time in UTC as ISO 8601, in whole seconds.

    >>> format_utc(dt.datetime(2025, 2, 11, 17, tzinfo=dt.timezone(dt.timedelta(hours=9))))
    '2025-02-11T08:00:00Z'
    """
    return time.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@cache
def _compile(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """Compile patterns once; a call of `re` looks each of them up again, which every line of a digest would pay."""
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


def _parse_known_format(text: str) -> dt.date | None:
    for form in _compile(_KNOWN_FORMATS):
        if match := form.fullmatch(text):
            return _date(*match.groups())
    return None


def _parse_foreign_format(text: str) -> dt.date | None:
    """Return the date whose month is named in one of the languages of `month_names`."""
    match, month = _match_foreign_format(text)
    return _date(match["year"], str(month), match["day"]) if match and month else None


def _match_foreign_format(text: str) -> tuple[re.Match[str] | None, int]:
    """Return the match of day and year, and the number of the month, 0 where it is none."""
    if not re.search(_YEAR, text):
        return None, 0
    form, month_numbers = _get_foreign_format()
    match = form.fullmatch(text)
    return match, month_numbers.get(match["month"].lower(), 0) if match else 0


@cache
def _get_foreign_format() -> tuple[re.Pattern[str], dict[str, int]]:
    from readlist.month_names import MONTH_NUMBERS, WEEKDAYS

    weekday = rf"(?:(?:{WEEKDAY_NAMES}|{WEEKDAYS})\.?,?\s)?"
    day = r"(?:(?:le|el|den|il|am)\s)?(?P<day>[0-9]{1,2})(?:\.|º|°|er)?\s"
    month = r"(?:de\s|di\s)?(?P<month>[^\W\d_]{3,12})\.?,?\s"
    year = r"(?:de\s|del\s)?(?P<year>[0-9]{4})(?:\sг\.?)?"
    return re.compile(weekday + day + month + year, re.IGNORECASE), MONTH_NUMBERS


def _date(year: str, month: str, day: str) -> dt.date | None:
    """Return the date, None where it does not exist; a year of two digits is one of this century."""
    try:
        return dt.date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))  # noqa: PLR2004 -- 2 digits
    except ValueError:
        return None


def _ask_dateutil(text: str) -> dt.date | None:
    """Parse text that consists of date words, one of them a year, with dateutil; None where it has to guess."""
    if len(text) > MAX_DATE or not re.search(_YEAR, text) or not _are_date_words(text):
        return None
    from dateutil import parser

    try:
        one = parser.parse(text, default=dt.datetime(2000, 1, 1), dayfirst=False).date()
        other = parser.parse(text, default=dt.datetime(2004, 12, 31), dayfirst=True).date()
    except (ValueError, OverflowError):
        return None
    return one if one == other else None


def _are_date_words(text: str) -> bool:
    words = _split_date_words(text)
    return len(words) > 2 and all(re.fullmatch(_WORD, word) for word in words)  # noqa: PLR2004 -- day, month and year


def _consists_of_date_words(text: str) -> bool:
    """Return whether a text has the name of a month, a day, perhaps a year, and no other words: `31 February 2025`."""
    if not re.search(_MONTH_NAME, text):  # nearly every title with a digit in it
        return False
    words = _split_date_words(text)
    months = sum(bool(re.fullmatch(_MONTH_NAME, word)) for word in words)
    days = sum(bool(re.fullmatch(_DAY, word)) for word in words)
    return months == 1 and days >= 1 and all(re.fullmatch(_WORD, word) for word in words)


def _split_date_words(text: str) -> list[str]:
    return list(filter(None, re.split(_BETWEEN_WORDS, text)))
