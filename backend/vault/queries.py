"""How often identities were opened, as the author reads it, and under which keys they lie."""

from uuid import UUID

from sqlalchemy import Connection, distinct, func, select

from backend.db import db
from backend.vault.models import Opening, OpeningCount, Person


def openings_of(report_id: UUID) -> OpeningCount:
    """How often the identities of a case were opened, and by how many people."""
    query = select(func.count(), func.count(distinct(Opening.staff_id))).where(
        Opening.report_id == report_id
    )
    times, people = db.session.execute(query).one()
    return OpeningCount(times, people)


def rows_by_key(owner: Connection) -> dict[int, int]:
    """How many identities are sealed by each version of the vault key."""
    query = select(Person.key_version, func.count()).group_by(Person.key_version)
    return dict(owner.execute(query).tuples().all())


def rows_by_index_key(owner: Connection) -> dict[int, int]:
    """How many documents are indexed by each version of the blind key."""
    version = Person.document_index_version
    query = select(version, func.count()).where(version.is_not(None)).group_by(version)
    return {one: count for one, count in owner.execute(query).tuples() if one is not None}
