"""Parse the dates of queries and options, in English and Korean: 2024-05, 7d, last week, 지난달, A..B, >2024-05.

Called for the date fields of the query language and for every option that takes a date. A period is its first and its
last day, both included. Relative dates count from a day that the caller names: nothing here reads the clock. Dates as
digests write them are parsed by `dates`.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TypeAlias

from readlist.dates import MAX_DATE, MONTH_NAMES, WEEKDAY_NAMES, is_impossible_date, parse_date
from readlist.errors import UsageError
from readlist.text import clean


class ImpossibleDate(UsageError):
    """A date that has the form of one, and does not exist."""


Days: TypeAlias = tuple[dt.date, dt.date]
"""The first and the last day of a period."""

_MAX_RANGE = 4 * MAX_DATE
"""Characters of a range: two dates, in NFD, with spaces."""
_MAX_QUOTED = 40
_HINT = "write 2025-02-11, 2025년 2월, 7d, last week, 2025-01..2025-03"

_DAYS_BEFORE = {"tomorrow": -1, "내일": -1, "today": 0, "오늘": 0, "yesterday": 1, "어제": 1, "그제": 2, "그저께": 2}
"""Names of days: how many days they are before today."""
_WEEKDAYS = (
    ("monday", "월요일"),
    ("tuesday", "화요일"),
    ("wednesday", "수요일"),
    ("thursday", "목요일"),
    ("friday", "금요일"),
    ("saturday", "토요일"),
    ("sunday", "일요일"),
)
_MIN_WEEKDAY = 3
"""Letters by which a weekday may be shortened in English."""
_UNITS = {"일": "d", "주": "w", "주일": "w", "개월": "m", "달": "m", "년": "y", "해": "y"}
"""Korean units by the letters of the English ones."""
_KOREAN_NUMBERS = {
    "하루": "1일",
    "이틀": "2일",
    "사흘": "3일",
    "나흘": "4일",
    "일주일": "1주",
    "한 달": "1달",
    "한달": "1달",
}
_CALENDAR_NAMES = {
    "금주": ("w", 0),
    "이달": ("m", 0),
    "올해": ("y", 0),
    "금년": ("y", 0),
    "지난해": ("y", 1),
    "작년": ("y", 1),
    "재작년": ("y", 2),
}
"""Names of whole weeks, months and years: the unit, and how many of them before the present one."""

_NUMBER = r"(?P<number>[0-9]{1,9})"
_LAST = (
    rf"{_NUMBER}(?P<unit>[dwmy])",
    rf"(?:last |past )?{_NUMBER} (?P<unit>[dwmy])(?:ays?|eeks?|onths?|ears?)",
    rf"(?:최근|지난) ?{_NUMBER} ?(?P<unit>일|주일?|개월|달|년)(?: ?간| ?동안)?",
)
"""The last days, weeks, months or years up to today."""
_AGO = (
    r"(?P<number>[0-9]{1,9}|an?|one) (?P<unit>[dwmy])(?:ays?|eeks?|onths?|ears?) ago",
    rf"{_NUMBER} ?(?P<unit>일|주일?|개월|달|년) ?전",
)
"""The day that is a number of days, weeks, months or years before today."""
_CALENDAR = (
    r"(?P<which>this|last) (?P<unit>[wmy])(?:eek|onth|ear)",
    r"(?P<which>이번|지난|저번) ?(?P<unit>주|달|해)",
)
_YEAR = r"[0-9]{4}(?: ?[-./년年]|\Z)"
"""The beginning of a date that begins with its year."""
_YEAR_AND_MONTH = (
    r"(?P<year>[0-9]{4})"
    r"(?:[-./](?P<month>[0-9]{1,2})| ?[년年](?: ?(?P<korean_month>[0-9]{1,2}) ?[월月])?)?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_OF_YEAR = rf"(?P<name>{MONTH_NAMES})\.?,? (?P<year>[0-9]{{4}})"
_NEXT_WORD = (
    r"(?i)[0-9]|[-–~]|\.\.|[년월화수목금토일주달해전간]|동안|개월"
    rf"|(?:ago|day|week|month|year|of|{MONTH_NAMES}|{WEEKDAY_NAMES})"
)
"""The beginning of a word that can be a part of a date, but not its first word."""


def parse_date_range(text: str, today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """Parse a date or a range of dates; returns its first and last day, both included, None for an open end.

        2024    2024-05    2024-05-01    May 2024    11 Feb 2025    2025년 12월
        today    yesterday    monday         the most recent Monday, which may be today; last monday, before today
        this week    last month    지난주    a week, from Monday, a month or a year of the calendar
        7d 2w 3m 1y    최근 7일              the last 7 days, …, ending today: 7d is today and the six days before
        3 days ago    2주 전                 that one day
        A..B    A..    ..B    >A    >=A    <A    <=A

    Raises UsageError for text that is not a date or a range that ends before it starts, ImpossibleDate for 2025-02-30.
    """
    if len(text) > _MAX_RANGE:
        raise _invalid_date(text)
    if comparison := re.fullmatch(r"([<>]=?)(.*)", text.strip()):
        return _compare(comparison[1], comparison[2], today)
    before, dots, after = text.partition("..")
    if not dots:
        return _parse_period(text, text, today)
    if not before.strip() and not after.strip():
        raise _invalid_date(text)
    first = _parse_period(before, text, today)[0] if before.strip() else None
    last = _parse_period(after, text, today)[1] if after.strip() else None
    if first and last and last < first:
        raise UsageError(f"date range ends before it starts: {_printable(text)}; swap the dates")
    return first, last


def is_date_in_words(text: str, today: dt.date) -> bool:
    """Return whether a text with a letter has the form of a date or a range, also of a day that does not exist.

    Without a letter it is no date in words: in `date:2025-05 11` the second word is searched.
    """
    try:
        parse_date_range(text, today)
    except ImpossibleDate:
        return True
    except UsageError:
        return False
    return any(map(str.isalpha, text))


def may_continue_date(word: str) -> bool:
    """Return whether a word may be one of a date that has spaces, but not the first: `week` of `last week`."""
    return bool(re.match(_NEXT_WORD, clean(word)))


def parse_day(text: str, today: dt.date) -> dt.date:
    """Parse a single day: 2025-02-11, yesterday, 어제, monday, 3 days ago. Raises UsageError for anything else."""
    first = last = None
    try:
        first, last = parse_date_range(text, today)
    except ImpossibleDate:
        raise
    except UsageError:
        pass  # its remedy names ranges
    if first is None or first != last:
        raise UsageError(f"not a single day: {_printable(text)}; write a date such as {today}, yesterday")
    return first


def _compare(operator: str, text: str, today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """Return what is after or before a period; ">=" and "<=" include it.

    Periods such as 7d are refused: some programs take <7d for what is newer than seven days.
    """
    whole = operator + text
    first, last = _parse_period(text, whole, today)
    if _match(_LAST, clean(text).lower()):
        raise UsageError(
            f"ambiguous date: {_printable(whole)}; write 7d for the last 7 days, <2025-02-11 for older ones"
        )
    try:
        match operator:
            case ">":
                return last + dt.timedelta(days=1), None
            case ">=":
                return first, None
            case "<":
                return None, first - dt.timedelta(days=1)
            case _:
                return None, last
    except OverflowError:
        raise _no_such_date(whole) from None


def _parse_period(text: str, whole: str, today: dt.date) -> Days:
    """Return first and last day of a date without ".."; `whole` is the text to name in an error."""
    text = clean(text)
    if len(text) > MAX_DATE:
        raise _invalid_date(whole)
    begins_with_year = re.match(_YEAR, text)  # then no other pattern is compiled, which takes longer than to match it
    if days := (None if begins_with_year else _parse_relative(text.lower(), today)) or _parse_year_or_month(text):
        return days
    if day := parse_date(text):
        return day, day
    raise _no_such_date(text) if is_impossible_date(text) else _invalid_date(whole)


def _parse_relative(name: str, today: dt.date) -> Days | None:
    """Return the period that a name in lower case means on this day, None for no such name."""
    for words, number in _KOREAN_NUMBERS.items():
        name = name.replace(words, number)
    try:
        if day := _find_named_day(name, today):
            return day, day
        if match := _match(_LAST, name):
            if not int(match["number"]):
                raise UsageError(f"empty period: {name}; {_HINT}")
            return subtract_period(today, int(match["number"]), match["unit"]) + dt.timedelta(days=1), today
        if match := _match(_AGO, name):
            count = int(match["number"]) if match["number"].isdecimal() else 1
            return (subtract_period(today, count, match["unit"]),) * 2
        if match := _match(_CALENDAR, name):
            return _calendar_period(_unit(match["unit"]), 0 if match["which"] in {"this", "이번"} else 1, today)
        return _calendar_period(*_CALENDAR_NAMES[name], today) if name in _CALENDAR_NAMES else None
    except (ValueError, OverflowError):
        raise UsageError(f"period starts before the year 1: {name}; write a shorter one") from None


def _find_named_day(name: str, today: dt.date) -> dt.date | None:
    """Return today, yesterday, the most recent day of a weekday, or the one before today: `last monday`."""
    if name in _DAYS_BEFORE:
        return today - dt.timedelta(days=_DAYS_BEFORE[name])
    which, _, weekday = name.rpartition(" ")
    number = find_weekday(weekday)
    if number is None:
        return None
    if which in {"", "last", "지난"}:
        return today - dt.timedelta(days=(today.weekday() - number - bool(which)) % 7 + bool(which))
    if week := re.fullmatch("(?P<which>이번|지난|저번) ?주", which):
        return _calendar_period("w", int(week["which"] != "이번"), today)[0] + dt.timedelta(days=number)
    return None


def find_weekday(name: str) -> int | None:
    """Return the number of a weekday, Monday is 0, from its Korean name or three or more letters of the English one."""
    for number, (english, korean) in enumerate(_WEEKDAYS):
        if name == korean or (len(name) >= _MIN_WEEKDAY and english.startswith(name)):
            return number
    return None


def subtract_period(day: dt.date, count: int, unit: str) -> dt.date:
    """Return the day that is `count` days, weeks, months or years earlier, or later if `count` is negative.

    `unit` is d, w, m or y, or a Korean unit. Raises ValueError or OverflowError outside the years 1 to 9999.
    """
    unit = _unit(unit)
    if unit in "dw":
        return day - dt.timedelta(days=count * (7 if unit == "w" else 1))
    return _months_before(day, count * (12 if unit == "y" else 1))


def _unit(name: str) -> str:
    return _UNITS.get(name, name)


def _calendar_period(unit: str, count: int, today: dt.date) -> Days:
    """Return the week, from Monday to Sunday, the month or the year that is `count` before that of today."""
    day = subtract_period(today, count, unit)
    if unit == "w":
        monday = day - dt.timedelta(days=day.weekday())
        return monday, monday + dt.timedelta(days=6)
    return _days_of(day.year, day.month if unit == "m" else None)


def _months_before(day: dt.date, count: int) -> dt.date:
    """Return the same day `count` months earlier, or the last day of that month where it is shorter."""
    from calendar import monthrange

    year, month = divmod(day.year * 12 + day.month - 1 - count, 12)
    if year < 1:
        raise ValueError
    return dt.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _parse_year_or_month(text: str) -> Days | None:
    month: int | None = None
    if match := re.fullmatch(_YEAR_AND_MONTH, text):
        digits = match["month"] or match["korean_month"]
        month = int(digits) if digits else None
    elif match := re.fullmatch(_MONTH_OF_YEAR, text, re.IGNORECASE) if text[:1].isalpha() else None:
        month = _MONTHS.index(match["name"][:3].lower()) + 1
    else:
        return None
    try:
        return _days_of(int(match["year"]), month)
    except ValueError:
        raise _no_such_date(text) from None


def _days_of(year: int, month: int | None) -> Days:
    """Return the first and last day of a month, or of a year. Raises ValueError where it does not exist."""
    from calendar import monthrange

    from_month, to_month = (month, month) if month is not None else (1, 12)
    first = dt.date(year, from_month, 1)
    return first, dt.date(year, to_month, monthrange(year, to_month)[1])


def _match(patterns: tuple[str, ...], text: str) -> re.Match[str] | None:
    return next(filter(None, (re.fullmatch(pattern, text, re.IGNORECASE) for pattern in patterns)), None)


def _no_such_date(text: str) -> ImpossibleDate:
    return ImpossibleDate(f"no such date: {_printable(text)}; {_HINT}")


def _invalid_date(text: str) -> UsageError:
    return UsageError(f"invalid date: {_printable(text) or '(empty)'}; {_HINT}")


def _printable(text: str) -> str:
    """Return the text printable, on one line and short enough for a message."""
    text = clean(text[: _MAX_RANGE + 1])
    return text if len(text) <= _MAX_QUOTED else text[:_MAX_QUOTED] + "…"
