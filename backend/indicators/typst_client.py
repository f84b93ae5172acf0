"""Typesets the results as a CODISEC prints them; the only module here that knows that page."""

from datetime import datetime
from pathlib import Path
from typing import Any

from backend import typesetting
from backend.indicators.models import Cell, Line, Share, Sheet
from backend.typesetting import printable

TEMPLATE = Path(__file__).parent / "data" / "resultados.typ"
NOTHING = "—"


def typeset(sheet: Sheet, signers: tuple[str, ...], committee: str, now: datetime) -> bytes:
    """The PDF, with a line for each who signs."""
    shown = {
        "titulo": sheet.title,
        "unidad": sheet.unit,
        "periodo": sheet.period,
        "contado": sheet.counted_at,
        "tablas": [
            {
                "titulo": table.title,
                "columnas": list(table.headings),
                "filas": [_line(line) for line in table.lines],
                "total": _line(table.whole) if table.whole else None,
            }
            for table in sheet.tables
        ],
        "notas": list(sheet.remarks),
        "definiciones": [list(each) for each in sheet.definitions],
        "firmas": list(signers),
        "comite": committee,
    }
    return typesetting.typeset(
        TEMPLATE, printable(shown), issued_at=now, standards=("a-2a", "ua-1")
    )


def _line(line: Line) -> dict[str, Any]:
    return {"nombre": line.name, "nota": line.note, "celdas": [_words(cell) for cell in line.cells]}


def _words(cell: Cell) -> list[str]:
    """What stands large in a cell, and what small below it."""
    if isinstance(cell, Share):
        if cell.percentage is None:
            return [NOTHING, ""]
        return [f"{cell.percentage} %", f"{cell.numerator} de {cell.denominator}"]
    return [NOTHING if cell is None else str(cell), ""]
