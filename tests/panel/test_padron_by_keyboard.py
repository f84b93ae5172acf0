"""An officer of the padrón with a keyboard, in a real browser; the map, too, and every page."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from playwright.sync_api import Error, Page, expect

from backend.boards.models import JuntaVecinal
from backend.boards.queries import area_of
from backend.db import db
from backend.territory.queries import today
from tests.juntas import BLOCK, a_junta, a_member, an_identity, an_office_account
from tests.panel.padron import LIST, address, member_address
from tests.panel.stories import Officer, Town
from tests.panel.test_triage import OLD_DESKTOP, PHONE, OpenDesk, open_desk, serious, tab_to

__all__ = ["open_desk"]

NAME = "Nombreoculto"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
IDS = "[...document.querySelectorAll('[id]')].map((one) => one.id)"
SMALL = "(box) => [...document.querySelectorAll(box)].filter((b) => b.offsetHeight < 40).length"


@pytest.fixture
def office(town: Town) -> Officer:
    officer = Officer.__new__(Officer)
    officer.staff = an_office_account(town.callao.west)
    return officer


@pytest.fixture
def junta(town: Town) -> JuntaVecinal:
    """With a coordinator whose name nobody should come across."""
    junta = a_junta(town.callao.west)
    a_member(junta, "coordinador", identity=an_identity("47110815", nombres=NAME))
    a_member(junta, is_repeated=True)
    return junta


def press(page: Page, selector: str) -> None:
    tab_to(page, selector, most=120)
    page.keyboard.press("Enter")


def fill(page: Page, selector: str, words: str) -> None:
    tab_to(page, selector, most=120)
    page.keyboard.type(words)


def fill_day(page: Page, selector: str, day) -> None:
    """Digits alone: the order in which a browser asks for them is its language's."""
    page.locator(selector).fill(day.isoformat())


def test_a_junta_from_its_act_to_its_members(office: Officer, open_desk: OpenDesk):
    page = open_desk(office, LIST)
    press(page, f'main a[href="{LIST}/nueva"]')
    page.wait_for_url("**/nueva")
    fill(page, "#codigo", "jv-12")
    fill(page, "#nombre", "Junta de la manzana C")
    tab_to(page, "#ambito")
    page.keyboard.type("Manzana")
    fill(page, "#acto", "Acta 12-2026")
    fill_day(page, "#reconocida", today())
    fill_day(page, "#desde", today())
    press(page, "main form button")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Junta de la manzana C")

    press(page, 'main a[href$="/integrantes/nuevo"]')
    page.wait_for_url("**/integrantes/nuevo")
    tab_to(page, "#cargo")
    page.keyboard.type("Coord")
    tab_to(page, "[name=sexo]")
    page.keyboard.press("Space")
    tab_to(page, "#designado_por")
    page.keyboard.type("La asam")
    for field, words in an_identity("40000012", nombres=NAME, celular="900000012").items():
        if field != "tipo_documento":  # already the usual one
            page.locator(f"#{field}").focus()
            page.keyboard.type(words)
    press(page, "main form button")
    expect(page.locator(".miembros").first).to_contain_text("Miembro 1")
    assert NAME not in page.content()


def test_names_are_gone_after_leaving(junta: JuntaVecinal, office: Officer, open_desk: OpenDesk):
    page = open_desk(office, address(junta.id))
    press(page, "#nombres summary")
    tab_to(page, "#n-motivo")
    page.keyboard.type("Llamar")
    press(page, "#nombres button")
    expect(page.locator("[data-una-vez]")).to_contain_text(NAME)
    assert NAME not in page.url + page.title()
    press(page, "main a.btn-primary")
    expect(page.get_by_role("heading", level=1)).to_contain_text(junta.name)
    assert NAME not in page.content()
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert NAME not in kept
    with suppress(Error):  # the browser kept nothing, and would have to send the form again
        page.go_back()
    expect(page.locator("html")).not_to_contain_text(NAME)


def test_names_are_taken_from_a_page_that_a_browser_keeps(
    junta: JuntaVecinal, office: Officer, open_desk: OpenDesk
):
    page = open_desk(office, address(junta.id))
    page.locator("#nombres summary").click()
    page.locator("#n-motivo").select_option("reunion")
    page.locator("#nombres button").click()
    expect(page.locator("[data-una-vez]")).to_contain_text(NAME)
    page.wait_for_load_state()  # the names are there before the script that takes them away
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    expect(page.locator("[data-una-vez]")).to_contain_text("Los nombres se cerraron")
    assert NAME not in page.content()


# The area


def area_page(page: Page) -> None:
    expect(page.locator("#area-mapa[data-listo]")).to_be_visible()


def test_an_area_is_drawn_with_taps(town: Town, office: Officer, open_desk: OpenDesk):
    junta_id = a_junta(town.callao.west, box=None).id
    page = open_desk(office, address(junta_id, "/area"), viewport=PHONE)
    area_page(page)
    said, map_ = page.locator("#area-dicho"), page.locator("#area-mapa canvas")
    expect(said).to_contain_text("Hacen falta por lo menos tres")
    for x, y in ((130, 150), (230, 150), (230, 250), (60, 60)):
        map_.click(position={"x": x, "y": y})
    expect(said).to_contain_text("Esquinas: 4")
    page.get_by_role("button", name="Quitar la última").click()
    expect(said).to_contain_text("Esquinas: 3")
    page.get_by_role("button", name="Cerrar el área").click()
    expect(said).to_contain_text("El área está cerrada")
    map_.click(position={"x": 60, "y": 60})
    expect(said).to_contain_text("El área está cerrada")
    page.get_by_role("button", name="Guardar el área").click()
    expect(page.get_by_role("status").first).to_contain_text("El área quedó guardada")
    expect(page.locator("#area-mapa[data-listo]")).to_be_visible()
    db.session.rollback()
    [[ring]] = json.loads(area_of(junta_id) or "")["coordinates"]
    assert len(ring) == 4
    assert all(-77.14 < lon < -77.12 and -12.07 < lat < -12.05 for lon, lat in ring)


def test_an_area_is_drawn_by_keyboard(town: Town, office: Officer, open_desk: OpenDesk):
    junta_id = a_junta(town.callao.west, box=None).id
    page = open_desk(office, address(junta_id, "/area"))
    area_page(page)
    said = page.locator("#area-dicho")
    for corner, arrow in enumerate(("ArrowRight", "ArrowDown", "ArrowLeft"), start=1):
        tab_to(page, '[data-area="centro"]')
        page.keyboard.press("Enter")
        expect(said).to_contain_text(f"Esquinas: {corner}")
        page.locator("#area-mapa canvas").focus()
        page.keyboard.press(arrow)
        page.wait_for_timeout(600)  # the map glides
    press(page, '[data-area="cerrar"]')
    expect(said).to_contain_text("El área está cerrada")
    press(page, "main form > button.btn-primary")
    page.wait_for_url(f"**{address(junta_id)}")
    db.session.rollback()
    assert area_of(junta_id)


def test_a_wrong_area_stays_on_the_map(town: Town, office: Officer, open_desk: OpenDesk):
    junta_id = a_junta(town.callao.west, box=None).id
    page = open_desk(office, address(junta_id, "/area"))
    area_page(page)
    page.locator("summary").click()
    far = "-13.00, -76.00\n-13.00, -75.99\n-13.01, -75.99"
    page.locator("#area").fill(far)
    expect(page.locator("#area-dicho")).to_contain_text("El área está cerrada")
    page.get_by_role("button", name="Guardar el área").click()
    expect(page.get_by_role("alert")).to_contain_text("fuera de la jurisdicción")
    area_page(page)
    expect(page.locator("#area")).to_have_value(far)
    expect(page.locator("#area-dicho")).to_contain_text("El área está cerrada")
    page.get_by_role("button", name="Borrar todo").click()
    expect(page.locator("#area")).to_have_value("")


# Every page


@pytest.mark.parametrize("size", [PHONE, OLD_DESKTOP], ids=["phone", "desktop"])
def test_every_page_is_fit_for_everybody(
    town: Town, junta: JuntaVecinal, office: Officer, open_desk: OpenDesk, size
):
    member = a_member(junta, "vocal")
    a_junta(town.callao.west, "JV-2", until=today() + timedelta(days=9), box=BLOCK)
    junta_id = junta.id
    paths = [
        LIST,
        f"{LIST}?buscar=nada",
        f"{LIST}/nueva",
        address(junta_id),
        address(junta_id, "/editar"),
        address(junta_id, "/area"),
        address(junta_id, "/integrantes/nuevo"),
        member_address(member.id),
    ]
    page = open_desk(office, LIST, viewport=size)
    for path in paths:
        page.goto(path)
        _check(page, path)
    for button, wrong in (("/integrantes/nuevo", "main form button"), ("", "#disolver button")):
        page.goto(address(junta_id, button))
        _open_all(page)
        page.evaluate("document.querySelectorAll('[required]').forEach((f) => f.required = false)")
        page.once("dialog", lambda dialog: dialog.accept())
        page.locator(wrong).first.click()
        expect(page.get_by_role("alert").first).to_contain_text("Revise lo marcado")
        _check(page, f"{button} refused")
    page.goto(address(junta_id))
    page.get_by_role("button", name="Habilitar el acceso").click()
    expect(page.locator(".qr-acceso")).to_be_visible()
    _check(page, "the code")
    page.goto(address(junta_id))
    page.locator("#nombres summary").click()
    page.locator("#n-motivo").select_option("reunion")
    page.locator("#nombres button").click()
    expect(page.locator("[data-una-vez]")).to_be_visible()
    _check(page, "the names")
    _check(open_desk(town.officer("comisario", town.callao.west), address(junta_id)), "comisario")


def _open_all(page: Page) -> None:
    for summary in page.locator("main details > summary").all():
        if not summary.evaluate("one => one.parentElement.open"):
            summary.click()


def _check(page: Page, what: str) -> None:
    _open_all(page)
    assert serious(page) == [], what
    assert page.evaluate(TOO_WIDE) == 0, what
    ids = page.evaluate(IDS)
    assert len(ids) == len(set(ids)), what
    assert page.evaluate(SMALL, "main .btn") == 0, what
