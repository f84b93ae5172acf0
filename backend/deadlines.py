"""What happens to a report when its time runs out and nobody has acted; the schedule calls it."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from backend.db import db, transaction
from backend.errors import whereabouts
from backend.forwarding.models import Purpose
from backend.journey import acknowledge_by, deliver, pass_on
from backend.parts import Parts
from backend.queue import Ring
from backend.reports.models import Kind, Report
from backend.reports.moves import note
from backend.routing.services import next_to_tell
from backend.territory import queries as territory

log = structlog.get_logger()


def release_overdue_reviews(parts: Parts, now: datetime, limit: int = 200) -> int:
    """Forward as they are the reports that nobody reviewed in time; returns how many."""

    def release(report: Report) -> list[Ring]:
        return pass_on(parts, report, event="review_ran_out", now=now)

    return _one_by_one(parts, Report.held_until, now, limit, release)


def escalate_overdue(parts: Parts, now: datetime, limit: int = 200) -> int:
    """Tell one level up about reports that nobody acknowledged in time; returns how many."""

    def escalate(report: Report) -> list[Ring]:
        return _escalate(parts, report, now)

    return _one_by_one(parts, Report.acknowledge_by, now, limit, escalate)


def _escalate(parts: Parts, report: Report, now: datetime) -> list[Ring]:
    above_id = _next_above(report)
    if above_id is None:
        report.acknowledge_by = None
        note(report, at=now, event="nobody_above")
        return []
    report.acknowledge_by = acknowledge_by(parts.catalog.subject(report.categoria), now)
    report.escalated_unit_id = above_id
    return deliver(report, above_id, Purpose.ESCALATION, now)


def _next_above(report: Report) -> int | None:
    if report.kind is Kind.QUEJA:
        return next_to_tell(report)
    last_told = report.escalated_unit_id or report.unit_id
    above = territory.ancestors(last_told, territory.today())
    return above[0].id if above else None


def remind_terms(parts: Parts, now: datetime, limit: int = 200) -> int:
    """Tell the owning desks of answers that fall due soon; returns how many."""

    def remind(report: Report) -> list[Ring]:
        report.remind_at = None
        note(report, at=now, event="term_near")
        return deliver(report, report.unit_id, Purpose.REMINDER, now)

    return _one_by_one(parts, Report.remind_at, now, limit, remind)


def _one_by_one(
    parts: Parts,
    deadline: InstrumentedAttribute[datetime | None],
    now: datetime,
    limit: int,
    act: Callable[[Report], list[Ring]],
) -> int:
    """Act on each report past the deadline, in a transaction of its own; returns how many.

    One report that cannot be handled is logged and must not hold up the others.
    """
    overdue = select(Report.id).where(deadline <= now).order_by(deadline).limit(limit)
    report_ids = db.session.scalars(overdue).all()
    done = 0
    for report_id in report_ids:
        try:
            done += _act_on(parts, report_id, deadline <= now, act)
        except Exception as error:
            log.error("sweep.failed", report_id=str(report_id), **whereabouts(error))
    db.session.rollback()
    return done


def _act_on(
    parts: Parts,
    report_id: UUID,
    is_still_due: ColumnElement[bool],
    act: Callable[[Report], list[Ring]],
) -> bool:
    with transaction():
        query = select(Report).where(Report.id == report_id, is_still_due)
        report = db.session.scalar(query.with_for_update(skip_locked=True))
        rings = act(report) if report is not None else []
    parts.doorbell.ring(rings)
    return report is not None
