"""Which reports stand for a fact on a map: the whole table of reasons."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import h3
import pytest

from backend.catalog.services import load_catalog
from backend.reports.models import Kind, PlaceSource
from backend.reports.states import State, Verification
from backend.riskmap.models import MAX_ACCURACY_M, Band, Evidence, band_of

RECEIVED = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)  # 23:30 of the day before in Lima
CATALOG = load_catalog()


def evidence(**changes: Any) -> Evidence:
    values: dict[str, Any] = {
        "id": uuid4(),
        "kind": Kind.ALERTA,
        "categoria": "robo",
        "is_sensible": False,
        "is_ongoing": False,
        "state": State.IN_PROGRESS,
        "verification": Verification.VERIFIED,
        "verified_at": RECEIVED + timedelta(hours=1),
        "received_at": RECEIVED,
        "occurred_at": None,
        "place_source": PlaceSource.GPS,
        "accuracy_m": 15.0,
        "ubigeo": "070101",
        "lat": -12.06,
        "lon": -77.12,
        "is_at_station": False,
    }
    return Evidence(**values | changes)


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("nobody verified it", {"verification": Verification.UNVERIFIED, "verified_at": None}),
        ("it was refuted", {"verification": Verification.REFUTED}),
        ("it was rejected", {"state": State.REJECTED}),
        ("it counts under another number", {"state": State.MERGED}),
        ("it has no point", {"lat": None, "lon": None, "place_source": PlaceSource.REFERENCIA}),
        ("a cell was marked", {"lat": None, "lon": None, "place_source": PlaceSource.CELDA}),
        ("an address is vague", {"place_source": PlaceSource.REFERENCIA}),
        ("the receiver was not sure", {"accuracy_m": MAX_ACCURACY_M + 1.0}),
        ("the receiver did not say", {"accuracy_m": None}),
        ("the map was far out", {"place_source": PlaceSource.MAPA, "accuracy_m": 900.0}),
        ("it is the comisaría's own point", {"is_at_station": True}),
        ("its category is sensible", {"categoria": "extorsion"}),
        ("it was taken as sensible", {"is_sensible": True}),
        ("the catalogue forgot its category", {"categoria": "otra_epoca"}),
    ],
)
def test_what_never_counts(why: str, changes: dict[str, Any]):
    assert evidence(**changes).as_fact(CATALOG) is None, why


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"accuracy_m": float(MAX_ACCURACY_M)},
        {"place_source": PlaceSource.MAPA, "accuracy_m": None},
        {"state": State.RESOLVED},
        {"state": State.DISMISSED},
        {"ubigeo": None},
    ],
)
def test_what_counts(changes: dict[str, Any]):
    assert evidence(**changes).as_fact(CATALOG)


def test_a_fact_knows_its_cells_and_never_its_point():
    fact = evidence().as_fact(CATALOG)

    assert fact
    assert fact["cell_9"] == h3.latlng_to_cell(-12.06, -77.12, 9)
    assert fact["cell_8"] == h3.cell_to_parent(fact["cell_9"], 8)
    assert fact["cell_7"] == h3.cell_to_parent(fact["cell_9"], 7)
    assert not {"lat", "lon", "point"} & set(fact)


def test_kinds_go_to_their_own_map():
    robbery = evidence().as_fact(CATALOG)
    dark = evidence(kind=Kind.FACTOR_DE_RIESGO, categoria="falta_de_luz").as_fact(CATALOG)

    assert robbery and robbery["capa"] == "delito" and robbery["grupo"] == "robo"
    assert dark and dark["capa"] == "riesgo" and dark["grupo"] == "entorno"


def test_a_category_that_is_not_public_is_for_analysts_alone():
    fact = evidence(categoria="secuestro").as_fact(CATALOG)

    assert fact and fact["is_public"] is False


def test_where_the_district_is_unknown_a_res_6_cell_takes_its_place():
    fact = evidence(ubigeo=None).as_fact(CATALOG)

    assert fact and fact["zone"] == h3.latlng_to_cell(-12.06, -77.12, 6)


@pytest.mark.parametrize(
    ("occurred_hours", "is_ongoing", "expected_hours"),
    [
        (None, False, 0),
        (-30, False, -30),
        (5, False, 0),  # a clock ahead: it cannot have happened after we heard of it
        (-900, True, 0),  # it happens now, whatever the clock says
        (-90_000, False, 0),  # a clock ten years behind
        (-17_000_000, False, 0),  # a clock in the first century
    ],
)
def test_when_it_happened(occurred_hours: int | None, is_ongoing: bool, expected_hours: int):
    occurred_at = None if occurred_hours is None else RECEIVED + timedelta(hours=occurred_hours)

    fact = evidence(occurred_at=occurred_at, is_ongoing=is_ongoing)

    assert fact.happened_at == RECEIVED + timedelta(hours=expected_hours)


@pytest.mark.parametrize(
    ("utc_hour", "band"),
    [
        (4, Band.NOCHE),
        (5, Band.MADRUGADA),
        (10, Band.MADRUGADA),
        (11, Band.MANANA),
        (16, Band.MANANA),
        (17, Band.TARDE),
        (22, Band.TARDE),
        (23, Band.NOCHE),
    ],
)
def test_bands_are_those_of_lima(utc_hour: int, band: Band):
    assert band_of(RECEIVED.replace(hour=utc_hour)) is band
