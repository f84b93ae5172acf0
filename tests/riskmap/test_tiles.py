"""What tiles hold, and who may ask for which."""

from datetime import date
from math import asinh, pi, radians, tan
from typing import Any

import h3
import mapbox_vector_tile
import pytest
from geoalchemy2 import WKTElement
from sqlalchemy import insert, select

from backend.catalog.services import load_catalog
from backend.db import db, transaction
from backend.errors import InvalidInput
from backend.riskmap import services
from backend.riskmap.models import Capa
from backend.riskmap.queries import (
    AnalystView,
    analyst_tile,
    highest_cells,
    public_tile,
    resolution_at,
    zone_classes,
)
from backend.territory.models import FALLBACK_DESK_CODE, Jurisdiction, PoliceUnit

from .builders import (
    DAYS,
    DISTRICT_CELL,
    NOW,
    QUARTER_CELLS,
    a_report,
    block,
)

CATALOG = load_catalog()
COUNTRY = AnalystView(Capa.DELITO, NOW, None)
pytestmark = pytest.mark.usefixtures("app")


def tile_of(cell: str, z: int) -> tuple[int, int, int]:
    """The tile in which a cell's centre lies."""
    lat, lon = h3.cell_to_latlng(cell)
    x = int((lon + 180) / 360 * 2**z)
    y = int((1 - asinh(tan(radians(lat))) / pi) / 2 * 2**z)
    return z, x, y


def features(tile: bytes) -> dict[str, dict[str, Any]]:
    """Properties by cell."""
    layers = mapbox_vector_tile.decode(tile)
    assert set(layers) <= {"riesgo"}
    found = layers.get("riesgo", {"features": []})["features"]
    return {feature["properties"]["celda"]: feature["properties"] for feature in found}


def three_robberies(cell: str) -> None:
    for n in range(3):
        a_report(cell, occurred_at=NOW - (10 + n) * DAYS)


def test_the_public_tile_has_classes_and_nothing_else():
    three_robberies(block(0, 0))
    services.rebuild(CATALOG)
    services.publish_public_layer(NOW)

    tile = public_tile(Capa.DELITO, *tile_of(block(0, 0), 14))

    assert features(tile) == {block(0, 0): {"celda": block(0, 0), "clase": 1}}
    shape = mapbox_vector_tile.decode(tile)["riesgo"]["features"][0]["geometry"]
    assert shape["type"] == "Polygon"
    assert len(shape["coordinates"][0]) >= 4


def test_an_empty_tile_is_empty():
    assert public_tile(Capa.DELITO, *tile_of(block(0, 0), 14)) == b""


def test_wide_cells_lie_under_the_fine_ones():
    three_robberies(block(0, 0))
    for n in (1, 2, 3):
        a_report(block(0, n))
    services.rebuild(CATALOG)
    services.publish_public_layer(NOW)

    tile = public_tile(Capa.DELITO, *tile_of(block(0, 0), 12))

    assert list(features(tile)) == [QUARTER_CELLS[0], block(0, 0)]


def test_analysts_see_number_and_score_as_of_now():
    three_robberies(block(0, 0))
    services.rebuild(CATALOG)

    tile = tile_of(block(0, 0), 14)
    then = features(analyst_tile(AnalystView(Capa.DELITO, NOW - 10 * DAYS, None), *tile))
    later = features(analyst_tile(AnalystView(Capa.DELITO, NOW + 80 * DAYS, None), *tile))

    assert then[block(0, 0)]["n"] == 3
    assert then[block(0, 0)]["score"] == pytest.approx(2.977, abs=0.001)
    assert later[block(0, 0)]["score"] == pytest.approx(2.977 / 2, abs=0.001)


def test_the_highest_cells_come_first_with_all_facts_counted():
    for cell, times in ((block(0, 0), 1), (block(0, 1), 3), (block(2, 2), 2)):
        for n in range(times):
            a_report(cell, occurred_at=NOW - (10 + n) * DAYS)
    services.rebuild(CATALOG)

    ranking = highest_cells(COUNTRY, limit=2)

    assert [cell.celda for cell in ranking.cells] == [block(0, 1), block(2, 2)]
    assert [cell.facts for cell in ranking.cells] == [3, 2]
    assert ranking.facts == 6


def test_analysts_choose_group_and_band():
    a_report(block(0, 0), categoria="robo", occurred_at=NOW - 10 * DAYS)
    a_report(block(0, 1), categoria="robo_celular", occurred_at=NOW.replace(hour=4) - 10 * DAYS)
    services.rebuild(CATALOG)
    tile = tile_of(block(0, 0), 13)

    def seen(**which: str) -> set[str]:
        return set(features(analyst_tile(AnalystView(Capa.DELITO, NOW, None, **which), *tile)))

    assert seen() == {block(0, 0), block(0, 1)}
    assert seen(grupo="robo") == {block(0, 0)}
    assert seen(band="noche") == {block(0, 1)}
    assert seen(grupo="robo", band="noche") == set()


def test_zooming_out_joins_cells():
    a_report(block(0, 0))
    a_report(block(1, 0))
    services.rebuild(CATALOG)

    for z, expected in (
        (8, {DISTRICT_CELL}),
        (11, {QUARTER_CELLS[0], QUARTER_CELLS[1]}),
        (12, {block(0, 0), block(1, 0)}),
    ):
        tile = analyst_tile(COUNTRY, *tile_of(DISTRICT_CELL, z))
        assert set(features(tile)) == expected


@pytest.mark.parametrize(("z", "resolution"), [(5, 7), (9, 7), (10, 8), (11, 8), (12, 9), (16, 9)])
def test_the_zoom_chooses_the_cells(z: int, resolution: int):
    assert resolution_at(z) == resolution


def a_comisaria_of(cell: str) -> int:
    """A unit that answers for one res-8 cell."""
    ring = [f"{lon} {lat}" for lat, lon in h3.cell_to_boundary(cell)]
    area = WKTElement(f"MULTIPOLYGON((({', '.join([*ring, ring[0]])})))", srid=4326)
    with transaction():
        unit_id = db.session.execute(
            insert(PoliceUnit)
            .values(
                code=f"C-{cell}",
                kind="comisaria",
                name="Comisaría",
                valid_from=date(2026, 1, 1),
                source="test",
            )
            .returning(PoliceUnit.id)
        ).scalar_one()
        db.session.execute(
            insert(Jurisdiction).values(
                unit_id=unit_id,
                geom=area,
                is_provisional=True,
                source="test",
                valid_from=date(2026, 1, 1),
            )
        )
    return int(unit_id)


def test_an_analyst_sees_the_cells_of_the_own_units_area_only():
    own = a_comisaria_of(QUARTER_CELLS[0])
    other = a_comisaria_of(QUARTER_CELLS[1])
    nobody = db.session.scalars(
        select(PoliceUnit.id).where(PoliceUnit.code == FALLBACK_DESK_CODE)
    ).one()
    here, there = (h3.cell_to_center_child(quarter, 9) for quarter in QUARTER_CELLS[:2])
    a_report(here)
    a_report(there)
    services.rebuild(CATALOG)

    def seen(*units: int) -> set[str]:
        z, x, y = tile_of(DISTRICT_CELL, 12)
        view = AnalystView(Capa.DELITO, NOW, units)
        tiled = set(features(analyst_tile(view, z, x, y)))
        ranking = highest_cells(view)
        assert tiled == {cell.celda for cell in ranking.cells}
        assert ranking.facts == len(tiled)
        return tiled

    assert seen(own) == {here}
    assert seen(other) == {there}
    assert seen(own, other) == {here, there}
    assert seen(nobody) == set()
    assert seen() == set()


@pytest.mark.parametrize(
    ("z", "x", "y", "field"),
    [
        (9, 0, 0, "z"),
        (17, 0, 0, "z"),
        (-1, 0, 0, "z"),
        (14, -1, 0, "x"),
        (14, 2**14, 0, "x"),
        (14, 0, 2**14, "y"),
        (14, 0, -(10**30), "y"),
    ],
)
def test_tiles_that_do_not_exist_are_refused_in_spanish(z: int, x: int, y: int, field: str):
    with pytest.raises(InvalidInput) as refusal:
        public_tile(Capa.DELITO, z, x, y)

    assert refusal.value.errors[0].field == field


@pytest.mark.parametrize("cell", ["", "no", QUARTER_CELLS[0], "8" * 400, "ñ", "0" * 15])
def test_only_res_7_cells_can_be_asked_for(cell: str):
    with pytest.raises(InvalidInput):
        zone_classes(cell)
