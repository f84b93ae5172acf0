"""The channels that a unit chooses, and the secrets of its webhooks."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.crypto import KeyRing
from backend.db import transaction
from backend.errors import Conflict, InvalidInput, NotFound
from backend.forwarding import queries, services
from backend.forwarding.models import Channel, UnitChannel
from backend.forwarding.webhook_client import SecretLost, new_secret, open_secrets, seal_secrets
from backend.territory.models import PoliceUnit, UnitKind

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
URL = "https://receptor.example/alertas"


@pytest.fixture
def ring(parts) -> KeyRing:
    return parts.settings.keys


@pytest.fixture
def unit_id(db) -> int:
    with transaction():
        unit = PoliceUnit(
            code="C-1", kind=UnitKind.COMISARIA, name="Ilo", valid_from=NOW.date(), source="prueba"
        )
        db.session.add(unit)
        db.session.flush()
        return unit.id


def add(unit_id: int, ring: KeyRing, address: str = URL, kind: Channel = Channel.WEBHOOK):
    with transaction():
        return services.add_channel(unit_id, kind, address, ring)


def signing(db, channel_id: int, ring: KeyRing, at: datetime = NOW) -> list[str]:
    channel = db.session.get(UnitChannel, channel_id)
    return open_secrets(channel.sealed_secret, channel.secret_key_version, ring, channel.id, at)


def test_a_secret_is_shown_once_and_kept_sealed(db, unit_id, ring) -> None:
    channel = add(unit_id, ring)
    assert channel.secret.startswith("whsec_")
    assert channel.secret not in repr(channel)

    row = db.session.get(UnitChannel, channel.id)
    assert channel.secret.encode() not in row.sealed_secret
    assert channel.secret not in repr(row.destination)
    assert signing(db, channel.id, ring) == [channel.secret]


def test_a_mail_channel_has_no_secret(db, unit_id, ring) -> None:
    channel = add(unit_id, ring, " mesa@PNP.gob.pe ", Channel.EMAIL)
    assert channel.secret is None
    assert [row.address for row in queries.channels_of(unit_id)] == ["mesa@pnp.gob.pe"]
    with pytest.raises(Conflict), transaction():
        services.rotate_secret(channel.id, ring, NOW)


def test_rotation_signs_with_both_secrets_for_a_day(db, unit_id, ring) -> None:
    channel = add(unit_id, ring)
    with transaction():
        fresh = services.rotate_secret(channel.id, ring, NOW)

    hours = timedelta(hours=1)
    assert signing(db, channel.id, ring, NOW + 23 * hours) == [fresh, channel.secret]
    assert signing(db, channel.id, ring, NOW + 24 * hours) == [fresh]
    with transaction():
        freshest = services.rotate_secret(channel.id, ring, NOW)
    assert signing(db, channel.id, ring) == [freshest, fresh]


def test_a_new_master_key_leaves_old_secrets_readable(db, unit_id, ring) -> None:
    channel = add(unit_id, ring)
    newer = ring.rotated("master")
    assert signing(db, channel.id, newer) == [channel.secret]
    with transaction():
        services.rotate_secret(channel.id, newer, NOW)
    assert db.session.get(UnitChannel, channel.id).secret_key_version == 2


def test_a_lost_master_key_is_mended_by_a_rotation(db, unit_id, ring) -> None:
    channel = add(unit_id, ring)
    stranger = KeyRing.generate()
    with pytest.raises(SecretLost):
        signing(db, channel.id, stranger)
    with transaction():
        fresh = services.rotate_secret(channel.id, stranger, NOW)
    assert signing(db, channel.id, stranger) == [fresh]


def test_a_secret_moved_to_another_channel_does_not_open() -> None:
    ring = KeyRing.generate()
    version, sealed = seal_secrets(ring, 1, new_secret())
    for channel_id, version_asked, data in ((2, version, sealed), (1, 9, sealed), (1, 1, b"")):
        with pytest.raises(SecretLost):
            open_secrets(data, version_asked, ring, channel_id, NOW)


def test_the_same_channel_twice_is_a_conflict_unless_it_was_switched_off(db, unit_id, ring) -> None:
    first = add(unit_id, ring)
    with pytest.raises(Conflict):
        add(unit_id, ring)
    with transaction():
        services.disable_channel(first.id)
    again = add(unit_id, ring)
    assert again.id == first.id
    assert again.secret != first.secret
    assert signing(db, first.id, ring) == [again.secret]


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        (Channel.WEBHOOK, "http://receptor.example/"),
        (Channel.WEBHOOK, "https://ya:clave@receptor.example/"),
        (Channel.WEBHOOK, "https://192.168.0.10/"),
        (Channel.EMAIL, "mesa"),
        (Channel.EMAIL, "mesa@localhost"),
    ],
)
def test_a_wrong_address_is_told_to_the_field(db, unit_id, ring, kind, address) -> None:
    with pytest.raises(InvalidInput) as caught:
        add(unit_id, ring, address, kind)
    assert caught.value.errors[0].field == "direccion"
    assert queries.channels_of(unit_id) == []


def test_an_unknown_channel(db) -> None:
    with pytest.raises(NotFound), transaction():
        services.disable_channel(77)
