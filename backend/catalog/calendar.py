"""Working days in Peru, for the terms of denuncias and quejas; whoever counts a term calls it.

Weekends and national holidays are not working days; `data/dias.toml` holds what a decree changes.
"""

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from holidays import country_holidays

LONGEST_COUNT = 1000
SATURDAY = 5
ONE_DAY = timedelta(days=1)


def is_working_day(day: date) -> bool:
    """Whether a public office works on that day."""
    decreed = _decreed().get(day)
    if decreed is not None:
        return decreed
    return day.weekday() < SATURDAY and day not in _holidays(day.year)


def add_working_days(day: date, count: int) -> date:
    """The working day that comes `count` after `day`, or before it if negative.

    `day` itself never counts; nothing added leaves it as it is, whether it is worked or not.
    """
    if abs(count) > LONGEST_COUNT:
        raise ValueError(f"at most {LONGEST_COUNT} working days can be counted")
    step = ONE_DAY if count > 0 else -ONE_DAY
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day):
            day += step
    return day


def working_days_between(first: date, last: date) -> int:
    """How many working days come after `first` up to `last`; negative when `last` is earlier."""
    if last < first:
        return -working_days_between(last, first)
    days = (first + timedelta(days=each) for each in range(1, (last - first).days + 1))
    return sum(is_working_day(day) for day in days)


@cache
def _holidays(year: int) -> frozenset[date]:
    return frozenset(country_holidays("PE", years=year))


@cache
def _decreed() -> Mapping[date, bool]:
    """Days and whether they are worked; the loader of the catalogue has checked the file."""
    text = (files("backend.catalog") / "data" / "dias.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text).get("dias", [])
    return MappingProxyType({row["fecha"]: row["laborable"] for row in rows})
