"""Nothing of a photo lies readable on disk: not while it arrives, nor while it is derived."""

import tempfile
from pathlib import Path
from uuid import uuid4

import pytest

from backend.crypto import KeyRing
from backend.media import services
from backend.media.decoder_client import PhotoDecoder
from backend.media.models import PendingPhoto
from backend.media.storage_client import LocalMediaStorage
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
