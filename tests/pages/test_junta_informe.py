"""A coordinator tells what neighbours see, and reads what came of it."""

import json

import pytest
from geoalchemy2.shape import to_shape
from playwright.sync_api import Request, Route, expect

from backend import clock, triage
from backend.db import db
from backend.informes.models import InformeKind, Source
from backend.reports.models import PlaceSource
from backend.territory.models import PoliceUnit
from tests.builders import a_member_of_staff, count
from tests.coordinating import PIN
from tests.pages.juntas import (
    KEPT,
    NAME,
    SEAL,
    begin_informe,
    enrol,
    expect_door,
    open_tile,
    press_send,
    tell_of_a_neighbour,
    the_informe,
    type_pin,
)
from tests.pages.test_alert import (
    bodies,
    number_shown,
    press_until,
    take_photo,
    watch_geolocation,
    write_place,
)
from tests.plugins.chromium import cut_line, mend_line


def test_an_informe_of_a_neighbour_says_nothing_of_where_the_phone_is(phone, coordinator):
    sent: list[Request] = []
    phone.on("request", lambda one: sent.append(one) if one.method == "POST" else None)
    watch_geolocation(phone)
    enrol(phone, coordinator)
    tell_of_a_neighbour(phone)
    expect(phone.get_by_text("Cuida a quien te lo contó")).to_be_visible()
    expect(phone.get_by_role("button", name="Usar mi ubicación")).to_have_count(0)
    press_send(phone)
    expect(phone.get_by_role("heading", name="Yo Alerto recibió tu informe")).to_be_visible()
    expect(phone.locator("#clave")).to_have_count(0)
    informe, report = the_informe()
    assert (informe.kind, informe.source) == (InformeKind.DELITO, Source.NEIGHBOUR)
    assert report.place_source == PlaceSource.REFERENCIA
    assert phone.evaluate("window.asked") == 0
    assert not any('"lat"' in json.dumps(body) for body in bodies(sent))


def test_an_informe_by_reference_begins_with_the_juntas_district_and_is_called_by_its_name(
    phone, coordinator
):
    enrol(phone, coordinator)
    begin_informe(phone, "vecino", "robo")
    phone.get_by_text("Seguir sin foto").click()
    expect(phone.get_by_label("Distrito")).to_have_value("Callao, Callao")
    expect(phone.get_by_text("Al enviarlo te diremos qué comisaría lo recibe.")).to_be_visible()
    phone.get_by_label("Referencia", exact=True).fill("Frente al mercado")
    press_send(phone)
    expect(phone.locator(".recibe")).to_contain_text("Lo recibe Comisaría WEST")
    expect(phone.get_by_text("La recibe")).to_have_count(0)
    assert the_informe()[1].ubigeo == "070101"


def test_a_sensible_informe_begins_with_no_district(phone, coordinator):
    enrol(phone, coordinator)
    begin_informe(phone, "vecino", "extorsion")
    phone.get_by_text("Seguir sin foto").click()
    phone.locator("#distrito option", has_text="Callao").wait_for(state="attached")
    expect(phone.get_by_label("Distrito")).to_have_value("")


def test_the_map_of_a_neighbours_informe_begins_at_the_junta(phone, coordinator):
    enrol(phone, coordinator)
    begin_informe(phone, "vecino", "robo")
    phone.get_by_text("Seguir sin foto").click()
    phone.get_by_role("button", name="Marcar en el mapa").click()
    use = phone.get_by_role("button", name="Usar este lugar")
    expect(use).to_be_enabled()
    use.click()
    press_send(phone)
    number_shown(phone)
    point = to_shape(the_informe()[1].point)
    assert (point.x, point.y) == pytest.approx((-77.13, -12.06), abs=0.001)


def test_what_the_coordinator_saw_has_place_and_photo(phone, coordinator, jpeg):
    enrol(phone, coordinator)
    begin_informe(phone, "propia", "falta_de_luz")
    take_photo(phone, jpeg)
    expect(phone.get_by_text("Tu ubicación: muy precisa")).to_be_visible()
    press_send(phone)
    numero = number_shown(phone)
    informe, report = the_informe()
    assert (informe.kind, informe.source) == (InformeKind.FACTOR_DE_RIESGO, Source.OWN)
    assert report.numero == numero
    assert report.place_source == PlaceSource.GPS
    assert count("attachment") == 1


def test_the_coordinator_reads_what_came_of_it(phone, coordinator, parts, callao, work):
    enrol(phone, coordinator)
    tell_of_a_neighbour(phone)
    press_send(phone)
    phone.get_by_role("button", name="Ver la lista de la junta").click()
    fate = phone.locator(".suertes li")
    expect(fate).to_contain_text("Me están robando o vi un robo")
    expect(fate.locator(".chapa")).to_have_text("Recibido")
    work()
    report = the_informe()[1]
    report_id, unit = report.id, db.session.get_one(PoliceUnit, report.unit_id)
    officer = a_member_of_staff("guardia", "operador", unit)
    triage.record_acknowledgement(parts, officer, report_id, clock.now())
    words = {"outcome": "patrulla_intervino", "words": "Se intervino"}
    triage.close(parts, officer, report_id, now=clock.now(), **words)
    phone.get_by_role("button", name="Inicio").click()
    open_tile(phone, "Qué pasó")
    expect(fate.locator(".chapa")).to_have_text("Atendido")
    expect(fate).to_contain_text("Fue una patrulla")
    phone.get_by_role("button", name="Inicio").click()
    open_tile(phone, "Resumen")
    expect(phone.locator(".lectura")).to_contain_text("Informamos a la policía de 1 delito.")


def test_a_sensible_one_shows_its_number_and_clave_once_and_no_list_has_it(phone, coordinator):
    watch_geolocation(phone)
    enrol(phone, coordinator)
    begin_informe(phone, "propia", "extorsion")
    phone.get_by_text("Seguir sin foto").click()
    write_place(phone)
    press_send(phone)
    expect(phone.get_by_text("no aparece en la lista de tu junta").first).to_be_visible()
    numero = number_shown(phone)
    expect(phone.locator("#clave")).to_be_visible()
    assert phone.evaluate("window.asked") == 0
    assert numero not in phone.evaluate(KEPT)
    phone.get_by_role("button", name="Salir").click()
    expect_door(phone)
    type_pin(phone)
    expect(phone.get_by_text("Tu informe llegó.")).to_be_visible()
    phone.get_by_role("button", name="Continuar").click()
    expect(phone.locator("#numero")).to_have_text(numero)
    phone.get_by_role("button", name="Informar otra cosa").click()
    phone.get_by_role("button", name="Ya los anoté, seguir").click()
    expect(phone.get_by_role("heading", name="¿Cómo lo sabes?")).to_be_visible()
    phone.get_by_role("button", name="Inicio").click()
    open_tile(phone, "Qué pasó")
    expect(phone.get_by_text("informó también un tema delicado")).to_be_visible()
    expect(phone.locator(".suertes li")).to_have_count(0)


def test_a_lost_answer_is_repeated_with_the_same_key_and_counts_once(phone, coordinator):
    keys: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > 1:
            return route.continue_()
        route.fetch()  # the server has it; the phone never hears so
        return route.abort("connectionreset")

    phone.route("**/api/v1/junta/informes", lose_the_first_answer)
    enrol(phone, coordinator)
    tell_of_a_neighbour(phone)
    press_send(phone)
    expect(phone.get_by_role("heading", name="Todavía no se envió")).to_be_visible()
    phone.get_by_role("button", name="Salir").click()
    type_pin(phone)
    phone.get_by_role("button", name="Continuar").click()
    number_shown(phone)
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert count("report") == count("informe") == 1


def test_without_a_line_nothing_is_lost_and_nothing_is_written_down(phone, coordinator):
    enrol(phone, coordinator)
    tell_of_a_neighbour(phone)
    phone.get_by_label("Cuéntanos más (opcional)").fill("Dos en una moto negra")
    cut_line(phone)
    press_send(phone)
    expect(phone.get_by_role("heading", name="Todavía no se envió")).to_be_visible()
    assert "moto" not in phone.evaluate(KEPT)
    phone.get_by_role("button", name="Volver y corregir").click()
    expect(phone.get_by_label("Cuéntanos más (opcional)")).to_have_value("Dos en una moto negra")
    mend_line(phone)
    press_send(phone)
    number_shown(phone)
    assert the_informe()[1].description == "Dos en una moto negra"


def test_an_access_that_ends_while_an_informe_is_written_gives_the_words_back(phone, coordinator):
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    enrol(phone, coordinator)
    secret = phone.evaluate(SEAL)
    tell_of_a_neighbour(phone)
    phone.get_by_label("Cuéntanos más (opcional)").fill("Dos en una moto negra")
    coordinator.lose_access()
    press_send(phone)
    expect(phone.get_by_role("heading", name="Tu acceso terminó")).to_be_visible()
    expect(phone.get_by_text("Lo que estabas contando no se envió.")).to_be_visible()
    told = phone.get_by_label("Lo que escribiste")
    for words in ("Me están robando o vi un robo", "Frente al mercado", "Dos en una moto negra"):
        expect(told).to_contain_text(words)
    expect(phone.get_by_text("no reconocerá tu PIN")).to_contain_text("Participación Ciudadana")
    assert phone.evaluate(SEAL) != secret
    assert "moto" not in phone.evaluate(KEPT)
    assert count("report") == 0
    expect(phone.get_by_role("link", name="Contarlo como vecino")).to_have_attribute("href", "/")
    phone.get_by_role("button", name="Copiar lo que escribí").click()
    expect(phone.get_by_text("Copiado.")).to_be_visible()
    assert "moto negra" in phone.evaluate("navigator.clipboard.readText()")
    phone.get_by_role("button", name="Volver").click()
    expect_door(phone)
    assert "moto negra" not in phone.content()


def test_of_an_informe_that_may_have_arrived_it_is_not_said_that_it_did_not(phone, coordinator):
    def lose_the_answer(route: Route) -> None:
        route.fetch()  # the server has it; the phone never hears so
        route.abort("connectionreset")

    phone.route("**/api/v1/junta/informes", lose_the_answer, times=1)
    enrol(phone, coordinator)
    tell_of_a_neighbour(phone)
    press_send(phone)
    expect(phone.get_by_role("heading", name="Todavía no se envió")).to_be_visible()
    coordinator.lose_access()
    phone.get_by_role("button", name="Reintentar ahora").click()
    expect(phone.get_by_role("heading", name="Tu acceso terminó")).to_be_visible()
    expect(phone.get_by_text("puede que haya llegado")).to_be_visible()
    expect(phone.get_by_text("no se envió")).to_have_count(0)
    assert count("report") == 1


def test_of_another_source_the_phones_place_is_not_sent(phone, coordinator):
    enrol(phone, coordinator)
    begin_informe(phone, "propia", "robo")
    phone.get_by_text("Seguir sin foto").click()
    expect(phone.get_by_text("Tu ubicación:")).to_be_visible()
    for _ in range(3):
        phone.go_back()
    expect(phone.get_by_role("heading", name="¿Cómo lo sabes?")).to_be_visible()
    phone.locator("button[data-codigo=vecino]").click()
    expect(phone.get_by_role("heading", name="Revisa y envía")).to_be_visible()
    expect(phone.get_by_text("Tu ubicación:")).to_have_count(0)
    press_send(phone)
    expect(phone.locator("#error-referencia")).to_be_visible()


def test_from_the_pin_to_the_number_with_the_keyboard_alone(phone, coordinator):
    enrol(phone, coordinator)
    phone.reload()
    expect_door(phone)
    press_until(phone, "#pin")
    phone.keyboard.type(PIN)
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", name=NAME)).to_be_focused()
    for selector in (
        "button.puerta >> nth=0",
        "button[data-codigo=propia]",
        "button[data-codigo=ruidos_alcohol]",
        "button:has-text('Seguir sin foto')",
    ):
        press_until(phone, selector)
        phone.keyboard.press("Enter")
    expect(phone.get_by_text("Tu ubicación:")).to_be_visible()
    press_until(phone, "button[type=submit]")
    phone.keyboard.press("Enter")
    number_shown(phone)
    assert the_informe()[0].kind == InformeKind.FALTA
