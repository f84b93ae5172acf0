"""The author of a denuncia or queja follows it, reads who opened the identity, and adds to it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from backend import casework, clock, triage, unmasking
from backend.casework import Diligence
from backend.db import db
from backend.denuncias.models import CasePerson
from backend.media.models import Attachment
from backend.reports.models import Message, Report
from tests.builders import a_member_of_staff, count
from tests.denouncing import denounce, lost_papers, mistreatment, stolen_phone
from tests.pages.test_alert import take_photo
from tests.pages.test_quality import serious_problems
from tests.pages.test_tracking import look


@pytest.fixture
def theft(client, town, work):
    """A theft that has reached the desk: its number and clave."""
    answer = denounce(client, stolen_phone()).json
    work()
    work()
    return answer


def open_case(page: Page, receipt) -> None:
    look(page, receipt["numero"], receipt["clave"])
    expect(page.locator(".pasos")).to_be_visible()


def report_id():
    db.session.rollback()
    return db.session.scalars(select(Report.id)).one()


@pytest.fixture
def officer(town, theft):
    return a_member_of_staff("guardia", "operador", town.west)


def test_each_act_of_the_unit_is_read_in_plain_words(phone, parts, theft, officer):
    now = clock.now()
    today = clock.in_lima(now).date()
    triage.record_acknowledgement(parts, officer, report_id(), now)
    told = Diligence(today, words="Se revisó la cámara de la esquina")
    casework.record_actuacion(parts, officer, report_id(), "revision_camaras", told, now)
    open_case(phone, theft)
    steps = phone.locator(".pasos")
    expect(steps.get_by_text("La policía revisó cámaras o las pidió.")).to_be_visible()
    assert "esquina" not in steps.inner_text()
    expect(phone.get_by_text("Deben responderte a más tardar el")).to_be_visible()


def test_what_was_told_is_shown_back_without_any_name(phone, theft):
    open_case(phone, theft)
    expect(phone.get_by_text("Me lo arrancharon al salir del mercado")).to_be_visible()
    expect(phone.get_by_text("Marca 1")).to_be_visible()
    shown = phone.locator("main").inner_text()
    for secret in ("Inventada", "40000001", "900000001", "Jirón Inventado"):
        assert secret not in shown


def test_every_opening_of_the_identity_is_told_to_its_owner(phone, parts, theft, officer):
    open_case(phone, theft)
    expect(phone.get_by_text("Nadie ha abierto tus datos hasta ahora.")).to_be_visible()
    triage.record_acknowledgement(parts, officer, report_id(), clock.now())
    person = db.session.scalars(select(CasePerson.id).where(CasePerson.role == "denunciante")).one()
    reason = next(iter(parts.catalog.aperturas))
    words = "Hay que citarla a declarar mañana"
    for _ in range(2):
        unmasking.open_identity(
            parts, officer, report_id(), person, reason=reason, words=words, now=clock.now()
        )
    phone.get_by_role("button", name="Actualizar").click()
    expect(phone.get_by_text("Tu identidad fue abierta 2 veces por 1 persona.")).to_be_visible()


def test_facts_and_a_photo_are_added_later(phone, theft, jpeg):
    open_case(phone, theft)
    phone.get_by_role("button", name="Agregar al caso").click()
    expect(phone.get_by_text("Escribe algo o elige una foto.")).to_be_visible()
    phone.get_by_label("Qué quieres agregar").fill("Encontré la boleta del celular")
    take_photo(phone, jpeg, "Elegir de mis fotos")
    phone.locator(".fotos img").wait_for()
    phone.get_by_role("button", name="Agregar al caso").click()
    expect(phone.get_by_text("Lo agregamos a tu caso.")).to_be_visible()
    expect(phone.locator(".hilo").get_by_text("Encontré la boleta del celular")).to_be_visible()
    assert count(Attachment.__tablename__) == 1
    assert db.session.scalars(select(Message.text)).one() == "Encontré la boleta del celular"


def test_what_could_not_be_added_stays_written_and_is_added_once(phone, theft):
    keys: list[str] = []

    def lose_the_first_answer(route):
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > 1:
            return route.continue_()
        route.fetch()
        return route.abort("connectionreset")

    phone.route("**/api/v1/caso/ampliaciones", lose_the_first_answer)
    open_case(phone, theft)
    phone.get_by_label("Qué quieres agregar").fill("Era negro")
    phone.get_by_role("button", name="Agregar al caso").click()
    expect(phone.get_by_text("Todavía no se agregó.")).to_be_visible()
    phone.get_by_role("button", name="Agregar al caso").click()
    expect(phone.get_by_text("Lo agregamos a tu caso.")).to_be_visible()
    assert len(set(keys)) == 1
    assert count(Message.__tablename__) == 1


def test_the_constancia_is_downloaded_as_a_pdf(phone, theft):
    open_case(phone, theft)
    with phone.expect_download() as download:
        phone.get_by_role("button", name="Descargar constancia").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")


def test_of_a_queja_nobody_knows_whose_it_is(phone, client, town):
    receipt = denounce(client, mistreatment()).json
    open_case(phone, receipt)
    expect(phone.get_by_text("No sabemos quién eres")).to_be_visible()
    expect(phone.get_by_role("button", name="Descargar constancia")).to_have_count(0)
    expect(phone.get_by_role("heading", name="Mensajes con la unidad")).to_be_visible()


def test_axe_finds_nothing_serious_in_the_case_of_a_denuncia(unguarded, theft):
    open_case(unguarded, theft)
    expect(unguarded.get_by_text("Nadie ha abierto tus datos hasta ahora.")).to_be_visible()
    assert serious_problems(unguarded) == []


def test_without_scripts_the_case_is_read_whole(open_phone, client, town):
    receipt = denounce(client, lost_papers()).json
    page = open_phone(java_script_enabled=False)
    look(page, receipt["numero"], receipt["clave"])
    expect(page.get_by_text("Deben responderte a más tardar el")).to_be_visible()
    expect(page.get_by_text("Nadie ha abierto tus datos hasta ahora.")).to_be_visible()
    expect(page.get_by_text("Bajé del bus y ya no tenía la billetera")).to_be_visible()
    assert "Inventada" not in page.locator("main").inner_text()
