"""A coordinator's page: behind a PIN that every phone is asked for, an informe and its fate."""

import json
from datetime import timedelta

import h3
import pytest
from flask import Flask
from geoalchemy2.shape import to_shape
from playwright.sync_api import Page, Request, Route, expect
from sqlalchemy import select

from backend import clock, triage
from backend.boards.access import revoke_member_access
from backend.catalog.services import load_catalog
from backend.db import db, transaction
from backend.informes.models import Informe, InformeKind, Source
from backend.reports.models import PlaceSource, Report
from backend.riskmap import services
from backend.territory.models import PoliceUnit
from mobile_api import junta_informes
from tests.builders import Callao, a_member_of_staff, count
from tests.coordinating import PIN, Coordinator, a_coordinator
from tests.pages.conftest import DESKTOP, PHONE
from tests.pages.test_alert import (
    bodies,
    number_shown,
    press_until,
    take_photo,
    watch_geolocation,
    write_place,
)
from tests.pages.test_quality import serious_problems
from tests.riskmap.builders import a_report

WRONG = "El PIN no coincide"
NAME = "Junta Los Faros"
SEAL = "localStorage.getItem('ya.sello')"
KEPT = "JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"


@pytest.fixture
def coordinator(app: Flask, callao: Callao) -> Coordinator:
    """Somebody who is in the comisaría, the phone in the hand."""
    return a_coordinator(app, callao.west, is_in=False, name=NAME)


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def screen_size(request: pytest.FixtureRequest) -> dict[str, int]:
    size: dict[str, int] = request.param
    return size


def choose_pin(page: Page, pin: str = PIN, again: str = "") -> None:
    page.get_by_label("Tu PIN nuevo").fill(pin)
    page.get_by_label("Escríbelo otra vez").fill(again or pin)
    page.get_by_role("button", name="Guardar mi PIN").click()


def enrol(page: Page, coordinator: Coordinator) -> None:
    page.goto(f"/junta#codigo={coordinator.code()}")
    choose_pin(page)
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()


def type_pin(page: Page, pin: str = PIN) -> None:
    page.get_by_label("Escribe tu PIN de 6 números").fill(pin)
    page.get_by_role("button", name="Entrar").click()


def expect_door(page: Page) -> None:
    expect(page.get_by_label("Escribe tu PIN de 6 números")).to_be_visible()
    expect(page.get_by_text(NAME)).to_have_count(0)


def open_tile(page: Page, name: str) -> None:
    page.locator("button.puerta", has_text=name).click()


def begin_informe(page: Page, source: str, categoria: str) -> None:
    open_tile(page, "Informar")
    page.locator(f"button[data-codigo={source}]").click()
    page.locator(f"button[data-codigo={categoria}]").click()


def tell_of_a_neighbour(page: Page, categoria: str = "robo") -> None:
    begin_informe(page, "vecino", categoria)
    page.get_by_text("Seguir sin foto").click()
    write_place(page)


def press_send(page: Page) -> None:
    page.get_by_role("button", name="Enviar informe").click()


def the_informe() -> tuple[Informe, Report]:
    db.session.rollback()
    row = db.session.execute(
        select(Informe, Report).join(Report, Report.id == Informe.report_id)
    ).one()
    return row[0], row[1]


# The door


def test_the_code_of_the_comisaria_and_a_pin_open_the_junta(phone, coordinator):
    enrol(phone, coordinator)
    expect(phone.get_by_text("Listo: tu PIN quedó guardado.")).to_be_visible()
    phone.reload()
    expect_door(phone)
    type_pin(phone)
    expect(phone.get_by_role("heading", name=NAME)).to_be_visible()
    expect(phone.get_by_text("Comisaría WEST")).to_be_visible()


def test_the_code_leaves_the_address_at_once(phone, coordinator):
    code = coordinator.code()
    phone.goto(f"/junta#codigo={code}")
    expect(phone.get_by_role("heading", name="Crea tu PIN")).to_be_visible()
    assert phone.url.endswith("/junta")
    phone.goto("/")
    phone.go_back()
    assert "codigo" not in phone.url


def test_a_code_read_while_the_page_is_open_is_taken_too(phone, coordinator):
    phone.goto("/junta")
    expect_door(phone)
    phone.evaluate(f"location.hash = 'codigo={coordinator.code()}'")
    choose_pin(phone)
    expect(phone.get_by_role("heading", name=NAME)).to_be_visible()
    assert phone.url.endswith("/junta")


def test_the_code_can_be_typed_and_a_mistake_is_said_at_its_field(phone, coordinator):
    phone.goto("/junta")
    phone.get_by_role("button", name="Tengo un código de mi comisaría").click()
    phone.get_by_label("Código de la comisaría").fill("0000-0000")
    choose_pin(phone)
    expect(phone.locator("#error-codigo")).to_be_visible()
    expect(phone.get_by_text("El código dura 15 minutos y sirve una sola vez")).to_be_visible()
    phone.get_by_label("Código de la comisaría").fill(coordinator.code().lower().replace("-", " "))
    choose_pin(phone, again="111111")
    expect(phone.locator("#error-pin-otra-vez")).to_contain_text("no son iguales")
    choose_pin(phone, "123456")
    expect(phone.locator("#error-pin-nuevo")).to_contain_text("fácil de adivinar")
    choose_pin(phone)
    expect(phone.get_by_role("heading", name=NAME)).to_be_visible()


def test_where_nothing_can_be_kept_the_code_is_not_used_up(phone, coordinator):
    phone.add_init_script("Storage.prototype.setItem = () => { throw new Error('full'); }")
    phone.goto(f"/junta#codigo={coordinator.code()}")
    choose_pin(phone)
    expect(phone.get_by_text("Este navegador no deja guardar nada")).to_be_visible()
    assert count("coordinator WHERE enrolled_at IS NOT NULL") == 0


def test_a_phone_that_was_never_enrolled_is_told_from_no_other(phone, open_phone, coordinator):
    stranger = open_phone()
    enrol(phone, coordinator)
    phone.reload()
    stranger.goto("/junta")
    asked: list[Request] = []
    for page in (phone, stranger):
        page.on("request", lambda one: asked.append(one) if one.method == "POST" else None)
        type_pin(page, "975310")
        expect(page.locator("#error-pin")).to_contain_text(WRONG)
    looks = [page.locator("main").inner_html() for page in (phone, stranger)]
    assert looks[0] == looks[1]
    mine, theirs = (json.loads(one.post_data or "") for one in asked)
    assert mine.keys() == theirs.keys()
    assert len(mine["secreto"]) == len(theirs["secreto"]) == 43
    shapes = [
        page.evaluate("Object.entries(localStorage).map(([key, value]) => [key, value.length])")
        for page in (phone, stranger)
    ]
    assert shapes[0] == shapes[1] == [["ya.sello", 43]]


def test_a_decoy_is_written_once(phone, callao):
    phone.goto("/junta")
    expect_door(phone)
    first = phone.evaluate(SEAL)
    phone.reload()
    expect_door(phone)
    assert phone.evaluate(SEAL) == first


def test_after_three_wrong_pins_it_says_where_to_go(phone, callao):
    phone.goto("/junta")
    for tries in range(3):
        expect(phone.get_by_text("¿No recuerdas tu PIN?")).to_have_count(0)
        type_pin(phone, f"97531{tries}")
        expect(phone.get_by_label("Escribe tu PIN de 6 números")).to_have_value("")
    expect(phone.get_by_text("¿No recuerdas tu PIN?")).to_be_visible()


def test_what_is_typed_is_hidden_and_no_browser_offers_to_keep_it(phone, callao):
    phone.goto("/junta")
    field = phone.get_by_label("Escribe tu PIN de 6 números")
    field.fill("12ab34")
    expect(field).to_have_value("1234")
    assert field.get_attribute("type") == "text"
    hidden = "(one) => getComputedStyle(one).webkitTextSecurity"
    assert field.evaluate(hidden) == "disc"
    phone.get_by_label("Ver lo que escribo").check()
    assert field.evaluate(hidden) == "none"
    type_pin(phone, "1234")
    expect(phone.locator("#error-pin")).to_contain_text("6 números")


# It closes


def test_it_closes_after_five_minutes_and_goes_on_where_it_was(phone, coordinator):
    phone.clock.install()
    enrol(phone, coordinator)
    tell_of_a_neighbour(phone)
    phone.get_by_label("Cuéntanos más (opcional)").fill("Dos en una moto")
    phone.clock.fast_forward(4 * 60_000)
    phone.keyboard.press("Shift")
    phone.clock.fast_forward(4 * 60_000)
    expect(phone.get_by_label("Cuéntanos más (opcional)")).to_be_visible()
    phone.clock.fast_forward(2 * 60_000)
    expect_door(phone)
    expect(phone.get_by_text("Pasaron 5 minutos")).to_be_visible()
    assert "Dos en una moto" not in phone.content()
    type_pin(phone)
    expect(phone.get_by_text("Tienes un informe sin enviar.")).to_be_visible()
    phone.get_by_role("button", name="Continuar").click()
    expect(phone.get_by_label("Cuéntanos más (opcional)")).to_have_value("Dos en una moto")
    expect(phone.get_by_label("Referencia", exact=True)).to_have_value("Frente al mercado")


def test_leaving_it_shows_the_pin_and_forgets_the_informe(phone, coordinator):
    enrol(phone, coordinator)
    tell_of_a_neighbour(phone)
    phone.get_by_role("button", name="Salir").click()
    expect_door(phone)
    type_pin(phone)
    expect(phone.get_by_text("Tienes un informe sin enviar.")).to_be_visible()
    # What a browser does before it keeps a page for its back button.
    phone.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    phone.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect_door(phone)
    type_pin(phone)
    expect(phone.get_by_role("heading", name=NAME)).to_be_visible()
    expect(phone.get_by_text("Tienes un informe sin enviar.")).to_have_count(0)


def test_when_the_session_is_over_the_pin_is_asked_again(phone, coordinator):
    enrol(phone, coordinator)
    phone.route("**/junta/resumen*", lambda route: route.fulfill(status=401, body="{}"))
    open_tile(phone, "Resumen para la reunión")
    expect_door(phone)
    expect(phone.get_by_text("Tu sesión terminó. Escribe tu PIN otra vez.")).to_be_visible()


def test_who_was_removed_is_refused_at_the_next_call_with_the_reason(phone, coordinator):
    enrol(phone, coordinator)
    secret = phone.evaluate(SEAL)
    with transaction():
        revoke_member_access(
            coordinator.member_id, "dejo_el_cargo", coordinator.office_id, clock.now()
        )
    open_tile(phone, "Qué pasó con lo que informamos")
    expect(phone.get_by_role("heading", name="Tu acceso terminó")).to_be_visible()
    expect(phone.get_by_text("acércate a tu comisaría (Comisaría WEST")).to_be_visible()
    assert phone.evaluate(SEAL) != secret
    phone.get_by_role("button", name="Volver").click()
    expect_door(phone)


def test_neither_title_nor_history_nor_storage_names_the_junta(phone, coordinator):
    enrol(phone, coordinator)
    told = []
    for tile in ("Informar", "Qué pasó", "Resumen", "Lo que se confirmó"):
        open_tile(phone, tile)
        told.append(phone.title() + phone.evaluate(f"JSON.stringify(history.state) + {KEPT}"))
        phone.get_by_role("button", name="Inicio").click()
    assert not [one for one in told if NAME in one]
    assert {one.split(" · ")[0] for one in told} == {"Juntas vecinales"}
    assert phone.url.endswith("/junta")
    assert phone.evaluate("Object.keys(localStorage).join()") == "ya.sello"
    assert phone.evaluate("sessionStorage.length") == 0


def test_the_link_to_the_content_closes_no_screen(phone, coordinator):
    enrol(phone, coordinator)
    begin_informe(phone, "propia", "robo")
    phone.keyboard.press("Control+Home")
    phone.get_by_role("link", name="Ir al contenido").press("Enter")
    phone.get_by_text("Seguir sin foto").click()
    expect(phone.get_by_role("heading", name="Revisa y envía")).to_be_visible()
    phone.go_back()
    phone.go_back()
    expect(phone.get_by_role("heading", name="¿Puedes mostrar qué pasa?")).to_be_visible()


def test_before_its_end_the_access_reminds_of_the_comisaria(phone, app, callao):
    soon = clock.in_lima(clock.now()).date() + timedelta(days=9)
    enrol(phone, a_coordinator(app, callao.west, is_in=False, name=NAME, until=soon))
    expect(phone.get_by_text(f"Tu acceso vence el {soon:%d/%m/%Y}.")).to_be_visible()


# The informe


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
    phone.context.set_offline(True)
    press_send(phone)
    expect(phone.get_by_role("heading", name="Todavía no se envió")).to_be_visible()
    assert "moto" not in phone.evaluate(KEPT)
    phone.get_by_role("button", name="Volver y corregir").click()
    expect(phone.get_by_label("Cuéntanos más (opcional)")).to_have_value("Dos en una moto negra")
    phone.context.set_offline(False)
    press_send(phone)
    number_shown(phone)
    assert the_informe()[1].description == "Dos en una moto negra"


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


# The lists


def test_a_long_list_is_read_page_by_page(phone, coordinator, monkeypatch):
    monkeypatch.setattr(junta_informes, "PAGE_ROWS", 3)
    enrol(phone, coordinator)
    coordinator.secret = phone.evaluate(SEAL)
    assert coordinator.open().status_code == 200
    for _ in range(5):
        assert coordinator.tell("danos_pintas").status_code == 201
    open_tile(phone, "Qué pasó")
    expect(phone.locator(".suertes li")).to_have_count(3)
    phone.get_by_role("button", name="Ver más").click()
    expect(phone.locator(".suertes li")).to_have_count(5)
    expect(phone.get_by_role("button", name="Ver más")).to_have_count(0)


def test_the_month_is_read_aloud_in_large_letters(phone, coordinator):
    enrol(phone, coordinator)
    open_tile(phone, "Resumen")
    expect(phone.locator(".lectura")).to_contain_text("Este mes no hay informes que contar")
    expect(phone.get_by_role("button", name="Mes siguiente")).to_be_disabled()
    phone.get_by_role("button", name="Leer en voz alta").click()
    assert phone.locator(".lectura p").evaluate("(one) => getComputedStyle(one).fontSize") == "24px"
    phone.get_by_role("button", name="Mes anterior").click()
    last_month = (clock.in_lima(clock.now()).replace(day=1) - timedelta(days=1)).year
    expect(phone.locator(".lectura h2")).to_contain_text(str(last_month))
    for _ in range(8):
        phone.get_by_role("button", name="Mes anterior").click()
    expect(phone.get_by_text("la junta todavía no existía")).to_be_visible()


def test_printed_the_month_has_nothing_of_the_page_around_it(phone, coordinator):
    enrol(phone, coordinator)
    open_tile(phone, "Resumen")
    expect(phone.locator(".lectura")).to_be_visible()
    phone.emulate_media(media="print")
    for gone in ("header", "nav", "footer", "button"):
        expect(phone.locator(gone).first).to_be_hidden()
    expect(phone.locator(".lectura")).to_be_visible()


def test_a_list_that_did_not_come_can_be_asked_again(phone, coordinator):
    enrol(phone, coordinator)
    phone.context.set_offline(True)
    open_tile(phone, "Qué pasó")
    expect(phone.get_by_text("No pudimos cargar esto.")).to_be_visible()
    phone.context.set_offline(False)
    phone.get_by_role("button", name="Intentar de nuevo").click()
    expect(phone.get_by_text("Tu junta todavía no informó nada")).to_be_visible()


# What neighbours confirm


@pytest.fixture
def confirmed(callao: Callao) -> list[str]:
    """Yesterday the police verified a robbery in one cell of the junta and graffiti in another."""
    noon = clock.in_lima(clock.now()).replace(hour=12) - timedelta(days=1)
    middle = h3.latlng_to_cell(-12.06, -77.13, 9)
    cells = [middle, sorted(h3.grid_ring(middle, 1))[0]]
    a_report(cells[0], verified_at=noon)
    a_report(cells[1], verified_at=noon, categoria="danos_pintas")
    services.rebuild(load_catalog())
    return cells


def test_what_was_confirmed_is_drawn_listed_and_seen_as_well(phone, coordinator, confirmed):
    enrol(phone, coordinator)
    open_tile(phone, "Lo que se confirmó ayer")
    expect(phone.locator(".dibujo polygon")).to_have_count(2)
    robbery = phone.locator(".confirmado", has_text="Me están robando o vi un robo")
    robbery.get_by_role("button").click()
    expect(robbery).to_contain_text("Ya lo dijiste")
    assert count("junta_confirmation WHERE categoria = 'robo'") == 1
    phone.get_by_role("button", name="Inicio").click()
    open_tile(phone, "Lo que se confirmó ayer")
    expect(robbery).to_contain_text("Ya lo dijiste")
    expect(phone.get_by_role("button", name="Yo también lo vi")).to_have_count(1)


def test_the_zones_can_be_seen_on_the_map(phone, coordinator, confirmed):
    enrol(phone, coordinator)
    open_tile(phone, "Lo que se confirmó ayer")
    phone.get_by_role("button", name="Ver en el mapa").click()
    expect(phone.locator(".maplibregl-canvas")).to_be_visible()
    phone.get_by_role("button", name="Cerrar el mapa").click()
    expect(phone.locator(".maplibregl-canvas")).to_have_count(0)


def test_a_phone_that_cannot_draw_maps_has_the_drawing_and_the_list(phone, coordinator, confirmed):
    def broken(route: Route) -> None:
        route.fulfill(body="throw new Error('no WebGL')", content_type="text/javascript")

    phone.route("**/static/assets/map-*.js", broken)
    enrol(phone, coordinator)
    open_tile(phone, "Lo que se confirmó ayer")
    phone.get_by_role("button", name="Ver en el mapa").click()
    expect(phone.get_by_text("Este teléfono no pudo abrir el mapa.")).to_be_visible()
    expect(phone.locator(".dibujo polygon")).to_have_count(2)


def test_without_an_area_it_says_whom_to_ask(phone, app, callao):
    enrol(phone, a_coordinator(app, callao.west, is_in=False, name=NAME, box=None))
    open_tile(phone, "Lo que se confirmó ayer")
    expect(phone.get_by_text("todavía no dibujó la zona de tu junta")).to_be_visible()


# For everybody


def test_axe_finds_nothing_serious_on_any_screen(open_phone, app, callao, confirmed, screen_size):
    page = open_phone(viewport=screen_size, bypass_csp=True)
    coordinator = a_coordinator(app, callao.west, is_in=False, name=NAME)
    page.goto("/junta")
    type_pin(page, "975310")
    expect(page.locator("#error-pin")).to_be_visible()
    found = serious_problems(page)
    page.goto(f"/junta#codigo={coordinator.code()}")
    expect(page.get_by_role("heading", name="Crea tu PIN")).to_be_visible()
    found += serious_problems(page)
    choose_pin(page)
    for tile, shows in (
        ("Informar", "¿Cómo lo sabes?"),
        ("Lo que se confirmó", "Zona 1"),
        ("Resumen", "Mes anterior"),
    ):
        expect(page.get_by_role("heading", name=NAME)).to_be_visible()
        found += serious_problems(page)
        open_tile(page, tile)
        expect(page.get_by_text(shows)).to_be_visible()
        found += serious_problems(page)
        page.get_by_role("button", name="Inicio").click()
    tell_of_a_neighbour(page)
    found += serious_problems(page)
    press_send(page)
    number_shown(page)
    found += serious_problems(page)
    page.get_by_role("button", name="Ver la lista de la junta").click()
    expect(page.locator(".suertes li")).to_have_count(1)
    found += serious_problems(page)
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_is_tapped_is_large_enough(phone, coordinator):
    enrol(phone, coordinator)
    small = (
        "[...document.querySelectorAll('main button, main input')]"
        ".map((one) => [one.textContent, one.getBoundingClientRect().height])"
        ".filter(([, height]) => height < 48)"
    )
    assert phone.evaluate(small) == []
    open_tile(phone, "Resumen")
    expect(phone.locator(".lectura")).to_be_visible()
    assert phone.evaluate(small) == []


def test_without_scripts_it_says_what_a_junta_is_and_whom_to_call(open_phone, callao):
    page = open_phone(java_script_enabled=False)
    page.goto("/")
    page.get_by_role("contentinfo").get_by_role("link", name="Juntas vecinales").click()
    expect(page.get_by_role("heading", name="Juntas vecinales")).to_be_visible()
    expect(page.get_by_text("Tu acceso se hace en la comisaría, en persona")).to_be_visible()
    expect(page.locator(".linea-tel").first).to_be_visible()
    expect(page.locator("input")).to_have_count(0)


def test_the_alert_does_not_fetch_the_juntas_page(phone, callao):
    addresses: list[str] = []
    phone.on("request", lambda one: addresses.append(one.url))
    phone.goto("/", wait_until="networkidle")
    assert not [one for one in addresses if "/app-" in one or "junta" in one]
