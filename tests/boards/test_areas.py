"""The area of a junta: what a map or a file may give, and the words when it may not."""

import json
from datetime import date

import pytest

from backend import clock
from backend.boards.areas import MAX_VERTICES, read_area
from backend.boards.models import AreaSource, JuntaVecinal
from backend.boards.queries import area_of
from backend.boards.services import set_area
from backend.db import db, transaction
from backend.errors import InvalidInput
from backend.territory.models import District, Jurisdiction
from tests.builders import Callao, a_unit
from tests.juntas import BLOCK, a_box, a_junta, an_office_account

ON = date(2026, 11, 20)
BOW_TIE = [[-77.13, -12.06], [-77.12, -12.05], [-77.12, -12.06], [-77.13, -12.05], [-77.13, -12.06]]


@pytest.fixture
def callao(app) -> Callao:
    return Callao()


def polygon(*rings) -> str:
    return json.dumps({"type": "Polygon", "coordinates": rings})


def feature(geometry, **properties) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def refusal(unit, text: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_area(unit.id, text, ON)
    assert refused.value.errors[0].field == "area"
    return refused.value.detail


@pytest.mark.parametrize(
    "drawn",
    [
        a_box(*BLOCK),
        {"type": "MultiPolygon", "coordinates": [a_box(*BLOCK)["coordinates"]]},
        feature(a_box(*BLOCK), nombre="Los Claveles"),
        {"type": "FeatureCollection", "features": [feature(a_box(*BLOCK))]},
    ],
)
def test_each_form_in_which_maps_give_an_area_is_read(callao, drawn):
    assert read_area(callao.west.id, json.dumps(drawn), ON).ubigeo == "070101"


def test_two_blocks_apart_are_one_area(callao):
    blocks = [a_box(*BLOCK), a_box(-77.126, -12.062, -77.124, -12.06)]
    drawn = {"type": "MultiPolygon", "coordinates": [one["coordinates"] for one in blocks]}
    assert read_area(callao.west.id, json.dumps(drawn), ON)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no es un GeoJSON"),
        ("<kml></kml>", "no es un GeoJSON"),
        ("[" * 5000, "no es un GeoJSON"),
        ("7", "no es un polígono"),
        ('{"type": "Point", "coordinates": [-77.1, -12.0]}', "no es un polígono"),
        ('{"type": "FeatureCollection", "features": []}', "una sola zona"),
        ('{"type": "FeatureCollection", "features": [{}, {}]}', "una sola zona"),
        ('{"type": "Feature", "geometry": null}', "no es un polígono"),
        ('{"type": "Polygon", "coordinates": []}', "vacío"),
        ('{"type": "Polygon", "coordinates": [["a"]]}', "no se pueden leer"),
        ('{"type": "Polygon", "coordinates": [[[NaN, 1], [2, 3], [4, 5], [NaN, 1]]]}', "leer"),
        (polygon(BOW_TIE), "se cruzan"),
        (polygon([[-77.13, -12.06], [-77.12, -12.05], [-77.13, -12.06]]), "leer|encierran"),
        (json.dumps(a_box(-12.062, -77.132, -12.058, -77.128)), "la longitud están al revés"),
        (" " * 200_001, "demasiado grande"),
    ],
)
def test_what_is_no_area_is_refused_with_what_to_do(callao, text, words):
    detail = refusal(callao.west, text)
    assert any(word in detail for word in words.split("|")), detail


def test_a_drawing_of_too_many_points_is_refused(callao):
    west, south, east, north = BLOCK
    step = (east - west) / MAX_VERTICES
    top = [[east - place * step, north] for place in range(MAX_VERTICES + 1)]
    assert "menos esquinas" in refusal(
        callao.west, polygon([[west, south], [east, south], *top, [west, south]])
    )


def test_a_whole_town_is_no_area_of_a_junta(callao):
    detail = refusal(callao.west, json.dumps(a_box(-77.14, -12.10, -77.09, -12.04)))
    assert "36 km²" in detail
    assert "máximo es 25" in detail


def test_outside_the_own_jurisdiction_is_refused(callao):
    inside_east = json.dumps(a_box(-77.112, -12.062, -77.108, -12.058))
    assert "fuera de la jurisdicción de su comisaría" in refusal(callao.west, inside_east)
    assert read_area(callao.east.id, inside_east, ON)


def test_an_area_across_the_border_belongs_to_both(callao):
    across = json.dumps(a_box(-77.122, -12.062, -77.118, -12.058))
    assert read_area(callao.west.id, across, ON)
    assert read_area(callao.east.id, across, ON)


def test_a_provisional_border_is_only_a_hint(callao):
    with transaction():
        db.session.query(Jurisdiction).update({"is_provisional": True})
    near = json.dumps(a_box(-77.118, -12.062, -77.114, -12.058))
    far = json.dumps(a_box(-77.105, -12.062, -77.101, -12.058))
    assert read_area(callao.west.id, near, ON)
    assert "fuera de la jurisdicción" in refusal(callao.west, far)


def test_without_a_jurisdiction_nobody_can_say_that_it_is_outside(callao):
    unit = a_unit("LEJOS", "comisaria", ubigeo="070102")
    assert read_area(unit.id, json.dumps(a_box(*BLOCK)), ON).ubigeo == "070102"


def test_the_district_is_that_of_the_middle(callao):
    with transaction():
        db.session.add(
            District(
                ubigeo="070103",
                name="Inventado",
                province="Callao",
                department="Callao",
                geom="SRID=4326;MULTIPOLYGON(((-77.14 -12.07, -77.12 -12.07, -77.12 -12.05,"
                " -77.14 -12.05, -77.14 -12.07)))",
                source="prueba",
            )
        )
    assert read_area(callao.west.id, json.dumps(a_box(*BLOCK)), ON).ubigeo == "070103"


def test_an_area_is_drawn_anew_and_the_history_says_so(callao):
    office, junta_id = an_office_account(callao.west), a_junta(callao.west, box=None).id
    assert area_of(junta_id) is None
    set_area(office, junta_id, json.dumps(a_box(*BLOCK)), AreaSource.IMPORTED, clock.now())
    db.session.rollback()
    assert json.loads(area_of(junta_id))["type"] == "MultiPolygon"
    assert db.session.get(JuntaVecinal, junta_id).area_source is AreaSource.IMPORTED
