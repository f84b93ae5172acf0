"""What maps draw: tiles and classes for citizens, tiles with scores for analysts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import h3
from sqlalchemy import text

from backend.clock import in_lima
from backend.db import db
from backend.errors import wrong_field
from backend.identity.models import RoleName, Staff
from backend.riskmap.models import (
    ALL,
    FINEST,
    HALF_LIFE_DAYS,
    REFERENCE,
    Capa,
    RiskPublication,
)
from backend.territory.queries import subtree_ids

# Wider tiles would hold a whole region's res-9 cells, each smaller than a pixel; closer ones
# add no detail, so maps stretch the last zoom.
PUBLIC_ZOOMS = range(10, 17)
ANALYST_ZOOMS = range(5, 17)
RES_7 = re.compile(r"87[0-9a-f]{13}")  # the library overflows on longer texts
SECONDS_PER_DAY = 86_400


class Publication(NamedTuple):
    """Which snapshot of the public layer is shown; equal versions mean equal maps."""

    version: str
    published_at: datetime | None


class PublicZone(NamedTuple):
    """A drawn cell and its class within its district, 1 (fewer reports) to 4 (more)."""

    celda: str
    clase: int


@dataclass(frozen=True, slots=True)
class AnalystView:
    """What an analyst looks at: one map, a group and a band or all, as of an instant.

    Only what lies in jurisdictions of `units`; None means the whole country.
    """

    capa: Capa
    now: datetime
    units: Sequence[int] | None
    grupo: str = ALL
    band: str = ALL


class RankedCell(NamedTuple):
    celda: str
    facts: int
    score: float


class Ranking(NamedTuple):
    """The first cells, and how many facts there are in all that is in sight."""

    cells: list[RankedCell]
    facts: int


# Coarse cells first: they are drawn under the finer ones that lie in them.
_PUBLIC_TILE = """
    SELECT ST_AsMVT(shape, 'riesgo') FROM (
        SELECT cell AS celda, clase,
               ST_AsMVTGeom(geom, ST_TileEnvelope(:z, :x, :y), 4096, 64) AS geom
        FROM public_cell
        WHERE capa = :capa AND geom && ST_TileEnvelope(:z, :x, :y, margin => 64.0 / 4096)
        ORDER BY resolution
    ) AS shape
"""

# A cell belongs where its centre lies; outside every jurisdiction only the whole country has it.
_CELLS_IN_SIGHT = """
    FROM risk_hexagon h
    JOIN risk_cell c ON c.cell = h.cell
         AND c.capa = :capa AND c.grupo = :grupo AND c.band = :band
    WHERE h.resolution = :resolution AND (:everywhere OR EXISTS (
        SELECT FROM jurisdiction j
        WHERE j.unit_id = ANY(:units) AND j.valid_from <= :today AND j.valid_until IS NULL
        AND ST_Intersects(j.geom, ST_Transform(ST_Centroid(h.geom), 4326))))
"""
_ANALYST_TILE = f"""
    SELECT ST_AsMVT(shape, 'riesgo') FROM (
        SELECT h.cell AS celda, c.facts AS n, c.score_at_reference * :decay AS score,
               ST_AsMVTGeom(h.geom, ST_TileEnvelope(:z, :x, :y), 4096, 64) AS geom
        {_CELLS_IN_SIGHT}
        AND h.geom && ST_TileEnvelope(:z, :x, :y, margin => 64.0 / 4096)
    ) AS shape
"""  # noqa: S608  # constants above
_HIGHEST = f"""
    SELECT c.cell, c.facts, c.score_at_reference * :decay AS score, sum(c.facts) OVER () AS total
    {_CELLS_IN_SIGHT}
    ORDER BY score DESC, c.cell LIMIT :limit
"""


def area_of(staff: Staff) -> list[int] | None:
    """The units whose ground this member of staff may see on the map; None: the whole country.

    That is the own unit and those below it. An analyst without a unit works for all of them;
    anybody else without one sees nothing.
    """
    if staff.unit_id is None:
        return None if staff.is_one_of(RoleName.ANALISTA) else []
    return list(db.session.scalars(subtree_ids(staff.unit_id)))


def public_tile(capa: Capa, z: int, x: int, y: int) -> bytes:
    """The citizens' snapshot in one tile: layer `riesgo`, properties `celda` and `clase`."""
    check_tile(z, x, y, PUBLIC_ZOOMS)
    return _tile(_PUBLIC_TILE, z=z, x=x, y=y, capa=capa)


def analyst_tile(view: AnalystView, z: int, x: int, y: int) -> bytes:
    """Cells in one tile: layer `riesgo`, properties `celda`, `n` and `score` as of the view."""
    check_tile(z, x, y, ANALYST_ZOOMS)
    return _tile(_ANALYST_TILE, z=z, x=x, y=y, **_in_sight(view, resolution_at(z)))


def highest_cells(view: AnalystView, limit: int = 10) -> Ranking:
    """The finest cells with the highest scores, for who does not see the map."""
    asked = _in_sight(view, FINEST) | {"limit": limit}
    rows = db.session.execute(text(_HIGHEST), asked).all()
    cells = [RankedCell(row.cell, row.facts, row.score) for row in rows]
    return Ranking(cells, int(rows[0].total) if rows else 0)


def zone_classes(cell_r7: str, capa: Capa = Capa.INTEGRADO) -> list[PublicZone]:
    """Every drawn cell inside one res-7 cell, so that nobody need say where they stand."""
    if not (RES_7.fullmatch(cell_r7) and h3.is_valid_cell(cell_r7)):
        raise wrong_field("celda", "Indica una celda H3 de resolución 7.")
    rows = db.session.execute(
        text(
            "SELECT cell, clase FROM public_cell WHERE cell_7 = :cell AND capa = :capa"
            " ORDER BY cell"
        ),
        {"cell": cell_r7, "capa": capa},
    )
    return [PublicZone(*row) for row in rows]


def publication() -> Publication:
    """The version of the public layer, for ETags, and when it was made."""
    row = db.session.get(RiskPublication, 1)
    return Publication(row.version, row.published_at) if row else Publication("0", None)


def decay(capa: Capa, now: datetime) -> float:
    """What a sum seen from REFERENCE is multiplied with to be seen from `now`."""
    days = (now - REFERENCE).total_seconds() / SECONDS_PER_DAY
    return float(2 ** -(days / HALF_LIFE_DAYS[capa]))


def resolution_at(zoom: int) -> int:
    """The cells to draw: a tile holds about 2,000 of them at most."""
    if zoom <= 9:
        return 7
    return 8 if zoom <= 11 else 9


def check_tile(z: int, x: int, y: int, zooms: range) -> None:
    """Raise `InvalidInput` unless the tile exists and its zoom is served."""
    if z not in zooms:
        raise wrong_field("z", f"El nivel de acercamiento va de {zooms[0]} a {zooms[-1]}.")
    for name, value in (("x", x), ("y", y)):
        if not 0 <= value < 2**z:
            raise wrong_field(name, f"En ese nivel, {name} va de 0 a {2**z - 1}.")


def _in_sight(view: AnalystView, resolution: int) -> dict[str, Any]:
    return {
        "capa": view.capa,
        "grupo": view.grupo,
        "band": view.band,
        "resolution": resolution,
        "decay": decay(view.capa, view.now),
        "everywhere": view.units is None,
        "units": list(view.units or ()),
        "today": in_lima(view.now).date(),
    }


def _tile(statement: str, **values: Any) -> bytes:
    return bytes(db.session.execute(text(statement), values).scalar_one() or b"")
