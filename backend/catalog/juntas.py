"""The tables of the juntas vecinales, which differ from office to office; `Catalog` holds them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Opcion:
    """A choice of a list: what officers pick, and where it is written."""

    codigo: str
    nombre: str
    source: str
    to_confirm: str = ""


@dataclass(frozen=True, slots=True)
class Cargo(Opcion):
    """A post in a junta. `is_coordinator`: may have the access; `only_one`: one at a time."""

    is_coordinator: bool = False
    only_one: bool = False


class Logro(StrEnum):
    """What an informe led to, as the proof counts it."""

    PATRULLA = "patrulla"
    INTERVENCION = "intervencion"
    RIESGO = "riesgo_corregido"


@dataclass(frozen=True, slots=True)
class LogroDeDesenlace:
    """Which of those a closing outcome stands for; its `codigo` is the outcome's."""

    codigo: str
    logro: Logro
    source: str


@dataclass(frozen=True, slots=True)
class Meta:
    """How many of a hundred juntas should have reported since 1 January when a quarter ends."""

    codigo: str
    trimestre: int
    acumulado: int
    source: str


@dataclass(frozen=True, slots=True)
class Plazo:
    """In how many days something should be done for an informe to count as attended in time."""

    codigo: str
    dias: int
    source: str
    to_confirm: str = ""


@dataclass(frozen=True, slots=True)
class JuntaTables:
    """Every list that the roster and the proof offer."""

    cargos: Mapping[str, Cargo]
    ambitos: Mapping[str, Opcion]
    designaciones: Mapping[str, Opcion]
    capacitaciones: Mapping[str, Opcion]
    lecturas: Mapping[str, Opcion]
    bajas: Mapping[str, Opcion]
    disoluciones: Mapping[str, Opcion]
    revocaciones: Mapping[str, Opcion]
    logros: Mapping[str, LogroDeDesenlace]
    luces: Mapping[str, Opcion]  # categories whose corrected risk is a repaired light
    metas: Mapping[str, Meta]
    plazos: Mapping[str, Plazo]
