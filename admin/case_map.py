"""What the map of a case draws, as GeoJSON: point with its doubt, or cell; whose ground it is."""

import json
from typing import Any

import h3
from sqlalchemy import text

from backend.db import db
from backend.reports.models import Report

# A border of thousands of vertices is drawn at about ten metres.
GROUND = text("""
SELECT ST_AsGeoJSON(ST_SimplifyPreserveTopology(geom, 0.0001), 6), is_provisional
FROM jurisdiction WHERE id = :id
""")
DOUBT = text("""
SELECT ST_AsGeoJSON(ST_Buffer(point::geography, :metres)::geometry, 6)
FROM report WHERE id = :id
""")


def map_of(report: Report) -> dict[str, Any]:
    """Features by what they are; a sensitive report has its cell and nothing finer."""
    drawn: dict[str, Any] = {"punto": None, "duda": None, "celda": None, "jurisdiccion": None}
    if report.point is not None:
        lat, lon = report.lat_lon
        drawn["punto"] = {"type": "Point", "coordinates": [lon, lat]}
        if report.accuracy_m:
            asked = {"id": report.id, "metres": report.accuracy_m}
            drawn["duda"] = json.loads(db.session.execute(DOUBT, asked).scalar_one())
    elif report.cell is not None:
        ring = [[lon, lat] for lat, lon in h3.cell_to_boundary(report.cell)]
        drawn["celda"] = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    if report.jurisdiction_id is not None:
        ground, _ = db.session.execute(GROUND, {"id": report.jurisdiction_id}).one()
        drawn["jurisdiccion"] = json.loads(ground)
    return drawn
