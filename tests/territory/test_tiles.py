"""Tiles draw the borders of our own territory where there is no base map."""

import math

import pytest

from backend.errors import NotFound
from backend.territory import queries
from tests.territory.builders import (
    KM,
    district,
    drawn_cells,
    stored_districts,
    stored_units,
    unit,
)

LAT, LON = -12.0, -77.0


def tile_of(z, lat=LAT + KM, lon=LON + KM):
    x = int((lon + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
    return z, x, y


@pytest.fixture
def ground(db):
    stored_districts(district("150101", LAT, LON))
    stored_units(unit("A", lat=LAT + KM, lon=LON + KM))
    drawn_cells()


def test_a_tile_holds_both_layers_with_their_names(db, ground):
    tile = queries.border_tile(*tile_of(13))
    for word in (b"distritos", b"jurisdicciones", b"Distrito 150101", b"Comisar", b"provisional"):
        assert word in tile


def test_from_far_away_only_districts_and_elsewhere_nothing(db, ground):
    far = queries.border_tile(*tile_of(6))
    assert b"distritos" in far
    assert b"jurisdicciones" not in far
    assert queries.border_tile(*tile_of(13, lat=-5.0)) == b""


@pytest.mark.parametrize("tile", [(-1, 0, 0), (19, 0, 0), (3, 8, 0), (3, 0, 8), (3, -1, 0)])
def test_a_tile_that_does_not_exist_is_not_found(db, tile):
    with pytest.raises(NotFound):
        queries.border_tile(*tile)
