"""What holds for every page: accessible, light, titled, with a way to 105."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.builders import datos, send
from tests.pages.conftest import DESKTOP, PHONE

PAGES = (
    *("/", "/denuncia", "/junta", "/seguimiento", "/emergencias", "/mapa", "/privacidad"),
    "/api/docs",
)
PROJECT = Path(__file__).parents[2]
AXE = PROJECT / "pwa" / "node_modules" / "axe-core" / "axe.min.js"
FIRST_VISIT_LIMIT = 60_000
TEXT_ALERT_LIMIT = 5_000


def serious_problems(page: Page) -> list[str]:
    """What axe-core calls serious or critical, with where it is."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def audited(request, open_phone):
    """A browser into which axe may be put: only for it the page's CSP is set aside."""
    return open_phone(viewport=request.param, bypass_csp=True)


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(audited, callao, path):
    audited.goto(path)
    expect(audited.locator("h1")).to_be_visible()
    assert serious_problems(audited) == []


@pytest.mark.parametrize("path", ["/", "/denuncia", "/seguimiento"])
def test_axe_finds_nothing_serious_without_scripts(client, open_phone, callao, path):
    # axe itself needs scripts: the page's own are kept from loading instead.
    page = open_phone(bypass_csp=True)
    page.route(
        "**/static/assets/*.js",
        lambda route: route.fulfill(body="", content_type="text/javascript"),
    )
    page.goto(path)
    assert serious_problems(page) == []


def test_axe_finds_nothing_serious_on_the_way_of_an_alert(audited, callao):
    audited.goto("/")
    audited.locator("button[data-codigo=robo]").click()
    assert serious_problems(audited) == []
    audited.get_by_text("Seguir sin foto").click()
    audited.get_by_role("button", name="Enviar alerta").click()
    expect(audited.locator("#error-referencia")).to_be_visible()
    assert serious_problems(audited) == []
    audited.get_by_label("Referencia", exact=True).fill("Frente al mercado")
    audited.get_by_label("Distrito").select_option("Callao, Callao")
    audited.get_by_role("button", name="Enviar alerta").click()
    expect(audited.locator("#numero")).to_be_visible()
    assert serious_problems(audited) == []


def test_axe_finds_nothing_serious_in_a_case(audited, client, callao):
    receipt = send(client, datos()).json
    audited.goto("/seguimiento")
    audited.get_by_label("Número").fill(receipt["numero"])
    audited.get_by_label("Clave").fill(receipt["clave"])
    audited.get_by_role("button", name="Ver", exact=True).click()
    expect(audited.locator(".pasos")).to_be_visible()
    assert serious_problems(audited) == []


def test_axe_finds_nothing_serious_on_the_open_map(audited, callao):
    audited.goto("/mapa")
    audited.get_by_role("button", name="Abrir el mapa").click()
    expect(audited.locator(".maplibregl-canvas")).to_be_visible()
    assert serious_problems(audited) == []


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_its_title_and_a_way_to_105(phone, callao, path):
    phone.goto(path)
    assert phone.title().endswith(" · Yo Alerto")
    assert phone.locator("html").get_attribute("lang") == "es-PE"
    expect(phone.get_by_role("banner").get_by_role("link", name="Emergencia: 105")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_titles_are_different(client, callao):
    titles = [client.get(path).text.split("<title>")[1].split("</title>")[0] for path in PAGES]
    assert len(set(titles)) == len(PAGES)


def test_what_is_tapped_is_large_enough(phone, callao):
    phone.goto("/")
    phone.locator("button[data-codigo=robo]").wait_for()
    small = phone.evaluate(
        "[...document.querySelectorAll('header a, nav a, button')]"
        ".map((one) => [one.textContent, one.getBoundingClientRect().height])"
        ".filter(([, height]) => height < 48)"
    )
    assert small == []


def test_the_first_visit_is_light_and_leaves_the_map_alone(phone, wire, callao):
    received: list[float] = []
    addresses: list[str] = []
    wire.on("Network.loadingFinished", lambda one: received.append(one["encodedDataLength"]))
    phone.on("request", lambda one: addresses.append(one.url))
    phone.goto("/", wait_until="networkidle")
    assert sum(received) < FIRST_VISIT_LIMIT, f"{sum(received):.0f} bytes"
    assert not [one for one in addresses if "/map-" in one or "maplibre" in one]


def test_a_text_alert_sends_under_five_kilobytes(phone, leaving, callao):
    phone.goto("/", wait_until="networkidle")
    phone.locator("button[data-codigo=robo]").click()
    phone.get_by_text("Seguir sin foto").click()
    leaving.clear()
    phone.get_by_label("Cuéntanos más (opcional)").fill("Dos en una moto negra sin placa. " * 12)
    expect(phone.get_by_text("Tu ubicación:")).to_be_visible()
    phone.get_by_role("button", name="Enviar alerta").click()
    expect(phone.locator("#numero")).to_be_visible()
    assert leaving
    assert sum(leaving.values()) < TEXT_ALERT_LIMIT, f"{sum(leaving.values())} bytes"


@pytest.mark.parametrize(
    ("sprite", "subjects"), [("shared", "categorias"), ("denuncia", "asuntos")]
)
def test_every_icon_of_the_catalogue_is_drawn(parts, sprite, subjects):
    drawn = (PROJECT / "pwa" / "src" / "citizen" / sprite / "icons.svg").read_text()
    icons = {subject.icono for subject in getattr(parts.catalog, subjects).values()}
    assert {icon for icon in icons if f'id="{icon}"' not in drawn} == set()


def test_the_form_and_the_app_offer_the_same_tiles_in_the_same_order(phone, open_phone, callao):
    without_scripts = open_phone(java_script_enabled=False)
    for page in (phone, without_scripts):
        page.goto("/")
        page.locator(".azulejo").first.wait_for()
    phone.locator("button.azulejo").first.wait_for()
    plain = without_scripts.locator(".azulejo").all_inner_texts()
    assert phone.locator(".azulejo").all_inner_texts() == plain
    assert len(plain) == len(set(plain)) > 20


def test_the_app_can_be_installed(client, callao):
    page = client.get("/").text
    assert 'rel="manifest" href="/static/manifest.webmanifest"' in page
    with client.get("/static/manifest.webmanifest") as answer:
        manifest = answer.get_json(force=True)
    assert manifest["lang"] == "es-PE"
    for icon in manifest["icons"]:
        with client.get(icon["src"]) as answer:
            assert answer.status_code == 200


def test_built_files_are_served_packed_and_kept_for_good(client, callao):
    script = client.get("/").text.split('type="module" src="')[1].split('"')[0]
    with client.get(script, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "immutable" in answer.headers["Cache-Control"]


OLD_PHONE = """
delete Array.prototype.at; delete Object.hasOwn; delete String.prototype.replaceAll;
delete crypto.constructor.prototype.randomUUID; delete navigator.share;
"""


def test_an_old_phone_alerts_and_opens_the_map(phone, callao):
    # Chrome 80 lacks these; the worker's own copies cannot be taken away from here.
    phone.add_init_script(OLD_PHONE)
    phone.goto("/")
    phone.locator("button[data-codigo=robo]").click()
    phone.get_by_text("Seguir sin foto").click()
    expect(phone.get_by_text("Tu ubicación:")).to_be_visible()
    with phone.context.expect_event("response", lambda one: "/territorio/" in one.url) as drawn:
        phone.get_by_role("button", name="Ver o mover en el mapa").click()
    assert drawn.value.status == 200  # tiles are fetched by the worker: it runs
    phone.get_by_role("button", name="Usar este lugar").click()
    phone.get_by_role("button", name="Enviar alerta").click()
    expect(phone.locator("#numero")).to_be_visible()
