"""`GET /riesgo/…`: what a phone gets of the public risk map."""

import gzip
from datetime import timedelta

import mapbox_vector_tile
import pytest
from flask.testing import FlaskClient

from backend.catalog.services import load_catalog
from backend.riskmap import services
from tests.riskmap.builders import DISTRICT_CELL, NOW, a_report, block
from tests.riskmap.test_tiles import tile_of

CATALOG = load_catalog()
Z, X, Y = tile_of(block(0, 0), 14)


@pytest.fixture
def published(client: FlaskClient) -> FlaskClient:
    """A client of an installation with one drawn cell."""
    for days in range(3):
        a_report(block(0, 0), occurred_at=NOW - timedelta(days=days + 10))
    services.rebuild(CATALOG)
    services.publish_public_layer(NOW)
    return client


def test_a_tile_holds_the_class(published: FlaskClient):
    answer = published.get(f"/api/v1/riesgo/delito/{Z}/{X}/{Y}.mvt")

    assert answer.status_code == 200
    assert answer.mimetype == "application/vnd.mapbox-vector-tile"
    features = mapbox_vector_tile.decode(answer.data)["riesgo"]["features"]
    assert [one["properties"] for one in features] == [{"celda": block(0, 0), "clase": 1}]


def test_a_phone_asks_again_and_pays_nothing(published: FlaskClient):
    url = f"/api/v1/riesgo/delito/{Z}/{X}/{Y}.mvt"
    first = published.get(url)

    second = published.get(url, headers={"If-None-Match": first.headers["ETag"]})

    assert "max-age" in first.headers["Cache-Control"]
    assert (second.status_code, second.data) == (304, b"")


def test_a_new_publication_is_seen_at_once(published: FlaskClient):
    url = f"/api/v1/riesgo/delito/{Z}/{X}/{Y}.mvt"
    old = published.get(url)
    for days in range(3):
        a_report(block(0, 1), occurred_at=NOW - timedelta(days=days + 10))
    services.rebuild(CATALOG)
    services.publish_public_layer(NOW + timedelta(hours=1))

    new = published.get(url, headers={"If-None-Match": old.headers["ETag"]})

    assert new.status_code == 200
    assert len(mapbox_vector_tile.decode(new.data)["riesgo"]["features"]) == 2


def test_compressed_for_whoever_can_read_it(published: FlaskClient):
    url = f"/api/v1/riesgo/delito/{Z}/{X}/{Y}.mvt"
    plain = published.get(url)

    small = published.get(url, headers={"Accept-Encoding": "gzip"})

    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert small.headers["Vary"] == "Accept-Encoding"


def test_nothing_here_is_an_empty_tile(client: FlaskClient):
    answer = client.get(f"/api/v1/riesgo/riesgo/{Z}/{X}/{Y}.mvt")

    assert (answer.status_code, answer.data) == (200, b"")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("delito/9/0/0.mvt", 422),
        ("delito/14/16384/0.mvt", 422),
        ("delito/14/0/99999999999999999999.mvt", 422),
        ("delito/14/-1/0.mvt", 404),
        ("homicidios/14/0/0.mvt", 404),
        ("zonas/nada", 422),
        (f"zonas/{block(0, 0)}", 422),
        (f"zonas/{DISTRICT_CELL}?capa=homicidios", 422),
    ],
)
def test_wrong_addresses_get_a_clear_answer(client: FlaskClient, path: str, status: int):
    answer = client.get(f"/api/v1/riesgo/{path}")

    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json and answer.json["detail"]


def test_the_classes_around_a_wide_cell(published: FlaskClient):
    answer = published.get(f"/api/v1/riesgo/zonas/{DISTRICT_CELL}?capa=delito")

    assert answer.json == {
        "celdas": [{"celda": block(0, 0), "clase": 1}],
        "publicado_en": NOW.isoformat(),
    }


def test_both_maps_together_unless_asked(published: FlaskClient):
    both = published.get(f"/api/v1/riesgo/zonas/{DISTRICT_CELL}")
    factors = published.get(f"/api/v1/riesgo/zonas/{DISTRICT_CELL}?capa=riesgo")

    assert both.json and len(both.json["celdas"]) == 1
    assert factors.json and factors.json["celdas"] == []


def test_before_the_first_publication_there_is_no_date(client: FlaskClient):
    answer = client.get(f"/api/v1/riesgo/zonas/{DISTRICT_CELL}")

    assert answer.json == {"celdas": [], "publicado_en": None}
