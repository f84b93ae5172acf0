"""Files as real offices make them: each is read or refused in words, and none crashes anything."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from openpyxl import Workbook

from backend.errors import InvalidInput, TooLarge
from backend.padron.services import MAX_FILE_BYTES
from backend.padron.spreadsheet_client import Sheet, Unreadable, read_sheet
from backend.territory.queries import today
from tests.padron.files import (
    NAMES,
    a_book,
    a_csv,
    a_row,
    cell,
    checked,
    rows,
    saved,
    uploaded,
    warned,
    wrong,
)


def refusal(content: bytes) -> str:
    """In which words a file is refused."""
    with pytest.raises(Unreadable) as told:
        read_sheet(content)
    return str(told.value)


def read(content: bytes) -> Sheet:
    return read_sheet(content)


def with_sheet(*lines: list[Any], change: Callable[[Any], None] | None = None) -> bytes:
    """A workbook of just these rows."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in lines:
        sheet.append(line)
    if change:
        change(sheet)
    return saved(book)


def repacked(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """A workbook with other parts in its zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return made.getvalue()


# Read


def test_titles_and_merged_cells_above_the_header(office):
    def merge(book: Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        sheet.insert_rows(1, 4)
        sheet["A1"] = "REGISTRO DE JUNTAS VECINALES"
        sheet.merge_cells("A1:T2")
        sheet["B4"] = "LA JUNTA"
        sheet.merge_cells("B4:I4")

    one = checked(office, a_book(rows(2), change=merge))
    assert (wrong(one), one.rows_right) == ({}, 2)


def test_texts_that_are_shared_as_excel_keeps_them(office):
    """Excel writes each text once, in a part of its own; `openpyxl` into the cells."""

    def share(parts: dict[str, bytes]) -> None:
        texts: list[bytes] = []

        def once(found: re.Match[bytes]) -> bytes:
            if found[2] not in texts:
                texts.append(found[2])
            return b'<c r="%s" t="s"><v>%d</v></c>' % (found[1], texts.index(found[2]))

        sheet = parts["xl/worksheets/sheet1.xml"]
        inline = rb'<c r="(\w+)"[^>]*t="inlineStr"><is><t>([^<]*)</t></is></c>'
        parts["xl/worksheets/sheet1.xml"] = re.sub(inline, once, sheet)
        body = b"".join(b"<si><t>%s</t></si>" % one for one in texts)
        main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        parts["xl/sharedStrings.xml"] = b'<sst xmlns="%s">%s</sst>' % (main, body)
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
            b"</Types>",
            b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/'
            b'vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>',
        )
        assert b"inlineStr" not in parts["xl/worksheets/sheet1.xml"]

    one = checked(office, repacked(a_book(rows(2)), share))
    assert (wrong(one), one.rows_right) == ({}, 2)


def test_headers_as_people_write_them(office):
    names = {
        "junta_codigo": "Código de la Junta",
        "junta_nombre": " NOMBRE DE JUNTA ",
        "ambito": "Ámbito",
        "reconocida_el": "Fecha de Reconocimiento",
        "apellido_paterno": "APELLIDO PATERNO",
        "numero_documento": "N° Documento",
        "celular": "Teléfono",
        "designado_por": "Designado\u00a0por",
    }
    shuffled = list(reversed(NAMES))
    content = with_sheet(
        [names.get(name, name.upper()) for name in shuffled],
        [a_row(1).get(name) for name in shuffled],
    )
    one = checked(office, content)
    assert (wrong(one), one.rows_right) == ({}, 1)


def test_cells_of_a_junta_that_are_merged_over_its_members(office):
    def merge(book: Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        for column in "BCDFGH":
            sheet.merge_cells(f"{column}2:{column}4")

    one = checked(office, a_book(rows(3), change=merge))
    assert (wrong(one), one.rows_right) == ({}, 3)


@pytest.mark.parametrize(
    "written",
    [
        "05/01/2026",
        "5-1-2026",
        "2026-01-05",
        "5 de enero de 2026",
        "05 Ene. 2026",
        "2026-01-05 00:00",
        "2026-01-05T00:00:00",
    ],
)
def test_dates_as_text(office, written):
    one = checked(office, a_book([a_row(1, reconocida_el=written)]))
    assert wrong(one) == {}


def test_a_date_that_lost_its_format_and_one_with_an_hour(office):
    begins = today() - timedelta(days=30)
    serial = (begins - date(1899, 12, 30)).days
    hour = datetime.combine(begins, time(15, 30))
    one = checked(office, a_book([a_row(1, vigente_desde=serial), a_row(2, vigente_desde=hour)]))
    assert wrong(one) == {}


def test_a_dni_that_was_kept_as_a_number_gets_its_zero_back(office):
    one = checked(office, a_book([a_row(1, numero_documento=1234567)]))
    assert wrong(one) == {}
    [warning] = warned(one)
    assert "se repuso" in warning


def test_a_dni_of_six_digits_or_as_text_gets_none(office):
    one = checked(
        office, a_book([a_row(1, numero_documento=123456), a_row(2, numero_documento="1234567")])
    )
    assert set(wrong(one)) == {cell("numero_documento", 2), cell("numero_documento", 3)}


def test_blanks_that_nobody_sees(office):
    row = a_row(
        1,
        nombres="  Persona\u00a0 ",
        cargo=" Integrante\u200b",
        numero_documento="40 000 001\u00a0",
        tipo_documento="D.N.I.",
        celular="+51 999 888 777",
        sexo="FEMENINO",
    )
    one = checked(office, a_book([row, {}, {"nombres": "   "}, {"nombres": "\u00a0"}]))
    assert (wrong(one), one.rows_total) == ({}, 1)


def test_hidden_rows_are_read_and_told(office):
    def hide(book: Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        sheet.row_dimensions[3].hidden = True

    one = checked(office, a_book(rows(3), change=hide))
    assert one.rows_total == 3
    assert any("Filas ocultas que también se leyeron: 1" in said for said in warned(one))


def test_the_sheet_with_our_header_is_read(office):
    def add(book: Workbook) -> None:
        notes = book.create_sheet("Apuntes", 0)
        notes["A1"] = "llamar a la municipalidad"

    one = checked(office, a_book(rows(2), change=add))
    assert one.rows_total == 2
    assert any("«Padrón»" in said for said in warned(one))


def test_two_sheets_with_our_header_are_refused_by_name():
    def add(book: Workbook) -> None:
        book.create_sheet("Antiguas").append(NAMES)

    said = refusal(a_book(rows(1), change=add))
    assert "«Padrón»" in said
    assert "«Antiguas»" in said


def test_the_template_with_its_help_is_read(office, parts):
    from openpyxl import load_workbook

    from backend.padron.template import template_xlsx

    book = load_workbook(io.BytesIO(template_xlsx(parts.catalog)))
    row = a_row(1)
    book["Padrón"].append([row.get(name) for name in NAMES])
    one = checked(office, saved(book))
    assert (wrong(one), one.rows_right) == ({}, 1)
    assert read(saved(book)).notes == []


def test_a_formula_is_never_computed_nor_believed(office):
    def compute(book: Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        sheet[cell("nombres", 2)] = '=HYPERLINK("http://example.org","Persona")'
        sheet[cell("numero_documento", 3)] = "=40000000+2"

    one = checked(office, a_book(rows(3), change=compute))
    assert set(wrong(one)) == {cell("nombres", 2), cell("numero_documento", 3)}
    assert all("fórmula" in said for said in wrong(one).values())


def test_an_error_in_a_cell(office):
    one = checked(office, a_book([a_row(1, nombres="#N/A")]))
    assert cell("nombres") in wrong(one)


def test_columns_that_are_not_ours_are_named(office):
    header = [*NAMES, "Observaciones"]
    content = with_sheet(header, [*(a_row(1).get(name) for name in NAMES), "viene tarde"])
    one = checked(office, content)
    assert one.rows_right == 1
    assert any("no se leen: U" in said for said in warned(one))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_as_each_program_writes_it(encoding, delimiter):
    text = a_csv([a_row(1, nombres="Ñusta Ángela")], delimiter)
    [row] = read(text.encode(encoding)).rows
    assert row.cells["nombres"] == "Ñusta Ángela"


@pytest.mark.parametrize("encoding", ["cp850", "cp437", "mac-roman"])
@pytest.mark.parametrize("surname", ["GARCÍA", "Muñoz"])
def test_letters_of_ms_dos_and_old_macs_are_not_guessed(encoding, surname):
    """«CSV (MS-DOS)» stands beside «CSV» where Excel asks; GARCÍA would have become GARCÖA."""
    if "Í" in surname and encoding == "cp437":
        surname = "MUÑOZ"  # that one has no Í
    text = a_csv([a_row(1, apellido_paterno=surname), a_row(2, apellido_paterno="Pérez")])
    assert "«CSV UTF-8»" in refusal(text.encode(encoding))


def test_one_foreign_name_among_others_is_read():
    content = [
        a_row(1, nombres="Gonçalo"),
        a_row(2, nombres="María"),
        a_row(3, nombres="José Luís"),
    ]
    assert len(read(a_csv(content).encode("cp1252")).rows) == 3


def test_a_csv_is_checked_like_a_workbook(office):
    text = a_csv([a_row(1), a_row(2, numero_documento="4000002"), a_row(3, nombres="=1+1")])
    one = checked(office, text.encode(), "padron.csv")
    assert set(wrong(one)) == {cell("numero_documento", 3), cell("nombres", 4)}


def test_a_csv_with_quotes_and_line_ends_in_cells(office):
    text = a_csv([a_row(1, junta_nombre='Junta "Los\nPinos"')])
    assert wrong(checked(office, text.encode(), "padron.csv")) == {}


# Refused, in words


def test_too_large_is_refused_before_anything_is_read(office):
    with pytest.raises(TooLarge, match="8 MB"):
        uploaded(office, b"x" * (MAX_FILE_BYTES + 1))
    with pytest.raises(InvalidInput):
        uploaded(office, b"")


def test_too_many_rows():
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(NAMES)
    for number in range(50_000):
        sheet.append(["", "JV-1", "Junta", number])
    assert "más de 20 000 filas" in refusal(saved(book))


def test_a_file_with_macros():
    def add(parts: dict[str, bytes]) -> None:
        parts["xl/vbaProject.bin"] = b"\x00macro"

    assert "macros" in refusal(repacked(a_book(rows(1)), add))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vacío"),
        (b"  \r\n ", "vacío"),
        (b"<html><table><tr><td>junta</td></tr></table></html>", "página web"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "página web o un XML"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "versión antigua"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "contraseña"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04 cut off", "dañado"),
        (bytes(range(256)) * 20, "No es una hoja"),
        (b"hola, soy un texto", "encabezados"),
    ],
)
def test_what_is_no_spreadsheet(content, words):
    assert words in refusal(content)


def test_a_zip_of_something_else():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert "No es un libro de Excel" in refusal(made.getvalue())


def test_a_zip_that_unpacks_without_end():
    def swell(parts: dict[str, bytes]) -> None:
        parts["xl/worksheets/sheet1.xml"] = b"<" + b" " * (170 * 1024 * 1024)

    assert "ocupa demasiado" in refusal(repacked(a_book(rows(1)), swell))


def test_entities_that_multiply():
    def swell(parts: dict[str, bytes]) -> None:
        bomb = b"".join(
            b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"ja") for n in range(9)
        )
        body = parts["xl/worksheets/sheet1.xml"]
        head = b'<?xml version="1.0"?><!DOCTYPE b [' + bomb + b"]>"
        parts["xl/worksheets/sheet1.xml"] = head + body[body.index(b"<worksheet") :]

    assert "dañado o no es lo que dice" in refusal(repacked(a_book(rows(1)), swell))


def test_an_entity_that_reads_a_file():
    def steal(parts: dict[str, bytes]) -> None:
        body = parts["xl/worksheets/sheet1.xml"]
        head = b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        body = body[body.index(b"<worksheet") :].replace(b"Persona", b"&x;")
        parts["xl/worksheets/sheet1.xml"] = head + body

    assert "dañado o no es lo que dice" in refusal(repacked(a_book(rows(1)), steal))


def test_a_damaged_sheet():
    def cut(parts: dict[str, bytes]) -> None:
        parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"][:-400]

    assert "dañado" in refusal(repacked(a_book(rows(3)), cut))
    whole = a_book(rows(3))
    assert "dañado" in refusal(whole[: len(whole) // 2])


@pytest.mark.parametrize("number", [b"2", b"9999999999"])
def test_rows_that_are_numbered_twice_or_past_the_last(number):
    """Told at once: the check would break off, again and again, until the day after."""

    def renumber(parts: dict[str, bytes]) -> None:
        body = parts["xl/worksheets/sheet1.xml"]
        parts["xl/worksheets/sheet1.xml"] = body.replace(b'<row r="3"', b'<row r="%s"' % number)

    assert "dañado" in refusal(repacked(a_book(rows(3)), renumber))


def test_only_a_header_and_no_header():
    assert "ninguna fila" in refusal(a_book([]))
    assert "encabezados" in refusal(with_sheet(["uno", "dos"], ["tres", "cuatro"]))
    assert "encabezados" in refusal(with_sheet(*[["título"]] * 20, NAMES))


def test_a_column_that_is_missing_or_twice():
    names = [name for name in NAMES if name != "sexo"]
    assert "Falta la columna sexo" in refusal(a_book(rows(1), names=names))
    assert "dos veces la columna sexo" in refusal(a_book(rows(1), names=[*NAMES, "Sexo"]))


def test_a_file_that_takes_too_long_is_given_up(monkeypatch):
    from backend.padron import spreadsheet_client

    monkeypatch.setattr(spreadsheet_client, "CPU_SECONDS", 0.05)
    assert "demasiado tiempo" in refusal(a_book(rows(3000)))


def test_an_unreadable_file_is_told_on_its_import(office):
    one = checked(office, b"<html>", "padron.xlsx")
    assert one.state == "ilegible"
    assert one.problem is not None
    assert "página web" in one.problem
    assert one.sealed_file is None
