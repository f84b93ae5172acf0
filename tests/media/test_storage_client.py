"""Sealed files on local disk and in an S3-compatible store, behind the same interface."""

import errno
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from boto3.session import Session
from moto.server import ThreadedMotoServer

from backend.crypto import KeyRing
from backend.errors import StorageFull
from backend.media.storage_client import (
    LocalMediaStorage,
    MediaMissing,
    MediaStorage,
    MediaUnreachable,
    S3MediaStorage,
    storage_from_url,
)
from backend.sealing import SealedKey, SealingWriter, read_sealed

NAME = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> MediaStorage:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    client = Session().client("s3", endpoint_url=s3_endpoint, region_name="us-east-1")
    client.create_bucket(Bucket="fotos")
    for item in client.list_objects_v2(Bucket="fotos").get("Contents", []):
        client.delete_object(Bucket="fotos", Key=item["Key"])
    client.close()
    return storage_from_url(f"s3://fotos/comisarias/?endpoint={s3_endpoint}&region=us-east-1")


@pytest.fixture(params=["local", "s3"])
def any_storage(request: pytest.FixtureRequest, storage: LocalMediaStorage) -> MediaStorage:
    return storage if request.param == "local" else request.getfixturevalue("s3")


def store(storage: MediaStorage, ring: KeyRing, content: bytes, name: str = NAME) -> SealedKey:
    with SealingWriter(storage.create(name), name, ring, limit_bytes=10**8) as writer:
        writer.write(content)
        return writer.finish().key


def test_a_file_comes_back_and_can_be_deleted(any_storage: MediaStorage, ring: KeyRing) -> None:
    content = os.urandom(3_000_000)
    key = store(any_storage, ring, content)
    with any_storage.open(NAME) as source:
        assert read_sealed(source, key, ring) == content
    any_storage.delete(NAME)
    any_storage.delete(NAME)
    with pytest.raises(MediaMissing):
        any_storage.open(NAME)


def test_a_discarded_file_was_never_there(any_storage: MediaStorage, ring: KeyRing) -> None:
    with SealingWriter(any_storage.create(NAME), NAME, ring, limit_bytes=10**8) as writer:
        writer.write(b"x" * 200_000)
    with pytest.raises(MediaMissing):
        any_storage.open(NAME)


def test_old_names_are_listed_and_new_ones_are_not(
    any_storage: MediaStorage, ring: KeyRing
) -> None:
    store(any_storage, ring, b"one")
    later = datetime.now(UTC) + timedelta(hours=1)
    assert list(any_storage.names_older_than(later)) == [NAME]
    assert list(any_storage.names_older_than(later - timedelta(hours=2))) == []


def test_usage_counts_what_is_stored_after_the_walk(
    any_storage: MediaStorage, ring: KeyRing
) -> None:
    assert any_storage.used_bytes() == 0
    store(any_storage, ring, b"x" * 100_000)
    assert 100_000 < any_storage.used_bytes() < 101_000


def test_local_files_are_for_their_owner_only(
    storage: LocalMediaStorage, media_folder: Path, ring: KeyRing
) -> None:
    store(storage, ring, b"one")
    path = media_folder / NAME[:2] / NAME
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_name_cannot_leave_the_folder(storage: LocalMediaStorage) -> None:
    for name in ("../../etc/passwd", "a/b", "", "é" * 32):
        with pytest.raises(ValueError, match="letters and digits"):
            storage.open(name)


def test_a_name_is_never_written_twice(storage: LocalMediaStorage, ring: KeyRing) -> None:
    store(storage, ring, b"one")
    with pytest.raises(FileExistsError):
        storage.create(NAME)


def test_a_full_disk_is_told_as_such(
    storage: LocalMediaStorage, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    storage.free_bytes()
    (storage._root / NAME[:2]).mkdir()
    with pytest.raises(StorageFull, match="sin foto"):
        store(storage, ring, b"one")
    with pytest.raises(MediaMissing):
        storage.open(NAME)


def test_a_store_that_does_not_answer_is_told_as_such(
    ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        away = S3MediaStorage("fotos", "", f"http://127.0.0.1:{unused.getsockname()[1]}", "x")
        with pytest.raises(MediaUnreachable, match="no podemos guardar fotos"):
            away.open(NAME)


@pytest.mark.parametrize("url", ["file://host/media", "file:media", "s3:///x", "http://x/y", ""])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="YA_MEDIA_URL"):
        storage_from_url(url)


def test_a_folder_may_have_spaces_in_its_name(tmp_path: Path, ring: KeyRing) -> None:
    folder = tmp_path / "fotos de la comisaría"
    store(storage_from_url(folder.as_uri()), ring, b"one")
    assert (folder / NAME[:2] / NAME).is_file()
