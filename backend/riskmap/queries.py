"""What maps draw: tiles and classes for citizens, tiles with scores for analysts."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import h3
from sqlalchemy import text

from backend.db import db
from backend.errors import wrong_field
from backend.riskmap.models import (
    ALL,
    HALF_LIFE_DAYS,
    REFERENCE,
    Capa,
    RiskPublication,
)

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

_ANALYST_TILE = """
    WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box)
    SELECT ST_AsMVT(shape, 'riesgo') FROM (
        SELECT h.cell AS celda, c.facts AS n, c.score_at_reference * :decay AS score,
               ST_AsMVTGeom(h.geom, tile.box, 4096, 64) AS geom
        FROM tile
        JOIN risk_hexagon h ON h.geom && ST_TileEnvelope(:z, :x, :y, margin => 64.0 / 4096)
        JOIN risk_cell c ON c.cell = h.cell
             AND c.capa = :capa AND c.grupo = :grupo AND c.band = :band
        WHERE h.resolution = :resolution {area}
        ORDER BY h.cell
    ) AS shape
"""
_ANALYST_TILE_EVERYWHERE = _ANALYST_TILE.format(area="")
_ANALYST_TILE_OF_UNITS = _ANALYST_TILE.format(
    area="""AND EXISTS (
        SELECT FROM jurisdiction j WHERE j.unit_id = ANY(:units) AND j.valid_until IS NULL
        AND ST_Intersects(j.geom, ST_Transform(ST_Centroid(h.geom), 4326)))"""
)


def public_tile(capa: Capa, z: int, x: int, y: int) -> bytes:
    """The citizens' snapshot in one tile: layer `riesgo`, properties `celda` and `clase`."""
    check_tile(z, x, y, PUBLIC_ZOOMS)
    return _tile(_PUBLIC_TILE, z=z, x=x, y=y, capa=capa)


def analyst_tile(
    capa: Capa,
    z: int,
    x: int,
    y: int,
    *,
    now: datetime,
    units: Sequence[int] | None,
    grupo: str = ALL,
    band: str = ALL,
) -> bytes:
    """Cells in one tile: layer `riesgo`, properties `celda`, `n` and `score` as of `now`.

    Only cells whose centre lies in a jurisdiction of `units`; None means the whole country.
    """
    check_tile(z, x, y, ANALYST_ZOOMS)
    asked: dict[str, Any] = {"z": z, "x": x, "y": y, "capa": capa, "grupo": grupo, "band": band}
    asked |= {"resolution": resolution_at(z), "decay": decay(capa, now)}
    if units is None:
        return _tile(_ANALYST_TILE_EVERYWHERE, **asked)
    return _tile(_ANALYST_TILE_OF_UNITS, units=list(units), **asked)


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


def _tile(statement: str, **values: Any) -> bytes:
    return bytes(db.session.execute(text(statement), values).scalar_one() or b"")
