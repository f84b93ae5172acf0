"""The whole country, from the open data beside the project: counted, timed, repeated."""

import time

import pytest
from sqlalchemy import func, select, text

from backend.territory import queries
from backend.territory.files import read_csv, read_geojson
from backend.territory.location import Location
from backend.territory.models import District, PoliceUnit
from backend.territory.rows import from_cenacom
from backend.territory.services import (
    draw_provisional_cells,
    import_districts,
    import_units,
    reniec_codes,
)
from tests.territory.builders import TODAY

LIMIT_SECONDS = 60


@pytest.fixture
def files(shared):
    folder = shared / "territory"
    if not folder.is_dir():
        pytest.skip("../shared is absent")
    return folder


def load_units(files):
    raws = from_cenacom(read_csv(files / "comisarias_cenacom_2017.csv.gz"))
    return import_units(raws, "CENACOM 2017", TODAY, skip_refused=True)


def load_districts(files):
    raws = read_geojson(files / "peru_distritos_1874.geojson.gz")
    codes = reniec_codes(read_csv(files / "ubigeo_distritos_inei_reniec.csv.gz"))
    return import_districts(raws, "INEI", reniec=codes)


def scalar(db, sql):
    return db.session.execute(text(sql)).scalar_one()


def test_the_whole_country_in_under_a_minute_and_twice_without_a_change(db, files):
    """One load for everything that is asked of the country: it is by far what takes longest."""
    started = time.monotonic()
    units, districts = load_units(files), load_districts(files)
    cells = draw_provisional_cells(TODAY)
    assert time.monotonic() - started < LIMIT_SECONDS

    assert (units.added, len(units.refused), districts.added) == (1494, 1, 1874)
    assert str(units.refused[0]) == "fila 1496 (CENACOM-9079): falta la longitud"
    assert (cells.added, cells.twins, cells.without_cell) == (1273, (), ())
    every_corner_has_a_comisaria(db)

    units, districts = load_units(files), load_districts(files)
    again = draw_provisional_cells(TODAY)
    assert (units.unchanged, districts.unchanged) == (1494, 1874)
    assert (again.added, again.closed, again.unchanged) == (0, 0, 1273)


def every_corner_has_a_comisaria(db):
    assert db.session.scalar(select(func.count()).where(PoliceUnit.name.is_(None))) == 195
    assert db.session.scalar(select(func.count()).where(District.ubigeo_reniec.is_not(None))) > 1850
    assert scalar(db, "SELECT bool_and(ST_IsValid(geom)) FROM jurisdiction")

    covered = "SELECT sum(ST_Area(geom::geography)) FROM {}"
    share = scalar(db, covered.format("jurisdiction")) / scalar(db, covered.format("district"))
    assert share == pytest.approx(1, abs=0.005)

    outside = scalar(
        db,
        "SELECT count(*) FROM jurisdiction j JOIN police_unit u ON u.id = j.unit_id "
        "WHERE NOT ST_Covers(j.geom, u.point)",
    )
    assert outside <= 3  # the census puts these a little out of their own province

    middles = db.session.execute(
        select(
            District.ubigeo,
            func.ST_Y(func.ST_PointOnSurface(District.geom)),
            func.ST_X(func.ST_PointOnSurface(District.geom)),
        )
    ).all()
    for ubigeo, lat, lon in middles[::20]:
        place = queries.place_of(Location(lat, lon), TODAY)
        assert place.unit_id is not None, ubigeo
