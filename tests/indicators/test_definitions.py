"""What counts and what does not, one story each; docs/indicadores.md has the same in words."""

from datetime import date, timedelta

import pytest

from backend.indicators.models import Facts, Quarter
from tests.indicators.office import TODAY, Office
from tests.indicators.rows import a_junta, a_member, a_sensible_informe, juntas, lima, minutes

FIRST, LAST = date(2025, 4, 1), date(2025, 6, 30)
DAY = timedelta(days=1)
ALWAYS = (date(2024, 1, 1), date(2027, 12, 31))


@pytest.fixture
def office(app, parts) -> Office:
    return Office(parts)


def proportion(facts: Facts) -> tuple[int, int]:
    return facts.informing, facts.juntas


# Which juntas belong to the quarter


def test_without_juntas_there_is_nothing_to_divide(office: Office):
    assert proportion(office.counted()) == (0, 0)
    a_junta(office.unit, (date(2024, 1, 1), FIRST - DAY))  # lapsed the day before
    a_junta(office.unit, (LAST + DAY, date(2027, 1, 1)))  # begins the day after
    a_junta(office.unit, ALWAYS, ended_on=FIRST)  # dissolved: that day it is none any more
    a_junta(office.unit, (FIRST, LAST), ended_on=FIRST)  # dissolved on the day it would begin
    assert proportion(office.counted()) == (0, 0)


@pytest.mark.parametrize(
    ("terms", "ended_on"),
    [
        ([ALWAYS], None),
        ([(date(2023, 4, 2), FIRST)], None),  # lapses on the first day
        ([(LAST, date(2027, 6, 29))], None),  # begins on the last
        ([(date(2025, 5, 10), date(2025, 5, 10))], None),  # a single day inside
        ([(date(2023, 5, 1), date(2025, 4, 30)), (date(2025, 5, 1), date(2027, 4, 30))], None),
        ([(date(2023, 4, 1), date(2025, 4, 10)), (date(2025, 6, 20), date(2027, 6, 1))], None),
        ([ALWAYS], FIRST + DAY),  # dissolved on the second day
        ([ALWAYS], LAST + DAY),
    ],
)
def test_in_force_on_a_single_day_of_the_quarter_is_enough_and_counts_once(
    office: Office, terms, ended_on
):
    a_junta(office.unit, *terms, ended_on=ended_on)
    assert proportion(office.counted()) == (0, 1)


def test_a_running_quarter_is_counted_until_today(office: Office):
    today = date(2025, 5, 15)
    a_junta(office.unit, ALWAYS)
    a_junta(office.unit, (today, date(2027, 1, 1)))
    a_junta(office.unit, (today + DAY, date(2027, 1, 1)))
    assert proportion(office.counted(today=today)) == (0, 2)
    assert proportion(office.counted(today=today + DAY)) == (0, 3)


# Which informes count


def test_whoever_told_once_has_informed_and_so_has_who_told_often(office: Office):
    silent, once, often = juntas(office.unit, 3, ALWAYS)
    office.told(once, date(2025, 4, 3))
    for day in (FIRST, date(2025, 5, 1), LAST):
        office.told(often, day, kind="falta")
    facts = office.counted()
    assert proportion(facts) == (2, 3)
    assert (facts.delito, facts.falta, facts.informes) == (1, 3, 4)
    assert silent not in (once, often)


def test_days_are_lima_days_at_both_borders(office: Office):
    before, first, last, after = juntas(office.unit, 4, ALWAYS)
    office.told(before, FIRST - DAY, 23, 59)
    office.told(first, FIRST, 0, 0)
    office.told(last, LAST, 23, 59)  # already July in UTC
    office.told(after, LAST + DAY, 0, 0)
    rows = {row.name: row.facts.informing for row in office.results().rows}
    assert sorted(rows.values()) == [0, 0, 1, 1]
    assert office.counted(Quarter(2025, 1)).informing == 1
    assert office.counted(Quarter(2025, 3)).informing == 1


def test_an_informe_counts_only_while_its_junta_is_in_force(office: Office):
    gap = [(date(2023, 4, 1), date(2025, 4, 10)), (date(2025, 6, 20), date(2027, 6, 1))]
    outside, on_the_last_day, on_the_first_day = (a_junta(office.unit, *gap) for _ in range(3))
    office.told(outside, date(2025, 5, 5))  # between two terms
    office.told(on_the_last_day, date(2025, 4, 10), 23, 59)
    office.told(on_the_first_day, date(2025, 6, 20), 0, 0)
    dissolved = a_junta(office.unit, ALWAYS, ended_on=date(2025, 5, 1))
    office.told(dissolved, date(2025, 5, 1))
    facts = office.counted()
    assert proportion(facts) == (2, 4)
    assert facts.informes == 2


def test_the_year_counts_each_junta_once_since_january(office: Office):
    early, late, both, silent = juntas(office.unit, 4, ALWAYS)
    lapsed = a_junta(office.unit, (date(2023, 2, 1), date(2025, 1, 31)))
    older = a_junta(office.unit, (date(2022, 12, 31), date(2024, 12, 31)))
    for junta, day in (
        (early, date(2025, 1, 1)),
        (late, LAST),
        (both, date(2025, 3, 1)),
        (both, FIRST),
        (lapsed, date(2025, 1, 31)),
        (older, date(2024, 12, 31)),
        (silent, LAST + DAY),
    ):
        office.told(junta, day)
    facts = office.counted()
    assert proportion(facts) == (2, 4)
    assert (facts.informing_year, facts.juntas_year) == (4, 5)
    assert [office.results(Quarter(2025, n)).goal for n in (1, 2, 3, 4)] == [25, 50, 75, 100]


# Sensible matters


def test_a_sensible_informe_counts_where_it_might_be_any_of_five(office: Office):
    five = juntas(office.unit, 5, ALWAYS)
    a_sensible_informe(five[0], date(2025, 5, 1))
    facts = office.from_above()
    assert proportion(facts) == (1, 5)
    assert facts.informes == 0, "not as an informe: its fate cannot be followed"


def test_it_does_not_count_where_few_are_silent(office: Office):
    five = juntas(office.unit, 5, ALWAYS)
    a_sensible_informe(five[0], date(2025, 5, 1))
    office.told(five[1], date(2025, 5, 2))
    facts = office.from_above()
    assert proportion(facts) == (1, 5)
    assert (facts.informing_year, facts.juntas_year) == (1, 5)


def test_it_counts_once_its_month_is_over(office: Office):
    some = juntas(office.unit, 6, ALWAYS)
    a_sensible_informe(some[0], date(2025, 5, 1))
    assert office.from_above(today=date(2025, 5, 31)).informing == 0
    assert office.from_above(today=date(2025, 6, 1)).informing == 1


def test_of_its_month_a_day_in_force_is_enough(office: Office):
    juntas(office.unit, 6, ALWAYS)
    inside = a_junta(office.unit, (date(2025, 5, 31), date(2027, 5, 30)))
    outside = a_junta(office.unit, (date(2025, 6, 1), date(2027, 5, 30)))
    ended = a_junta(office.unit, ALWAYS, ended_on=date(2025, 5, 1))
    for junta in (inside, outside, ended):
        a_sensible_informe(junta, date(2025, 5, 1))
    assert proportion(office.from_above()) == (1, 9)


# What came of them

FORWARDED, SEEN = ("forwarded", "forwarded"), ("acknowledged", "acknowledged")


def course(*steps):
    """History from (event, state) and minutes after the informe was told."""
    told = lima(date(2025, 4, 3))
    return [(event, state, told + minutes(after)) for (event, state), after in steps]


def fate_of(office: Office, today: date = TODAY, **report) -> Facts:
    office.told(a_junta(office.unit, ALWAYS), date(2025, 4, 3), **report)
    return office.counted(today=today)


def terms_of(office: Office, categoria: str) -> int:
    return office.catalog.subject(categoria).acknowledge_minutes


def test_an_urgent_one_should_be_seen_soon_after_it_was_sent(office: Office):
    term = terms_of(office, "robo")
    facts = fate_of(office, steps=course((FORWARDED, term), (SEEN, term)))
    assert (facts.acknowledged, facts.acknowledged_in_time, facts.acknowledge_due) == (1, 1, 1)
    late = course((FORWARDED, term), (SEEN, term + 0.1))
    facts = fate_of(office, steps=late)
    assert (facts.acknowledged, facts.acknowledged_in_time, facts.acknowledge_due) == (2, 1, 2)


def test_another_soon_after_it_reached_the_desk(office: Office):
    light = {"categoria": "falta_de_luz", "priority": 3, "kind": "factor_de_riesgo"}
    term = terms_of(office, "falta_de_luz")
    facts = fate_of(office, steps=course((FORWARDED, 30), (SEEN, term + 30)), **light)
    assert (facts.factor_de_riesgo, facts.acknowledged_in_time) == (1, 1)
    facts = fate_of(office, steps=course((FORWARDED, 30), (SEEN, term + 31)), **light)
    assert (facts.acknowledged, facts.acknowledged_in_time) == (2, 1)


def test_only_the_first_time_counts(office: Office):
    contested = ("contested", "forwarded")
    closed = ("closed", "resolved")
    steps = course(
        (FORWARDED, 0), (SEEN, 1), (closed, 2), (contested, 9000), (FORWARDED, 9001), (SEEN, 99999)
    )
    facts = fate_of(office, steps=steps)
    assert (facts.acknowledged_in_time, facts.answered_in_time) == (1, 1)


def test_what_still_has_time_is_not_late(office: Office):
    day = date(2025, 4, 3)
    light = {"categoria": "falta_de_luz", "priority": 3, "kind": "factor_de_riesgo"}
    juntas(office.unit, 5, ALWAYS)
    fate_of(office, steps=course((FORWARDED, -1)), **light)
    facts = office.from_above(today=day)
    assert (facts.acknowledge_due, facts.answer_due, facts.informes) == (0, 0, 1)
    facts = office.from_above(today=day + timedelta(days=16))
    assert (facts.acknowledge_due, facts.answer_due) == (1, 1)
    assert (facts.acknowledged, facts.answered) == (0, 0)


@pytest.mark.parametrize(
    "answer",
    [
        {"written": [("comisaria", lima(date(2025, 4, 18)))]},
        {"steps": [("closed", "dismissed", lima(date(2025, 4, 18)))]},
        {"steps": [("rejected", "rejected", lima(date(2025, 4, 18)))]},
        {"steps": [("merged", "merged", lima(date(2025, 4, 18)))]},
    ],
)
def test_a_message_or_a_closure_answers_within_fifteen_days(office: Office, answer):
    facts = fate_of(office, **answer)
    assert (facts.answered, facts.answered_in_time, facts.answer_due) == (1, 1, 1)


def test_later_or_by_the_neighbour_it_does_not(office: Office):
    late = lima(date(2025, 4, 18), 12, 1)
    facts = fate_of(office, written=[("ciudadano", late - DAY), ("comisaria", late)])
    assert (facts.answered, facts.answered_in_time, facts.answer_due) == (1, 0, 1)


@pytest.mark.parametrize(
    ("outcome", "counted"),
    [
        ("patrulla_intervino", "patrols"),
        ("incluido_en_patrullaje", "patrols"),
        ("personas_intervenidas", "interventions"),
        ("riesgo_corregido", "risks_fixed"),
    ],
)
def test_what_it_led_to(office: Office, outcome, counted):
    facts = fate_of(office, outcome=outcome, categoria="lugar_abandonado")
    led = {name: getattr(facts, name) for name in ("patrols", "interventions", "risks_fixed")}
    assert led == dict.fromkeys(led, 0) | {counted: 1}
    assert facts.lights_fixed == 0
    other = fate_of(office, outcome="sin_novedad")
    assert sum(getattr(other, name) for name in led) == 1


def test_repaired_lights_and_verified_ones(office: Office):
    verified = {"verification": "verified", "verified_at": lima(date(2025, 4, 5))}
    facts = fate_of(office, outcome="riesgo_corregido", categoria="falta_de_luz", **verified)
    assert (facts.risks_fixed, facts.lights_fixed, facts.verified) == (1, 1, 1)
    facts = fate_of(
        office, categoria="falta_de_luz", verification="refuted", verified_at=lima(date(2025, 4, 5))
    )
    assert (facts.lights_fixed, facts.verified) == (1, 1)


# Members


def test_members_are_counted_on_the_last_day(office: Office):
    junta = a_junta(office.unit, ALWAYS)
    lapsed = a_junta(office.unit, (date(2023, 7, 1), LAST - DAY))
    a_member(lapsed)
    for sex, since, until, ended_on in (
        ("mujer", LAST, None, None),
        ("mujer", date(2024, 1, 1), LAST, None),
        ("mujer", date(2024, 1, 1), None, LAST + DAY),
        ("hombre", date(2024, 1, 1), None, None),
        ("hombre", LAST + DAY, None, None),
        ("hombre", date(2024, 1, 1), LAST - DAY, None),
        ("hombre", date(2024, 1, 1), None, LAST),
    ):
        a_member(junta, sex, since, until, ended_on)
    facts = office.counted()
    assert (facts.women, facts.men) == (3, 1)
    assert (facts.juntas, facts.juntas_last_day) == (2, 1)
    running = office.counted(today=LAST - DAY)
    assert (running.women, running.men, running.juntas_last_day) == (3, 3, 2), "today, not the last"
