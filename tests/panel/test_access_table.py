"""The one table of the panel: whole, and its menu true to it."""

import re

import pytest
from werkzeug.routing import Rule

from admin.access import ROUTES, Open
from admin.menu import MENU
from backend.identity.models import RoleName
from tests.builders import Callao, a_member_of_staff
from tests.juntas import an_office_account
from tests.panel.conftest import sign_in

BLUEPRINTS = ("panel.", "security.")


def address_of(rule: Rule) -> str:
    """An address that the rule answers, with made-up ids."""
    made_up = re.sub(r"<uuid:[^>]+>", "6f6a9c5e-6d0c-4b6c-9f6d-5f0c8a5b9d11", rule.rule)
    return re.sub(r"<[^>]+>", "1", re.sub(r"<any\(([^,)]+)[^>]*>", r"\1", made_up))


def test_every_route_is_in_the_table_and_no_other(app):
    known = {
        rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith(BLUEPRINTS)
    }
    assert known == set(ROUTES)


def test_the_menu_offers_routes_that_exist(app):
    assert {entry.endpoint for entry in MENU} <= set(app.view_functions)


def test_a_route_outside_the_table_refuses_even_administrators(client, monkeypatch):
    sign_in(client, a_member_of_staff("jefa", "administrador", None))
    monkeypatch.delitem(ROUTES, "panel.staff")
    assert client.get("/panel/cuentas").status_code == 403


@pytest.mark.parametrize("role", list(RoleName))
def test_what_the_menu_offers_opens(client, role):
    is_office, west = role is RoleName.PARTICIPACION_CIUDADANA, Callao().west
    sign_in(client, an_office_account(west) if is_office else a_member_of_staff("luis", role, west))
    page = client.get("/panel/mi-cuenta").text
    offered = re.findall(r'<li><a href="(/panel/[^"]*)"', page.split("</nav>")[0])
    assert "/panel/mi-cuenta" in offered
    for address in offered:
        assert client.get(address).status_code == 200, address
    assert client.get("/panel/").status_code == 303


def test_strangers_open_nothing_but_the_sign_in(client, app):
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith(BLUEPRINTS) or "GET" not in rule.methods:
            continue
        answer = client.get(address_of(rule))
        if ROUTES[rule.endpoint] is Open.EVERYBODY:
            assert answer.status_code in (200, 302, 404), rule
        else:
            assert answer.status_code in (303, 403), rule
            assert answer.status_code == 403 or "/panel/entrar" in answer.location


def test_posts_without_a_token_change_nothing(client, app):
    sign_in(client, a_member_of_staff("jefa", "administrador", None))
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(BLUEPRINTS) and "POST" in rule.methods:
            assert client.post(address_of(rule)).status_code == 400, rule


def test_a_sign_that_no_keyboard_has_is_refused_with_words(client):
    sign_in(client, a_member_of_staff("jefa", "administrador", None))
    answer = client.get("/panel/cuentas?buscar=%00")
    assert answer.status_code == 400
    assert "escríbalo a mano" in answer.text
