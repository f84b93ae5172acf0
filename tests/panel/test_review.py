"""`/panel/revision`: what the machines held waits for a person, with its clock."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from backend import clock
from backend.db import db, transaction
from backend.reports.models import Report
from tests.panel.stories import Town
from tests.panel.test_desk import CARD

TEXT = "El mismo texto dos veces seguidas"


def in_order(page: str) -> list[int]:
    """Where each report's link stands, by its id."""
    return [page.find(words) for words in ("Pelea", "Robo de celular")]


@pytest.fixture
def held(town: Town) -> UUID:
    """A repeated report that is not urgent: it waits in the tray and is on no desk."""
    town.report("robo_celular", descripcion=TEXT)
    return town.report("robo_celular", descripcion=TEXT)


def test_a_held_report_says_why_and_how_long(town: Town, held: UUID):
    page = town.operador.get("/panel/revision").text
    for words in ("Texto repetido", "Pasa solo:", "data-deadline", town.numero(held)):
        assert words in page
    assert str(held) not in CARD.findall(town.operador.get("/panel/mesa").text)


def test_urgent_ones_come_first(town: Town, held: UUID):
    urgent = town.report("pelea_agresion", descripcion="Pelea de muchos")
    soon = clock.now() + timedelta(minutes=1)
    with transaction():
        db.session.execute(
            update(Report).where(Report.id == urgent).values(moderation="held", held_until=None)
        )
        db.session.execute(update(Report).where(Report.id == held).values(held_until=soon))
    first, second = in_order(town.operador.get("/panel/revision").text)
    assert 0 < first < second


def test_letting_it_through_puts_it_on_the_desk(town: Town, held: UUID):
    back = town.operador.act(held, "dejar-pasar", volver="revision")
    assert back.location == "/panel/revision"
    town.work()
    assert str(held) in CARD.findall(town.operador.get("/panel/mesa").text)
    assert "No hay nada que revisar" in town.operador.get("/panel/revision").text


def test_acknowledging_from_the_tray(town: Town, held: UUID):
    town.operador.act(held, "recibir", volver="revision")
    assert town.fresh(held).state == "acknowledged"


def test_only_a_person_rejects_and_for_a_reason(town: Town, held: UUID):
    assert town.operador.act(held, "rechazar", volver="revision").status_code == 422
    town.operador.act(held, "rechazar", volver="revision", motivo="no_es_un_aviso")
    assert town.fresh(held).state == "rejected"
    assert "No hay nada que revisar" in town.operador.get("/panel/revision").text


def test_the_tray_of_others_is_empty(town: Town, held: UUID):
    for role, unit in (("operador", town.callao.east), ("jefe_sector", town.callao.sector)):
        page = town.officer(role, unit).get("/panel/revision").text
        assert "No hay nada que revisar" in page
    assert town.officer("auditor", town.callao.west).get("/panel/revision").status_code == 403
