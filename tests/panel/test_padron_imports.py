"""The pages of imports: upload, progress, preview with wrong cells, registration, undoing."""

import io
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from playwright.sync_api import expect
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from backend.db import db
from backend.identity.models import AuditEntry, Staff
from backend.padron.columns import COLUMNS
from backend.padron.models import PadronImport
from backend.padron.services import MAX_FILE_BYTES
from tests.builders import Callao, a_member_of_staff, count
from tests.juntas import an_office_account
from tests.padron.files import a_book, a_row, cell, rows, work_on
from tests.pages.conftest import DESKTOP, PHONE
from tests.panel.conftest import cookies_for, csrf_token, send_form, sign_in

PAGE = "/panel/padron/importaciones"


@pytest.fixture
def callao(app) -> Callao:
    return Callao()


@pytest.fixture
def office(callao: Callao) -> Staff:
    return an_office_account(callao.west)


@pytest.fixture
def client(app: Flask, office: Staff) -> FlaskClient:
    return sign_in(app.test_client(), office)


def upload(client: FlaskClient, content: bytes, name: str = "padrón 2026.xlsx"):
    return post_file(client, content, name, csrf_token(client))


def post_file(client: FlaskClient, content: bytes, name: str = "a.xlsx", token: str = ""):
    """Send the form; encoded here, as the test client would leave a file open."""
    file = FileStorage(io.BytesIO(content), name)
    boundary, body = encode_multipart({"csrf_token": token, "archivo": file})
    return client.post(PAGE, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def the_import() -> UUID:
    db.session.rollback()
    return db.session.scalars(select(PadronImport.id).order_by(PadronImport.created_at)).all()[-1]


def work() -> str:
    """Let a worker check what was uploaded last; returns the address of its page."""
    import_id = the_import()
    work_on(import_id)
    return f"{PAGE}/{import_id}"


def test_the_template_says_what_each_column_takes(client: FlaskClient):
    answer = client.get("/panel/padron/plantilla.xlsx")
    assert answer.status_code == 200
    assert "plantilla-padron.xlsx" in answer.headers["Content-Disposition"]
    book = load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["Padrón", "Ayuda"]
    assert [one.value for one in book["Padrón"][1]] == [column.name for column in COLUMNS]
    helped = [[str(one or "") for one in line] for line in book["Ayuda"].values]
    assert [line[0] for line in helped[1:]] == [column.name for column in COLUMNS]
    told = {line[0]: line[4] for line in helped}
    assert "coordinador (Coordinador o coordinadora)" in told["cargo"]
    assert "asamblea" in told["designado_por"]
    text = client.get("/panel/padron/plantilla.csv").data.decode("utf-8-sig")
    assert text.startswith('"comisaria","junta_codigo"')
    assert client.get("/panel/padron/plantilla.pdf").status_code == 404


def test_a_file_is_uploaded_checked_and_registered(client: FlaskClient):
    answer = upload(client, a_book(rows(3)))
    address = f"{PAGE}/{the_import()}"
    assert (answer.status_code, answer.location) == (303, address)
    page = client.get(address).text
    assert "Abriendo el archivo" in page
    assert f'hx-get="{address}/avance"' in page
    assert "Abriendo el archivo" in client.get(f"{address}/avance").text
    work()
    assert client.get(f"{address}/avance").headers["HX-Refresh"] == "true"
    page = client.get(address).text
    assert "Todo está correcto" in page
    assert "Registrar solo las filas correctas" not in page
    assert send_form(client, f"{address}/registrar", que="todo").status_code == 303
    assert count("junta_member") == 3
    page = client.get(address).text
    assert "Se registraron 3 filas" in page
    assert "Deshacer esta carga" in page
    assert send_form(client, f"{address}/deshacer").status_code == 303
    assert count("junta_member") == 0
    assert "La carga se deshizo" in client.get(address).text


def test_who_was_there_already_is_not_counted_as_registered(client: FlaskClient):
    for members in (3, 5):
        upload(client, a_book(rows(members)))
        address = work()
        send_form(client, f"{address}/registrar", que="todo")
    page = client.get(address).text
    assert "Se registraron 2 filas" in page
    assert "3 ya estaban y no cambiaron" in page


def test_wrong_cells_are_listed_by_pages_and_as_a_file(client: FlaskClient):
    content = [a_row(n, junta_codigo=f"J-{n}", sexo="nadie lo sabe") for n in range(1, 121)]
    upload(client, a_book([*content, a_row(500)]))
    address = work()
    page = client.get(address).text
    assert "Hay 120 celdas por corregir" in page
    assert cell("sexo", 2) in page
    assert "nadie lo sabe" not in page
    assert cell("sexo", 51) in page
    assert cell("sexo", 52) not in page
    following = page.split("despues=")[1].split('"')[0]
    page = client.get(f"{address}?despues={following}").text
    assert cell("sexo", 52) in page
    answer = client.get(f"{address}/celdas.xlsx")
    lines = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].values)
    assert len(lines) == 121
    assert lines[1][:2] == (cell("sexo", 2), "sexo")
    assert "nadie lo sabe" not in str(lines)
    answer = send_form(client, f"{address}/registrar", que="todo")
    assert answer.status_code == 409
    assert "Hay celdas por corregir" in answer.text
    assert send_form(client, f"{address}/registrar", que="correctas").status_code == 303
    assert count("junta_member") == 1


def test_after_another_import_it_is_sent_again(client: FlaskClient):
    addresses = []
    for number in (1, 2):
        upload(client, a_book([a_row(number)]))
        addresses.append(work())
    send_form(client, f"{addresses[0]}/registrar", que="todo")
    page = send_form(client, f"{addresses[1]}/registrar", que="todo")
    assert page.status_code == 409
    assert f'href="{PAGE}">Subir el archivo otra vez' in page.text
    assert "Registrar todo" not in page.text


def test_what_cannot_be_read_is_told(client: FlaskClient):
    upload(client, b"<html></html>")
    address = work()
    page = client.get(address).text
    assert "No se pudo leer el archivo" in page
    assert "página web" in page
    assert send_form(client, f"{address}/descartar").status_code == 303


def test_no_file_and_a_file_that_is_too_large(client: FlaskClient):
    answer = send_form(client, PAGE)
    assert answer.status_code == 422
    assert "Elija el archivo" in answer.text
    answer = upload(client, b"x" * 20 * 1024 * 1024)
    assert answer.status_code == 413
    assert "pesa más de 8 MB" in answer.text
    assert f'href="{PAGE}">Elegir otro archivo' in answer.text
    assert upload(client, b"x" * (MAX_FILE_BYTES + 1)).status_code == 413
    assert count("padron_import") == 0


def test_only_who_may_upload_can_make_the_server_hold_a_file(app: Flask, callao: Callao):
    large = b"x" * 1024 * 1024
    assert post_file(app.test_client(), large).status_code == 413
    operador = sign_in(
        app.test_client(), a_member_of_staff("operador.oeste", "operador", callao.west)
    )
    assert post_file(operador, large).status_code == 413


def test_a_file_without_the_token_of_the_page_is_refused(client: FlaskClient):
    assert post_file(client, a_book(rows(1))).status_code == 400
    assert count("padron_import") == 0


def test_the_comisario_sees_that_files_came_and_opens_none(app, client, callao):
    upload(client, a_book(rows(1)), "nombres de todos.xlsx")
    address = work()
    comisario = sign_in(
        app.test_client(), a_member_of_staff("comisario.oeste", "comisario", callao.west)
    )
    page = comisario.get(PAGE).text
    assert "1 correcta de 1" in page
    assert "nombres de todos" not in page
    assert 'type="file"' not in page
    for path in (address, f"{address}/celdas.xlsx", f"{address}/avance"):
        assert comisario.get(path).status_code == 403


def test_a_loader_has_a_page_of_its_own(app, client, callao):
    upload(client, a_book(rows(1)))
    theirs = work()
    loader = sign_in(
        app.test_client(), a_member_of_staff("cargador.region", "cargador_padron", callao.region)
    )
    page = loader.get(PAGE).text
    assert "Su cuenta carga padrones y no los lee" in page
    assert "padrón 2026" not in page
    assert "Cargar padrón" in page, "it has an entry of the menu"
    assert loader.get(theirs).status_code == 404
    assert loader.get("/panel/padron").status_code == 403
    assert loader.get("/panel/padron/exportaciones").status_code == 403
    assert upload(loader, a_book([a_row(1, comisaria="WEST")]), "region.xlsx").status_code == 303
    page = loader.get(work()).text
    assert "Todo está correcto" in page
    assert "ya estaba" not in page


def test_it_is_all_in_the_trail(client: FlaskClient, office: Staff):
    upload(client, a_book(rows(2)))
    address = work()
    send_form(client, f"{address}/registrar", que="todo")
    db.session.rollback()
    [done] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "padron_imported"))
    assert done.details == {
        "padron_import": address.rsplit("/", 1)[1],
        "juntas": 1,
        "members": 2,
    }
    assert done.staff_id == office.id


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_in_a_browser(app, browser, live_server, office, size, tmp_path):
    """By keyboard from the file to the roster; the page follows the worker by itself."""
    path = tmp_path / "padron.xlsx"
    path.write_bytes(a_book([a_row(1), a_row(2, sexo="M"), a_row(3, numero_documento=1234567)]))
    large = tmp_path / "grande.xlsx"
    large.write_bytes(b"x" * 20 * 1024 * 1024)
    context = browser.new_context(viewport=size, base_url=live_server, locale="es-PE")
    context.add_cookies(cookies_for(app, office, live_server))
    page = context.new_page()
    try:
        page.goto(PAGE)
        page.set_input_files("#archivo", large)
        page.get_by_role("button", name="Subir y revisar").press("Enter")
        expect(page.get_by_text("pesa más de 8 MB")).to_be_visible()
        page.goto(PAGE)
        page.set_input_files("#archivo", path)
        page.get_by_role("button", name="Subir y revisar").press("Enter")
        expect(page.get_by_text("Abriendo el archivo")).to_be_visible()
        work()
        expect(page.get_by_text("Hay 1 celda por corregir")).to_be_visible(timeout=15_000)
        expect(page.get_by_text("La M sola puede ser")).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"], "nothing is cut off at the side"
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Registrar solo las filas correctas").press("Enter")
        expect(page.get_by_text("Se registraron 2 filas")).to_be_visible()
    finally:
        context.close()
