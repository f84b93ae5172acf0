"""The small tables to which categories and asuntos refer; `Catalog` holds them."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Prioridad:
    """How soon a person must look; 1 is urgent."""

    prioridad: int
    nombre: str
    acknowledge_minutes: int
    review_minutes: int
    terms_reason: str
    source: str
    to_confirm: str = ""


@dataclass(frozen=True, slots=True)
class Grupo:
    """A crime group: one layer of the maps."""

    codigo: str
    nombre: str


@dataclass(frozen=True, slots=True)
class Materia:
    """What a specialised desk knows about; units carry the same code in their `matters`."""

    codigo: str
    nombre: str
    source: str
    to_confirm: str = ""


@dataclass(frozen=True, slots=True)
class LineaDeEmergencia:
    """A telephone number to show, with the days on which it is true."""

    numero: str
    nombre: str
    para_que: str
    orden: int
    source: str
    # Whether somebody is sent at once; the CUD takes complaints and sends nobody.
    answers_emergencies: bool = True
    vigente_desde: date | None = None
    vigente_hasta: date | None = None
    to_confirm: str = ""

    def is_in_force(self, on: date) -> bool:
        """Both days belong to the period; an unknown first day counts as long ago."""
        return (self.vigente_desde is None or self.vigente_desde <= on) and (
            self.vigente_hasta is None or on <= self.vigente_hasta
        )


@dataclass(frozen=True, slots=True)
class Dia:
    """A day that a decree makes a working day or not, against weekday and holidays."""

    fecha: date
    laborable: bool
    source: str
    to_confirm: str = ""


@dataclass(frozen=True, slots=True)
class FormaDeVerificar:
    """How an officer came to know that a report is true or not."""

    codigo: str
    nombre: str
    text_if_verified: str
    text_if_refuted: str
