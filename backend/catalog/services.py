"""Loads the data files of the catalogue and checks them whole; the app calls it once at start."""

import csv
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from datetime import date
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import combinations
from types import MappingProxyType
from typing import Any, TypeVar, get_type_hints

from backend.catalog.models import (
    Catalog,
    CatalogError,
    Categoria,
    ClassifierEntry,
    Desenlace,
    FormaDeVerificar,
    Grupo,
    LineaDeEmergencia,
    Materia,
    Motivo,
    Prioridad,
    RoutingRule,
    Tipo,
)

Row = TypeVar("Row")
Coded = TypeVar("Coded", Categoria, Grupo, Materia, Desenlace, Motivo, FormaDeVerificar)

SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
TABLER_ICON = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PHONE_NUMBER = re.compile(r"[0-9]{3,4}")
PRIORITIES = (1, 2, 3)
LONGEST_NAME = 40
LONGEST_TERM_MINUTES = 7 * 24 * 60
MODALITY_LEVEL = 3
TABLES_OF_FILE = {
    "categorias.toml": ("categorias",),
    "tablas.toml": ("prioridades", "grupos", "materias"),
    "lineas.toml": ("lineas",),
    "motivos.toml": ("desenlaces", "rechazos", "traslados", "verificaciones"),
}


def load_catalog(folder: Traversable | None = None) -> Catalog:
    """The catalogue in `folder` (our own data by default).

    Raises `CatalogError` naming every problem of every file at once.
    """
    reader = _Reader(folder or files("backend.catalog") / "data")
    catalog = _read_catalog(reader)
    problems = reader.problems + _contradictions(catalog)
    if problems:
        raise CatalogError(problems)
    return catalog


def _read_catalog(reader: "_Reader") -> Catalog:
    prioridades = reader.rows(Prioridad, "prioridades")
    reader.refuse_repeated("prioridades", (each.prioridad for each in prioridades))
    reader.fill_terms(prioridades)
    return Catalog(
        categorias=reader.by_code(Categoria, "categorias"),
        prioridades=MappingProxyType({each.prioridad: each for each in prioridades}),
        grupos=reader.by_code(Grupo, "grupos"),
        materias=reader.by_code(Materia, "materias"),
        lineas=tuple(reader.rows(LineaDeEmergencia, "lineas")),
        desenlaces=reader.by_code(Desenlace, "desenlaces"),
        rechazos=reader.by_code(Motivo, "rechazos"),
        traslados=reader.by_code(Motivo, "traslados"),
        verificaciones=reader.by_code(FormaDeVerificar, "verificaciones"),
        clasificador=reader.classifier("clasificador.csv"),
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
        """Give each category the terms that it leaves to its priority."""
        for row in self.tables.get("categorias", []):
            for each in prioridades:
                if each.prioridad == row.get("prioridad"):
                    row.setdefault("acknowledge_minutes", each.acknowledge_minutes)
                    row.setdefault("review_minutes", each.review_minutes)

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
    if hint == tuple[Tipo, ...]:
        if not isinstance(value, list) or not value:
            raise ValueError("must be a list of kinds")
        return tuple(_checked(Tipo, each) for each in value)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        if value not in list(hint):
            raise ValueError(f"must be one of {', '.join(hint)}, not {value!r}")
        return hint(value)
    if hint in (str, str | None):
        if not isinstance(value, str) or not value.strip():
            raise ValueError("must be a text")
    elif type(value) is not (date if hint == date | None else hint):  # True is not 1 here
        raise ValueError(f"must be {'a day' if hint == date | None else hint.__name__}")
    return value


def _contradictions(catalog: Catalog) -> list[str]:
    """What each row allows by itself but cannot be true together."""
    problems = []
    if set(catalog.prioridades) != set(PRIORITIES):
        problems.append("prioridades: there must be a row for each of 1, 2 and 3, and no other")
    for where, terms in _terms(catalog):
        for name in ("acknowledge_minutes", "review_minutes"):
            if not 0 < getattr(terms, name) <= LONGEST_TERM_MINUTES:
                problems.append(f"{where}: {name} must be from 1 to {LONGEST_TERM_MINUTES}")
    for categoria in catalog.categorias.values():
        for is_wrong, message in CATEGORIA_RULES:
            if is_wrong(categoria, catalog):
                problems.append(f"categoria {categoria.codigo}: {message.format(c=categoria)}")
    return problems + _wrong_lineas(catalog.lineas)


def _terms(catalog: Catalog) -> Iterable[tuple[str, Prioridad | Categoria]]:
    yield from ((f"prioridad {each.prioridad}", each) for each in catalog.prioridades.values())
    yield from ((f"categoria {each.codigo}", each) for each in catalog.categorias.values())


def _wrong_lineas(lineas: tuple[LineaDeEmergencia, ...]) -> list[str]:
    problems = []
    for linea in lineas:
        if not PHONE_NUMBER.fullmatch(linea.numero):
            problems.append(f"linea {linea.numero}: must be three or four digits")
        if (linea.vigente_hasta or date.max) < (linea.vigente_desde or date.min):
            problems.append(f"linea {linea.numero}: it ends before it begins")
    for one, other in combinations(lineas, 2):
        if one.numero == other.numero and _overlap(one, other):
            problems.append(f"linea {one.numero}: two rows are in force on the same day")
    return problems


def _overlap(one: LineaDeEmergencia, other: LineaDeEmergencia) -> bool:
    first = max(one.vigente_desde or date.min, other.vigente_desde or date.min)
    last = min(one.vigente_hasta or date.max, other.vigente_hasta or date.max)
    return first <= last


def _has_no_lasting_line(categoria: Categoria, catalog: Catalog) -> bool:
    return categoria.linea is not None and not any(
        linea.numero == categoria.linea and linea.vigente_hasta is None for linea in catalog.lineas
    )


def _classifier_demands_more(categoria: Categoria, catalog: Catalog) -> bool:
    entry = catalog.clasificador.get(categoria.clasificador)
    return entry is not None and entry.demands_description and not categoria.needs_description


def _is_not_a_modality(categoria: Categoria, catalog: Catalog) -> bool:
    entry = catalog.clasificador.get(categoria.clasificador)
    return entry is None or entry.nivel != MODALITY_LEVEL


def _is_specialised(categoria: Categoria) -> bool:
    return categoria.routing_rule is RoutingRule.UNIDAD_ESPECIALIZADA


# Each rule: when a category breaks it, and the words that name the problem.
CATEGORIA_RULES: tuple[tuple[Callable[[Categoria, Catalog], bool], str], ...] = (
    (lambda c, _: c.prioridad not in PRIORITIES, "prioridad must be 1, 2 or 3, not {c.prioridad}"),
    (lambda c, _: len(c.nombre) > LONGEST_NAME, f"nombre is longer than {LONGEST_NAME} letters"),
    (_is_not_a_modality, "clasificador {c.clasificador} is not a modality of the classifier"),
    (_classifier_demands_more, "the classifier demands a text: set needs_description"),
    (lambda c, k: c.grupo not in k.grupos, "unknown grupo {c.grupo}"),
    (lambda c, _: not TABLER_ICON.fullmatch(c.icono), "icono {c.icono!r} is not a Tabler name"),
    (_has_no_lasting_line, "linea {c.linea} is unknown or has ended"),
    (lambda c, _: c.sensible and c.publica, "a sensible category cannot be publica"),
    # The neighbourhood's desk must never get what its neighbours could be hurt for telling.
    (lambda c, _: c.sensible and not _is_specialised(c), "sensible needs unidad_especializada"),
    (lambda c, _: c.sensible and c.linea is None, "a sensible category needs a linea to call"),
    (lambda c, _: _is_specialised(c) and c.matter is None, "unidad_especializada needs a matter"),
    (lambda c, _: bool(c.matter) and not _is_specialised(c), "matter needs unidad_especializada"),
    (lambda c, k: bool(c.matter) and c.matter not in k.materias, "unknown matter {c.matter}"),
)
