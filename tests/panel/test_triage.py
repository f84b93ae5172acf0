"""An officer with a keyboard and nothing else, in a real browser, from the desk to the closure."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from backend.reports.numbers import new_number
from tests.panel.conftest import cookies_for
from tests.panel.stories import Officer, Town
from tests.plugins.chromium import cut_line, mend_line

AXE = Path(__file__).parents[2] / "pwa" / "node_modules" / "axe-core" / "axe.min.js"
ONLY = "document, {resultTypes: ['violations']}"  # what passes need not be described
OLD_DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 360, "height": 740}
# Counts the tones that a page plays, by their pitch.
COUNT_TONES = """
window.tones = [];
const made = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () {
  const tone = made.call(this);
  const start = tone.start.bind(tone);
  tone.start = (at) => { window.tones.push(tone.frequency.value); start(at); };
  return tone;
};
"""
# What browser and htmx print about an answer that a story provokes.
EXPECTED_IN_CONSOLE = (
    "Failed to load resource",
    "GL Driver Message",
    "GPU stall",
    "Response Status Error Code 40",
    "htmx:afterRequest",
    "htmx:sendError",
)
OpenDesk = Callable[..., Page]


@pytest.fixture
def open_desk(browser: Browser, live_server: str, town: Town) -> Iterator[OpenDesk]:
    """Open a browser of an officer; complaints of a page or of its policy fail the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def listen(page: Page) -> Page:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if _is_bad(said) else None)
        page.set_default_timeout(15_000)
        return page

    def open_it(officer: Officer | None = None, path: str = "/panel/mesa", **options) -> Page:
        options = {"viewport": OLD_DESKTOP, "locale": "es-PE", **options}
        context = browser.new_context(base_url=live_server, timezone_id="America/Lima", **options)
        contexts.append(context)
        context.add_cookies(cookies_for(town.app, (officer or town.operador).staff, live_server))
        context.add_init_script(COUNT_TONES)
        page = listen(context.new_page())
        page.goto(path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []


def _is_bad(said) -> bool:
    return said.type == "error" and not any(words in said.text for words in EXPECTED_IN_CONSOLE)


def tab_to(page: Page, selector: str, most: int = 80) -> None:
    """Press Tab until the focus is there, as somebody without a mouse must."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
            return
    raise AssertionError(f"{selector} was not reached by Tab")


def serious(page: Page) -> list[str]:
    """What axe finds serious or worse."""
    page.evaluate(AXE.read_text())
    found = json.loads(page.evaluate(f"axe.run({ONLY}).then((r) => JSON.stringify(r.violations))"))
    return [
        f"{one['id']}: {[node['html'][:80] + node['failureSummary'] for node in one['nodes']]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def test_the_whole_triage_by_keyboard(town: Town, open_desk: OpenDesk):
    report_id = town.report()
    page = open_desk()

    tab_to(page, f'a[href="/panel/casos/{report_id}"]')
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/panel/casos/{report_id}")

    tab_to(page, "#b-acknowledge")
    page.keyboard.press("Enter")
    expect(page.locator("[data-focus]")).to_be_focused()
    expect(page.locator("[data-focus]")).to_contain_text("Quedó recibido")

    tab_to(page, "#d-verify > summary")
    page.keyboard.press("Enter")
    tab_to(page, '#form-verify [name="como"]')
    page.keyboard.press("Space")
    tab_to(page, '#form-verify [value="verified"]')
    page.keyboard.press("Enter")
    expect(page.locator("[data-focus]")).to_contain_text("verificación quedó registrada")

    tab_to(page, "#d-assign > summary")
    page.keyboard.press("Enter")
    tab_to(page, '#form-assign [name="sector"]')
    page.keyboard.press("Enter")
    expect(page.locator("[data-focus]")).to_contain_text("asignado")

    tab_to(page, "#answer-texto")
    page.keyboard.type("Una patrulla va en camino.")
    tab_to(page, '#form-answer button[type="submit"]')
    page.keyboard.press("Enter")
    expect(page.locator("[data-focus]")).to_contain_text("respuesta fue enviada")

    tab_to(page, "#d-close > summary")
    page.keyboard.press("Enter")
    tab_to(page, '#form-close [name="desenlace"]')
    page.keyboard.press("Space")
    tab_to(page, '#form-close button[type="submit"]')
    page.keyboard.press("Enter")
    expect(page.locator("[data-focus]")).to_contain_text("quedó cerrado")
    expect(page.locator("#cabeza")).to_contain_text("Atendido")

    report = town.fresh(report_id)
    assert (report.state, report.verification) == ("resolved", "verified")
    assert report.outcome == "patrulla_intervino"


def test_a_new_report_appears_by_itself_with_its_sound(town: Town, open_desk: OpenDesk):
    page = open_desk()
    page.get_by_role("button", name="Probar sonido").click()  # browsers want a touch first
    expect(page.locator("#estado-sonido")).to_have_text("Sonido activado")
    page.locator("#filtros > summary").click()
    page.locator("#f-categoria").focus()
    page.evaluate("window.tones.length = 0; window.scrollTo(0, 0)")

    urgent = town.report()

    expect(page.locator(f"#r-{urgent}")).to_be_visible()
    expect(page.locator("#anuncio")).to_have_text("Llegó un reporte urgente.")
    expect(page).to_have_title("(1) Mesa · Yo Alerto")
    expect(page.locator("#f-categoria")).to_be_focused()
    assert page.locator("#filtros").get_attribute("open") is not None
    assert page.evaluate("window.tones.length") == 6

    page.evaluate("window.tones.length = 0")
    page.locator(f"#e-{urgent}").focus()
    calm = town.report("robo_celular", descripcion="Me arrancharon el celular")
    expect(page.locator(f"#r-{calm}")).to_be_visible()
    expect(page.locator(f"#e-{urgent}")).to_be_focused()
    assert page.evaluate("window.tones.length") == 2

    page.get_by_role("button", name="Silenciar").click()
    page.evaluate("window.tones.length = 0")
    silent = town.report(descripcion="Otro robo muy distinto del primero")
    expect(page.locator(f"#r-{silent}")).to_be_visible()
    assert page.evaluate("window.tones.length") == 0


def test_an_officer_in_a_case_hears_of_the_next_one(town: Town, open_desk: OpenDesk):
    first = town.report()
    page = open_desk()
    page.locator(f"#e-{first}").click()
    page.wait_for_url(f"**/panel/casos/{first}")
    town.report(descripcion="Otro robo muy distinto del primero")
    expect(page.locator("#conexion")).to_contain_text("Llegó un reporte urgente.")
    page.locator("#conexion a").click()
    page.wait_for_url("**/panel/mesa")


def test_the_first_touch_on_a_small_screen_is_not_lost(town: Town, open_desk: OpenDesk):
    page = open_desk(viewport=PHONE)
    expect(page.locator("#estado-sonido")).to_contain_text("Toque la página")
    page.get_by_label("Buscar por número").fill(new_number())
    page.get_by_role("button", name="Buscar").click()  # which wakes the sound, and its words
    expect(page.get_by_text("No encontramos ese número")).to_be_visible()


def test_a_lost_connection_is_said_and_found_again(town: Town, open_desk: OpenDesk):
    page = open_desk()
    cut_line(page)
    expect(page.locator("#conexion")).to_contain_text("Sin conexión")
    report_id = town.report()
    mend_line(page)
    expect(page.locator(f"#r-{report_id}")).to_be_visible()
    expect(page.locator("#conexion")).to_be_hidden()


def test_what_was_typed_survives_a_lost_connection(town: Town, open_desk: OpenDesk):
    report_id = town.report()
    page = open_desk(path=f"/panel/casos/{report_id}")
    page.locator("#mapa[data-listo]").wait_for(timeout=30_000)
    page.locator("#answer-texto").fill("Una patrulla va en camino.")
    page.locator("#answer-texto").evaluate("field => field.style.height = '12rem'")  # pulled taller
    cut_line(page)
    page.locator("#form-answer button").click()
    expect(page.locator(".no-enviado")).to_contain_text("No se envió")
    expect(page.locator("#answer-texto")).to_have_value("Una patrulla va en camino.")
    mend_line(page)
    page.locator("#form-answer button").click()
    expect(page.locator("[data-focus]")).to_contain_text("respuesta fue enviada")


def test_what_was_typed_survives_the_end_of_the_session(town: Town, open_desk: OpenDesk):
    report_id = town.report()
    page = open_desk(path=f"/panel/casos/{report_id}")
    page.locator("#answer-texto").fill("Una patrulla va en camino.")
    page.context.clear_cookies()
    for _ in range(2):
        page.locator("#form-answer button").click()
        expect(page.locator(".no-enviado")).to_contain_text("Lo que escribió sigue aquí")
    expect(page.locator("#answer-texto")).to_have_value("Una patrulla va en camino.")


def test_who_was_slower_sees_it_without_a_reload(town: Town, open_desk: OpenDesk):
    report_id = town.report()
    page = open_desk(path=f"/panel/casos/{report_id}")
    page.locator("#answer-texto").wait_for()
    town.officer("comisario", town.callao.west).act(report_id, "recibir")
    page.locator("#b-acknowledge").click()
    expect(page.locator("[data-focus]")).to_contain_text("Otra persona se adelantó")
    expect(page.locator("#cabeza")).to_contain_text("Recibido por la comisaría")


def test_time_left_runs_and_says_when_it_is_over(town: Town, open_desk: OpenDesk):
    town.report()
    page = open_desk()
    left = page.locator("[data-deadline]").first
    expect(left).to_contain_text("quedan")
    page.evaluate("""() => {
      const place = document.querySelector('[data-deadline]');
      place.dataset.deadline = new Date(Date.now() - 180500).toISOString();
    }""")
    expect(left).to_have_text("vencido hace 3 min")
    assert "plazo-vencido" in (page.locator(".plazo").first.get_attribute("class") or "")


def test_the_map_opens_with_the_place(town: Town, open_desk: OpenDesk):
    page = open_desk(path=f"/panel/casos/{town.report()}")
    page.locator("#mapa").scroll_into_view_if_needed()
    page.locator("#mapa[data-listo] canvas").wait_for(timeout=30_000)


@pytest.mark.parametrize("size", [PHONE, OLD_DESKTOP], ids=["phone", "desktop"])
def test_every_page_is_fit_for_everybody(town: Town, open_desk: OpenDesk, jpeg: bytes, size):
    first = _busy_town(town, jpeg)
    chief = town.officer("supervisor", town.callao.divpol)
    case = f"/panel/casos/{first}"
    pages = ("/panel/mesa", case, f"{case}/trasladar", "/panel/revision", "/panel/envios")
    for officer, path in [(town.operador, one) for one in pages] + [
        (chief, "/panel/mesa?unidad=todas&prioridad=1"),
        (chief, "/panel/mesa"),
    ]:
        page = open_desk(officer, path, viewport=size)
        for summary in page.locator("main details > summary").all():
            summary.click()
        assert serious(page) == [], path
        too_wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(too_wide) == 0, path
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
        assert len(ids) == len(set(ids)), path


def _busy_town(town: Town, jpeg: bytes) -> UUID:
    from io import BytesIO

    first = town.report(photos=[(BytesIO(jpeg), "foto.jpg")], en_curso=True)
    for _ in range(2):
        town.report("robo_celular", descripcion="El mismo texto dos veces seguidas")
    town.operador.act(first, "recibir")
    town.operador.act(first, "responder", texto="Vamos en camino.")
    return first
