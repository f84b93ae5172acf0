"""Names that a session makes up shadow none that functions with the owner's rights use."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text

from backend import clock
from backend.db import transaction
from backend.settings import Settings
from backend.vault.members import seal_members
from backend.vault.models import NewMember, NewPerson
from backend.vault.services import keep
from tests.builders import Callao
from tests.juntas import an_identity, an_office_account

# A type of the session, named like one of the system's: its check would run with the rights of
# whatever function casts to it.
LOOK = """
CREATE FUNCTION pg_temp.look(said pg_catalog.text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'this runs as %', current_user; END $$
"""
SHADOW = "CREATE DOMAIN pg_temp.text AS pg_catalog.text CHECK (pg_temp.look(VALUE))"
RECORD = "SELECT vault.record_reading({}, {}, NULL, NULL, ARRAY[CAST('{}' AS uuid)], 'x')"
OPEN = "SELECT vault.record_opening('{}', '{}', 1, 2, 'x', 'x')"


@pytest.fixture
def opener(settings: Settings) -> Iterator[Engine]:
    """The vault's own role, as whoever stole its address would use it."""
    engine = create_engine(settings.vault_url)
    yield engine
    engine.dispose()


def test_the_steps_to_a_name_use_the_systems_own_types(app, parts, opener):
    west, member = Callao().west, NewMember(uuid4(), an_identity())
    unit_id, staff_id = west.id, an_office_account(west).id
    with transaction():
        seal_members(unit_id, [member], parts.settings.keys, clock.now())
    recorded = "SELECT count(*) FROM vault.read_members('{}')"
    assert read_beside_a_shadow(opener, RECORD.format(staff_id, unit_id, member.id), recorded) == 1


def test_the_steps_to_an_identity_use_the_systems_own_types(app, parts, opener):
    person, report = uuid4(), uuid4()
    with transaction():
        keep(report, [NewPerson(person, {"nombres": "Ana"})], parts.settings.keys, clock.now())
    opened = "SELECT count(*) FROM vault.open_person({})"
    assert read_beside_a_shadow(opener, OPEN.format(person, report), opened) == 1


def read_beside_a_shadow(opener: Engine, record: str, read: str) -> int:
    with opener.connect() as connection:
        for statement in (LOOK, SHADOW):
            connection.execute(text(statement))
        connection.commit()
        written = connection.execute(text(record)).scalar_one()
        connection.commit()
        return int(connection.execute(text(read.format(written))).scalar_one())
