"""`/panel/envios`: what was given up is listed with its reason and can be tried again."""

from uuid import UUID

import pytest
from sqlalchemy import select, text

from backend.db import db, transaction
from backend.forwarding.models import Envio
from tests.panel.stories import Town


@pytest.fixture
def failed(town: Town) -> UUID:
    """A delivery that was given up; its id."""
    report_id = town.report()
    with transaction():
        envio_id = db.session.scalar(select(Envio.id).where(Envio.report_id == report_id).limit(1))
        fail = (
            "SET work_state = 'failed', attempts = 9, finished_at = now(), last_error = '{error}'"
        )
        db.session.execute(
            text(f"UPDATE envio {fail.format(error='El correo fue rechazado.')} WHERE id = :id"),
            {"id": envio_id},
        )
        db.session.execute(
            text(f"UPDATE report_task {fail.format(error='media store unreachable')}")
        )
    return envio_id


def test_what_failed_is_listed_with_its_reason(town: Town, failed: UUID):
    page = town.operador.get("/panel/envios").text
    for words in (
        "El correo fue rechazado.",
        "9 intentos",
        "No se pudo llegar al almacén de fotos",
    ):
        assert words in page
    assert '<span class="cantidad">2</span>' in page
    assert "<strong>2</strong> envíos fallidos" in town.operador.get("/panel/mesa").text


def test_a_sensible_report_hides_the_minute_of_what_failed(town: Town, failed: UUID):
    assert town.operador.get("/panel/envios").text.count("<time") == 2
    with transaction():
        change = "SET is_sensible = true, priority = 2, place_source = 'referencia', point = NULL"
        change += ", ubigeo = '070101', reference = 'Mercado'"
        db.session.execute(text(f"UPDATE report {change}"))
    page = town.operador.get("/panel/envios").text
    assert ("9 intentos" in page, page.count("<time")) == (True, 0)


def test_trying_again_makes_it_due(town: Town, failed: UUID):
    answer = town.operador.post(f"/panel/envios/{failed}/reintentar")
    assert answer.location == "/panel/envios"
    state = text("SELECT work_state, attempts FROM envio WHERE id = :id")
    assert db.session.execute(state, {"id": failed}).one() == ("pending", 0)

    again = town.operador.post(f"/panel/envios/{failed}/reintentar")
    assert again.status_code == 303
    assert "ya no está fallido" in town.operador.get("/panel/envios").text


def test_a_step_is_tried_again(town: Town, failed: UUID):
    report_id = db.session.get_one(Envio, failed).report_id
    url = f"/panel/casos/{report_id}/tareas"
    assert town.operador.post(f"{url}/moderate/reintentar").status_code == 303
    assert db.session.scalar(text("SELECT work_state FROM report_task")) == "pending"
    assert town.operador.post(f"{url}/feed_risk_map/reintentar").status_code == 404
    assert town.operador.post(f"{url}/otra/reintentar").status_code == 404


def test_others_see_and_retry_nothing(town: Town, failed: UUID):
    report_id = db.session.get_one(Envio, failed).report_id
    for role, unit in (("operador", town.callao.east), ("operador", town.callao.extortion_desk)):
        stranger = town.officer(role, unit)
        assert "Todos los envíos llegaron" in stranger.get("/panel/envios").text
        assert stranger.post(f"/panel/envios/{failed}/reintentar").status_code == 404
        url = f"/panel/casos/{report_id}/tareas/moderate/reintentar"
        assert stranger.post(url).status_code == 404
    for role in ("jefe_sector", "analista", "administrador", "auditor"):
        assert town.officer(role, town.callao.west).get("/panel/envios").status_code == 403
