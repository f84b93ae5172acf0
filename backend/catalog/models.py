"""The catalogue as frozen data: what can be reported, terms, lines, reasons; no rule is in code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from backend.catalog.juntas import JuntaTables
from backend.catalog.tables import (
    Dia,
    FormaDeVerificar,
    Grupo,
    LineaDeEmergencia,
    Materia,
    Prioridad,
)
from backend.errors import ConfigurationError, FieldError, InvalidInput

Entry = TypeVar("Entry")


class CatalogError(ConfigurationError):
    """The data files are wrong: the process must not start, and every problem is named."""


class UnknownCode(InvalidInput):
    """Somebody sent a code that the catalogue does not have."""

    def __init__(self, field: str) -> None:
        message = "Esa opción no existe. Elige una de la lista."
        super().__init__(message, (FieldError(field, message),))


class Tipo(StrEnum):
    """What is sent; the words are those of the public API and of `report.kind`."""

    HECHO = "hecho"
    FACTOR_DE_RIESGO = "factor_de_riesgo"
    DENUNCIA = "denuncia"
    QUEJA = "queja"


class Asks(StrEnum):
    """What an officer tells when recording an actuación."""

    FISCALIA = "fiscalia"
    NUMERO = "numero"
    INVESTIGADOR = "investigador"
    WORDS = "words"


class RoutingRule(StrEnum):
    """Who receives it: the comisaría of the place, or the desk that knows the matter."""

    COMISARIA_DEL_LUGAR = "comisaria_del_lugar"
    UNIDAD_ESPECIALIZADA = "unidad_especializada"


class ClosedState(StrEnum):
    """How a report ends when it is closed; the same words as `reports.states.State`."""

    RESOLVED = "resolved"
    DISMISSED = "dismissed"


class ActState(StrEnum):
    """Where an actuación may take a report; the same words as `reports.states.State`."""

    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


class GoTo(StrEnum):
    """Where a person is sent who cannot denounce something here."""

    ALERTA = "alerta"
    COMISARIA = "comisaria"


@dataclass(frozen=True, slots=True)
class ClassifierEntry:
    """One modality of the official classifier of occurrences."""

    codigo: str
    nivel: int
    nombre: str
    demands_description: bool


@dataclass(frozen=True, slots=True)
class Categoria:
    """One thing that a citizen can report, in plain words, with every rule that follows."""

    codigo: str
    nombre: str
    ayuda: str
    tipo: Tipo
    grupo: str
    clasificador: str
    needs_description: bool
    prioridad: int
    icono: str
    routing_rule: RoutingRule
    sensible: bool
    publica: bool
    acknowledge_minutes: int
    review_minutes: int
    terms_reason: str
    source: str
    matter: str | None = None
    linea: str | None = None
    to_confirm: str = ""

    @property
    def is_urgent(self) -> bool:
        return self.prioridad == 1

    @property
    def hides_deadline(self) -> bool:
        """Whether a desk sees only the part of the day: a deadline tells when a report arrived."""
        return self.sensible and not self.is_urgent


@dataclass(frozen=True, slots=True, kw_only=True)
class Asunto(Categoria):
    """What can be denounced or complained of: a category with a form and terms in working days.

    `form` is its JSON Schema with every reference resolved; nobody may change it.
    """

    calificaciones: tuple[str, ...]
    answer_days: int
    remind_days: int
    form: Mapping[str, Any] = field(hash=False, repr=False)
    reserved_by_matter: bool = False
    batched: bool = False

    @property
    def kind(self) -> str:
        """The word of `report.kind`."""
        return self.tipo.value

    @property
    def is_queja(self) -> bool:
        return self.tipo is Tipo.QUEJA

    @property
    def hides_deadline(self) -> bool:
        """What waits for no change of shift has minutes left, and the desk must see them."""
        return self.batched and self.sensible and not self.is_urgent


@dataclass(frozen=True, slots=True)
class Desvio:
    """What cannot be denounced here: said first, with the line to call and where to go."""

    codigo: str
    nombre: str
    texto: str
    linea: str
    source: str
    ir_a: GoTo | None = None
    to_confirm: str = ""


@dataclass(frozen=True, slots=True)
class Actuacion:
    """What a unit did in a denuncia or queja, and what its author reads.

    `text_for_citizen` may hold `{fiscalia}` and `{numero}`, if the officer is asked for them.
    `answers_author`: the officer's words are an answer that the author reads as a message.
    """

    codigo: str
    nombre: str
    text_for_citizen: str
    kinds: tuple[Tipo, ...]
    asks: tuple[Asks, ...]
    answers_author: bool = False
    state: ActState | None = None
    desenlace: str | None = None


@dataclass(frozen=True, slots=True)
class Desenlace:
    """How an officer closes a case, and what its author reads."""

    codigo: str
    nombre: str
    text_for_citizen: str
    state: ClosedState
    tipos: tuple[Tipo, ...]
    needs_words: bool


@dataclass(frozen=True, slots=True)
class Motivo:
    """Why an officer rejects or transfers a case, and what its author reads.

    `tipos`: for which kinds of report; none named, for every kind.
    """

    codigo: str
    nombre: str
    text_for_citizen: str
    needs_words: bool
    tipos: tuple[Tipo, ...] = ()


@dataclass(frozen=True, slots=True)
class Fiscalia:
    """Where a person whose identity is reserved is notified, in the place of a home."""

    codigo: str
    nombre: str
    direccion: str
    source: str
    # First digits of the district's code; none: wherever no other row fits.
    ubigeo: str = ""
    vigente_desde: date | None = None
    vigente_hasta: date | None = None
    to_confirm: str = ""

    def is_in_force(self, on: date) -> bool:
        """Both days belong to the period; an unknown first day counts as long ago."""
        return (self.vigente_desde is None or self.vigente_desde <= on) and (
            self.vigente_hasta is None or on <= self.vigente_hasta
        )


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything above, by code and in the order of the screens."""

    categorias: Mapping[str, Categoria]
    asuntos: Mapping[str, Asunto]
    desvios: Mapping[str, Desvio]
    dias: tuple[Dia, ...]
    prioridades: Mapping[int, Prioridad]
    grupos: Mapping[str, Grupo]
    materias: Mapping[str, Materia]
    lineas: tuple[LineaDeEmergencia, ...]
    desenlaces: Mapping[str, Desenlace]
    rechazos: Mapping[str, Motivo]
    traslados: Mapping[str, Motivo]
    verificaciones: Mapping[str, FormaDeVerificar]
    actuaciones: Mapping[str, Actuacion]
    aperturas: Mapping[str, Motivo]
    fiscalias: Mapping[str, Fiscalia]
    clasificador: Mapping[str, ClassifierEntry]
    juntas: JuntaTables

    def categoria(self, codigo: str) -> Categoria:
        """An alerta's or a risk factor's category; whoever has a report in hand uses `subject`."""
        return _pick(self.categorias, codigo, "categoria")

    def asunto(self, codigo: str) -> Asunto:
        return _pick(self.asuntos, codigo, "asunto")

    @property
    def subjects(self) -> tuple[Categoria, ...]:
        """Everything that a report may be about."""
        return (*self.categorias.values(), *self.asuntos.values())

    def subject(self, codigo: str) -> Categoria:
        """What a report is about, of whichever kind it is."""
        return self.asuntos.get(codigo) or self.categoria(codigo)

    def desenlace(self, codigo: str) -> Desenlace:
        return _pick(self.desenlaces, codigo, "desenlace")

    def rechazo(self, codigo: str) -> Motivo:
        return _pick(self.rechazos, codigo, "motivo")

    def traslado(self, codigo: str) -> Motivo:
        return _pick(self.traslados, codigo, "motivo")

    def actuacion(self, codigo: str) -> Actuacion:
        return _pick(self.actuaciones, codigo, "actuacion")

    def apertura(self, codigo: str) -> Motivo:
        return _pick(self.aperturas, codigo, "motivo")

    def verificacion(self, codigo: str) -> FormaDeVerificar:
        return _pick(self.verificaciones, codigo, "como")


def _pick(table: Mapping[str, Entry], codigo: str, field: str) -> Entry:
    entry = table.get(codigo)
    if entry is None:
        raise UnknownCode(field)
    return entry
