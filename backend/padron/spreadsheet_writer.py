"""Writes tables as Excel and CSV from which nothing computes; template, lists and exports use it.

Every cell is text. What a spreadsheet would take for a formula gets an apostrophe before it, in
both formats: files are opened, copied and saved again in all kinds of programs.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill

from backend.padron.columns import letters

# Signs that begin a formula, and blanks that hide one.
COMPUTING = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What no workbook can hold; forms and old programs bring it along unseen.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"
BOLD = Font(bold=True)
HEADER_FILL = PatternFill("solid", fgColor="DDE6F0")
MAX_WIDTH = 60
WRAP = Alignment(wrap_text=True, vertical="top")


@dataclass(frozen=True)
class Table:
    """A sheet: its header and rows; `mark` goes above it and on every printed page."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    mark: str = ""
    widths: Sequence[int] = ()


def harmless(text: str) -> str:
    """The text with an apostrophe where a spreadsheet would compute it."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(COMPUTING) else text


def as_xlsx(*tables: Table) -> bytes:
    """One sheet per table, every cell as text."""
    book = Workbook(write_only=True)
    for table in tables:
        _fill(book.create_sheet(table.title), table)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def as_csv(table: Table, *, with_mark: bool = True) -> bytes:
    """UTF-8 with its mark, commas, every cell in quotes: Excel and registries read it alike."""
    made = io.StringIO(newline="")
    writer = csv.writer(made, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    if table.mark and with_mark:
        writer.writerow([harmless(table.mark)])
    for row in (table.header, *table.rows):
        writer.writerow([harmless(cell) for cell in row])
    return b"\xef\xbb\xbf" + made.getvalue().encode()


def _fill(sheet: Any, table: Table) -> None:
    for position, width in enumerate(_widths(table), start=1):
        sheet.column_dimensions[letters(position)].width = width
    if table.mark:
        for part in (sheet.oddHeader, sheet.oddFooter):
            part.center.text = table.mark.replace("&", "&&")
        sheet.append([_cell(sheet, table.mark, is_bold=True)])
    sheet.freeze_panes = "A3" if table.mark else "A2"
    sheet.append([_cell(sheet, name, is_bold=True, is_header=True) for name in table.header])
    for row in table.rows:
        sheet.append([_cell(sheet, cell) for cell in row])


def _cell(sheet: Any, text: str, *, is_bold: bool = False, is_header: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=harmless(UNWRITABLE.sub("", text)))
    cell.data_type = "s"
    # As text, so that a DNI keeps its zero also after somebody edits the cell.
    cell.number_format = "@"
    if is_bold:
        cell.font = BOLD
    if is_header:
        cell.fill = HEADER_FILL
    elif len(text) > MAX_WIDTH and not is_bold:
        cell.alignment = WRAP
    return cell


def _widths(table: Table) -> Iterable[int]:
    if table.widths:
        return table.widths
    return [max(12, len(name) + 4) for name in table.header]
