"""Reads the lists of desk and tray, one query each, all through `visible_to`; views call it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    case,
    func,
    or_,
    select,
    true,
)

from admin.desk_cards import (
    PAGE_ROWS,
    Card,
    Page,
    cards_of,
    newest_order,
    page_of,
    term_order,
    work_order,
)
from admin.desk_filters import Filters
from backend import clock
from backend.catalog.calendar import add_working_days
from backend.db import db
from backend.identity.models import Staff
from backend.reports.audience import Glimpse, GlimpseReason
from backend.reports.models import Report
from backend.reports.queries import glimpses_for, in_review, on_desk, still_open, visible_to
from backend.reports.states import UNSEEN_STATES, State
from backend.territory.models import DESKS_FOR_QUEJAS, District, PoliceUnit, UnitKind
from backend.territory.queries import subtree_ids

GLIMPSE_ROWS = 20
ARRIVAL_ROWS = 60
# So many are counted; beyond, the screen says "más de".
MOST_COUNTED = 500
# An answer that falls due within so many working days is said to be due soon.
DUE_SOON_DAYS = 3

UNIT_LEVELS_ABOVE = (UnitKind.REGION, UnitKind.DIVPOL)
# A desk for quejas hears of those that another such desk left unseen.
UNITS_THAT_ARE_TOLD = (*UNIT_LEVELS_ABOVE, *DESKS_FOR_QUEJAS)


@dataclass(frozen=True)
class Arrival:
    """A report that nobody has acknowledged yet; the browser rings for those it did not know."""

    id: UUID
    is_urgent: bool


@dataclass(frozen=True)
class GlimpsedCard:
    """All that a unit which does not own a report may know of it: nothing leads to the case."""

    numero: str
    categoria: str
    priority: int
    district: str | None
    received_at: datetime
    state: State


def desk_page(staff: Staff, filters: Filters, cursor: str = "", limit: int = PAGE_ROWS) -> Page:
    """A page of the desk: the worklist, urgent first; or the newest first with closed ones.

    What is due soon stands in the order in which it is due.
    """
    query = cards_of(staff).where(on_desk(), *_scope(staff, filters), *_conditions(filters))
    if filters.plazo:
        query = query.where(*_due_soon(clock.now()))
        return page_of(query, *term_order(), cursor, limit)
    rank, at = work_order() if filters.only_open else newest_order()
    return page_of(query, rank, at, cursor, limit, is_falling=not filters.only_open)


def escalated_cards(staff: Staff) -> list[Card]:
    """What another unit left unacknowledged, so that this unit was told."""
    if staff.unit is None or staff.unit.kind not in UNITS_THAT_ARE_TOLD:
        return []
    told = Report.escalated_unit_id == staff.unit_id
    query = cards_of(staff).where(on_desk(), told, Report.state.in_(UNSEEN_STATES))
    rank, at = work_order()
    return page_of(query, rank, at, "", PAGE_ROWS).cards


def review_page(staff: Staff, cursor: str = "") -> Page:
    """The review tray of the own unit and those below it: urgent first, then by its clock."""
    rank = case((Report.priority == 1, 0), else_=1)
    at = func.coalesce(Report.held_until, Report.received_at)
    return page_of(cards_of(staff).where(in_review()), rank, at, cursor, PAGE_ROWS)


def arrivals(staff: Staff, *, is_wide: bool) -> list[Arrival]:
    """The latest reports that wait for "recibido", whatever the filters; for the sound."""
    query = (
        select(Report.id, Report.priority == 1)
        .where(on_desk(), visible_to(staff), Report.state.in_(UNSEEN_STATES))
        .where(*(() if is_wide else (_own_or_told(staff),)))
        .order_by(Report.updated_at.desc())
        .limit(ARRIVAL_ROWS)
    )
    return [Arrival(*row) for row in db.session.execute(query)]


def review_count(staff: Staff) -> int:
    """How many reports wait in the review tray, up to `MOST_COUNTED`."""
    some = select(Report.id).where(visible_to(staff), in_review()).limit(MOST_COUNTED)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def due_count(staff: Staff, filters: Filters, now: datetime) -> int:
    """How many open cases fall due soon or are overdue, up to `MOST_COUNTED`."""
    due = (visible_to(staff), on_desk(), *_scope(staff, filters), *_due_soon(now))
    some = select(Report.id).where(*due).limit(MOST_COUNTED)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def glimpses(staff: Staff, reason: GlimpseReason, since: datetime) -> list[GlimpsedCard]:
    """Neighbours' reports near the own border, or those that the own unit handed over."""
    query: Select[Any] = glimpses_for(staff, reason).with_only_columns(
        Report.numero,
        Report.categoria,
        Report.priority,
        District.name,
        Report.received_at,
        Report.state,
    )
    query = query.outerjoin(District, District.ubigeo == Report.ubigeo)
    query = query.where(on_desk(), Glimpse.since >= since)
    return [GlimpsedCard(*row) for row in db.session.execute(query.limit(GLIMPSE_ROWS))]


def visible_number(staff: Staff, numero: str) -> UUID | None:
    """The report with this canonical number, if this member of staff may see it."""
    query = select(Report.id).where(Report.numero == numero, visible_to(staff), on_desk())
    return db.session.scalar(query)


def former_number(staff: Staff, numero: str) -> State | None:
    """The state of a report that the own unit handed over."""
    query: Select[Any] = glimpses_for(staff, GlimpseReason.FORMER_OWNER)
    return db.session.scalar(
        query.with_only_columns(Report.state).where(Report.numero == numero).order_by(None)
    )


def units_below(staff: Staff) -> list[PoliceUnit]:
    """The units whose desks a supervisor may open; none for a comisaría or a sector."""
    if staff.unit is None or staff.unit.kind not in UNIT_LEVELS_ABOVE:
        return []
    query = (
        select(PoliceUnit)
        .where(PoliceUnit.id.in_(subtree_ids(staff.unit.id)), PoliceUnit.id != staff.unit_id)
        .where(PoliceUnit.kind != UnitKind.SECTOR, PoliceUnit.name.is_not(None))
        .order_by(PoliceUnit.name)
    )
    return list(db.session.scalars(query))


def _scope(staff: Staff, filters: Filters) -> list[ColumnElement[bool]]:
    if filters.unit_id is not None:
        return [Report.unit_id == filters.unit_id]
    return [] if filters.is_wide else [_own(staff)]


def _own(staff: Staff) -> ColumnElement[bool]:
    if staff.unit is not None and staff.unit.kind == UnitKind.SECTOR:
        return true()  # visible_to gives nothing but what is assigned to the sector
    return Report.unit_id == staff.unit_id


def _own_or_told(staff: Staff) -> ColumnElement[bool]:
    if staff.unit is None or staff.unit.kind not in UNITS_THAT_ARE_TOLD:
        return _own(staff)
    return or_(_own(staff), Report.escalated_unit_id == staff.unit_id)


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    columns = {
        "estado": Report.state,
        "tipo": Report.kind,
        "categoria": Report.categoria,
        "marca": Report.moderation,
        "verificacion": Report.verification,
    }
    asked = [c == getattr(filters, name) for name, c in columns.items() if getattr(filters, name)]
    if filters.prioridad:
        asked.append(Report.priority == int(filters.prioridad))
    return [*asked, still_open()] if filters.only_open else asked


def _due_soon(now: datetime) -> tuple[ColumnElement[bool], ...]:
    last = add_working_days(clock.in_lima(now).date(), DUE_SOON_DAYS)
    return (Report.answer_by <= last, still_open())
