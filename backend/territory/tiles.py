"""Vector tiles of the borders of districts and jurisdictions, for maps without a base map."""

from sqlalchemy import text

from backend.db import db
from backend.errors import NotFound

MAX_ZOOM = 18
DISTRICTS_FROM_ZOOM = 5
JURISDICTIONS_FROM_ZOOM = 9
EXTENT = 4096

# Geometries are kept in degrees for routing and turned into metres here: thinning them first to
# about half a pixel makes that cheap.
_TILE = text("""
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


def border_tile(z: int, x: int, y: int) -> bytes:
    """The Mapbox vector tile with the layers `distritos` and `jurisdicciones`; may be empty."""
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise NotFound("Ese cuadro del mapa no existe.")
    pixel_degrees = 360 / 2**z / 512
    ask = {
        "z": z,
        "x": x,
        "y": y,
        "extent": EXTENT,
        "tolerance": pixel_degrees / 2,
        "margin_m": 40_075_017 / 2**z / 32,
        "districts_from": DISTRICTS_FROM_ZOOM,
        "jurisdictions_from": JURISDICTIONS_FROM_ZOOM,
    }
    return bytes(db.session.execute(_TILE, ask).scalar_one())
