"""Reading reports: who may see which, the desk, and what lies near a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    false,
    func,
    literal,
    select,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from backend.db import db
from backend.errors import NotFound
from backend.identity.models import CASE_ROLES, Staff
from backend.reports.models import (
    DeskHeartbeat,
    Glimpse,
    GlimpseReason,
    HistoryEntry,
    Message,
    Report,
)
from backend.reports.states import OPEN_STATES, UNSEEN_STATES, Moderation, State
from backend.territory.models import PoliceUnit, UnitKind
from backend.territory.queries import subtree_ids

# A desk whose page has not called home for this long is not attended.
HEARTBEAT = timedelta(seconds=60)
NEARBY_METRES = 500
NEARBY_HOURS = 24
# So many changes of one unit may commit out of order without a desk missing any.
PULSE_ROWS = 12


@dataclass(frozen=True)
class Pulse:
    """The version of a desk, and when its unit's heartbeat was last written."""

    version: str
    beaten_at: datetime | None


def visible_to(staff: Staff) -> ColumnElement[bool]:
    """The condition on `Report` that scopes every query of the panel (design §7).

    Case roles see what their unit or a unit below it owns, and a jefe de sector what is
    assigned to the own sector. Everybody else sees no report at all: administrators keep
    accounts, auditors read the trail, analysts read sums.
    """
    if staff.unit is None or not staff.active or not staff.is_one_of(*CASE_ROLES):
        return false()
    # Two plain conditions and no OR between them, so that either is answered from an index. A
    # sector's comisaría owns what the sector is assigned: units above need not ask for sectors.
    if staff.unit.kind == UnitKind.SECTOR:
        return Report.sector_id == staff.unit_id
    return Report.unit_id.in_(subtree_ids(staff.unit.id))


def report_for(staff: Staff, report_id: UUID, *, lock: bool = False) -> Report:
    """The report, if this member of staff may see it; `NotFound` says no more than that."""
    query = select(Report).where(Report.id == report_id, visible_to(staff))
    if lock:
        query = query.with_for_update(of=Report)
    report = db.session.scalar(query.execution_options(populate_existing=lock))
    if report is None:
        raise NotFound("No encontramos ese reporte entre los de su unidad.")
    return report


def glimpses_for(staff: Staff, reason: GlimpseReason) -> Select[tuple[Report, Glimpse]]:
    """Reports that the own unit may glimpse without owning them; sensible ones never."""
    if staff.unit_id is None or not staff.active or not staff.is_one_of(*CASE_ROLES):
        condition: ColumnElement[bool] = false()
    else:
        condition = Glimpse.unit_id == staff.unit_id
    return (
        select(Report, Glimpse)
        .join(Glimpse, Glimpse.report_id == Report.id)
        .where(condition, Glimpse.reason == reason, Report.is_sensible.is_(False))
        .order_by(Glimpse.since.desc())
    )


def on_desk() -> ColumnElement[bool]:
    """What has reached a desk: everything but what still waits for the machines or the tray."""
    return Report.state != State.RECEIVED


def still_open() -> ColumnElement[bool]:
    """Reports on which somebody still has to act."""
    return Report.state.in_(OPEN_STATES)


def in_review() -> ColumnElement[bool]:
    """The review tray: held by the machines until a person looks or the clock runs out."""
    return and_(Report.moderation == Moderation.HELD, Report.state.in_(UNSEEN_STATES))


def desk_pulse(staff: Staff, *, is_wide: bool = False) -> Pulse:
    """Which version of the desk is current; cheap, because every open desk asks all the time.

    The version changes with anything that this member of staff may see: in the own unit, or in
    every unit below it when wide. It is drawn from the latest changes and not from the last one
    alone, because a transaction may commit after another that began later.
    """
    if staff.unit is None or not staff.active or not staff.is_one_of(*CASE_ROLES):
        return Pulse("", None)
    latest = _latest_below(staff.unit.id) if is_wide else _latest_of(staff.unit)
    changes = func.string_agg(
        func.concat(latest.c.id, latest.c.updated_at),
        aggregate_order_by(literal(","), latest.c.updated_at, latest.c.id),
    )
    seen_at = (
        select(DeskHeartbeat.seen_at).where(DeskHeartbeat.unit_id == staff.unit_id)
    ).scalar_subquery()
    version, beaten_at = db.session.execute(
        select(func.md5(func.coalesce(changes, "")), seen_at).select_from(latest)
    ).one()
    return Pulse(version, beaten_at)


def _latest_of(unit: PoliceUnit) -> Subquery:
    if unit.kind == UnitKind.SECTOR:
        return _latest(Report.sector_id == unit.id).subquery()
    owned, escalated = Report.unit_id == unit.id, Report.escalated_unit_id == unit.id
    both = union(select(_latest(owned).subquery()), select(_latest(escalated).subquery()))
    return both.subquery()


def _latest_below(unit_id: int) -> Subquery:
    below = subtree_ids(unit_id).subquery()
    latest = _latest(Report.unit_id == below.c.id).correlate(below).lateral()
    return select(latest).select_from(below).join(latest, true()).subquery()


def _latest(condition: ColumnElement[bool]) -> Select[tuple[UUID, datetime]]:
    query = select(Report.id, Report.updated_at).where(condition)
    return query.order_by(Report.updated_at.desc()).limit(PULSE_ROWS)


def near(report: Report, staff: Staff, limit: int = 10) -> Sequence[Report]:
    """Other reports near in place and time that this officer may see, nearest first."""
    if report.point is None:
        return []
    other = aliased(Report)
    here = select(other.point).where(other.id == report.id).scalar_subquery()
    distance = func.ST_DistanceSphere(Report.point, here)
    # Degrees only pre-select by index; metres decide. A degree of latitude is 111 km.
    box_degrees = NEARBY_METRES / 100_000
    return db.session.scalars(
        select(Report)
        .where(
            visible_to(staff),
            on_desk(),
            Report.id != report.id,
            func.ST_DWithin(Report.point, here, box_degrees),
            distance <= NEARBY_METRES,
            Report.received_at.between(
                report.received_at - timedelta(hours=NEARBY_HOURS),
                report.received_at + timedelta(hours=NEARBY_HOURS),
            ),
        )
        .order_by(distance)
        .limit(limit)
    ).all()


def history_of(report_id: UUID) -> Sequence[HistoryEntry]:
    """Every step of a report's life, oldest first."""
    return db.session.scalars(
        select(HistoryEntry).where(HistoryEntry.report_id == report_id).order_by(HistoryEntry.id)
    ).all()


def messages_of(report_id: UUID) -> Sequence[Message]:
    """The thread between author and unit, oldest first."""
    return db.session.scalars(
        select(Message).where(Message.report_id == report_id).order_by(Message.id)
    ).all()
