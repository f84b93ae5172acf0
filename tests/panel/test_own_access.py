"""Changing one's own password, factor and recovery codes."""

import re

import pyotp
import pytest

from backend import clock as our_clock
from backend.db import db, transaction
from backend.identity import services as identity
from backend.identity.models import Staff
from tests.panel.conftest import send_form, sign_in

PASSWORD = "clave larga de verdad"


@pytest.fixture
def vera(client) -> int:
    """Somebody enrolled, signed in, whose password is known."""
    password = identity.create_staff(
        "vera", "Vera", roles=["auditor"], unit_id=None, by=None, now=our_clock.now()
    )
    with transaction():
        staff = db.session.query(Staff).filter_by(username="vera").one()
        staff.must_change_password = False
        staff_id = staff.id
    sign_in(client, db.session.get(Staff, staff_id))
    answer = send_form(
        client,
        "/panel/clave",
        password=password,
        new_password=PASSWORD,
        new_password_confirm=PASSWORD,
    )
    assert answer.location == "/panel/"
    return staff_id


def the(staff_id: int) -> Staff:
    db.session.rollback()
    return db.session.get(Staff, staff_id)


def age_session(client, minutes: int) -> None:
    with client.session_transaction("/panel/") as session:
        session["fs_paa"] -= minutes * 60
        session.pop("fs_gexp", None)


def test_a_new_factor_takes_a_code_of_its_own(client, vera):
    page = send_form(client, "/panel/segundo-factor", setup="authenticator").text
    secret = re.search(r'id="llave">([^<]+)<', page)[1].replace("-", "")
    action = re.search(r'action="(/panel/segundo-factor/[^"]+)"', page)[1]
    wrong = send_form(client, action, code="000000")
    assert wrong.location == "/panel/segundo-factor"
    assert the(vera).tf_totp_secret is None
    right = send_form(client, action, code=pyotp.TOTP(secret).now())
    assert right.location == "/panel/mi-cuenta"
    assert secret not in the(vera).tf_totp_secret


@pytest.mark.parametrize("path", ["/panel/segundo-factor", "/panel/codigos-de-recuperacion"])
def test_after_a_while_the_password_is_asked_again(client, vera, path):
    age_session(client, 30)
    answer = client.get(path)
    assert answer.location.startswith("/panel/confirmar")
    assert send_form(client, answer.location, password="otra cosa").status_code == 200
    answer = send_form(client, answer.location, password=PASSWORD)
    assert answer.location.endswith(path)
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"password": "no es la mía"}, "Esa no es su clave actual."),
        ({"new_password": "corta", "new_password_confirm": "corta"}, "al menos 12 caracteres"),
        ({"new_password_confirm": "otra clave larga"}, "Las dos claves nuevas no coinciden."),
        ({"new_password": PASSWORD, "new_password_confirm": PASSWORD}, "distinta de la actual"),
    ],
)
def test_wrong_passwords_are_explained(client, vera, fields, words):
    right = {
        "password": PASSWORD,
        "new_password": "otra clave larga de verdad",
        "new_password_confirm": "otra clave larga de verdad",
    }
    answer = send_form(client, "/panel/clave", **{**right, **fields})
    assert answer.status_code == 200
    assert words in answer.text


def test_a_new_password_ends_the_other_sessions(client, app, vera):
    other = sign_in(app.test_client(), the(vera))
    assert other.get("/panel/mi-cuenta").status_code == 200
    new = "otra clave larga de verdad"
    send_form(client, "/panel/clave", password=PASSWORD, new_password=new, new_password_confirm=new)
    assert client.get("/panel/mi-cuenta").status_code == 200
    assert other.get("/panel/mi-cuenta").status_code == 303


def test_new_recovery_codes_replace_the_old(client, vera):
    send_form(client, "/panel/codigos-de-recuperacion")
    first = list(the(vera).mf_recovery_codes)
    send_form(client, "/panel/codigos-de-recuperacion")
    assert not set(first) & set(the(vera).mf_recovery_codes)


def test_the_one_time_password_opens_nothing_else(client):
    identity.create_staff(
        "luis", "Luis", roles=["auditor"], unit_id=None, by=None, now=our_clock.now()
    )
    luis = db.session.query(Staff).filter_by(username="luis").one()
    sign_in(client, luis)
    for path in ("/panel/", "/panel/auditoria", "/panel/mi-cuenta", "/panel/confirmar"):
        assert client.get(path).location == "/panel/clave"
    assert client.get("/panel/clave").status_code == 200
