"""Which unit answers: each rule of the catalogue over each kind of place, as a table."""

from dataclasses import dataclass
from datetime import date

import h3
import pytest

from backend import clock
from backend.db import db, transaction
from backend.errors import InvalidInput
from backend.reports.models import PlaceSource
from backend.reports.services import Place
from backend.routing.services import location_of, route
from backend.territory.models import District, PoliceUnit, UnitKind
from tests.builders import IN_EAST, IN_WEST, Callao, a_unit

CELL = h3.latlng_to_cell(IN_WEST["lat"], IN_WEST["lon"], 8)


def gps(lat: float, lon: float, accuracy: float = 10) -> Place:
    return Place(PlaceSource.GPS, lat, lon, accuracy)


@dataclass(frozen=True)
class Case:
    categoria: str
    place: Place
    unit: str
    rule: str


TABLE = {
    "a point inside": Case("robo", gps(**IN_WEST), "WEST", "jurisdiction"),
    "a point in the other": Case("robo", gps(**IN_EAST), "EAST", "jurisdiction"),
    "a risk factor": Case("falta_de_luz", gps(**IN_EAST), "EAST", "jurisdiction"),
    "a marked cell": Case("robo", Place(PlaceSource.CELDA, cell=CELL), "WEST", "jurisdiction"),
    "a place on the map": Case("robo", Place(PlaceSource.MAPA, **IN_WEST), "WEST", "jurisdiction"),
    "just outside": Case("robo", gps(-12.075, -77.13), "WEST", "nearest"),
    "far away": Case("robo", gps(-3.75, -73.25), "SIN-JURISDICCION", "no_jurisdiction"),
    "words alone": Case(
        "robo",
        Place(PlaceSource.REFERENCIA, reference="Por el mercado"),
        "SIN-JURISDICCION",
        "no_jurisdiction",
    ),
    "a district": Case("robo", Place(PlaceSource.REFERENCIA, ubigeo="070101"), "WEST", "district"),
    "an unknown district": Case(
        "robo",
        Place(PlaceSource.REFERENCIA, ubigeo="999999"),
        "SIN-JURISDICCION",
        "no_jurisdiction",
    ),
    "extortion, by a cell": Case(
        "extorsion", Place(PlaceSource.CELDA, cell=CELL), "EXT", "specialised"
    ),
    "extortion, by a district": Case(
        "extorsion", Place(PlaceSource.REFERENCIA, ubigeo="070101"), "EXT", "specialised"
    ),
    "a matter without a desk goes above the comisaría": Case(
        "trata_personas", Place(PlaceSource.CELDA, cell=CELL), "DIV", "above_comisaria"
    ),
    "a matter without a desk or a place": Case(
        "trata_personas",
        Place(PlaceSource.REFERENCIA, reference="Lejos"),
        "SIN-JURISDICCION",
        "no_jurisdiction",
    ),
}


@pytest.fixture
def callao(app) -> Callao:
    made = Callao()
    with transaction():
        db.session.add(
            District(
                ubigeo="070101",
                name="Callao",
                province="Callao",
                department="Callao",
                geom="SRID=4326;MULTIPOLYGON(((-77.16 -12.08, -77.10 -12.08, -77.10 -12.04, "
                "-77.16 -12.04, -77.16 -12.08)))",
                source="prueba",
            )
        )
    return made


@pytest.mark.parametrize("story", TABLE)
def test_the_unit_that_answers(callao, parts, story):
    case = TABLE[story]
    found = route(parts.catalog.categoria(case.categoria), case.place, clock.now())
    assert (code_of(found.unit_id), found.rule) == (case.unit, case.rule)
    if parts.catalog.categoria(case.categoria).sensible:
        assert found.neighbour_ids == ()
        assert found.border_distance_m is None
        assert found.jurisdiction_id is None
    if case.rule == "jurisdiction":
        assert found.jurisdiction_id is not None
        assert found.ubigeo == "070101"


IN_WORDS = Place(PlaceSource.REFERENCIA, ubigeo="070101", reference="Por el mercado")


def told_by_a_junta(parts, place: Place, own: PoliceUnit) -> str:
    """The code of the unit that receives what a junta of that unit tells."""
    found = route(parts.catalog.categoria("robo"), place, clock.now(), junta_unit_id=own.id)
    return code_of(found.unit_id)


def test_a_place_in_words_goes_to_the_juntas_own_comisaria(callao, parts):
    assert told_by_a_junta(parts, IN_WORDS, callao.west) == "WEST"
    assert told_by_a_junta(parts, IN_WORDS, callao.east) == "EAST"
    categoria = parts.catalog.categoria("robo")
    found = route(categoria, IN_WORDS, clock.now(), junta_unit_id=callao.east.id)
    assert (found.rule, found.jurisdiction_id) == ("district", None)


def test_a_point_goes_to_whose_ground_it_is_whichever_junta_tells(callao, parts):
    assert told_by_a_junta(parts, gps(**IN_WEST), callao.east) == "WEST"
    by_cell = Place(PlaceSource.CELDA, cell=CELL, ubigeo="070101")
    assert told_by_a_junta(parts, by_cell, callao.east) == "WEST"


@pytest.mark.parametrize(
    "columns",
    [
        {"ubigeo": "070106"},
        {"ubigeo": "070101", "valid_until": date(2021, 1, 1)},
        {"ubigeo": "070101", "is_basic": False},
        {"ubigeo": None},
    ],
)
def test_a_comisaria_that_does_not_serve_the_district_receives_nothing_of_it(
    callao, parts, columns
):
    other = a_unit("OTHER", UnitKind.COMISARIA, parent=callao.divpol, **columns)
    assert told_by_a_junta(parts, IN_WORDS, other) == "WEST"


def code_of(unit_id: int) -> str:
    return db.session.get_one(PoliceUnit, unit_id).code


@pytest.mark.parametrize(
    ("metres_to_border", "accuracy", "is_told"),
    [
        (20, 10, True),
        (45, 5, True),
        (100, 10, False),
        (100, 150, True),
        (450, 5000, True),
        (700, 5000, False),
    ],
)
def test_near_a_border_the_neighbour_hears_within_the_doubt(
    callao, parts, metres_to_border, accuracy, is_told
):
    lon = -77.12 - metres_to_border / 108_900
    found = route(parts.catalog.categoria("robo"), gps(-12.06, lon, accuracy), clock.now())
    assert code_of(found.unit_id) == "WEST"
    assert abs(found.border_distance_m - metres_to_border) < 3
    assert (callao.east.id in found.neighbour_ids) is is_told


def test_the_unit_above_is_told_with_the_route(callao, parts):
    found = route(parts.catalog.categoria("robo"), gps(**IN_WEST), clock.now())
    assert found.unit_above_id == callao.divpol.id


def test_a_matter_without_a_desk_skips_a_level_that_was_closed(callao, parts):
    with transaction():
        divpol = db.session.get_one(PoliceUnit, callao.divpol.id)
        divpol.valid_until = date(2021, 1, 1)
    place = Place(PlaceSource.CELDA, cell=CELL)
    found = route(parts.catalog.categoria("trata_personas"), place, clock.now())
    assert (found.unit_id, found.rule) == (callao.region.id, "above_comisaria")


def test_a_national_desk_answers_where_no_nearer_one_is(callao, parts):
    a_unit("TRATA", "especializada", matters=["trata"])
    place = Place(PlaceSource.REFERENCIA, reference="Lejos")
    found = route(parts.catalog.categoria("trata_personas"), place, clock.now())
    assert (code_of(found.unit_id), found.rule) == ("TRATA", "specialised")


def test_every_category_of_the_catalogue_has_an_answer(callao, parts):
    for categoria in parts.catalog.categorias.values():
        place = Place(PlaceSource.CELDA, cell=CELL) if categoria.sensible else gps(**IN_WEST)
        found = route(categoria, place, clock.now())
        assert found.unit_name
        is_basic = code_of(found.unit_id) in ("WEST", "EAST")
        assert is_basic is (not categoria.sensible)


def test_a_place_abroad_is_no_location():
    with pytest.raises(InvalidInput):
        location_of(gps(-33.45, -70.66))
    with pytest.raises(InvalidInput):
        location_of(Place(PlaceSource.CELDA, cell="8928308280fffff"))
    assert location_of(Place(PlaceSource.REFERENCIA, reference="x")) is None
