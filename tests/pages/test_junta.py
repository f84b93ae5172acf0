"""The door of the juntas' page: a PIN asked of every phone, and when it closes again."""

import json
from datetime import timedelta

from playwright.sync_api import Request, expect

from backend import clock
from tests.builders import count
from tests.coordinating import a_coordinator
from tests.pages.juntas import (
    KEPT,
    NAME,
    SEAL,
    WRONG,
    begin_informe,
    choose_pin,
    enrol,
    expect_door,
    open_tile,
    tell_of_a_neighbour,
    type_pin,
)


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
    coordinator.lose_access()
    open_tile(phone, "Qué pasó con lo que informamos")
    expect(phone.get_by_role("heading", name="Tu acceso terminó")).to_be_visible()
    expect(phone.get_by_text("acércate a tu comisaría (Comisaría WEST")).to_be_visible()
    expect(phone.get_by_text("no reconocerá tu PIN")).to_contain_text("Participación Ciudadana")
    expect(phone.get_by_text("no se envió")).to_have_count(0)
    assert phone.evaluate(SEAL) != secret
    phone.get_by_role("button", name="Volver").click()
    expect_door(phone)


def test_what_was_not_sent_is_taken_off_the_screen_after_five_minutes(phone, coordinator):
    phone.clock.install()
    enrol(phone, coordinator)
    tell_of_a_neighbour(phone)
    phone.get_by_label("Cuéntanos más (opcional)").fill("Dos en una moto negra")
    coordinator.lose_access()
    phone.get_by_role("button", name="Enviar informe").click()
    expect(phone.get_by_text("Dos en una moto negra")).to_be_visible()
    phone.clock.fast_forward(5 * 60_000)
    expect_door(phone)
    assert "moto negra" not in phone.content()


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
