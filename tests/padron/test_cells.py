"""What spreadsheets make of what was typed: days out of names, days that no calendar has."""

import io
from datetime import date

import pytest
from openpyxl import load_workbook

from backend.padron.columns import bare, header_of
from backend.padron.spreadsheet_writer import Table, as_xlsx
from tests.padron.files import NAMES, a_book, a_csv, a_row, cell, checked, wrong


@pytest.mark.parametrize("column", ["junta_codigo", "junta_nombre", "acto"])
def test_a_name_that_a_spreadsheet_took_for_a_day_is_told(office, column):
    """Whoever types «2 de mayo» or «1-2026» gets a date, and a junta called 02/05/2026."""
    one = checked(office, a_book([a_row(1, **{column: date(2026, 5, 2)})]))
    assert list(wrong(one)) == [cell(column)]
    assert "como texto" in wrong(one)[cell(column)]


@pytest.mark.parametrize("written", ["10/01/9999", date(9999, 12, 31)])
def test_a_day_past_all_calendars_costs_its_own_row_only(office, written):
    """Some offices write the last day that a spreadsheet has where they know none."""
    content = [a_row(1), a_row(2, junta_codigo="JV-300", vigente_desde=written)]
    one = checked(office, a_book(content))
    assert (one.state, one.rows_right) == ("revisada", 1)
    assert "Revise el año" in wrong(one)[cell("vigente_desde", 3)]


def test_signs_that_nobody_typed_are_left_out(office):
    """Old programs end a file with one, and no spreadsheet can be written with them."""
    text = a_csv([a_row(1, junta_nombre="Junta\x02 de la manzana B")])
    one = checked(office, text.encode() + b"\x1a", "padron.csv")
    assert (wrong(one), one.rows_total) == ({}, 1)


@pytest.mark.parametrize("written", ["Nº Documento", "N° documento", "N.º DOCUMENTO"])
def test_numbers_of_documents_as_offices_head_them(written):
    others = [name for name in NAMES if name != "numero_documento"]
    assert header_of([written, *others]) == ["numero_documento", *others]


def test_ordinals_are_marks_and_no_letters():
    assert bare("N.º 3ª") == "n 3"


def test_a_workbook_is_written_without_what_it_cannot_hold():
    """One junta with such a name, and no export of its comisaría could be made."""
    made = as_xlsx(Table("Hoja", ["junta"], [["Junta\x02 del\uffff \x0bparque"]]))
    assert load_workbook(io.BytesIO(made)).worksheets[0]["A2"].value == "Junta del parque"
