"""Phones, a territory, and what lies stored before and after a request."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from backend.db import Base
from backend.parts import Parts
from tests.builders import Callao, a_device
from tests.phones import Phone, a_phone


@pytest.fixture
def client(app: Flask) -> Phone:
    return a_phone(app)


@pytest.fixture
def callao(app: Flask) -> Callao:
    return Callao()


@pytest.fixture
def device(client: Phone) -> dict[str, str]:
    """The headers of one registered phone."""
    return a_device(client)


@pytest.fixture
def stored(parts: Parts, owner_engine: Engine) -> Callable[[], tuple[dict[str, int], set[str]]]:
    """Counts the rows of every table and lists the files of the media folder."""
    folder = Path(urlsplit(parts.settings.media_url).path)

    def look() -> tuple[dict[str, int], set[str]]:
        tables = [table.fullname for table in Base.metadata.sorted_tables]
        # As the owner: the application itself may not read the vault.
        with owner_engine.connect() as connection:
            rows = {
                name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
                for name in tables
            }
        return rows, {str(path) for path in folder.rglob("*") if path.is_file()}

    return look


@pytest.fixture
def nothing_stored(stored) -> Callable[[], AbstractContextManager[None]]:
    """`with nothing_stored():` fails when what happens inside leaves a row or a file."""

    @contextmanager
    def watching() -> Iterator[None]:
        before = stored()
        yield
        assert stored() == before

    return watching
