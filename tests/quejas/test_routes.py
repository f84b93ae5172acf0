"""Where a queja goes: by whom it complains of, its matter and the order of the desks."""

from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import update

from backend import clock
from backend.db import db, transaction
from backend.errors import Conflict
from backend.reports.services import Place
from backend.routing.services import Complained, Level, route_queja
from backend.territory.models import PoliceUnit
from tests.quejas.builders import IN_THE_CELL, NOT_KNOWN, NOWHERE, THE_CUD, Ladder, against, codes
from tests.quejas.builders import order_desks as order


@dataclass(frozen=True)
class Case:
    of: str | Complained | None
    unit: str
    bars: dict[str, bool]
    asunto: str = "maltrato_policial"
    place: Place = IN_THE_CELL


UP_TO_REG = {"WEST": True, "DIV": False, "REG": False}
TABLE = {
    "a comisaría": Case("WEST", "CUD", UP_TO_REG),
    "another comisaría than that of the place": Case(
        "EAST", "CUD", {"EAST": True, "DIV": False, "REG": False}
    ),
    "a sector": Case("WEST-1", "CUD", {"WEST-1": True, "WEST": False, "DIV": False, "REG": False}),
    "the region": Case("REG", "CUD", {"REG": True}),
    "no sé: the comisaría of the place is kept out as a precaution": Case(
        NOT_KNOWN, "CUD", UP_TO_REG
    ),
    "no sé, and no place": Case(NOT_KNOWN, "CUD", {}, place=NOWHERE),
    "the CUD itself": Case(THE_CUD, "INSP", {"CUD": True}),
    "the CUD, named as a unit": Case("CUD", "INSP", {"CUD": True}),
    "the Inspectoría": Case("INSP", "CUD", {"INSP": True}),
    "nobody of the police": Case(None, "CUD", {}, "crimen_organizado"),
    "drugs have a desk of their own": Case("WEST", "DROGAS", UP_TO_REG, "punto_de_drogas"),
    "extortion, too": Case(None, "EXT", {}, "cobro_de_cupos"),
    "drugs, but it is that desk": Case(
        "DROGAS", "CUD", {"DROGAS": True, "REG": False}, "punto_de_drogas"
    ),
    "drugs, but the region covers them": Case("REG", "CUD", {"REG": True}, "punto_de_drogas"),
    "trata without a desk": Case(None, "CUD", {}, "queja_trata"),
}


@pytest.fixture
def ladder(app: object) -> Ladder:
    return Ladder()


def the(code: str) -> PoliceUnit:
    return db.session.query(PoliceUnit).where(PoliceUnit.code == code).one()


def go(parts, of, asunto="maltrato_policial", place=IN_THE_CELL):
    complained = against(the(of)) if isinstance(of, str) else of
    return route_queja(parts.catalog.asunto(asunto), place, complained, clock.now())


@pytest.mark.parametrize("case", TABLE.values(), ids=TABLE)
def test_routes(parts, ladder: Ladder, case: Case):
    found = go(parts, case.of, case.asunto, case.place)
    assert codes([found.unit_id]) == {case.unit}
    assert {codes([bar.unit_id]).pop(): bar.is_accused for bar in found.bars} == case.bars
    assert found.neighbour_ids == ()
    assert found.jurisdiction_id is None


def test_an_independent_level_above_may_know(parts, ladder: Ladder):
    with transaction():
        db.session.execute(
            update(PoliceUnit).where(PoliceUnit.code == "DIV").values(is_independent=True)
        )
    assert codes(bar.unit_id for bar in go(parts, "WEST").bars) == {"WEST"}


def test_a_desk_below_the_accused_is_passed_over(parts, ladder: Ladder):
    order(the("EXT"), ladder.inspection)
    assert codes([go(parts, "REG").unit_id]) == {"INSP"}


def test_a_desk_above_the_accused_is_passed_over(parts, ladder: Ladder):
    inside = PoliceUnit(
        code="OFI",
        kind="comisaria",
        parent_id=ladder.cud.id,
        source="x",
        valid_from=date(2020, 1, 1),
    )
    with transaction():
        db.session.add(inside)
    assert codes([go(parts, "OFI").unit_id]) == {"INSP"}


def test_the_alternate_steps_in(parts, ladder: Ladder):
    with transaction():
        gone = update(PoliceUnit).where(PoliceUnit.code == "INSP")
        db.session.execute(gone.values(valid_until=date(2021, 1, 1)))
    assert codes([go(parts, THE_CUD).unit_id]) == {"ALT"}


def test_without_any_desk_it_goes_to_the_last_resort(parts, ladder: Ladder):
    order()
    found = go(parts, "WEST")
    assert codes([found.unit_id]) == {"SIN-JURISDICCION"}
    assert go(parts, THE_CUD).bars == frozenset()


def test_rather_nobody_than_the_accused(parts, ladder: Ladder):
    order()
    with pytest.raises(Conflict, match="1818"):
        go(parts, "SIN-JURISDICCION")


def test_whoever_hears_next_may_know_of_it(parts, ladder: Ladder):
    found = go(parts, Complained(Level.UNIT, ladder.inspection.id))
    assert codes([found.unit_above_id]) == {"ALT"}
