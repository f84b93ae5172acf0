"""A person alerts from a phone: what, photo, send."""

import json
from typing import Any

import pytest
from geoalchemy2.shape import to_shape
from playwright.sync_api import Page, Request, Route, expect
from sqlalchemy import select

from backend import clock, triage
from backend.db import db, transaction
from backend.media.models import Attachment
from backend.reports.models import PlaceSource, Report
from tests.builders import IN_WEST, a_member_of_staff, count
from tests.pages.conftest import a_district
from tests.plugins.chromium import cut_line, mend_line

UNSEEN = "Nadie lo ha visto aún; si es urgente llama al"


def choose(page: Page, codigo: str) -> None:
    page.goto("/")
    page.locator(f"button[data-codigo={codigo}]").click()


def take_photo(page: Page, jpeg: bytes, button: str = "Tomar foto") -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_text(button, exact=True).click()
    chooser.value.set_files({"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": jpeg})


def write_place(
    page: Page, district: str = "Callao, Callao", reference: str = "Frente al mercado"
) -> None:
    page.get_by_label("Distrito").select_option("Callao, Callao")
    page.get_by_label("Referencia", exact=True).fill("Frente al mercado")


def press_send(page: Page) -> None:
    page.get_by_role("button", name="Enviar alerta").click()


def number_shown(page: Page) -> str:
    expect(page.locator("#numero")).to_be_visible()
    return page.locator("#numero").inner_text()


def the_report() -> Report:
    db.session.rollback()
    return db.session.scalars(select(Report)).one()


def test_three_taps_send_an_alert_with_photo_and_place(phone, callao, jpeg):
    choose(phone, "robo")  # one
    take_photo(phone, jpeg)  # two
    expect(phone.get_by_text("Tu ubicación: muy precisa (a unos 12 m)")).to_be_visible()
    press_send(phone)  # three
    numero = number_shown(phone)
    report = the_report()
    assert report.numero == numero
    assert report.place_source == PlaceSource.GPS
    point = to_shape(report.point)
    assert (point.y, point.x) == (IN_WEST["lat"], IN_WEST["lon"])
    assert report.accuracy_m == 12
    assert count(Attachment.__tablename__) == 1
    assert report.unit_id == callao.west.id
    expect(phone.get_by_text("Comisaría WEST")).to_be_visible()


def test_up_to_four_photos_and_one_can_be_taken_out(phone, callao, jpeg):
    choose(phone, "robo")
    take_photo(phone, jpeg)
    take_photo(phone, jpeg, "Agregar foto")
    expect(phone.locator(".fotos img")).to_have_count(2)
    phone.get_by_role("button", name="Quitar la foto 1").click()
    press_send(phone)
    number_shown(phone)
    assert count(Attachment.__tablename__) == 1


def test_a_pdf_is_refused_before_it_is_sent(phone, callao):
    choose(phone, "robo")
    with phone.expect_file_chooser() as chooser:
        phone.get_by_text("Elegir de mis fotos").click()
    chooser.value.set_files(
        {"name": "factura.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    expect(phone.get_by_text("no es una foto que podamos enviar")).to_be_visible()


def test_before_sending_it_says_that_nobody_attends_the_desk(phone, callao):
    choose(phone, "robo")
    phone.get_by_text("Seguir sin foto").click()
    notice = phone.get_by_text("Comisaría WEST no tiene a nadie mirando ahora; si es urgente")
    expect(notice).to_be_visible()
    expect(notice.get_by_role("link", name="105")).to_have_attribute("href", "tel:105")


def test_until_a_person_has_seen_it_the_screen_says_so(phone, parts, callao, work):
    phone.clock.install()
    choose(phone, "robo")
    phone.get_by_text("Seguir sin foto").click()
    expect(phone.get_by_text("Tu ubicación:")).to_be_visible()
    press_send(phone)
    number_shown(phone)
    expect(phone.get_by_text(UNSEEN)).to_be_visible()
    work()
    officer = a_member_of_staff("guardia", "operador", callao.west)
    triage.record_acknowledgement(parts, officer, the_report().id, clock.now())
    phone.clock.fast_forward(6_000)
    expect(phone.get_by_text("Una persona de Comisaría WEST ya vio tu alerta.")).to_be_visible()
    expect(phone.get_by_text(UNSEEN)).to_have_count(0)


def test_without_position_a_written_reference_is_enough(phone_without_gps, callao):
    page = phone_without_gps
    choose(page, "robo")
    page.get_by_text("Seguir sin foto").click()
    expect(page.get_by_text("No tenemos permiso para ver tu ubicación")).to_be_visible()
    press_send(page)
    expect(page.get_by_text("Escribe una referencia del lugar")).to_be_visible()
    write_place(page)
    press_send(page)
    number_shown(page)
    report = the_report()
    assert report.place_source == PlaceSource.REFERENCIA
    assert report.point is None
    assert (report.ubigeo, report.reference) == ("070101", "Frente al mercado")


def test_where_districts_are_many_the_name_is_typed(phone_without_gps, callao):
    with transaction():
        for number in range(60):
            a_district(f"0802{number:02}", f"Distrito {number}", "Cusco")
    page = phone_without_gps
    choose(page, "robo")
    page.get_by_text("Seguir sin foto").click()
    page.get_by_label("Distrito").fill("callao")
    page.get_by_label("Referencia", exact=True).fill("Frente al mercado")
    press_send(page)
    number_shown(page)
    assert the_report().ubigeo == "070101"


def test_the_place_can_be_moved_on_the_map(phone, callao):
    choose(phone, "robo")
    phone.get_by_text("Seguir sin foto").click()
    expect(phone.get_by_text("Tu ubicación:")).to_be_visible()
    phone.get_by_role("button", name="Ver o mover en el mapa").click()
    use = phone.get_by_role("button", name="Usar este lugar")
    expect(use).to_be_enabled()
    phone.locator(".maplibregl-canvas").focus()
    phone.keyboard.press("ArrowRight")
    phone.wait_for_timeout(600)  # the map glides
    use.click()
    press_send(phone)
    number_shown(phone)
    report = the_report()
    assert report.place_source == PlaceSource.MAPA
    assert IN_WEST["lon"] < to_shape(report.point).x < IN_WEST["lon"] + 0.02


@pytest.fixture
def sent(phone: Page) -> list[Request]:
    """Everything that leaves the phone by POST."""
    requests: list[Request] = []
    phone.on("request", lambda one: requests.append(one) if one.method == "POST" else None)
    return requests


def watch_geolocation(page: Page) -> None:
    page.add_init_script(
        "window.asked = 0; for (const name of ['watchPosition', 'getCurrentPosition'])"
        " navigator.geolocation[name] = () => { window.asked += 1; };"
    )


def bodies(requests: list[Request]) -> list[Any]:
    return [json.loads(one.post_data) for one in requests if one.post_data]


def test_of_a_sensible_matter_no_position_is_asked_sent_or_kept(phone, callao, sent):
    watch_geolocation(phone)
    choose(phone, "extorsion")
    phone.get_by_text("Seguir sin foto").click()
    expect(phone.get_by_text("Por tu seguridad no pedimos tu ubicación exacta")).to_be_visible()
    write_place(phone)
    press_send(phone)
    number_shown(phone)
    assert phone.evaluate("window.asked") == 0
    assert not any("lat" in json.dumps(body) for body in bodies(sent))
    assert the_report().unit_id == callao.extortion_desk.id
    assert phone.evaluate("localStorage.length + sessionStorage.length") == 0
    expect(phone.get_by_text("no lo guardamos en este teléfono")).to_be_visible()


def test_a_sensible_matter_is_kept_on_the_phone_only_on_request(phone, callao):
    choose(phone, "extorsion")
    phone.get_by_text("Seguir sin foto").click()
    write_place(phone)
    press_send(phone)
    numero = number_shown(phone)
    phone.get_by_role("button", name="Guardar en este teléfono").click()
    expect(phone.get_by_text("Guardado en este teléfono.")).to_be_visible()
    assert numero in phone.evaluate("localStorage.getItem('ya.alertas')")
    phone.get_by_role("button", name="Borrar de este teléfono").click()
    assert phone.evaluate("localStorage.length") == 0


def test_of_a_sensible_matter_a_zone_can_be_marked(phone, callao, sent):
    choose(phone, "extorsion")
    phone.get_by_text("Seguir sin foto").click()
    phone.get_by_role("button", name="Marcar la zona en el mapa").click()
    use = phone.get_by_role("button", name="Usar esta zona")
    expect(use).to_be_enabled()
    use.click()
    expect(phone.get_by_text("Zona marcada por ti en el mapa")).to_be_visible()
    press_send(phone)
    number_shown(phone)
    report = the_report()
    assert report.place_source == PlaceSource.CELDA
    assert report.point is None
    assert report.cell
    assert not any('"lat"' in json.dumps(body) for body in bodies(sent))


def test_a_lost_answer_is_repeated_with_the_same_key_and_counts_once(phone, callao, jpeg):
    keys: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > 1:
            return route.continue_()
        route.fetch()  # the server has it; the phone never hears so
        return route.abort("connectionreset")

    phone.route("**/api/v1/alertas", lose_the_first_answer)
    choose(phone, "robo")
    take_photo(phone, jpeg)
    expect(phone.get_by_text("Tu ubicación:")).to_be_visible()
    press_send(phone)
    expect(phone.get_by_role("heading", name="Todavía no se envió")).to_be_visible()
    assert phone.locator("#numero").count() == 0
    phone.get_by_role("button", name="Reintentar ahora").click()
    numero = number_shown(phone)
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert the_report().numero == numero
    assert count(Attachment.__tablename__) == 1


def test_without_a_line_everything_typed_is_kept_and_sent_when_it_returns(phone, callao):
    choose(phone, "robo")
    phone.get_by_text("Seguir sin foto").click()
    expect(phone.get_by_text("Tu ubicación:")).to_be_visible()
    phone.get_by_label("Cuéntanos más (opcional)").fill("Dos en una moto negra")
    cut_line(phone)
    press_send(phone)
    expect(phone.get_by_role("heading", name="Todavía no se envió")).to_be_visible()
    expect(phone.get_by_role("link", name="llama al 105")).to_have_attribute("href", "tel:105")
    phone.get_by_role("button", name="Volver y corregir").click()
    expect(phone.get_by_label("Cuéntanos más (opcional)")).to_have_value("Dos en una moto negra")
    press_send(phone)
    mend_line(phone)  # the page hears of it and tries by itself
    number_shown(phone)
    assert the_report().description == "Dos en una moto negra"


def test_a_busy_server_is_asked_again(phone, callao):
    answers = iter([503, 429])

    def busy_twice(route: Route) -> None:
        status = next(answers, None)
        if status is None:
            return route.continue_()
        return route.fulfill(status=status, headers={"Retry-After": "1"}, body="")

    phone.clock.install()
    phone.route("**/api/v1/alertas", busy_twice)
    choose(phone, "robo")
    phone.get_by_text("Seguir sin foto").click()
    expect(phone.get_by_text("Tu ubicación:")).to_be_visible()
    press_send(phone)
    expect(phone.get_by_text("Reintentamos en 2 segundos.")).to_be_visible()
    phone.clock.run_for(2_000)
    expect(phone.get_by_text("Reintentamos en 4 segundos.")).to_be_visible()
    phone.clock.run_for(4_000)
    number_shown(phone)


def test_what_the_server_refuses_is_said_at_its_field(open_phone, callao):
    abroad = open_phone(
        geolocation={"latitude": 43.46, "longitude": 11.88, "accuracy": 9},
        permissions=["geolocation"],
    )
    choose(abroad, "robo")
    abroad.get_by_text("Seguir sin foto").click()
    expect(abroad.get_by_text("Tu ubicación:")).to_be_visible()
    press_send(abroad)
    expect(abroad.locator("#error-lugar")).to_contain_text("fuera del Perú")
    expect(abroad.get_by_role("alert").first).to_contain_text("No pudimos recibir tu alerta")


def test_the_phones_back_button_goes_one_step_back(phone, callao):
    choose(phone, "robo")
    phone.get_by_text("Seguir sin foto").click()
    phone.get_by_label("Cuéntanos más (opcional)").fill("Dos personas")
    phone.go_back()
    expect(phone.get_by_role("heading", name="¿Puedes mostrar qué pasa?")).to_be_visible()
    phone.get_by_text("Seguir sin foto").click()
    expect(phone.get_by_label("Cuéntanos más (opcional)")).to_have_value("Dos personas")


def test_a_tab_that_the_camera_pushed_out_of_memory_comes_back(phone, callao):
    choose(phone, "robo")
    phone.get_by_text("Seguir sin foto").click()
    phone.get_by_label("Cuéntanos más (opcional)").fill("Dos personas")
    phone.reload()
    expect(phone.get_by_text("Me están robando o vi un robo")).to_be_visible()
    phone.get_by_text("Seguir sin foto").click()
    expect(phone.get_by_label("Cuéntanos más (opcional)")).to_have_value("Dos personas")


def test_an_alert_with_the_keyboard_alone(phone, callao):
    phone.goto("/")
    phone.locator("button[data-codigo=robo]").wait_for()
    press_until(phone, "button[data-codigo=robo]")
    phone.keyboard.press("Enter")
    press_until(phone, "button:has-text('Seguir sin foto')")
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("Tu ubicación:")).to_be_visible()
    press_until(phone, "button[type=submit]")
    phone.keyboard.press("Enter")
    number_shown(phone)


def press_until(page: Page, selector: str, most: int = 60) -> None:
    """Tab on until that element has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.locator(selector).evaluate("(one) => one === document.activeElement"):
            return
    raise AssertionError(f"{selector} cannot be reached with Tab")
