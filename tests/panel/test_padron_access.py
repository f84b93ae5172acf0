"""The coordinator's access in the panel: a code once, whether the phone did it, and its end."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from admin import coordinators
from backend import clock
from backend.app import parts_of
from backend.boards import access
from backend.boards.models import JuntaMember, JuntaVecinal
from backend.db import db, transaction
from backend.territory.queries import today
from tests.juntas import a_junta, a_member
from tests.panel.padron import LIST, Padron, address, has_error, member_address

PIN = "284917"


@pytest.fixture
def padron(app) -> Padron:
    return Padron(app)


@pytest.fixture
def coordinator(padron: Padron):
    return a_member(a_junta(padron.west), "coordinador")


def offer(padron: Padron, member_id):
    return padron.office.ask("POST", member_address(member_id, "/acceso"))


def code_on(page) -> str:
    return "-".join(re.findall(r"<span>([0-9A-Z]{4})</span>", page.text))


def state_address(page) -> str:
    return re.search(rf'hx-get="({LIST}/accesos/[^"]+)"', page.text)[1]


def enrol(parts, page) -> None:
    access.enrol(parts.settings.keys, parts.catalog, code_on(page), PIN, clock.now())


def test_a_code_is_shown_once_and_used_by_a_phone(padron: Padron, coordinator, parts):
    junta_page = padron.office.ask("GET", address(coordinator.junta_id)).text
    assert "Habilitar el acceso del miembro 1" in junta_page
    page = offer(padron, coordinator.id)
    assert page.status_code == 200
    assert len(code_on(page)) == 34
    assert "<svg" in page.text
    assert "no-store" in page.headers["Cache-Control"]
    assert code_on(page) not in str(page.headers)
    back = padron.office.ask("GET", member_address(coordinator.id, "/acceso"))
    assert (back.status_code, back.location) == (303, address(coordinator.junta_id))

    state = state_address(page)
    waiting = padron.office.ask("GET", state).text
    assert "Esperando el teléfono" in waiting
    assert "hx-trigger" in waiting
    enrol(parts, page)
    done = padron.office.ask("GET", state).text
    assert "Con acceso hasta el" in done
    assert "hx-trigger" not in done
    junta_page = padron.office.ask("GET", address(coordinator.junta_id)).text
    assert "El coordinador activó su acceso" in junta_page
    assert "Renovar el acceso del miembro 1" in junta_page
    assert "Con acceso" in padron.office.ask("GET", LIST).text


def test_the_qr_is_what_the_page_of_the_juntas_reads(padron: Padron, coordinator, monkeypatch):
    drawn: list[str] = []

    def draw(start: str, code: str, **_: int) -> tuple[str, int]:
        drawn.append(start + code)
        return "", 1

    monkeypatch.setattr(coordinators, "qr_path", draw)
    code = code_on(offer(padron, coordinator.id))
    assert drawn == [f"{parts_of().settings.public_url}/junta#codigo={code}"]  # junta/pin.ts


def test_a_code_grows_old(padron: Padron, coordinator, monkeypatch):
    page = offer(padron, coordinator.id)
    later = clock.now() + timedelta(minutes=16)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "Nadie usó el código a tiempo" in padron.office.ask("GET", state_address(page)).text


def test_renewing_ends_the_one_before(padron: Padron, coordinator, parts):
    enrol(parts, offer(padron, coordinator.id))
    enrol(parts, offer(padron, coordinator.id))
    page = padron.office.ask("GET", address(coordinator.junta_id)).text
    assert "Recibió un acceso nuevo" in page
    assert page.count("Con acceso hasta el") == 1


def test_whose_time_was_cut_short_has_no_access_left_and_the_next_one_none_yet(
    padron: Padron, coordinator, parts
):
    enrol(parts, offer(padron, coordinator.id))
    junta_id, last = coordinator.junta_id, today() - timedelta(days=1)
    with transaction():
        mine = update(JuntaMember).where(JuntaMember.id == coordinator.id)
        db.session.execute(mine.values(until=last))
    a_member(db.session.get_one(JuntaVecinal, junta_id), "coordinador", since=today())
    page = padron.office.ask("GET", address(junta_id)).text
    assert f"Venció el {last:%d/%m/%Y}" in page
    assert "Con acceso" not in page
    assert "Con acceso" not in padron.office.ask("GET", LIST).text
    assert "Habilitar el acceso del miembro 2" in page
    assert "El acceso que tiene termina en el acto" not in page


@pytest.mark.parametrize("who", ["office", "comisario"])
def test_an_access_is_taken_away_for_a_reason(padron: Padron, coordinator, parts, who: str):
    enrol(parts, offer(padron, coordinator.id))
    browser = getattr(padron, who)
    page = browser.ask("GET", address(coordinator.junta_id)).text
    revoke = re.search(rf'action="({LIST}/accesos/[^"]+/quitar)"', page)[1]
    for motivo in ("", "renovado"):
        refused = browser.ask("POST", revoke, {"motivo": motivo})
        assert (refused.status_code, has_error(refused, "motivo")) == (422, True)
    assert browser.ask("POST", revoke, {"motivo": "telefono_perdido"}).status_code == 303
    page = browser.ask("GET", address(coordinator.junta_id)).text
    assert "Perdió o le robaron el teléfono" in page
    assert revoke not in page
    assert browser.ask("POST", revoke, {"motivo": "mal_uso"}).status_code == 409


def test_only_a_coordinator_in_force_gets_one(padron: Padron):
    junta = a_junta(padron.west)
    member = a_member(junta)
    assert "Habilitar" not in padron.office.ask("GET", address(junta.id)).text
    answer = offer(padron, member.id)
    assert answer.location == address(junta.id)
    page = padron.office.ask("GET", answer.location).text
    assert "Solo quien coordina la junta recibe un acceso" in page
    ended = {"since": today() - timedelta(days=800), "until": today() - timedelta(days=1)}
    lapsed = a_member(a_junta(padron.west, "JV-2", **ended), "coordinador")
    assert "<svg" not in offer(padron, lapsed.id).text


def test_nobody_else_gives_sees_or_takes_it(padron: Padron, coordinator):
    state = state_address(offer(padron, coordinator.id))
    give = member_address(coordinator.id, "/acceso")
    assert padron.comisario.ask("GET", state).status_code == 403
    assert padron.comisario.ask("POST", give).status_code == 403
    for method, asked in (("GET", state), ("POST", give), ("POST", f"{state}/quitar")):
        answer = padron.neighbour.ask(method, asked, {"motivo": "mal_uso"})
        assert answer.status_code == 404
