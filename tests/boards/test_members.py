"""Who belongs to a junta: entered, corrected, ended, as the office does it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from backend.boards import members, queries
from backend.boards.members import NewMemberOf
from backend.boards.models import Coordinator, JuntaMember
from backend.db import db, transaction
from backend.errors import Conflict, Forbidden, InvalidInput, NotFound
from backend.identity.models import AuditEntry, Staff
from backend.vault.members import read_members
from tests.builders import Callao, a_member_of_staff
from tests.juntas import a_junta, a_member, an_identity, an_office_account

NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)
DAY = date(2026, 11, 20)


@pytest.fixture
def callao(app) -> Callao:
    return Callao()


@pytest.fixture
def office(callao):
    return an_office_account(callao.west)


@pytest.fixture
def junta(callao, office):
    return a_junta(callao.west, since=date(2026, 1, 1), until=date(2027, 12, 31))


def told(**changes) -> NewMemberOf:
    who = {
        "identity": an_identity("40123456"),
        "post": "integrante",
        "sex": "mujer",
        "since": DAY,
        "until": None,
        "designated_by": "asamblea",
    }
    return NewMemberOf(**(who | changes))


def add(parts, staff, junta_id, **changes):
    ring, catalog = parts.settings.keys, parts.catalog
    return members.add_member(ring, catalog, staff, junta_id, told(**changes), NOON)


def change(parts, staff, member_id, **changes) -> None:
    rest = {"identity": None, "post": "integrante", "sex": "mujer", "since": DAY, "until": None}
    rest |= {"designated_by": "asamblea", **changes}
    ring, catalog = parts.settings.keys, parts.catalog
    members.change_member(ring, catalog, staff, member_id, now=NOON, **rest)


def end(parts, staff, member_id, reason: str = "renuncia", on: date = DAY) -> None:
    members.end_member(parts.catalog, staff, member_id, reason=reason, on=on, now=NOON)


def the_member(member_id) -> JuntaMember:
    db.session.rollback()
    return db.session.get(JuntaMember, member_id)


def trail() -> list[tuple[str, dict]]:
    db.session.rollback()
    query = select(AuditEntry.action, AuditEntry.details).order_by(AuditEntry.id)
    return [tuple(row) for row in db.session.execute(query)]


def wrong_fields(refused) -> list[str]:
    return [error.field for error in refused.value.errors]


# Entered


def test_a_member_is_entered_and_who_it_is_lies_in_the_vault(parts, office, junta):
    member_id = add(parts, office, junta.id, identity=an_identity("4012 3456", nombres=" Ana  L "))
    member = the_member(member_id)
    assert (member.position, member.post, member.sex) == (1, "integrante", "mujer")
    read = read_members(parts.settings.keys, office.id, office.unit_id, [member_id], "reunion")
    assert read[member_id] == an_identity("40123456", nombres="Ana L")
    [(action, details)] = trail()
    assert (action, details) == (
        "member_added",
        {"junta": str(junta.id), "member": str(member_id)},
    )
    [event] = queries.events_of(junta.id)
    assert (event.event, event.member_id) == ("member_added", member_id)
    assert event.details == {"post": "integrante", "since": "2026-11-20"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"identity": an_identity("1234567")}, "numero_documento"),
        ({"identity": an_identity(nombres="")}, "nombres"),
        ({"post": "rey"}, "cargo"),
        ({"sex": ""}, "sexo"),
        ({"designated_by": "nadie"}, "designado_por"),
        ({"since": date(206, 1, 1)}, "desde"),
        ({"since": date(2028, 1, 1)}, "desde"),
        ({"until": DAY - timedelta(days=1)}, "hasta"),
        ({"since": date(2026, 1, 2), "until": DAY - timedelta(days=1)}, "hasta"),
    ],
)
def test_each_wrong_field_is_named_and_nobody_enters(parts, office, junta, changes, field):
    with pytest.raises(InvalidInput) as refused:
        add(parts, office, junta.id, **changes)
    assert wrong_fields(refused) == [field]
    assert trail() == []


def test_nobody_enters_after_the_end_of_the_junta(parts, office, junta):
    with pytest.raises(InvalidInput, match="renuévela primero"):
        members.add_member(
            parts.settings.keys,
            parts.catalog,
            office,
            junta.id,
            told(since=date(2028, 1, 1)),
            datetime(2027, 12, 1, tzinfo=UTC),
        )


def test_numbers_are_never_given_twice(parts, office, junta):
    first = add(parts, office, junta.id)
    end(parts, office, first)
    second = add(parts, office, junta.id, identity=an_identity("41111111"))
    assert the_member(second).position == 2


# Found twice


def test_the_same_person_twice_in_the_comisaria_is_refused_with_where(parts, callao, office, junta):
    add(parts, office, junta.id)
    other = a_junta(callao.west, "JV-002").id
    for junta_id in (junta.id, other):
        with pytest.raises(InvalidInput) as refused:
            add(parts, office, junta_id, identity=an_identity("40 123 456"))
        assert wrong_fields(refused) == ["numero_documento"]
        assert "la junta JV-001 de su comisaría" in refused.value.detail


def test_the_same_person_in_another_comisaria_is_fine_and_nothing_tells(
    parts, callao, office, junta
):
    """The same answer, the same trail: whether others know that document cannot be learnt."""
    add(parts, an_office_account(callao.east, "juntas.este"), a_junta(callao.east).id)
    elsewhere = trail()
    known = add(parts, office, junta.id)
    unknown = add(parts, office, junta.id, identity=an_identity("49999999"))
    new = trail()[len(elsewhere) :]
    assert [set(details) for _, details in new] == [{"junta", "member"}] * 2
    columns = [
        (member.is_repeated, member.post, member.designated_by)
        for member in (the_member(known), the_member(unknown))
    ]
    assert columns[0] == columns[1]


def test_of_two_offices_who_enter_the_same_person_at_once_one_is_told_so(
    app, parts, callao, office, junta
):
    junta_id, ids = junta.id, (office.id, an_office_account(callao.west, "juntas2").id)
    start = threading.Barrier(2)

    def enter(staff_id: int) -> bool:
        with app.app_context():
            staff = db.session.get_one(Staff, staff_id)
            start.wait(10)
            try:
                add(parts, staff, junta_id)
            except InvalidInput:
                return False
            finally:
                db.session.remove()
            return True

    db.session.rollback()
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(enter, ids)) == [False, True]
    assert len(queries.members_of(junta_id, DAY)) == 1


def test_who_left_may_come_back(parts, office, junta):
    gone = add(parts, office, junta.id)
    end(parts, office, gone)
    back = add(parts, office, junta.id)
    assert (the_member(back).position, the_member(gone).ended_on) == (2, DAY)


def test_who_will_leave_may_join_another_junta_from_the_day_after(parts, callao, office, junta):
    last = DAY + timedelta(days=30)
    add(parts, office, junta.id, until=last)
    other = a_junta(callao.west, "JV-002", until=date(2027, 12, 31)).id
    with pytest.raises(InvalidInput):
        add(parts, office, other, since=last)
    add(parts, office, other, since=last + timedelta(days=1))


def test_a_dissolved_junta_holds_nobody_back(parts, callao, office, junta):
    old = a_junta(callao.west, "JV-000", ended_on=DAY, end_reason="fusion")
    a_member(old, identity=an_identity("40123456"))
    add(parts, office, junta.id)


def test_one_coordinator_at_a_time(parts, office, junta):
    first = add(parts, office, junta.id, post="coordinador")
    second = an_identity("41111111")
    with pytest.raises(InvalidInput) as refused:
        add(parts, office, junta.id, post="coordinador", identity=second)
    assert wrong_fields(refused) == ["cargo"]
    assert "integrante n.º 1" in refused.value.detail
    ordinary = add(parts, office, junta.id, identity=second)
    with pytest.raises(InvalidInput):
        change(parts, office, ordinary, post="coordinador")
    change(parts, office, first, post="coordinador", since=date(2026, 6, 1))
    change(parts, office, first, post="vocal")
    change(parts, office, ordinary, post="coordinador")


# Corrected


def test_who_it_is_stays_unless_it_is_written_again(parts, office, junta):
    member_id = add(parts, office, junta.id)
    change(parts, office, member_id, post="vocal", sex="hombre")
    change(parts, office, member_id, identity=an_identity("40123456", celular="+51 987654321"))
    read = read_members(parts.settings.keys, office.id, office.unit_id, [member_id], "renovacion")
    assert read[member_id]["celular"] == "987654321"
    assert the_member(member_id).sex == "mujer"
    assert [action for action, _ in trail()] == ["member_added", "member_changed", "member_changed"]


def test_nobody_is_corrected_into_somebody_who_is_there(parts, office, junta):
    add(parts, office, junta.id)
    other = add(parts, office, junta.id, identity=an_identity("41111111"))
    with pytest.raises(InvalidInput) as refused:
        change(parts, office, other, identity=an_identity("40123456"))
    assert wrong_fields(refused) == ["numero_documento"]


def test_who_loses_the_post_or_the_membership_loses_the_access(parts, office, junta):
    by_change = add(parts, office, junta.id, post="coordinador")
    an_access(junta.id, by_change, office.id)
    change(parts, office, by_change, post="vocal")
    by_end = add(parts, office, junta.id, post="coordinador", identity=an_identity("41111111"))
    an_access(junta.id, by_end, office.id)
    end(parts, office, by_end)
    db.session.rollback()
    ended = db.session.execute(select(Coordinator.member_id, Coordinator.revoke_reason)).all()
    assert {tuple(row) for row in ended} == {
        (by_change, "dejo_el_cargo"),
        (by_end, "dejo_el_cargo"),
    }


def test_another_persons_document_ends_the_access_of_the_one_before(parts, office, junta):
    member_id = add(parts, office, junta.id, post="coordinador")
    an_access(junta.id, member_id, office.id)

    def corrected(identity) -> bool:
        """Whether the access is still there afterwards."""
        change(parts, office, member_id, identity=identity, post="coordinador")
        db.session.rollback()
        return db.session.scalars(select(Coordinator.revoked_at)).one() is None

    assert corrected(an_identity("40123456", celular="987654321")), "a telephone, a letter"
    assert not corrected(an_identity("41111111"))


def an_access(junta_id, member_id, staff_id: int) -> None:
    with transaction():
        db.session.add(
            Coordinator(
                id=uuid4(),
                junta_id=junta_id,
                member_id=member_id,
                valid_until=date(2027, 1, 1),
                created_at=NOON,
                created_by=staff_id,
            )
        )


# Ended


def test_a_member_who_leaves_is_active_no_more_and_stays_on_the_list(parts, office, junta):
    member_id = add(parts, office, junta.id, since=date(2026, 2, 1))
    end(parts, office, member_id)

    def active(on: date) -> list[bool]:
        return [one.is_active for one in queries.members_of(junta.id, on)]

    assert active(DAY - timedelta(days=1)) == [True]
    assert active(DAY) == [False]
    with pytest.raises(Conflict, match="Ya no es integrante"):
        end(parts, office, member_id)
    with pytest.raises(Conflict):
        change(parts, office, member_id)


def test_the_last_agreed_day_still_counts(junta):
    a_member(junta, since=date(2026, 2, 1), until=DAY)
    on = [DAY, DAY + timedelta(days=1)]
    assert [queries.members_of(junta.id, day)[0].is_active for day in on] == [True, False]


def test_a_time_that_is_over_is_not_lengthened_but_may_begin_anew(parts, office, junta):
    """Figures of the months between have been told already."""
    over = a_member(junta, identity=an_identity(), since=date(2026, 2, 1), until=date(2026, 6, 30))
    member_id, junta_id = over.id, junta.id
    with pytest.raises(Conflict, match="regístrelo de nuevo"):
        change(parts, office, member_id, until=date(2027, 6, 30))
    add(parts, office, junta_id)
    august = queries.members_of(junta_id, date(2026, 8, 1))
    assert [one.is_active for one in august] == [False, False]


@pytest.mark.parametrize(
    ("reason", "on", "field"),
    [
        ("porque sí", DAY, "motivo"),
        ("renuncia", DAY + timedelta(days=1), "fecha"),
        ("renuncia", DAY - timedelta(days=1), "fecha"),
    ],
)
def test_somebody_leaves_for_a_reason_of_the_list_not_before_entering(
    parts, office, junta, reason, on, field
):
    member_id = add(parts, office, junta.id)
    with pytest.raises(InvalidInput) as refused:
        end(parts, office, member_id, reason, on)
    assert wrong_fields(refused) == [field]


def test_a_training_is_noted(parts, office, junta):
    member_id = add(parts, office, junta.id)
    when = {"held_on": DAY, "now": NOON}
    members.record_training(parts.catalog, office, member_id, topic="prevencion", **when)
    for wrong in ({"topic": "magia"}, {"held_on": DAY + timedelta(days=1)}):
        with pytest.raises(InvalidInput):
            members.record_training(
                parts.catalog, office, member_id, **({"topic": "prevencion"} | when | wrong)
            )
    [[training]] = queries.trainings_of(junta.id).values()
    assert (training.topic, training.held_on) == ("prevencion", DAY)


# Whose


def test_members_of_another_comisaria_do_not_exist(parts, callao, office):
    foreign = a_junta(callao.east)
    member_id, junta_id = a_member(foreign).id, foreign.id
    when = {"held_on": DAY, "now": NOON}
    for act in (
        lambda: add(parts, office, junta_id),
        lambda: change(parts, office, member_id),
        lambda: end(parts, office, member_id),
        lambda: members.record_training(
            parts.catalog, office, member_id, topic="prevencion", **when
        ),
    ):
        with pytest.raises(NotFound):
            act()
    assert trail() == []


@pytest.mark.parametrize("role", ["comisario", "operador", "administrador", "cargador_padron"])
def test_only_the_office_changes_members(parts, callao, junta, role):
    member_id = a_member(junta).id
    staff = a_member_of_staff("otra", role, callao.west)
    for act in (
        lambda: add(parts, staff, junta.id),
        lambda: change(parts, staff, member_id),
        lambda: end(parts, staff, member_id),
    ):
        with pytest.raises(Forbidden):
            act()


def test_nothing_that_is_written_down_says_who_it_is(parts, office, junta):
    member_id = add(parts, office, junta.id, identity=an_identity(nombres="Xoxa"))
    change(parts, office, member_id, identity=an_identity("41234567", nombres="Xoxana"))
    end(parts, office, member_id)
    written = repr(trail()) + repr([event.details for event in queries.events_of(junta.id)])
    for word in ("Xoxa", "40123456", "41234567", "Inventada"):
        assert word not in written
