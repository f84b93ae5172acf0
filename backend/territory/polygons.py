"""Reads one GeoJSON polygon, mends or refuses it; `rows` asks."""

import math
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from backend.territory.location import PERU_OUTLINE
from backend.territory.models import WGS84

# A repair that moves more of the area than this is a drawing error for a person to mend.
MAX_REPAIR_SHARE = 0.01
PERU = shapely.Polygon([(lon, lat) for lat, lon in PERU_OUTLINE])


class Wrong(ValueError):
    """A value that cannot be taken; the message is the reason, in words for the operator."""


def ewkb_of(geometry: Any) -> bytes:
    """The polygon as PostGIS reads it, repaired where that hardly changes its area."""
    polygon = read_polygon(geometry)
    if not polygon.is_valid:
        polygon = _repaired(polygon)
    if not shapely.covers(PERU, polygon):
        raise Wrong("el polígono se sale del Perú (¿latitud y longitud al revés?)")
    if isinstance(polygon, shapely.Polygon):
        polygon = shapely.MultiPolygon([polygon])
    return shapely.to_wkb(shapely.set_srid(polygon, WGS84), byte_order=1, include_srid=True)


def read_polygon(geometry: Any) -> BaseGeometry:
    """The flat polygon or multipolygon of a GeoJSON geometry, as it was drawn; raises `Wrong`."""
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise Wrong("la geometría no es un polígono")
    try:
        if not _all_finite(geometry["coordinates"]):
            raise ValueError("NaN or infinity")
        polygon = shapely.force_2d(shape(geometry))
    except (
        ShapelyError,
        ValueError,
        TypeError,
        AttributeError,
        LookupError,
        ArithmeticError,
    ) as error:
        raise Wrong("las coordenadas del polígono no se pueden leer") from error
    if polygon.is_empty:
        raise Wrong("el polígono está vacío")
    return polygon


def _all_finite(coordinates: Any) -> bool:
    if isinstance(coordinates, list):
        return all(map(_all_finite, coordinates))
    return math.isfinite(coordinates)


def _repaired(polygon: BaseGeometry) -> BaseGeometry:
    """What ST_MakeValid gives (the same GEOS routine), without its stray lines and points."""
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(polygon)))
    mended = shapely.union_all([part for part in parts if part.geom_type == "Polygon"])
    change = abs(mended.area - polygon.area) / polygon.area if polygon.area else math.inf
    if mended.is_empty or change > MAX_REPAIR_SHARE:
        reason = shapely.is_valid_reason(polygon)
        raise Wrong(f"el polígono está mal dibujado y repararlo cambiaría su área ({reason})")
    return mended
