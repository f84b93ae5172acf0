"""The area of a junta in the panel: by corners, by GeoJSON, by a file; what is wrong keeps it."""

import io
import json

import pytest

from backend.boards.queries import area_of
from backend.db import db
from backend.territory.queries import today
from tests.juntas import BLOCK, a_box, a_junta
from tests.panel.padron import Padron, address

CORNERS = "-12.058, -77.132\n-12.058 -77.128\n\n-12.062;-77.128\r\n-12.062,-77.132\n"
ON_ONE_LINE = "-12.058,-77.132; -12.058,-77.128; -12.062,-77.128; -12.062,-77.132;"
GEOJSON = json.dumps(a_box(*BLOCK))
FAR = json.dumps(a_box(-76.0, -13.0, -75.99, -12.99))


@pytest.fixture
def padron(app) -> Padron:
    return Padron(app)


@pytest.fixture
def junta_id(padron: Padron):
    return a_junta(padron.west, box=None).id


def drawn(junta_id) -> list[list[float]]:
    db.session.rollback()
    area = area_of(junta_id)
    return json.loads(area)["coordinates"][0][0] if area else []


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"area": CORNERS}, "Marcada por sus esquinas"),
        ({"area": ON_ONE_LINE}, "Marcada por sus esquinas"),
        ({"area": GEOJSON}, "Traída de un archivo"),
        ({"area": "", "archivo": (GEOJSON, "área.geojson")}, "Traída de un archivo"),
    ],
    ids=["corners", "on one line", "pasted", "file"],
)
def test_an_area_is_kept(padron: Padron, junta_id, sent: dict, said: str):
    answer = send(padron, junta_id, sent)
    assert answer.location == address(junta_id)
    assert sorted(map(tuple, drawn(junta_id)[:4])) == sorted(
        (lon, lat) for lon in (-77.132, -77.128) for lat in (-12.062, -12.058)
    )
    page = padron.office.ask("GET", address(junta_id)).text
    assert said in page
    assert "hectáreas" in page
    assert "&#34;Polygon&#34;" in page or "MultiPolygon" in page


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"area": ""}, "por lo menos tres esquinas"),
        ({"area": "-12.05, -77.13\n-12.06, -77.13"}, "por lo menos tres esquinas"),
        ({"area": "arriba\nabajo\nal lado"}, "latitud y longitud"),
        ({"area": FAR}, "fuera de la jurisdicción"),
        ({"area": '{"type":"Point"}'}, "No se puede leer"),
        ({"area": "", "archivo": ("<html>", "x.geojson")}, "no es GeoJSON"),
        ({"area": "", "archivo": ("{" * 200_001, "x.geojson")}, "muy grande"),
        ({"area": "", "archivo": (b"\xff\xfe{", "x.geojson")}, "no es GeoJSON"),
    ],
)
def test_what_is_wrong_is_said_and_kept(padron: Padron, junta_id, sent: dict, said: str):
    page = send(padron, junta_id, sent)
    assert page.status_code == 422
    assert said in page.text
    assert 'aria-invalid="true"' in page.text
    assert sent["area"].replace('"', "&#34;") in page.text
    assert drawn(junta_id) == []


def test_the_map_is_given_the_own_ground(padron: Padron, junta_id):
    page = padron.office.ask("GET", address(junta_id, "/area")).text
    assert "data-terreno" in page
    assert "-77.14" in page.split("data-terreno")[1].split('"')[1]


def test_a_dissolved_junta_keeps_its_area(padron: Padron):
    junta = a_junta(padron.west, "JV-2", ended_on=today(), end_reason="fusion")
    page = send(padron, junta.id, {"area": CORNERS})
    assert page.status_code == 409
    assert "está disuelta" in page.text


def send(padron: Padron, junta_id, sent: dict):
    if isinstance(file := sent.get("archivo"), tuple):
        content = file[0] if isinstance(file[0], bytes) else file[0].encode()
        sent = {**sent, "archivo": (io.BytesIO(content), file[1])}
    return padron.office.ask("POST", address(junta_id, "/area"), sent)
