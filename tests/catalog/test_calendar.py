"""Terms in working days, with Peru's holidays and what decrees add."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.catalog.calendar import add_working_days, is_working_day, working_days_between
from backend.catalog.services import load_catalog

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
COUNTS = st.integers(0, 60)
# The holidays of a year are worked out once, and a busy machine takes its time.
IN_ANY_TIME = settings(deadline=None)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 7, 28), "Fiestas Patrias"),
        (date(2026, 7, 29), "Fiestas Patrias"),
        (date(2026, 4, 2), "Jueves Santo, which moves each year"),
        (date(2025, 4, 18), "Viernes Santo of another year"),
        (date(2026, 12, 9), "a holiday since 2022"),
        (date(2025, 12, 26), "decreed for the public sector"),
        (date(2026, 11, 21), "a Saturday"),
    ],
)
def test_nobody_has_to_answer_on(day: date, why: str) -> None:
    assert not is_working_day(day), why


def test_fifteen_working_days_over_christmas() -> None:
    # From Friday 12 December 2025: Christmas, the 26th, 1 and 2 January do not count.
    assert add_working_days(date(2025, 12, 12), 15) == date(2026, 1, 8)


def test_a_term_from_a_sunday_counts_from_monday() -> None:
    assert add_working_days(date(2026, 11, 22), 1) == date(2026, 11, 23)
    assert add_working_days(date(2026, 11, 22), 0) == date(2026, 11, 22)


def test_days_decreed_are_said_in_the_catalogue() -> None:
    for dia in load_catalog().dias:
        assert is_working_day(dia.fecha) is dia.laborable


def test_nobody_counts_without_end() -> None:
    with pytest.raises(ValueError, match="at most"):
        add_working_days(date(2026, 1, 1), 100_000)


@IN_ANY_TIME
@given(day=DAYS, count=COUNTS)
def test_a_term_ends_on_a_working_day_that_many_later(day: date, count: int) -> None:
    end = add_working_days(day, count)
    assert working_days_between(day, end) == count
    assert count == 0 or is_working_day(end)
    assert end >= day


@IN_ANY_TIME
@given(day=DAYS, one=COUNTS, other=COUNTS)
def test_terms_add_up(day: date, one: int, other: int) -> None:
    assert add_working_days(add_working_days(day, one), other) == add_working_days(day, one + other)


@IN_ANY_TIME
@given(day=DAYS.filter(is_working_day), count=COUNTS)
def test_counting_back_leads_where_one_came_from(day: date, count: int) -> None:
    assert add_working_days(add_working_days(day, count), -count) == day


@IN_ANY_TIME
@given(first=DAYS, last=DAYS, middle=DAYS)
def test_stretches_of_days_add_up(first: date, last: date, middle: date) -> None:
    whole = working_days_between(first, last)
    assert whole == working_days_between(first, middle) + working_days_between(middle, last)
    assert working_days_between(first, first) == 0
    assert abs(whole) <= abs((last - first).days)


@IN_ANY_TIME
@given(day=DAYS)
def test_a_day_counts_once_if_it_is_worked(day: date) -> None:
    before = day - timedelta(days=1)
    assert working_days_between(before, day) == is_working_day(day)
