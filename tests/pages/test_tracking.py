"""A person follows what became of an alert, by number and clave."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from backend import clock, triage
from backend.db import db
from backend.reports.models import Report
from tests.builders import a_member_of_staff, datos, send


@pytest.fixture
def receipt(client, callao, jpeg, work) -> dict[str, Any]:
    """An alert with a photo that has reached the desk: its number and clave."""
    answer = send(client, datos(), photos=[(_file(jpeg), "foto.jpg")])
    assert answer.status_code == 201
    work()
    work()
    return dict(answer.json)


def _file(content: bytes):
    import io

    return io.BytesIO(content)


@pytest.fixture
def officer(callao, receipt):
    return a_member_of_staff("guardia", "operador", callao.west)


def report_id():
    db.session.rollback()
    return db.session.scalars(select(Report.id)).one()


def look(page: Page, numero: str, clave: str = "") -> None:
    page.goto("/seguimiento")
    page.get_by_label("Número").fill(numero)
    page.get_by_label("Clave").fill(clave)
    page.get_by_role("button", name="Ver", exact=True).click()


def open_case(page: Page, receipt: dict[str, Any]) -> None:
    look(page, receipt["numero"], receipt["clave"])
    expect(page.get_by_role("heading", name=f"Caso {receipt['numero']}")).to_be_visible()


def test_the_case_shows_its_steps_its_photo_and_that_nobody_has_looked(phone, receipt):
    open_case(phone, receipt)
    expect(phone.get_by_text("Recibimos tu reporte.")).to_be_visible()
    expect(phone.get_by_text("Nadie lo ha visto aún")).to_be_visible()
    picture = phone.get_by_role("img", name="Foto 1 que enviaste")
    expect(picture).to_be_visible()
    phone.wait_for_function("document.querySelector('.fotos img').naturalWidth > 0")


def test_number_and_clave_may_be_typed_as_people_type(phone, receipt):
    numero = receipt["numero"].lower().removeprefix("ya-").replace("-", " ").replace("0", "o")
    clave = receipt["clave"].lower().replace("-", "").replace("1", "l")
    look(phone, numero, clave)
    expect(phone.get_by_role("heading", name=f"Caso {receipt['numero']}")).to_be_visible()


def test_the_number_alone_tells_state_and_date(phone, receipt):
    look(phone, receipt["numero"])
    expect(phone.get_by_text("Escribe también tu clave para ver los pasos")).to_be_visible()
    expect(phone.get_by_text("Recibimos tu reporte.")).to_have_count(0)


def test_a_mistyped_number_is_noticed_before_it_is_sent(phone, callao):
    look(phone, "YA-7K3M-9QX2-A")
    expect(phone.locator("#error-numero")).to_contain_text("tiene un error")


def test_a_wrong_clave_gets_nothing(phone, receipt):
    look(phone, receipt["numero"], "0000-0000-0000-0000")
    expect(phone.get_by_role("alert")).to_contain_text("No encontramos ese número con esa clave")


def test_author_and_comisaria_write_to_each_other(phone, parts, receipt, officer):
    open_case(phone, receipt)
    phone.get_by_label("Escribe un mensaje").fill("Ya se fueron hacia la avenida")
    phone.get_by_role("button", name="Enviar mensaje").click()
    expect(phone.locator(".hilo")).to_contain_text("Ya se fueron hacia la avenida")
    triage.record_acknowledgement(parts, officer, report_id(), clock.now())
    triage.answer(parts, officer, report_id(), text="Va una patrulla", now=clock.now())
    phone.get_by_role("button", name="Actualizar").click()
    expect(phone.locator(".hilo .ajeno")).to_contain_text("Va una patrulla")
    expect(phone.get_by_text("Nadie lo ha visto aún")).to_have_count(0)


def test_a_closure_can_be_contested_once(phone, parts, receipt, officer):
    _close(parts, officer)
    open_case(phone, receipt)
    phone.get_by_role("button", name="No estoy de acuerdo").click()
    phone.get_by_label("¿Por qué no estás de acuerdo?").fill("Siguen ahí")
    phone.get_by_role("button", name="Abrir el caso otra vez").click()
    expect(phone.get_by_text("Dijiste que no estás de acuerdo.")).to_be_visible()
    expect(phone.get_by_text("Lo volverán a mirar; si es urgente")).to_be_visible()
    expect(phone.get_by_text("Nadie lo ha visto aún")).to_have_count(0)
    expect(phone.get_by_role("button", name="No estoy de acuerdo")).to_have_count(0)


def _close(parts, officer) -> None:
    triage.record_acknowledgement(parts, officer, report_id(), clock.now())
    triage.close(
        parts, officer, report_id(), outcome="sin_novedad", words="No había nadie", now=clock.now()
    )


def test_the_phones_own_list_opens_a_case_and_forgets_it(phone, callao, work):
    phone.goto("/")
    phone.locator("button[data-codigo=robo]").click()
    phone.get_by_text("Seguir sin foto").click()
    expect(phone.get_by_text("Tu ubicación:")).to_be_visible()
    phone.get_by_role("button", name="Enviar alerta").click()
    numero = phone.locator("#numero").inner_text()
    phone.get_by_role("link", name="Ver el seguimiento").click()
    phone.get_by_role("button", name=numero).first.click()
    expect(phone.get_by_role("heading", name=f"Caso {numero}")).to_be_visible()
    phone.get_by_role("button", name="Ver otro número").click()
    phone.get_by_role("button", name=f"Borrar {numero}").click()
    expect(phone.get_by_text("Tus números en este teléfono")).to_have_count(0)


def test_an_expired_token_asks_for_the_clave_again(phone, receipt):
    open_case(phone, receipt)
    phone.route("**/api/v1/caso", lambda route: route.fulfill(status=401, body="{}"))
    phone.get_by_role("button", name="Actualizar").click()
    expect(phone.get_by_text("Escribe tu clave otra vez")).to_be_visible()
    expect(phone.get_by_label("Número")).to_have_value(receipt["numero"])


def test_neither_number_nor_clave_nor_token_stands_in_an_address(
    phone: Page, receipt, work: Callable[[], None]
):
    addresses: list[str] = []
    phone.on("request", lambda one: addresses.append(one.url))
    open_case(phone, receipt)
    secrets = (receipt["numero"], receipt["clave"], receipt["clave"].replace("-", ""))
    assert not [one for one in addresses if any(secret in one for secret in secrets)]
    assert "YA-" not in phone.url
