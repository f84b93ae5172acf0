"""Reading reports: who may see which, the desk, and what lies near a case."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
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
from backend.territory.queries import subtree_ids

# A desk whose page has not called home for this long is not attended.
HEARTBEAT_SECONDS = 60
NEARBY_METRES = 500
NEARBY_HOURS = 24


def visible_to(staff: Staff) -> ColumnElement[bool]:
    """The condition on `Report` that scopes every query of the panel (design §7).

    Case roles see what their unit or a unit below it owns, and a jefe de sector what is
    assigned to the own sector. Everybody else sees no report at all: administrators keep
    accounts, auditors read the trail, analysts read sums.
    """
    if staff.unit_id is None or not staff.active or not staff.is_one_of(*CASE_ROLES):
        return false()
    units = subtree_ids(staff.unit_id)
    return or_(Report.unit_id.in_(units), Report.sector_id.in_(units))


def report_for(staff: Staff, report_id: UUID, *, lock: bool = False) -> Report:
    """The report, if this member of staff may see it; `NotFound` says no more than that."""
    query = select(Report).where(Report.id == report_id, visible_to(staff))
    if lock:
        query = query.with_for_update(of=Report)
    report = db.session.scalar(query.execution_options(populate_existing=lock))
    if report is None:
        raise NotFound("No encontramos ese reporte entre los de tu unidad.")
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


def is_attended(unit_id: int, now: datetime) -> bool:
    """Whether somebody has this unit's desk open."""
    since = now - timedelta(seconds=HEARTBEAT_SECONDS)
    return bool(
        db.session.scalar(
            select(exists().where(DeskHeartbeat.unit_id == unit_id, DeskHeartbeat.seen_at >= since))
        )
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


def desk_version(staff: Staff) -> datetime | None:
    """When anything that this member of staff may see last changed; cheap, asked often."""
    return db.session.scalar(select(func.max(Report.updated_at)).where(visible_to(staff)))


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
