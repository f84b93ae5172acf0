"""Reads of attachments: rows, and the sealed files behind them; every layer above calls it."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from uuid import UUID

from sqlalchemy import func, or_, select

from backend.crypto import KeyRing
from backend.db import db
from backend.media.models import Attachment, AttachmentState, PictureSize
from backend.media.storage_client import MediaStorage
from backend.outbox import WorkState
from backend.reports.models import Report, ReportTask, Step
from backend.sealing import SealedKey, open_sealed


def attachments_of(report_id: UUID) -> Sequence[Attachment]:
    """The photos of one report, in the order in which they were sent."""
    query = (
        select(Attachment).where(Attachment.report_id == report_id).order_by(Attachment.position)
    )
    return db.session.scalars(query).all()


def photo_states(photos: Sequence[Attachment]) -> dict[UUID, AttachmentState]:
    """What may be promised of a report's photos: one whose preparation was given up failed too."""
    states = {photo.id: AttachmentState(photo.state) for photo in photos}
    if AttachmentState.PENDING not in states.values():
        return states
    query = select(ReportTask.work_state).where(
        ReportTask.report_id == photos[0].report_id, ReportTask.step == Step.MODERATE
    )
    if db.session.scalar(query) != WorkState.FAILED:
        return states
    failed = {AttachmentState.PENDING: AttachmentState.FAILED}
    return {photo_id: failed.get(state, state) for photo_id, state in states.items()}


def attachment_of(report_id: UUID, attachment_id: UUID) -> Attachment | None:
    """One photo, provided that it belongs to the report."""
    query = select(Attachment).where(
        Attachment.id == attachment_id, Attachment.report_id == report_id
    )
    return db.session.scalar(query)


def withholds_place(report_id: UUID) -> bool:
    """Whether no exact place may be kept of this report, from its photos neither."""
    withheld = select(Report.is_sensible | Report.is_reserved).where(Report.id == report_id)
    return bool(db.session.scalar(withheld))


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


def keys_by_version() -> dict[int, int]:
    """How many files' keys lie under each version of the master key."""
    columns = (
        Attachment.original_key_version,
        Attachment.large_key_version,
        Attachment.small_key_version,
    )
    counts: dict[int, int] = {}
    for column in columns:
        query = select(column, func.count()).where(column.is_not(None)).group_by(column)
        for version, count in db.session.execute(query):
            counts[version] = counts.get(version, 0) + count
    return counts


def claims_of(report_id: UUID) -> list[tuple[float | None, datetime | None, bool]]:
    """What each photo claims: metres from the report's point, when taken; whether it is broken."""
    query = (
        select(
            func.ST_DistanceSphere(Attachment.photo_point, Report.point),
            Attachment.photo_taken_at,
            Attachment.state == AttachmentState.FAILED,
        )
        .join(Report, Report.id == Attachment.report_id)
        .where(Attachment.report_id == report_id)
        .order_by(Attachment.position)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(query)]


def open_derivative(
    attachment: Attachment, size: PictureSize, storage: MediaStorage, ring: KeyRing
) -> Iterator[bytes] | None:
    """A derived JPEG, or None while there is none."""
    key = attachment.sealed_key(size)
    return None if key is None else open_file(key, storage, ring)


def open_original(attachment: Attachment, storage: MediaStorage, ring: KeyRing) -> Iterator[bytes]:
    """Exactly the bytes received; the caller has asked for a reason and logged it."""
    return open_file(attachment.original_sealed, storage, ring)


def open_file(key: SealedKey, storage: MediaStorage, ring: KeyRing) -> Iterator[bytes]:
    """The bytes of a sealed file; one that is missing or does not open raises before the first."""

    def chunks() -> Iterator[bytes]:
        with storage.open(key.id) as source:
            yield from open_sealed(source, key, ring)

    rest = chunks()
    return chain(list(islice(rest, 1)), rest)
