"""Rosters as offices make them: rows of invented people, as Excel or CSV."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from openpyxl import Workbook

from backend import clock
from backend.app import parts_of
from backend.db import db
from backend.identity.models import Staff
from backend.padron import services as imports
from backend.padron.checking import check_import
from backend.padron.columns import COLUMNS
from backend.padron.models import PadronImport
from backend.padron.queries import problems_page
from backend.territory.queries import today

NAMES = [column.name for column in COLUMNS]
# Inside `tests.builders.WEST`.
AREA = "-12.058,-77.132; -12.058,-77.128; -12.062,-77.128; -12.062,-77.132"


def a_row(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A right row: somebody without a post in the junta JV-100."""
    begins = today() - timedelta(days=30)
    return {
        "junta_codigo": "JV-100",
        "junta_nombre": "Junta de la manzana B",
        "ambito": "manzana",
        "acto": "Acta 100-2026",
        "reconocida_el": begins,
        "vigente_desde": begins,
        "cargo": "integrante",
        "nombres": "Persona",
        "apellido_paterno": "Inventada",
        "apellido_materno": "Vecina",
        "numero_documento": f"{40_000_000 + number}",
        "sexo": "mujer",
        "designado_por": "comisario",
        **changes,
    }


def rows(count: int, **changes: Any) -> list[dict[str, Any]]:
    """Several right rows of one junta."""
    return [a_row(number, **changes) for number in range(1, count + 1)]


def a_book(
    content: Sequence[Mapping[str, Any]],
    *,
    names: Sequence[str] = NAMES,
    change: Callable[[Workbook], None] | None = None,
) -> bytes:
    """A workbook with the header in its first row."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Padrón"
    sheet.append(list(names))
    for row in content:
        sheet.append([row.get(name) for name in names])
    if change:
        change(book)
    return saved(book)


def saved(book: Workbook) -> bytes:
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def a_csv(content: Sequence[Mapping[str, Any]], delimiter: str = ",") -> str:
    """The same as text, with days as people type them."""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=delimiter)
    writer.writerow(NAMES)
    for row in content:
        cells = [row.get(name, "") for name in NAMES]
        writer.writerow([f"{one:%d/%m/%Y}" if hasattr(one, "year") else one for one in cells])
    return made.getvalue()


def uploaded(staff: Staff, content: bytes, name: str = "padron.xlsx") -> UUID:
    """Send a file as the page does; no worker has seen it yet."""
    ring = parts_of().settings.keys
    return imports.upload(ring, staff, name, content, clock.now())


def checked(staff: Staff, content: bytes, name: str = "padron.xlsx") -> PadronImport:
    """Send a file and let a worker read it."""
    import_id = uploaded(staff, content, name)
    work_on(import_id)
    return fresh(import_id)


def work_on(import_id: UUID, at: datetime | None = None) -> None:
    """What a worker does with it."""
    parts = parts_of()
    check_import(parts.settings.keys, parts.catalog, import_id, at or clock.now())


def fresh(import_id: UUID) -> PadronImport:
    db.session.rollback()
    return db.session.get_one(PadronImport, import_id, populate_existing=True)


def wrong(one: PadronImport) -> dict[str, str]:
    """The wrong cells with what is said of each."""
    found = problems_page(one.id, limit=None)
    return {problem.cell: problem.message for problem in found}


def warned(one: PadronImport) -> list[str]:
    """What is only worth knowing."""
    return [problem.message for problem in problems_page(one.id, limit=None, warnings=True)]


def cell(name: str, row: int = 2) -> str:
    """Where a column stands in a file of ours."""
    from backend.padron.columns import letters

    return f"{letters(NAMES.index(name) + 1)}{row}"
