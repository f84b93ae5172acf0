"""One generated year of what juntas told and what came of it; `bench.generated_juntas` calls it.

Each has a report and the history that the journey would have written.
"""

from datetime import date

import h3
from sqlalchemy import Connection, text


def fill_year(connection: Connection, today: date, most: int) -> None:
    """The 364 days before today, for every junta while it was in force: 0 to `most` a quarter."""
    connection.execute(text("SELECT setseed(0.25)"))
    connection.execute(text(_TOLD), {"today": today, "most": most})
    connection.execute(text(_COURSE), {"today": today})
    _name_cells(connection)
    for statement in _ROWS:
        connection.execute(text(statement))


def _name_cells(connection: Connection) -> None:
    """H3 is not in the database: each place where something was told gets its cell here."""
    spots = connection.execute(text("SELECT DISTINCT lat, lon FROM course")).all()
    rows = [{"lat": lat, "lon": lon, "c": h3.latlng_to_cell(lat, lon, 9)} for lat, lon in spots]
    for row in rows:
        row |= {"b": h3.cell_to_parent(row["c"], 8), "a": h3.cell_to_parent(row["c"], 7)}
    connection.execute(text(_CELLS))
    connection.execute(text("INSERT INTO spot VALUES (:lat, :lon, :c, :b, :a)"), rows)
    connection.execute(text("ANALYZE spot"))
    cells = {row[name] for row in rows for name in "abc"}
    outlines = [{"c": c, "r": h3.get_resolution(c), "outline": _outline(c)} for c in sorted(cells)]
    connection.execute(text(_HEXAGONS), outlines)


def _outline(cell: str) -> str:
    corners = [f"{lon} {lat}" for lat, lon in h3.cell_to_boundary(cell)]
    return f"POLYGON(({', '.join([*corners, corners[0]])}))"


# What is told, and how it ends when somebody goes there.
_MATTERS = """
    (VALUES (0, 'robo', 'alerta', 'delito', 'delito', 'robo', 1, 'patrulla_intervino'),
        (1, 'danos_pintas', 'alerta', 'delito', 'delito', 'danos', 3, 'personas_intervenidas'),
        (2, 'ruidos_alcohol', 'alerta', 'falta', 'delito', 'convivencia', 3, 'patrulla_intervino'),
        (3, 'falta_de_luz', 'factor_de_riesgo', 'factor_de_riesgo', 'riesgo', 'entorno', 3,
            'riesgo_corregido'),
        (4, 'lugar_abandonado', 'factor_de_riesgo', 'factor_de_riesgo', 'riesgo', 'entorno', 3,
            'incluido_en_patrullaje'),
        (5, 'accidente_transito', 'alerta', 'otro', 'delito', 'transito', 1, 'persona_auxiliada'))
    AS matter (m, categoria, kind, informe_kind, capa, grupo, priority, good_end)
"""

# `random()` in the order of unit, junta, quarter: the same size gives the same year.
_TOLD = """
    CREATE TEMPORARY TABLE told ON COMMIT DROP AS
    SELECT j.id AS junta_id, j.unit_id, j.n, j.ubigeo, s.id AS staff_id,
        (:today - 364 + 91 * q) + time '05:00' + random() * interval '90 days 18 hours' AS at,
        random() AS matter, random() AS care, random() AS haste, random() AS spot, random() AS who,
        j.lon + 0.012 * (j.k - 3) AS lon, j.lat
    FROM (SELECT j.*, v.ended_on, floor(random() * (:most + 1)) AS informes
          FROM (SELECT j.*, q FROM junta j, generate_series(0, 3) q ORDER BY j.n, j.k, q) j
          JOIN junta_vecinal v ON v.id = j.id) j
    JOIN staff s ON s.username = 'comisario-' || j.n
    CROSS JOIN LATERAL generate_series(1, j.informes::int)
    WHERE j.ended_on IS NULL OR j.ended_on > :today - 364 + 91 * (q + 1)
"""

# Nine of ten are acknowledged, three of four closed, half are verified; nothing lies ahead.
_COURSE = f"""
    CREATE TEMPORARY TABLE course ON COMMIT DROP AS
    SELECT row_number() OVER (ORDER BY at, told.junta_id) AS number,
        md5('told ' || row_number() OVER (ORDER BY at, told.junta_id))::uuid AS id,
        told.junta_id, told.unit_id, told.ubigeo, staff_id, care, who, matter.*,
        at AT TIME ZONE 'UTC' AS at, haste,
        CASE WHEN care < 0.9 THEN (at + (1 + haste * 60) * interval '1 minute')
            AT TIME ZONE 'UTC' END AS seen_at,
        CASE WHEN care < 0.5 THEN (at + (2 + haste * 20) * interval '1 hour')
            AT TIME ZONE 'UTC' END AS verified_at,
        CASE WHEN care < 0.75 THEN (at + (1 + haste * 4) * interval '1 day')
            AT TIME ZONE 'UTC' END AS closed_at,
        CASE WHEN care < 0.6 THEN 'resolved' ELSE 'dismissed' END AS end_state,
        CASE WHEN care < 0.6 THEN good_end ELSE 'sin_novedad' END AS outcome,
        round(CAST(told.lon + 0.001 * (floor(told.spot * 3) - 1) AS numeric), 6)::float8 AS lon,
        round(CAST(told.lat AS numeric), 6)::float8 AS lat
    FROM told JOIN junta j ON j.id = told.junta_id
    JOIN {_MATTERS} ON matter.m = floor(told.matter * 6)
    WHERE told.at::date BETWEEN j.begins - CASE WHEN j.shade BETWEEN 7 AND 12 THEN 730 ELSE 0 END
        AND j.ends AND told.at < :today - interval '6 hours'
"""
_CELLS = "CREATE TEMPORARY TABLE spot (lat float8, lon float8, c text, b text, a text)"
_HEXAGONS = """
    INSERT INTO risk_hexagon (cell, resolution, geom)
    VALUES (:c, :r, ST_Transform(ST_GeomFromText(:outline, 4326), 3857))
"""

_ROWS = (
    "ANALYZE course",
    """
    INSERT INTO report (id, numero, clave_key_version, kind, categoria, priority, is_sensible,
        is_ongoing, from_junta, description, place_source, point, accuracy_m, ubigeo, received_at,
        updated_at, state, moderation, verification, verification_way, verified_at, unit_id,
        routing_rule, jurisdiction_id, acknowledged_at, acknowledged_by, outcome, closed_at)
    SELECT c.id, 'G' || lpad(number::text, 10, '0'), 1, kind, categoria, priority, false, false,
        true, 'Lo que contó una junta', 'mapa', ST_SetSRID(ST_MakePoint(lon, lat), 4326), NULL,
        ubigeo, at, coalesce(closed_at, verified_at, seen_at, at),
        CASE WHEN closed_at < now() THEN end_state WHEN seen_at < now() THEN 'acknowledged'
            ELSE 'forwarded' END, 'passed',
        CASE WHEN verified_at < now() THEN 'verified' ELSE 'unverified' END,
        CASE WHEN verified_at < now() THEN 'visto_en_el_lugar' END,
        CASE WHEN verified_at < now() THEN verified_at END, c.unit_id, 'comisaria_del_lugar', g.id,
        CASE WHEN seen_at < now() THEN seen_at END, CASE WHEN seen_at < now() THEN staff_id END,
        CASE WHEN closed_at < now() THEN outcome END, CASE WHEN closed_at < now() THEN closed_at END
    FROM course c JOIN jurisdiction g ON g.unit_id = c.unit_id ORDER BY number
    """,
    """
    INSERT INTO history_entry (report_id, at, event, state, unit_id, staff_id, details)
    SELECT c.id, step.at, event, state, unit_id, CASE WHEN by_staff THEN staff_id END, details
    FROM course c CROSS JOIN LATERAL (VALUES
        (1, c.at, 'received', 'received', false, '{}'::jsonb),
        (2, c.at + interval '20 seconds', 'passed', 'received', false, '{}'),
        (3, c.at + interval '21 seconds', 'forwarded', 'forwarded', false, '{}'),
        (4, seen_at, 'acknowledged', 'acknowledged', true, '{}'),
        (5, verified_at, 'verified', 'acknowledged', true,
            '{"way": "visto_en_el_lugar", "words": ""}'),
        (6, closed_at, 'closed', end_state, true,
            jsonb_build_object('outcome', outcome, 'words', '')))
        AS step (turn, at, event, state, by_staff, details)
    WHERE step.at < now() ORDER BY number, turn
    """,
    """
    INSERT INTO message (report_id, at, author, staff_id, text)
    SELECT id, seen_at + interval '1 hour', 'comisaria', staff_id, 'Gracias por avisar.'
    FROM course WHERE care < 0.4 AND seen_at < now() - interval '1 hour' ORDER BY number
    """,
    """
    INSERT INTO informe (id, junta_id, report_id, kind, source, told_on)
    SELECT md5('informe ' || number)::uuid, junta_id, id, informe_kind,
        CASE WHEN who < 0.4 THEN 'vecino' ELSE 'propia' END, CAST(at AT TIME ZONE 'America/Lima'
        AS date)
    FROM course ORDER BY number
    """,
    # Of a sensible matter only the month is kept.
    """
    INSERT INTO informe (id, junta_id, kind, source, told_on)
    SELECT md5('of the month ' || number)::uuid, junta_id, 'delito', 'vecino',
        CAST(date_trunc('month', at AT TIME ZONE 'America/Lima') AS date)
    FROM course WHERE number % 50 = 0
    """,
    """
    INSERT INTO risk_fact (report_id, capa, grupo, categoria, band, cell_9, cell_8, cell_7, zone,
        happened_at, verified_at, is_public)
    SELECT id, capa, grupo, categoria, (ARRAY['madrugada', 'manana', 'tarde', 'noche'])
        [1 + CAST(extract(hour FROM at AT TIME ZONE 'America/Lima') AS int) / 6], spot.c, spot.b,
        spot.a, ubigeo, at, verified_at, true
    FROM course JOIN spot USING (lat, lon) WHERE verified_at < now() ORDER BY number
    """,
    "DROP TABLE spot",
)
