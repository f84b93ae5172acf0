"""What a coordinator does on the page of the juntas, for its stories."""

from playwright.sync_api import Page, expect
from sqlalchemy import select

from backend.db import db
from backend.informes.models import Informe
from backend.reports.models import Report
from tests.coordinating import PIN, Coordinator
from tests.pages.test_alert import write_place

WRONG = "El PIN no coincide"
NAME = "Junta Los Faros"
SEAL = "localStorage.getItem('ya.sello')"
KEPT = "JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"


def choose_pin(page: Page, pin: str = PIN, again: str = "") -> None:
    page.get_by_label("Tu PIN nuevo").fill(pin)
    page.get_by_label("Escríbelo otra vez").fill(again or pin)
    page.get_by_role("button", name="Guardar mi PIN").click()


def enrol(page: Page, coordinator: Coordinator) -> None:
    page.goto(f"/junta#codigo={coordinator.code()}")
    choose_pin(page)
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()


def type_pin(page: Page, pin: str = PIN) -> None:
    page.get_by_label("Escribe tu PIN de 6 números").fill(pin)
    page.get_by_role("button", name="Entrar").click()


def expect_door(page: Page) -> None:
    expect(page.get_by_label("Escribe tu PIN de 6 números")).to_be_visible()
    expect(page.get_by_text(NAME)).to_have_count(0)


def open_tile(page: Page, name: str) -> None:
    page.locator("button.puerta", has_text=name).click()


def begin_informe(page: Page, source: str, categoria: str) -> None:
    open_tile(page, "Informar")
    page.locator(f"button[data-codigo={source}]").click()
    page.locator(f"button[data-codigo={categoria}]").click()


def tell_of_a_neighbour(page: Page, categoria: str = "robo") -> None:
    begin_informe(page, "vecino", categoria)
    page.get_by_text("Seguir sin foto").click()
    write_place(page)


def press_send(page: Page) -> None:
    page.get_by_role("button", name="Enviar informe").click()


def the_informe() -> tuple[Informe, Report]:
    db.session.rollback()
    row = db.session.execute(
        select(Informe, Report).join(Report, Report.id == Informe.report_id)
    ).one()
    return row[0], row[1]
