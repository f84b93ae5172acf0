"""A junta from its recognition to its end, as the office of a comisaría keeps it."""

import json
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from backend import clock
from backend.boards import queries, services
from backend.boards.models import Coordinator, JuntaEvent, JuntaVecinal
from backend.boards.rows import JuntasFilter, JuntaState
from backend.boards.services import NewJunta
from backend.db import db, transaction
from backend.errors import Conflict, Forbidden, InvalidInput, NotFound
from backend.identity.models import AuditEntry
from backend.territory.queries import today
from tests.builders import Callao, a_member_of_staff
from tests.juntas import BLOCK, a_box, a_junta, a_member, an_office_account

NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)  # the 20th, noon in Lima
DAY = date(2026, 11, 20)


@pytest.fixture
def callao(app) -> Callao:
    return Callao()


@pytest.fixture
def office(callao):
    return an_office_account(callao.west)


def new_junta(**changes) -> NewJunta:
    told = {
        "code": "jv-001",
        "name": "Junta Los Claveles",
        "scope": "manzana",
        "act": "R.D. 001-2026",
        "recognised_on": DAY,
        "valid_from": DAY,
        "area": json.dumps(a_box(*BLOCK)),
    }
    return NewJunta(**(told | changes))


def register(parts, office, **changes):
    return services.register_junta(parts.catalog, office, new_junta(**changes), NOON)


def renew(office, junta_id, since: date, until: date | None = None, now=NOON) -> None:
    services.renew(
        office,
        junta_id,
        act="R.D. 002-2028",
        recognised_on=clock.in_lima(now).date(),
        valid_from=since,
        valid_until=until,
        now=now,
    )


def row_on(unit_id: int, on: date):
    db.session.rollback()
    [row] = queries.juntas_page(unit_id, JuntasFilter(), on)
    return row


def state_on(unit_id: int, on: date) -> str:
    return row_on(unit_id, on).state.value


def events(junta_id) -> list[str]:
    db.session.rollback()
    return [event.event for event in reversed(queries.events_of(junta_id))]


def wrong_fields(refused) -> list[str]:
    return [error.field for error in refused.value.errors]


# Recognised


def test_a_junta_is_registered_for_two_years(parts, callao, office):
    junta_id = register(parts, office)
    row = row_on(callao.west.id, DAY)
    assert (row.id, row.code, row.state) == (junta_id, "JV-001", JuntaState.IN_FORCE)
    assert row.has_area
    [term] = queries.terms_of(junta_id)
    assert (term.valid_from, term.valid_until) == (DAY, date(2028, 11, 19))
    assert db.session.get(JuntaVecinal, junta_id).ubigeo == "070101"
    assert events(junta_id) == ["registered"]
    [entry] = db.session.scalars(select(AuditEntry)).all()
    assert (entry.action, entry.details) == ("junta_registered", {"junta": str(junta_id)})


def test_without_an_area_the_junta_is_of_the_comisarias_district(parts, office):
    junta_id = register(parts, office, area=None)
    assert db.session.get(JuntaVecinal, junta_id).ubigeo == "070101"
    assert not row_on(office.unit_id, DAY).has_area


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": ""}, "codigo"),
        ({"code": "Ñandú"}, "codigo"),
        ({"code": "A" * 31}, "codigo"),
        ({"name": "  "}, "nombre"),
        ({"name": "x" * 121}, "nombre"),
        ({"scope": "país"}, "ambito"),
        ({"act": ""}, "acto"),
        ({"recognised_on": DAY + timedelta(days=1)}, "reconocida"),
        ({"recognised_on": date(206, 1, 1)}, "reconocida"),
        ({"valid_from": date(2062, 1, 1)}, "desde"),
        ({"valid_until": DAY - timedelta(days=1)}, "hasta"),
        ({"valid_from": date(2020, 1, 1), "valid_until": date(2022, 1, 1)}, "hasta"),
        ({"valid_until": date(2062, 1, 1)}, "hasta"),
        ({"area": "nada"}, "area"),
    ],
)
def test_each_wrong_field_is_named_and_nothing_is_registered(parts, office, changes, field):
    with pytest.raises(InvalidInput) as refused:
        register(parts, office, **changes)
    assert wrong_fields(refused) == [field]
    assert db.session.scalars(select(JuntaVecinal)).all() == []


def test_every_wrong_field_is_told_at_once(parts, office):
    with pytest.raises(InvalidInput) as refused:
        register(parts, office, code="", name="", act="")
    assert wrong_fields(refused) == ["codigo", "nombre", "acto"]


def test_a_code_is_the_comisarias_own(parts, callao, office):
    register(parts, office)
    with pytest.raises(InvalidInput, match="ya tiene una junta con ese código"):
        register(parts, office, code=" JV-001")
    register(parts, an_office_account(callao.east, "juntas.este"), area=None)


def test_a_dissolved_junta_is_recognised_again_under_another_code(parts, office):
    """The list shows it as dissolved, and nothing of it can be changed: what to do is said."""
    junta_id = register(parts, office, code="JV-001")
    services.dissolve(parts.catalog, office, junta_id, reason="sin_actividad", on=DAY, now=NOON)
    with pytest.raises(InvalidInput, match=r"junta disuelta .* use otro"):
        register(parts, office, code="JV-001")
    register(parts, office, code="JV-001-2026")


def test_a_term_from_a_leap_day_ends_a_day_before_the_next_march(parts):
    assert services.two_years(date(2028, 2, 29)) == date(2030, 2, 28)
    assert services.two_years(date(2026, 3, 1)) == date(2028, 2, 29)


def test_name_and_code_are_corrected(parts, office):
    first = register(parts, office)
    second = register(parts, office, code="JV-002")
    what = {"name": "Junta Las Rosas", "scope": "barrio", "now": NOON}
    services.change_junta(parts.catalog, office, first, code="jv-001", **what)
    with pytest.raises(InvalidInput, match="ese código"):
        services.change_junta(parts.catalog, office, second, code="JV-001", **what)
    assert db.session.get(JuntaVecinal, first).name == "Junta Las Rosas"
    assert events(first) == ["registered", "changed"]


# Renewed, lapsed


def test_a_renewal_keeps_the_history(parts, office):
    junta_id = register(parts, office)
    renew(office, junta_id, date(2028, 11, 20), now=NOON + timedelta(days=700))
    assert [(term.valid_from, term.act) for term in queries.terms_of(junta_id)] == [
        (date(2028, 11, 20), "R.D. 002-2028"),
        (DAY, "R.D. 001-2026"),
    ]
    assert row_on(office.unit_id, DAY).valid_until == date(2030, 11, 19)
    assert events(junta_id) == ["registered", "renewed"]


def test_a_renewal_that_overlaps_is_refused_with_the_day_it_may_begin(parts, office):
    junta_id = register(parts, office)
    with pytest.raises(InvalidInput) as refused:
        renew(office, junta_id, date(2028, 11, 19), now=NOON + timedelta(days=700))
    assert wrong_fields(refused) == ["desde"]
    assert "el nuevo empieza el 20/11/2028 o después" in refused.value.detail
    assert len(queries.terms_of(junta_id)) == 1


def test_a_gap_between_terms_is_allowed_and_nobody_is_in_force_in_it(callao, office):
    unit_id = callao.west.id
    junta = a_junta(callao.west, since=date(2024, 1, 1), until=date(2025, 12, 31))
    a_member(junta, since=date(2024, 1, 1))
    assert state_on(unit_id, DAY) == "vencida"
    renew(office, junta.id, date(2026, 12, 1))
    assert state_on(unit_id, DAY) == "por_empezar"
    assert row_on(unit_id, DAY).active_members == 0
    assert state_on(unit_id, date(2026, 12, 1)) == "vigente"
    assert row_on(unit_id, date(2026, 12, 1)).active_members == 1


def test_a_junta_lapses_with_its_last_day_in_lima(callao):
    """The last day belongs to the term; a minute later everybody's membership rests."""
    junta = a_junta(callao.west, until=DAY)
    a_member(junta)
    before_midnight = datetime(2026, 11, 21, 4, 59, tzinfo=UTC)
    last, next_day = (
        clock.in_lima(instant).date()
        for instant in (before_midnight, before_midnight + timedelta(minutes=1))
    )
    assert (state_on(junta.unit_id, last), state_on(junta.unit_id, next_day)) == (
        "por_vencer",
        "vencida",
    )
    assert row_on(junta.unit_id, last).active_members == 1
    assert row_on(junta.unit_id, next_day).active_members == 0
    assert [one.is_active for one in queries.members_of(junta.id, last)] == [True]
    assert [one.is_active for one in queries.members_of(junta.id, next_day)] == [False]


def test_the_office_is_warned_60_and_15_days_before_once_per_term(callao, office):
    junta_id = a_junta(callao.west, until=date(2027, 1, 20)).id
    a_junta(callao.west, "JV-002", until=date(2028, 1, 1))
    a_junta(callao.west, "JV-003", until=DAY, ended_on=DAY, end_reason="fusion")
    told = []
    for days in range(70):
        services.warn_of_expiry(NOON + timedelta(days=days))
        told.append(len(events(junta_id)))
    assert told.index(1) == 1  # the 21st: 60 days are left
    assert told.index(2) == 46  # 15 days are left
    assert max(told) == 2
    assert events(junta_id) == ["expiry_60", "expiry_15"]
    assert db.session.query(JuntaEvent).count() == 2
    later = datetime(2027, 1, 20, 17, tzinfo=UTC)
    renew(office, junta_id, date(2027, 1, 21), now=later)
    assert services.warn_of_expiry(datetime(2029, 1, 19, 17, tzinfo=UTC)) == 1
    assert events(junta_id) == ["expiry_60", "expiry_15", "renewed", "expiry_15"]


def test_the_warnings_count_on_the_list(callao):
    for code, until in (("A", DAY - timedelta(days=1)), ("B", DAY), ("C", DAY)):
        a_junta(callao.west, code, until=until)
    a_junta(callao.west, "D", until=DAY + timedelta(days=60))
    a_junta(callao.west, "E", until=DAY + timedelta(days=61))
    a_junta(callao.west, "F", until=DAY, ended_on=DAY, end_reason="fusion")
    a_junta(callao.east, "A", until=DAY)
    found = queries.expiring(callao.west.id, DAY)
    assert (found.within_60, found.within_15, found.lapsed) == (3, 2, 1)


# Dissolved


def test_a_dissolved_junta_ends_that_day_and_the_access_with_it(parts, callao, office):
    junta = a_junta(callao.west, since=date(2026, 1, 1))
    junta_id, member_id = junta.id, a_member(junta, "coordinador", since=date(2026, 1, 1)).id
    an_access(junta_id, member_id, office.id)
    services.dissolve(parts.catalog, office, junta_id, reason="fusion", on=DAY, now=NOON)
    assert state_on(callao.west.id, DAY - timedelta(days=1)) == "vigente"
    assert state_on(callao.west.id, DAY) == "disuelta"
    assert row_on(callao.west.id, DAY).active_members == 0
    assert db.session.scalars(select(Coordinator.revoke_reason)).one() == "dejo_el_cargo"
    assert "dissolved" in events(junta_id)
    with pytest.raises(Conflict, match="está disuelta"):
        renew(office, junta_id, date(2029, 1, 1), now=NOON + timedelta(days=700))


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


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "aburrimiento"}, "motivo"),
        ({"on": DAY + timedelta(days=1)}, "fecha"),
        ({"on": date(2025, 12, 31)}, "fecha"),
    ],
)
def test_a_junta_is_dissolved_for_a_reason_of_the_list_on_a_day_of_its_life(
    parts, callao, office, changes, field
):
    junta_id = a_junta(callao.west, since=date(2026, 1, 1)).id
    with pytest.raises(InvalidInput) as refused:
        told = {"reason": "fusion", "on": DAY} | changes
        services.dissolve(parts.catalog, office, junta_id, now=NOON, **told)
    assert wrong_fields(refused) == [field]
    assert state_on(callao.west.id, DAY) == "vigente"


# Whose


def acts(parts, staff, junta_id):
    catalog, area = parts.catalog, json.dumps(a_box(*BLOCK))
    name = {"code": "X", "name": "X", "scope": "barrio", "now": NOON}
    return {
        "change": lambda: services.change_junta(catalog, staff, junta_id, **name),
        "area": lambda: services.set_area(staff, junta_id, area, "dibujada", NOON),
        "renew": lambda: renew(staff, junta_id, date(2030, 1, 1), now=NOON + timedelta(days=1200)),
        "dissolve": lambda: services.dissolve(
            catalog, staff, junta_id, reason="fusion", on=DAY, now=NOON
        ),
    }


ACTS = ["change", "area", "renew", "dissolve"]


@pytest.mark.parametrize("act", ACTS)
def test_a_junta_of_another_comisaria_does_not_exist(parts, callao, office, act):
    junta_id = a_junta(callao.east).id
    unknown = uuid4()
    words = set()
    for one in (junta_id, unknown):
        with pytest.raises(NotFound) as refused:
            acts(parts, office, one)[act]()
        words.add(refused.value.detail)
    assert len(words) == 1
    assert events(junta_id) == []


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    "role", ["comisario", "operador", "supervisor", "administrador", "cargador_padron"]
)
def test_only_the_office_changes_juntas(parts, callao, act, role):
    junta_id = a_junta(callao.west).id
    staff = a_member_of_staff("otra", role, callao.west)
    with pytest.raises(Forbidden):
        acts(parts, staff, junta_id)[act]()
    with pytest.raises(Forbidden):
        register(parts, staff)


def test_office_and_comisario_see_the_juntas_of_their_unit_and_nobody_else(callao, office):
    mine, other = a_junta(callao.west).id, a_junta(callao.east).id
    comisario = a_member_of_staff("comisario", "comisario", callao.west)
    for staff in (office, comisario):
        assert queries.junta_for(staff, mine).id == mine
        with pytest.raises(NotFound):
            queries.junta_for(staff, other)
    for role in ("operador", "jefe_sector", "supervisor", "analista", "secretaria_tecnica"):
        with pytest.raises(Forbidden):
            queries.junta_for(a_member_of_staff(role, role, callao.west), mine)


# The list


def test_the_list_goes_on_where_the_page_ended(callao):
    for number in range(5):
        a_junta(callao.west, f"JV-{number}", until=date(2027, 6, 1) + timedelta(days=number // 2))
    codes, after = [], None
    while rows := queries.juntas_page(callao.west.id, JuntasFilter(), DAY, after, limit=2):
        codes += [row.code for row in rows]
        after = rows[-1].cursor
    assert codes == [f"JV-{number}" for number in range(5)]


def test_the_list_is_narrowed_by_words_and_by_state(callao):
    a_junta(callao.west, "JV-1", name="Los Claveles")
    a_junta(callao.west, "JV-2", name="Las Rosas de Bahía", until=today())
    a_junta(callao.west, "JV-3", until=today() - timedelta(days=1))

    def codes(**wanted) -> list[str]:
        page = queries.juntas_page(callao.west.id, JuntasFilter(**wanted), today())
        return sorted(row.code for row in page)

    assert codes(words=" claveles ") == ["JV-1"]
    assert codes(words="jv-2") == codes(words="BAHIA") == codes(words="bahía") == ["JV-2"]
    assert codes(words="%") == []
    assert codes(state=JuntaState.EXPIRING) == ["JV-2"]
    assert codes(state=JuntaState.LAPSED) == ["JV-3"]
    assert codes(words="rosas", state=JuntaState.LAPSED) == []
