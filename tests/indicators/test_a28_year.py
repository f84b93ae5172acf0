"""The tables of a made-up year equal what plain SQL counts day by day on the raw rows."""

from collections import defaultdict
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
from backend.territory.queries import today
from tests.indicators.a_year import DAY, YEAR, Year
from tests.indicators.pages import Tables
from tests.indicators.rows import lima
from tests.panel.conftest import sign_in

QUARTERS = [Quarter(YEAR, number) for number in (1, 2, 3, 4)]
AFTERWARDS = date(2026, 6, 1)
ON_THE_WAY = date(YEAR, 8, 17)
CATALOG = load_catalog()

# Every day on which each junta was in force: the calendar against the terms.
EACH_DAY = """
    CREATE TEMPORARY TABLE day_in_force ON COMMIT DROP AS
    SELECT DISTINCT j.id AS junta_id, j.unit_id, day::date AS day
    FROM junta_vecinal j JOIN junta_term t ON t.junta_id = j.id
    CROSS JOIN generate_series(t.valid_from, t.valid_until, interval '1 day') AS day
    WHERE day BETWEEN :january AND :last AND NOT coalesce(day >= j.ended_on, false)
"""
# Each informe beside the days on which it may have been told.
EACH_INFORME = """
    CREATE TEMPORARY TABLE counted ON COMMIT DROP AS
    SELECT DISTINCT i.id, i.junta_id, i.report_id, i.kind, i.told_on >= :first AS is_now
    FROM informe i JOIN day_in_force d ON d.junta_id = i.junta_id
    WHERE (i.report_id IS NOT NULL AND d.day = i.told_on AND d.day <= :told_until)
       OR (i.report_id IS NULL AND NOT :by_weeks
           AND to_char(d.day, 'YYYY-MM') = to_char(i.told_on, 'YYYY-MM')
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
        r.verified_at, r.outcome
    FROM counted c JOIN report r ON r.id = c.report_id
    JOIN junta_vecinal j ON j.id = c.junta_id WHERE c.is_now
"""
PATROLS = ("patrulla_intervino", "incluido_en_patrullaje")


def counted_independently(quarter: Quarter, day: date, by_weeks: bool = False) -> dict[int, Facts]:
    """What each comisaría's figures should be, by its id; `by_weeks` as it sees its own juntas."""
    last, now = min(quarter.last_day, day), lima(day)
    ask = {"january": date(YEAR, 1, 1), "first": quarter.first_day, "last": last, "today": day}
    ask |= {"by_weeks": by_weeks, "told_until": last}
    if by_weeks:
        sunday = next(one for one in (day - n * DAY for n in range(1, 8)) if one.weekday() == 6)
        now = lima(sunday + DAY, 0)
        ask["told_until"] = min(last, sunday)
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
            for name in _counts_of(connection, report, now):
                found[report["unit_id"]][name] += 1
    return {unit_id: Facts(**facts) for unit_id, facts in found.items()}


def _counts_of(connection: Any, report: Any, now: Any) -> list[str]:
    """Which figures a single informe adds to, from its own rows alone."""
    ask = {"id": report["id"], "now": now}
    history = connection.execute(
        text(
            "SELECT event, state, at FROM history_entry "
            "WHERE report_id = :id AND at < :now ORDER BY at"
        ),
        ask,
    ).all()
    messages = connection.execute(
        text(
            "SELECT at FROM message "
            "WHERE report_id = :id AND author = 'comisaria' AND at < :now ORDER BY at"
        ),
        ask,
    ).scalars()
    outcome = report["outcome"] if any(event == "closed" for event, _, _ in history) else None
    answers = [at for _, state, at in history if state in ("resolved", "rejected")] + list(messages)
    seen = [at for event, _, at in history if event in ("acknowledged", "rejected")]
    names = [report["told_kind"], *_in_time("answer", "answered", answers, _answer_by(report), now)]
    names += _in_time("acknowledge", "acknowledged", seen, _see_by(report, history), now)
    names += ["verified"] if report["verified_at"] and report["verified_at"] < now else []
    names += ["patrols"] if outcome in PATROLS else []
    names += ["interventions"] if outcome == "personas_intervenidas" else []
    if outcome == "riesgo_corregido":
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


def test_every_figure_is_the_one_counted_day_by_day(parts, year):
    chiefs = {unit_id: db.session.get(Staff, chief) for unit_id, chief in year.chiefs.items()}
    for day, quarter in product((AFTERWARDS, ON_THE_WAY), QUARTERS):
        if quarter.first_day > day:
            continue
        expected = counted_independently(quarter, day)
        own = counted_independently(quarter, day, by_weeks=True)
        for unit_id, chief in chiefs.items():
            check_own(chief, parts.catalog, quarter, day, own.get(unit_id, Facts()))
        for level in (Level.COMISARIA, Level.DISTRICT, Level.PROVINCE):
            check_above(year.supervisor, parts.catalog, quarter, day, level, expected)


def check_own(chief, catalog, quarter, day, facts):
    """The own comisaría: all its juntas together, and each by itself."""
    seen = services.results_for(chief, catalog, quarter, Level.JUNTA, lima(day), day)
    assert seen.total == facts, (quarter, seen.unit_name)
    assert total(row.facts for row in seen.rows) == facts


def check_above(supervisor, catalog, quarter, day, level, expected):
    """Groups of comisarías: every line what was counted for its own, and nearly all of it there."""
    results = services.results_for(supervisor, catalog, quarter, level, lima(day), day)
    behind = {station.unit_id for row in results.rows for station in row.stations}
    left_out = [facts for unit, facts in expected.items() if unit not in behind]
    assert results.is_partial == bool(left_out)
    assert all(facts.juntas < SMALLEST_GROUP for facts in left_out)
    for row in results.rows:
        check_line(row, total(expected.get(one.unit_id, Facts()) for one in row.stations))
    assert results.total == total(row.facts for row in results.rows)
    assert results.total.juntas + total(left_out).juntas == total(expected.values()).juntas


def test_the_page_shows_these_figures(app, year):
    """A 28 as it stands on the page: each comisaría to its comisario, all to the supervisor."""
    for quarter in QUARTERS:
        expected = counted_independently(quarter, today())
        own = counted_independently(quarter, today(), by_weeks=True)
        asked = f"/panel/juntas/resultados?anio={YEAR}&trimestre={quarter.number}"
        for unit_id, chief in year.chiefs.items():
            facts = own.get(unit_id, Facts())
            assert total_on(page_for(app, chief, asked)) == in_words(facts)
        whole = total(expected.values())
        page = page_for(app, year.supervisor.id, asked)
        [informing, of_all] = total_on(page)[0].split(" de ")
        assert int(informing.split()[-1]) <= whole.informing
        if "no aparecen" not in page:
            assert int(of_all) == whole.juntas
            assert whole.informing_plain <= int(informing.split()[-1])


def page_for(app, staff_id: int, address: str) -> str:
    """What somebody sees there."""
    client = sign_in(app.test_client(), db.session.get(Staff, staff_id))
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.text


def total_on(page: str) -> list[str]:
    """The last line of the first table, without its name."""
    return Tables(page).tables[0][-1][1:]


def in_words(facts: Facts) -> list[str]:
    """The two proportions as the page should write them."""
    pairs = (facts.informing, facts.juntas), (facts.informing_year, facts.juntas_year)
    return [f"{rounded(n, d)} % {n} de {d}" if d else "—" for n, d in pairs]


def rounded(numerator: int, denominator: int) -> str:
    """Tenths of a percent, in whole numbers only."""
    tenths = (2000 * numerator + denominator) // (2 * denominator)
    return f"{tenths // 10}.{tenths % 10}"


def check_line(row: Row, whole: Facts) -> None:
    """What was counted for a line is what it shows, but for members of few and late years."""
    shown = row.facts
    assert shown.juntas >= SMALLEST_GROUP or not whole.juntas_year, row.name
    assert whole.informing_plain <= shown.informing <= whole.informing
    assert shown.juntas_last_day == 0 or shown.juntas_last_day >= SMALLEST_GROUP
    if row.joined_late:
        whole = whole.without_year()
    assert whole.informing_year_plain <= shown.informing_year <= whole.informing_year
    if shown.juntas_last_day < whole.juntas_last_day:
        assert shown.women <= whole.women and shown.men <= whole.men
        whole = replace(whole, juntas_last_day=0, women=0, men=0)
        shown = replace(shown, juntas_last_day=0, women=0, men=0)
    assert without_sensible(shown) == without_sensible(whole), row.name


def without_sensible(facts: Facts) -> Facts:
    """But for what depends on the groups that lie below a line."""
    return replace(facts, informing=0, informing_year=0)
