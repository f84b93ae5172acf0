"""What rows allow one by one but cannot be true together; `services` asks once at start."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import combinations
from string import Formatter
from typing import Any

from backend.catalog.form_rules import wrong_form
from backend.catalog.models import (
    ActState,
    Actuacion,
    Asks,
    Asunto,
    Catalog,
    Categoria,
    Desvio,
    RoutingRule,
    Tipo,
)
from backend.catalog.tables import LineaDeEmergencia, Prioridad

TABLER_ICON = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PHONE_NUMBER = re.compile(r"[0-9]{3,4}")
PRIORITIES = (1, 2, 3)
LONGEST_NAME = 40
LONGEST_TERM_MINUTES = 7 * 24 * 60
LONGEST_ANSWER_DAYS = 90
SHIFT_MINUTES = 6 * 60
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
        rules = ASUNTO_RULES if isinstance(subject, Asunto) else ONLY_CATEGORIA_RULES
        for is_wrong, message in (*CATEGORIA_RULES, *rules):
            if is_wrong(subject, catalog):
                problems.append(f"{where}: {message.format(c=subject)}")
    for asunto in catalog.asuntos.values():
        problems += [f"{_where(asunto)}: formulario: {each}" for each in wrong_form(asunto)]
    problems += [
        f"logros: {codigo} is no desenlace"
        for codigo in catalog.juntas.logros
        if codigo not in catalog.desenlaces
    ]
    if not any(cargo.is_coordinator for cargo in catalog.juntas.cargos.values()):
        problems.append("cargos: no post is the coordinator's")
    problems += _wrong_proof(catalog)
    return problems + _wrong_lineas(catalog.lineas) + list(_wrong_acts(catalog))


def _wrong_proof(catalog: Catalog) -> list[str]:
    """What the tables by which the juntas' results are counted leave open."""
    tables = catalog.juntas
    problems = [
        f"luces: {codigo} is no categoria"
        for codigo in tables.luces
        if codigo not in catalog.categorias
    ]
    if sorted(meta.trimestre for meta in tables.metas.values()) != [1, 2, 3, 4]:
        problems.append("metas: each quarter must have one")
    if "respuesta" not in tables.plazos:
        problems.append("plazos: respuesta is missing")
    return problems


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


def _wrong_acts(catalog: Catalog) -> Iterator[str]:
    """What officers may choose in a denuncia or queja, and what sends its author elsewhere."""
    for desvio in catalog.desvios.values():
        if _has_no_lasting_line(desvio, catalog):
            yield f"desvio {desvio.codigo}: linea {desvio.linea} is unknown or has ended"
    for codigo, motivo in catalog.aperturas.items():
        if not motivo.needs_words:
            yield f"apertura {codigo}: nobody opens an identity without words"
    for actuacion in catalog.actuaciones.values():
        for problem in _wrong_actuacion(actuacion, catalog):
            yield f"actuacion {actuacion.codigo}: {problem}"


def _wrong_actuacion(actuacion: Actuacion, catalog: Catalog) -> Iterator[str]:
    if not {*actuacion.kinds} <= {Tipo.DENUNCIA, Tipo.QUEJA}:
        yield "kinds must be denuncia or queja"
    told = {name for _, name, _, _ in Formatter().parse(actuacion.text_for_citizen) if name}
    # An investigator is never named, and the officer's own words stand beside the text.
    if not told <= {*actuacion.asks} & {Asks.FISCALIA, Asks.NUMERO}:
        yield "text_for_citizen tells what is not asked, or must not be told"
    closes = actuacion.state in (ActState.RESOLVED, ActState.DISMISSED)
    if closes != (actuacion.desenlace is not None):
        yield "a desenlace is needed to close, and only then"
    end = catalog.desenlaces.get(actuacion.desenlace or "")
    if actuacion.desenlace and end is None:
        yield f"unknown desenlace {actuacion.desenlace}"
    if end and (end.state.value != actuacion.state or not {*actuacion.kinds} <= {*end.tipos}):
        yield f"desenlace {end.codigo} is of another state or kind"


def _has_no_lasting_line(subject: Categoria | Desvio, catalog: Catalog) -> bool:
    return subject.linea is not None and not any(
        linea.numero == subject.linea and linea.vigente_hasta is None for linea in catalog.lineas
    )


def _classifier_demands_more(categoria: Categoria, catalog: Catalog) -> bool:
    entry = catalog.clasificador.get(categoria.clasificador)
    return entry is not None and entry.demands_description and not categoria.needs_description


def _is_not_a_modality(categoria: Categoria, catalog: Catalog) -> bool:
    entry = catalog.clasificador.get(categoria.clasificador)
    return entry is None or entry.nivel != MODALITY_LEVEL


def _is_specialised(categoria: Categoria) -> bool:
    return categoria.routing_rule is RoutingRule.UNIDAD_ESPECIALIZADA


def _not_modalities(asunto: Asunto, catalog: Catalog) -> bool:
    found = [catalog.clasificador.get(codigo) for codigo in asunto.calificaciones]
    return any(entry is None or entry.nivel != MODALITY_LEVEL for entry in found)


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
ONLY_CATEGORIA_RULES: tuple[tuple[Callable[[Categoria, Catalog], bool], str], ...] = (
    (lambda c, _: c.tipo in (Tipo.DENUNCIA, Tipo.QUEJA), "tipo {c.tipo} is of an asunto"),
)
ASUNTO_RULES: tuple[tuple[Callable[[Any, Catalog], bool], str], ...] = (
    (lambda a, _: a.tipo not in (Tipo.DENUNCIA, Tipo.QUEJA), "tipo {c.tipo} is of an alerta"),
    (lambda a, k: a.codigo in k.categorias, "its code is a category's"),
    (_not_modalities, "calificaciones must be modalities of the classifier"),
    (lambda a, _: not a.needs_description, "the account is the denuncia: set needs_description"),
    (lambda a, _: a.is_queja and not a.sensible, "a queja is sensible"),
    (lambda a, _: a.is_queja and a.reserved_by_matter, "a queja has no identity to reserve"),
    (
        lambda a, _: not 0 < a.answer_days <= LONGEST_ANSWER_DAYS,
        f"answer_days must be from 1 to {LONGEST_ANSWER_DAYS}",
    ),
    (
        lambda a, _: not 0 < a.remind_days < a.answer_days,
        "remind_days must be from 1 to less than answer_days",
    ),
    # Who waits for the change of shift cannot be seen before.
    (
        lambda a, _: a.batched and a.acknowledge_minutes < SHIFT_MINUTES,
        f"batched cannot be acknowledged in less than {SHIFT_MINUTES} minutes",
    ),
)
