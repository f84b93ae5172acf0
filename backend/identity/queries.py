"""Reads accounts and the audit trail for the panel; never commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from backend.db import db
from backend.errors import NotFound
from backend.identity.models import AuditEntry, Role, RoleName, Staff

PAGE_ROWS = 50


@dataclass(frozen=True)
class TrailFilter:
    """Which entries of the audit trail are asked for; None does not narrow."""

    since: datetime | None = None
    until: datetime | None = None
    staff_id: int | None = None
    action: str | None = None
    report_id: UUID | None = None


@dataclass(frozen=True)
class TrailEntry:
    """One line of the audit trail, with the user names that its ids stand for."""

    id: int
    at: datetime
    username: str | None
    action: str
    report_id: UUID | None
    subject: str | None
    details: dict[str, Any]


def staff_by_id(staff_id: int) -> Staff:
    """The account; raises `NotFound`."""
    staff = db.session.get(Staff, staff_id)
    if staff is None:
        raise NotFound("No existe esa cuenta.")
    return staff


def staff_id_named(username: str) -> int | None:
    """The id of the account with that user name, if any."""
    query = select(Staff.id).where(Staff.username == username.strip().lower())
    return db.session.scalar(query)


def staff_page(words: str, after: str = "", limit: int = PAGE_ROWS) -> Sequence[Staff]:
    """Accounts whose user name or name holds the words, in order of user name."""
    found = or_(
        Staff.username.contains(words.lower(), autoescape=True),
        func.lower(Staff.display_name).contains(words.lower(), autoescape=True),
    )
    query = select(Staff).where(found, Staff.username > after).order_by(Staff.username)
    return db.session.scalars(query.limit(limit)).unique().all()


def is_last_administrator(staff_id: int) -> bool:
    """Whether nobody would be left to keep the accounts without this one."""
    others = (
        select(func.count())
        .select_from(Staff)
        .where(
            Staff.id != staff_id,
            Staff.active,
            Staff.roles.any(Role.name == RoleName.ADMINISTRADOR),
        )
    )
    return db.session.scalar(others) == 0


def trail(
    wanted: TrailFilter,
    condition: ColumnElement[bool],
    after: tuple[datetime, int] | None = None,
    limit: int = PAGE_ROWS,
) -> list[TrailEntry]:
    """Entries of the audit trail within `condition`, the latest first.

    The next page comes `after` the last one.
    """
    subject = aliased(Staff)
    query = (
        select(
            AuditEntry.id,
            AuditEntry.at,
            Staff.username,
            AuditEntry.action,
            AuditEntry.report_id,
            subject.username,
            AuditEntry.details,
        )
        .outerjoin(Staff, Staff.id == AuditEntry.staff_id)
        .outerjoin(subject, subject.id == AuditEntry.subject_staff_id)
        .where(condition, *_conditions(wanted))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(AuditEntry.at, AuditEntry.id) < after)
    return [TrailEntry(*row) for row in db.session.execute(query)]


def _conditions(wanted: TrailFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.since:
        conditions.append(AuditEntry.at >= wanted.since)
    if wanted.until:
        conditions.append(AuditEntry.at < wanted.until)
    if wanted.staff_id is not None:
        conditions.append(AuditEntry.staff_id == wanted.staff_id)
    if wanted.action:
        conditions.append(AuditEntry.action == wanted.action)
    if wanted.report_id:
        conditions.append(AuditEntry.report_id == wanted.report_id)
    return conditions
