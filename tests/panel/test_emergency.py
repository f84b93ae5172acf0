"""The emergency switch: one button lifts the limits per phone, another puts them back."""

from sqlalchemy import select

from backend import switches
from backend.db import db
from backend.identity.models import AuditEntry
from tests.builders import a_member_of_staff
from tests.panel.conftest import send_form, sign_in


def test_the_switch_turns_both_ways_and_is_on_the_trail(client):
    sign_in(client, a_member_of_staff("jefa", "administrador", None))
    assert "/panel/limites/levantar" in client.get("/panel/limites").text
    send_form(client, "/panel/limites/levantar")
    assert switches.is_on(switches.LIMITS_LIFTED)
    assert "/panel/limites/reponer" in client.get("/panel/limites").text
    send_form(client, "/panel/limites/reponer")
    assert not switches.is_on(switches.LIMITS_LIFTED)
    db.session.rollback()
    actions = list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions == ["limits_lifted", "limits_restored"]


def test_others_cannot_touch_it(client):
    sign_in(client, a_member_of_staff("vera", "auditor", None))
    assert client.get("/panel/limites").status_code == 403
    assert send_form(client, "/panel/limites/levantar").status_code == 403
    assert not switches.is_on(switches.LIMITS_LIFTED)
