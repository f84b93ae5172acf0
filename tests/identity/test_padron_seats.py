"""Two accounts of a comisaría read its roster: the seats follow the role, wherever it changes."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from backend import clock
from backend.boards.queries import unit_of_office
from backend.db import db, transaction
from backend.errors import Forbidden, InvalidInput
from backend.identity import services as identity
from backend.identity.models import PadronSeat, Staff
from tests.builders import Callao, a_member_of_staff
from tests.panel.conftest import send_form, sign_in

OFFICE = ("participacion_ciudadana",)


@pytest.fixture
def callao(app) -> Callao:
    return Callao()


def made(username: str, unit_id: int | None, roles=OFFICE) -> Staff:
    identity.create_staff(
        username, username, roles=roles, unit_id=unit_id, by=None, now=clock.now()
    )
    return the_staff(username)


def the_staff(username: str) -> Staff:
    return db.session.scalars(select(Staff).where(Staff.username == username)).unique().one()


def seats(unit_id: int) -> dict[int, str]:
    db.session.rollback()
    query = select(PadronSeat.seat, Staff.username).join(Staff, Staff.id == PadronSeat.staff_id)
    rows = db.session.execute(query.where(PadronSeat.unit_id == unit_id).order_by(PadronSeat.seat))
    return dict(rows.tuples().all())


def test_two_accounts_have_a_seat_and_a_third_is_refused(callao):
    unit_id = callao.west.id
    assert unit_of_office(made("juntas", unit_id)) == unit_id
    made("juntas2", unit_id)
    with pytest.raises(InvalidInput) as refused:
        made("juntas3", unit_id)
    assert refused.value.errors[0].field == "roles"
    assert "ya tiene dos cuentas que leen el padrón: juntas y juntas2." in refused.value.detail
    assert seats(unit_id) == {1: "juntas", 2: "juntas2"}
    db.session.rollback()
    assert db.session.scalar(select(Staff).where(Staff.username == "juntas3")) is None
    made("juntas3", callao.east.id)


def test_who_leaves_frees_the_seat_at_once(callao):
    unit_id = callao.west.id
    gone = made("juntas", unit_id)
    made("juntas2", unit_id)
    identity.disable("juntas", by=None, now=clock.now())
    with pytest.raises(Forbidden):
        unit_of_office(gone)
    made("juntas3", unit_id)
    assert seats(unit_id) == {1: "juntas3", 2: "juntas2"}


def test_a_leaver_is_given_no_seat_afterwards(callao):
    unit_id = callao.west.id
    made("juntas", unit_id, ["operador"])
    identity.disable("juntas", by=None, now=clock.now())
    identity.change_roles("juntas", roles=OFFICE, unit_id=unit_id, by=None)
    assert seats(unit_id) == {}


def test_who_loses_the_role_or_the_unit_frees_the_seat(callao):
    west, east = callao.west.id, callao.east.id
    made("juntas", west)
    identity.change_roles("juntas", roles=["operador"], unit_id=west, by=None)
    assert seats(west) == {}
    identity.change_roles("juntas", roles=[*OFFICE, "operador"], unit_id=west, by=None)
    assert seats(west) == {1: "juntas"}
    identity.change_roles("juntas", roles=OFFICE, unit_id=west, by=None)
    assert seats(west) == {1: "juntas"}
    identity.change_roles("juntas", roles=OFFICE, unit_id=east, by=None)
    assert (seats(west), seats(east)) == ({}, {1: "juntas"})


def test_a_transfer_into_a_full_comisaria_changes_nothing(callao):
    west, east = callao.west.id, callao.east.id
    made("juntas", west), made("juntas2", west), made("juntas3", east)
    with pytest.raises(InvalidInput):
        identity.change_roles("juntas3", roles=OFFICE, unit_id=west, by=None)
    assert seats(west) == {1: "juntas", 2: "juntas2"}
    assert seats(east) == {1: "juntas3"}
    assert the_staff("juntas3").unit_id == east


def test_the_role_belongs_to_a_comisaria(callao):
    for unit in (None, callao.region.id, callao.divpol.id, callao.sector.id):
        with pytest.raises(InvalidInput) as refused:
            made("juntas", unit)
        assert refused.value.errors[0].field == "unidad"
        assert "Elija la comisaría" in refused.value.detail


def test_a_loader_needs_a_unit_with_rosters_below_it(callao):
    for unit in (None, callao.sector.id, callao.extortion_desk.id):
        with pytest.raises(InvalidInput) as refused:
            made("cargador", unit, ["cargador_padron"])
        assert refused.value.errors[0].field == "unidad"
    for number, unit in enumerate((callao.region, callao.divpol, callao.west)):
        made(f"cargador{number}", unit.id, ["cargador_padron"])


def test_who_loads_rosters_reads_none(callao):
    with pytest.raises(InvalidInput, match="use dos cuentas"):
        made("todo", callao.west.id, ["cargador_padron", *OFFICE])
    loader = made("cargador", callao.west.id, ["cargador_padron"])
    with pytest.raises(Forbidden):
        unit_of_office(loader)


@pytest.mark.parametrize(
    ("role", "other"),
    [
        # Would see which of the rows that it loaded are marked as repeated, and so who is known.
        ("cargador_padron", "comisario"),
        # Would approve what the office asks for, and see the juntas with that hat.
        ("participacion_ciudadana", "comisario"),
        # Would give itself a second person; would review its own readings.
        ("participacion_ciudadana", "administrador"),
        ("participacion_ciudadana", "auditor"),
    ],
)
def test_who_keeps_each_other_in_check_are_different_people(callao, role, other):
    with pytest.raises(InvalidInput, match="use dos cuentas"):
        made("todo", callao.west.id, [role, other])
    made("uno", callao.west.id, [other])
    with pytest.raises(InvalidInput, match="use dos cuentas"):
        identity.change_roles("uno", roles=[role, other], unit_id=callao.west.id, by=None)


def test_a_seat_without_the_role_or_of_another_unit_opens_nothing(callao):
    """As somebody who can write to the tables might try."""
    staff = a_member_of_staff("operador", "operador", callao.west)
    with transaction():
        db.session.add(PadronSeat(unit_id=callao.west.id, seat=1, staff_id=staff.id))
    with pytest.raises(Forbidden):
        unit_of_office(staff)
    office = a_member_of_staff("juntas", "participacion_ciudadana", callao.west)
    with pytest.raises(Forbidden):
        unit_of_office(office)
    with transaction():
        db.session.add(PadronSeat(unit_id=callao.east.id, seat=1, staff_id=office.id))
    with pytest.raises(Forbidden):
        unit_of_office(office)


def test_of_two_who_take_the_last_seat_one_is_told_so(app, callao):
    unit_id = callao.west.id
    made("juntas", unit_id)
    start = threading.Barrier(2)

    def take(name: str) -> str:
        with app.app_context():
            start.wait(10)
            try:
                made(name, unit_id)
            except InvalidInput as refused:
                return refused.detail
            finally:
                db.session.remove()
            return "made"

    db.session.rollback()
    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(take, ("juntas2", "juntas3")))
    assert len(seats(unit_id)) == 2
    assert answers[0].startswith("Esa comisaría ya tiene dos cuentas")
    assert answers[1] == "made"


def test_the_administrator_sees_who_reads_the_padron(client, callao):
    sign_in(client, a_member_of_staff("jefa", "administrador", None))
    first = made("juntas", callao.west.id)
    made("juntas2", callao.west.id)
    page = client.get(f"/panel/cuentas/{first.id}").text
    assert "juntas, juntas2 (2 de 2)" in page
    assert "Solo dos cuentas por comisaría leen nombres" in page
    answer = send_form(
        client,
        "/panel/cuentas",
        username="juntas3",
        display_name="Operador 3",
        unidad=f"{callao.west.name} · {callao.west.code}",
        roles=["participacion_ciudadana"],
    )
    assert answer.status_code == 422
    assert "ya tiene dos cuentas que leen el padrón" in answer.text
