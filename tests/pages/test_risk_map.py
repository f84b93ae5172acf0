"""The public risk map: classes, «sin información», and the same in words."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from backend.catalog.services import load_catalog
from backend.riskmap import services
from tests.riskmap.builders import DISTRICT_CELL, NOW, a_report, block


@pytest.fixture
def published(callao) -> None:
    """One drawn cell near the phone."""
    for days in range(3):
        a_report(block(0, 0), occurred_at=NOW - timedelta(days=days + 10))
    services.rebuild(load_catalog())
    services.publish_public_layer(NOW)


def open_map(page: Page) -> None:
    page.goto("/mapa")
    with page.context.expect_event("response", lambda one: "/riesgo/integrado/" in one.url):
        page.get_by_role("button", name="Abrir el mapa").click()


def test_the_map_is_fetched_only_when_opened(phone, published):
    addresses: list[str] = []
    phone.on("request", lambda one: addresses.append(one.url))
    phone.goto("/mapa", wait_until="networkidle")
    assert not [one for one in addresses if "/map-" in one or "/riesgo/" in one]
    expect(phone.get_by_label("Leyenda del mapa")).to_contain_text("Sin información")


def test_another_layer_asks_for_its_own_tiles(phone, published):
    open_map(phone)
    with phone.context.expect_event("response", lambda one: "/riesgo/riesgo/" in one.url) as asked:
        phone.get_by_label("Riesgos").check()
    assert asked.value.status == 200


def test_what_is_around_is_told_in_words_without_telling_where_one_stands(phone, published):
    asked: list[str] = []
    phone.on("request", lambda one: asked.append(one.url) if "/zonas/" in one.url else None)
    open_map(phone)
    phone.get_by_role("button", name="Cerca de mí").click()
    expect(phone.get_by_text("En unos 5 km² alrededor")).to_be_visible()
    assert len(asked) == 1
    cell = asked[0].split("/zonas/")[1].split("?")[0]
    assert len(cell) == len(DISTRICT_CELL)
    assert "lat" not in asked[0]


def test_a_zone_without_reports_says_that_nothing_is_known(phone, callao):
    open_map(phone)
    phone.get_by_role("button", name="En el centro del mapa").click()
    expect(phone.get_by_text("No hay información de tu zona todavía.")).to_be_visible()


def test_a_phone_that_cannot_draw_maps_still_answers_in_words(phone, callao):
    def broken(route: Route) -> None:
        route.fulfill(body="throw new Error('no WebGL')", content_type="text/javascript")

    phone.route("**/static/assets/map-*.js", broken)
    phone.goto("/mapa")
    phone.get_by_role("button", name="Abrir el mapa").click()
    expect(phone.get_by_text("Este teléfono no pudo abrir el mapa.")).to_be_visible()
    phone.get_by_role("button", name="Cerca de mí").click()
    expect(phone.get_by_text("No hay información de tu zona todavía.")).to_be_visible()


def test_no_page_calls_a_zone_dangerous(client, callao):
    for path in ("/", "/mapa", "/privacidad"):
        assert "zona peligrosa" not in client.get(path).text.lower()
