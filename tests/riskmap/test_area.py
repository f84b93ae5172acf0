"""Whose ground an officer sees on the map."""

from datetime import date

import pytest

from backend.db import db, transaction
from backend.identity.models import Role, RoleName, Staff
from backend.riskmap.queries import area_of
from backend.territory.models import PoliceUnit, UnitKind

pytestmark = pytest.mark.usefixtures("app")


def a_unit(code: str, kind: UnitKind, parent_id: int | None = None) -> int:
    unit = PoliceUnit(
        code=code,
        kind=kind,
        name=code,
        parent_id=parent_id,
        valid_from=date(2026, 1, 1),
        source="test",
    )
    with transaction():
        db.session.add(unit)
    return unit.id


def somebody(role: RoleName, unit_id: int | None) -> Staff:
    return Staff(unit_id=unit_id, roles=[Role(name=role)])


def test_the_own_unit_and_those_below_it():
    region = a_unit("R", UnitKind.REGION)
    station = a_unit("C", UnitKind.COMISARIA, region)
    other = a_unit("O", UnitKind.COMISARIA)

    assert set(area_of(somebody(RoleName.ANALISTA, region)) or ()) == {region, station}
    assert area_of(somebody(RoleName.COMISARIO, station)) == [station]
    assert area_of(somebody(RoleName.ANALISTA, other)) == [other]


@pytest.mark.parametrize("role", list(RoleName))
def test_without_a_unit_only_an_analyst_has_the_country(role: RoleName):
    everywhere = area_of(somebody(role, None)) is None

    assert everywhere is (role is RoleName.ANALISTA)
