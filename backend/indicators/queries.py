"""Counts what juntas told and what came of it; never commits. `services` says who sees which.

Every definition stands in docs/indicadores.md. Days are Lima's; the last day of a period belongs
to it, `ended_on` is the first day without. A region takes three statements.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, func, select, text

from backend.boards.models import JuntaTerm
from backend.catalog.juntas import Logro
from backend.catalog.models import Catalog
from backend.db import db
from backend.indicators.models import FACTS, Facts, Period, Station
from backend.territory.models import District, PoliceUnit, UnitKind
from backend.territory.queries import subtree_ids

ANSWER = "respuesta"

# When each junta was in force since 1 January, by term; a dissolution cuts a term short. Asked
# junta by junta, or the planner would read every term of the country.
_JUNTA = """
period AS MATERIALIZED (
    SELECT j.id AS junta_id, j.unit_id, j.code, j.name, term.since, term.until
    FROM junta_vecinal j CROSS JOIN LATERAL (
        SELECT t.valid_from AS since, least(t.valid_until, j.ended_on - 1) AS until
        FROM junta_term t WHERE t.junta_id = j.id OFFSET 0
    ) AS term
    WHERE j.unit_id = ANY(:units)
      AND term.since <= :last_day AND term.until >= greatest(term.since, :year_first_day)
),
junta AS MATERIALIZED (
    SELECT junta_id AS id, unit_id, code, name, bool_or(until >= :first_day) AS in_quarter,
           bool_or(until >= :last_day) AS on_last_day
    FROM period GROUP BY junta_id, unit_id, code, name
)"""

COUNTS = text(f"""
WITH {_JUNTA},
began AS (
    SELECT period.unit_id, first.day, count(DISTINCT junta_id) AS juntas
    FROM period JOIN unnest(CAST(:first_days AS date[])) AS first(day)
      ON first.day BETWEEN period.since AND period.until
    GROUP BY period.unit_id, first.day
)
SELECT unit_id, count(*) FILTER (WHERE in_quarter) AS juntas, count(*) AS juntas_year,
       ARRAY(
           SELECT coalesce(began.juntas, 0)
           FROM unnest(CAST(:first_days AS date[])) AS first(day)
           LEFT JOIN began ON began.unit_id = junta.unit_id AND began.day = first.day
           ORDER BY first.day
       ) AS first_days
FROM junta GROUP BY unit_id
""")  # noqa: S608 - put together from constants

# An informe counts if its junta was in force when it told: on the day, or, of a sensible matter,
# on any day of the month that is all we know; and of such a matter only once the month is over,
# or whoever looks each day would learn the day.
_TOLD = """
told AS MATERIALIZED (
    SELECT junta.id AS junta_id, i.report_id, i.kind, i.told_on >= :first_day AS in_quarter
    FROM junta CROSS JOIN LATERAL (
        SELECT report_id, kind, told_on FROM informe
        WHERE junta_id = junta.id AND told_on BETWEEN :year_first_day AND :told_until OFFSET 0
    ) AS i
    CROSS JOIN LATERAL (
        SELECT CASE WHEN i.report_id IS NULL
                    THEN (i.told_on + interval '1 month - 1 day')::date
                    ELSE i.told_on END AS latest
    ) AS day
    WHERE (i.report_id IS NOT NULL OR day.latest < :today)
      AND EXISTS (
          SELECT FROM period p
          WHERE p.junta_id = junta.id AND p.since <= day.latest AND p.until >= i.told_on
      )
)"""

# What came of each informe of the quarter that can be followed, as it was known at :known_until:
# that is why it is read from the history and not from the report. An urgent one is expected to be
# seen from its very arrival, another from when it reached the desk.
_FATE = """
fate AS MATERIALIZED (
    SELECT told.junta_id, told.kind, step.verification = 'verified' AS is_verified,
           step.outcome = ANY(:patrols) AS patrol,
           step.outcome = ANY(:interventions) AS intervention,
           step.outcome = ANY(:risks_fixed) AS risk_fixed,
           r.categoria = ANY(:lights) AS is_light,
           step.seen_at, least(step.closed_at, thread.written_at) AS answered_at,
           CASE WHEN r.priority = 1 THEN r.received_at
                ELSE least(step.forwarded_at, step.seen_at) END
               + make_interval(mins => term.minutes) AS see_by,
           r.received_at + make_interval(days => :answer_days) AS answer_by
    FROM told
    JOIN report r ON r.id = told.report_id
    LEFT JOIN unnest(CAST(:categories AS text[]), CAST(:minutes AS int[]))
        AS term(categoria, minutes) ON term.categoria = r.categoria
    LEFT JOIN LATERAL (
        SELECT min(h.at) FILTER (WHERE h.event = 'forwarded') AS forwarded_at,
               min(h.at) FILTER (WHERE h.event IN ('acknowledged', 'rejected')) AS seen_at,
               min(h.at) FILTER (WHERE h.state IN ('resolved', 'dismissed', 'rejected', 'merged'))
                   AS closed_at,
               (array_agg(h.event ORDER BY h.id DESC)
                   FILTER (WHERE h.event IN ('verified', 'refuted')))[1] AS verification,
               (array_agg(h.details ->> 'outcome' ORDER BY h.id DESC)
                   FILTER (WHERE h.event IN ('closed', 'contested')))[1] AS outcome
        FROM history_entry h WHERE h.report_id = r.id AND h.at < :known_until
    ) AS step ON true
    LEFT JOIN LATERAL (
        SELECT min(m.at) AS written_at FROM message m
        WHERE m.report_id = r.id AND m.author = 'comisaria'
          AND m.at < :known_until
    ) AS thread ON true
    WHERE told.in_quarter
)"""

_BY_JUNTA = f"""
WITH {_JUNTA}, {_TOLD}, {_FATE},
informing AS (
    SELECT junta_id, bool_or(in_quarter) AS in_quarter,
           coalesce(bool_or(in_quarter) FILTER (WHERE report_id IS NOT NULL), false) AS plainly,
           bool_or(report_id IS NOT NULL) AS plainly_in_year
    FROM told GROUP BY junta_id
),
attended AS (
    SELECT junta_id,
           count(*) FILTER (WHERE kind = 'delito') AS delito,
           count(*) FILTER (WHERE kind = 'falta') AS falta,
           count(*) FILTER (WHERE kind = 'factor_de_riesgo') AS factor_de_riesgo,
           count(*) FILTER (WHERE kind = 'otro') AS otro,
           count(seen_at) AS acknowledged,
           count(*) FILTER (WHERE seen_at <= see_by) AS acknowledged_in_time,
           count(*) FILTER (WHERE seen_at IS NOT NULL OR see_by < :known_until) AS acknowledge_due,
           count(answered_at) AS answered,
           count(*) FILTER (WHERE answered_at <= answer_by) AS answered_in_time,
           count(*) FILTER (WHERE answered_at IS NOT NULL OR answer_by < :known_until)
               AS answer_due,
           count(*) FILTER (WHERE is_verified) AS verified,
           count(*) FILTER (WHERE patrol) AS patrols,
           count(*) FILTER (WHERE intervention) AS interventions,
           count(*) FILTER (WHERE risk_fixed) AS risks_fixed,
           count(*) FILTER (WHERE risk_fixed AND is_light) AS lights_fixed
    FROM fate GROUP BY junta_id
),
members AS (
    -- Junta by junta: put together with all of them, the country's members would be read whole.
    SELECT junta.id AS junta_id, counted.women, counted.men
    FROM junta CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE m.sex = 'mujer') AS women,
               count(*) FILTER (WHERE m.sex = 'hombre') AS men
        FROM junta_member m
        WHERE m.junta_id = junta.id AND m.since <= :last_day
          AND (m.until IS NULL OR m.until >= :last_day)
          AND (m.ended_on IS NULL OR m.ended_on > :last_day)
    ) AS counted
    WHERE junta.on_last_day
)
SELECT junta.id AS junta_id, junta.unit_id, junta.code, junta.name,
       junta.in_quarter::int AS juntas,
       coalesce(informing.in_quarter, false)::int AS informing,
       coalesce(informing.plainly, false)::int AS informing_plain,
       1 AS juntas_year,
       (informing.junta_id IS NOT NULL)::int AS informing_year,
       coalesce(informing.plainly_in_year, false)::int AS informing_year_plain,
       coalesce(delito, 0) AS delito, coalesce(falta, 0) AS falta,
       coalesce(factor_de_riesgo, 0) AS factor_de_riesgo, coalesce(otro, 0) AS otro,
       coalesce(acknowledged, 0) AS acknowledged,
       coalesce(acknowledged_in_time, 0) AS acknowledged_in_time,
       coalesce(acknowledge_due, 0) AS acknowledge_due,
       coalesce(answered, 0) AS answered,
       coalesce(answered_in_time, 0) AS answered_in_time,
       coalesce(answer_due, 0) AS answer_due,
       coalesce(verified, 0) AS verified, coalesce(patrols, 0) AS patrols,
       coalesce(interventions, 0) AS interventions, coalesce(risks_fixed, 0) AS risks_fixed,
       coalesce(lights_fixed, 0) AS lights_fixed,
       junta.on_last_day::int AS juntas_last_day,
       coalesce(women, 0) AS women, coalesce(men, 0) AS men
FROM junta
LEFT JOIN informing ON informing.junta_id = junta.id
LEFT JOIN attended ON attended.junta_id = junta.id
LEFT JOIN members ON members.junta_id = junta.id
"""  # noqa: S608 - put together from constants

FACTS_BY_JUNTA = text(_BY_JUNTA)
_SUMS = ", ".join(f"sum({name})::int AS {name}" for name in FACTS)
FACTS_BY_UNIT = text(f"SELECT unit_id, {_SUMS} FROM ({_BY_JUNTA}) AS each_junta GROUP BY unit_id")  # noqa: S608 - as above


@dataclass(frozen=True, slots=True)
class JuntaFacts:
    """A junta of the own comisaría, and what was counted for it."""

    name: str
    facts: Facts


def facts_by_junta(
    unit_id: int, catalog: Catalog, period: Period, now: datetime
) -> list[JuntaFacts]:
    """Each junta of a comisaría that was in force on some day since 1 January."""
    found = _ask(FACTS_BY_JUNTA, [unit_id], _question(catalog, period, now))
    return [JuntaFacts(f"{row.name} ({row.code})", _facts(row)) for row in found]


def facts_by_unit(
    unit_ids: Sequence[int], catalog: Catalog, period: Period, now: datetime
) -> dict[int, Facts]:
    """The same added up for each comisaría that had any."""
    rows = _ask(FACTS_BY_UNIT, unit_ids, _question(catalog, period, now))
    return {row.unit_id: _facts(row) for row in rows}


def stations_around(unit_id: int, period: Period) -> list[Station]:
    """Every comisaría of the departments that the unit's subtree touches, in no table yet."""
    scope = subtree_ids(unit_id)
    department = func.left(func.coalesce(PoliceUnit.ubigeo, ""), 2)
    is_station = PoliceUnit.kind == UnitKind.COMISARIA
    touched = select(department).where(is_station, PoliceUnit.id.in_(scope))
    ends = PoliceUnit.valid_until
    query = (
        select(
            PoliceUnit.id,
            func.coalesce(PoliceUnit.name, PoliceUnit.code),
            func.coalesce(PoliceUnit.ubigeo, ""),
            *(District.name, District.province, District.department),
            PoliceUnit.id.in_(scope),
            (PoliceUnit.valid_from <= period.last_day)
            & (ends.is_(None) | (ends > period.first_day)),
        )
        .outerjoin(District, District.ubigeo == PoliceUnit.ubigeo)
        .where(is_station, department.in_(touched))
        .order_by(PoliceUnit.id)
    )
    found = db.session.execute(query).all()
    counted = _ask(COUNTS, [row[0] for row in found], _days(period))
    counts = {row.unit_id: (row.juntas, row.juntas_year, tuple(row.first_days)) for row in counted}
    none = 0, 0, (0,) * len(period.first_days)
    return [
        Station(uid, name, ubigeo, *_place_names(ubigeo, *place), *counts.get(uid, none), mine)
        for uid, name, ubigeo, *place, mine, is_open in found
        # One that was closed is worth a line as long as it had juntas.
        if is_open or uid in counts
    ]


def first_year() -> int | None:
    """The first year in which a junta was in force."""
    first = db.session.scalar(select(func.min(JuntaTerm.valid_from)))
    return first.year if first else None


def _place_names(ubigeo: str, *names: str | None) -> tuple[str, str, str]:
    """District, province and department, or what stands for a name that is not known."""
    if not ubigeo:
        return "distrito no registrado", "provincia no registrada", "departamento no registrado"
    codes = f"distrito {ubigeo}", f"provincia {ubigeo[:4]}", f"departamento {ubigeo[:2]}"
    district, province, department = (a or b for a, b in zip(names, codes, strict=True))
    return district, province, department


def _ask(statement: TextClause, unit_ids: Sequence[int], question: dict[str, Any]) -> Sequence[Any]:
    return db.session.execute(statement, {**question, "units": list(unit_ids)}).all()


def _days(period: Period) -> dict[str, Any]:
    return {
        "year_first_day": period.year_first_day,
        "first_day": period.first_day,
        "first_days": period.first_days,
        "last_day": period.last_day,
    }


def _question(catalog: Catalog, period: Period, now: datetime) -> dict[str, Any]:
    """What the statements ask, but for the units."""
    subjects = catalog.subjects
    return {
        **_days(period),
        "told_until": period.told_until,
        "known_until": period.known_until(now),
        "today": period.today,
        "categories": [subject.codigo for subject in subjects],
        "minutes": [subject.acknowledge_minutes for subject in subjects],
        "answer_days": catalog.juntas.plazos[ANSWER].dias,
        "patrols": _outcomes(catalog, Logro.PATRULLA),
        "interventions": _outcomes(catalog, Logro.INTERVENCION),
        "risks_fixed": _outcomes(catalog, Logro.RIESGO),
        "lights": list(catalog.juntas.luces),
    }


def _outcomes(catalog: Catalog, logro: Logro) -> list[str]:
    return [one.codigo for one in catalog.juntas.logros.values() if one.logro is logro]


def _facts(row: Any) -> Facts:
    return Facts(*(getattr(row, name) for name in FACTS))
