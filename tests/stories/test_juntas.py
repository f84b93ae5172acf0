"""A junta vecinal from the comisaría's spreadsheet to what came of its informe."""

import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from backend.db import db
from backend.informes.models import Informe
from backend.padron.models import ImportState, PadronImport
from backend.reports.models import Report
from backend.territory.queries import today
from tests.builders import count
from tests.juntas import an_office_account
from tests.padron.files import a_book, a_row, cell
from tests.pages.juntas import choose_pin, open_tile, press_send, tell_of_a_neighbour
from tests.pages.test_alert import number_shown
from tests.stories.conftest import StoryTown
from tests.stories.people import Desk, read
from workers import jobs

JUNTAS, PEOPLE = 20, 10
SOON = "JV-007"


def a_padron() -> list[dict[str, Any]]:
    """Two hundred right rows: twenty juntas of ten; one of them ends in three weeks."""
    return [
        a_row(
            100 * junta + person,
            junta_codigo=f"JV-{junta:03}",
            junta_nombre=f"Junta de la manzana {junta}",
            acto=f"Acta {junta:03}-2026",
            cargo="coordinador" if person == 1 else "integrante",
            sexo="mujer" if person % 2 else "hombre",
            **(ending_soon() if f"JV-{junta:03}" == SOON else {}),
        )
        for junta in range(1, JUNTAS + 1)
        for person in range(1, PEOPLE + 1)
    ]


def ending_soon() -> dict[str, Any]:
    return {"vigente_hasta": today() + timedelta(days=20)}


# Row of the sheet (the header is the first), column, what stands there: five wrong cells, because
# of a document that is there twice both are marked.
MISTAKES = [
    (14, "numero_documento", "4000012"),
    (31, "numero_documento", "40000201"),
    (120, "celular", "12345"),
    (201, "vigente_hasta", "31/02/2026"),
]


def with_mistakes(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same file as it first comes in: five cells are wrong."""
    rows = [dict(row) for row in rows]
    for line, column, value in MISTAKES:
        rows[line - 2][column] = value
    return rows


class Office:
    """The officer of participación ciudadana at the old desktop."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.folder = page, folder

    def uploads(self, rows: list[dict[str, Any]], name: str) -> None:
        file = self.folder / name
        file.write_bytes(a_book(rows))
        self.page.goto("/panel/padron")
        self.page.get_by_role("link", name="Cargas").first.click()
        self.page.get_by_label("Archivo de Excel").set_input_files(file)
        self.page.get_by_role("button", name="Subir y revisar").click()
        expect(self.page.get_by_role("heading", name="Carga del padrón")).to_be_visible()
        check_uploads()
        self.page.reload()

    def reads(self, *words: str) -> None:
        read(self.page, *words)

    def opens_junta(self, code: str) -> None:
        self.page.goto(f"/panel/padron?buscar={code}")
        self.page.locator("tbody a").first.click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(code)

    def renews(self, act: str) -> None:
        self.page.locator("#renovar > summary").click()
        form = self.page.locator("#renovar")
        form.get_by_label("Acto de reconocimiento").fill(act)
        form.get_by_label("Día de ese acto").fill(today().isoformat())
        form.get_by_role("button", name="Renovar la junta").click()

    def shows_the_code(self) -> str:
        """Opens the access of the coordinator; returns what the QR on the screen says."""
        self.page.get_by_role("button", name="Habilitar el acceso del miembro 1").click()
        symbol = self.page.locator("main svg").first
        expect(symbol).to_be_visible()
        picture = self.folder / "codigo.png"
        symbol.screenshot(path=picture)
        command = ["zbarimg", "--quiet", "--raw", str(picture)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def takes_off(self, member: str) -> None:
        self.page.get_by_role("link", name=member, exact=True).click()
        form = self.page.locator("#baja")
        form.get_by_label("Motivo").select_option("Renunció")
        form.get_by_role("button", name="Dar de baja").click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Junta")


def check_uploads() -> None:
    """What the worker of the rosters does."""
    db.session.rollback()
    waiting = select(PadronImport.id).where(PadronImport.state == ImportState.UPLOADED)
    for import_id in db.session.scalars(waiting).all():
        jobs.check_padron(str(import_id))


@pytest.fixture
def office(town: StoryTown, open_desk: Callable[..., Page], tmp_path: Path) -> Office:
    staff = an_office_account(town.callao.west)
    return Office(open_desk(SimpleNamespace(staff=staff), path="/panel/padron"), tmp_path)


def the_numero() -> str:
    db.session.rollback()
    query = select(Report.numero).join(Informe, Informe.report_id == Report.id)
    return db.session.execute(query).scalar_one()


def test_a_junta_is_registered_heard_and_answered(
    town: StoryTown, office: Office, phone: Page, desk_of: Callable[..., Desk]
):
    # The comisaría brings its spreadsheet.
    rows = a_padron()
    office.reads("Aquí no hay ninguna junta todavía")
    office.uploads(with_mistakes(rows), "padron.xlsx")
    office.reads("Hay 5 celdas por corregir", "Nada se ha registrado todavía.")
    for line, column, value in MISTAKES:
        office.reads(cell(column, line))
        assert value not in office.page.locator("main").inner_text()
    assert count("junta_vecinal") == 0
    office.uploads(rows, "padron corregido.xlsx")
    office.reads("Todo está correcto")
    office.page.get_by_role("button", name="Registrar todo").click()
    office.reads("Se registraron 200 filas")
    assert (count("junta_vecinal"), count("junta_member")) == (JUNTAS, JUNTAS * PEOPLE)

    # One of them ends soon.
    office.page.goto("/panel/padron?estado=por_vencer")
    office.reads("1 junta vence en los próximos 60 días.")
    office.opens_junta(SOON)
    office.renews("Acta 150-2026")
    office.reads("Acta 150-2026", "Acta 007-2026")
    expect(office.page.locator("main")).not_to_contain_text("por vencer")

    # Its coordinator enrols with the phone in the comisaría.
    address = urlsplit(office.shows_the_code())
    assert address.path == "/junta"
    phone.goto(f"{address.path}#{address.fragment}")
    choose_pin(phone)
    expect(phone.get_by_role("heading", name="Junta de la manzana 7")).to_be_visible()
    expect(office.page.locator("#inscripcion")).to_contain_text("Con acceso")

    # A neighbour told of a robbery.
    tell_of_a_neighbour(phone)
    phone.get_by_label("Cuéntanos más (opcional)").fill(
        "Dos en una moto asaltan al salir del mercado"
    )
    press_send(phone)
    numero = number_shown(phone)
    assert numero == the_numero()
    town.work()

    # The desk acts, without knowing which junta it was.
    desk = desk_of(town.callao.west)
    desk.opens(numero)
    desk.reads(
        "De una junta vecinal", "no pregunte quién", "Dos en una moto asaltan al salir del mercado"
    )
    desk.finds_nowhere("manzana 7", SOON)
    desk.receives()
    desk.closes("La patrulla intervino")

    # And the coordinator reads what came of it.
    phone.get_by_role("button", name="Ver la lista de la junta").click()
    fate = phone.locator(".suertes li")
    expect(fate).to_contain_text("Atendido")
    expect(fate).to_contain_text("Fue una patrulla")
    phone.get_by_role("button", name="Inicio").click()
    open_tile(phone, "Resumen")
    expect(phone.locator(".lectura")).to_contain_text("Informamos a la policía de 1 delito.")

    # Who left the junta is refused at the next call, and told why.
    office.opens_junta(SOON)
    office.takes_off("Miembro 1")
    phone.get_by_role("button", name="Inicio").click()
    open_tile(phone, "Qué pasó")
    expect(phone.get_by_role("heading", name="Tu acceso terminó")).to_be_visible()
    expect(phone.get_by_text("acércate a tu comisaría (Comisaría WEST")).to_be_visible()
