"""What an export looks like: for people, as the template has it, or for the national registry.

Whose copy it is stands above, on every printed page and in every row (docs/padron.md).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from backend.catalog.models import Catalog
from backend.padron.spreadsheet_writer import CSV_TYPE, XLSX_TYPE, Table, as_csv, as_xlsx

REGISTRO_VERSION = "YA-JV-1"
MARK_COLUMNS = ("exportado_por", "exportado_el", "copia")
Names = Mapping[UUID, Mapping[str, str]]


@dataclass(frozen=True)
class Mark:
    """Whose copy a file is: the account, when in Lima, and the number of the copy."""

    username: str
    at: datetime
    copy: str
    unit_code: str
    unit_name: str

    @property
    def words(self) -> str:
        return (
            f"Datos personales reservados (Ley 29733). Copia {self.copy} de {self.username}, "
            f"{self.unit_name}, {self.at:%d/%m/%Y %H:%M}. No la reenvíe."
        )

    @property
    def cells(self) -> tuple[str, str, str]:
        return self.username, f"{self.at:%Y-%m-%d %H:%M}", self.copy


@dataclass(frozen=True)
class Line:
    """One member with what every column is made from."""

    row: Any
    who: Mapping[str, str]
    mark: Mark
    catalog: Catalog


Value = Callable[[Line], str]


def _who(field: str) -> Value:
    return lambda line: line.who.get(field, "")


def _column(name: str) -> Value:
    return lambda line: str(getattr(line.row, name) or "")


def _local(name: str) -> Value:
    return lambda line: _day(getattr(line.row, name), "%d/%m/%Y")


def _iso(name: str) -> Value:
    return lambda line: _day(getattr(line.row, name), "%Y-%m-%d")


def _document(line: Line) -> str:
    return line.who.get("tipo_documento", "").upper()


PERSON: tuple[tuple[str, Value], ...] = (
    ("nombres", _who("nombres")),
    ("apellido_paterno", _who("apellido_paterno")),
    ("apellido_materno", _who("apellido_materno")),
    ("tipo_documento", _document),
    ("numero_documento", _who("numero_documento")),
)
# As the template has them, so that a corrected export can be imported again.
FOR_PEOPLE: tuple[tuple[str, Value], ...] = (
    ("comisaria", lambda line: line.mark.unit_code),
    ("junta_codigo", _column("code")),
    ("junta_nombre", _column("name")),
    ("ambito", lambda line: line.catalog.juntas.ambitos[line.row.scope].nombre),
    ("acto", _column("act")),
    ("reconocida_el", _local("recognised_on")),
    ("vigente_desde", _local("valid_from")),
    ("vigente_hasta", _local("valid_until")),
    ("cargo", lambda line: line.catalog.juntas.cargos[line.row.post].nombre),
    *PERSON,
    ("sexo", _column("sex")),
    ("celular", _who("celular")),
    ("desde", _local("since")),
    ("hasta", _local("until")),
    ("designado_por", lambda line: line.catalog.juntas.designaciones[_way(line)].nombre),
)
FOR_REGISTRY: tuple[tuple[str, Value], ...] = (
    ("version", lambda line: REGISTRO_VERSION),
    ("comisaria_codigo", lambda line: line.mark.unit_code),
    ("comisaria_nombre", lambda line: line.mark.unit_name),
    ("ubigeo", _column("ubigeo")),
    ("junta_codigo", _column("code")),
    ("junta_nombre", _column("name")),
    ("ambito", _column("scope")),
    ("acto", _column("act")),
    ("reconocida_el", _iso("recognised_on")),
    ("vigente_desde", _iso("valid_from")),
    ("vigente_hasta", _iso("valid_until")),
    ("area_wkt", _column("area")),
    ("integrante", _column("position")),
    ("cargo", _column("post")),
    *PERSON,
    ("sexo", _column("sex")),
    ("celular", _who("celular")),
    ("desde", _iso("since")),
    ("hasta", _iso("until")),
    ("designado_por", _column("designated_by")),
)


def made_file(
    format: str, catalog: Catalog, rows: Sequence[Row[Any]], names: Names, mark: Mark
) -> tuple[bytes, str, str]:
    """The file, its media type and the ending of its name."""
    columns = FOR_REGISTRY if format == "registro" else FOR_PEOPLE
    lines = [Line(row, names.get(row.id, {}), mark, catalog) for row in rows]
    cells = [[*(value(line) for _, value in columns), *mark.cells] for line in lines]
    header = [*(name for name, _ in columns), *MARK_COLUMNS]
    table = Table("Padrón", header, cells, mark=mark.words)
    if format == "xlsx":
        return as_xlsx(table), XLSX_TYPE, "xlsx"
    # A registry's program expects the header first: there the columns alone say whose copy it is.
    return as_csv(table, with_mark=format != "registro"), CSV_TYPE, "csv"


def _way(line: Line) -> str:
    return str(line.row.designated_by)


def _day(day: date | None, pattern: str) -> str:
    return day.strftime(pattern) if day else ""
