"""Provisional jurisdictions: Voronoi cells around the stations; `services` calls it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text

from backend.db import db

REACH_M = 15_000
TWIN_M = 100

_STATIONS = """
CREATE TEMPORARY TABLE station ON COMMIT DROP AS
SELECT id, code, point, ubigeo FROM police_unit
WHERE kind = 'comisaria' AND name IS NOT NULL AND is_basic AND point IS NOT NULL
  AND valid_from <= :today AND (valid_until IS NULL OR valid_until > :today)
"""

# Of two stations closer than TWIN_M the lower code keeps the cell for both: a few metres between
# two doors must not cut a neighbourhood in halves.
_TWINS = """
CREATE TEMPORARY TABLE twin ON COMMIT DROP AS
SELECT b.code, min(a.code) AS keeper FROM station a JOIN station b
  ON a.code < b.code AND a.point && ST_Expand(b.point, :twin_m / 100000.0)
 AND ST_DWithin(a.point::geography, b.point::geography, :twin_m)
GROUP BY b.code
"""

# Bisectors are drawn in UTM 18S, which keeps angles, so that each lies halfway on the ground.
# A province whose districts are loaded is a diagram of its own; all other stations share one.
_CELLS = """
CREATE TEMPORARY TABLE new_cell ON COMMIT DROP AS
WITH province AS MATERIALIZED (
    SELECT left(ubigeo, 4) AS code, ST_Union(geom ORDER BY ubigeo) AS geom
    FROM district WHERE geom IS NOT NULL GROUP BY 1
),
surveyed AS MATERIALIZED (
    SELECT j.geom FROM jurisdiction j JOIN police_unit u ON u.id = j.unit_id
    WHERE j.valid_until IS NULL AND NOT j.is_provisional AND u.kind = 'comisaria'
),
site AS MATERIALIZED (
    SELECT s.id, s.code, s.point, ST_Transform(s.point, 32718) AS flat,
           coalesce(p.code, '') AS clip, p.geom AS clip_geom
    FROM station s LEFT JOIN province p ON p.code = coalesce(
        (SELECT left(d.ubigeo, 4) FROM district d
         WHERE ST_Covers(d.geom, s.point) ORDER BY d.ubigeo LIMIT 1), left(s.ubigeo, 4))
    WHERE s.code NOT IN (SELECT code FROM twin)
),
diagram AS (
    SELECT clip, ST_Collect(flat ORDER BY code) AS points,
           ST_Expand(ST_Extent(ST_Envelope(
               coalesce(ST_Collect(ST_Transform(ST_Envelope(clip_geom), 32718), flat), flat)
           ))::geometry, 2 * :reach_m) AS frame
    FROM site GROUP BY clip
),
face AS MATERIALIZED (
    SELECT clip, (ST_Dump(CASE WHEN ST_NumGeometries(points) = 1 THEN ST_SetSRID(frame, 32718)
        ELSE ST_VoronoiPolygons(points, 0, ST_SetSRID(frame, 32718)) END)).geom AS flat
    FROM diagram
),
owned AS MATERIALIZED (
    SELECT s.id, s.code, s.clip, s.point, s.clip_geom, ST_Transform(f.flat, 4326) AS geom
    FROM site s JOIN face f ON f.clip = s.clip AND ST_Covers(f.flat, s.flat)
),
clipped AS MATERIALIZED (
    SELECT id, code, clip, CASE WHEN clip <> '' THEN ST_Intersection(geom, clip_geom)
        ELSE ST_Intersection(geom, ST_Buffer(point::geography, :reach_m, 16)::geometry) END AS geom
    FROM owned
),
own_ground AS (
    SELECT id, code, clip, coalesce(ST_Difference(geom, (
        SELECT ST_Union(taken.geom) FROM (
            SELECT geom FROM surveyed UNION ALL SELECT geom FROM province WHERE c.clip = ''
        ) AS taken WHERE taken.geom && c.geom)), geom) AS geom
    FROM clipped c
)
SELECT o.id AS unit_id, ST_Multi(ST_Normalize(ST_CollectionExtract(o.geom, 3))) AS geom,
       CASE WHEN o.clip = '' THEN 'Voronoi provisional, alcance de 15 km'
            ELSE 'Voronoi provisional, recortado a la provincia ' || o.clip END
       || coalesce('; comparte con ' || (SELECT string_agg(t.code, ', ' ORDER BY t.code)
                                         FROM twin t WHERE t.keeper = o.code), '') AS source
FROM own_ground o
WHERE NOT ST_IsEmpty(ST_CollectionExtract(o.geom, 3))
  AND NOT EXISTS (SELECT 1 FROM jurisdiction j
                  WHERE j.unit_id = o.id AND j.valid_until IS NULL AND NOT j.is_provisional)
"""

_CLOSE = """
UPDATE jurisdiction j SET valid_until = greatest(j.valid_from, :today)
WHERE j.valid_until IS NULL AND j.is_provisional AND NOT EXISTS (
    SELECT 1 FROM new_cell n
    WHERE n.unit_id = j.unit_id AND n.geom = j.geom AND n.source = j.source)
"""

_ADD = """
INSERT INTO jurisdiction (unit_id, geom, is_provisional, source, valid_from)
SELECT n.unit_id, n.geom, true, n.source, :today FROM new_cell n
WHERE NOT EXISTS (
    SELECT 1 FROM jurisdiction j WHERE j.unit_id = n.unit_id AND j.valid_until IS NULL)
ORDER BY n.unit_id
"""

_WITHOUT_CELL = """
SELECT s.code FROM station s WHERE s.code NOT IN (SELECT code FROM twin)
  AND NOT EXISTS (
    SELECT 1 FROM jurisdiction j WHERE j.unit_id = s.id AND j.valid_until IS NULL)
ORDER BY s.code
"""


@dataclass(frozen=True)
class CellsReport:
    """What drawing the cells changed; `twins` pairs a station with the one that keeps the cell."""

    added: int
    closed: int
    unchanged: int
    twins: tuple[tuple[str, str], ...]
    without_cell: tuple[str, ...]


def draw_cells(today: date) -> CellsReport:
    """Replace what changed among the provisional cells; runs inside the caller's transaction."""
    run = db.session.execute
    # Temporary tables have no statistics: the planner fears the worst and compiles for seconds.
    run(text("SET LOCAL jit = off"))
    run(text(_STATIONS), {"today": today})
    run(text(_TWINS), {"twin_m": TWIN_M})
    run(text(_CELLS), {"reach_m": REACH_M})
    closed = _count(run(text(_CLOSE), {"today": today}))
    added = _count(run(text(_ADD), {"today": today}))
    total = run(text("SELECT count(*) FROM new_cell")).scalar_one()
    twins = run(text("SELECT code, keeper FROM twin ORDER BY code")).all()
    without_cell = run(text(_WITHOUT_CELL)).scalars().all()
    return CellsReport(
        added=added,
        closed=closed,
        unchanged=total - added,
        twins=tuple((code, keeper) for code, keeper in twins),
        without_cell=tuple(without_cell),
    )


def _count(result: object) -> int:
    return int(getattr(result, "rowcount", 0))
