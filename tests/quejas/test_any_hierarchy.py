"""Whatever hierarchy an institution has: who sees a queja, against the rule told another way."""

from datetime import date
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from backend import clock
from backend.db import db, transaction
from backend.identity.models import Role, Staff
from backend.reports.models import Report
from backend.reports.queries import visible_to
from backend.routing.services import Complained, Level, route_queja
from backend.territory.models import PoliceUnit
from tests.quejas.builders import IN_THE_CELL, MATTERS, a_queja, order_desks

Shape = tuple[list[tuple[int | None, bool]], int, int, str]


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    """Parents and independence of some units; which is accused, which receives; a matter."""
    size = draw(st.integers(2, 7))
    units = [
        (draw(st.none() | st.integers(0, place - 1)) if place else None, draw(st.booleans()))
        for place in range(size)
    ]
    accused, desk = draw(st.integers(0, size - 1)), draw(st.integers(0, size - 1))
    return units, accused, desk, draw(st.sampled_from(MATTERS))


def test_who_sees_it_in_any_hierarchy(parts, app):
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(shapes())
    def whatever(shape: Shape) -> None:
        units, accused, desk, matter = shape
        made = build(units)
        order_desks(made[desk])
        complained = Complained(Level.UNIT, made[accused].id)
        found = route_queja(parts.catalog.asunto(matter), IN_THE_CELL, complained, clock.now())
        kept = must_not_know(units, accused)
        assert (found.unit_id == made[desk].id) == (desk not in kept)
        report_id = a_queja(parts, clock.now(), matter, complained)
        for place, unit in enumerate(made):
            owner_below = desk not in kept and place in [desk, *above(units, desk)]
            assert sees(unit, report_id) == (owner_below and place not in kept)

    whatever()


def must_not_know(units: list[tuple[int | None, bool]], accused: int) -> set[int]:
    """The unit, all below it, and those above it up to the first that is independent."""
    kept = {place for place in range(len(units)) if accused in [place, *above(units, place)]}
    for place in above(units, accused):
        if units[place][1]:
            break
        kept.add(place)
    return kept


def above(units: list[tuple[int | None, bool]], place: int) -> list[int]:
    parent = units[place][0]
    return [] if parent is None else [parent, *above(units, parent)]


def build(units: list[tuple[int | None, bool]]) -> list[PoliceUnit]:
    made: list[PoliceUnit] = []
    with transaction():
        for parent, is_independent in units:
            unit = PoliceUnit(
                code=uuid4().hex,
                kind="especializada",
                name="Unidad",
                parent_id=None if parent is None else made[parent].id,
                is_independent=is_independent,
                valid_from=date(2020, 1, 1),
                source="prueba",
            )
            db.session.add(unit)
            db.session.flush()
            made.append(unit)
    return made


def somebody(unit: PoliceUnit) -> Staff:
    """A supervisor of the unit, for the queries alone."""
    return Staff(unit=unit, unit_id=unit.id, active=True, roles=[Role(name="supervisor")])


def sees(unit: PoliceUnit, report_id: object) -> bool:
    query = select(Report.id).where(Report.id == report_id, visible_to(somebody(unit)))
    return db.session.scalar(query) is not None
