"""The risk map for analysts and chiefs: cells of their own ground, as a map and as a table."""

from dataclasses import dataclass

import h3
from flask import Response, render_template, request

from admin.access import current_staff
from admin.blueprint import blueprint
from backend import clock
from backend.app import parts_of
from backend.catalog.tables import Grupo
from backend.errors import InvalidInput
from backend.riskmap import queries as riskmap
from backend.riskmap.models import ALL, HALF_LIFE_DAYS, Band, Capa
from backend.territory.location import Location
from backend.territory.queries import nearest_units

MVT = "application/vnd.mapbox-vector-tile"
LIMA = (-12.05, -77.05)


@dataclass(frozen=True)
class Row:
    """One line of the table: a cell, where it is, and the station by which officers know it."""

    cell: riskmap.RankedCell
    lat: float
    lon: float
    near: str | None


@blueprint.get("/mapa")
def risk_map() -> str:
    """The page; its table follows the same form as the map."""
    view = _view(request.args.get("capa", Capa.INTEGRADO))
    ranking = riskmap.highest_cells(view)
    rows = [_row(cell) for cell in ranking.cells]
    return render_template(
        "panel/risk_map.html",
        view=view,
        rows=rows,
        facts=ranking.facts,
        start=(rows[0].lat, rows[0].lon) if rows else LIMA,
        groups=[(group.codigo, group.nombre) for group in _groups()],
        half_life_days=HALF_LIFE_DAYS[view.capa],
        is_whole_country=view.units is None,
    )


@blueprint.get("/mapa/<capa>/<int:z>/<int:x>/<int:y>.mvt")
def risk_tile(capa: str, z: int, x: int, y: int) -> Response:
    """One tile of it, of the officer's own ground only."""
    tile = riskmap.analyst_tile(_view(capa), z, x, y)
    return Response(tile, mimetype=MVT, headers={"Cache-Control": "private, max-age=60"})


def _row(cell: riskmap.RankedCell) -> Row:
    lat, lon = h3.cell_to_latlng(cell.celda)
    near = nearest_units(Location(lat, lon), limit=1)
    return Row(cell, lat, lon, near[0].name if near else None)


def _view(capa: str) -> riskmap.AnalystView:
    grupo, band = request.args.get("grupo", ALL), request.args.get("franja", ALL)
    is_known = (
        capa in list(Capa)
        and grupo in {ALL, *(group.codigo for group in _groups())}
        and band in {ALL, *Band}
    )
    if not is_known:
        raise InvalidInput("Ese mapa no existe. Elija de la lista.")
    area = riskmap.area_of(current_staff())
    return riskmap.AnalystView(Capa(capa), clock.now(), area, grupo, band)


def _groups() -> list[Grupo]:
    """The groups that can be on a map: those of sensible matters never are."""
    catalog = parts_of().catalog
    mapped = {one.grupo for one in catalog.categorias.values() if not one.sensible}
    return [group for code, group in catalog.grupos.items() if code in mapped]
