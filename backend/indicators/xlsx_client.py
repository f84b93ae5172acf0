"""Writes the results as an Excel workbook; the only module here that knows openpyxl.

Names come from people: every text is typed as text, so that none is ever taken for a formula.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import cast

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from backend.indicators.models import Line, Share, Sheet, Table

# What a single cell of Excel holds: a share is spread over three.
Written = str | int | float | None

NOTHING = "—"
NAME_WIDTH, FIGURE_WIDTH, WORDS_WIDTH = 44, 16, 110
HOW_MANY, OF, PERCENT, REMARK = "cuántos", "de", "%", "Observación"
COUNTED, DEFINITIONS = "Contado el", "Definiciones"


def workbook(sheet: Sheet) -> bytes:
    """The file: a page for each table, and one with the definitions."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "Yo Alerto"
    book.properties.title = sheet.title
    for table in sheet.tables:
        _write_table(book.create_sheet(table.short_title), sheet, table)
    _write_definitions(book.create_sheet(DEFINITIONS), sheet)
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def _write_table(page: Worksheet, sheet: Sheet, table: Table) -> None:
    shares = _share_columns(table)
    about = (sheet.title, table.title, sheet.unit, sheet.period, f"{COUNTED} {sheet.counted_at}")
    for row, text in enumerate(about, start=1):
        _write_text(_cell(page, row, 1), text)
    page["A2"].font = Font(bold=True)
    head = len(about) + 2
    headings = [table.headings[0], *_spread_headings(table.headings[1:], shares)]
    for column, heading in enumerate(headings, start=1):
        cell = _cell(page, head, column)
        _write_text(cell, heading)
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    lines = [*table.lines, *([table.whole] if table.whole else [])]
    for row, line in enumerate(lines, start=head + 1):
        for column, value in enumerate(_values(line, shares), start=1):
            _write(_cell(page, row, column), value)
    page.freeze_panes = _cell(page, head + 1, 2)
    page.column_dimensions["A"].width = NAME_WIDTH
    for column in range(2, len(headings) + 2):
        page.column_dimensions[get_column_letter(column)].width = FIGURE_WIDTH


def _share_columns(table: Table) -> list[bool]:
    """Which columns hold shares; a share takes three of Excel's columns."""
    lines = [*table.lines, *([table.whole] if table.whole else [])]
    count = len(table.headings) - 1
    return [any(isinstance(line.cells[at], Share) for line in lines) for at in range(count)]


def _spread_headings(headings: tuple[str, ...], shares: list[bool]) -> Iterator[str]:
    for heading, is_share in zip(headings, shares, strict=True):
        parts = (HOW_MANY, OF, PERCENT) if is_share else ("",)
        yield from (f"{heading}: {part}" if part else heading for part in parts)
    yield REMARK


def _values(line: Line, shares: list[bool]) -> Iterator[Written]:
    yield line.name
    for cell, is_share in zip(line.cells, shares, strict=True):
        if isinstance(cell, Share):
            yield from _share_values(cell)
        else:
            yield from (cell, None, None) if is_share else (cell,)
    yield line.note


def _share_values(share: Share) -> tuple[Written, ...]:
    portion = share.numerator / share.denominator if share.denominator else None
    return share.numerator, share.denominator, portion


def _cell(page: Worksheet, row: int, column: int) -> Cell:
    return cast(Cell, page.cell(row, column))  # nothing is merged here


def _write(cell: Cell, value: Written) -> None:
    if value is None:
        _write_text(cell, NOTHING)
    elif isinstance(value, str):
        _write_text(cell, value)
    else:
        cell.value = value
        if isinstance(value, float):
            cell.number_format = "0.0%"


def _write_text(cell: Cell, text: str) -> None:
    if not text:
        return
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"  # whatever it begins with
    cell.quotePrefix = True  # and stays a text when somebody edits it


def _write_definitions(page: Worksheet, sheet: Sheet) -> None:
    rows = [(text, "") for text in (sheet.title, sheet.unit, sheet.period)]
    rows += [("", ""), *sheet.definitions, ("", ""), *((text, "") for text in sheet.remarks)]
    for number, (term, words) in enumerate(rows, start=1):
        _write_text(_cell(page, number, 1), term)
        _write_text(_cell(page, number, 2), words)
        _cell(page, number, 2).alignment = Alignment(wrap_text=True, vertical="top")
    page.column_dimensions["A"].width = NAME_WIDTH
    page.column_dimensions["B"].width = WORDS_WIDTH
