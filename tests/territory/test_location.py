"""A location is a point in Peru, give or take the drift of a phone near the border."""

import gzip
import json
import math

import pytest
import shapely

from backend.errors import InvalidInput
from backend.territory.location import Location, in_peru
from backend.territory.polygons import PERU

CLOSE_TO_THE_BORDER = {"Arica": (-18.478, -70.32), "Leticia": (-4.21, -69.94)}
INSIDE = {
    "Lima": (-12.046, -77.043),
    "Ilo": (-17.645, -71.344),
    "Iquitos": (-3.749, -73.253),
    "Puno, on the lake": (-15.84, -69.9),
    "Isla San Lorenzo": (-12.09, -77.22),
}
ELSEWHERE = {
    "La Paz": (-16.5, -68.15),
    "Quito": (-0.18, -78.47),
    "Guayaquil": (-2.19, -79.88),
    "Iquique": (-20.21, -70.15),
    "Null Island": (0.0, 0.0),
    "latitude and longitude swapped": (-77.04, -12.05),
    "sign lost": (12.05, 77.04),
}


@pytest.mark.parametrize("place", [*INSIDE.values(), *CLOSE_TO_THE_BORDER.values()])
def test_peru_and_a_drift_around_it_are_accepted(place):
    assert Location(*place).lat == place[0]


@pytest.mark.parametrize("place", ELSEWHERE.values(), ids=ELSEWHERE)
def test_other_countries_are_refused_in_words(place):
    with pytest.raises(InvalidInput, match="fuera del Perú"):
        Location(*place)


@pytest.mark.parametrize("nonsense", [math.nan, math.inf, -math.inf, 1e308])
def test_nonsense_is_refused_field_by_field(nonsense):
    with pytest.raises(InvalidInput) as refused:
        Location(nonsense, nonsense, -1)
    assert [error.field for error in refused.value.errors] == ["lat", "lon", "precision_m"]


def test_a_poor_accuracy_is_accepted_and_an_impossible_one_is_not():
    assert Location(-12.05, -77.04, 90_000).accuracy_m == 90_000
    for accuracy in (math.nan, math.inf, -0.1):
        with pytest.raises(InvalidInput):
            Location(-12.05, -77.04, accuracy)


def test_python_and_the_polygon_agree_on_where_peru_is():
    for lat in range(-20, 2):
        for lon in range(-83, -67):
            lat_, lon_ = lat + 0.37, lon + 0.41
            assert in_peru(lat_, lon_) == PERU.covers(shapely.Point(lon_, lat_))


def test_the_outline_keeps_25_km_around_every_department(shared):
    text = gzip.decompress((shared / "territory" / "peru_departamentos.geojson.gz").read_bytes())
    for feature in json.loads(text)["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        assert PERU.covers(shape.buffer(25 / 111))
