"""Polygons of jurisdictions have periods: a replaced one is closed and kept."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.db import transaction
from backend.territory.files import FileRefused
from backend.territory.models import Jurisdiction
from tests.territory.builders import (
    TODAY,
    drawn_cells,
    polygon_of,
    square,
    stored_polygons,
    stored_units,
    unit,
)

LATER = date(2027, 3, 1)


def periods(db):
    query = select(Jurisdiction.valid_from, Jurisdiction.valid_until, Jurisdiction.is_provisional)
    return [tuple(row) for row in db.session.execute(query.order_by(Jurisdiction.id))]


def test_the_same_file_twice_changes_nothing(db):
    stored_units(unit("A"))
    feature = polygon_of("A", square(-12.06, -77.05), vigente_desde="2024-05-01", fuente="R.D. 1")
    assert stored_polygons(feature).added == 1
    assert stored_polygons(feature, today=LATER).unchanged == 1
    assert periods(db) == [(date(2024, 5, 1), None, False)]


def test_a_replaced_polygon_is_closed_and_kept(db):
    stored_units(unit("A"))
    stored_polygons(polygon_of("A", square(-12.06, -77.05)))
    report = stored_polygons(polygon_of("A", square(-12.07, -77.05)), today=LATER)
    assert (report.updated, report.added) == (1, 0)
    assert periods(db) == [(TODAY, LATER, False), (LATER, None, False)]


def test_twice_replaced_in_a_day_leaves_an_empty_period_not_a_gap(db):
    stored_units(unit("A"))
    for lat in (-12.06, -12.07, -12.08):
        stored_polygons(polygon_of("A", square(lat, -77.05)))
    assert periods(db) == [(TODAY, TODAY, False), (TODAY, TODAY, False), (TODAY, None, False)]


def test_a_surveyed_polygon_replaces_a_provisional_cell_even_if_older(db):
    stored_units(unit("A"))
    drawn_cells()
    stored_polygons(polygon_of("A", square(-12.06, -77.05), vigente_desde="2024-05-01"))
    assert periods(db) == [(TODAY, TODAY, True), (date(2024, 5, 1), None, False)]


def test_bad_features_are_refused_in_words(db):
    stored_units(unit("A"), unit("CERRADA", vigente_hasta="2021-01-01"))
    stored_polygons(polygon_of("A", square(-12.06, -77.05)))
    with pytest.raises(FileRefused) as refused:
        stored_polygons(
            polygon_of("NADIE", square(-12, -77), 1),
            polygon_of("CERRADA", square(-12, -77), 2),
            polygon_of("A", square(-12, -77), 3, vigente_desde="2020-01-01"),
        )
    reasons = [refusal.reason for refusal in refused.value.refusals]
    assert reasons[0] == "no hay una unidad vigente con el código «NADIE»"
    assert reasons[1] == "no hay una unidad vigente con el código «CERRADA»"
    assert "es anterior a la que reemplaza" in reasons[2]
    with pytest.raises(FileRefused) as refused:
        stored_polygons(polygon_of("A", square(-12, -77), vigente_desde="2030-01-01"))
    assert "está en el futuro" in refused.value.refusals[0].reason


def test_the_database_allows_one_open_jurisdiction_per_unit(db):
    stored_units(unit("A"))
    stored_polygons(polygon_of("A", square(-12.06, -77.05)))
    unit_id = db.session.scalar(select(Jurisdiction.unit_id))
    with pytest.raises(IntegrityError, match="uq_jurisdiction_current_unit"), transaction():
        db.session.add(
            Jurisdiction(
                unit_id=unit_id,
                geom="SRID=4326;MULTIPOLYGON(((-77 -12,-76 -12,-76 -11,-77 -12)))",
                is_provisional=True,
                source="prueba",
                valid_from=TODAY,
            )
        )
