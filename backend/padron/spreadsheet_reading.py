"""Finds our columns in Excel and CSV files as offices make them; `spreadsheet_child` calls it.

Formulas are never computed, and what a file says they once gave is not believed either. What
cannot be read is refused in words for the officer.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet._reader import WorkSheetParser

from backend.padron.code_pages import is_garbled
from backend.padron.columns import (
    HEADER_ROWS,
    MAX_COLUMNS,
    MAX_ROWS,
    header_of,
    missing_in,
    repeated_in,
)

MAX_UNPACKED_BYTES = 160 * 1024 * 1024
MAX_PARTS = 1000
MAX_CELL_LETTERS = 50_000
MAX_MERGED = 20_000
LAST_ROW = 1_048_576  # of any spreadsheet
OUR_HELP = "Ayuda"  # the second sheet of our template
# What is written once for all members of a junta, in cells that offices merge.
OF_JUNTA = frozenset(
    {
        *("comisaria", "junta_codigo", "junta_nombre", "ambito", "area", "acto"),
        *("reconocida_el", "vigente_desde", "vigente_hasta"),
    }
)
OLE = b"\xd0\xcf\x11\xe0"
SAVE_AS = "Ábralo en su programa de hojas de cálculo y guárdelo como «Libro de Excel (.xlsx)»."
DAMAGED = "El archivo está dañado o incompleto. Guárdelo otra vez."
HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\s[^>]*\bhidden="(?:1|true)"')

Cells = list[Any]


class Unreadable(Exception):
    """The file cannot be taken; the message says why and what to do."""


def read(content: bytes) -> dict[str, Any]:
    """The header and the rows below it; raises `Unreadable`."""
    if not content.strip():
        raise Unreadable("El archivo está vacío.")
    if content.startswith(b"PK"):
        return _read_workbook(content)
    if content.startswith(OLE):
        raise Unreadable(_words_for_ole(content))
    if content.startswith(b"%PDF"):
        raise Unreadable("Es un PDF: de ahí no se pueden leer filas. Use la plantilla.")
    if content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise Unreadable(f"Es una página web o un XML con nombre de hoja de cálculo. {SAVE_AS}")
    return _read_text(content)


def _words_for_ole(content: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "Está protegido con contraseña. Quítela y súbalo otra vez."
    return f"Es de una versión antigua de Excel (.xls). {SAVE_AS}"


# Workbooks


def _read_workbook(content: bytes) -> dict[str, Any]:
    with _opened(content) as archive:
        _refuse_parts(archive)
        hidden = {
            name: sum(1 for _ in HIDDEN_ROW.finditer(archive.read(name)))
            for name in archive.namelist()
            if name.startswith("xl/worksheets/") and name.endswith(".xml")
        }
    book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    sheets: list[Any] = [sheet for sheet in book.worksheets if hasattr(sheet, "_get_source")]
    usable = [sheet for sheet in sheets if _header_in(rows_of(sheet))]
    if not usable:
        raise Unreadable(_no_header())
    if len(usable) > 1:
        names = " y ".join(f"«{sheet.title}»" for sheet in usable)
        raise Unreadable(
            f"Las hojas {names} tienen los encabezados de la plantilla, y se lee una sola. "
            "Deje una, o súbalas por separado."
        )
    [sheet] = usable
    told = _told(rows_of(sheet), merged=True)
    told["is_1904"] = book.epoch == CALENDAR_MAC_1904
    others = [one for one in sheets if one is not sheet and one.title != OUR_HELP]
    told["sheet"] = sheet.title if others else None
    told["is_hidden_sheet"] = sheet.sheet_state != "visible"
    told["hidden_rows"] = hidden.get(sheet._worksheet_path.lstrip("/"), 0)
    return told


def _opened(content: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        raise Unreadable(DAMAGED) from None


def _refuse_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("Está protegido con contraseña. Quítela y súbalo otra vez.")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unreadable(f"Tiene macros, y no se reciben. {SAVE_AS}")
    if "xl/workbook.bin" in names or "xl/workbook.xml" not in names:
        raise Unreadable(f"No es un libro de Excel (.xlsx). {SAVE_AS}")
    # The sizes that a zip claims are the most that will be unpacked of it.
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise Unreadable(
            "Al abrirse ocupa demasiado: tiene mucho más que una lista. "
            "Copie solo las filas a la plantilla."
        )


class _Rows:
    """The rows of a sheet one by one, and at the end which cells are merged."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self.merged: list[Any] = []

    def __iter__(self) -> Iterator[tuple[int, Cells]]:
        sheet = self._sheet
        with sheet._get_source() as source:
            parser = WorkSheetParser(
                source,
                sheet._shared_strings,
                epoch=sheet.parent.epoch,
                date_formats=sheet.parent._date_formats,
                timedelta_formats=sheet.parent._timedelta_formats,
            )
            for number, cells in parser.parse():
                yield number, _across(cells)
            merged = getattr(parser, "merged_cells", None)
            self.merged = list(merged.mergeCell) if merged else []


def rows_of(sheet: Any) -> _Rows:
    return _Rows(sheet)


def _across(cells: Sequence[dict[str, Any]]) -> Cells:
    row: Cells = [None] * min(max((cell["column"] for cell in cells), default=0), MAX_COLUMNS)
    for cell in cells:
        if cell["column"] <= MAX_COLUMNS:
            row[cell["column"] - 1] = _plain(cell["value"], cell["data_type"])
    return row


def _plain(value: Any, kind: str) -> Any:
    """A cell as JSON: words, a number, `{"d": day}`, `{"f": …}` a formula, `{"e": …}` an error."""
    if kind == "f":
        return {"f": 1}
    if value is None or isinstance(value, str):
        return {"e": 1} if kind == "e" else (value or "")[:MAX_CELL_LETTERS] or None
    if isinstance(value, bool):
        return "VERDADERO" if value else "FALSO"
    if isinstance(value, datetime | date):
        return {"d": (value.date() if isinstance(value, datetime) else value).isoformat()}
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return value if isinstance(value, int) else {"e": 1}


# Text


def _read_text(content: bytes) -> dict[str, Any]:
    words = _decoded(content)
    for delimiter in (";", ",", "\t", "|"):
        if _header_in(_records(words, delimiter)):
            return _told(_records(words, delimiter), merged=False)
    raise Unreadable(_no_header())


def _decoded(content: bytes) -> str:
    """UTF-8, or the code pages that Excel writes here; another kind of file has NUL bytes."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        words = content.decode("utf-16", "replace")
    else:
        try:
            words = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            words = content.decode("cp1252", "replace")
            if is_garbled(words) and "\x00" not in words:
                raise Unreadable(
                    "Sus tildes y eñes no se pueden leer. Guárdelo como «CSV UTF-8» o como "
                    "«Libro de Excel (.xlsx)»."
                ) from None
    if "\x00" in words:
        raise Unreadable(f"No es una hoja de cálculo ni un CSV. {SAVE_AS}")
    return words


def _records(words: str, delimiter: str) -> Iterator[tuple[int, Cells]]:
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=delimiter)
    for number, record in enumerate(reader, start=1):
        yield number, [_typed(cell) for cell in record[:MAX_COLUMNS]]


def _typed(cell: str) -> Any:
    if cell.lstrip().startswith("="):
        return {"f": 1}
    return cell[:MAX_CELL_LETTERS].removeprefix("'") or None


# Both


def _header_in(rows: Iterable[tuple[int, Cells]]) -> list[str | None] | None:
    for number, cells in rows:
        if number > HEADER_ROWS:
            return None
        header = header_of([cell if isinstance(cell, str) else "" for cell in cells])
        if header:
            return header
    return None


def _told(rows: Any, *, merged: bool) -> dict[str, Any]:
    header: list[str | None] | None = None
    kept: list[list[Any]] = []
    for number, cells in rows:
        if header is None:
            header = header_of([cell if isinstance(cell, str) else "" for cell in cells])
            _refuse_header(header)
        elif any(cell is not None and cell != "" and not _blank(cell) for cell in cells):
            kept.append([number, cells[: len(header)]])
            if len(kept) > MAX_ROWS:
                raise Unreadable(
                    f"Tiene más de {MAX_ROWS:,} filas, el máximo de una carga. "
                    "Divídalo en varios archivos.".replace(",", " ", 1)
                )
    if header is None:
        raise Unreadable(_no_header())
    if not kept:
        raise Unreadable("Tiene los encabezados y ninguna fila debajo.")
    numbers = {number for number, _ in kept}
    if len(numbers) < len(kept) or max(numbers) > LAST_ROW:
        raise Unreadable(DAMAGED)
    if merged:
        _fill_merged(header, kept, rows.merged)
    return {"header": header, "rows": kept}


def _blank(cell: Any) -> bool:
    """Nothing that is seen: old programs end a file with a sign of their own."""
    return isinstance(cell, str) and all(sign == " " or not sign.isprintable() for sign in cell)


def _refuse_header(header: list[str | None] | None) -> None:
    if header is None:
        return
    for names, words in (
        (repeated_in(header), "Está dos veces la columna"),
        (missing_in(header), "Falta la columna"),
    ):
        if names:
            raise Unreadable(f"{words} {', '.join(names)}. Compare con la plantilla.")


def _fill_merged(header: list[str | None], rows: list[list[Any]], merged: list[Any]) -> None:
    """What was written once over several rows of a junta holds for each of them."""
    by_number = {row[0]: row[1] for row in rows}
    for span in merged[:MAX_MERGED]:
        left, top, _right, bottom = span.bounds
        name = header[left - 1] if left <= len(header) else None
        if name not in OF_JUNTA or top not in by_number or bottom - top > MAX_ROWS:
            continue
        first = by_number[top]
        value = first[left - 1] if left <= len(first) else None
        for number in range(top + 1, bottom + 1):
            cells = by_number.get(number)
            if cells is not None:
                cells.extend([None] * (left - len(cells)))
                cells[left - 1] = value


def _no_header() -> str:
    return (
        "No encontramos los encabezados de la plantilla en las primeras "
        f"{HEADER_ROWS} filas. Descárguela, copie ahí sus filas y súbala."
    )
