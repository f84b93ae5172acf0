"""A person denounces from a phone, or complains without a name: step by step."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import select

from backend.db import db
from backend.media.models import Attachment
from backend.reports.models import Report
from tests.builders import count
from tests.pages.conftest import DESKTOP, PHONE
from tests.pages.test_alert import bodies, press_until, take_photo, watch_geolocation
from tests.pages.test_quality import OLD_PHONE, serious_problems

THEFT = "robo_celular_denuncia"
# The same day whichever the order of day and month in the browser's own language.
DAY_TYPED, DAY = "11112025", "2025-11-11"


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def screen(request, open_phone):
    return open_phone(viewport=request.param)


def choose(page: Page, codigo: str) -> None:
    page.goto("/denuncia")
    page.locator(f"button[data-codigo={codigo}]").click()
    expect(page.locator(".avance")).to_be_visible()


def go_on(page: Page, to: str) -> None:
    page.locator("button[type=submit]").click()
    expect(page.get_by_role("heading", level=1, name=to)).to_be_visible()


def tell_which_phone(page: Page) -> None:
    page.get_by_label("Marca").fill("Marca 1")
    page.get_by_label("IMEI").fill("49 015420-323751 8")
    go_on(page, "Qué pasó")


def account_of(page: Page) -> Locator:
    return page.get_by_label("Cuéntalo con tus palabras", exact=True)


def tell_what_happened(page: Page, to: str = "Qué más se llevaron") -> None:
    page.get_by_label("Con amenaza, golpes o arma").check()
    account_of(page).fill("Me lo arrancharon al salir del mercado")
    page.get_by_label("Día", exact=True).fill(DAY)
    page.get_by_label("Solo la parte del día").check()
    page.get_by_label("Parte del día", exact=True).select_option("noche")
    page.get_by_label("Distrito").select_option("Callao, Callao")
    page.get_by_label("Referencia (opcional)").fill("Frente al mercado")
    go_on(page, to)


def tell_who(page: Page) -> None:
    page.get_by_label("A mí", exact=True).check()
    page.get_by_label("DNI").check()
    page.get_by_label("Número de documento").fill("40000001")
    page.get_by_label("Nombres").fill("Persona")
    page.get_by_label("Primer apellido").fill("Inventada")
    go_on(page, "Tu seguridad")


def tell_a_theft(page: Page) -> None:
    """Everything up to the review."""
    choose(page, THEFT)
    tell_which_phone(page)
    tell_what_happened(page)
    go_on(page, "Quién fue y quién lo vio")
    go_on(page, "Quién denuncia")
    tell_who(page)
    go_on(page, "¿Tienes fotos?")
    go_on(page, "Revisa antes de enviar")


def send(page: Page) -> str:
    page.get_by_role("button", name="Enviar", exact=False).click()
    expect(page.locator("#numero")).to_be_visible()
    return page.locator("#numero").inner_text()


def the_report() -> Report:
    db.session.rollback()
    return db.session.scalars(select(Report)).one()


@pytest.fixture
def sent() -> Callable[[Page], list[dict[str, Any]]]:
    """Everything that a page sends by POST from now on."""

    def watch(page: Page) -> list[Any]:
        requests: list[Any] = []
        page.on("request", lambda one: requests.append(one) if one.method == "POST" else None)
        return requests

    return watch


def test_first_it_says_what_is_not_denounced_here_with_the_line_one_tap_away(screen, town):
    screen.goto("/denuncia")
    screen.locator(f"button[data-codigo={THEFT}]").wait_for()
    texts = screen.locator("main").inner_text()
    assert texts.index("esto no se denuncia aquí") < texts.index("¿Qué quieres denunciar?")
    line = screen.get_by_role("link", name="Llamar al 100: Violencia de tu pareja o tu familia")
    expect(line).to_have_attribute("href", "tel:100")
    screen.get_by_text("Alguien está herido o en peligro ahora").click()
    expect(screen.get_by_role("link", name="Enviar una alerta").first).to_be_visible()


def test_who_cannot_denounce_here_is_shown_the_nearest_comisarias(phone, town):
    phone.goto("/denuncia")
    phone.get_by_text("Violencia de tu pareja o tu familia").click()
    phone.get_by_role("button", name="Ver comisarías cercanas").click()
    expect(phone.get_by_text("Las más cercanas, en línea recta:")).to_be_visible()
    expect(phone.get_by_text("Comisaría WEST")).to_be_visible()


def test_a_theft_is_told_step_by_step_and_received(screen, town, sent):
    requests = sent(screen)
    tell_a_theft(screen)
    for words in ("Marca: Marca 1", "11/11/2025, en la noche", "Frente al mercado", "40000001"):
        expect(screen.get_by_text(words)).to_be_visible()
    numero = send(screen)
    report = the_report()
    assert (report.numero, report.kind, report.categoria) == (numero, "denuncia", THEFT)
    body = next(one for one in bodies(requests) if "hecho" in one)
    assert body["celulares"] == [{"marca": "Marca 1", "imei": "490154203237518"}]
    assert body["hecho"]["desde"] == f"{DAY}T18:00:00-05:00"
    assert body["hecho"]["hasta"] == f"{DAY}T23:59:00-05:00"
    expect(screen.get_by_text("Te responderán a más tardar el")).to_be_visible()
    expect(screen.get_by_text("no es una copia certificada")).to_be_visible()
    assert screen.evaluate("localStorage.getItem('ya.denuncia')") is None


def test_a_theft_with_the_keyboard_alone_and_axe_on_each_step(unguarded, town):
    page = unguarded

    def to(selector: str, typed: str = "", *keys: str) -> None:
        press_until(page, selector, 80)
        page.keyboard.type(typed)
        for key in keys:
            page.keyboard.press(key)

    def arrived(heading: str) -> None:
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_focused()
        assert serious_problems(page) == []

    page.goto("/denuncia")
    page.locator(f"button[data-codigo={THEFT}]").wait_for()
    assert serious_problems(page) == []
    to(f"button[data-codigo={THEFT}]", "", "Enter")
    arrived("Qué celular")
    to("#c-celulares-0-marca", "Marca 1")
    to("#c-celulares-0-imei", "490154203237518", "Enter")
    arrived("Qué pasó")
    to("button[type=submit]", "", "Enter")  # nothing told: the focus goes to the first error
    expect(page.locator("#c-calificaciones")).to_be_focused()
    assert serious_problems(page) == []
    page.keyboard.press("Space")
    to("#c-hecho-relato", "Me lo arrancharon al salir del mercado")
    to("#c-hecho-desde", DAY_TYPED)
    to("#c-hecho-desde-hora", "0930PM")
    to("#distrito", "Callao")
    to("#referencia", "Frente al mercado", "Enter")
    arrived("Qué más se llevaron")
    to("button[type=submit]", "", "Enter")
    arrived("Quién fue y quién lo vio")
    to("button:has-text('Agregar un testigo')", "", "Enter")
    expect(page.get_by_label("Nombres")).to_be_focused()
    assert serious_problems(page) == []
    to("button:has-text('Quitar testigo 1')", "", "Enter")
    expect(page.get_by_role("button", name="Agregar un testigo")).to_be_focused()
    to("button[type=submit]", "", "Enter")
    arrived("Quién denuncia")
    to("#c-denunciante-relacion", "", "Space")
    to("#c-denunciante-identidad-tipo_documento", "", "Space")
    to("#c-denunciante-identidad-numero_documento", "40000001")
    to("#c-denunciante-identidad-nombres", "Persona")
    to("#c-denunciante-identidad-apellido_paterno", "Inventada", "Enter")
    arrived("Tu seguridad")
    to("button[type=submit]", "", "Enter")
    arrived("¿Tienes fotos?")
    to("button[type=submit]", "", "Enter")
    arrived("Revisa antes de enviar")
    to("button[type=submit]", "", "Enter")
    expect(page.locator("#numero")).to_be_visible()
    assert serious_problems(page) == []
    assert the_report().kind == "denuncia"


def test_what_is_wrong_is_told_at_its_field_and_listed_with_a_way_to_it(phone, town):
    choose(phone, THEFT)
    phone.get_by_label("IMEI").fill("123")
    phone.get_by_role("button", name="Seguir").click()
    expect(
        phone.get_by_role("alert").get_by_text("Revisa una cosa antes de seguir:")
    ).to_be_visible()
    imei = phone.get_by_label("IMEI")
    expect(imei).to_be_focused()
    expect(imei).to_have_attribute("aria-invalid", "true")
    described = (imei.get_attribute("aria-describedby") or "").split()
    assert "c-celulares-0-imei-error" in described
    expect(phone.locator("#c-celulares-0-imei-error")).to_contain_text("El IMEI tiene 15 números")
    imei.fill("")
    expect(phone.get_by_role("alert")).to_have_count(0)


def test_an_odd_imei_is_only_pointed_out(phone, town):
    choose(phone, THEFT)
    phone.get_by_label("IMEI").fill("490154203237519")
    expect(phone.get_by_text("Ese IMEI parece tener un número cambiado")).to_be_visible()
    go_on(phone, "Qué pasó")


def test_an_error_of_the_server_lands_at_its_field_and_step(phone, town):
    wrong = {
        "campo": "denunciante.identidad.numero_documento",
        "mensaje": "Ese DNI no se entiende.",
    }

    def refuse(route: Route) -> None:
        body = {"status": 422, "detail": "Revisa los datos marcados.", "errores": [wrong]}
        route.fulfill(status=422, content_type="application/problem+json", body=json.dumps(body))

    tell_a_theft(phone)
    phone.route("**/api/v1/denuncias", refuse)
    phone.get_by_role("button", name="Enviar denuncia").click()
    expect(phone.get_by_role("heading", level=1, name="Quién denuncia")).to_be_visible()
    field = phone.get_by_label("Número de documento")
    expect(field).to_be_focused()
    expect(phone.locator("#c-denunciante-identidad-numero_documento-error")).to_have_text(
        "Ese DNI no se entiende."
    )
    phone.unroute("**/api/v1/denuncias")
    field.fill("40000002")
    phone.get_by_role("button", name="Listo, volver a revisar").click()
    expect(phone.get_by_text("40000002")).to_be_visible()
    send(phone)


def test_a_lost_answer_is_repeated_with_the_same_key_and_counts_once(phone, town, jpeg):
    keys: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > 1:
            return route.continue_()
        route.fetch()  # the server has it; the phone never hears so
        return route.abort("connectionreset")

    phone.route("**/api/v1/denuncias", lose_the_first_answer)
    tell_a_theft(phone)
    phone.get_by_role("button", name="Cambiar: Fotos").click()
    take_photo(phone, jpeg)
    phone.locator(".fotos img").wait_for()
    phone.get_by_role("button", name="Listo, volver a revisar").click()
    phone.get_by_role("button", name="Enviar denuncia").click()
    expect(phone.get_by_role("heading", name="Todavía no se envió")).to_be_visible()
    assert phone.locator("#numero").count() == 0
    phone.get_by_role("button", name="Volver y corregir").click()
    expect(phone.get_by_role("heading", name="Revisa antes de enviar")).to_be_visible()
    send(phone)
    assert len(keys) == 2
    assert len(set(keys)) == 1
    the_report()
    assert count(Attachment.__tablename__) == 1


def test_the_phones_back_button_goes_one_step_back_and_loses_nothing(phone, town):
    choose(phone, THEFT)
    tell_which_phone(phone)
    account_of(phone).fill("Me lo arrancharon")
    phone.go_back()
    expect(phone.get_by_label("Marca")).to_have_value("Marca 1")
    phone.go_back()
    expect(phone.get_by_role("heading", name="¿Qué quieres denunciar?")).to_be_visible()
    phone.locator("button[data-codigo=robo_pertenencias]").click()
    expect(account_of(phone)).to_have_value("Me lo arrancharon")


def test_a_draft_survives_a_reload_and_a_closed_browser(phone, town):
    choose(phone, THEFT)
    tell_which_phone(phone)
    account_of(phone).fill("Me lo arrancharon")
    phone.reload()
    expect(account_of(phone)).to_have_value("Me lo arrancharon")
    again = phone.context.new_page()
    again.goto("/denuncia")
    expect(again.get_by_text("Tienes una denuncia a medio escribir")).to_be_visible()
    again.get_by_role("button", name="Seguir escribiendo").click()
    expect(account_of(again)).to_have_value("Me lo arrancharon")
    again.get_by_role("button", name="Atrás").click()
    expect(again.get_by_label("Marca")).to_have_value("Marca 1")


def test_a_draft_can_be_erased_at_any_step(phone, town):
    choose(phone, THEFT)
    tell_which_phone(phone)
    phone.get_by_role("button", name="Borrar lo escrito").click()
    phone.get_by_role("button", name="Sí, borrar todo").click()
    expect(phone.get_by_role("heading", name="¿Qué quieres denunciar?")).to_be_visible()
    assert phone.evaluate("localStorage.length") == 0
    phone.locator(f"button[data-codigo={THEFT}]").click()
    expect(phone.get_by_label("Marca")).to_have_value("")


def test_a_draft_is_not_kept_when_the_person_says_so(phone, town):
    choose(phone, THEFT)
    tell_which_phone(phone)
    phone.get_by_label("Guardar lo escrito en este teléfono hasta enviarlo").uncheck()
    account_of(phone).fill("Me lo arrancharon")
    assert phone.evaluate("localStorage.length") == 0


def complain(page: Page) -> None:
    choose(page, "maltrato_policial")
    page.get_by_label("De una comisaría o unidad").check()
    page.get_by_role("searchbox", name="Cuál").fill("west")
    page.get_by_label("Comisaría WEST").check()
    go_on(page, "Qué pasó")
    account_of(page).fill("No quisieron recibir mi denuncia")
    page.get_by_label("Distrito").select_option("Callao, Callao")
    go_on(page, "Quién fue")
    go_on(page, "¿Tienes fotos?")
    go_on(page, "Revisa antes de enviar")


def test_a_queja_asks_no_name_no_position_and_leaves_nothing_on_the_phone(phone, town, sent):
    watch_geolocation(phone)
    requests = sent(phone)
    complain(phone)
    assert phone.evaluate("localStorage.length + sessionStorage.length") == 0
    send(phone)
    assert phone.evaluate("window.asked") == 0
    assert phone.evaluate("localStorage.length + sessionStorage.length") == 0
    body = next(one for one in bodies(requests) if "denunciado" in one)
    assert body["denunciado"] == {"nivel": "unidad", "unidad": "WEST"}
    assert '"lat"' not in json.dumps(body)
    assert "denunciante" not in body
    report = the_report()
    assert report.kind == "queja"
    assert report.unit_id not in (town.west.id, town.east.id)
    expect(phone.get_by_text("no lo guardamos en este teléfono")).to_be_visible()


def test_the_number_of_a_queja_is_not_lost_by_following_it(phone, town):
    complain(phone)
    send(phone)
    numero = phone.locator("#numero").inner_text()
    phone.get_by_role("button", name="Ver el seguimiento").click()
    expect(phone.get_by_role("heading", name=f"Caso {numero}")).to_be_visible()
    assert phone.evaluate("localStorage.length + sessionStorage.length") == 0
    assert numero not in phone.url
    phone.get_by_role("button", name="Volver a tu número y tu clave").click()
    expect(phone.locator("#numero")).to_have_text(numero)
    phone.get_by_role("button", name="Contar otra cosa").click()
    expect(phone.get_by_text("Todavía no guardaste tu número y tu clave.")).to_be_visible()
    phone.get_by_role("button", name="Ya los anoté, seguir").click()
    expect(phone.get_by_role("heading", name="¿Qué quieres denunciar?")).to_be_visible()


def test_what_is_pasted_too_long_is_not_cut_but_told(phone, town):
    choose(phone, "maltrato_policial")
    phone.get_by_label("No sé cuál").check()
    go_on(phone, "Qué pasó")
    account_of(phone).fill("a" * 4002)
    expect(phone.get_by_text("Te sobran 2 letras")).to_be_visible()
    assert len(account_of(phone).input_value()) == 4002


def test_a_queja_is_kept_only_when_the_person_asks(phone, town):
    choose(phone, "maltrato_policial")
    phone.get_by_label("No sé cuál").check()
    phone.reload()
    expect(phone.get_by_role("heading", name="¿Qué quieres denunciar?")).to_be_visible()
    phone.locator("button[data-codigo=maltrato_policial]").click()
    expect(phone.get_by_label("No sé cuál")).not_to_be_checked()
    phone.get_by_label("No sé cuál").check()
    phone.get_by_label("Guardar lo escrito en este teléfono hasta enviarlo").check()
    phone.reload()
    expect(phone.get_by_label("No sé cuál")).to_be_checked()


def test_without_scripts_it_gives_lines_where_to_go_and_the_alert(open_phone, town):
    page = open_phone(java_script_enabled=False)
    page.goto("/denuncia")
    expect(page.get_by_text("Si el formulario no se abre en este navegador:")).to_be_visible()
    expect(page.get_by_role("link", name="Enviar una alerta")).to_have_attribute("href", "/")
    expect(page.get_by_role("link", name="Llamar al 1818")).to_have_attribute("href", "tel:1818")
    expect(page.locator(".desvio a[href='tel:100']").first).to_be_visible()


FIRST_VISIT_LIMIT = 110_000
SENDING_LIMIT = 8_000


def test_the_forms_are_light_and_a_theft_is_sent_in_few_bytes(phone, town, wire, leaving):
    received: list[float] = []
    wire.on("Network.loadingFinished", lambda one: received.append(one["encodedDataLength"]))
    phone.goto("/denuncia", wait_until="networkidle")
    assert sum(received) < FIRST_VISIT_LIMIT, f"{sum(received):.0f} bytes"
    tell_a_theft(phone)
    leaving.clear()
    send(phone)
    assert 0 < sum(leaving.values()) < SENDING_LIMIT, f"{sum(leaving.values())} bytes"


def tell_where_and_when(page: Page, account: str) -> None:
    account_of(page).fill(account)
    page.get_by_label("Día", exact=True).fill(DAY)
    page.get_by_label("Hora", exact=True).fill("21:30")
    page.get_by_label("Distrito").select_option("Callao, Callao")
    page.get_by_label("Referencia (opcional)").fill("Frente al mercado")


def test_the_loss_of_papers_is_told(phone, town):
    choose(phone, "perdida_documentos")
    phone.get_by_label("Qué documento").select_option("dni")
    phone.get_by_role("button", name="Agregar un documento").click()
    second = phone.get_by_role("group", name="Documento 2")
    second.get_by_label("Qué documento").select_option("licencia")
    go_on(phone, "Cómo pasó")
    tell_where_and_when(phone, "Bajé del bus y ya no tenía la billetera")
    go_on(phone, "Quién denuncia")
    tell_who(phone)
    go_on(phone, "¿Tienes fotos?")
    go_on(phone, "Revisa antes de enviar")
    send(phone)
    assert the_report().categoria == "perdida_documentos"


def test_a_burglary_with_two_harmed_persons_a_reserve_and_a_photo(phone, town, jpeg, sent):
    requests = sent(phone)
    choose(phone, "robo_casa_denuncia")
    phone.get_by_label("En una casa, sin que nadie se diera cuenta").check()
    account_of(phone).fill("Entraron por la ventana")
    phone.get_by_label("Fue entre dos momentos").check()
    for label, value in (("Desde (día)", DAY), ("Desde (hora)", "08:00")):
        phone.get_by_label(label).fill(value)
    for label, value in (("Hasta (día)", DAY), ("Hasta (hora)", "13:00")):
        phone.get_by_label(label).fill(value)
    phone.get_by_role("button", name="Usar mi ubicación").click()
    expect(phone.get_by_text("Tu ubicación: muy precisa")).to_be_visible()
    go_on(phone, "Qué se llevaron")
    phone.get_by_role("button", name="Agregar un monto").click()
    phone.get_by_label("Cuánto", exact=True).fill("S/ 1,500.50")
    phone.get_by_label("Soles").check()
    go_on(phone, "Quién fue y quién lo vio")
    go_on(phone, "Quién denuncia")
    phone.get_by_label("A alguien de mi familia").check()
    own = phone.get_by_role("group", name="Tus datos")
    own.get_by_label("DNI").check()
    own.get_by_label("Número de documento").fill("40000001")
    own.get_by_label("Nombres").fill("Persona")
    own.get_by_label("Primer apellido").fill("Inventada")
    phone.get_by_role("button", name="Seguir").click()
    expect(phone.get_by_role("alert").get_by_text("Dinos a quién le pasó.")).to_be_visible()
    harmed = phone.get_by_role("group", name="A quién más le pasó")
    harmed.get_by_label("Nombres").fill("Primera")
    harmed.get_by_role("button", name="Agregar a otra persona").click()
    harmed.get_by_label("Nombres").nth(1).fill("Segunda")
    go_on(phone, "Tu seguridad")
    phone.get_by_label("Quiero que mi nombre quede en reserva").check()
    go_on(phone, "¿Tienes fotos?")
    take_photo(phone, jpeg)
    phone.locator(".fotos img").wait_for()
    go_on(phone, "Revisa antes de enviar")
    expect(phone.get_by_text("Pediste reserva")).to_be_visible()
    send(phone)
    report = the_report()
    assert (report.is_reserved, report.point) == (True, None)
    assert count(Attachment.__tablename__) == 1
    assert requests


@pytest.mark.parametrize("codigo", ["punto_de_drogas", "cobro_de_cupos"])
def test_what_is_told_without_a_name_needs_only_an_account_and_a_zone(phone, town, codigo):
    choose(phone, codigo)
    assert codigo not in phone.title()
    while not phone.get_by_role("heading", level=1, name="Revisa antes de enviar").is_visible():
        account = account_of(phone)
        if account.is_visible():
            account.fill("Venden de noche en la esquina del parque")
            phone.get_by_label("Distrito").select_option("Callao, Callao")
        before = phone.title()
        phone.locator("button[type=submit]").click()
        expect(phone).not_to_have_title(before)
    send(phone)
    assert (the_report().kind, the_report().point) == ("queja", None)
    assert phone.evaluate("localStorage.length + sessionStorage.length") == 0


def test_an_old_phone_denounces(phone, town):
    phone.add_init_script(OLD_PHONE)
    tell_a_theft(phone)
    send(phone)


def test_photos_that_a_reload_lost_are_asked_for_again(phone, town, jpeg):
    tell_a_theft(phone)
    phone.get_by_role("button", name="Cambiar: Fotos").click()
    take_photo(phone, jpeg)
    phone.locator(".fotos img").wait_for()
    phone.once("dialog", lambda dialog: dialog.accept())
    phone.reload()
    expect(phone.get_by_text("Las fotos no se guardan en el teléfono")).to_be_visible()
    take_photo(phone, jpeg)
    expect(phone.get_by_text("Las fotos no se guardan en el teléfono")).to_have_count(0)
