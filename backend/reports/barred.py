"""Conditions that leave out the quejas which a unit must never learn of (`backend.reports.bars`).

Every query that anybody of that unit can cause uses one of them.
"""

from typing import Any

from sqlalchemy import ColumnElement, Exists, literal, or_, select, true

from backend.identity.models import AuditEntry
from backend.reports.audience import ComplaintBar
from backend.reports.models import Kind, Report
from backend.territory.queries import line_ids


def may_know(unit_id: int) -> ColumnElement[bool]:
    """On `Report`: everything but the quejas about this unit, one above it, or one below it.

    In this order and as an OR, so that only quejas pay for the look at their bars.
    """
    # Written into the statement: the planner then knows how few quejas there are.
    queja = literal(Kind.QUEJA.value, literal_execute=True)
    return or_(Report.kind != queja, ~_is_barred(unit_id, Report.id))


def may_audit(unit_id: int | None) -> ColumnElement[bool]:
    """On `AuditEntry`: an auditor of a unit does not read the trail of quejas kept from it."""
    if unit_id is None:
        return true()
    about = AuditEntry.report_id
    return or_(about.is_(None), ~_is_barred(unit_id, about))


def _is_barred(unit_id: int, report_id: Any) -> Exists:
    bar = ComplaintBar
    reaches = or_(bar.is_accused, bar.unit_id == unit_id)
    found = select(bar.report_id).where(
        bar.report_id == report_id, bar.unit_id.in_(line_ids(unit_id)), reaches
    )
    # The offset keeps the planner from reading every bar there is, once per statement, instead
    # of the few of each queja.
    return found.offset(0).exists()
