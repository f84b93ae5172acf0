"""Members in the panel: by number, corrected unseen, ended; and their names, once, for a reason."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.boards import readings
from backend.boards.models import JuntaMember
from backend.db import db
from backend.territory.queries import today
from backend.vault.models import Reading
from tests.juntas import a_junta, a_member, an_identity
from tests.panel.padron import Padron, address, has_error, member_address, trail, value_of

NAME, DOCUMENT, PHONE = "Nombreoculto", "47110815", "900000815"
HIDDEN = (NAME, DOCUMENT, PHONE)


@pytest.fixture
def padron(app) -> Padron:
    return Padron(app)


@pytest.fixture
def junta(padron: Padron):
    return a_junta(padron.west)


@pytest.fixture
def member(junta):
    who = an_identity(DOCUMENT, nombres=NAME, celular=PHONE)
    return a_member(junta, "coordinador", identity=who)


def somebody(**changes: str) -> dict[str, str]:
    named = an_identity(DOCUMENT, nombres=NAME)
    joined = {"cargo": "vocal", "sexo": "mujer", "designado_por": "asamblea", "hasta": ""}
    return {**named, **joined, "desde": today().isoformat(), **changes}


def shows(page, *words: str) -> list[str]:
    return [one for one in words if one in page.text or one in str(page.headers)]


def test_somebody_joins(padron: Padron, junta):
    new = address(junta.id, "/integrantes/nuevo")
    assert value_of(padron.office.ask("GET", new), "desde") == today().isoformat()
    answer = padron.office.ask("POST", new, somebody())
    assert answer.location == address(junta.id)
    page = padron.office.ask("GET", answer.location)
    assert "Miembro 1" in page.text
    assert "Entró un integrante · miembro 1 · Vocal" in page.text
    assert not shows(page, *HIDDEN)


def test_a_wrong_field_keeps_what_was_typed(padron: Padron, junta):
    sent = somebody(numero_documento="4711081", cargo="jefe")
    page = padron.office.ask("POST", address(junta.id, "/integrantes/nuevo"), sent)
    assert page.status_code == 422
    assert has_error(page, "numero_documento")
    assert has_error(page, "cargo")
    assert "aquí hay 7" in page.text
    assert value_of(page, "nombres") == NAME
    assert "no-store" in page.headers["Cache-Control"]
    assert NAME not in page.text.split("<title>")[1].split("</title>")[0]


def test_who_is_a_member_already_is_refused_in_the_own_unit_alone(padron: Padron, junta, member):
    other = a_junta(padron.west, "JV-2").id
    page = padron.office.ask("POST", address(other, "/integrantes/nuevo"), somebody())
    assert page.status_code == 422
    assert "JV-001" in page.text
    far = a_junta(padron.callao.east, "JV-3").id
    new = address(far, "/integrantes/nuevo")
    assert padron.neighbour.ask("POST", new, somebody()).status_code == 303


def test_a_member_stands_there_by_number(padron: Padron, junta, member):
    for browser in (padron.office, padron.comisario):
        page = browser.ask("GET", address(junta.id))
        assert "Miembro 1" in page.text
        assert not shows(page, *HIDDEN)
    page = padron.office.ask("GET", member_address(member.id))
    assert not shows(page, *HIDDEN)
    assert (value_of(page, "numero_documento"), value_of(page, "nombres")) == ("", "")


def test_correcting_without_reading_keeps_who_it_is(padron: Padron, junta, member):
    empty = dict.fromkeys(an_identity(), "")
    sent = somebody(cargo="secretario", **empty)
    answer = padron.office.ask("POST", member_address(member.id), sent)
    assert answer.status_code == 303
    page = padron.office.ask("GET", answer.location)
    assert "de Coordinador o coordinadora a Secretario o secretaria" in page.text  # in the history
    page = padron.office.ask("POST", address(junta.id, "/nombres"), {"motivo": "llamada"})
    assert shows(page, *HIDDEN) == list(HIDDEN)


def test_half_an_identity_is_asked_for_as_a_whole(padron: Padron, member):
    sent = somebody(**dict.fromkeys(an_identity(), "")) | {"celular": PHONE}
    page = padron.office.ask("POST", member_address(member.id), sent)
    assert page.status_code == 422
    assert has_error(page, "nombres")
    assert value_of(page, "celular") == PHONE


def test_a_member_is_ended_and_trained(padron: Padron, junta, member):
    training = {"tema": "induccion", "fecha": today().isoformat()}
    late = training | {"fecha": (today() + timedelta(days=2)).isoformat()}
    refused = padron.office.ask("POST", member_address(member.id, "/capacitacion"), late)
    assert refused.status_code == 422
    assert refused.text.count("aria-invalid") == 1  # the other form on the page is untouched
    padron.office.ask("POST", member_address(member.id, "/capacitacion"), training)
    assert "Inducción" in padron.office.ask("GET", member_address(member.id)).text
    gone = {"motivo": "mudanza", "fecha": today().isoformat()}
    padron.office.ask("POST", member_address(member.id, "/baja"), gone)
    page = padron.office.ask("GET", address(junta.id)).text
    assert "Un integrante dejó la junta · miembro 1" in page
    assert "Se mudó" in page
    page = padron.office.ask("GET", member_address(member.id)).text
    assert "Dar de baja" not in page
    again = padron.office.ask("POST", member_address(member.id, "/baja"), gone)
    assert again.status_code == 409


# Names


def test_names_want_a_reason_and_leave_a_trail(padron: Padron, junta, member):
    names = address(junta.id, "/nombres")
    for motivo in ("", "curiosidad"):
        page = padron.office.ask("POST", names, {"motivo": motivo})
        assert (page.status_code, shows(page, *HIDDEN)) == (422, [])
        assert has_error(page, "motivo")
    assert trail("padron_names_read") == []
    page = padron.office.ask("POST", names, {"motivo": "reunion"})
    assert shows(page, *HIDDEN) == list(HIDDEN)
    assert "no-store" in page.headers["Cache-Control"]
    assert "Convocar a una reunión" in page.text
    assert re.search(r'data-marca="juntas.prueba · \d\d/\d\d/\d{4} \d\d:\d\d"', page.text)
    assert "data-una-vez" in page.text
    [entry] = trail("padron_names_read")
    assert (entry["count"], entry["reason"]) == (1, "reunion")
    assert db.session.scalar(select(func.count(Reading.id))) == 1


def test_coming_back_to_the_names_finds_the_junta(padron: Padron, junta, member):
    names = address(junta.id, "/nombres")
    padron.office.ask("POST", names, {"motivo": "reunion"})
    again = padron.office.ask("GET", names)
    assert (again.status_code, again.location) == (303, address(junta.id))
    page = padron.office.ask("GET", again.location)
    assert not shows(page, *HIDDEN)


def test_one_name_can_be_read_alone(padron: Padron, junta, member):
    a_member(junta, identity=an_identity("40000099", nombres="Segunda"))
    sent = {"motivo": "llamada", "miembro": str(member.id)}
    page = padron.office.ask("POST", address(junta.id, "/nombres"), sent)
    assert shows(page, NAME, "Segunda") == [NAME]
    sent["miembro"] = str(a_member(a_junta(padron.callao.east)).id)
    assert padron.office.ask("POST", address(junta.id, "/nombres"), sent).status_code == 404
    sent["miembro"] = "otro"
    assert padron.office.ask("POST", address(junta.id, "/nombres"), sent).status_code == 422


def test_where_nobody_is_left_there_is_nobody_to_name(padron: Padron, junta, member):
    gone = {"motivo": "mudanza", "fecha": today().isoformat()}
    padron.office.ask("POST", member_address(member.id, "/baja"), gone)
    assert "Leer nombres" not in padron.office.ask("GET", address(junta.id)).text
    page = padron.office.ask("POST", address(junta.id, "/nombres"), {"motivo": "reunion"})
    assert (page.status_code, shows(page, *HIDDEN)) == (404, [])
    assert "No hay integrantes que mostrar" in page.text


def test_a_day_has_its_number_of_names(padron: Padron, junta, member, monkeypatch):
    monkeypatch.setattr(readings, "NAMES_PER_DAY", 1)
    names = address(junta.id, "/nombres")
    assert padron.office.ask("POST", names, {"motivo": "reunion"}).status_code == 200
    page = padron.office.ask("POST", names, {"motivo": "reunion"})
    assert (page.status_code, shows(page, *HIDDEN)) == (409, [])
    assert "Hoy ya leyó muchos nombres" in page.text


def test_no_names_in_what_is_logged(padron: Padron, junta, capfd):
    new = address(junta.id, "/integrantes/nuevo")
    padron.office.ask("POST", new, somebody(cargo="jefe"))
    padron.office.ask("POST", new, somebody(celular=PHONE))
    padron.office.ask("POST", address(junta.id, "/nombres"), {"motivo": "reunion"})
    said = "".join(capfd.readouterr())
    assert not [word for word in HIDDEN if word in said]
    assert db.session.scalar(select(func.count(JuntaMember.id))) == 1
