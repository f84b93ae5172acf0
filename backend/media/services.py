"""Photos from the upload to the picture on the desk; the journey and the edges call it.

Nothing here commits. What works on files or in the decoder takes plain values, so that no
transaction is open meanwhile; what writes rows is called inside the journey's transaction.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID, uuid4

from geoalchemy2 import WKTElement

from backend.clock import LIMA
from backend.crypto import KeyRing
from backend.db import db
from backend.errors import StorageFull, wrong_field
from backend.media import queries
from backend.media.decoder_client import NotDerived, PhotoDecoder
from backend.media.models import (
    MAX_PHOTOS,
    MAX_PHOTOS_OF_CASE,
    PARTS,
    Attachment,
    AttachmentState,
    Attempt,
    DerivedPhoto,
    Part,
    PendingPhoto,
)
from backend.media.storage_client import NO_ROOM, MediaMissing, MediaStorage, MediaUnreachable
from backend.photo_headers import ContentType, content_type, dimensions, other_kind
from backend.photo_pixels import MAX_PIXELS, Derivation
from backend.sealing import (
    SealBroken,
    Sealed,
    SealedKey,
    SealingWriter,
    read_sealed,
    rewrap,
)
from backend.territory.models import WGS84

MAX_PHOTO_BYTES = 25_000_000
PHOTO_FIELD = "foto"
ACCEPTED = "Envía una foto JPEG, PNG, WebP o HEIC."
SWEEP_BATCH = 500

DECODER = PhotoDecoder()
"""This process's decoder; its child starts with the first photo."""


@dataclass(frozen=True)
class ReceivedPhoto:
    """An upload that is sealed and durable, and has no row yet."""

    sealed: Sealed
    content_type: ContentType


# Receiving


def ensure_room(storage: MediaStorage, quota_bytes: int, floor_bytes: int) -> None:
    """Refuse media, with `StorageFull`, over the quota or under the floor of free space.

    Cheap enough for each photo: the storage remembers what it counted.
    """
    free = storage.free_bytes()
    if (free is not None and free < floor_bytes) or storage.used_bytes() >= quota_bytes:
        raise StorageFull(NO_ROOM)


def begin_upload(
    storage: MediaStorage, ring: KeyRing, limit_bytes: int = MAX_PHOTO_BYTES
) -> SealingWriter:
    """A new sealed file to write to as the bytes arrive; use it in a `with`."""
    name = secrets.token_hex(16)
    return SealingWriter(storage.create(name), name, ring, limit_bytes)


def finish_upload(writer: SealingWriter) -> ReceivedPhoto:
    """Accept a photo by its content, and make it durable; refused ones leave nothing behind."""
    try:
        kind = inspect_head(bytes(writer.head))
        return ReceivedPhoto(writer.finish(), kind)
    except BaseException:
        writer.discard()
        raise


def inspect_head(head: bytes) -> ContentType:
    """The photo's type, by its first bytes; `InvalidInput` says what is wrong with it.

    A photo that claims no dimensions is accepted: that it is broken shows when it is derived.
    """
    if not head:
        raise wrong_field(PHOTO_FIELD, f"La foto llegó vacía. {ACCEPTED}")
    kind = content_type(head)
    if kind is None:
        other = other_kind(head)
        seen = f"Esto es {other}, no una foto." if other else "Este archivo no es una foto."
        raise wrong_field(PHOTO_FIELD, f"{seen} {ACCEPTED}")
    width, height = dimensions(head) or (0, 0)
    if width * height > MAX_PIXELS:
        limit = MAX_PIXELS // 1_000_000
        raise wrong_field(
            PHOTO_FIELD,
            f"La foto mide {width} × {height} píxeles y el máximo es {limit} megapíxeles. "
            "Envíala en menor tamaño.",
        )
    return kind


def attach(
    report_id: UUID, photos: Sequence[ReceivedPhoto], now: datetime, already: int = 0
) -> list[UUID]:
    """Add the rows of a report's photos, in order, after those that it has; their ids.

    Whoever says that it has some holds the report's lock.
    """
    if len(photos) > MAX_PHOTOS:
        raise wrong_field(PHOTO_FIELD, f"Puedes enviar hasta {MAX_PHOTOS} fotos.")
    if already + len(photos) > MAX_PHOTOS_OF_CASE:
        raise wrong_field(
            PHOTO_FIELD, f"Un caso puede tener hasta {MAX_PHOTOS_OF_CASE} fotos en total."
        )
    rows = [
        Attachment(
            id=uuid4(),
            report_id=report_id,
            position=position,
            content_type=photo.content_type,
            size_bytes=photo.sealed.size_bytes,
            sha256=photo.sealed.sha256,
            original_name=photo.sealed.key.id,
            original_key=photo.sealed.key.wrapped_key,
            original_key_version=photo.sealed.key.master_key_version,
            state=AttachmentState.PENDING,
            created_at=now,
        )
        for position, photo in enumerate(photos, start=already + 1)
    ]
    db.session.add_all(rows)
    return [row.id for row in rows]


def discard_received(storage: MediaStorage, photos: Iterable[ReceivedPhoto]) -> None:
    """Remove uploads whose submission was refused, or answered from an earlier one."""
    delete_files(storage, (photo.sealed.key.id for photo in photos))


# Deriving


def pending_photos(report_id: UUID) -> list[PendingPhoto]:
    """The photos of a report that nothing was derived from yet."""
    return [
        PendingPhoto(row.id, row.original_sealed)
        for row in queries.attachments_of(report_id)
        if row.state == AttachmentState.PENDING
    ]


def derive_one(
    photo: PendingPhoto, storage: MediaStorage, ring: KeyRing, decoder: PhotoDecoder = DECODER
) -> DerivedPhoto:
    """Decode and seal both pictures; call it outside any transaction.

    Raises `NotDerived` when trying again would not help, `StorageFull` when it may.
    """
    try:
        with storage.open(photo.original.id) as source:
            received = read_sealed(source, photo.original, ring)
    except MediaMissing:
        raise NotDerived("original_missing") from None
    except SealBroken:
        raise NotDerived("original_damaged") from None
    made = decoder.derive(received)
    return DerivedPhoto(
        _seal(made.large, storage, ring),
        _seal(made.small, storage, ring),
        made.width,
        made.height,
        _in_peru_unless_told(made),
        made.gps,
    )


def record_derived(photo_id: UUID, derived: DerivedPhoto, now: datetime) -> bool:
    """Note the pictures; False, with nothing noted, when another run of the job was first."""
    row = _locked_pending(photo_id)
    if row is None:
        return False
    keeps_place = not queries.withholds_place(row.report_id)
    row.state = AttachmentState.DERIVED
    row.finished_at = now
    row.width, row.height = derived.width, derived.height
    row.photo_taken_at = derived.taken_at
    if derived.gps is not None and keeps_place:
        latitude, longitude = derived.gps
        row.photo_point = WKTElement(f"POINT({longitude} {latitude})", srid=WGS84)
    _set_key(row, "large", derived.large.key)
    _set_key(row, "small", derived.small.key)
    row.large_size_bytes = derived.large.size_bytes
    row.small_size_bytes = derived.small.size_bytes
    return True


def record_failed(photo_id: UUID, reason: str, now: datetime) -> bool:
    """Give up on a photo visibly; False when another run of the job was first."""
    row = _locked_pending(photo_id)
    if row is None:
        return False
    row.state = AttachmentState.FAILED
    row.failure_reason = reason
    row.finished_at = now
    return True


def attempt_to_derive(photo: PendingPhoto, storage: MediaStorage, ring: KeyRing) -> Attempt:
    """`derive_one`, with what went wrong as a value; call it outside any transaction."""
    try:
        return Attempt(photo, derive_one(photo, storage, ring))
    except NotDerived as failed:
        return Attempt(photo, failure=failed.reason)
    except MediaUnreachable:
        return Attempt(photo, failure="store_unreachable", is_worth_another_try=True)
    except StorageFull:
        return Attempt(photo, failure="store_full", is_worth_another_try=True)


def record_attempt(attempt: Attempt, now: datetime) -> bool:
    """Note the pictures or the failure; False when another run of the job was first."""
    if attempt.derived is not None:
        return record_derived(attempt.photo.id, attempt.derived, now)
    return record_failed(attempt.photo.id, attempt.failure or "unknown", now)


def discard_derived(storage: MediaStorage, derived: DerivedPhoto) -> None:
    """Remove pictures that `record_derived` did not take."""
    delete_files(storage, (derived.large.key.id, derived.small.key.id))


def _locked_pending(photo_id: UUID) -> Attachment | None:
    row = db.session.get(Attachment, photo_id, with_for_update=True)
    return row if row is not None and row.state == AttachmentState.PENDING else None


def _seal(content: bytes, storage: MediaStorage, ring: KeyRing) -> Sealed:
    with begin_upload(storage, ring, limit_bytes=len(content)) as writer:
        writer.write(content)
        return writer.finish()


def _in_peru_unless_told(made: Derivation) -> datetime | None:
    """Cameras that write no zone mean the clock on the wall."""
    if made.taken_at is None or made.taken_at.tzinfo is not None:
        return made.taken_at
    return made.taken_at.replace(tzinfo=LIMA)


# Upkeep


def batches_of_old_names(storage: MediaStorage, older_than: datetime) -> Iterator[list[str]]:
    """Names of files written before that moment, for `queries.unreferenced` to tell orphans.

    The moment must lie further back than any upload and derivation lasts: a day is safe.
    """
    names = storage.names_older_than(older_than)
    while batch := list(islice(names, SWEEP_BATCH)):
        yield batch


def delete_files(storage: MediaStorage, names: Iterable[str]) -> None:
    """Remove files that nothing refers to; what cannot be removed now, the sweep finds."""
    for name in names:
        with suppress(OSError, MediaUnreachable):
            storage.delete(name)


def rewrap_some(ring: KeyRing, after: UUID | None, limit: int) -> tuple[UUID | None, list[UUID]]:
    """Bring up to `limit` rows, past `after`, under the current master key.

    Returns where to go on, None at the end, and the rows whose key was lost. Breaking off is
    harmless: rows that are done are not found again.
    """
    version, _ = ring.current("master")
    rows = queries.keys_to_rewrap(version, after, limit)
    lost = []
    for row in rows:
        try:
            _rewrap_row(row, ring, version)
        except SealBroken:
            lost.append(row.id)
    return (rows[-1].id if len(rows) == limit else None), lost


def _rewrap_row(row: Attachment, ring: KeyRing, version: int) -> None:
    for part in PARTS:
        key = row.sealed_key(part)
        if key is not None and key.master_key_version != version:
            _set_key(row, part, rewrap(key, ring))


def _set_key(row: Attachment, part: Part, key: SealedKey) -> None:
    setattr(row, f"{part}_name", key.id)
    setattr(row, f"{part}_key", key.wrapped_key)
    setattr(row, f"{part}_key_version", key.master_key_version)
