"""Reads the area of a junta from GeoJSON and checks it against the ground of its comisaría."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from sqlalchemy import text

from backend.db import db
from backend.errors import InvalidInput, wrong_field
from backend.territory.models import WGS84
from backend.territory.polygons import PERU, Wrong, read_polygon

MAX_TEXT = 200_000
MAX_VERTICES = 500
MAX_KM2 = 25
# Provisional jurisdictions are cells around the stations: their borders are nobody's decision.
PROVISIONAL_REACH_M = 1_000

DRAW_AGAIN = "Dibújela de nuevo, dando la vuelta a la zona sin cruzar líneas."


@dataclass(frozen=True)
class Area:
    """A checked area as PostGIS reads it, and the district that its middle lies in."""

    ewkb: bytes
    ubigeo: str | None


def read_area(unit_id: int, geojson: str, on: date) -> Area:
    """The area that a file or the map gave; `InvalidInput` says what to do instead."""
    polygon = _polygon(geojson)
    ewkb = shapely.to_wkb(shapely.set_srid(polygon, WGS84), byte_order=1, include_srid=True)
    found = db.session.execute(_GROUND, {"area": ewkb, "unit_id": unit_id, "on": on}).one()
    if found.km2 > MAX_KM2:
        raise _wrong(
            f"El área mide {found.km2:.0f} km² y el máximo es {MAX_KM2}: dibuje solo la zona que "
            "cuida esta junta."
        )
    if found.is_inside is False:
        raise _wrong(
            "El área queda fuera de la jurisdicción de su comisaría. Revise que sea la junta y el "
            "archivo correctos, o dibújela en el mapa."
        )
    return Area(ewkb, found.ubigeo)


_GROUND = text(f"""
WITH drawn AS (SELECT ST_GeomFromEWKB(:area) AS geom),
ground AS (
    SELECT geom, is_provisional FROM jurisdiction
    WHERE unit_id = :unit_id AND valid_from <= :on AND (valid_until IS NULL OR valid_until > :on)
    ORDER BY id DESC LIMIT 1
)
SELECT ST_Area(drawn.geom::geography) / 1e6 AS km2,
    (SELECT CASE WHEN is_provisional
        THEN ST_DWithin(ground.geom::geography, drawn.geom::geography, {PROVISIONAL_REACH_M})
        ELSE ST_Intersects(ground.geom, drawn.geom) END FROM ground) AS is_inside,
    coalesce(
        (SELECT ubigeo FROM district WHERE ST_Covers(district.geom, ST_Centroid(drawn.geom))
         ORDER BY ubigeo LIMIT 1),
        (SELECT ubigeo FROM police_unit WHERE id = :unit_id)
    ) AS ubigeo
FROM drawn
""")  # noqa: S608  # a constant of this module


def _polygon(geojson: str) -> shapely.MultiPolygon:
    try:
        polygon = read_polygon(_geometry(geojson))
    except Wrong as problem:
        raise _wrong(f"No se puede leer el área: {problem}. {DRAW_AGAIN}") from None
    if shapely.get_num_coordinates(polygon) > MAX_VERTICES:
        raise _wrong(f"El área tiene más de {MAX_VERTICES} puntos: dibújela con menos esquinas.")
    if not polygon.is_valid or not polygon.area:
        raise _wrong(f"Las líneas del área se cruzan o no encierran nada. {DRAW_AGAIN}")
    if not shapely.covers(PERU, polygon):
        raise _wrong(
            "El área se sale del Perú: quizá la latitud y la longitud están al revés en el archivo."
        )
    if isinstance(polygon, shapely.Polygon):
        return shapely.MultiPolygon([polygon])
    assert isinstance(polygon, shapely.MultiPolygon)  # noqa: S101  # `read_polygon` gives these two
    return polygon


def _geometry(geojson: str) -> Any:
    """The one geometry of a text, whether bare, in a feature or in a collection of one."""
    if len(geojson) > MAX_TEXT:
        raise Wrong("el archivo es demasiado grande")
    try:
        content = json.loads(geojson)
    except (ValueError, RecursionError):
        raise Wrong("no es un GeoJSON") from None
    if isinstance(content, dict) and content.get("type") == "FeatureCollection":
        features = content.get("features")
        if not isinstance(features, list) or len(features) != 1:
            raise Wrong("el archivo debe traer una sola zona")
        content = features[0]
    if isinstance(content, dict) and content.get("type") == "Feature":
        content = content.get("geometry")
    return content


def _wrong(message: str) -> InvalidInput:
    return wrong_field("area", message)
