"""A photo's rows from submission to the pictures on the desk, and their upkeep."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from flask_sqlalchemy import SQLAlchemy
from PIL import Image
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from backend.crypto import KeyRing
from backend.db import transaction
from backend.errors import InvalidInput
from backend.media import queries, services
from backend.media.models import Attachment, AttachmentState
from backend.media.storage_client import LocalMediaStorage
from backend.reports.models import Kind, PlaceSource, Report
from backend.territory.models import FALLBACK_DESK_CODE, PoliceUnit
from tests.media.made_photos import BROKEN_JPEG, photo

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
GPS = {0x8825: {1: "S", 2: (12.0, 2.0, 45.0), 3: "W", 4: (77.0, 1.0, 50.0)}}


def photo_from_lima() -> bytes:
    exif = Image.Exif()
    for folder, tags in {**GPS, 0x8769: {36867: "2026:11:21 09:30:00"}}.items():
        exif[folder] = tags
    return photo("JPEG", (2000, 1000), exif=exif)


@pytest.fixture
def report_id(db: SQLAlchemy) -> UUID:
    """A report at the desk of last resort."""
    identity = uuid4()
    with transaction():
        desk = db.session.scalars(
            select(PoliceUnit.id).where(PoliceUnit.code == FALLBACK_DESK_CODE)
        ).one()
        db.session.add(
            Report(
                id=identity,
                numero=identity.hex[:9].upper(),
                clave_key_version=1,
                kind=Kind.ALERTA,
                categoria="robo",
                priority=2,
                is_sensible=False,
                is_ongoing=False,
                place_source=PlaceSource.REFERENCIA,
                received_at=NOW,
                updated_at=NOW,
                unit_id=desk,
                routing_rule="prueba",
            )
        )
    return identity


@pytest.fixture(autouse=True)
def close_decoder() -> Iterator[None]:
    yield
    services.DECODER.close()


def submit(
    report_id: UUID, contents: list[bytes], storage: LocalMediaStorage, ring: KeyRing
) -> list[UUID]:
    received = []
    for content in contents:
        with services.begin_upload(storage, ring) as writer:
            writer.write(content)
            received.append(services.finish_upload(writer))
    with transaction():
        return services.attach(report_id, received, NOW)


def derive_all(report_id: UUID, storage: LocalMediaStorage, ring: KeyRing) -> None:
    for pending in services.pending_photos(report_id):
        attempt = services.attempt_to_derive(pending, storage, ring)
        with transaction():
            assert services.record_attempt(attempt, NOW)


def read_back(attachment: Attachment, storage: LocalMediaStorage, ring: KeyRing) -> bytes:
    return b"".join(queries.open_original(attachment, storage, ring))


def test_photos_keep_their_order_and_give_their_bytes_back(
    report_id: UUID, storage: LocalMediaStorage, ring: KeyRing
) -> None:
    contents = [photo("JPEG"), photo("PNG"), photo("WEBP"), photo("HEIF")]
    submit(report_id, contents, storage, ring)
    rows = queries.attachments_of(report_id)
    assert [row.position for row in rows] == [1, 2, 3, 4]
    assert [row.sha256 for row in rows] == [sha256(content).hexdigest() for content in contents]
    assert [read_back(row, storage, ring) for row in rows] == contents
    assert all(queries.open_derivative(row, "large", storage, ring) is None for row in rows)


def test_five_photos_are_too_many(
    report_id: UUID, storage: LocalMediaStorage, ring: KeyRing
) -> None:
    with pytest.raises(InvalidInput, match="hasta 4 fotos"):
        submit(report_id, [photo("JPEG", (32, 32))] * 5, storage, ring)


def test_a_derived_photo_has_pictures_and_claims(
    db: SQLAlchemy, report_id: UUID, storage: LocalMediaStorage, ring: KeyRing
) -> None:
    submit(report_id, [photo_from_lima()], storage, ring)
    derive_all(report_id, storage, ring)
    (row,) = queries.attachments_of(report_id)
    assert row.state == AttachmentState.DERIVED
    assert (row.width, row.height) == (2000, 1000)
    assert row.photo_taken_at == datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
    place = db.session.scalar(select(func.ST_AsText(row.photo_point, 3)))
    assert place == "POINT(-77.031 -12.046)"
    large = b"".join(queries.open_derivative(row, "large", storage, ring) or ())
    small = b"".join(queries.open_derivative(row, "small", storage, ring) or ())
    assert large.startswith(b"\xff\xd8")
    assert (len(large), len(small)) == (row.large_size_bytes, row.small_size_bytes)
    assert services.pending_photos(report_id) == []


def test_where_a_photo_was_taken_is_not_kept_of_a_sensible_report(
    db: SQLAlchemy, report_id: UUID, storage: LocalMediaStorage, ring: KeyRing
) -> None:
    with transaction():
        db.session.get_one(Report, report_id).is_sensible = True
    submit(report_id, [photo_from_lima()], storage, ring)
    derive_all(report_id, storage, ring)
    (row,) = queries.attachments_of(report_id)
    assert row.state == AttachmentState.DERIVED
    assert row.photo_taken_at is not None
    assert row.photo_point is None


def test_a_broken_photo_fails_visibly_beside_a_good_one(
    report_id: UUID, storage: LocalMediaStorage, ring: KeyRing
) -> None:
    submit(report_id, [BROKEN_JPEG, photo("PNG")], storage, ring)
    derive_all(report_id, storage, ring)
    broken, good = queries.attachments_of(report_id)
    assert broken.state == AttachmentState.FAILED
    assert (broken.failure_reason or "").startswith("unreadable")
    assert good.state == AttachmentState.DERIVED
    assert read_back(broken, storage, ring) == BROKEN_JPEG


def test_a_lost_or_damaged_original_fails_visibly(
    report_id: UUID, storage: LocalMediaStorage, ring: KeyRing
) -> None:
    submit(report_id, [photo("PNG"), photo("WEBP")], storage, ring)
    lost, damaged = queries.attachments_of(report_id)
    storage.delete(lost.original_name)
    path = storage._path(damaged.original_name)
    path.write_bytes(path.read_bytes()[:-1])
    derive_all(report_id, storage, ring)
    rows = queries.attachments_of(report_id)
    assert [row.failure_reason for row in rows] == ["original_missing", "original_damaged"]


def test_the_job_may_run_twice(report_id: UUID, storage: LocalMediaStorage, ring: KeyRing) -> None:
    submit(report_id, [photo("JPEG")], storage, ring)
    (pending,) = services.pending_photos(report_id)
    first, second = (services.attempt_to_derive(pending, storage, ring) for _ in range(2))
    with transaction():
        assert services.record_attempt(first, NOW)
        assert not services.record_attempt(second, NOW)
    assert second.derived is not None
    services.discard_derived(storage, second.derived)
    (row,) = queries.attachments_of(report_id)
    assert row.large_name is not None
    assert b"".join(queries.open_derivative(row, "large", storage, ring) or ())
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    names = set(storage.names_older_than(tomorrow))
    assert names == {row.original_name, row.large_name, row.small_name}


def test_the_sweep_finds_only_what_no_row_refers_to(
    report_id: UUID, storage: LocalMediaStorage, ring: KeyRing
) -> None:
    submit(report_id, [photo("JPEG")], storage, ring)
    derive_all(report_id, storage, ring)
    with services.begin_upload(storage, ring) as writer:
        writer.write(photo("PNG"))
        orphan = services.finish_upload(writer).sealed.key.id
    now = datetime.now(UTC)
    assert list(services.batches_of_old_names(storage, now - timedelta(hours=1))) == []
    (names,) = services.batches_of_old_names(storage, now + timedelta(hours=1))
    assert len(names) == 4
    assert queries.unreferenced(names) == {orphan}
    services.delete_files(storage, [orphan, orphan])
    (names,) = services.batches_of_old_names(storage, now + timedelta(hours=1))
    assert queries.unreferenced(names) == set()


def test_an_attachment_belongs_to_its_report_only(
    report_id: UUID, storage: LocalMediaStorage, ring: KeyRing
) -> None:
    (attachment_id,) = submit(report_id, [photo("JPEG", (32, 32))], storage, ring)
    assert queries.attachment_of(report_id, attachment_id) is not None
    assert queries.attachment_of(uuid4(), attachment_id) is None


def test_rotation_goes_on_where_it_broke_off(
    report_id: UUID, storage: LocalMediaStorage, ring: KeyRing
) -> None:
    contents = [photo("JPEG", (64, side)) for side in (32, 48, 64)]
    submit(report_id, contents, storage, ring)
    derive_all(report_id, storage, ring)
    rotated = ring.rotated("master")
    with transaction():
        after, lost = services.rewrap_some(rotated, None, limit=2)
    assert after is not None
    assert lost == []
    with transaction():
        assert services.rewrap_some(rotated, None, limit=2) == (None, [])
    only_new = KeyRing(
        {**rotated.keys, "master": {2: rotated.key("master", 2)}}, rotated.current_versions
    )
    for row, content in zip(queries.attachments_of(report_id), contents, strict=True):
        assert read_back(row, storage, only_new) == content
        assert b"".join(queries.open_derivative(row, "small", storage, only_new) or ())


def test_rotation_names_the_rows_whose_key_is_lost(
    report_id: UUID, storage: LocalMediaStorage, ring: KeyRing
) -> None:
    (attachment_id,) = submit(report_id, [photo("JPEG", (32, 32))], storage, ring)
    stranger = KeyRing.generate().rotated("master")
    with transaction():
        assert services.rewrap_some(stranger, None, limit=10) == (None, [attachment_id])


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("state = 'derived'", "derived_has_pictures"),
        ("state = 'failed', finished_at = now()", "failed_has_reason"),
        ("large_name = 'x'", "large_whole"),
        ("sha256 = 'XYZ'", "sha256_hex"),
        ("position = 13", "position_range"),
        ("content_type = 'application/pdf'", "content_type_known"),
        ("state = 'lost', finished_at = now()", "state_known"),
        ("finished_at = now()", "finished_has_time"),
    ],
)
def test_the_database_refuses_what_cannot_be(
    change: str,
    constraint: str,
    db: SQLAlchemy,
    report_id: UUID,
    storage: LocalMediaStorage,
    ring: KeyRing,
) -> None:
    submit(report_id, [photo("JPEG", (32, 32))], storage, ring)
    with pytest.raises(IntegrityError, match=constraint), transaction():
        db.session.execute(text(f"UPDATE attachment SET {change}"))
