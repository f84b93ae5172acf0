"""The trace of openings, as the author, supervisors and the auditor read it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, distinct, func, select

from backend.db import db
from backend.vault.models import Opening, OpeningCount, Person

PAGE = 50


def openings_of(report_id: UUID) -> OpeningCount:
    """How often the identities of a case were opened, and by how many people."""
    query = select(func.count(), func.count(distinct(Opening.staff_id))).where(
        Opening.report_id == report_id
    )
    times, people = db.session.execute(query).one()
    return OpeningCount(times, people)


def openings_by_staff(since: datetime) -> dict[int, int]:
    """How many identities each member of staff opened since then, the most first."""
    query = (
        select(Opening.staff_id, func.count())
        .where(Opening.at >= since)
        .group_by(Opening.staff_id)
        .order_by(func.count().desc(), Opening.staff_id)
    )
    return dict(db.session.execute(query).tuples().all())


def openings_page(
    before: int | None = None,
    limit: int = PAGE,
    *,
    staff_id: int | None = None,
    report_id: UUID | None = None,
) -> Sequence[Opening]:
    """Openings, the newest first, from below the id `before`; of one officer or case if asked."""
    query = select(Opening).order_by(Opening.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Opening.id < before)
    if staff_id is not None:
        query = query.where(Opening.staff_id == staff_id)
    if report_id is not None:
        query = query.where(Opening.report_id == report_id)
    return db.session.scalars(query).all()


def rows_by_key(owner: Connection) -> dict[int, int]:
    """How many identities are sealed by each version of the vault key."""
    query = select(Person.key_version, func.count()).group_by(Person.key_version)
    return dict(owner.execute(query).tuples().all())


def rows_by_index_key(owner: Connection) -> dict[int, int]:
    """How many documents are indexed by each version of the blind key."""
    version = Person.document_index_version
    query = select(version, func.count()).where(version.is_not(None)).group_by(version)
    return {one: count for one, count in owner.execute(query).tuples() if one is not None}
