"""Whose ground a place is, how sure, and whom else to tell."""

import pytest
from sqlalchemy import event, select, text

from backend.territory import queries
from backend.territory.location import Location
from backend.territory.models import Jurisdiction, PoliceUnit
from backend.territory.statements import PLACE
from tests.territory.builders import (
    KM,
    TODAY,
    above,
    district,
    drawn_cells,
    polygon_of,
    square,
    stored_districts,
    stored_polygons,
    stored_units,
    unit,
)

LAT, LON = -12.0, -77.0
METRES_PER_DEGREE_NORTH = 110_640  # at 12° S
METRES_PER_DEGREE_EAST = 108_900


def here(east_m, north_m=500.0, accuracy_m=None):
    lat = LAT + north_m / METRES_PER_DEGREE_NORTH
    return Location(lat, LON + east_m / METRES_PER_DEGREE_EAST, accuracy_m)


def code_of(db, unit_id):
    return db.session.scalar(select(PoliceUnit.code).where(PoliceUnit.id == unit_id))


def codes_of(db, unit_ids):
    return [code_of(db, unit_id) for unit_id in unit_ids]


@pytest.fixture
def west_and_east(db):
    """Two surveyed squares of 2 km that share a border at LON, and a district of both."""
    stored_units(unit("OESTE", lon="-77.01"), unit("ESTE", lon="-76.99"))
    stored_polygons(
        polygon_of("OESTE", square(LAT, LON - 2 * KM), 1),
        polygon_of("ESTE", square(LAT, LON), 2),
    )
    stored_districts(district("150101", LAT - 2 * KM, LON - 4 * KM, 8 * KM))


@pytest.mark.parametrize("metres", [1, 30, 120, 400])
def test_the_distance_to_the_border_is_in_metres_on_the_ground(db, west_and_east, metres):
    place = queries.place_of(here(metres), TODAY)
    assert code_of(db, place.unit_id) == "ESTE"
    assert place.border_m == pytest.approx(metres, rel=0.01, abs=0.05)
    assert (place.ubigeo, place.is_provisional) == ("150101", False)


@pytest.mark.parametrize(
    ("east_m", "accuracy_m", "told"),
    [
        (40, None, ["OESTE"]),
        (40, 5, ["OESTE"]),  # 50 m at least
        (60, 5, []),
        (60, 80, ["OESTE"]),
        (400, 450, ["OESTE"]),
        (600, 5000, []),  # 500 m at most
    ],
)
def test_a_neighbour_within_the_gps_doubt_is_named(db, west_and_east, east_m, accuracy_m, told):
    place = queries.place_of(here(east_m, accuracy_m=accuracy_m), TODAY)
    assert code_of(db, place.unit_id) == "ESTE"
    assert codes_of(db, place.neighbour_ids) == told


def test_on_the_very_border_one_owns_and_the_other_is_told(db, west_and_east):
    place = queries.place_of(here(0), TODAY)
    assert {code_of(db, place.unit_id), *codes_of(db, place.neighbour_ids)} == {"OESTE", "ESTE"}
    assert place.border_m == 0


def test_a_surveyed_polygon_wins_over_a_cell(db):
    stored_units(unit("CELDA", lat=LAT, lon=LON), unit("REAL", lat=LAT, lon=LON + 5 * KM))
    drawn_cells()
    stored_polygons(polygon_of("REAL", square(LAT, LON)))
    assert code_of(db, queries.place_of(here(500), TODAY).unit_id) == "REAL"


def test_closed_jurisdictions_and_closed_units_own_nothing(db, west_and_east):
    stored_polygons(polygon_of("OESTE", square(LAT + 4 * KM, LON)))
    place = queries.place_of(here(-500), TODAY)
    assert place.unit_id is None
    stored_units(
        unit("OESTE", lon="-77.01"), unit("ESTE", lon="-76.99", vigente_hasta="2026-11-21")
    )
    place = queries.place_of(here(500), TODAY)
    assert (place.unit_id, place.jurisdiction_id, place.border_m) == (None, None, None)
    assert code_of(db, place.nearest_unit_id) == "OESTE"


def test_no_polygon_the_nearest_station_of_the_province_answers(db):
    stored_districts(district("150101", LAT, LON), district("020101", LAT, LON + 2 * KM))
    stored_units(
        unit("LEJOS", lat=LAT + 0.5, lon=LON),  # 55 km away, same province
        unit("CERCA", lat=LAT, lon=LON + 3 * KM, ubigeo="020101"),
        unit("SIN NOMBRE", lat=LAT, lon=LON, nombre=""),
    )
    place = queries.place_of(here(500), TODAY)
    assert (place.unit_id, code_of(db, place.nearest_unit_id)) == (None, "LEJOS")
    assert place.comisaria_id == place.nearest_unit_id
    assert place.nearest_m == pytest.approx(55_000, rel=0.02)


def test_where_no_district_is_known_only_a_station_within_15_km_answers(db):
    stored_units(unit("PUERTO", lat=LAT, lon=LON))
    assert code_of(db, queries.place_of(here(-14_000), TODAY).nearest_unit_id) == "PUERTO"
    assert queries.place_of(here(-16_000), TODAY).comisaria_id is None


def test_it_is_one_round_trip(db, west_and_east):
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    queries.place_of(here(10), TODAY)
    assert len(statements) == 1


# Far from the places of the other tests; only its size tells the planner anything.
A_COUNTRY = """
    INSERT INTO police_unit (code, kind, name, valid_from, source)
    SELECT 'L' || n, 'comisaria', 'Lejos', '2020-01-01', 'prueba' FROM generate_series(1, 1300) n;
    INSERT INTO jurisdiction (unit_id, geom, is_provisional, source, valid_from)
    SELECT id, ST_Multi(ST_MakeEnvelope(id * 0.01, 40, (id + 1) * 0.01, 41, 4326)), true,
           'prueba', '2020-01-01' FROM police_unit WHERE name = 'Lejos';
    INSERT INTO district (ubigeo, name, province, department, geom, source)
    SELECT 900000 + n, 'Lejos', 'Lejos', 'Lejos',
           ST_Multi(ST_MakeEnvelope(n * 0.01, 40, (n + 1) * 0.01, 41, 4326)), 'prueba'
    FROM generate_series(1, 1800) n;
"""


@pytest.fixture
def whole_country(db, owner_engine):
    """Tables of a size for which indexes are made, without what earlier tests left in them."""
    db.session.remove()
    with owner_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as owner:
        owner.exec_driver_sql(A_COUNTRY)
        owner.exec_driver_sql("VACUUM (FULL, ANALYZE) police_unit, jurisdiction, district")


def test_the_partial_index_finds_the_jurisdiction(db, west_and_east, whole_country):
    ask = {"lat": LAT, "lon": LON, "radius_m": 50.0, "reach_m": 1, "today": TODAY}
    plan = db.session.execute(text(f"EXPLAIN {PLACE}"), ask).scalars().all()
    assert any("ix_jurisdiction_geom_current" in line for line in plan)
    assert any("ix_district_geom" in line for line in plan)


def test_a_written_reference_goes_to_the_station_of_the_middle_of_its_district(db):
    stored_districts(district("150101", LAT, LON, 4 * KM), district("150102", LAT, LON + 1))
    stored_units(
        unit("A", lat=LAT + 0.2 * KM, lon=LON + 0.2 * KM),
        unit("B", lat=LAT + 2.2 * KM, lon=LON + 2.2 * KM),
    )
    drawn_cells()
    middle = queries.place_in_district("150101", TODAY)
    assert (code_of(db, middle.comisaria_id), middle.nearest_m) == ("B", None)
    assert code_of(db, queries.place_in_district("150102", TODAY).comisaria_id) == "B"
    assert queries.place_in_district("999999", TODAY) is None


def test_the_nearest_stations_come_in_order_with_their_distances(db):
    stored_units(
        unit("TRES", lat=LAT, lon=LON + 3 * KM),
        unit("UNO", lat=LAT, lon=LON + 1 * KM, telefono="(01) 555"),
        unit("DOS", lat=LAT, lon=LON + 2 * KM),
        unit("FAMILIA", lat=LAT, lon=LON, basica="0"),
    )
    near = queries.nearest_units(Location(LAT, LON), limit=2, on=TODAY)
    assert [one.name for one in near] == ["Comisaría UNO", "Comisaría DOS"]
    assert near[0].distance_m == pytest.approx(KM * METRES_PER_DEGREE_EAST, rel=0.01)
    assert (near[0].phone, near[0].lat) == ("(01) 555", LAT)


def test_districts_are_found_by_place_and_by_words(db):
    stored_districts(district("150101", LAT, LON), district("150102", LAT, LON + 1))
    assert queries.district_of(Location(LAT + KM, LON + KM)).ubigeo == "150101"
    assert queries.district_of(Location(LAT - KM, LON)) is None
    assert [one.ubigeo for one in queries.districts_named(" DÍSTRITO 15")] == ["150101", "150102"]
    assert queries.districts_named("%") == []
    assert len(queries.all_districts()) == 2
    assert queries.district_by_ubigeo("150102").name == "Distrito 150102"


@pytest.fixture
def desks(db):
    """Two regions, a desk for drugs in each, and a national one for trafficking of persons."""
    stored_units(
        above("R1", "region"),
        above("D1", "divpol", padre="R1"),
        unit("C1", padre="D1", lat=LAT, lon=LON),
        above("DROGAS-1", "especializada", padre="R1", materias="drogas"),
        above("DIVINCRI-1", "especializada", padre="D1"),
        above("EXTORSION-D1", "especializada", padre="DIVINCRI-1", materias="extorsion secuestro"),
        above("EXTORSION-R1", "especializada", padre="R1", materias="extorsion"),
        above("R2", "region"),
        unit("C2", padre="R2", lat=LAT, lon=LON + 1, ubigeo="020101"),
        above("DROGAS-2", "especializada", padre="R2", materias="drogas"),
        above("TRATA", "especializada", materias="trata"),
    )
    stored_districts(district("150101", LAT, LON), district("020102", LAT, LON + 1))


@pytest.mark.parametrize(
    ("matter", "ubigeo", "desk"),
    [
        ("drogas", "150101", "DROGAS-1"),
        ("drogas", "020102", "DROGAS-2"),
        ("extorsion", "150101", "EXTORSION-D1"),  # the nearest level answers
        ("extorsion", "020102", None),  # never the desk of another region
        ("trata", "020102", "TRATA"),
        ("drogas", None, None),
        ("trata", None, "TRATA"),
        ("pesca", "150101", None),
    ],
)
def test_the_nearest_desk_of_the_matter_in_the_hierarchy(db, desks, matter, ubigeo, desk):
    place = queries.place_in_district(ubigeo, TODAY) if ubigeo else None
    assert code_of(db, queries.specialised_unit_for(matter, place, on=TODAY)) == desk


def test_a_desk_with_a_polygon_answers_there_and_nowhere_else(db, desks):
    stored_polygons(polygon_of("DROGAS-2", square(LAT, LON)))
    inside, outside = Location(LAT + KM, LON + KM), Location(LAT + KM, LON + 1 + KM)
    for location, desk in ((inside, "DROGAS-2"), (outside, None)):
        place = queries.place_of(location, TODAY)
        assert code_of(db, queries.specialised_unit_for("drogas", place, location, TODAY)) == desk


def test_a_polygon_of_a_desk_makes_no_comisaria_of_it(db, desks):
    stored_polygons(polygon_of("DROGAS-1", square(LAT, LON)))
    assert db.session.scalar(select(Jurisdiction.id)) is not None
    assert queries.place_of(Location(LAT + KM, LON + KM), TODAY).unit_id is None


def test_the_desk_of_last_resort_is_always_there(db):
    assert code_of(db, queries.fallback_desk_id()) == "SIN-JURISDICCION"
