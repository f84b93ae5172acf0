"""Which environment wins, what var/env holds, and what a second make up makes of a change."""

from pathlib import Path

import psycopg
import pytest

from backend.crypto import KeyRing
from backend.settings import load_settings
from deploy.console import OperatorError
from deploy.embedded import plain_url, start_postgres
from deploy.installation import (
    EMBEDDED,
    Installation,
    choose_once,
    embedded_parts,
    environment_of,
    media_folder,
    read_environment,
    running_environment,
    write_environment,
)
from deploy.readiness import check_given, check_own_servers, ensure_keys
from deploy.up import differs

FIRST_PURPOSES = {"master", "clave", "idempotency", "device", "acceso", "session", "totp"}


def test_a_first_start_is_a_demonstration_that_the_settings_accept(installation: Installation):
    choose_once(installation)
    KeyRing.generate().save(installation.keyring)

    environment = environment_of(installation, {})

    assert environment["YA_DEMO"] == "1"
    assert embedded_parts(environment) == ["postgres", "redis"]
    assert load_settings(environment).demo
    assert "ya_vault" in environment["YA_VAULT_URL"]
    assert installation.env_file.stat().st_mode & 0o777 == 0o600


def test_the_operators_word_beats_the_file_and_the_file_beats_the_rest(installation: Installation):
    write_environment(installation.env_file, {"YA_PORT": "8001", "YA_BIND": "::1"})

    environment = environment_of(installation, {"YA_PORT": "8002", "HOME": "/", "YA_BIND": ""})

    assert environment["YA_PORT"] == "8002"
    assert environment["YA_BIND"] == "::1"  # an empty variable is none
    assert "HOME" not in environment


def test_an_own_database_replaces_ours_with_its_owner(installation: Installation):
    environment = environment_of(installation, {"YA_DATABASE_URL": "postgresql://db/x"})

    assert embedded_parts(environment) == ["redis"]
    assert "YA_DATABASE_OWNER_URL" not in environment


def test_an_own_database_needs_its_own_role_for_the_vault(installation: Installation):
    own = {"YA_DATABASE_URL": "postgresql://db/x"}
    with pytest.raises(OperatorError, match="Falta YA_VAULT_URL"):
        check_given(own)
    check_given(own | {"YA_VAULT_URL": "postgresql://v@db/x"})
    with pytest.raises(OperatorError, match="no sirve sin YA_DATABASE_URL"):
        check_given({"YA_VAULT_URL": "postgresql://v@db/x"})


def test_an_update_finds_what_the_earlier_version_did_not_write(installation: Installation):
    """Neither var/env nor the ring of the first release know of the vault."""
    write_environment(installation.env_file, {"YA_DEMO": "1"})
    whole = KeyRing.generate()
    keys = {purpose: key for purpose, key in whole.keys.items() if purpose in FIRST_PURPOSES}
    KeyRing(keys, whole.current_versions).save(installation.keyring)

    environment = environment_of(installation, {})
    assert ensure_keys(installation, environment)
    assert not ensure_keys(installation, environment)

    ring = load_settings(environment).keys
    assert {purpose: ring.keys[purpose] for purpose in keys} == keys
    assert len(ring.current("vault")[1]) == 32


def test_a_cluster_of_the_first_release_gets_the_role_of_the_vault(installation: Installation):
    first = start_postgres(installation.var / "pg")
    with psycopg.connect(plain_url(first.superuser_url), autocommit=True) as connection:
        connection.execute("DROP ROLE ya_vault")
    first.stop()

    again = start_postgres(installation.var / "pg")
    try:
        psycopg.connect(plain_url(again.vault_url)).close()
    finally:
        again.stop()


def test_an_own_database_whose_owner_cannot_make_the_vault_is_named(installation: Installation):
    cluster = start_postgres(installation.var / "pg")
    environment = {
        "YA_DATABASE_URL": cluster.app_url,
        "YA_DATABASE_OWNER_URL": cluster.owner_url,
        "YA_VAULT_URL": cluster.vault_url,
        EMBEDDED: "redis",
    }
    try:
        check_own_servers(environment)
        with psycopg.connect(plain_url(cluster.superuser_url), autocommit=True) as connection:
            connection.execute("ALTER DATABASE yo_alerto OWNER TO postgres")
            with pytest.raises(OperatorError, match="no puede crear la bóveda"):
                check_own_servers(environment)
            connection.execute("DROP ROLE ya_vault")
            with pytest.raises(OperatorError, match="YA_VAULT_URL no responde"):
                check_own_servers(environment)
    finally:
        cluster.stop()


def test_the_operators_file_is_never_rewritten(installation: Installation):
    installation.env_file.write_text("# mío\nYA_DEMO = '0'\n")

    choose_once(installation)

    assert installation.env_file.read_text() == "# mío\nYA_DEMO = '0'\n"
    assert read_environment(installation.env_file) == {"YA_DEMO": "0"}


def test_commands_beside_the_running_programs_use_what_those_were_given(
    installation: Installation,
):
    write_environment(installation.running_env_file, {"YA_DATABASE_URL": "postgresql://db/x"})

    assert running_environment(installation, {})["YA_DATABASE_URL"] == "postgresql://db/x"


def test_new_code_or_a_changed_setting_restarts_but_one_no_longer_given_does_not():
    running = {"YA_COMMIT": "a", "YA_PORT": "8001"}
    assert not differs({"YA_COMMIT": "a"}, running)
    assert differs({"YA_COMMIT": "b"}, running)
    assert differs({"YA_COMMIT": "a", "YA_PORT": "8002"}, running)


def test_pictures_in_a_bucket_have_no_folder():
    assert media_folder({"YA_MEDIA_URL": "s3://bucket/x"}) is None
    assert media_folder({"YA_MEDIA_URL": "file:///srv/mis%20medios"}) == Path("/srv/mis medios")
