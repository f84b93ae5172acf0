"""The SQL behind the look-ups of places and the tiles; `queries` runs it."""

from sqlalchemy import text

# The jurisdiction comes from the partial GiST index (&&, then ST_Covers on the hits). Distances are
# measured on those few only, to the point that is closest in degrees: in Peru that is at worst 5 %
# too far, and several times cheaper than geography on a border of 2,000 vertices. Surveyed polygons
# win over provisional ones.
PLACE = text("""
WITH here AS MATERIALIZED (
    SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS point
),
near AS MATERIALIZED (
    SELECT j.id, j.unit_id, j.is_provisional, j.geom,
           ST_Covers(j.geom, here.point) AS covers
    FROM here JOIN jurisdiction j
      ON j.valid_until IS NULL AND j.geom && ST_Expand(here.point, :radius_m / 100000.0)
    JOIN police_unit u ON u.id = j.unit_id AND u.kind = 'comisaria'
     AND u.valid_from <= :today AND (u.valid_until IS NULL OR u.valid_until > :today)
),
owner AS MATERIALIZED (
    SELECT id, unit_id, is_provisional, geom FROM near WHERE covers
    ORDER BY is_provisional, id LIMIT 1
),
place AS MATERIALIZED (
    SELECT d.ubigeo, d.name FROM here JOIN district d ON ST_Covers(d.geom, here.point)
    ORDER BY d.ubigeo LIMIT 1
)
SELECT owner.unit_id, owner.id AS jurisdiction_id, owner.is_provisional,
       ST_Distance(ST_ClosestPoint(ST_Boundary(owner.geom), here.point)::geography,
                   here.point::geography) AS border_m,
       ARRAY(SELECT n.unit_id FROM near n
             WHERE n.unit_id IS DISTINCT FROM owner.unit_id
               AND ST_Distance(ST_ClosestPoint(n.geom, here.point)::geography,
                               here.point::geography) <= :radius_m
             ORDER BY n.unit_id) AS neighbour_ids,
       place.ubigeo, place.name AS district,
       nearest.id AS nearest_unit_id, nearest.metres AS nearest_m
FROM here LEFT JOIN owner ON true LEFT JOIN place ON true
LEFT JOIN LATERAL (
    SELECT station.id, ST_DistanceSphere(station.point, here.point) AS metres FROM (
        SELECT u.id, u.point FROM police_unit u
        WHERE owner.id IS NULL AND u.kind = 'comisaria' AND u.name IS NOT NULL AND u.is_basic
          AND u.valid_from <= :today AND (u.valid_until IS NULL OR u.valid_until > :today)
          AND (place.ubigeo IS NULL OR left(u.ubigeo, 4) = left(place.ubigeo, 4))
        ORDER BY u.point <-> here.point LIMIT 1
    ) AS station
) AS nearest ON place.ubigeo IS NOT NULL OR nearest.metres <= :reach_m
""")

DISTRICT_STATION = text("""
SELECT d.ubigeo, d.name, station.id AS unit_id
FROM district d LEFT JOIN LATERAL (
    SELECT u.id FROM police_unit u
    LEFT JOIN jurisdiction j ON j.unit_id = u.id AND j.valid_until IS NULL
    WHERE left(u.ubigeo, 4) = left(d.ubigeo, 4)
      AND u.kind = 'comisaria' AND u.name IS NOT NULL AND u.is_basic
      AND u.valid_from <= :today AND (u.valid_until IS NULL OR u.valid_until > :today)
    ORDER BY u.ubigeo = d.ubigeo DESC,
             coalesce(u.ubigeo = d.ubigeo AND u.id = CAST(:first_id AS integer), false) DESC,
             coalesce(ST_Covers(j.geom, ST_PointOnSurface(d.geom)), false) DESC,
             ST_DistanceSphere(u.point, ST_PointOnSurface(d.geom)), u.code
    LIMIT 1
) AS station ON true
WHERE d.ubigeo = :ubigeo
""")

# A desk answers for everything below its parent (a parent that is itself specialised is climbed
# through), or, with a polygon of its own, for that; one without parent answers for the country.
SPECIALISED = text("""
WITH RECURSIVE desk AS (
    SELECT u.id, u.code, u.parent_id, j.geom FROM police_unit u
    LEFT JOIN jurisdiction j ON j.unit_id = u.id AND j.valid_until IS NULL
    WHERE u.kind = 'especializada' AND u.matters @> ARRAY[CAST(:matter AS varchar)]
      AND u.valid_from <= :today AND (u.valid_until IS NULL OR u.valid_until > :today)
),
anchor (desk_id, unit_id, step) AS (
    SELECT id, parent_id, 1 FROM desk
    UNION ALL
    SELECT a.desk_id, p.parent_id, a.step + 1 FROM anchor a
    JOIN police_unit p ON p.id = a.unit_id AND p.kind = 'especializada'
    WHERE a.step < :max_depth
),
chain (unit_id, step) AS (
    SELECT coalesce(CAST(:comisaria_id AS integer), (
        SELECT u.id FROM police_unit u
        WHERE u.kind = 'comisaria' AND left(u.ubigeo, 2) = left(CAST(:ubigeo AS varchar), 2)
          AND u.valid_from <= :today AND (u.valid_until IS NULL OR u.valid_until > :today)
        ORDER BY left(u.ubigeo, 4) = left(CAST(:ubigeo AS varchar), 4) DESC, u.code LIMIT 1)), 0
    UNION ALL
    SELECT u.parent_id, c.step + 1 FROM chain c JOIN police_unit u ON u.id = c.unit_id
    WHERE c.step < :max_depth
),
here AS (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS point),
answer AS (
    SELECT desk.id, desk.code, 0 AS rank, 0 AS step
    FROM desk, here WHERE ST_Covers(desk.geom, here.point)
    UNION ALL
    SELECT desk.id, desk.code, 1, chain.step
    FROM here, desk JOIN anchor ON anchor.desk_id = desk.id
    JOIN chain ON chain.unit_id = anchor.unit_id
    WHERE desk.geom IS NULL OR here.point IS NULL
    UNION ALL
    SELECT desk.id, desk.code, 2, 0
    FROM here, desk JOIN anchor ON anchor.desk_id = desk.id AND anchor.unit_id IS NULL
    WHERE desk.geom IS NULL
)
SELECT id FROM answer ORDER BY rank, step, code LIMIT 1
""")

NEAREST = text("""
SELECT id, name, phone, ubigeo, ST_Y(point) AS lat, ST_X(point) AS lon,
       ST_DistanceSphere(point, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) AS distance_m
FROM (
    SELECT * FROM police_unit
    WHERE kind = 'comisaria' AND name IS NOT NULL AND is_basic
      AND valid_from <= :today AND (valid_until IS NULL OR valid_until > :today)
    ORDER BY point <-> ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) LIMIT :some
) AS candidate
WHERE point IS NOT NULL
ORDER BY distance_m, id LIMIT :limit
""")

# Geometries are kept in degrees for routing and turned into metres here: thinning them first to
# about half a pixel makes that cheap.
BORDER_TILE = text("""
WITH edge AS (
    SELECT tile, ST_Transform(ST_Expand(tile, :margin_m), 4326) AS degrees
    FROM (SELECT ST_TileEnvelope(:z, :x, :y) AS tile) AS envelope
),
distritos AS (
    SELECT d.ubigeo, d.name AS nombre, ST_AsMVTGeom(
        ST_Transform(ST_Simplify(d.geom, :tolerance, true), 3857), edge.tile, :extent, 64) AS geom
    FROM edge JOIN district d ON d.geom && edge.degrees
    WHERE :z >= :districts_from
),
jurisdicciones AS (
    SELECT u.name AS nombre, j.is_provisional AS provisional, ST_AsMVTGeom(
        ST_Transform(ST_Simplify(j.geom, :tolerance, true), 3857), edge.tile, :extent, 64) AS geom
    FROM edge JOIN jurisdiction j ON j.valid_until IS NULL AND j.geom && edge.degrees
    JOIN police_unit u ON u.id = j.unit_id AND u.kind = 'comisaria'
    WHERE :z >= :jurisdictions_from
)
SELECT (SELECT ST_AsMVT(distritos, 'distritos', :extent, 'geom') FROM distritos)
    || (SELECT ST_AsMVT(jurisdicciones, 'jurisdicciones', :extent, 'geom') FROM jurisdicciones)
""")
