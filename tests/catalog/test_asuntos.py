"""The product's own asuntos: what a person can denounce or complain of, and under which rules."""

from datetime import date

import pytest

from backend.catalog import queries
from backend.catalog.form_values import CELL_RESOLUTIONS, YEARS
from backend.catalog.models import (
    ActState,
    Asunto,
    Catalog,
    ClosedState,
    RoutingRule,
    Tipo,
    UnknownCode,
)
from backend.catalog.services import load_catalog
from backend.reports.models import PlaceSource
from backend.reports.states import State
from backend.territory.location import MAX_ACCURACY_M
from mobile_api import schemas

CATALOG = load_catalog()
SOME_DAY = date(2026, 6, 1)
DENUNCIAS = [each for each in CATALOG.asuntos.values() if not each.is_queja]
QUEJAS = [each for each in CATALOG.asuntos.values() if each.is_queja]


def named(asunto: Asunto) -> str:
    return asunto.codigo


def test_the_matters_of_the_ministrys_plan_are_there() -> None:
    assert [each.codigo for each in DENUNCIAS] == [
        "perdida_documentos",
        "robo_celular_denuncia",
        "robo_casa_denuncia",
        "robo_vehiculo_denuncia",
        "robo_pertenencias",
        "estafa",
        "danos_denuncia",
    ]
    assert [each.codigo for each in QUEJAS] == [
        "maltrato_policial",
        "corrupcion",
        "queja_trata",
        "crimen_organizado",
        "cobro_de_cupos",
        "punto_de_drogas",
    ]


@pytest.mark.parametrize("queja", QUEJAS, ids=named)
def test_a_queja_reaches_only_a_desk_of_its_matter_and_no_map(queja: Asunto) -> None:
    assert queja.sensible
    assert not queja.publica
    assert queja.routing_rule is RoutingRule.UNIDAD_ESPECIALIZADA
    assert queja.matter in CATALOG.materias
    assert queja.codigo in queries.sensible_codes(CATALOG)
    assert queries.linea_for(CATALOG, queja, SOME_DAY) is not None


@pytest.mark.parametrize("queja", QUEJAS, ids=named)
def test_a_queja_is_answered_in_fifteen_working_days_to_be_confirmed(queja: Asunto) -> None:
    assert queja.answer_days == 15
    assert "Plazo de 15 días hábiles" in queja.to_confirm


def test_only_who_is_in_danger_meanwhile_does_not_wait_for_the_shift() -> None:
    at_once = {each.codigo for each in QUEJAS if not each.batched}
    assert at_once == {"cobro_de_cupos", "queja_trata"}
    assert all(CATALOG.asunto(codigo).acknowledge_minutes == 15 for codigo in at_once)
    assert not any(each.batched for each in DENUNCIAS)


@pytest.mark.parametrize("asunto", CATALOG.asuntos.values(), ids=named)
def test_the_words_of_a_screen_fit(asunto: Asunto) -> None:
    assert len(asunto.nombre) <= 40
    assert len(asunto.ayuda) <= 90
    assert asunto.source.strip() and asunto.terms_reason.strip()


@pytest.mark.parametrize("asunto", CATALOG.asuntos.values(), ids=named)
def test_it_may_be_qualified_in_several_ways_and_always_in_one(asunto: Asunto) -> None:
    assert asunto.clasificador == asunto.calificaciones[0]
    for codigo in asunto.calificaciones:
        assert CATALOG.clasificador[codigo].nivel == 3


@pytest.mark.parametrize("asunto", CATALOG.asuntos.values(), ids=named)
def test_it_can_be_closed_both_ways(asunto: Asunto) -> None:
    ends = queries.desenlaces_for(CATALOG, asunto)
    assert {end.state for end in ends} == set(ClosedState)


def test_a_report_of_any_kind_has_its_subject() -> None:
    assert CATALOG.subject("robo").tipo is Tipo.HECHO
    assert CATALOG.subject("estafa").tipo is Tipo.DENUNCIA
    assert CATALOG.asunto("estafa").kind == "denuncia"
    assert CATALOG.asunto("corrupcion").kind == "queja"
    with pytest.raises(UnknownCode):
        CATALOG.subject("no_existe")
    assert len(CATALOG.subjects) == len({each.codigo for each in CATALOG.subjects})


@pytest.mark.parametrize(
    ("look_up", "field"),
    [
        (Catalog.asunto, "asunto"),
        (Catalog.actuacion, "actuacion"),
        (Catalog.apertura, "motivo"),
    ],
)
def test_an_unknown_code_is_the_senders_mistake(look_up, field: str) -> None:
    with pytest.raises(UnknownCode) as refused:
        look_up(CATALOG, "robo")
    assert [error.field for error in refused.value.errors] == [field]


def test_nothing_urgent_or_of_violence_is_denounced_by_a_form() -> None:
    assert {"emergencia", "delito_en_curso", "violencia_sexual", "violencia_familiar"} <= set(
        CATALOG.desvios
    )
    for desvio in CATALOG.desvios.values():
        assert queries.linea_for(CATALOG, desvio, SOME_DAY) is not None
        assert len(desvio.nombre) <= 40
        assert desvio.ir_a


def test_acts_move_a_report_through_its_own_states() -> None:
    assert {state.value for state in ActState} <= {state.value for state in State}
    asked = {each.codigo: {*each.asks} for each in CATALOG.actuaciones.values()}
    assert asked["enviada_a_fiscalia"] == {"fiscalia", "numero"}
    assert asked["recibida"] == set()


def test_the_author_never_reads_who_investigates() -> None:
    for actuacion in CATALOG.actuaciones.values():
        assert "{investigador}" not in actuacion.text_for_citizen


def test_a_form_and_an_alerta_mean_the_same_by_a_place() -> None:
    lugar = CATALOG.asunto("estafa").form["properties"]["hecho"]["properties"]["lugar"]
    origins = {each["const"] for each in lugar["properties"]["origen"]["oneOf"]}
    assert origins == {source.value for source in PlaceSource}
    assert lugar["properties"]["precision_m"]["maximum"] == MAX_ACCURACY_M
    assert CELL_RESOLUTIONS == schemas.CELL_RESOLUTIONS
    assert YEARS == schemas.YEARS
