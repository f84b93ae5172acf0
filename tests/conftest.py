"""Real PostGIS and Redis for a run of tests, and an application on top of them."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from alembic import command
from alembic.config import Config
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import Connection, Engine, create_engine, text

from backend import switches
from backend.crypto import KeyRing
from backend.db import Base
from backend.db import db as database
from backend.models import ALL_MODELS
from backend.parts import Parts
from backend.settings import Settings, load_settings
from deploy.throwaway import throwaway_servers
from tests.clients import SeparateRequests
from wsgi import compose

# For a night: ARGS="tests/api --hypothesis-profile=thorough".
hypothesis.settings.register_profile("thorough", max_examples=1000)
pytest_plugins = ["tests.plugins.no_skips", "tests.plugins.chromium"]

PROJECT = Path(__file__).parent.parent
SHARED = PROJECT.parent / "shared"
# Rows that the migrations insert and every test may count on.
LASTING_TABLES = {"role"}
# Made-up passwords need not hold out against anybody: a fifth of a second for each adds up.
CHEAP_HASHES = {"argon2__time_cost": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1}
ADDRESSES = ("SUPERUSER", "OWNER", "DATABASE", "VAULT", "REDIS")


def given_servers() -> dict[str, str] | None:
    """Addresses of servers that somebody else runs, where all of them are set."""
    given = {name: os.environ.get(f"YA_TEST_{name}_URL", "") for name in ADDRESSES}
    return given if all(given.values()) else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Given servers serve one run at a time; each worker of ours starts its own."""
    return 0 if given_servers() else None


@pytest.fixture(scope="session")
def servers() -> Iterator[dict[str, str]]:
    """Addresses of a private PostgreSQL, by role, and of a Redis, gone after the run."""
    given = given_servers()
    if given:
        assert "PYTEST_XDIST_WORKER" not in os.environ, "workers share no servers: use -n 0"
        yield given
        return
    with throwaway_servers(PROJECT / "var" / "test") as (postgres, redis):
        yield {
            "SUPERUSER": postgres.superuser_url,
            "OWNER": postgres.owner_url,
            "DATABASE": postgres.app_url,
            "VAULT": postgres.vault_url,
            "REDIS": redis.url,
        }


@pytest.fixture(scope="session")
def environ(servers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings of the installation under test, as an operator would set them."""
    folder = tmp_path_factory.mktemp("installation")
    KeyRing.generate().save(folder / "keyring.json")
    (folder / "media").mkdir()
    return {
        "YA_DEMO": "1",
        "YA_DATABASE_URL": servers["DATABASE"],
        "YA_DATABASE_OWNER_URL": servers["OWNER"],
        "YA_VAULT_URL": servers["VAULT"],
        "YA_REDIS_URL": servers["REDIS"],
        "YA_MEDIA_URL": (folder / "media").as_uri(),
        "YA_KEYS_FILE": str(folder / "keyring.json"),
        "YA_MEDIA_FLOOR_MB": "1",
    }


@pytest.fixture(scope="session")
def settings(environ: dict[str, str]) -> Settings:
    return load_settings(environ)


@pytest.fixture(scope="session")
def owner_engine(settings: Settings) -> Iterator[Engine]:
    """The schema's owner, who may truncate what the application may only append to."""
    engine = create_engine(settings.database_owner_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def superuser_engine(servers: dict[str, str]) -> Iterator[Engine]:
    """Who may empty between two tests what nobody else may."""
    engine = create_engine(servers["SUPERUSER"])
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def migrated(environ: dict[str, str], owner_engine: Engine) -> None:
    """The schema, built by the migrations."""
    before = dict(os.environ)
    os.environ.update(environ)
    try:
        config = Config(str(PROJECT / "migrations" / "alembic.ini"))
        config.set_main_option("script_location", str(PROJECT / "migrations"))
        command.upgrade(config, "head")
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="session")
def web(settings: Settings, migrated: None) -> Iterator[Flask]:
    """The whole web application."""
    app = compose(settings)
    app.testing = True
    app.test_client_class = SeparateRequests
    app.extensions["security"].pwd_context.update(**CHEAP_HASHES)
    yield app
    with app.app_context():
        for engine in database.engines.values():
            engine.dispose()


@pytest.fixture
def app(web: Flask, superuser_engine: Engine) -> Iterator[Flask]:
    """The application with an empty database; an application context is open."""
    with web.app_context():
        yield web
        database.session.remove()
    with superuser_engine.begin() as connection:
        _empty(connection)
    Redis.from_url(web.extensions["yo_alerto"].settings.redis_url).flushall()
    switches.forget()


@pytest.fixture
def db(app: Flask):
    """The database handle, inside an application context."""
    return database


@pytest.fixture
def parts(app: Flask) -> Parts:
    return app.extensions["yo_alerto"]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project; tests skip where there is none."""
    if not SHARED.is_dir():
        pytest.skip("../shared is absent")
    return SHARED


def _empty(connection: Connection) -> None:
    """Leave what the migrations leave; as a replica, because no trigger or key stops that."""
    assert ALL_MODELS
    written = connection.execute(text(WRITTEN)).scalars().all()
    deletes = [f"DELETE FROM {table};" for table in written]
    connection.exec_driver_sql(" ".join([AS_REPLICA, *deletes, RESTART_SEQUENCES, MESA]))


WRITTEN = " UNION ALL ".join(
    f"SELECT '{table.fullname}' WHERE EXISTS (SELECT FROM {table.fullname})"
    for table in Base.metadata.sorted_tables
    if table.name not in LASTING_TABLES
)
AS_REPLICA = "SET LOCAL session_replication_role = replica;"
RESTART_SEQUENCES = """
    SELECT count(setval(c.oid::regclass, 1, false)) FROM pg_class c
    JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind = 'S' AND nspname IN ('public', 'vault') AND relname <> 'role_id_seq';
"""
MESA = """
    INSERT INTO police_unit (code, kind, name, valid_from, source) VALUES
    ('SIN-JURISDICCION', 'mesa', 'Mesa sin jurisdicción', '2026-01-01', 'sistema');
"""
