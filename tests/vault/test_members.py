"""Who the members of juntas are: into the vault by anybody, out of it for an office alone."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, create_engine, select, text, update
from sqlalchemy.exc import DBAPIError

from backend import clock
from backend.crypto import KeyRing
from backend.db import NestedTransaction, db, transaction
from backend.errors import Forbidden
from backend.identity import services as identity
from backend.padron.models import PadronExport
from backend.settings import Settings
from backend.vault.members import (
    forget_loose_members,
    known_documents,
    read_members,
    replace_member,
    seal_members,
)
from backend.vault.models import NewMember, Reading
from backend.vault.services import IdentityLost
from tests.builders import Callao
from tests.juntas import a_junta, a_member, an_export, an_identity, an_office_account

RECORD = "SELECT vault.record_reading(:staff, :unit, NULL, :export, CAST(:members AS uuid[]), 'x')"
READ = "SELECT sealed FROM vault.read_members(:reading)"


@pytest.fixture
def ring(parts) -> KeyRing:
    return parts.settings.keys


@pytest.fixture
def callao(app) -> Callao:
    return Callao()


@pytest.fixture
def office(callao):
    return an_office_account(callao.west)


@pytest.fixture
def opener(settings: Settings):
    """The vault's own role, as whoever stole its address would use it."""
    engine = create_engine(settings.vault_url)
    yield engine
    engine.dispose()


def sealed(ring: KeyRing, unit, count: int = 1, **changes: str) -> list[UUID]:
    """Ids of new members of a unit, whose documents are 40000000 and on."""
    members = [
        NewMember(uuid4(), an_identity(f"{40_000_000 + place}", **changes))
        for place in range(count)
    ]
    unit_id = unit.id
    with transaction():
        seal_members(unit_id, members, ring, clock.now())
    return [member.id for member in members]


def readings() -> list[Reading]:
    db.session.rollback()
    return list(db.session.scalars(select(Reading).order_by(Reading.id)))


def stored(owner_engine: Engine, member_id: UUID):
    with owner_engine.connect() as connection:
        query = text("SELECT * FROM vault.member WHERE id = :id")
        return connection.execute(query, {"id": member_id}).one()


def test_names_come_out_for_the_office_and_the_vault_says_who_read_whose(ring, callao, office):
    member_ids, junta_id = sealed(ring, callao.west, 2), uuid4()
    read = read_members(ring, office.id, office.unit_id, member_ids, "reunion", junta_id=junta_id)
    assert read == {
        member_ids[0]: an_identity("40000000"),
        member_ids[1]: an_identity("40000001"),
    }
    [reading] = readings()
    assert (reading.staff_id, reading.unit_id) == (office.id, callao.west.id)
    assert (reading.junta_id, reading.reason) == (junta_id, "reunion")
    assert set(reading.member_ids) == set(member_ids)
    assert abs(reading.at - clock.now()) < timedelta(minutes=1)


def test_nothing_of_who_it_is_stands_in_the_row(ring, callao, owner_engine):
    [member_id] = sealed(ring, callao.west)
    row = repr(tuple(stored(owner_engine, member_id)))
    for word in ("Persona", "Inventada", "40000000", "dni"):
        assert word not in row


def test_equal_documents_are_equal_in_a_unit_and_strangers_in_two(ring, callao, owner_engine):
    one, again, elsewhere = (
        stored(owner_engine, sealed(ring, unit)[0])
        for unit in (callao.west, callao.west, callao.east)
    )
    assert one.document_index == again.document_index
    assert one.document_index != elsewhere.document_index
    assert one.sealed != again.sealed


def test_a_document_is_found_in_the_own_unit_however_it_is_typed(ring, callao):
    west, east = callao.west.id, callao.east.id
    [member_id] = sealed(ring, callao.west)
    sealed(ring, callao.east)
    typed = ("DNI", " 4000-0000 ")
    assert known_documents(west, [typed, ("dni", "99999999")], ring) == {typed: [member_id]}
    assert known_documents(west, [("ce", "40000000")], ring) == {}
    assert known_documents(west, [], ring) == {}
    assert member_id not in known_documents(east, [typed], ring)[typed]
    assert readings() == []


def test_who_left_and_came_back_is_found_under_both(ring, callao):
    twice = {*sealed(ring, callao.west), *sealed(ring, callao.west)}
    [found] = known_documents(callao.west.id, [("dni", "40000000")], ring).values()
    assert set(found) == twice


def test_a_member_is_corrected_in_the_own_unit_only(ring, callao, office):
    [member_id] = sealed(ring, callao.west)
    changed = NewMember(member_id, an_identity("41111111", nombres="Corregida"))
    east, west = callao.east.id, callao.west.id
    with transaction():
        assert not replace_member(east, changed, ring)
    with transaction():
        assert replace_member(west, changed, ring)
    read = read_members(ring, office.id, west, [member_id], "renovacion")
    assert read[member_id]["nombres"] == "Corregida"
    assert known_documents(west, [("dni", "40000000")], ring) == {}
    assert known_documents(west, [("dni", "41111111")], ring) == {("dni", "41111111"): [member_id]}


def test_a_member_passed_off_as_another_does_not_open(ring, callao, office, owner_engine):
    [one, other] = sealed(ring, callao.west, 2)
    with owner_engine.begin() as connection:
        swap = text(
            "UPDATE vault.member SET sealed = (SELECT sealed FROM vault.member WHERE id = :other)"
            " WHERE id = :one"
        )
        connection.execute(swap, {"one": one, "other": other})
    with pytest.raises(IdentityLost) as lost:
        read_members(ring, office.id, office.unit_id, [one], "reunion")
    assert "Inventada" not in str(lost.value)


def test_who_came_with_an_import_and_belongs_nowhere_is_forgotten(ring, callao, owner_engine):
    loose, import_id = NewMember(uuid4(), an_identity()), uuid4()
    [stays] = sealed(ring, callao.west)
    unit_id = callao.west.id
    with transaction():
        seal_members(unit_id, [loose], ring, clock.now(), import_id)
    with transaction():
        assert forget_loose_members(import_id) == 1
    with owner_engine.connect() as connection:
        assert connection.execute(text("SELECT id FROM vault.member")).scalars().all() == [stays]


# Who is refused, whatever the application says


def test_without_a_seat_of_that_unit_nobody_reads(ring, callao, office):
    [member_id] = sealed(ring, callao.west)
    [elsewhere] = sealed(ring, callao.east)
    stranger = an_office_account(callao.east, "juntas.este")
    for staff, unit, member in (
        (stranger.id, callao.west.id, member_id),
        (stranger.id, callao.east.id, member_id),
        (office.id, callao.west.id, elsewhere),
        (office.id, callao.east.id, elsewhere),
        (999, callao.west.id, member_id),
    ):
        with pytest.raises(Forbidden):
            read_members(ring, staff, unit, [member], "reunion")
    assert readings() == []


def test_one_foreign_member_among_many_refuses_all(ring, callao, office):
    members = [*sealed(ring, callao.west, 3), *sealed(ring, callao.east)]
    with pytest.raises(Forbidden):
        read_members(ring, office.id, office.unit_id, members, "reunion")


def test_a_leaver_reads_nothing_any_more(ring, callao, office):
    [member_id] = sealed(ring, callao.west)
    staff_id, unit_id = office.id, office.unit_id
    identity.disable(office.username, by=None, now=clock.now())
    with pytest.raises(Forbidden):
        read_members(ring, staff_id, unit_id, [member_id], "reunion")


def test_fifty_names_are_read_and_one_more_is_refused(ring, callao, office):
    members = sealed(ring, callao.west, 51)
    with pytest.raises(Forbidden):
        read_members(ring, office.id, office.unit_id, members, "reunion")
    assert len(read_members(ring, office.id, office.unit_id, members[:50], "reunion")) == 50
    assert [len(one.member_ids) for one in readings()] == [50]


def test_more_need_an_export_that_a_second_person_approved(ring, callao, office):
    members = sealed(ring, callao.west, 51)
    other = an_office_account(callao.west, "juntas2")
    staff_id, unit_id, other_id = office.id, office.unit_id, other.id

    def reads(export_id: UUID | None) -> bool:
        try:
            read_members(ring, staff_id, unit_id, members, "reunion", export_id=export_id)
        except Forbidden:
            return False
        return True

    assert not reads(None)
    assert not reads(uuid4())
    assert not reads(an_export(office, 51))
    assert not reads(an_export(office, 50, approved_by=other_id))
    assert not reads(an_export(other, 51, approved_by=staff_id))
    assert not reads(an_export(office, 51, approved_by=other_id, state="rechazada"))
    assert not reads(an_export(office, 51, approved_by=other_id, state="descargada"))
    approved = an_export(office, 51, approved_by=other_id)
    assert reads(approved)
    assert not reads(approved), "once, whatever the application says of it afterwards"


def test_what_was_approved_of_one_junta_reads_no_other(ring, callao, office):
    here, there = a_junta(callao.west), a_junta(callao.west, "JV-002", box=None)
    members = [a_member(here).id for _ in range(51)]
    stranger = a_member(there).id
    other_id, staff_id, unit_id = (
        an_office_account(callao.west, "juntas2").id,
        office.id,
        office.unit_id,
    )
    approved, junta_id = an_export(office, 51, approved_by=other_id), here.id
    with transaction():
        db.session.execute(update(PadronExport).values(junta_id=junta_id))
    for wanted, is_read in (([*members[:50], stranger], False), (members, True)):
        try:
            found = read_members(ring, staff_id, unit_id, wanted, "reunion", export_id=approved)
        except Forbidden:
            found = {}
        assert bool(found) is is_read


def test_names_are_never_read_inside_a_transaction(ring, callao, office):
    [member_id] = sealed(ring, callao.west)
    staff_id, unit_id = office.id, office.unit_id
    with pytest.raises(NestedTransaction), transaction():
        read_members(ring, staff_id, unit_id, [member_id], "reunion")


def test_no_reason_no_reading(ring, callao, office):
    [member_id] = sealed(ring, callao.west)
    with pytest.raises(DBAPIError, match="violates"):
        read_members(ring, office.id, office.unit_id, [member_id], "  ")
    with pytest.raises(DBAPIError, match="violates"):
        read_members(ring, office.id, office.unit_id, [], "reunion")


def test_a_reading_is_answered_only_once_it_is_committed(ring, callao, office, opener: Engine):
    """Otherwise whoever reads could roll the trace back."""
    members = sealed(ring, callao.west)
    values = {"staff": office.id, "unit": office.unit_id, "export": None, "members": members}
    with opener.connect() as connection:
        reading = connection.execute(text(RECORD), values).scalar_one()
        assert connection.execute(text(READ), {"reading": reading}).all() == []
        connection.rollback()
        assert connection.execute(text(READ), {"reading": reading}).all() == []
        with connection.begin_nested():
            reading = connection.execute(text(RECORD), values).scalar_one()
        assert connection.execute(text(READ), {"reading": reading}).all() == []
        connection.commit()
        assert len(connection.execute(text(READ), {"reading": reading}).all()) == 1


def test_a_reading_is_answered_within_a_minute_or_never(
    ring, callao, office, opener: Engine, owner_engine: Engine
):
    members = sealed(ring, callao.west)
    values = {"staff": office.id, "unit": office.unit_id, "members": members}
    with owner_engine.begin() as connection:
        old = connection.execute(
            text(
                "INSERT INTO vault.reading (staff_id, unit_id, member_ids, reason, at, written_by)"
                " VALUES (:staff, :unit, :members, 'x', now() - interval '61 s', 1) "
                "RETURNING handle"
            ),
            values,
        ).scalar_one()
    with opener.connect() as connection:
        assert connection.execute(text(READ), {"reading": old}).all() == []


def test_a_reading_is_answered_by_a_handle_that_nobody_guesses(
    ring, callao, office, opener: Engine
):
    """Its number is no way to it: the next one would be somebody else's."""
    members = sealed(ring, callao.west)
    values = {"staff": office.id, "unit": office.unit_id, "export": None, "members": members}
    with opener.connect() as connection:
        first, second = (connection.execute(text(RECORD), values).scalar_one() for _ in "12")
        connection.commit()
        assert isinstance(first, UUID)
        assert first != second
        with pytest.raises(DBAPIError, match="does not exist"):
            connection.execute(text("SELECT vault.read_members(1)"))


def test_even_the_owner_cannot_edit_the_trace(ring, callao, office, owner_engine: Engine):
    read_members(ring, office.id, office.unit_id, sealed(ring, callao.west), "reunion")
    for statement in ("UPDATE vault.reading SET reason = 'y'", "DELETE FROM vault.reading"):
        with pytest.raises(DBAPIError, match="append-only"), owner_engine.begin() as connection:
            connection.execute(text(statement))


REFUSED_TO_APPLICATION = [
    "SELECT id FROM vault.member",
    "SELECT count(*) FROM vault.member",
    "INSERT INTO vault.member SELECT * FROM vault.member",
    "INSERT INTO vault.member (id, unit_id, sealed, key_version, document_index, "
    "document_index_version, created_at) VALUES (gen_random_uuid(), 1, '', 1, '', 1, now()) "
    "RETURNING id",
    "UPDATE vault.member SET sealed = ''",
    "DELETE FROM vault.member",
    "TRUNCATE vault.member",
    "INSERT INTO vault.reading (staff_id, unit_id, member_ids, reason, written_by) "
    "VALUES (1, 1, ARRAY[gen_random_uuid()], 'x', 1)",
    "UPDATE vault.reading SET reason = 'x'",
    "DELETE FROM vault.reading",
    "SELECT vault.record_reading(1, 1, NULL, NULL, ARRAY[gen_random_uuid()], 'x')",
    "SELECT vault.read_members(gen_random_uuid())",
]
REFUSED_TO_OPENER = [
    "SELECT id FROM vault.member",
    "SELECT id FROM vault.reading",
    "SELECT vault.known_documents(1, '{}')",
    "SELECT vault.replace_member(gen_random_uuid(), 1, '', 1::smallint, '', 1::smallint)",
    "SELECT vault.forget_loose_members(gen_random_uuid())",
    "INSERT INTO vault.reading (staff_id, unit_id, member_ids, reason, written_by) "
    "VALUES (1, 1, ARRAY[gen_random_uuid()], 'x', 1)",
    "UPDATE vault.reading SET reason = 'x'",
    "DELETE FROM vault.member",
    "SELECT id FROM junta_member",
    "SELECT staff_id FROM padron_seat",
    "INSERT INTO padron_seat VALUES (1, 1, 1)",
    "UPDATE padron_export SET state = 'aprobada'",
]


@pytest.mark.parametrize("statement", REFUSED_TO_APPLICATION)
def test_the_application_adds_members_and_can_read_nothing_of_them(app, statement):
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), transaction():
        db.session.execute(text(statement))


@pytest.mark.parametrize("statement", REFUSED_TO_OPENER)
def test_the_opener_can_do_nothing_but_read_with_a_trace(app, opener: Engine, statement):
    with (
        pytest.raises(DBAPIError, match=r"permission denied|must be owner"),
        opener.begin() as connection,
    ):
        connection.execute(text(statement))
