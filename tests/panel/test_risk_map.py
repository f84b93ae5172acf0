"""`/panel/mapa`: cells of one's own ground, as a map and in words."""

from collections.abc import Callable
from datetime import timedelta

import mapbox_vector_tile
import pytest
from flask.testing import FlaskClient

from backend.catalog.services import load_catalog
from backend.db import db
from backend.identity.models import RoleName
from backend.riskmap import services
from backend.territory.models import PoliceUnit
from tests.builders import a_member_of_staff
from tests.panel.conftest import sign_in
from tests.riskmap.builders import NOW, QUARTER_CELLS, a_report, block
from tests.riskmap.test_tiles import a_comisaria_of, tile_of

CATALOG = load_catalog()
HERE, THERE = QUARTER_CELLS[:2]
ALLOWED = {RoleName.ANALISTA, RoleName.SUPERVISOR, RoleName.COMISARIO}
SignedIn = Callable[[RoleName, str | None], FlaskClient]


@pytest.fixture
def signed_in(client: FlaskClient) -> SignedIn:
    """Sign in somebody of the station around a cell, or of no unit."""

    def enter(role: RoleName, cell: str | None = None) -> FlaskClient:
        unit = db.session.get(PoliceUnit, a_comisaria_of(cell)) if cell else None
        return sign_in(client, a_member_of_staff("ana", role.value, unit))

    return enter


def two_robberies() -> tuple[str, str]:
    """One in each quarter; the res-9 cells where they were."""
    cells = block(0, 0), block(1, 0)
    for cell in cells:
        a_report(cell, occurred_at=NOW - timedelta(days=10))
    services.rebuild(CATALOG)
    return cells


def tile(client: FlaskClient, cell: str, query: str = "") -> set[str]:
    z, x, y = tile_of(cell, 12)
    answer = client.get(f"/panel/mapa/delito/{z}/{x}/{y}.mvt?{query}")
    assert answer.status_code == 200
    assert "private" in answer.headers["Cache-Control"]
    layers = mapbox_vector_tile.decode(answer.data)
    found = layers.get("riesgo", {"features": []})["features"]
    return {one["properties"]["celda"] for one in found}


def test_the_page_says_the_map_in_words(signed_in: SignedIn):
    cells = two_robberies()
    client = signed_in(RoleName.ANALISTA, None)

    page = client.get("/panel/mapa?capa=delito").text

    assert "2 reportes verificados" in page
    assert "en todo el país" in page
    assert all(cell in page for cell in cells)
    assert "extorsión" not in page.lower()  # sensible matters are no group of the map


def test_one_sees_the_own_ground_only(signed_in: SignedIn):
    here, there = two_robberies()
    client = signed_in(RoleName.COMISARIO, HERE)

    page = client.get("/panel/mapa").text

    assert here in page and there not in page
    assert "1 reporte verificado" in page
    assert tile(client, here) | tile(client, there) == {here}


def test_the_form_filters_map_and_table(signed_in: SignedIn):
    here, there = two_robberies()
    client = signed_in(RoleName.ANALISTA, None)

    assert tile(client, here, "grupo=robo&franja=manana") == {here, there}
    assert tile(client, here, "grupo=hurto") == set()
    assert tile(client, here, "franja=noche") == set()
    assert here not in client.get("/panel/mapa?capa=delito&grupo=hurto").text


@pytest.mark.parametrize("query", ["capa=todo", "grupo=nada", "franja=siesta", "grupo=%00"])
def test_what_is_not_on_the_list_is_refused(signed_in: SignedIn, query: str):
    client = signed_in(RoleName.ANALISTA, None)

    assert client.get(f"/panel/mapa?{query}").status_code == 422


@pytest.mark.parametrize("role", list(RoleName))
def test_who_may_open_it(signed_in: SignedIn, role: RoleName):
    client = signed_in(role, HERE)

    expected = 200 if role in ALLOWED else 403
    assert client.get("/panel/mapa").status_code == expected
    assert client.get("/panel/mapa/delito/12/0/0.mvt").status_code == expected


def test_a_stranger_is_sent_to_sign_in(client: FlaskClient):
    assert client.get("/panel/mapa").status_code == 303
    assert client.get("/panel/mapa/delito/12/0/0.mvt").status_code == 303
