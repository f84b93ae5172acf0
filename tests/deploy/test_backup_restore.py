"""The drill: save everything, lose everything, and read every row and picture again."""

import hashlib
import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import cast

import psycopg
import pytest

from backend.crypto import KeyRing
from backend.media.storage_client import storage_from_url
from backend.sealing import SealedKey, SealingWriter, read_sealed
from deploy.backup import save
from deploy.console import OperatorError
from deploy.database_programs import administered_database
from deploy.embedded import create_postgres, plain_url
from deploy.installation import Installation, environment_of
from deploy.restore import recover
from deploy.up import flask

PHOTO = bytes(range(256)) * 1000
NAME = "ab" + "0" * 30


@pytest.fixture
def environment(installation: Installation) -> dict[str, str]:
    KeyRing.generate().save(installation.keyring)
    return environment_of(installation, {"YA_DEMO": "1"})


def fill(installation: Installation, environment: dict[str, str]) -> None:
    """A migrated database with a row, and the sealed picture that the row tells of."""
    storage = storage_from_url(environment["YA_MEDIA_URL"])
    ring = KeyRing.load(installation.keyring)
    with SealingWriter(storage.create(NAME), NAME, ring, 10**6) as sealing:
        sealing.write(PHOTO)
        sealed = sealing.finish()
    with administered_database(installation, environment) as url:
        migrate(environment)
        with psycopg.connect(plain_url(url)) as connection:
            connection.execute("CREATE TABLE drill (id text, wrapped bytea, version int)")
            connection.execute(
                "INSERT INTO drill VALUES (%s, %s, %s)",
                (sealed.key.id, sealed.key.wrapped_key, sealed.key.master_key_version),
            )


def migrate(environment: dict[str, str]) -> None:
    flask(Installation(), environment, "db", "upgrade")


def lose_everything(installation: Installation) -> None:
    shutil.rmtree(installation.postgres().folder)
    shutil.rmtree(installation.media)
    installation.keyring.unlink()


def read_back(installation: Installation, environment: dict[str, str]) -> bytes:
    with (
        administered_database(installation, environment) as url,
        psycopg.connect(plain_url(url)) as connection,
    ):
        row = connection.execute("SELECT id, wrapped, version FROM drill").fetchone()
    key = SealedKey(*cast(tuple[str, bytes, int], row))
    with storage_from_url(environment["YA_MEDIA_URL"]).open(key.id) as file:
        return read_sealed(file, key, KeyRing.load(installation.keyring))


def test_everything_is_readable_after_losing_the_machine(
    installation: Installation, environment: dict[str, str], tmp_path: Path
):
    fill(installation, environment)
    keys = save(installation, environment, tmp_path / "respaldo")
    lose_everything(installation)

    recover(installation, environment, tmp_path / "respaldo", keys, replaces=False)

    assert read_back(installation, environment) == PHOTO
    with administered_database(installation, environment):
        migrate(environment)  # the restored database is one that an upgrade can go on with
        assert_application_may_read_but_not_rewrite_history(environment)


def assert_application_may_read_but_not_rewrite_history(environment: dict[str, str]) -> None:
    with closing(psycopg.connect(plain_url(environment["YA_DATABASE_URL"]))) as connection:
        connection.execute("SELECT count(*) FROM report")
        with pytest.raises(psycopg.Error, match=r"permission|append-only"):
            connection.execute("DELETE FROM history_entry")


def test_keys_lie_apart_and_closed(
    installation: Installation, environment: dict[str, str], tmp_path: Path
):
    fill(installation, environment)
    keys = save(installation, environment, tmp_path / "respaldo")

    secrets = [
        text
        for purpose in json.loads(keys.read_text()).values()
        for text in purpose["keys"].values()
    ]
    for file in (tmp_path / "respaldo").iterdir():
        assert not any(secret.encode() in file.read_bytes() for secret in secrets)
        assert file.stat().st_mode & 0o077 == 0 or file.name == "manifiesto.json"
    assert keys.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "respaldo").stat().st_mode & 0o777 == 0o700


def test_data_are_not_replaced_unasked_and_a_bad_backup_is_refused_before_anything_happens(
    installation: Installation, environment: dict[str, str], tmp_path: Path
):
    fill(installation, environment)
    keys = save(installation, environment, tmp_path / "respaldo")

    with pytest.raises(OperatorError, match="YES=1"):
        recover(installation, environment, tmp_path / "respaldo", keys, replaces=False)
    KeyRing.generate().save(tmp_path / "otras.json")
    with pytest.raises(OperatorError, match="no abren este respaldo"):
        recover(
            installation, environment, tmp_path / "respaldo", tmp_path / "otras.json", replaces=True
        )
    with (tmp_path / "respaldo" / "base.dump").open("ab") as dump:
        dump.write(b"x")
    with pytest.raises(OperatorError, match="dañado"):
        recover(installation, environment, tmp_path / "respaldo", keys, replaces=True)

    assert hashlib.sha256(read_back(installation, environment)).digest() == (
        hashlib.sha256(PHOTO).digest()
    )


def test_a_backup_replaces_what_came_after_it(
    installation: Installation, environment: dict[str, str], tmp_path: Path
):
    fill(installation, environment)
    keys = save(installation, environment, tmp_path / "respaldo")
    with (
        administered_database(installation, environment) as url,
        psycopg.connect(plain_url(url)) as connection,
    ):
        connection.execute("INSERT INTO drill VALUES ('later', 'x', 1)")
    (installation.media / "cd").mkdir()
    (installation.media / "cd" / "cdef").write_bytes(b"later")

    recover(installation, environment, tmp_path / "respaldo", keys, replaces=True)

    assert read_back(installation, environment) == PHOTO
    assert not (installation.media / "cd").exists()


def test_a_backup_never_goes_over_another(
    installation: Installation, environment: dict[str, str], tmp_path: Path
):
    create_postgres(installation.var / "pg")
    (tmp_path / "respaldo").mkdir()
    (tmp_path / "respaldo" / "base.dump").write_text("older")
    with pytest.raises(OperatorError, match="ya existe"):
        save(installation, environment, tmp_path / "respaldo")
