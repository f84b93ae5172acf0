"""What is refused and what is accepted when a photo arrives, by its content alone."""

import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from backend.crypto import KeyRing
from backend.errors import InvalidInput, StorageFull, TooLarge
from backend.media import queries, services
from backend.media.storage_client import LocalMediaStorage
from backend.photo_headers import content_type, dimensions
from tests.media.made_photos import (
    AVIF,
    BROKEN_JPEG,
    GIF,
    PDF,
    SVG,
    TIFF,
    VIDEO,
    photo,
    plain_photo,
    png_bomb,
)

TOMORROW = datetime.now(UTC) + timedelta(days=1)


def receive(content: bytes, storage: LocalMediaStorage, ring: KeyRing) -> services.ReceivedPhoto:
    with services.begin_upload(storage, ring) as writer:
        for start in range(0, len(content), 7919):
            writer.write(content[start : start + 7919])
        return services.finish_upload(writer)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("HEIF", "image/heic"),
    ],
)
def test_photos_are_known_by_content(
    kind: str, expected: str, storage: LocalMediaStorage, ring: KeyRing
) -> None:
    content = photo(kind, (640, 360))
    received = receive(content, storage, ring)
    assert received.content_type == expected
    assert received.sealed.sha256 == sha256(content).hexdigest()
    assert received.sealed.size_bytes == len(content)
    assert b"".join(queries.open_file(received.sealed.key, storage, ring)) == content


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (PDF, "PDF"),
        (SVG, "SVG"),
        (b"<svg onload='alert(1)'/>", "SVG"),
        (TIFF, "TIFF"),
        (GIF, "GIF"),
        (VIDEO, "video"),
        (AVIF, "AVIF"),
        (b"<!DOCTYPE html><script>", "página"),
        (b"hola", "no es una foto"),
        (b"\x00" * 1000, "no es una foto"),
        (b"", "vacía"),
    ],
)
def test_other_files_are_refused_in_plain_words(
    content: bytes, word: str, storage: LocalMediaStorage, ring: KeyRing
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        receive(content, storage, ring)
    assert word in refusal.value.detail
    assert "JPEG, PNG, WebP o HEIC" in refusal.value.detail
    assert [error.field for error in refusal.value.errors] == ["foto"]
    assert list(storage.names_older_than(TOMORROW)) == []


def test_a_real_tiff_is_refused(real_photos: Path) -> None:
    with pytest.raises(InvalidInput, match="TIFF"):
        services.inspect_head((real_photos / "not_accepted.tiff").read_bytes())


def test_real_photos_tell_type_and_dimensions(real_photos: Path) -> None:
    for path in sorted(real_photos.glob("*.[jh][pe]*")):
        head = path.read_bytes()[: 256 * 1024]
        with Image.open(path) as image:
            assert dimensions(head) == image.size, path.name
        assert services.inspect_head(head) in ("image/jpeg", "image/heic")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_dimensions_come_from_the_header(kind: str) -> None:
    assert dimensions(photo(kind, (1234, 566))) == (1234, 566)


def test_dimensions_of_every_kind_of_webp() -> None:
    assert dimensions(photo("WEBP", (300, 200), lossless=True)) == (300, 200)
    assert dimensions(photo("WEBP", (300, 200), exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0")) == (300, 200)


def test_a_png_of_900_megapixels_is_refused_without_decoding(
    storage: LocalMediaStorage, ring: KeyRing
) -> None:
    bomb = png_bomb()
    started = time.perf_counter()
    with pytest.raises(InvalidInput, match="30000 × 30000"):
        receive(bomb, storage, ring)
    assert time.perf_counter() - started < 1
    assert list(storage.names_older_than(TOMORROW)) == []


def test_fifty_megapixels_are_the_limit() -> None:
    assert services.inspect_head(png_bomb(10_000, 5_000)) == "image/png"
    with pytest.raises(InvalidInput, match="50 megapíxeles"):
        services.inspect_head(png_bomb(10_000, 5_001))


def test_a_broken_photo_is_accepted(storage: LocalMediaStorage, ring: KeyRing) -> None:
    assert receive(BROKEN_JPEG, storage, ring).content_type == "image/jpeg"
    for whole in (photo("JPEG"), photo("PNG"), photo("WEBP"), photo("HEIF")):
        receive(whole[:60], storage, ring)


def test_26_megabytes_are_refused_and_leave_nothing(
    storage: LocalMediaStorage, ring: KeyRing
) -> None:
    content = plain_photo("JPEG", (64, 64)) + bytes(26_000_000)
    with pytest.raises(TooLarge):
        receive(content, storage, ring)
    assert list(storage.names_older_than(TOMORROW)) == []


def test_photos_are_refused_over_the_quota_and_under_the_floor(
    storage: LocalMediaStorage, ring: KeyRing
) -> None:
    free = storage.free_bytes()
    assert free is not None
    services.ensure_room(storage, quota_bytes=100_000, floor_bytes=1)
    with pytest.raises(StorageFull, match="sin foto"):
        services.ensure_room(storage, quota_bytes=100_000, floor_bytes=free * 2)
    receive(photo("PNG", (300, 300)), storage, ring)
    with pytest.raises(StorageFull, match="sin foto"):
        services.ensure_room(storage, quota_bytes=100_000, floor_bytes=1)


@settings(max_examples=300, deadline=None)
@given(tail=st.binary(max_size=200), start=st.sampled_from(range(8)))
def test_no_header_however_strange_trips_the_reader(tail: bytes, start: int) -> None:
    starts = (
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x00\x00\x00\x00WEBP",
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"RIFF\x00\x00\x00\x00WEBPVP8L",
        b"RIFF\x00\x00\x00\x00WEBPVP8X",
        b"\x00\x00\x00\x10ftypheic\x00\x00\x00\x00",
        b"\x00\x00\x00\x10ftypheic\x00\x00\x00\x00\x00\x00\x00\xffmeta\x00\x00\x00\x00",
    )
    head = starts[start] + tail
    assert content_type(head) is not None
    found = dimensions(head)
    assert found is None or len(found) == 2


def test_pillow_agrees_that_it_made_photos() -> None:
    with Image.open(BytesIO(photo("HEIF"))) as image:
        assert image.format == "HEIF"
