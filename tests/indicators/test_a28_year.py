"""The tables of a made-up year equal what plain SQL counts day by day on the raw rows."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import text

from backend.catalog.services import load_catalog
from backend.db import db
from backend.identity.models import Staff
from backend.indicators import services
from backend.indicators.models import (
    FACTS,
    SMALLEST_GROUP,
    Facts,
    Level,
    Quarter,
    Row,
    total,
)
from tests.indicators.a_year import YEAR, Year
from tests.indicators.rows import lima

QUARTERS = [Quarter(YEAR, number) for number in (1, 2, 3, 4)]
AFTERWARDS = date(2026, 6, 1)
ON_THE_WAY = date(YEAR, 8, 17)
CATALOG = load_catalog()

# Every day on which each junta was in force: the calendar against the terms.
EACH_DAY = """
    CREATE TEMPORARY TABLE day_in_force ON COMMIT DROP AS
    SELECT j.id AS junta_id, j.unit_id, day::date AS day
    FROM generate_series(CAST(:january AS date), CAST(:last AS date), interval '1 day') AS day
    CROSS JOIN junta_vecinal j
    WHERE day::date IN (
        SELECT generate_series(t.valid_from, t.valid_until, interval '1 day')::date
        FROM junta_term t WHERE t.junta_id = j.id
    ) AND NOT coalesce(day >= j.ended_on, false)
"""
# Each informe beside the days on which it may have been told.
EACH_INFORME = """
    CREATE TEMPORARY TABLE counted ON COMMIT DROP AS
    SELECT DISTINCT i.id, i.junta_id, i.report_id, i.kind, i.told_on >= :first AS is_now
    FROM informe i JOIN day_in_force d ON d.junta_id = i.junta_id
    WHERE (i.report_id IS NOT NULL AND d.day = i.told_on)
       OR (i.report_id IS NULL AND to_char(d.day, 'YYYY-MM') = to_char(i.told_on, 'YYYY-MM')
           AND to_char(i.told_on, 'YYYY-MM') < to_char(CAST(:today AS date), 'YYYY-MM'))
"""
JUNTAS = """
    SELECT unit_id, count(DISTINCT junta_id) AS juntas_year,
        count(DISTINCT junta_id) FILTER (WHERE day >= :first) AS juntas,
        count(DISTINCT junta_id) FILTER (WHERE day = :last) AS juntas_last_day
    FROM day_in_force GROUP BY unit_id
"""
INFORMING = """
    SELECT unit_id, count(DISTINCT junta_id) AS informing_year,
        count(DISTINCT junta_id) FILTER (WHERE is_now) AS informing,
        count(DISTINCT junta_id) FILTER (WHERE report_id IS NOT NULL) AS informing_year_plain,
        count(DISTINCT junta_id) FILTER (WHERE is_now AND report_id IS NOT NULL)
            AS informing_plain
    FROM counted JOIN junta_vecinal j ON j.id = junta_id GROUP BY unit_id
"""
MEMBERS = """
    SELECT d.unit_id, m.sex, count(*) FROM junta_member m
    JOIN day_in_force d ON d.junta_id = m.junta_id AND d.day = :last
    WHERE :last BETWEEN m.since AND coalesce(m.until, :last)
      AND NOT coalesce(m.ended_on <= :last, false)
    GROUP BY d.unit_id, m.sex
"""
FOLLOWED = """
    SELECT j.unit_id, c.kind AS told_kind, r.id, r.received_at, r.priority, r.categoria,
        r.verification, r.outcome
    FROM counted c JOIN report r ON r.id = c.report_id
    JOIN junta_vecinal j ON j.id = c.junta_id WHERE c.is_now
"""
PATROLS = ("patrulla_intervino", "incluido_en_patrullaje")


def counted_independently(quarter: Quarter, today: date) -> dict[int, Facts]:
    """What each comisaría's figures should be, by its id."""
    last = min(quarter.last_day, today)
    ask = {"january": date(YEAR, 1, 1), "first": quarter.first_day, "last": last, "today": today}
    found: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(FACTS, 0))
    with db.engine.begin() as connection:
        for statement in (EACH_DAY, EACH_INFORME):
            connection.execute(text(statement), ask)
        for statement in (JUNTAS, INFORMING):
            for row in connection.execute(text(statement), ask).mappings():
                found[row["unit_id"]] |= {k: v for k, v in row.items() if k != "unit_id"}
        for unit_id, sex, number in connection.execute(text(MEMBERS), ask):
            found[unit_id]["women" if sex == "mujer" else "men"] = number
        for report in connection.execute(text(FOLLOWED), ask).mappings().all():
            for name in _counts_of(connection, report, lima(today)):
                found[report["unit_id"]][name] += 1
    return {unit_id: Facts(**facts) for unit_id, facts in found.items()}


def _counts_of(connection: Any, report: Any, now: Any) -> list[str]:
    """Which figures a single informe adds to, from its own rows alone."""
    ask = {"id": report["id"]}
    history = connection.execute(
        text("SELECT event, state, at FROM history_entry WHERE report_id = :id ORDER BY at"), ask
    ).all()
    messages = connection.execute(
        text("SELECT at FROM message WHERE report_id = :id AND author = 'comisaria' ORDER BY at"),
        ask,
    ).scalars()
    answers = [at for _, state, at in history if state in ("resolved", "rejected")] + list(messages)
    seen = [at for event, _, at in history if event in ("acknowledged", "rejected")]
    names = [report["told_kind"], *_in_time("answer", "answered", answers, _answer_by(report), now)]
    names += _in_time("acknowledge", "acknowledged", seen, _see_by(report, history), now)
    names += ["verified"] if report["verification"] == "verified" else []
    names += ["patrols"] if report["outcome"] in PATROLS else []
    names += ["interventions"] if report["outcome"] == "personas_intervenidas" else []
    if report["outcome"] == "riesgo_corregido":
        names += ["risks_fixed"] + ["lights_fixed"] * (report["categoria"] == "falta_de_luz")
    return names


def _in_time(due: str, done: str, when: list[Any], deadline: Any, now: Any) -> list[str]:
    names = [done, f"{due}_due"] if when else []
    if when and min(when) <= deadline:
        names.append(f"{done}_in_time")
    if not when and deadline is not None and deadline < now:
        names.append(f"{due}_due")
    return names


def _answer_by(report: Any) -> Any:
    return report["received_at"] + timedelta(days=15)


def _see_by(report: Any, history: list[Any]) -> Any:
    term = timedelta(minutes=CATALOG.subject(report["categoria"]).acknowledge_minutes)
    if report["priority"] == 1:
        return report["received_at"] + term
    arrived = [at for event, _, at in history if event == "forwarded"]
    return min(arrived) + term if arrived else None


@pytest.fixture(params=[1, 2])
def year(app, request) -> Year:
    return Year(request.param)


def test_every_figure_of_every_comisaria_is_the_one_counted_day_by_day(parts, year):
    chiefs = {unit_id: db.session.get(Staff, chief) for unit_id, chief in year.chiefs.items()}
    for today, quarter in product((AFTERWARDS, ON_THE_WAY), QUARTERS):
        if quarter.first_day > today:
            continue
        expected = counted_independently(quarter, today)
        for unit_id, chief in chiefs.items():
            ask = (chief, parts.catalog, quarter, Level.JUNTA, lima(today), today)
            seen, facts = services.results_for(*ask), expected.get(unit_id, Facts())
            assert seen.total == facts.without_hints(), (quarter, unit_id)
            rows = total(row.facts for row in seen.rows)
            assert (rows.informing, rows.juntas) == (facts.informing_plain, facts.juntas)
            assert rows.informing_year == facts.informing_year_plain


def test_the_tables_above_are_sums_of_whole_groups(parts, year):
    for quarter in QUARTERS:
        expected = counted_independently(quarter, AFTERWARDS)
        everything = total(expected.values())
        for level in (Level.COMISARIA, Level.DISTRICT, Level.PROVINCE):
            ask = (parts.catalog, quarter, level, lima(AFTERWARDS), AFTERWARDS)
            results = services.results_for(year.supervisor, *ask)
            assert not results.is_partial
            assert total(shown_alike(results.rows, expected)) == without_sensible(everything)
            assert without_sensible(results.total) == without_sensible(everything)


def shown_alike(rows: Sequence[Row], expected: dict[int, Facts]) -> Iterator[Facts]:
    """What was counted for each line, which must be what it shows."""
    for row in rows:
        whole = total(expected.get(station.unit_id, Facts()) for station in row.stations)
        assert without_sensible(row.facts) == without_sensible(whole), row.name
        assert whole.informing_plain <= row.facts.informing <= whole.informing
        assert whole.informing_year_plain <= row.facts.informing_year <= whole.informing_year
        assert row.facts.juntas >= SMALLEST_GROUP or not row.facts.juntas_year
        yield without_sensible(whole)


def without_sensible(facts: Facts) -> Facts:
    """But for what depends on the groups that lie below a line."""
    return replace(facts, informing=0, informing_year=0)
