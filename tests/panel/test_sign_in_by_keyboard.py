"""The first sign-in in a browser, without a mouse, at the two sizes that matter."""

from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from backend import clock
from backend.identity import services as identity

NEW_PASSWORD = "cuatro palabras bien largas"


@pytest.fixture(params=[(360, 740), (1366, 768)], ids=["phone", "desk"])
def page(request, browser: Browser, live_server: str) -> Iterator[Page]:
    """A page that fails the test when the policy refuses anything on it."""
    width, height = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="es-PE", base_url=live_server
    )
    opened, complaints = context.new_page(), []
    opened.set_default_timeout(15_000)
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else 0)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert complaints == []


def write(page: Page, *texts: str) -> None:
    """Type into the field that has the focus and the following ones, then send."""
    for n, text in enumerate(texts):
        if n:
            page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Enter")


def assert_fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_new_auditor_enrols_without_a_mouse(app, page):
    one_time = identity.create_staff(
        "vera", "Vera", roles=["auditor"], unit_id=None, by=None, now=clock.now()
    )
    page.goto("/panel/")
    expect(page.locator("#username")).to_be_focused()
    assert_fits(page)
    write(page, "vera", one_time)
    expect(page.get_by_role("button", name="Mostrar mi llave nueva")).to_be_focused()
    page.keyboard.press("Enter")
    secret = page.locator("#llave").inner_text().replace("-", "")
    assert page.locator("img.qr").evaluate("picture => picture.naturalWidth") > 0
    assert_fits(page)
    expect(page.locator("#code")).to_be_focused()
    write(page, pyotp.TOTP(secret).now())
    expect(page.locator("#password")).to_be_focused()
    write(page, one_time, NEW_PASSWORD, NEW_PASSWORD)
    expect(page.get_by_role("heading", name="Códigos de recuperación")).to_be_visible()
    button = page.get_by_role("button", name="Crear códigos nuevos")
    reach(page, button)
    page.keyboard.press("Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    assert_fits(page)
    reach(page, page.get_by_role("link", name="continuar"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Auditoría")).to_be_visible()
    assert_fits(page)


def test_the_first_tab_skips_to_the_content(page):
    page.goto("/panel/entrar")
    page.locator("body").evaluate("() => document.activeElement.blur()")
    page.locator(".to-content").focus()
    expect(page.locator(".to-content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#contenido")).to_be_focused()


def reach(page: Page, target) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(30):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab never reaches it")
