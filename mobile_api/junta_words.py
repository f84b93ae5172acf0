"""A junta's month in sentences that anybody may hear; `junta_informes` gives the numbers."""

from collections.abc import Iterator
from datetime import date

from backend.catalog.juntas import Logro
from backend.informes.models import InformeKind
from backend.informes.queries import Summary

MONTHS = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "setiembre",
    "octubre",
    "noviembre",
    "diciembre",
)
KINDS = {
    InformeKind.DELITO: ("delito", "delitos"),
    InformeKind.FALTA: ("falta", "faltas"),
    InformeKind.FACTOR_DE_RIESGO: ("factor de riesgo", "factores de riesgo"),
    InformeKind.OTRO: ("asunto de otra clase", "asuntos de otra clase"),
}
# Of what was told: none of it, some, all.
RECEIVED = (
    "La policía todavía no ha recibido nada de eso.",
    "La policía ya recibió {} de {}.",
    "La policía ya recibió todo.",
)
ANSWERED = (
    "Nada de eso tiene todavía respuesta final.",
    "Ya tienen respuesta final {} de {}.",
    "Todo tiene ya respuesta final.",
)
# What came of it, as a sentence's two forms; `{}` is how many.
ACHIEVED = {
    Logro.PATRULLA: (
        "1 vez una patrulla intervino o el lugar entró al patrullaje.",
        "{} veces una patrulla intervino o el lugar entró al patrullaje.",
    ),
    Logro.INTERVENCION: (
        "1 vez la policía intervino a personas.",
        "{} veces la policía intervino a personas.",
    ),
    Logro.RIESGO: ("1 factor de riesgo ya fue corregido.", "{} factores de riesgo ya corregidos."),
}
NOTHING = "Este mes no hay informes que contar. Si algo pasa, avisemos."


def month_title(month: date) -> str:
    """`noviembre de 2026`."""
    return f"{MONTHS[month.month - 1]} de {month.year}"


def summary_lines(summary: Summary) -> list[str]:
    """The month to read aloud: no place, no day and nobody in it."""
    return list(_lines(summary)) if summary.told else [NOTHING]


def _lines(summary: Summary) -> Iterator[str]:
    kinds = [_count(summary.by_kind[kind], *KINDS[kind]) for kind in KINDS if summary.by_kind[kind]]
    yield f"Informamos a la policía de {_listed(kinds)}."
    yield _share(summary.acknowledged, summary.told, RECEIVED)
    yield _share(summary.closed, summary.told, ANSWERED)
    for logro, (one, many) in ACHIEVED.items():
        times = summary.achieved[logro]
        if times:
            yield one if times == 1 else many.format(times)
    if summary.waiting:
        yield f"{_count(summary.waiting, 'sigue en espera', 'siguen en espera')}."


def _share(some: int, told: int, sentences: tuple[str, str, str]) -> str:
    none, part, all_of_it = sentences
    if some == told:
        return all_of_it
    return part.format(some, told) if some else none


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} y {words[-1]}"
