"""Reading names: for a reason, a few at a time, with two traces that nobody can take back."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.boards import readings
from backend.db import db, transaction
from backend.errors import Conflict, Forbidden, InvalidInput, NotFound
from backend.identity.models import AuditEntry, Staff
from backend.identity.services import audit
from backend.territory.queries import today
from backend.vault.models import Reading
from tests.builders import Callao, a_member_of_staff
from tests.juntas import a_junta, a_member, an_export, an_office_account

DAY = date(2026, 11, 20)


@pytest.fixture
def callao(app) -> Callao:
    return Callao()


@pytest.fixture
def office(callao):
    return an_office_account(callao.west)


@pytest.fixture
def junta(callao, office):
    return a_junta(callao.west)


def read(parts, staff, junta_id, reason="reunion", **wanted):
    ring, catalog = parts.settings.keys, parts.catalog
    when = {"now": clock.now()}
    return readings.read_names(ring, catalog, staff, junta_id, reason=reason, **(when | wanted))


def trail() -> list[dict]:
    db.session.rollback()
    query = select(AuditEntry.details).where(AuditEntry.action == "padron_names_read")
    return list(db.session.scalars(query.order_by(AuditEntry.id)))


def in_vault() -> list[Reading]:
    db.session.rollback()
    return list(db.session.scalars(select(Reading).order_by(Reading.id)))


def test_the_office_reads_the_names_of_a_junta_and_both_trails_say_so(parts, office, junta):
    ids = {a_member(junta).id, a_member(junta, "coordinador").id}
    names = read(parts, office, junta.id)
    assert set(names) == ids
    assert {one["apellido_paterno"] for one in names.values()} == {"Inventada"}
    assert trail() == [{"junta": str(junta.id), "count": 2, "reason": "reunion"}]
    [kept] = in_vault()
    assert set(kept.member_ids) == ids
    assert (kept.staff_id, kept.junta_id, kept.reason) == (office.id, junta.id, "reunion")


def test_one_member_is_read_without_the_others(parts, office, junta):
    one, _ = a_member(junta).id, a_member(junta)
    assert set(read(parts, office, junta.id, "llamada", member_ids=[one])) == {one}
    assert trail()[0]["count"] == 1


def test_who_left_is_not_read_along_with_the_rest(parts, office, junta):
    stays = a_member(junta).id
    gone = a_member(junta, ended_on=clock.now().date(), end_reason="renuncia").id
    assert set(read(parts, office, junta.id)) == {stays}
    assert set(read(parts, office, junta.id, member_ids=[gone])) == {gone}


def test_a_lapsed_junta_is_still_called_to_renew(parts, callao, office):
    lapsed = a_junta(callao.west, "JV-9", until=DAY)
    member_id = a_member(lapsed).id
    assert set(read(parts, office, lapsed.id, "renovacion")) == {member_id}


@pytest.mark.parametrize("reason", ["", "curiosidad"])
def test_without_a_reason_of_the_list_nothing_is_read(parts, office, junta, reason):
    a_member(junta)
    with pytest.raises(InvalidInput):
        read(parts, office, junta.id, reason)
    assert (trail(), in_vault()) == ([], [])


def test_members_of_another_junta_or_comisaria_are_nobody(parts, callao, office, junta):
    a_member(junta)
    other = a_junta(callao.west, "JV-002")
    foreign = a_junta(callao.east)
    for junta_id, wanted in (
        (foreign.id, None),
        (foreign.id, [a_member(foreign).id]),
        (junta.id, [a_member(other).id]),
        (junta.id, [a_member(foreign).id]),
        (a_junta(callao.west, "JV-003").id, None),
    ):
        with pytest.raises(NotFound):
            read(parts, office, junta_id, member_ids=wanted)
    assert (trail(), in_vault()) == ([], [])


@pytest.mark.parametrize(
    "role", ["comisario", "operador", "supervisor", "administrador", "auditor", "cargador_padron"]
)
def test_nobody_but_the_office_reads_names(parts, callao, junta, role):
    a_member(junta)
    with pytest.raises(Forbidden):
        read(parts, a_member_of_staff("otra", role, callao.west), junta.id)
    assert (trail(), in_vault()) == ([], [])


def test_more_than_fifty_at_once_need_an_export(parts, office, junta):
    for _ in range(51):
        a_member(junta)
    with pytest.raises(Conflict, match="pida una exportación"):
        read(parts, office, junta.id)
    assert (trail(), in_vault()) == ([], [])


def test_a_day_has_its_limit_and_ends_at_midnight_in_lima(parts, office, junta):
    members = [a_member(junta).id for _ in range(40)]
    for _ in range(3):
        read(parts, office, junta.id)
    midnight = datetime.combine(today() + timedelta(days=1), time(), clock.LIMA)
    minute = timedelta(minutes=1)
    assert readings.names_left(office, midnight - minute) == 0
    with pytest.raises(Conflict, match="el máximo de un día es 120"):
        read(parts, office, junta.id, member_ids=members[:1], now=midnight - minute)
    assert readings.names_left(office, midnight) == 120
    assert len(read(parts, office, junta.id, now=midnight)) == 40


def test_each_account_has_a_limit_of_its_own(parts, callao, office, junta):
    member_id = a_member(junta).id
    spent(office, readings.NAMES_PER_DAY)
    with pytest.raises(Conflict):
        read(parts, office, junta.id)
    other = an_office_account(callao.west, "juntas2")
    assert set(read(parts, other, junta.id)) == {member_id}
    assert readings.names_left(other, clock.now()) == readings.NAMES_PER_DAY - 1


def test_both_accounts_of_a_comisaria_have_a_limit_together(parts, callao, office, junta):
    members = [a_member(junta).id for _ in range(50)]
    other = an_office_account(callao.west, "juntas2")
    for staff in (office, office, other):
        read(parts, staff, junta.id)
    assert readings.names_left(other, clock.now()) == 0
    with pytest.raises(Conflict, match="entre todas sus cuentas, es 150"):
        read(parts, other, junta.id, member_ids=members[:1])
    elsewhere = a_junta(callao.east)
    a_member(elsewhere)
    assert read(parts, an_office_account(callao.east, "este"), elsewhere.id)


def spent(staff, count: int) -> None:
    """As if the account had read so many names today, by tens."""
    with transaction():
        for _ in range(count // 10):
            audit(staff.id, "padron_names_read", count=10, reason="reunion")


def test_of_two_readings_at_once_only_one_is_the_last_allowed(app, parts, office, junta):
    for _ in range(10):
        a_member(junta)
    spent(office, readings.NAMES_PER_DAY - 10)
    assert sorted(read_at_once(app, parts, junta.id, [office.id, office.id])) == [0, 10]


def test_two_accounts_at_once_do_not_pass_their_limit_together(app, parts, callao, office, junta):
    for _ in range(10):
        a_member(junta)
    other = an_office_account(callao.west, "juntas2")
    for turn in range(14):
        read(parts, (office, other)[turn % 2], junta.id)
    assert readings.names_left(office, clock.now()) == 10
    assert sorted(read_at_once(app, parts, junta.id, [office.id, other.id])) == [0, 10]


def read_at_once(app, parts, junta_id, staff_ids: list[int]) -> list[int]:
    """How many names each account got, all asking in the same moment."""
    start = threading.Barrier(len(staff_ids))

    def once(staff_id: int) -> int:
        with app.app_context():
            staff = db.session.get_one(Staff, staff_id)
            start.wait(10)
            try:
                return len(read(parts, staff, junta_id))
            except Conflict:
                return 0
            finally:
                db.session.remove()

    db.session.rollback()
    with ThreadPoolExecutor(len(staff_ids)) as pool:
        return list(pool.map(once, staff_ids))


# For files


def for_export(parts, staff, export_id, member_ids, **how: bool):
    ring = parts.settings.keys
    return readings.names_for_export(
        ring, staff, export_id, member_ids, "registro_nacional", clock.now(), **how
    )


def test_a_small_export_counts_for_the_day(parts, office, junta):
    members = [a_member(junta).id for _ in range(3)]
    export_id = an_export(office, 3)
    assert set(for_export(parts, office, export_id, members)) == set(members)
    assert readings.names_left(office, clock.now()) == readings.NAMES_PER_DAY - 3
    assert trail() == [{"export": str(export_id), "count": 3, "reason": "registro_nacional"}]
    assert [kept.export_id for kept in in_vault()] == [export_id]
    spent(office, readings.NAMES_PER_DAY)
    with pytest.raises(Conflict):
        for_export(parts, office, export_id, members)


def test_a_large_one_needs_a_second_person_and_does_not_count(parts, callao, office, junta):
    members = [a_member(junta).id for _ in range(51)]
    comisario = a_member_of_staff("comisario", "comisario", callao.west)
    with pytest.raises(Forbidden):
        for_export(parts, office, an_export(office, 51), members)
    approved = an_export(office, 51, approved_by=comisario.id)
    assert len(for_export(parts, office, approved, members)) == 51
    assert readings.names_left(office, clock.now()) == readings.NAMES_PER_DAY
    with pytest.raises(Forbidden):
        for_export(parts, comisario, approved, members)


def test_a_small_one_that_was_approved_does_not_count_either(parts, callao, office, junta):
    members = [a_member(junta).id for _ in range(3)]
    comisario_id = a_member_of_staff("comisario", "comisario", callao.west).id
    approved = an_export(office, 3, approved_by=comisario_id)
    assert len(for_export(parts, office, approved, members, is_approved=True)) == 3
    assert trail()[0]["approved"] is True
    assert readings.names_left(office, clock.now()) == readings.NAMES_PER_DAY
    assert readings._read_today_of_unit(callao.west.id, clock.now()) == 0


def test_an_export_of_nobody_reads_nothing(parts, office):
    assert for_export(parts, office, an_export(office, 1), []) == {}
    assert trail() == []


# Lists without names


def test_who_looks_at_the_list_is_written_down(callao, office, junta):
    readings.record_list_read(office)
    readings.record_list_read(a_member_of_staff("jefa", "comisario", callao.west), junta.id)
    db.session.rollback()
    rows = db.session.execute(select(AuditEntry.action, AuditEntry.details)).all()
    assert [tuple(row) for row in rows] == [
        ("padron_list_read", {}),
        ("padron_list_read", {"junta": str(junta.id)}),
    ]
    with pytest.raises(Forbidden):
        readings.record_list_read(a_member_of_staff("otra", "operador", callao.west))
