"""What a coordinator reads, and that every screen of the page can be used by anybody."""

from datetime import timedelta

import h3
import pytest
from playwright.sync_api import Route, expect

from backend import clock, triage
from backend.catalog.services import load_catalog
from backend.riskmap import services
from mobile_api import junta_informes
from tests.builders import Callao, a_member_of_staff, count
from tests.coordinating import a_coordinator
from tests.pages.conftest import DESKTOP, PHONE
from tests.pages.juntas import (
    NAME,
    SEAL,
    choose_pin,
    enrol,
    open_tile,
    press_send,
    tell_of_a_neighbour,
    the_informe,
    type_pin,
)
from tests.pages.test_alert import (
    number_shown,
)
from tests.pages.test_quality import serious_problems
from tests.plugins.chromium import cut_line, mend_line
from tests.riskmap.builders import a_report


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def screen_size(request: pytest.FixtureRequest) -> dict[str, int]:
    size: dict[str, int] = request.param
    return size


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


def test_the_comisarias_answers_are_quoted_in_its_own_words(phone, coordinator, callao):
    enrol(phone, coordinator)
    coordinator.secret = phone.evaluate(SEAL)
    assert coordinator.open().status_code == 200
    assert coordinator.tell("danos_pintas").status_code == 201
    _, report = the_informe()
    assert coordinator.tell("falta_de_luz").status_code == 201
    officer = a_member_of_staff("operador.west", "operador", callao.west)
    endless = "larguísimo" * 20
    for words in ("Va una patrulla.\nGracias por avisar.", f"<b>{endless}</b>"):
        triage.answer(coordinator.parts, officer, report.id, text=words, now=clock.now())
    open_tile(phone, "Qué pasó")
    silent, answered = (phone.locator(".suertes > li").nth(place) for place in (0, 1))
    expect(answered).to_contain_text("Respondieron:")
    quoted = answered.locator("blockquote")
    expect(quoted).to_have_count(2)
    expect(quoted.nth(0)).to_have_text("Va una patrulla. Gracias por avisar.")
    expect(quoted.nth(1)).to_have_text(f"<b>{endless}</b>")
    expect(silent).not_to_contain_text("respondió")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


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
    cut_line(phone)
    open_tile(phone, "Qué pasó")
    expect(phone.get_by_text("No pudimos cargar esto.")).to_be_visible()
    mend_line(phone)
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
