"""A key ring, a local storage and a decoder for tests of media."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.crypto import KeyRing
from backend.media.decoder_client import PhotoDecoder
from backend.media.storage_client import LocalMediaStorage


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing.generate()


@pytest.fixture
def media_folder(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def storage(media_folder: Path) -> LocalMediaStorage:
    return LocalMediaStorage(media_folder)


@pytest.fixture(scope="session")
def decoder() -> Iterator[PhotoDecoder]:
    decoder = PhotoDecoder()
    yield decoder
    decoder.close()


@pytest.fixture(scope="session")
def real_photos(shared: Path) -> Path:
    return shared / "testdata" / "photos"
