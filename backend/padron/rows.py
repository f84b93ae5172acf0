"""What the rows of a file say, and which cells are wrong; the check of an import calls it.

First each row by itself, then all together. Nothing here asks the database for members.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from backend.boards.members import wrong_membership
from backend.boards.rules import (
    clean_code,
    clean_identity,
    two_years,
    wrong_cells,
    wrong_junta,
    wrong_term,
)
from backend.catalog.models import Catalog
from backend.errors import FieldError
from backend.padron.cells import (
    Wrong,
    choice,
    day,
    document_kind,
    document_number,
    free_words,
    options_of,
    sex,
    undated_words,
    words,
)
from backend.padron.places import Comisarias
from backend.padron.spreadsheet_client import Cell, Sheet, SheetRow

MISSING = "Falta este dato."
RESTORED = "El DNI estaba como número y le faltaba el cero de adelante: se repuso. Revíselo."
NOBODY = -1
# Fields of the roster's own rules, under the columns that a file has for them.
OF_JUNTA = {"codigo": "junta_codigo", "nombre": "junta_nombre", "ambito": "ambito"}
OF_TERM = {"acto": "acto", "reconocida": "reconocida_el"}
OF_TERM |= {"desde": "vigente_desde", "hasta": "vigente_hasta"}
SHARED = {
    "junta_nombre": "nombre",
    "ambito": "ambito",
    "acto": "acto",
    "reconocida_el": "reconocida_el",
    "vigente_desde": "vigente_desde",
    "vigente_hasta": "vigente_hasta",
}


@dataclass
class CheckedRow:
    """A row as it was understood: days as ISO text, lists as codes; `wrong` by column."""

    number: int
    unit_id: int = NOBODY
    code: str = ""
    area: str = field(default="", repr=False)
    junta: dict[str, Any] = field(default_factory=dict)
    member: dict[str, Any] = field(default_factory=dict)
    identity: dict[str, str] = field(default_factory=dict, repr=False)
    wrong: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[int, str]:
        """Its junta."""
        return self.unit_id, self.code

    @property
    def document(self) -> tuple[str, str]:
        return self.identity["tipo_documento"], self.identity["numero_documento"]

    @property
    def since(self) -> date:
        return date.fromisoformat(self.member["since"])

    @property
    def until(self) -> date | None:
        return date.fromisoformat(self.member["until"]) if self.member["until"] else None


class RowRules:
    """Understands the rows of one file."""

    def __init__(self, catalog: Catalog, comisarias: Comisarias, sheet: Sheet, on: date) -> None:
        self._catalog, self._comisarias, self._sheet, self._on = catalog, comisarias, sheet, on
        tables = catalog.juntas
        self._scopes, self._posts = options_of(tables.ambitos), options_of(tables.cargos)
        self._ways = options_of(tables.designaciones)

    def check(self, given: SheetRow) -> CheckedRow:
        """The row by itself."""
        row, cells = CheckedRow(given.number), given.cells
        self._read_junta(row, cells.get)
        self._read_term(row, cells.get)
        self._read_member(row, cells.get)
        self._read_identity(row, cells.get)
        return row

    def _read_junta(self, row: CheckedRow, cell: Callable[[str], Cell | None]) -> None:
        row.unit_id = _take(
            row, "comisaria", lambda: self._comisarias.meant(words(cell("comisaria"))), NOBODY
        )
        row.code = _take(row, "junta_codigo", lambda: _clean_code(cell("junta_codigo")), "")
        name = _take(row, "junta_nombre", lambda: _needed(free_words(cell("junta_nombre"))), "")
        scope = _take(row, "ambito", lambda: choice(cell("ambito"), self._scopes), "")
        row.area = _take(row, "area", lambda: words(cell("area")), "")
        row.junta |= {"nombre": name, "ambito": scope}
        _add(row, OF_JUNTA, wrong_junta(self._catalog, row.code, name, scope))

    def _read_term(self, row: CheckedRow, cell: Callable[[str], Cell | None]) -> None:
        act = _take(row, "acto", lambda: _needed(free_words(cell("acto"))), "")
        recognised = self._needed_day(row, "reconocida_el", cell)
        since = self._needed_day(row, "vigente_desde", cell)
        until = self._day(row, "vigente_hasta", cell)
        if until is None and since is not None and "vigente_hasta" not in row.wrong:
            until = two_years(since)
        row.junta |= {"acto": act, "reconocida_el": _iso(recognised)}
        row.junta |= {"vigente_desde": _iso(since), "vigente_hasta": _iso(until)}
        # A day that is missing has its own words: the others are judged beside a fitting one.
        first = since or until or self._on
        last = until or max(first, self._on)
        _add(row, OF_TERM, wrong_term(act, recognised or self._on, first, last, self._on))

    def _read_member(self, row: CheckedRow, cell: Callable[[str], Cell | None]) -> None:
        post = _take(row, "cargo", lambda: choice(cell("cargo"), self._posts), "")
        which = _take(row, "sexo", lambda: sex(cell("sexo")), "")
        way = _take(row, "designado_por", lambda: choice(cell("designado_por"), self._ways), "")
        since, until = self._day(row, "desde", cell), self._day(row, "hasta", cell)
        begins, ends = row.junta["vigente_desde"], row.junta["vigente_hasta"]
        first = since or (date.fromisoformat(begins) if begins else self._on)
        row.member |= {"post": post, "sex": which, "designated_by": way}
        row.member |= {"since": _iso(first), "until": _iso(until)}
        errors = wrong_membership(self._catalog, post, which, first, until, way, self._on)
        _add(row, {}, [one for one in errors if one.field != "desde" or since is not None])
        if since is not None and ends and since > date.fromisoformat(ends):
            row.wrong.setdefault("desde", "Empieza después de que termina el periodo de la junta.")

    def _read_identity(self, row: CheckedRow, cell: Callable[[str], Cell | None]) -> None:
        kind = _take(row, "tipo_documento", lambda: document_kind(cell("tipo_documento")), "")
        number, is_restored = _take(
            row,
            "numero_documento",
            lambda: document_number(cell("numero_documento"), kind),
            ("", False),
        )
        typed = {"tipo_documento": kind, "numero_documento": number}
        for name in ("nombres", "apellido_paterno", "apellido_materno", "celular"):
            typed[name] = _take(row, name, _said(cell(name)), "")
        row.identity = clean_identity(typed)
        for column, message in wrong_cells(row.identity).items():
            row.wrong.setdefault(column, message)
        if is_restored and "numero_documento" not in row.wrong:
            row.warnings["numero_documento"] = RESTORED

    def _day(self, row: CheckedRow, column: str, cell: Callable[[str], Cell | None]) -> date | None:
        found: date | None = _take(row, column, lambda: day(cell(column), self._sheet), None)
        return found

    def _needed_day(
        self, row: CheckedRow, column: str, cell: Callable[[str], Cell | None]
    ) -> date | None:
        found = self._day(row, column, cell)
        if found is None:
            row.wrong.setdefault(column, "Falta la fecha.")
        return found


def check_together(rows: Iterable[CheckedRow], catalog: Catalog) -> None:
    """Mark what is wrong between rows: documents twice, posts twice, juntas that contradict."""
    documents: dict[tuple[int, tuple[str, str]], CheckedRow] = {}
    juntas: dict[tuple[int, str, str], CheckedRow] = {}
    areas: dict[tuple[int, str], CheckedRow] = {}
    posts: dict[tuple[int, str, str], list[CheckedRow]] = {}
    for row in rows:
        if row.unit_id == NOBODY:
            continue
        if row.identity and not {"numero_documento", "tipo_documento"} & row.wrong.keys():
            _mark_repeated(row, documents.setdefault((row.unit_id, row.document), row))
        if "junta_codigo" in row.wrong:
            continue
        _mark_contradictions(row, juntas)
        if row.area and "area" not in row.wrong:
            _mark_other_area(row, areas.setdefault(row.key, row))
        cargo = catalog.juntas.cargos.get(row.member["post"])
        if cargo and cargo.only_one and not {"desde", "hasta", "vigente_desde"} & row.wrong.keys():
            _mark_second_holder(row, posts.setdefault((*row.key, cargo.codigo), []))


def _mark_repeated(row: CheckedRow, first: CheckedRow) -> None:
    if first is row:
        return
    for one, other in ((row, first), (first, row)):
        one.wrong.setdefault(
            "numero_documento",
            f"Este documento está también en la fila {other.number}. Una persona va una sola vez: "
            "borre la fila que sobra.",
        )


def _mark_contradictions(row: CheckedRow, firsts: dict[tuple[int, str, str], CheckedRow]) -> None:
    """Compare each cell with the first right one of its junta, whatever else stands there."""
    for column, key in SHARED.items():
        # Where no end is written, it follows from the beginning.
        concerned = {column, "vigente_desde"} if column == "vigente_hasta" else {column}
        if concerned & row.wrong.keys():
            continue
        first = firsts.setdefault((*row.key, column), row)
        if _same(row.junta[key]) != _same(first.junta[key]):
            row.wrong[column] = (
                f"La fila {first.number} dice otra cosa de esta misma junta: déjelas iguales."
            )


def _mark_other_area(row: CheckedRow, first: CheckedRow) -> None:
    if row.area != first.area:
        row.wrong["area"] = f"La fila {first.number} trae otra área para esta misma junta."


def _mark_second_holder(row: CheckedRow, holders: list[CheckedRow]) -> None:
    for other in holders:
        if overlap(row.since, row.until, other.since, other.until):
            message = f"La fila {other.number} tiene ya ese cargo, y es uno solo por junta."
            row.wrong.setdefault("cargo", message)
            return
    holders.append(row)


def overlap(since: date, until: date | None, other: date, other_until: date | None) -> bool:
    """Whether two periods share a day; without an end, they go on."""
    return since <= (other_until or date.max) and other <= (until or date.max)


def _take(row: CheckedRow, column: str, read: Callable[[], Any], otherwise: Any) -> Any:
    try:
        return read()
    except Wrong as problem:
        row.wrong.setdefault(column, str(problem))
        return otherwise


def _said(cell: Cell | None) -> Callable[[], str]:
    return lambda: words(cell)


def _needed(text: str) -> str:
    if not text:
        raise Wrong(MISSING)
    return text


def _clean_code(cell: Cell | None) -> str:
    return clean_code(_needed(undated_words(cell)))


def _add(row: CheckedRow, columns: dict[str, str], errors: Iterable[FieldError]) -> None:
    for error in errors:
        row.wrong.setdefault(columns.get(error.field, error.field), error.message)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _same(value: Any) -> Any:
    return " ".join(value.split()).casefold() if isinstance(value, str) else value
