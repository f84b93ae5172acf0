"""The drill: save everything, lose everything, and read every row and picture again."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import cast

import psycopg
import pytest

from backend.crypto import PURPOSES, KeyRing
from deploy import backup
from deploy.backup import save
from deploy.console import OperatorError
from deploy.database_programs import administered_database
from deploy.embedded import create_postgres, plain_url
from deploy.installation import Installation, environment_of
from deploy.ownership import make_private
from deploy.restore import recover, refill_database
from deploy.up import flask

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def environment(installation: Installation, new_cluster: Path) -> dict[str, str]:
    folder = make_private(installation.postgres().folder, installation.postgres().user)
    subprocess.run(["cp", "-a", str(new_cluster), str(folder)], check=True)
    KeyRing.generate().save(installation.keyring)
    return environment_of(installation, {"YA_DEMO": "1", "YA_MEDIA_FLOOR_MB": "1"})


def citizen(environment: dict[str, str], *words: str) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.deploy.drill", *words],
        cwd=PROJECT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return cast(dict[str, str], json.loads(done.stdout.splitlines()[-1]))


def migrate(environment: dict[str, str]) -> None:
    flask(Installation(), environment, "db", "upgrade")


def lose_everything(installation: Installation) -> None:
    shutil.rmtree(installation.postgres().folder)
    shutil.rmtree(installation.media)
    installation.keyring.unlink()


def test_a_case_and_its_sealed_photo_are_readable_after_losing_the_machine(
    installation: Installation, environment: dict[str, str], tmp_path: Path
):
    with administered_database(installation, environment):
        migrate(environment)
        sent = citizen(environment, "send")
    keys = save(installation, environment, tmp_path / "respaldo")
    lose_everything(installation)

    recover(installation, environment, tmp_path / "respaldo", keys, replaces=False)

    with administered_database(installation, environment):
        migrate(environment)  # the restored database is one that an upgrade can go on with
        found = citizen(environment, "read", sent["numero"], sent["clave"])
        assert_application_may_read_but_not_rewrite_history(environment)
    assert found["numero"] == sent["numero"]
    assert found["descripcion"] == "Dos personas en una moto sin placa"
    assert found["sha256"] == found["original"] == sent["sha256"]
    assert (found["nombres"], found["same_document"], found["opened"]) == ("Ana", "1", "1")


def test_a_backup_fills_the_database_of_an_operator_with_its_vault_and_rights(
    installation: Installation, environment: dict[str, str], tmp_path: Path
):
    """Where the database is not ours, it is filled as its owner and cannot be replaced."""
    with administered_database(installation, environment):
        migrate(environment)
        sent = citizen(environment, "send")
        save(installation, environment, tmp_path / "respaldo")
        owner = environment["YA_DATABASE_OWNER_URL"]
        with closing(psycopg.connect(plain_url(owner), autocommit=True)) as connection:
            connection.execute("DELETE FROM vault.person")

        refill_database(owner, tmp_path / "respaldo" / "base.dump")

        assert citizen(environment, "read", sent["numero"], sent["clave"])["nombres"] == "Ana"
        assert_application_may_read_but_not_rewrite_history(environment)


def assert_application_may_read_but_not_rewrite_history(environment: dict[str, str]) -> None:
    with closing(psycopg.connect(plain_url(environment["YA_DATABASE_URL"]))) as connection:
        connection.execute("SELECT count(*) FROM report")
        with pytest.raises(psycopg.Error, match=r"permission|append-only"):
            connection.execute("DELETE FROM history_entry")
    for url in ("YA_DATABASE_URL", "YA_VAULT_URL"):
        with (
            closing(psycopg.connect(plain_url(environment[url]))) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("SELECT count(*) FROM vault.person")


def fill(installation: Installation, environment: dict[str, str]) -> None:
    """The least that can be saved and told apart: a row and a file."""
    (installation.media / "ab").mkdir()
    (installation.media / "ab" / "abcd").write_bytes(b"sealed")
    with (
        administered_database(installation, environment) as url,
        psycopg.connect(plain_url(url)) as connection,
    ):
        connection.execute("CREATE TABLE alembic_version (version_num text)")
        connection.execute("INSERT INTO alembic_version VALUES ('first')")
        connection.execute("CREATE TABLE drill AS SELECT 'first' AS name")


def rows_of(installation: Installation, environment: dict[str, str]) -> list[str]:
    with (
        administered_database(installation, environment) as url,
        psycopg.connect(plain_url(url)) as connection,
    ):
        return [str(row[0]) for row in connection.execute("SELECT name FROM drill")]


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
    assert len(secrets) == len(PURPOSES)
    for file in (tmp_path / "respaldo").iterdir():
        assert not any(secret.encode() in file.read_bytes() for secret in secrets)
        assert file.stat().st_mode & 0o077 == 0 or file.name == "manifiesto.json"
    assert keys.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "respaldo").stat().st_mode & 0o777 == 0o700


def test_the_keys_saved_are_those_before_and_after_the_database_was_read(
    installation: Installation, environment: dict[str, str], tmp_path: Path, monkeypatch
):
    """A rotation takes effect at once: what was written meanwhile is under either key."""
    fill(installation, environment)
    first = KeyRing.load(installation.keyring)

    def rotating(environment, folder):
        first.rotated("vault").without("vault", 1).save(installation.keyring)
        return save_media(environment, folder)

    save_media = backup._save_media
    monkeypatch.setattr(backup, "_save_media", rotating)
    keys = save(installation, environment, tmp_path / "respaldo")
    saved = KeyRing.load(keys)
    assert set(saved.keys["vault"]) == {1, 2}
    assert saved.current("vault")[0] == 2
    with pytest.raises(OperatorError, match="no abren este respaldo"):
        saved.without("vault", 1).save(tmp_path / "menos.json")
        recover(
            installation, environment, tmp_path / "respaldo", tmp_path / "menos.json", replaces=True
        )


def test_a_ring_of_the_earlier_version_is_saved_and_recovered_as_it_is(
    installation: Installation, environment: dict[str, str], tmp_path: Path
):
    """`git pull`, then `make backup`: the ring gets its new keys only at the next start."""
    ring = KeyRing.load(installation.keyring)
    earlier = {purpose: keys for purpose, keys in ring.keys.items() if purpose != "vault"}
    KeyRing(earlier, ring.current_versions).save(installation.keyring)
    fill(installation, environment)
    keys = save(installation, environment, tmp_path / "respaldo")
    installation.keyring.unlink()
    recover(installation, environment, tmp_path / "respaldo", keys, replaces=True)
    assert KeyRing.load(installation.keyring, may_lack_purposes=True).keys == earlier


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

    assert rows_of(installation, environment) == ["first"]


def test_a_backup_replaces_what_came_after_it(
    installation: Installation, environment: dict[str, str], tmp_path: Path
):
    fill(installation, environment)
    keys = save(installation, environment, tmp_path / "respaldo")
    with (
        administered_database(installation, environment) as url,
        psycopg.connect(plain_url(url)) as connection,
    ):
        connection.execute("INSERT INTO drill VALUES ('later')")
    (installation.media / "cd").mkdir()
    (installation.media / "cd" / "cdef").write_bytes(b"later")

    recover(installation, environment, tmp_path / "respaldo", keys, replaces=True)

    assert rows_of(installation, environment) == ["first"]
    assert [file.name for file in installation.media.rglob("*")] == ["ab", "abcd"]


def test_a_backup_never_goes_over_another(
    installation: Installation, environment: dict[str, str], tmp_path: Path
):
    create_postgres(installation.var / "pg")
    (tmp_path / "respaldo").mkdir()
    (tmp_path / "respaldo" / "base.dump").write_text("older")
    with pytest.raises(OperatorError, match="ya existe"):
        save(installation, environment, tmp_path / "respaldo")
