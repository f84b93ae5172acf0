"""Accounts: made, changed, disabled and reset by administrators alone."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.errors import Conflict
from backend.identity import services as identity
from backend.identity.models import AuditEntry, Staff
from tests.builders import Callao, a_member_of_staff, datos, send
from tests.panel.conftest import send_form, sign_in


@pytest.fixture
def admin(client):
    staff = a_member_of_staff("jefa", "administrador", None)
    sign_in(client, staff)
    return staff


def the_staff(username: str) -> Staff:
    db.session.rollback()
    return db.session.scalars(select(Staff).where(Staff.username == username)).unique().one()


def test_a_new_account_gets_a_one_time_password_shown_once(client, admin):
    unit = Callao().west
    answer = send_form(
        client,
        "/panel/cuentas",
        username="Luis.P",
        display_name="Luis",
        unidad=f"{unit.name} · {unit.code}",
        roles=["operador", "comisario"],
    )
    assert answer.status_code == 201
    password = re.search(r'id="clave-de-un-uso">([^<]+)<', answer.text)[1]
    made = the_staff("luis.p")
    assert made.verify_and_update_password(password)
    assert made.must_change_password
    assert made.unit_id == unit.id
    assert {role.name for role in made.roles} == {"operador", "comisario"}
    assert password not in client.get(f"/panel/cuentas/{made.id}").text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"username": "a b"}, "Use de 3 a 40"),
        ({"username": "jefa"}, "Ya existe"),
        ({"display_name": " "}, "Escriba el nombre"),
        ({"roles": []}, "Elija al menos un rol"),
        ({"roles": ["rey"]}, "Ese rol no existe"),
        ({"roles": ["operador"]}, "Elija la unidad"),
        ({"unidad": "Comisaría de nada"}, "elija la unidad de la lista"),
    ],
)
def test_wrong_fields_keep_what_was_typed(client, admin, changes, words):
    fields = {"username": "luis", "display_name": "Luis Uno", "unidad": "", "roles": ["auditor"]}
    answer = send_form(client, "/panel/cuentas", **{**fields, **changes})
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{changes.get("display_name", "Luis Uno")}"' in answer.text


def test_units_are_found_by_a_few_letters(client, admin):
    Callao()
    found = client.get("/panel/unidades", query_string={"unidad": "comisaria we"}).text
    assert found.count("<option") == 1
    assert 'value="Comisaría WEST · WEST"' in found
    assert client.get("/panel/unidades", query_string={"unidad": "100%"}).text == ""


def test_other_roles_and_unit_hold_at_the_next_request(client, app, admin):
    place = Callao()
    luis = a_member_of_staff("luis", "auditor", None)
    his = sign_in(app.test_client(), luis)
    assert his.get("/panel/auditoria").status_code == 200
    fields = {"unidad": place.east.code, "roles": ["comisario"]}
    answer = send_form(client, f"/panel/cuentas/{luis.id}", **fields)
    assert answer.status_code == 303
    assert his.get("/panel/auditoria").status_code == 403
    assert the_staff("luis").unit_id == place.east.id


def test_disabling_ends_sessions_and_hides_the_form(client, app, admin):
    luis = a_member_of_staff("luis", "auditor", None)
    his = sign_in(app.test_client(), luis)
    assert send_form(client, f"/panel/cuentas/{luis.id}/desactivar").status_code == 303
    assert his.get("/panel/auditoria").location.startswith("/panel/entrar")
    assert "Desactivada" in client.get(f"/panel/cuentas/{luis.id}").text


def test_nobody_disables_oneself_or_leaves_no_administrator(client, admin):
    answer = send_form(client, f"/panel/cuentas/{admin.id}/desactivar")
    assert answer.status_code == 409
    fields = {"unidad": "", "roles": ["auditor"]}
    answer = send_form(client, f"/panel/cuentas/{admin.id}", **fields)
    assert answer.status_code == 409
    assert "último administrador" in answer.text
    other = a_member_of_staff("otra", "administrador", None)
    assert send_form(client, f"/panel/cuentas/{admin.id}", **fields).status_code == 303
    sign_in(client, other)
    assert send_form(client, f"/panel/cuentas/{other.id}/desactivar").status_code == 409


def test_two_administrators_cannot_remove_each_other_at_once(app):
    one = a_member_of_staff("una", "administrador", None)
    two = a_member_of_staff("otra", "administrador", None)
    both = [(one.username, two.id), (two.username, one.id)]
    db.session.rollback()
    together = threading.Barrier(2)

    def remove(username: str, by: int) -> bool:
        with app.app_context():
            together.wait()
            try:
                identity.disable(username, by=by, now=clock.now())
            except Conflict:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda pair: remove(*pair), both))
    assert sorted(done) == [False, True]


def test_a_reset_forgets_factor_and_codes(client, app, admin):
    luis = a_member_of_staff("luis", "auditor", None)
    his = sign_in(app.test_client(), luis)
    answer = send_form(client, f"/panel/cuentas/{luis.id}/restablecer")
    password = re.search(r'id="clave-de-un-uso">([^<]+)<', answer.text)[1]
    reset = the_staff("luis")
    assert reset.verify_and_update_password(password)
    assert (reset.tf_primary_method, reset.tf_totp_secret, reset.mf_recovery_codes) == (None,) * 3
    assert his.get("/panel/auditoria").status_code == 303


def test_what_administrators_do_is_on_the_trail(client, admin):
    luis = a_member_of_staff("luis", "auditor", None)
    send_form(client, f"/panel/cuentas/{luis.id}/restablecer")
    send_form(client, f"/panel/cuentas/{luis.id}/desactivar")
    db.session.rollback()
    rows = db.session.execute(
        select(AuditEntry.staff_id, AuditEntry.action, AuditEntry.subject_staff_id).order_by(
            AuditEntry.id
        )
    ).all()
    assert rows == [
        (admin.id, "second_factor_reset", luis.id),
        (admin.id, "staff_disabled", luis.id),
    ]


def test_accounts_come_a_page_at_a_time(client, admin):
    for n in range(55):
        a_member_of_staff(f"persona{n:02}", "auditor", None)
    first = client.get("/panel/cuentas?buscar=persona").text
    assert first.count('href="/panel/cuentas/') - first.count("/panel/cuentas/nueva") == 50
    following = re.search(r'href="(/panel/cuentas\?[^"]+)"', first)[1].replace("&amp;", "&")
    second = client.get(following).text
    assert "persona54" in second
    assert "persona49" not in second


@pytest.mark.parametrize("role", ["operador", "comisario", "auditor", "analista"])
def test_other_roles_are_refused(client, role):
    unit = Callao().west
    sign_in(client, a_member_of_staff("luis", role, unit))
    for path in ("/panel/cuentas", "/panel/cuentas/nueva", "/panel/cuentas/1", "/panel/canales"):
        assert client.get(path).status_code == 403
    assert send_form(client, "/panel/cuentas/1/desactivar").status_code == 403


def test_the_accounts_tell_which_desks_nobody_opens(client, app, admin):
    callao = Callao()
    warning = "Nadie atiende"
    assert warning not in client.get("/panel/cuentas").text
    assert send(app.test_client(), datos()).status_code == 201
    far = {"origen": "gps", "lat": -3.75, "lon": -73.25, "precision_m": 5}
    assert send(app.test_client(), datos(lugar=far)).status_code == 201

    page = client.get("/panel/cuentas").text
    assert warning in page
    assert f"<li>{callao.west.name}</li><li>Mesa sin jurisdicción</li>" in page

    a_member_of_staff("luis", "operador", callao.west)
    page = client.get("/panel/cuentas").text
    assert (warning in page, f"<li>{callao.west.name}</li>" in page) == (True, False)
