"""What a phone asks before reporting: categories, who would receive it, lines to call."""

import pytest

from backend import clock
from backend.db import transaction
from backend.reports.services import beat
from tests.api.problems import assert_problem
from tests.builders import IN_EAST, IN_WEST

pytestmark = pytest.mark.usefixtures("callao")


def ask(client, **asked):
    return client.post("/api/v1/atencion", json={"categoria": "robo", **IN_WEST, **asked})


def test_categories_are_what_the_contract_says(client, parts):
    listed = client.get("/api/v1/categorias").json["categorias"]
    assert [one["codigo"] for one in listed] == list(parts.catalog.categorias)
    keys = {"codigo", "nombre", "tipo", "grupo", "prioridad", "icono", "sensible", "publica"}
    for one in listed:
        assert keys | {"linea"} <= one.keys()
        assert one["tipo"] in ("hecho", "factor_de_riesgo")
        assert one["linea"] is None or one["linea"].keys() == {"numero", "nombre"}
    extortion = next(one for one in listed if one["codigo"] == "extorsion")
    assert extortion["sensible"] and not extortion["publica"]
    assert extortion["linea"]["numero"] == "111"


def test_emergency_lines_of_today(client):
    lines = client.get("/api/v1/emergencias").json["lineas"]
    assert "105" in [line["numero"] for line in lines]


def test_it_says_when_nobody_looks_at_the_desk(client, callao):
    answer = ask(client)
    assert answer.json["comisaria"]["nombre"] == "Comisaría WEST"
    assert answer.json["atendida"] is False
    assert answer.json["linea"]["numero"] == "105"
    assert answer.json["cercana"]["nombre"] == "Comisaría WEST"
    with transaction():
        beat(callao.west.id, clock.now())
    assert ask(client).json["atendida"] is True
    assert ask(client, **IN_EAST).json["atendida"] is False


def test_for_a_sensible_matter_no_point_is_taken(client):
    assert_problem(ask(client, categoria="extorsion"), 422, "lat")


def test_the_nearest_stations_come_first(client):
    answer = client.post("/api/v1/comisarias/cerca", json=IN_EAST)
    names = [one["nombre"] for one in answer.json["comisarias"]]
    assert names == ["Comisaría EAST", "Comisaría WEST"]


@pytest.mark.parametrize("path", ["atencion", "comisarias/cerca"])
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lat": "x"}, "lat"),
        ({"lat": -33.0, "lon": -70.0}, "lat"),
        ({"lon": None}, "lon"),
        ({"lat": float("nan")}, "lat"),
        ({"otro": 1}, "otro"),
    ],
)
def test_nonsense_is_refused_with_its_field(client, path, changes, field):
    asked = {**IN_WEST, **({"categoria": "robo"} if path == "atencion" else {}), **changes}
    assert_problem(client.post(f"/api/v1/{path}", json=asked), 422, field)


def test_an_unknown_category_is_refused(client):
    assert_problem(ask(client, categoria="nada"), 422, "categoria")


@pytest.mark.parametrize("tile", ["8/71/136", "13/2340/4368", "0/0/0"])
def test_borders_come_as_tiles(client, tile):
    answer = client.get(f"/api/v1/territorio/{tile}.mvt")
    assert answer.status_code == 200
    assert answer.mimetype == "application/vnd.mapbox-vector-tile"


@pytest.mark.parametrize("tile", ["30/0/0", "3/9/0", "3/0/8", "99999999999/0/0"])
def test_a_tile_that_is_none_is_not_found(client, tile):
    assert_problem(client.get(f"/api/v1/territorio/{tile}.mvt"), 404)
