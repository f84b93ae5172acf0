"""Channels of a unit: added, disabled and given another secret by administrators."""

import re

import pytest
from sqlalchemy import select

from backend.db import db
from backend.forwarding.models import UnitChannel
from backend.identity.models import AuditEntry
from tests.builders import Callao, a_member_of_staff
from tests.panel.conftest import send_form, sign_in


@pytest.fixture
def unit(client):
    sign_in(client, a_member_of_staff("jefa", "administrador", None))
    return Callao().west


def the_channel() -> UnitChannel:
    db.session.rollback()
    return db.session.scalars(select(UnitChannel)).one()


def add(client, unit, tipo: str, direccion: str):
    return send_form(client, "/panel/canales", unidad=unit.code, tipo=tipo, direccion=direccion)


def test_a_webhook_shows_its_secret_once(client, unit):
    answer = add(client, unit, "webhook", "https://avisos.example.com/yo-alerto")
    assert answer.status_code == 201
    secret = re.search(r'id="secreto">(whsec_[^<]+)<', answer.text)[1]
    page = client.get("/panel/canales").text
    assert "avisos.example.com" in page
    assert secret not in page
    answer = send_form(client, f"/panel/canales/{the_channel().id}/secreto")
    assert re.search(r'id="secreto">(whsec_[^<]+)<', answer.text)[1] != secret


def test_mail_needs_no_secret_and_can_be_disabled(client, unit):
    answer = add(client, unit, "correo", "guardia@example.com")
    assert answer.location == f"/panel/canales/unidad/{unit.id}"
    assert "guardia@example.com" in client.get(answer.location).text
    channel_id = the_channel().id
    assert send_form(client, f"/panel/canales/{channel_id}/desactivar").status_code == 303
    assert the_channel().active is False
    db.session.rollback()
    actions = list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions == ["channel_added", "channel_disabled"]
    details = db.session.scalars(select(AuditEntry.details)).first()
    assert "example.com" not in str(details)


@pytest.mark.parametrize(
    ("tipo", "direccion"),
    [("webhook", "http://avisos.example.com"), ("correo", "no es correo"), ("paloma", "x")],
)
def test_wrong_addresses_are_explained(client, unit, tipo, direccion):
    answer = add(client, unit, tipo, direccion)
    assert answer.status_code == 422
    assert "is-invalid" in answer.text
    assert db.session.scalars(select(UnitChannel)).first() is None


def test_a_channel_twice_and_one_that_is_not_there(client, unit):
    add(client, unit, "correo", "guardia@example.com")
    assert add(client, unit, "correo", "guardia@example.com").status_code == 409
    assert send_form(client, "/panel/canales/999/desactivar").status_code == 404
    assert client.get("/panel/canales/unidad/999").status_code == 404


def test_a_unit_is_looked_for_by_name(client, unit):
    answer = client.get("/panel/canales", query_string={"unidad": unit.name})
    assert answer.location == f"/panel/canales/unidad/{unit.id}"
    assert client.get("/panel/canales?unidad=zzz").status_code == 422
