"""Provisional cells: each named basic station answers for what is nearest to it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text

from backend.territory import queries
from backend.territory.location import Location
from backend.territory.models import Jurisdiction, PoliceUnit
from tests.territory.builders import (
    KM,
    TODAY,
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


def at(code, east_km=0.0, north_km=0.0, **values):
    return unit(code, lat=LAT + north_km * KM, lon=LON + east_km * KM, **values)


def owner(db, east_km, north_km=0.0):
    place = queries.place_of(Location(LAT + north_km * KM, LON + east_km * KM), TODAY)
    return db.session.scalar(select(PoliceUnit.code).where(PoliceUnit.id == place.unit_id))


def open_cells(db):
    query = (
        select(PoliceUnit.code, func.ST_Area(func.Geography(Jurisdiction.geom)) / 1e6)
        .join(Jurisdiction, Jurisdiction.unit_id == PoliceUnit.id)
        .where(Jurisdiction.valid_until.is_(None), Jurisdiction.is_provisional)
    )
    return dict(db.session.execute(query).tuples().all())


def test_the_border_runs_halfway_between_two_stations(db):
    stored_units(at("A"), at("B", east_km=10))
    report = drawn_cells()
    assert (report.added, report.closed, report.unchanged) == (2, 0, 0)
    assert [owner(db, km) for km in (-2, 4.98, 5.02, 12)] == ["A", "A", "B", "B"]


def test_without_districts_a_cell_reaches_15_km(db):
    stored_units(at("A"))
    drawn_cells()
    assert open_cells(db)["A"] == pytest.approx(706.9, rel=0.01)  # pi * 15²
    assert owner(db, 14.5) == "A"
    assert owner(db, 16) is None


def test_where_districts_are_loaded_the_province_is_the_limit(db):
    side = 4 * KM
    stored_districts(
        district("150101", LAT, LON, side),
        district("150102", LAT, LON + side, side),
        district("020101", LAT, LON + 2 * side, side),
    )
    stored_units(at("A", 1, 1), at("B", 9, 1, ubigeo="020101"))
    drawn_cells()
    assert [owner(db, km, 1) for km in (0.1, 6, 7.9)] == ["A", "A", "A"]  # nearer to B, not its own
    assert [owner(db, km, 1) for km in (8.1, 11.9)] == ["B", "B"]
    assert owner(db, -1, 1) is None


def test_beside_loaded_provinces_a_reach_stops_at_their_border(db):
    stored_districts(district("150101", LAT, LON, 4 * KM))
    stored_units(at("A", 1, 1), at("AFUERA", 6, 1, ubigeo="070101"))
    drawn_cells()
    assert [owner(db, km, 1) for km in (3.9, 4.1)] == ["A", "AFUERA"]


def test_the_ground_counts_before_the_ubigeo_that_the_file_claims(db):
    stored_districts(district("150101", LAT, LON, 4 * KM), district("020101", LAT, LON + 1, 4 * KM))
    stored_units(at("A", 1, 1, ubigeo="020101"))
    drawn_cells()
    assert owner(db, 3, 3) == "A"


@pytest.mark.parametrize(
    "values",
    [
        {"nombre": ""},
        {"basica": "0"},
        {"tipo": "especializada"},
        {"vigente_hasta": "2026-11-21"},
        {"vigente_desde": "2026-11-22"},
    ],
    ids=["unnamed", "not basic", "specialised", "closed today", "opens tomorrow"],
)
def test_only_named_basic_stations_in_force_have_cells(db, values):
    stored_units(at("A"), at("B", east_km=10, **values))
    drawn_cells()
    assert list(open_cells(db)) == ["A"]


def test_of_twins_the_lower_code_keeps_the_cell_for_both(db):
    stored_units(at("A2", 0.05), at("A1"), at("B", 10))
    report = drawn_cells()
    assert report.twins == (("A2", "A1"),)
    assert set(open_cells(db)) == {"A1", "B"}
    query = select(Jurisdiction.source).join(PoliceUnit).where(PoliceUnit.code == "A1")
    assert db.session.scalar(query).endswith("; comparte con A2")


def test_120_metres_apart_they_are_no_twins(db):
    stored_units(at("A1"), at("A2", 0.12))
    assert (drawn_cells().twins, len(open_cells(db))) == ((), 2)


def test_drawing_again_writes_nothing(db):
    stored_districts(district("150101", LAT, LON, 4 * KM))
    stored_units(at("A", 1, 1), at("B", 3, 3), at("LEJOS", 30, 1, ubigeo="070101"))
    first = drawn_cells()
    again = drawn_cells(TODAY + timedelta(days=1))
    assert (first.added, again.added, again.closed, again.unchanged) == (3, 0, 0, 3)


def test_a_new_station_closes_just_the_cells_it_cuts(db):
    stored_units(at("A"), at("B", 10), at("LEJOS", 100))
    drawn_cells()
    stored_units(at("C", 5))
    report = drawn_cells(date(2026, 12, 1))
    assert (report.added, report.closed, report.unchanged) == (3, 2, 1)
    closed = select(Jurisdiction.valid_from, Jurisdiction.valid_until).where(
        Jurisdiction.valid_until.is_not(None)
    )
    assert set(db.session.execute(closed).tuples()) == {(TODAY, date(2026, 12, 1))}


def test_a_surveyed_polygon_needs_no_cell_and_its_neighbours_respect_it(db):
    stored_units(at("A"), at("B", 10))
    drawn_cells()
    stored_polygons(polygon_of("A", square(LAT - KM, LON - KM, 8 * KM)))
    report = drawn_cells()
    assert set(open_cells(db)) == {"B"}
    assert report.without_cell == ()
    assert [owner(db, km) for km in (6.9, 7.1)] == ["A", "B"]
    shared_ground = text(
        "SELECT ST_Area(ST_Intersection(a.geom, b.geom)) FROM jurisdiction a, jurisdiction b "
        "WHERE a.valid_until IS NULL AND b.valid_until IS NULL AND a.id < b.id"
    )
    assert db.session.scalar(shared_ground) == pytest.approx(0, abs=1e-12)


def test_a_station_swallowed_by_anothers_polygon_is_named(db):
    stored_units(at("A"), at("B", 1))
    stored_polygons(polygon_of("A", square(LAT - 20 * KM, LON - 20 * KM, 40 * KM)))
    assert drawn_cells().without_cell == ("B",)
