"""Nothing of a photo lies readable on disk: not while it arrives, nor while it is derived."""

import json
import tempfile
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from backend import clock, journey
from backend.crypto import KeyRing
from backend.db import db
from backend.media import services
from backend.media.decoder_client import PhotoDecoder
from backend.media.models import Attachment, AttachmentState, PendingPhoto
from backend.media.storage_client import LocalMediaStorage
from backend.parts import Parts
from tests.builders import Callao, a_device, datos
from tests.media.disk_watch import disk_watch
from tests.media.made_photos import photo

PHOTO = photo("JPEG", (500, 400))


@pytest.fixture
def temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_nothing_readable_reaches_the_disk_on_the_way_to_the_pictures(
    storage: LocalMediaStorage,
    media_folder: Path,
    temporary_files: Path,
    ring: KeyRing,
    decoder: PhotoDecoder,
) -> None:
    with disk_watch([media_folder, temporary_files], PHOTO) as watch:
        with services.begin_upload(storage, ring) as writer:
            for start in range(0, len(PHOTO), 10_000):
                writer.write(PHOTO[start : start + 10_000])
                watch.scan()
            received = services.finish_upload(writer)
        pending = PendingPhoto(uuid4(), received.sealed.key)
        derived = services.derive_one(pending, storage, ring, decoder)
    assert watch.scans > 10
    assert not watch.betrayed
    files = sorted(path.name for path in media_folder.rglob("*") if path.is_file())
    assert files == sorted(s.key.id for s in (received.sealed, derived.large, derived.small))
    assert all(Path(name).is_relative_to(media_folder) for name in watch.written)
    assert list(temporary_files.iterdir()) == []


def multipart(photo: bytes) -> tuple[bytes, str]:
    """A body made in memory, because the test client would spool one that it makes itself."""
    edge = uuid4().hex
    head = (
        f'--{edge}\r\nContent-Disposition: form-data; name="datos"\r\n\r\n{json.dumps(datos())}\r\n'
        f'--{edge}\r\nContent-Disposition: form-data; name="foto"; filename="a.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    return head.encode() + photo + f"\r\n--{edge}--\r\n".encode(), edge


def test_nothing_readable_reaches_the_disk_when_a_phone_sends_a_photo(
    client: FlaskClient, parts: Parts, temporary_files: Path
) -> None:
    Callao()
    # Larger than what Werkzeug would keep in memory by itself.
    large = photo("JPEG", (1000, 900), quality=85)
    assert len(large) > 600_000
    body, edge = multipart(large)
    headers = {**a_device(client), "Idempotency-Key": str(uuid4())}
    media_folder = Path(urlsplit(parts.settings.media_url).path)
    with disk_watch([media_folder, temporary_files], large) as watch:
        answer = client.post(
            "/api/v1/alertas",
            data=body,
            headers=headers,
            content_type=f"multipart/form-data; boundary={edge}",
        )
        assert answer.status_code == 201, answer.text
        attachment = db.session.scalars(select(Attachment)).one()
        journey.moderate(parts, attachment.report_id, clock.now())
        services.DECODER.close()
    attachment = db.session.scalars(select(Attachment)).one()
    assert attachment.state == AttachmentState.DERIVED
    assert not watch.betrayed
    assert list(temporary_files.iterdir()) == []


@pytest.mark.parametrize("kept", [40_000, 300_000])
def test_a_line_that_breaks_leaves_no_half_photo(
    kept: int, client: FlaskClient, parts: Parts
) -> None:
    body, edge = multipart(photo("JPEG", (1000, 900), quality=85))
    later = clock.now() + timedelta(hours=1)
    before = set(parts.storage.names_older_than(later))
    answer = client.post(
        "/api/v1/alertas",
        data=body[:kept],
        headers={**a_device(client), "Idempotency-Key": str(uuid4())},
        content_type=f"multipart/form-data; boundary={edge}",
    )
    assert 400 <= answer.status_code < 500
    assert set(parts.storage.names_older_than(later)) == before


def test_the_pictures_do_not_lie_readable_either(
    storage: LocalMediaStorage, media_folder: Path, ring: KeyRing, decoder: PhotoDecoder
) -> None:
    made = decoder.derive(PHOTO)
    with (
        disk_watch([media_folder], made.large) as watch,
        services.begin_upload(storage, ring) as writer,
    ):
        writer.write(PHOTO)
        received = services.finish_upload(writer)
        services.derive_one(PendingPhoto(uuid4(), received.sealed.key), storage, ring, decoder)
    assert not watch.betrayed


def test_the_watch_would_notice_a_file_a_spool_and_an_unnamed_file(tmp_path: Path) -> None:
    with disk_watch([tmp_path], PHOTO) as watch:
        (tmp_path / "spool").write_bytes(PHOTO[1000:5000])
        watch.scan()
        (tmp_path / "spool").unlink()
        with tempfile.TemporaryFile(dir=tmp_path) as unnamed:
            unnamed.write(PHOTO)
            unnamed.flush()
            watch.scan()
    assert str(tmp_path / "spool") in watch.betrayed
    assert any(name.startswith("/proc/self/fd/") for name in watch.betrayed)
    assert str(tmp_path / "spool") in watch.written
