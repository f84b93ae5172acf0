"""Small invented territories for the tests: stations on a line, square districts."""

from datetime import date

from backend.territory.files import Raw
from backend.territory.services import (
    draw_provisional_cells,
    import_districts,
    import_jurisdictions,
    import_units,
)

TODAY = date(2026, 11, 21)
# About a kilometre at these latitudes.
KM = 0.009


def unit(code, **values):
    """A raw row of a comisaría in the middle of Lima, unless told otherwise."""
    row = {"codigo": code, "nombre": f"Comisaría {code}", "tipo": "comisaria", "padre": ""}
    row |= {"ubigeo": "150101", "lat": "-12.05", "lon": "-77.04", "telefono": "", "materias": ""}
    row |= {"basica": "1", "vigente_desde": "2020-01-01", "vigente_hasta": ""}
    return row | {name: str(value) for name, value in values.items()}


def above(code, kind, **values):
    """A unit without a position: region, DIVPOL, desk or sector."""
    return unit(code, tipo=kind, lat="", lon="", ubigeo="", basica="0", **values)


def raws(*rows):
    """Rows as a CSV gives them: the first stands on line 2, under the header."""
    return [Raw(number, row) for number, row in enumerate(rows, 2)]


def square(lat, lon, side=2 * KM):
    """A GeoJSON polygon whose south-western corner is the point."""
    ring = [[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]
    return {"type": "Polygon", "coordinates": [ring]}


def district(ubigeo, lat, lon, side=2 * KM):
    names = {"distrito": f"Distrito {ubigeo}", "provincia": "P", "departamento": "D"}
    return Raw(1, {"ubigeo": ubigeo} | names, square(lat, lon, side))


def polygon_of(code, geometry, number=1, **values):
    return Raw(number, {"codigo": code} | values, geometry)


def stored_units(*rows):
    return import_units(raws(*rows), "prueba", TODAY)


def stored_districts(*features):
    return import_districts(list(features), "prueba")


def stored_polygons(*features, today=TODAY):
    return import_jurisdictions(list(features), "prueba", today)


def drawn_cells(today=TODAY):
    return draw_provisional_cells(today)
