"""Names as files: who asks, who approves, the one download, and that no formula gets out."""

import csv
import io
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select, text, update

from backend import clock
from backend.boards.models import JuntaMember
from backend.db import db, transaction
from backend.identity.models import AuditEntry, Staff
from backend.identity.services import audit
from backend.padron.models import PadronExport
from backend.padron.spreadsheet_writer import Table, as_csv, as_xlsx, harmless
from backend.territory.queries import today
from tests.builders import Callao, a_member_of_staff
from tests.juntas import a_junta, a_member, an_identity, an_office_account
from tests.padron.files import checked
from tests.pages.conftest import DESKTOP, PHONE
from tests.panel.conftest import cookies_for, send_form, sign_in

PAGE = "/panel/padron/exportaciones"


@pytest.fixture
def callao(app) -> Callao:
    return Callao()


@pytest.fixture
def office(callao: Callao) -> Staff:
    return an_office_account(callao.west)


@pytest.fixture
def junta_id(callao: Callao) -> UUID:
    """A junta with three members, one of them with a name that computes."""
    junta = a_junta(callao.west, name="Junta del parque")
    a_member(junta, "coordinador", identity=an_identity("00000012"))
    a_member(junta, identity=an_identity("40000002", celular="999888777"))
    a_member(junta, sex="hombre", identity=an_identity("40000003", nombres="=1+1"))
    return junta.id


@pytest.fixture
def client(app: Flask, office: Staff) -> FlaskClient:
    return sign_in(app.test_client(), office)


def asked(client: FlaskClient, junta: object = "", kind: str = "xlsx", why: str = "reunion"):
    return send_form(client, PAGE, junta=str(junta), formato=kind, motivo=why)


def latest() -> PadronExport:
    db.session.rollback()
    query = select(PadronExport).order_by(PadronExport.asked_at.desc())
    return db.session.scalars(query.execution_options(populate_existing=True)).first()


def download(client: FlaskClient, export_id: UUID | None = None):
    return send_form(client, f"{PAGE}/{export_id or latest().id}/descargar")


def somebody(app: Flask, role: str, callao: Callao, name: str = "") -> FlaskClient:
    return sign_in(app.test_client(), a_member_of_staff(name or f"{role}.oeste", role, callao.west))


def fill(callao: Callao, members: int) -> None:
    """A junta of so many members."""
    junta = a_junta(callao.west, "JV-900", box=None)
    for _ in range(members):
        a_member(junta)


def test_a_small_one_is_downloaded_at_once_and_once(client: FlaskClient, junta_id, office):
    assert asked(client, junta_id).status_code == 303
    page = client.get(PAGE).text
    assert "3 integrantes" in page
    assert "no necesita aprobación" in page
    answer = download(client)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert latest().state == "descargada"
    again = download(client)
    assert again.status_code == 409
    assert "Pida otra" in again.text
    db.session.rollback()
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    for action in ("padron_export_asked", "padron_exported", "padron_names_read"):
        assert action in actions
    [(reading, members)] = db.session.execute(
        text("SELECT staff_id, cardinality(member_ids) FROM vault.reading")
    )
    assert (reading, members) == (office.id, 3)


def test_whose_copy_it_is_stands_everywhere(client: FlaskClient, junta_id, office):
    asked(client, junta_id)
    sheet = load_workbook(io.BytesIO(download(client).data)).worksheets[0]
    copy = latest().id.hex[:8].upper()
    mark = str(sheet["A1"].value)
    for words in (copy, office.username, "Ley 29733", f"{clock.in_lima(clock.now()):%d/%m/%Y}"):
        assert words in mark
    assert copy in str(sheet.oddHeader.center.text)
    assert copy in str(sheet.oddFooter.center.text)
    header, *lines = [list(line) for line in sheet.iter_rows(min_row=2, values_only=True)]
    assert header[-3:] == ["exportado_por", "exportado_el", "copia"]
    assert len(lines) == 3
    assert all(line[-3] == office.username and line[-1] == copy for line in lines)
    where = header.index("numero_documento")
    assert {line[where] for line in lines} == {"00000012", "40000002", "40000003"}


def test_no_formula_gets_out(client: FlaskClient, junta_id):
    asked(client, junta_id)
    sheet = load_workbook(io.BytesIO(download(client).data)).worksheets[0]
    cells = [cell for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert "'=1+1" in {cell.value for cell in cells}
    asked(client, junta_id, "csv")
    assert b'"\'=1+1"' in download(client).data


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " =", "\u00a0@"])
def test_every_sign_that_computes_is_made_harmless(sign: str):
    dangerous = f"{sign}cmd|' /C calc'!A0"
    assert harmless(dangerous) == f"'{dangerous}"
    assert harmless("Persona") == "Persona"
    made = as_xlsx(Table("Hoja", [dangerous], [[dangerous]], mark=dangerous))
    for line in load_workbook(io.BytesIO(made)).worksheets[0].iter_rows():
        for cell in line:
            assert cell.data_type == "s"
            assert str(cell.value).startswith("'")
    made = as_csv(Table("Hoja", [dangerous], [[dangerous]], mark=dangerous))
    lines = list(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline="")))
    assert all(cell.startswith("'") for line in lines for cell in line)


def test_the_registry_gets_codes_and_iso_days(client: FlaskClient, junta_id, office):
    asked(client, junta_id, "registro", "registro_nacional")
    answer = download(client)
    assert answer.data.startswith(b'\xef\xbb\xbf"version","comisaria_codigo"')
    first, *_others = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert first["version"] == "YA-JV-1"
    assert first["comisaria_codigo"] == "WEST"
    assert first["cargo"] == "coordinador"
    assert first["ambito"] == "manzana"
    assert first["area_wkt"].startswith("MULTIPOLYGON")
    assert first["vigente_hasta"][4] == "-"
    assert first["exportado_por"] == office.username


def test_what_was_exported_can_be_imported_again(client: FlaskClient, callao: Callao, office):
    junta = a_junta(callao.west, box=None)
    a_member(junta, "coordinador", identity=an_identity("00000012"))
    a_member(junta, identity=an_identity("40000002"))
    for kind in ("xlsx", "csv"):
        asked(client, "", kind)
        one = checked(office, download(client).data, f"padron.{kind}")
        assert (one.rows_total, one.rows_right, one.rows_known) == (2, 2, 2)


# Many need a second person


def test_many_wait_for_a_second_person(app, client: FlaskClient, callao: Callao, office):
    fill(callao, 51)
    asked(client)
    assert "Espera la aprobación" in client.get(PAGE).text
    assert download(client).status_code == 409
    own_word = send_form(client, f"{PAGE}/{latest().id}/decidir", respuesta="aprobar")
    assert own_word.status_code == 403, "nobody approves what they asked for"
    comisario = somebody(app, "comisario", callao)
    page = comisario.get(PAGE).text
    assert "Aprobar" in page
    assert "51 integrantes" in page
    answer = send_form(comisario, f"{PAGE}/{latest().id}/decidir", respuesta="aprobar")
    assert answer.status_code == 303
    assert download(comisario).status_code == 403, "the comisario never downloads"
    answer = download(client)
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert sheet.max_row == 53
    again = send_form(comisario, f"{PAGE}/{latest().id}/decidir", respuesta="rechazar")
    assert again.status_code == 409
    assert "Ya se decidió" in again.text, "who may decide is not told that the comisario may"


def test_the_other_seat_may_approve_and_may_not_download(app, client, callao, office):
    fill(callao, 51)
    asked(client)
    other = sign_in(app.test_client(), an_office_account(callao.west, "juntas.otra"))
    send_form(other, f"{PAGE}/{latest().id}/decidir", respuesta="aprobar")
    assert latest().state == "aprobada"
    assert download(other).status_code == 409
    assert download(client).status_code == 200
    assert "Descargada" in client.get(PAGE).text
    assert "la aprobó Juntas.Otra" in client.get(PAGE).text, "who approved has no names"


def test_a_refused_one_cannot_be_had(app, client, callao):
    fill(callao, 51)
    asked(client)
    comisario = somebody(app, "comisario", callao)
    send_form(comisario, f"{PAGE}/{latest().id}/decidir", respuesta="rechazar")
    assert "la rechazó" in client.get(PAGE).text
    assert download(client).status_code == 409


def test_another_unit_knows_nothing_of_it(app, client, callao):
    fill(callao, 51)
    asked(client)
    export_id = latest().id
    far = sign_in(app.test_client(), a_member_of_staff("com.este", "comisario", callao.east))
    assert "51 integrantes" not in far.get(PAGE).text
    assert send_form(far, f"{PAGE}/{export_id}/decidir", respuesta="aprobar").status_code == 404
    office = sign_in(app.test_client(), an_office_account(callao.east, "juntas.este"))
    assert download(office, export_id).status_code == 404


def test_after_a_day_it_is_too_late(client: FlaskClient, junta_id):
    asked(client, junta_id)
    yesterday = clock.now() - timedelta(hours=25)
    with transaction():
        db.session.execute(update(PadronExport).values(asked_at=yesterday))
    assert "Venció sin descargarse" in client.get(PAGE).text
    assert download(client).status_code == 409


def test_who_joined_meanwhile_was_not_approved(client: FlaskClient, junta_id, callao):
    asked(client)
    a_member(a_junta(callao.west, "JV-901", box=None))
    answer = download(client)
    assert answer.status_code == 409
    assert "El padrón cambió" in answer.text


def test_who_took_the_place_of_another_was_not_approved(client: FlaskClient, junta_id, callao):
    """As many as were asked for, and one of them is another person."""
    asked(client)
    with transaction():
        gone = db.session.scalars(select(JuntaMember).where(JuntaMember.position == 3)).one()
        gone.ended_on, gone.end_reason = today(), "renuncia"
    a_member(a_junta(callao.west, "JV-901", box=None))
    answer = download(client)
    assert answer.status_code == 409
    assert "El padrón cambió" in answer.text


def test_small_ones_add_up_to_one_that_needs_a_second_person(app, client, callao):
    """Junta by junta a comisaría is soon copied whole."""
    fill(callao, 26)
    asked(client)
    assert download(client).status_code == 200
    asked(client)
    assert latest().state == "pedida"
    assert download(client).status_code == 409
    comisario = somebody(app, "comisario", callao)
    send_form(comisario, f"{PAGE}/{latest().id}/decidir", respuesta="aprobar")
    assert download(client).status_code == 200
    yesterday = clock.now() - timedelta(hours=25)
    with transaction():
        db.session.execute(update(PadronExport).values(asked_at=yesterday))
    asked(client)
    assert latest().state == "aprobada"


def test_what_a_second_person_approved_is_had_after_a_day_of_reading(app, client, callao, office):
    fill(callao, 26)
    for _ in range(2):
        asked(client)
    with transaction():
        audit(office.id, "padron_names_read", count=50)
        audit(office.id, "padron_names_read", count=50)
    comisario = somebody(app, "comisario", callao)
    send_form(comisario, f"{PAGE}/{latest().id}/decidir", respuesta="aprobar")
    assert download(client).status_code == 200


def test_only_active_members_are_exported(client: FlaskClient, junta_id, callao):
    lapsed = a_junta(callao.west, "JV-700", until=clock.now().date() - timedelta(days=2), box=None)
    a_member(lapsed)
    asked(client)
    assert latest().rows == 3
    assert asked(client, lapsed.id).status_code == 422


def test_choices_that_are_none(client: FlaskClient, junta_id, callao):
    refused = asked(client, kind="docx").text
    assert "Elija el formato" in refused
    assert 'aria-current="page">Exportaciones' in refused
    assert "Elija para qué" in asked(client, why="curiosidad").text
    assert asked(client, "no-es-una").status_code == 422
    elsewhere = a_junta(callao.east, "JV-2", box=None)
    assert asked(client, elsewhere.id).status_code == 404


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_in_a_browser(app, browser, live_server, office, junta_id, size):
    """By keyboard, from asking to the file."""
    context = browser.new_context(viewport=size, base_url=live_server, locale="es-PE")
    context.add_cookies(cookies_for(app, office, live_server))
    page = context.new_page()
    try:
        page.goto(PAGE)
        page.get_by_label("De qué junta").select_option(label="JV-001 · Junta del parque")
        page.get_by_label("Formato").select_option("xlsx")
        page.get_by_label("Para qué").select_option("reunion")
        page.get_by_role("button", name="Pedir").press("Enter")
        with page.expect_download() as taken:
            page.get_by_role("button", name="Descargar").press("Enter")
        assert taken.value.suggested_filename.startswith("padron-WEST-")
        assert page.get_by_role("button", name="Descargado").is_disabled()
        page.reload()
        assert "Descargada" in page.content()
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    finally:
        context.close()
