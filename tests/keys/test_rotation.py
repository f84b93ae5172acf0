"""Rotating a key to its end: made, everything brought under it, the old one forgotten."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select, text

from backend import clock, rotation
from backend.crypto import KeyRing, Purpose
from backend.db import db as database
from backend.db import transaction
from backend.forwarding import services as forwarding
from backend.forwarding.models import Channel, UnitChannel
from backend.forwarding.webhook_client import open_secrets
from backend.live_keys import LiveKeyRing
from backend.media import queries as photos
from backend.media import services as media
from backend.media.models import Attachment
from backend.padron import services as padron
from backend.padron.models import PadronImport
from backend.parts import Parts
from backend.vault.members import known_documents, read_members, seal_members
from backend.vault.models import NewMember, NewPerson
from backend.vault.services import keep, open_person, same_document_count
from tests.builders import Callao, a_device, count, datos, send
from tests.juntas import an_identity, an_office_account
from tests.media.made_photos import photo
from wsgi import compose

LONG_AGO = clock.now() - timedelta(days=365)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    KeyRing.generate().save(tmp_path / "keyring.json")
    return tmp_path / "keyring.json"


@pytest.fixture
def own(app: Flask, settings, file: Path) -> Iterator[Flask]:
    """An application of its own on the same database, with a ring that tests may rotate."""
    web = compose(replace(settings, keys=LiveKeyRing(file)))
    with web.app_context():
        yield web
        database.session.remove()
        for engine in database.engines.values():
            engine.dispose()


@pytest.fixture
def parts(own: Flask) -> Parts:
    return own.extensions["yo_alerto"]


@pytest.fixture
def keys(own: Flask):
    """Run `flask keys …`, as an operator does."""

    def run(*words: object):
        return own.test_cli_runner().invoke(args=["keys", *map(str, words)])

    return run


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Every look at the ring is a fresh one, so that nobody waits for the second to pass."""
    monkeypatch.setattr("backend.live_keys.LOOK_SECONDS", 0)
    monkeypatch.setattr("backend.rotation.LOOK_SECONDS", 0)


def somebody(parts: Parts, number: str = "40123456") -> tuple[UUID, UUID]:
    person_id, report_id = uuid4(), uuid4()
    person = NewPerson(person_id, {"numero_documento": number}, ("dni", number))
    with transaction():
        keep(report_id, [person], parts.settings.keys, clock.now())
    return person_id, report_id


def opened(parts: Parts, person_id: UUID, report_id: UUID) -> str:
    ring = parts.settings.keys
    return open_person(ring, person_id, report_id, 1, None, "x", "x")["numero_documento"]


def holding(owner: Engine, name: str) -> rotation.Holding:
    [found] = [one for one in rotation.holdings(owner) if one.name == name]
    return found


def grown_old(file: Path, purpose: Purpose) -> None:
    """As if the last rotation had been a while ago."""
    ring = KeyRing.load(file)
    since = {version: at - timedelta(minutes=2) for version, at in ring.since[purpose].items()}
    KeyRing(ring.keys, ring.current_versions, {**ring.since, purpose: since}, ring.public).save(
        file
    )


def test_rosters_survive_a_whole_rotation(keys, parts, file, owner_engine: Engine):
    office = an_office_account(Callao().west)
    unit_id, ring = office.unit_id, parts.settings.keys
    who = {uuid4(): f"4000000{digit}" for digit in range(5)}
    with transaction():
        sealed = [NewMember(one, an_identity(number)) for one, number in who.items()]
        seal_members(unit_id, sealed, ring, clock.now())
    for purpose in ("vault", "blind"):
        assert keys("rotate", file, purpose).exit_code == 0
    [(known, [member_id])] = known_documents(unit_id, [("dni", "40000003")], ring).items()
    assert who[member_id] == known[1]

    told = keys("rewrap")
    assert told.exit_code == 0, told.output
    assert "members: none under old keys." in told.output
    for purpose in ("vault", "blind"):
        grown_old(file, purpose)
        assert keys("forget", file, purpose, 1).exit_code == 0

    read = read_members(ring, office.id, unit_id, list(who), "reunion")
    assert {one: data["numero_documento"] for one, data in read.items()} == who
    for member_id, number in who.items():
        assert known_documents(unit_id, [("dni", number)], ring) == {("dni", number): [member_id]}
    with owner_engine.connect() as connection:
        versions = connection.execute(
            text("SELECT DISTINCT key_version, document_index_version FROM vault.member")
        ).all()
    assert versions == [(2, 2)]


def test_a_key_that_a_roster_needs_is_not_forgotten(keys, parts, file):
    with transaction():
        members = [NewMember(uuid4(), an_identity())]
        seal_members(1, members, parts.settings.keys, clock.now())
    for purpose in ("vault", "blind"):
        assert keys("rotate", file, purpose).exit_code == 0
        grown_old(file, purpose)
        told = keys("forget", file, purpose, 1)
        assert told.exit_code != 0
        assert "1 keys of members are under" in told.output


def test_an_uploaded_file_that_waits_survives_a_rotation(keys, parts, file):
    office, ring = an_office_account(Callao().west), parts.settings.keys
    ids = [padron.upload(ring, office, "p.csv", b"uno,dos", clock.now()) for _ in range(6)]
    assert keys("rotate", file, "vault").exit_code == 0
    grown_old(file, "vault")
    assert "6 keys of uploaded rosters" in keys("forget", file, "vault", 1).output
    assert "uploaded rosters: none under old keys." in keys("rewrap").output
    assert keys("forget", file, "vault", 1).exit_code == 0
    database.session.rollback()
    for import_id in ids:
        waiting = database.session.get_one(PadronImport, import_id)
        assert padron.opened_file(waiting, ring) == b"uno,dos"


def test_identities_survive_a_whole_rotation(keys, parts, file, owner_engine: Engine):
    cases = [somebody(parts, f"4000000{digit}") for digit in range(5)]
    nameless = NewPerson(uuid4(), {"numero_documento": "sin"}), uuid4()
    with transaction():
        keep(nameless[1], [nameless[0]], parts.settings.keys, clock.now())

    for purpose in ("vault", "blind"):
        assert keys("rotate", file, purpose).exit_code == 0
    meanwhile = somebody(parts, "40000009")
    told = keys("rewrap")
    assert told.exit_code == 0, told.output
    assert "identities: none under old keys." in told.output
    for purpose in ("vault", "blind"):
        grown_old(file, purpose)
        assert keys("forget", file, purpose, 1).exit_code == 0

    assert list(KeyRing.load(file).keys["vault"]) == [2]
    for digit, case in enumerate(cases):
        assert opened(parts, *case) == f"4000000{digit}"
    assert opened(parts, *meanwhile) == "40000009"
    assert opened(parts, nameless[0].id, nameless[1]) == "sin"
    ring = parts.settings.keys
    for number in ("40000000", "40000004", "40000009"):
        assert same_document_count(ring, "dni", number, LONG_AGO) == 1
    with owner_engine.connect() as connection:
        query = text("SELECT DISTINCT key_version, document_index_version FROM vault.person")
        assert set(connection.execute(query).tuples()) == {(2, 2), (2, None)}


def test_only_what_is_under_an_old_key_is_written_anew(keys, parts, file, owner_engine: Engine):
    person_id, _ = somebody(parts)

    def row():
        with owner_engine.connect() as connection:
            query = text("SELECT sealed, document_index FROM vault.person WHERE id = :id")
            return connection.execute(query, {"id": person_id}).one()

    first = row()
    keys("rewrap")
    assert row() == first
    keys("rotate", file, "blind")
    keys("rewrap")
    assert row().sealed == first.sealed
    assert row().document_index != first.document_index


def test_photos_and_webhook_secrets_survive_a_rotation_of_the_master_key(keys, own, parts, file):
    callao = Callao()
    client = own.test_client()
    content = photo("JPEG", (64, 48))
    send(client, datos(), headers=a_device(client), photos=[(BytesIO(content), "a.jpg")])
    with transaction():
        channel = forwarding.add_channel(
            callao.west.id, Channel.WEBHOOK, "https://receptor.example/x", parts.settings.keys
        )
        fresh = forwarding.rotate_secret(channel.id, parts.settings.keys, clock.now())

    keys("rotate", file, "master")
    told = keys("rewrap")
    assert told.exit_code == 0, told.output
    grown_old(file, "master")
    assert keys("forget", file, "master", 1).exit_code == 0

    ring = parts.settings.keys
    assert list(ring.keys["master"]) == [2]
    database.session.rollback()
    attachment = database.session.scalars(select(Attachment)).one()
    assert b"".join(photos.open_original(attachment, parts.storage, ring)) == content
    row = database.session.get_one(UnitChannel, channel.id)
    secrets = open_secrets(row.sealed_secret, row.secret_key_version, ring, row.id, clock.now())
    assert secrets == [fresh, channel.secret]


def test_a_photo_that_was_on_its_way_during_the_rotation_is_under_the_new_key(parts, keys, file):
    """Over a bad line a photo takes minutes; the old key may be gone when it has arrived."""
    ring = parts.settings.keys
    with media.begin_upload(parts.storage, ring) as writer:
        writer.write(photo("JPEG", (64, 48)))
        keys("rotate", file, "master")
        received = media.finish_upload(writer)
    assert received.sealed.key.master_key_version == 2


def test_a_rewrap_that_was_killed_goes_on_where_it_was(
    keys, parts, file, owner_engine, monkeypatch
):
    cases = [somebody(parts, f"4000000{digit}") for digit in range(7)]
    monkeypatch.setattr(rotation, "BATCH", 2)
    keys("rotate", file, "vault")
    batches = []

    def die(connection, *_: object) -> None:
        batches.append(1)
        if len(batches) == 3:
            raise KeyboardInterrupt

    with owner_engine.connect() as connection:
        ring = parts.settings.keys
        held = holding(owner_engine, "identities")
        event.listen(owner_engine, "commit", die)
        try:
            with pytest.raises(KeyboardInterrupt):
                rotation.rewrap_all(held, ring, lambda _: None)
        finally:
            event.remove(owner_engine, "commit", die)
        left = held.rows_under_old_keys(ring)
        assert 0 < left < 7
        assert [opened(parts, *case) for case in cases] == [f"4000000{d}" for d in range(7)]
        connection.rollback()

    assert keys("rewrap").exit_code == 0
    assert held.rows_under_old_keys(ring) == 0
    assert [opened(parts, *case) for case in cases] == [f"4000000{d}" for d in range(7)]


def test_two_rewraps_at_once_do_not_wait_for_each_other(parts, keys, file, owner_engine):
    for _ in range(3):
        somebody(parts)
    keys("rotate", file, "vault")
    held = holding(owner_engine, "identities")
    with owner_engine.begin() as other:
        other.execute(text("SELECT id FROM vault.person ORDER BY id LIMIT 1 FOR UPDATE"))
        told = keys("rewrap")
    assert told.exit_code != 0
    assert "another rewrap holds them" in told.output
    assert held.rows_under_old_keys(parts.settings.keys) == 1
    assert keys("rewrap").exit_code == 0


def test_what_does_not_open_is_said_and_stays(parts, keys, file, owner_engine):
    lost, _ = somebody(parts)
    fine = somebody(parts)
    with owner_engine.begin() as connection:
        query = text("UPDATE vault.person SET sealed = 'x' WHERE id = :id")
        connection.execute(query, {"id": lost})
    keys("rotate", file, "vault")
    told = keys("rewrap")
    assert told.exit_code != 0
    assert "1 could not be opened" in told.output
    assert opened(parts, *fine) == "40123456"
    grown_old(file, "vault")
    refused = keys("forget", file, "vault", 1)
    assert refused.exit_code != 0
    assert "1 keys of identities are under vault 1" in refused.output


def test_a_lost_blind_key_is_mended_by_a_new_one(parts, keys, file):
    """The document lies inside the seal, so the index needs no old key to be made again."""
    somebody(parts)
    keys("rotate", file, "blind")
    KeyRing.load(file).without("blind", 1).save(file)
    assert same_document_count(parts.settings.keys, "dni", "40123456", LONG_AGO) == 0
    assert keys("rewrap").exit_code == 0
    assert same_document_count(parts.settings.keys, "dni", "40123456", LONG_AGO) == 1


def test_a_key_with_rows_under_it_is_not_forgotten(parts, keys, file):
    somebody(parts)
    for purpose in ("vault", "blind"):
        keys("rotate", file, purpose)
        grown_old(file, purpose)
        refused = keys("forget", file, purpose, 1)
        assert "flask keys rewrap" in refused.output
        assert 1 in KeyRing.load(file).keys[purpose]


@pytest.mark.parametrize("purpose", ["clave", "idempotency", "totp"])
def test_keys_that_people_depend_on_are_never_forgotten(keys, file, purpose):
    keys("rotate", file, purpose)
    grown_old(file, purpose)
    assert "stays" in keys("forget", file, purpose, 1).output
    assert 1 in KeyRing.load(file).keys[purpose]


def test_what_cannot_be_forgotten_yet_or_at_all(keys, file):
    assert "current key" in keys("forget", file, "vault", 1).output
    keys("rotate", file, "vault")
    assert "no vault 7" in keys("forget", file, "vault", 7).output
    assert "less than a minute ago" in keys("forget", file, "vault", 1).output
    assert set(KeyRing.load(file).keys["vault"]) == {1, 2}


def test_a_forgotten_signing_key_stays_published(keys, file):
    keys("rotate", file, "constancia")
    grown_old(file, "constancia")
    assert keys("forget", file, "constancia", 1).exit_code == 0
    ring = KeyRing.load(file)
    assert list(ring.keys["constancia"]) == [2]
    assert [one.version for one in ring.signing_keys()] == [1, 2]


def test_a_ring_is_made_once_and_completed_whenever_it_lacks_something(keys, tmp_path):
    made = tmp_path / "new" / "keyring.json"
    assert keys("create", made).exit_code == 0
    assert "never overwritten" in keys("create", made).output
    before = made.read_text()
    assert keys("create", "--complete", made).output == "Complete.\n"
    assert made.read_text() == before
    made.write_text("{}")
    assert "cannot be used" in keys("create", "--complete", made).output
    assert "cannot be used" in keys("rotate", made, "vault").output


def test_reports_arrive_before_during_and_after(keys, own, parts, file):
    Callao()
    client = own.test_client()
    headers = a_device(client)
    for words in (("rotate", file, "master"), ("rewrap",), ("rotate", file, "clave")):
        assert send(client, datos(), headers=headers).status_code == 201
        assert keys(*words).exit_code == 0
    assert send(client, datos(), headers=headers).status_code == 201
    assert count("report") == 4
