"""An officer with a keyboard and a denuncia, in a real browser: followed, opened once, reviewed."""

from contextlib import suppress
from uuid import UUID

import pytest
from playwright.sync_api import Error, expect

from backend import clock
from tests.formal import ROSA, make_formal
from tests.panel.stories import Officer, Town
from tests.panel.test_triage import OLD_DESKTOP, PHONE, OpenDesk, open_desk, serious, tab_to

__all__ = ["open_desk"]

WORDS = "Para citarla a declarar el martes"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
IDS = "[...document.querySelectorAll('[id]')].map((one) => one.id)"


@pytest.fixture
def denuncia(town: Town) -> UUID:
    report_id = town.report("robo_celular", descripcion="Me robaron el celular")
    make_formal(town.parts, report_id, clock.now())
    town.operador.act(report_id, "recibir")
    return report_id


def open_identity(page) -> None:
    """By the keyboard alone."""
    tab_to(page, ".persona summary")
    page.keyboard.press("Enter")
    tab_to(page, ".persona select")
    page.keyboard.type("Realizar")
    page.keyboard.press("Tab")
    page.keyboard.type(WORDS)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-una-vez]")).to_contain_text(ROSA["numero_documento"])


def test_a_denuncia_is_followed_by_keyboard(town: Town, denuncia: UUID, open_desk: OpenDesk):
    page = open_desk()
    tab_to(page, f"#e-{denuncia}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/panel/casos/{denuncia}")
    tab_to(page, "#d-actuacion summary")
    page.keyboard.press("Enter")
    tab_to(page, "a[href$='/actuacion/enviada_a_fiscalia']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/actuacion/enviada_a_fiscalia")
    tab_to(page, "#fiscalia")
    page.keyboard.type("Segunda fiscalía de Callao")
    page.keyboard.press("Tab")
    page.keyboard.type("1234-2026")
    tab_to(page, "main form button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/panel/casos/{denuncia}")
    expect(page.locator(".historia")).to_contain_text("Segunda fiscalía de Callao · 1234-2026")

    tab_to(page, "#d-qualify summary")
    page.keyboard.press("Enter")
    tab_to(page, "#qualify-calificacion")
    page.keyboard.type("010301")
    tab_to(page, "#form-qualify button")
    page.keyboard.press("Enter")
    expect(page.locator("[data-focus]")).to_contain_text("La calificación quedó agregada")


def test_an_identity_is_gone_after_leaving(town: Town, denuncia: UUID, open_desk: OpenDesk):
    page = open_desk(path=f"/panel/casos/{denuncia}")
    open_identity(page)
    assert ROSA["numero_documento"] not in page.url
    tab_to(page, "main a.btn-primary")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/panel/casos/{denuncia}")
    expect(page.locator(".persona").first).to_contain_text("abierta 1 vez por 1 persona")
    assert ROSA["numero_documento"] not in page.content()

    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert ROSA["numero_documento"] not in kept
    with suppress(Error):  # the browser kept nothing, and would have to send the form again
        page.go_back()
    # It may still be on its way somewhere: the locator waits for a page that stands.
    expect(page.locator("html")).not_to_contain_text(ROSA["numero_documento"])


def test_what_was_open_is_taken_from_a_page_that_a_browser_keeps(
    town: Town, denuncia: UUID, open_desk: OpenDesk
):
    page = open_desk(path=f"/panel/casos/{denuncia}")
    open_identity(page)
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    expect(page.locator("[data-una-vez]")).to_contain_text("La identidad se cerró")
    assert ROSA["numero_documento"] not in page.content()


@pytest.mark.parametrize("size", [PHONE, OLD_DESKTOP], ids=["phone", "desktop"])
def test_every_page_is_fit_for_everybody(town: Town, denuncia: UUID, open_desk: OpenDesk, size):
    auditor = town.officer("auditor", None)
    case = f"/panel/casos/{denuncia}"
    seen: list[tuple[Officer, str]] = [
        (town.operador, "/panel/mesa?plazo=por_vencer&tipo=denuncia"),
        (town.operador, case),
        (town.operador, f"{case}/actuacion/enviada_a_fiscalia"),
        (town.operador, f"{case}/actuacion/respondida"),
    ]
    for officer, path in seen:
        page = open_desk(officer, path, viewport=size)
        _check(page, path)
    page = open_desk(town.operador, case, viewport=size)
    open_identity(page)
    _check(page, "the opened identity")
    _check(open_desk(auditor, "/panel/identidades", viewport=size), "the openings")


def _check(page, what: str) -> None:
    for summary in page.locator("main details > summary").all():
        if not summary.evaluate("one => one.parentElement.open"):
            summary.click()
    assert serious(page) == [], what
    assert page.evaluate(TOO_WIDE) == 0, what
    ids = page.evaluate(IDS)
    assert len(ids) == len(set(ids)), what
