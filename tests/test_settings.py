"""Settings: whole and true, or the process does not start and names every problem at once."""

import dataclasses
import json

import pytest

from backend.crypto import KeyRing
from backend.errors import ConfigurationError
from backend.settings import Settings, load_settings


@pytest.fixture
def production(tmp_path) -> dict[str, str]:
    """What an operator sets for a real installation."""
    KeyRing.generate().save(tmp_path / "keyring.json")
    return {
        "YA_DATABASE_URL": "postgresql://ya_app@db/yo_alerto",
        "YA_DATABASE_OWNER_URL": "postgresql://ya_owner@db/yo_alerto",
        "YA_VAULT_URL": "postgresql://ya_vault@db/yo_alerto",
        "YA_REDIS_URL": "redis://redis:6379/0",
        "YA_MEDIA_URL": "s3://fotos/alertas?endpoint=https://s3.example.org",
        "YA_KEYS_FILE": str(tmp_path / "keyring.json"),
        "YA_PUBLIC_URL": "https://alerta.example.org/",
        "YA_SMTP_URL": "smtp://mail:25",
        "YA_MAIL_FROM": "no-responder@alerta.example.org",
        "YA_TRUSTED_HOPS": "1",
        "YA_BIND": "0.0.0.0",
    }


def problems(environ: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigurationError) as refusal:
        load_settings(environ)
    assert str(refusal.value)
    return refusal.value.problems


def test_a_real_installation_starts(production):
    settings = load_settings(production)
    assert settings.demo is False
    assert settings.is_https
    assert settings.public_url == "https://alerta.example.org"
    assert settings.database_url.startswith("postgresql+psycopg://")
    assert settings.port == 8000


def test_nothing_is_set_and_everything_missing_is_named():
    found = problems({})
    for name in (
        "YA_DATABASE_URL",
        "YA_VAULT_URL",
        "YA_REDIS_URL",
        "YA_MEDIA_URL",
        "YA_KEYS_FILE",
    ):
        assert f"{name} is missing" in found
    assert any("YA_PUBLIC_URL" in problem for problem in found)  # http is for demonstrations


WRONG = {
    "YA_DATABASE_URL": "mysql://db/yo_alerto",
    "YA_VAULT_URL": "vault",
    "YA_REDIS_URL": "http://redis",
    "YA_MEDIA_URL": "/var/media",
    "YA_SMTP_URL": "https://mail",
    "YA_PUBLIC_URL": "ftp://alerta.example.org",
    "YA_DEMO": "yes",
    "YA_WEBHOOK_PRIVATE": "maybe",
    "YA_PORT": "80000",
    "YA_METRICS_PORT": "-1",
    "YA_TRUSTED_HOPS": "many",
    "YA_MEDIA_QUOTA_MB": "0",
    "YA_MEDIA_FLOOR_MB": "½",
    "YA_WEB_WORKERS": "0",
    "YA_WEB_THREADS": "1e3",
    "YA_KEYS_FILE": "/nowhere/keyring.json",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_named(production, name):
    found = problems({**production, name: WRONG[name]})
    assert any(problem.startswith(name) for problem in found)


def test_all_wrong_values_are_named_at_once(production):
    found = problems({**production, **WRONG})
    for name in WRONG:
        assert any(problem.startswith(name) for problem in found), name


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"YA_PUBLIC_URL": "http://alerta.example.org"}, "https://"),
        ({"YA_PUBLIC_URL": ""}, "https://"),
        ({"YA_WEBHOOK_PRIVATE": "1"}, "YA_WEBHOOK_PRIVATE=1 is for demonstrations"),
        ({"YA_TRUSTED_HOPS": "0"}, "YA_TRUSTED_HOPS"),
        ({"YA_MAIL_FROM": ""}, "YA_MAIL_FROM"),
        ({"YA_VAULT_URL": "postgresql://ya_app@db/yo_alerto"}, "YA_VAULT_URL"),
        ({"YA_VAULT_URL": "postgresql://ya_owner@db/yo_alerto"}, "YA_VAULT_URL"),
        ({"YA_DATABASE_OWNER_URL": ""}, "owner of the schema"),
        ({"YA_PORT": "9100", "YA_METRICS_BIND": "0.0.0.0"}, "must differ"),
    ],
)
def test_what_a_demonstration_may_and_production_must_not(production, changes, words):
    found = problems({**production, **changes})
    assert len(found) == 1
    assert words in found[0]


def test_contradictions_are_named_together(production):
    changes = {
        "YA_PUBLIC_URL": "http://alerta.example.org",
        "YA_WEBHOOK_PRIVATE": "1",
        "YA_TRUSTED_HOPS": "0",
        "YA_MAIL_FROM": "",
    }
    assert len(problems({**production, **changes})) == 4


@pytest.mark.parametrize("bind", ["0.0.0.0", "192.168.1.20", "::"])
def test_a_demonstration_is_not_opened_to_the_network_in_the_clear(production, bind):
    changes = {"YA_DEMO": "1", "YA_PUBLIC_URL": "http://demo.example.org", "YA_BIND": bind}
    [problem] = problems({**production, **changes, "YA_TRUSTED_HOPS": "0"})
    assert problem.startswith("YA_BIND")
    assert "YA_TRUSTED_HOPS" in problem
    assert load_settings({**production, **changes}).demo  # behind a proxy


def test_a_demonstration_needs_less(production):
    changes = {"YA_DEMO": "1", "YA_PUBLIC_URL": "", "YA_WEBHOOK_PRIVATE": "1", "YA_MAIL_FROM": ""}
    settings = load_settings({**production, **changes, "YA_BIND": "127.0.0.1"})
    assert settings.public_url == "http://127.0.0.1:8000"


def test_a_damaged_key_ring_is_named(production, tmp_path):
    for content in ("", "{}", '{"master": {"current": "1", "keys": {"1": "AAAA"}}}', "null"):
        (tmp_path / "keyring.json").write_text(content)
        found = problems(production)
        assert len(found) == 1 and found[0].startswith("YA_KEYS_FILE cannot be used")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_key_ring_that_others_may_read_is_refused(production, tmp_path, mode):
    (tmp_path / "keyring.json").chmod(mode)
    [problem] = problems(production)
    assert problem.startswith("YA_KEYS_FILE cannot be used")
    assert "chmod 600" in problem


def test_a_key_ring_of_an_earlier_version_is_refused_with_the_way_out(production, tmp_path):
    file = tmp_path / "keyring.json"
    document = json.loads(file.read_text())
    del document["vault"]
    file.write_text(json.dumps(document))
    [problem] = problems(production)
    assert f"lacks vault: flask keys create --complete {file}" in problem


def test_settings_are_frozen(production):
    settings = load_settings(production)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.demo = True
    assert {field.name for field in dataclasses.fields(Settings)} >= {"keys", "media_url"}


def test_no_secret_shows_when_settings_are_printed(production):
    with_passwords = {
        "YA_DATABASE_URL": "postgresql://u:secreto@db/y",
        "YA_VAULT_URL": "postgresql://v:secreto@db/y",
    }
    settings = load_settings(production | with_passwords)
    _, key = settings.keys.current("master")
    assert repr(key) not in repr(settings)
    assert "secreto" not in repr(settings)
