"""Keeps the risk maps in step with verified reports; the journey, the schedule and the CLI call it.

Every change of a cell recounts it from its facts with the same statement as a rebuild, so both
give the same numbers to the last bit. Writers take turns under one lock: feeding is an officer's
act, a few a minute, and two recounts of one cell at once would lose a fact.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import h3
from sqlalchemy import Result, delete, text

from backend.catalog.models import Catalog
from backend.db import db, transaction
from backend.riskmap.models import (
    REFERENCE,
    SHARES,
    STATION_RADIUS_M,
    Evidence,
    PublicCell,
    RiskCell,
    RiskFact,
    RiskPublication,
)

MIN_REPORTS = 3
MIN_INCIDENTS = 3
MIN_CELLS = 4  # with fewer cells in a district there is nothing to rank
PUBLIC_DAYS = 365
BATCH_AGE = timedelta(hours=1)
# Reports this near each other in one cell are taken as one incident.
SAME_INCIDENT = timedelta(hours=2)
SAME_FACTOR_M = 100

WRITE_LOCK = 7_311_001
PUBLISH_LOCK = 7_311_002
BATCH = 2000

_ENOUGH = "count(*) >= :min_reports AND count(DISTINCT incident) >= :min_incidents"


_EVIDENCE = """
    SELECT r.id, r.kind, r.categoria, r.is_sensible, r.is_ongoing, r.state, r.verification,
           r.verified_at, r.received_at, r.occurred_at, r.place_source, r.accuracy_m, r.ubigeo,
           ST_Y(r.point) AS lat, ST_X(r.point) AS lon,
           EXISTS (SELECT FROM police_unit u WHERE u.kind = 'comisaria'
                   AND ST_DWithin(u.point, r.point, 0.001)  -- degrees, so that the index serves
                   AND ST_DistanceSphere(u.point, r.point) <= :station_radius_m) AS is_at_station
    FROM report r
"""
_EVIDENCE_OF_ONE = _EVIDENCE + "WHERE r.id = :report_id"
_EVIDENCE_OF_NEXT = (
    _EVIDENCE
    + """
    WHERE r.id > :after AND r.verification = 'verified' AND r.point IS NOT NULL
    ORDER BY r.id LIMIT :batch
"""
)

_ADD_HEXAGONS = """
    INSERT INTO risk_hexagon (cell, resolution, geom)
    SELECT cell, resolution, ST_Transform(ST_GeomFromText(outline, 4326), 3857)
    FROM unnest(CAST(:cells AS text[]), CAST(:resolutions AS int[]), CAST(:outlines AS text[]))
         AS h(cell, resolution, outline)
    ON CONFLICT DO NOTHING
"""

# One statement for thousands of rows: row by row, a rebuild would take twice as long.
_ADD_FACTS = """
    INSERT INTO risk_fact
    SELECT * FROM jsonb_populate_recordset(NULL::risk_fact, CAST(:facts AS jsonb))
"""

_SHARES = json.dumps([asdict(share) for share in SHARES])
_SHARES_TABLE = """jsonb_to_recordset(CAST(:shares AS jsonb))
         AS s(capa text, source text, weight float8, half_life_days int)"""
# The order inside sum() makes it the same number whatever came first.
_SCORE = """sum(s.weight * power(2.0::float8, extract(epoch FROM f.happened_at - :reference)::float8
               / (86400.0 * s.half_life_days)) ORDER BY f.report_id)"""

_RECOUNT = f"""
    INSERT INTO risk_cell (cell, capa, grupo, band, facts, score_at_reference)
    SELECT c.cell, s.capa, coalesce(f.grupo, ''), coalesce(f.band, ''), count(*), {_SCORE}
    FROM risk_fact f
    JOIN {_SHARES_TABLE} ON s.source = f.capa
    CROSS JOIN LATERAL (VALUES (f.cell_7), (f.cell_8), (f.cell_9)) AS c(cell)
    WHERE CAST(:cells AS text[]) IS NULL OR f.cell_7 = ANY(:cells) AND c.cell = ANY(:cells)
    GROUP BY c.cell, s.capa, CUBE (f.grupo, f.band)
"""  # noqa: S608  # constants above

# Each fact is drawn in one cell only: its res-9 cell if that passes the threshold, else with
# the other facts left over in its res-8 parent if those pass it, else the same in res 7, else
# nowhere. So no drawn cell minus another says anything of a third, and the integrated map,
# made of what the other two draw, says nothing that they do not.
_PUBLISH = f"""
    INSERT INTO public_cell (cell, capa, cell_7, clase, resolution, geom)
    WITH eligible AS MATERIALIZED (
        SELECT f.*, r.point,
               f.happened_at - lag(f.happened_at) OVER (
                   PARTITION BY f.capa, f.cell_9 ORDER BY f.happened_at, f.report_id) AS quiet
        FROM risk_fact f JOIN report r ON r.id = f.report_id
        WHERE f.is_public AND f.verified_at <= :verified_until AND f.happened_at > :happened_after
    ), counted AS MATERIALIZED (
        SELECT e.*, cell_9 || ' ' || count(*) FILTER (WHERE quiet IS NULL OR quiet > :same_incident)
                    OVER (PARTITION BY cell_9 ORDER BY happened_at, report_id) AS incident
        FROM eligible e WHERE capa = 'delito'
        UNION ALL
        SELECT e.*, cell_9 || categoria || ST_ClusterDBSCAN(
                    ST_Transform(point, 3857), :same_factor_m, 1)
                    OVER (PARTITION BY cell_9, categoria)
        FROM eligible e WHERE capa = 'riesgo'
    ), fine AS (
        SELECT capa, cell_9 FROM counted GROUP BY capa, cell_9 HAVING {_ENOUGH}
    ), left_by_fine AS MATERIALIZED (
        SELECT * FROM counted WHERE (capa, cell_9) NOT IN (SELECT capa, cell_9 FROM fine)
    ), middle AS (
        SELECT capa, cell_8 FROM left_by_fine GROUP BY capa, cell_8 HAVING {_ENOUGH}
    ), left_by_middle AS MATERIALIZED (
        SELECT * FROM left_by_fine WHERE (capa, cell_8) NOT IN (SELECT capa, cell_8 FROM middle)
    ), coarse AS (
        SELECT capa, cell_7 FROM left_by_middle GROUP BY capa, cell_7 HAVING {_ENOUGH}
    ), drawn AS (
        SELECT c.*, cell_9 AS cell, 1 AS size FROM counted c JOIN fine USING (capa, cell_9)
        UNION ALL
        SELECT l.*, cell_8, 7 FROM left_by_fine l JOIN middle USING (capa, cell_8)
        UNION ALL
        SELECT l.*, cell_7, 49 FROM left_by_middle l JOIN coarse USING (capa, cell_7)
    ), scored AS (
        SELECT s.capa, f.cell, min(f.cell_7) AS cell_7, {_SCORE} / min(f.size) AS density,
               mode() WITHIN GROUP (ORDER BY f.zone) AS zone
        FROM drawn f JOIN {_SHARES_TABLE} ON s.source = f.capa
        GROUP BY s.capa, f.cell
    ), ranked AS (
        SELECT *, percent_rank() OVER (PARTITION BY capa, zone ORDER BY density) AS share_below,
               count(*) OVER (PARTITION BY capa, zone) AS cells_of_zone
        FROM scored
    )
    SELECT cell, capa, cell_7, CASE WHEN cells_of_zone < :min_cells THEN 1
                                    ELSE least(4, 1 + floor(4 * share_below)) END,
           h.resolution, h.geom
    FROM ranked JOIN risk_hexagon h USING (cell)
"""  # noqa: S608  # constants above


_PUBLIC_HASH = """
    SELECT md5(coalesce(string_agg(concat_ws(' ', cell, capa, clase), ',' ORDER BY cell, capa), ''))
    FROM public_cell
"""


def feed(report_id: UUID, catalog: Catalog) -> None:
    """Bring the maps in step with one report as it stands now; the caller commits.

    Reads the report itself, after its turn has come: what a caller loaded before may be stale.
    """
    _take_turn()
    row = _run(_EVIDENCE_OF_ONE, report_id=report_id, station_radius_m=STATION_RADIUS_M).one()
    fact = Evidence(*row).as_fact(catalog)
    removed = db.session.execute(
        delete(RiskFact)
        .where(RiskFact.report_id == report_id)
        .returning(RiskFact.cell_7, RiskFact.cell_8, RiskFact.cell_9)
    ).first()
    cells = set(removed or ())
    if fact:
        cells |= _insert_facts([fact])
    if cells:
        _recount(cells)


def rebuild(catalog: Catalog) -> int:
    """Make facts and cells anew from all reports, and return how many facts there are.

    Needed after police units or catalogue rules changed. Readers see the old cells until the end.
    """
    with transaction():
        _take_turn()
        db.session.execute(delete(RiskCell))
        db.session.execute(delete(RiskFact))
        count = 0
        for batch in _all_evidence():
            facts = [fact for row in batch if (fact := row.as_fact(catalog))]
            _insert_facts(facts)
            count += len(facts)
        _recount(None)
    return count


def publish_public_layer(now: datetime) -> bool:
    """Replace the citizens' snapshot, at most once an hour; says whether it did."""
    with transaction():
        _run("SELECT pg_advisory_xact_lock(:lock)", lock=PUBLISH_LOCK)
        last = db.session.get(RiskPublication, 1)
        if last and now - last.published_at < BATCH_AGE:
            return False
        db.session.execute(delete(PublicCell))
        _run(_PUBLISH, **_publication_rules(now))
        version = _run(_PUBLIC_HASH).scalar_one()
        db.session.merge(RiskPublication(id=1, version=version, published_at=now))
    return True


def _take_turn() -> None:
    _run("SELECT pg_advisory_xact_lock(:lock)", lock=WRITE_LOCK)


def _all_evidence() -> Iterator[list[Evidence]]:
    after = UUID(int=0)
    while batch := _run(
        _EVIDENCE_OF_NEXT, after=after, batch=BATCH, station_radius_m=STATION_RADIUS_M
    ).all():
        yield [Evidence(*row) for row in batch]
        after = batch[-1].id


def _insert_facts(facts: list[dict[str, Any]]) -> set[str]:
    """Insert them with the hexagons they need, and return the cells they touch."""
    cells = {fact[name] for fact in facts for name in ("cell_7", "cell_8", "cell_9")}
    if facts:
        _run(
            _ADD_HEXAGONS,
            cells=list(cells),
            resolutions=[h3.get_resolution(cell) for cell in cells],
            outlines=[_outline(cell) for cell in cells],
        )
        _run(_ADD_FACTS, facts=json.dumps(facts, default=str))
    return cells


def _outline(cell: str) -> str:
    """The cell's polygon as WKT in degrees."""
    corners = [f"{lon} {lat}" for lat, lon in h3.cell_to_boundary(cell)]
    return f"POLYGON(({', '.join([*corners, corners[0]])}))"


def _recount(cells: set[str] | None) -> None:
    """Count these cells anew from their facts; None means every cell."""
    listed = None if cells is None else list(cells)
    if listed:
        db.session.execute(delete(RiskCell).where(RiskCell.cell.in_(listed)))
    _run(_RECOUNT, cells=listed, shares=_SHARES, reference=REFERENCE)


def _publication_rules(now: datetime) -> dict[str, Any]:
    return {
        "verified_until": now - BATCH_AGE,
        "happened_after": now - timedelta(days=PUBLIC_DAYS),
        "same_incident": SAME_INCIDENT,
        "same_factor_m": SAME_FACTOR_M,
        "min_reports": MIN_REPORTS,
        "min_incidents": MIN_INCIDENTS,
        "min_cells": MIN_CELLS,
        "shares": _SHARES,
        "reference": REFERENCE,
    }


def _run(statement: str, **values: Any) -> Result[Any]:
    return db.session.execute(text(statement), values)
