"""Junta by junta nothing moves within a week, so that no new report can be matched with a junta."""

from datetime import date, timedelta

import pytest

from admin.indicator_words import sheet_of
from backend.indicators.models import Facts, Period, Quarter
from tests.indicators.office import Office
from tests.indicators.rows import a_junta, a_member, a_sensible_informe, juntas, lima

QUARTER = Quarter(2025, 2)
ALWAYS = (date(2024, 1, 1), date(2027, 12, 31))
DAY = timedelta(days=1)
SUNDAY = date(2025, 5, 18)  # the last day of a week
MONDAY = SUNDAY + DAY
WEEK = [MONDAY + number * DAY for number in range(7)]


@pytest.fixture
def office(app, parts) -> Office:
    return Office(parts)


def lines(office: Office, day: date, quarter: Quarter = QUARTER) -> list[Facts]:
    """What the page shows on that day: each junta, and all of them."""
    results = office.results(quarter, day, hour=23)
    return [*(row.facts for row in results.rows), results.total]


@pytest.mark.parametrize(
    ("day", "until"),
    [(SUNDAY, SUNDAY - 7 * DAY), (MONDAY, SUNDAY), (WEEK[5], SUNDAY), (WEEK[6], SUNDAY)],
)
def test_a_week_ends_with_its_sunday(day: date, until: date):
    assert Period(QUARTER, day, by_weeks=True).told_until == until
    assert Period(QUARTER, day).told_until == day


def test_a_quarter_that_is_over_is_counted_to_its_end_once_that_week_is_over():
    last = QUARTER.last_day  # a Monday
    assert Period(QUARTER, last + 6 * DAY, by_weeks=True).told_until == last - DAY
    assert Period(QUARTER, last + 7 * DAY, by_weeks=True).told_until == last


def test_an_informe_of_the_running_week_is_in_no_line_and_in_no_total(office: Office):
    teller, _ = juntas(office.unit, 2, ALWAYS)
    office.told(teller, SUNDAY, 23, 59)
    before = lines(office, MONDAY)
    assert before[-1].informes == 1
    for day in WEEK:
        office.told(teller, day)
        assert lines(office, day) == before
    assert lines(office, WEEK[6] + DAY)[-1].informes == 8


def test_nor_does_it_make_a_junta_one_that_informed(office: Office):
    juntas(office.unit, 5, ALWAYS)
    office.told(a_junta(office.unit, ALWAYS), MONDAY, 0, 0)
    assert not any(one.informing or one.informing_year for one in lines(office, WEEK[6]))
    assert lines(office, WEEK[6] + DAY)[-1].informing == 1
    assert office.from_above(QUARTER, MONDAY).informing == 1, "above, where none has a name, it is"


def test_what_becomes_of_an_older_one_shows_when_the_week_is_over(office: Office):
    """Or the comisario closes a case, looks again, and sees whose it was."""
    told = office.told(a_junta(office.unit, ALWAYS), SUNDAY - 3 * DAY)
    before = lines(office, MONDAY)
    office.happens(told, "acknowledged", "acknowledged", lima(WEEK[0]))
    office.happens(told, "verified", "acknowledged", lima(WEEK[1]))
    closing = {"outcome": "patrulla_intervino"}
    office.happens(told, "closed", "resolved", lima(WEEK[2]), **closing)
    assert lines(office, WEEK[6]) == before
    after = lines(office, WEEK[6] + DAY)[0]
    assert (after.acknowledged, after.answered, after.verified, after.patrols) == (1, 1, 1, 1)


def test_what_is_undone_within_the_week_stays_until_its_end(office: Office):
    verified = {"verification": "verified", "verified_at": lima(SUNDAY - 2 * DAY)}
    day = SUNDAY - 5 * DAY
    closed = [("closed", "resolved", lima(SUNDAY - DAY))]
    told = office.told(
        a_junta(office.unit, ALWAYS), day, steps=closed, outcome="patrulla_intervino", **verified
    )
    before = lines(office, MONDAY)
    assert (before[0].patrols, before[0].verified) == (1, 1)
    office.happens(told, "refuted", "resolved", lima(WEEK[0]))
    office.happens(told, "contested", "forwarded", lima(WEEK[1]))
    assert lines(office, WEEK[6]) == before
    after = lines(office, WEEK[6] + DAY)[0]
    assert (after.patrols, after.verified) == (0, 0)


def test_a_term_that_passes_within_the_week_is_late_at_its_end(office: Office):
    light = {"categoria": "falta_de_luz", "priority": 3, "kind": "factor_de_riesgo"}
    day = MONDAY - 15 * DAY
    office.told(a_junta(office.unit, ALWAYS), day, steps=(), **light)
    assert {lines(office, day)[0].answer_due for day in WEEK} == {0}
    assert lines(office, WEEK[6] + DAY)[0].answer_due == 1


def test_of_an_earlier_quarter_too(office: Office):
    told = office.told(a_junta(office.unit, ALWAYS), date(2025, 2, 10))
    before = lines(office, MONDAY, Quarter(2025, 1))
    office.happens(told, "closed", "dismissed", lima(WEEK[0]), outcome="sin_novedad")
    assert lines(office, WEEK[6], Quarter(2025, 1)) == before
    assert lines(office, WEEK[6] + DAY, Quarter(2025, 1))[0].answered == 1


def test_who_belongs_is_always_todays(office: Office):
    junta = a_junta(office.unit, (WEEK[0], date(2027, 1, 1)))
    a_member(junta, since=WEEK[2])
    assert lines(office, WEEK[2])[-1].juntas == 1
    assert lines(office, WEEK[2])[-1].women == 1
    assert lines(office, WEEK[1])[-1].women == 0


def test_a_total_is_always_the_sum_of_its_lines(office: Office):
    some = juntas(office.unit, 7, ALWAYS)
    for number, junta in enumerate(some[:4]):
        office.told(junta, SUNDAY - number * DAY)
    for day in (SUNDAY, *WEEK, WEEK[6] + DAY):
        *rows, whole = lines(office, day)
        assert sum(rows, start=Facts()) == whole


def test_of_sensible_matters_the_own_comisaria_sees_none_not_even_in_its_total(office: Office):
    """Or the junta that turns to "Sí" while the total stays would be the one that had told it."""
    some, afterwards = juntas(office.unit, 7, ALWAYS), QUARTER.last_day + 60 * DAY
    a_sensible_informe(some[0], date(2025, 5, 1))
    assert not any(one.informing or one.informing_year for one in lines(office, afterwards))
    office.told(some[0], date(2025, 6, 2))
    *rows, whole = lines(office, afterwards)
    assert sum(row.informing for row in rows) == whole.informing == whole.informing_year == 1


def sheet(office: Office, day: date, quarter: Quarter = QUARTER):
    return sheet_of(office.results(quarter, day), lima(day))


def test_the_period_says_until_when(office: Office):
    second = "Segundo trimestre de 2025 (1 de abril al 30 de junio)"
    for day, words in (
        (MONDAY, f"{second}, en curso: informes contados hasta el domingo 18/05/2025"),
        (QUARTER.last_day + DAY, f"{second}: informes contados hasta el domingo 29/06/2025"),
        (QUARTER.last_day + 7 * DAY, second),
        (
            QUARTER.first_day,
            f"{second}, en curso: sus informes se cuentan desde el lunes 07/04/2025",
        ),
    ):
        assert sheet(office, day).period == words


def test_why_is_said_beside_the_figures(office: Office):
    [said] = [words for words in sheet(office, WEEK[6]).remarks if "domingo" in words]
    assert "hasta el domingo 18/05/2025" in said
    assert "Cada lunes" in said
    terms = dict(sheet(office, WEEK[6]).definitions)
    assert "no cuenta" in terms["Temas sensibles"]
