"""Reads what the routes of quejas depend on: the desks in order, and who stands above whom."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select

from backend.db import db
from backend.reports.audience import ComplaintBar
from backend.reports.bars import Bar, Hierarchy, UnitAbove, bars_against, is_barred
from backend.reports.models import Report
from backend.territory.models import PoliceUnit, QuejaDesk
from backend.territory.queries import in_force, today


def queja_desk_ids(on: date | None = None) -> list[int]:
    """The desks that receive quejas, first choice first, as far as they are in force."""
    return list(
        db.session.scalars(
            select(QuejaDesk.unit_id)
            .join(PoliceUnit, PoliceUnit.id == QuejaDesk.unit_id)
            .where(in_force(on or today()))
            .order_by(QuejaDesk.position)
        )
    )


def cud_id() -> int | None:
    """The unit that a complaint about "the CUD itself" means: first in order, in force or not."""
    return db.session.scalar(select(QuejaDesk.unit_id).order_by(QuejaDesk.position).limit(1))


def whole_hierarchy() -> Hierarchy:
    """Every unit with the one above it: some thousand short rows."""
    query = select(PoliceUnit.id, PoliceUnit.parent_id, PoliceUnit.is_independent)
    rows = db.session.execute(query).tuples()
    return {unit_id: UnitAbove(parent_id, free) for unit_id, parent_id, free in rows}


def bars_of(report_id: UUID) -> frozenset[Bar]:
    """Who is kept from this report; nobody, unless it is a queja."""
    query = select(ComplaintBar.unit_id, ComplaintBar.is_accused)
    rows = db.session.execute(query.where(ComplaintBar.report_id == report_id)).tuples()
    return frozenset(Bar(*row) for row in rows)


def unbarred(unit_ids: Collection[int], bars: Collection[Bar], hierarchy: Hierarchy) -> list[int]:
    """The units of a list that may know, in its order."""
    return [unit_id for unit_id in unit_ids if not is_barred(unit_id, bars, hierarchy)]


def who_may_know(report: Report, unit_ids: list[int]) -> list[int]:
    """The units of a list that may be told of this report; all of them, unless it is a queja."""
    bars = bars_of(report.id)
    return unbarred(unit_ids, bars, whole_hierarchy()) if bars else unit_ids


def left_without_desk() -> list[int]:
    """Units in force of which nobody could complain to any desk for quejas.

    What comes against them goes to the desk of last resort, or nowhere if that is one of them.
    """
    hierarchy, desks = whole_hierarchy(), queja_desk_ids()
    everybody = db.session.scalars(
        select(PoliceUnit.id).where(in_force(today())).order_by(PoliceUnit.name, PoliceUnit.code)
    )
    return [
        unit_id
        for unit_id in everybody
        if not unbarred(desks, bars_against({unit_id}, hierarchy), hierarchy)
    ]


def still_there(unit_ids: Collection[int], on: date | None = None) -> list[int]:
    """The units of a list that are in force, in its order."""
    query = select(PoliceUnit.id).where(PoliceUnit.id.in_(unit_ids), in_force(on or today()))
    found = set(db.session.scalars(query))
    return [unit_id for unit_id in unit_ids if unit_id in found]
