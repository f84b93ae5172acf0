"""Who is above, who is below, and on which day."""

from datetime import date

import pytest
from sqlalchemy import select

from backend.db import transaction
from backend.territory import queries
from backend.territory.models import PoliceUnit
from tests.territory.builders import TODAY, above, stored_units, unit


@pytest.fixture
def ids(db):
    stored_units(
        above("R", "region"),
        above("D-VIEJA", "divpol", padre="R", vigente_hasta="2024-01-01"),
        above("D", "divpol", padre="R"),
        unit("A", padre="D"),
        unit("CERRADA", padre="D-VIEJA"),
        above("A-S2", "sector", padre="A", nombre="Sector 2"),
        above("A-S1", "sector", padre="A", nombre="Sector 1"),
        above("A-S0", "sector", padre="A", nombre="Sector 0", vigente_hasta="2025-01-01"),
        above("OTRA", "region"),
    )
    return dict(db.session.execute(select(PoliceUnit.code, PoliceUnit.id)).tuples().all())


def below(db, ids, code, on=None):
    found = set(db.session.scalars(queries.subtree_ids(ids[code], on)))
    return {name for name, id_ in ids.items() if id_ in found}


def test_a_subtree_is_the_unit_and_everything_below(db, ids):
    assert below(db, ids, "D") == {"D", "A", "A-S0", "A-S1", "A-S2"}
    assert below(db, ids, "A-S1") == {"A-S1"}


def test_old_cases_stay_visible_so_closed_units_are_below_too(db, ids):
    assert {"D-VIEJA", "CERRADA"} <= below(db, ids, "R")


def test_on_a_day_only_what_was_in_force_and_what_hangs_from_it(db, ids):
    assert below(db, ids, "R", TODAY) == {"R", "D", "A", "A-S1", "A-S2"}
    assert {"D-VIEJA", "CERRADA", "A-S0"} <= below(db, ids, "R", date(2023, 6, 1))
    assert below(db, ids, "R", date(2019, 12, 31)) == set()
    assert below(db, ids, "D-VIEJA", date(2024, 1, 1)) == set()  # the last day is excluded


def test_it_serves_inside_another_query_more_than_once(db, ids):
    query = select(PoliceUnit.code).where(
        PoliceUnit.id.in_(queries.subtree_ids(ids["R"])),
        PoliceUnit.id.not_in(queries.subtree_ids(ids["D"])),
    )
    assert set(db.session.scalars(query)) == {"R", "D-VIEJA", "CERRADA"}


def test_ancestors_come_nearest_first(db, ids):
    assert [one.code for one in queries.ancestors(ids["A-S1"])] == ["A", "D", "R"]
    assert [one.code for one in queries.ancestors(ids["CERRADA"], TODAY)] == ["R"]
    assert queries.ancestors(ids["R"]) == []


def test_a_circle_closed_by_hand_does_not_hang_anybody(db, ids):
    with transaction():
        db.session.get(PoliceUnit, ids["R"]).parent_id = ids["A"]
    assert {"R", "D", "A"} <= below(db, ids, "A")
    assert len(queries.ancestors(ids["A"])) == queries.MAX_DEPTH


def test_sectors_in_force_by_name(db, ids):
    assert [one.name for one in queries.sectors_of(ids["A"], TODAY)] == ["Sector 1", "Sector 2"]
