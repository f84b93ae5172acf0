"""What rows allow one by one but cannot be true together; `services` asks once at start."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from itertools import combinations

from backend.catalog.models import (
    Asunto,
    Catalog,
    Categoria,
    LineaDeEmergencia,
    Prioridad,
    RoutingRule,
    Tipo,
)

TABLER_ICON = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PHONE_NUMBER = re.compile(r"[0-9]{3,4}")
PRIORITIES = (1, 2, 3)
LONGEST_NAME = 40
LONGEST_TERM_MINUTES = 7 * 24 * 60
MODALITY_LEVEL = 3


def contradictions(catalog: Catalog) -> list[str]:
    """What each row allows by itself but cannot be true together."""
    problems = []
    if set(catalog.prioridades) != set(PRIORITIES):
        problems.append("prioridades: there must be a row for each of 1, 2 and 3, and no other")
    for where, terms in _terms(catalog):
        for name in ("acknowledge_minutes", "review_minutes"):
            if not 0 < getattr(terms, name) <= LONGEST_TERM_MINUTES:
                problems.append(f"{where}: {name} must be from 1 to {LONGEST_TERM_MINUTES}")
    for subject in catalog.subjects:
        where = _where(subject)
        for is_wrong, message in CATEGORIA_RULES:
            if is_wrong(subject, catalog):
                problems.append(f"{where}: {message.format(c=subject)}")
    for categoria in catalog.categorias.values():
        if categoria.tipo not in (Tipo.HECHO, Tipo.FACTOR_DE_RIESGO):
            problems.append(f"categoria {categoria.codigo}: tipo {categoria.tipo} is of an asunto")
    return problems + _wrong_lineas(catalog.lineas)


def _where(subject: Categoria) -> str:
    return f"{'asunto' if isinstance(subject, Asunto) else 'categoria'} {subject.codigo}"


def _terms(catalog: Catalog) -> Iterable[tuple[str, Prioridad | Categoria]]:
    yield from ((f"prioridad {each.prioridad}", each) for each in catalog.prioridades.values())
    yield from ((_where(each), each) for each in catalog.subjects)


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
