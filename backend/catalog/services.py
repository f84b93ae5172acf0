"""Loads the data files of the catalogue and checks them whole; the app calls it once at start."""

import csv
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from datetime import date
from enum import StrEnum
from functools import partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType, NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from backend.catalog.form_files import FOLDER, SHARED, bundled, shared_parts
from backend.catalog.juntas import Cargo, JuntaTables, LogroDeDesenlace, Meta, Opcion, Plazo
from backend.catalog.models import (
    Actuacion,
    Asks,
    Asunto,
    Catalog,
    CatalogError,
    Categoria,
    ClassifierEntry,
    Desenlace,
    Desvio,
    Fiscalia,
    Motivo,
)
from backend.catalog.rules import contradictions
from backend.catalog.tables import (
    Dia,
    FormaDeVerificar,
    Grupo,
    LineaDeEmergencia,
    Materia,
    Prioridad,
)

Row = TypeVar("Row")
Coded = TypeVar(
    "Coded",
    Categoria,
    Asunto,
    Desvio,
    Grupo,
    Materia,
    Desenlace,
    Motivo,
    Actuacion,
    FormaDeVerificar,
    Fiscalia,
    Opcion,
    Cargo,
    LogroDeDesenlace,
    Meta,
    Plazo,
)

SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
JUNTA_TABLES: dict[str, type[Opcion] | type[LogroDeDesenlace] | type[Meta] | type[Plazo]] = {
    "cargos": Cargo,
    "ambitos": Opcion,
    "designaciones": Opcion,
    "capacitaciones": Opcion,
    "lecturas": Opcion,
    "bajas": Opcion,
    "disoluciones": Opcion,
    "revocaciones": Opcion,
    "logros": LogroDeDesenlace,
    "luces": Opcion,
    "metas": Meta,
    "plazos": Plazo,
}
TABLES_OF_FILE = {
    "categorias.toml": ("categorias",),
    "asuntos.toml": ("asuntos",),
    "desvios.toml": ("desvios",),
    "dias.toml": ("dias",),
    "tablas.toml": ("prioridades", "grupos", "materias"),
    "lineas.toml": ("lineas",),
    "fiscalias.toml": ("fiscalias",),
    "juntas.toml": tuple(JUNTA_TABLES),
    "motivos.toml": (
        "desenlaces",
        "rechazos",
        "traslados",
        "verificaciones",
        "actuaciones",
        "aperturas",
    ),
}


def load_catalog(folder: Traversable | None = None) -> Catalog:
    """The catalogue in `folder` (our own data by default).

    Raises `CatalogError` naming every problem of every file at once.
    """
    reader = _Reader(folder or files("backend.catalog") / "data")
    catalog = _read_catalog(reader)
    problems = reader.problems + contradictions(catalog)
    if problems:
        raise CatalogError(problems)
    return catalog


def _read_catalog(reader: "_Reader") -> Catalog:
    prioridades = reader.rows(Prioridad, "prioridades")
    reader.refuse_repeated("prioridades", (each.prioridad for each in prioridades))
    reader.fill_terms(prioridades)
    reader.fill_forms()
    dias = reader.rows(Dia, "dias")
    reader.refuse_repeated("dias", (each.fecha for each in dias))
    return Catalog(
        categorias=reader.by_code(Categoria, "categorias"),
        asuntos=reader.by_code(Asunto, "asuntos"),
        desvios=reader.by_code(Desvio, "desvios"),
        dias=tuple(dias),
        prioridades=MappingProxyType({each.prioridad: each for each in prioridades}),
        grupos=reader.by_code(Grupo, "grupos"),
        materias=reader.by_code(Materia, "materias"),
        lineas=tuple(reader.rows(LineaDeEmergencia, "lineas")),
        desenlaces=reader.by_code(Desenlace, "desenlaces"),
        rechazos=reader.by_code(Motivo, "rechazos"),
        traslados=reader.by_code(Motivo, "traslados"),
        verificaciones=reader.by_code(FormaDeVerificar, "verificaciones"),
        actuaciones=reader.by_code(Actuacion, "actuaciones"),
        aperturas=reader.by_code(Motivo, "aperturas"),
        fiscalias=reader.by_code(Fiscalia, "fiscalias"),
        clasificador=reader.classifier("clasificador.csv"),
        juntas=JuntaTables(
            **{table: reader.by_code(kind, table) for table, kind in JUNTA_TABLES.items()}  # type: ignore[arg-type, type-var]
        ),
    )


class _Reader:
    """Reads files and rows, and remembers every problem instead of stopping at the first."""

    def __init__(self, folder: Traversable) -> None:
        self.folder = folder
        self.problems: list[str] = []
        self.tables: dict[str, list[dict[str, Any]]] = {}
        for name, tables in TABLES_OF_FILE.items():
            self._read_tables(name, tables)

    def _read_tables(self, name: str, tables: tuple[str, ...]) -> None:
        try:
            document = tomllib.loads((self.folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            self.problems.append(f"{name} cannot be read: {error}")
            return
        self.problems += [f"{name}: unknown table {key}" for key in document if key not in tables]
        for table in tables:
            rows = document.get(table)
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                self.problems.append(f"{name}: there must be rows headed [[{table}]]")
            else:
                self.tables[table] = rows

    def fill_terms(self, prioridades: list[Prioridad]) -> None:
        """Give each category and asunto the terms that it leaves to its priority."""
        for row in (*self.tables.get("categorias", []), *self.tables.get("asuntos", [])):
            for each in prioridades:
                if each.prioridad == row.get("prioridad"):
                    row.setdefault("acknowledge_minutes", each.acknowledge_minutes)
                    row.setdefault("review_minutes", each.review_minutes)

    def fill_forms(self) -> None:
        """Give each asunto its form, and the classifier's code that it has by default."""
        folder = self.folder / FOLDER
        shared = self._or_named(f"{FOLDER}/{SHARED}", lambda: shared_parts(folder))
        for row in self.tables.get("asuntos", []):
            codes, name = row.get("calificaciones"), f"{row.get('codigo')}.json"
            if isinstance(codes, list) and codes:
                row["clasificador"] = codes[0]
            form = self._or_named(f"{FOLDER}/{name}", partial(bundled, folder, name, shared or {}))
            if form is not None:
                row["form"] = form

    def _or_named(self, name: str, read: Callable[[], Row]) -> Row | None:
        """What a file holds, or None after naming why it cannot be read."""
        try:
            return read()
        except (OSError, ValueError) as error:
            self.problems.append(f"{name} cannot be read: {error}")
            return None

    def rows(self, kind: type[Row], table: str) -> list[Row]:
        found = enumerate(self.tables.get(table, []), start=1)
        rows = [self._row(kind, row, f"{table}[{number}]") for number, row in found]
        return [row for row in rows if row is not None]

    def by_code(self, kind: type[Coded], table: str) -> Mapping[str, Coded]:
        rows = self.rows(kind, table)
        self.refuse_repeated(table, (row.codigo for row in rows))
        for row in rows:
            if not SLUG.fullmatch(row.codigo):
                self.problems.append(f"{table}: {row.codigo!r} must be an ASCII slug")
        return MappingProxyType({row.codigo: row for row in rows})

    def refuse_repeated(self, table: str, codes: Iterable[object]) -> None:
        for code, times in Counter(codes).items():
            if times > 1:
                self.problems.append(f"{table}: {code} is there {times} times")

    def classifier(self, name: str) -> Mapping[str, ClassifierEntry]:
        try:
            lines = (self.folder / name).read_text(encoding="utf-8").splitlines()
            entries = [_classifier_entry(row) for row in csv.DictReader(lines)]
        except (OSError, ValueError, KeyError, TypeError) as error:
            self.problems.append(f"{name} cannot be read: {error}")
            return {}
        return MappingProxyType({entry.codigo: entry for entry in entries})

    def _row(self, kind: type[Row], row: dict[str, Any], where: str) -> Row | None:
        """One row as its dataclass, or None after naming what is missing, wrong or unknown."""
        where = f"{where} {row.get('codigo') or row.get('numero') or ''}".rstrip()
        hints = get_type_hints(kind)
        values: dict[str, Any] = {}
        problems = [f"{where}: unknown field {name}" for name in row if name not in hints]
        for field in fields(kind):  # type: ignore[arg-type]  # every kind here is a dataclass
            if field.name in row:
                try:
                    values[field.name] = _checked(hints[field.name], row[field.name])
                except ValueError as error:
                    problems.append(f"{where}: {field.name} {error}")
            elif field.default is MISSING:
                problems.append(f"{where}: {field.name} is missing")
        self.problems += problems
        return None if problems else kind(**values)


def _classifier_entry(row: dict[str, str]) -> ClassifierEntry:
    return ClassifierEntry(
        codigo=row["codigo"],
        nivel=int(row["nivel"]),
        nombre=row["nombre"],
        demands_description=row["requiere_datos_importantes"] == "1",
    )


def _checked(hint: Any, value: Any) -> Any:
    """`value` as the type of its field, or a ValueError that says what it must be."""
    if NoneType in get_args(hint):
        (hint,) = (each for each in get_args(hint) if each is not NoneType)
    if get_origin(hint) is tuple:
        return _checked_list(get_args(hint)[0], value)
    if get_origin(hint) is Mapping:
        return value  # a form, checked by the rules
    if issubclass(hint, StrEnum):
        if value not in list(hint):
            raise ValueError(f"must be one of {', '.join(hint)}, not {value!r}")
        return hint(value)
    if hint is str:
        if not isinstance(value, str) or not value.strip():
            raise ValueError("must be a text")
    elif type(value) is not hint:  # True is not 1 here, nor an hour a day
        raise ValueError(f"must be {'a day' if hint is date else hint.__name__}")
    return value


def _checked_list(hint: Any, value: Any) -> Any:
    if not isinstance(value, list) or len(value) != len({str(each) for each in value}):
        raise ValueError("must be a list without repetitions")
    if not value and hint is not Asks:  # an actuación may ask nothing; all else must say something
        raise ValueError("must be a list that is not empty")
    return tuple(_checked(hint, each) for each in value)
