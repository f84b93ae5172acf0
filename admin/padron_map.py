"""What the map of a junta draws, as GeoJSON: its area, and whose ground it lies in."""

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import text

from backend.boards.models import JuntaVecinal
from backend.boards.queries import area_of
from backend.db import db
from backend.territory.queries import today

LIMA = (-12.05, -77.05)
# A border of thousands of vertices is drawn at about ten metres.
GROUND = text("""
SELECT ST_Y(u.point) AS lat, ST_X(u.point) AS lon,
    (SELECT ST_AsGeoJSON(ST_SimplifyPreserveTopology(j.geom, 0.0001), 5) FROM jurisdiction j
     WHERE j.unit_id = u.id AND j.valid_from <= :on
     AND (j.valid_until IS NULL OR j.valid_until > :on)
     ORDER BY j.id DESC LIMIT 1) AS ground
FROM police_unit u WHERE u.id = :unit_id
""")
SIZE = text("SELECT ST_Area(geom::geography) / 1e4 FROM junta_vecinal WHERE id = :id")


@dataclass(frozen=True)
class JuntaMap:
    """Where to look, the own ground, and the area, if it has been drawn."""

    lat: float
    lon: float
    ground: str | None
    area: str | None
    hectares: float | None

    @property
    def size_words(self) -> str:
        """How large it is, for who sees no map."""
        size = self.hectares or 0
        return str(_("%(n)s hectáreas", n=f"{size:.1f}" if size < 100 else f"{size:.0f}"))


def map_of(junta: JuntaVecinal) -> JuntaMap:
    """Everything that the page of a junta needs to draw it."""
    asked = {"unit_id": junta.unit_id, "on": today()}
    row = db.session.execute(GROUND, asked).one()
    lat, lon = (row.lat, row.lon) if row.lat is not None else LIMA
    hectares = db.session.execute(SIZE, {"id": junta.id}).scalar()
    return JuntaMap(lat, lon, row.ground, area_of(junta.id), hectares)
