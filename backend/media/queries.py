"""Reads of attachments' rows; media's services, the journey and the edges call it."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import or_, select

from backend.db import db
from backend.media.models import Attachment


def attachments_of(report_id: UUID) -> Sequence[Attachment]:
    """The photos of one report, in the order in which they were sent."""
    query = (
        select(Attachment).where(Attachment.report_id == report_id).order_by(Attachment.position)
    )
    return db.session.scalars(query).all()


def attachment_of(report_id: UUID, attachment_id: UUID) -> Attachment | None:
    """One photo, provided that it belongs to the report."""
    query = select(Attachment).where(
        Attachment.id == attachment_id, Attachment.report_id == report_id
    )
    return db.session.scalar(query)


def unreferenced(names: Collection[str]) -> set[str]:
    """Those of the stored files that no row refers to."""
    used: set[str] = set()
    for column in (Attachment.original_name, Attachment.large_name, Attachment.small_name):
        query = select(column).where(column.in_(names))
        used.update(name for name in db.session.scalars(query) if name is not None)
    return set(names) - used


def keys_to_rewrap(version: int, after: UUID | None, limit: int) -> Sequence[Attachment]:
    """Rows with a key under another master key than `version`, locked, in order of id."""
    query = (
        select(Attachment)
        .where(
            or_(
                Attachment.original_key_version != version,
                Attachment.large_key_version != version,
                Attachment.small_key_version != version,
            )
        )
        .order_by(Attachment.id)
        .limit(limit)
        .with_for_update()
    )
    if after is not None:
        query = query.where(Attachment.id > after)
    return db.session.scalars(query).all()
