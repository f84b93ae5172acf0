"""The product's own catalogue: what it promises to a citizen and to the law."""

from dataclasses import replace
from datetime import date

import pytest

from backend.catalog import queries
from backend.catalog.models import (
    Catalog,
    Categoria,
    ClosedState,
    RoutingRule,
    Tipo,
    UnknownCode,
)
from backend.catalog.services import load_catalog
from backend.catalog.tables import LineaDeEmergencia
from backend.reports.states import State

SOME_DAY = date(2025, 6, 1)
DAY_BEFORE_111 = date(2024, 10, 3)
FIRST_DAY_OF_111 = date(2024, 10, 4)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def test_about_twenty_things_can_be_reported_of_both_kinds(catalog: Catalog) -> None:
    assert 18 <= len(catalog.categorias) <= 26
    assert len(queries.categorias_of(catalog, Tipo.HECHO)) > 10
    assert len(queries.categorias_of(catalog, Tipo.FACTOR_DE_RIESGO)) >= 6


def test_extortion_is_sensible_hidden_and_goes_to_its_own_desk(catalog: Catalog) -> None:
    extorsion = catalog.categoria("extorsion")
    assert extorsion.nombre == "Me piden cupo"
    assert extorsion.sensible
    assert not extorsion.publica
    assert extorsion.routing_rule is RoutingRule.UNIDAD_ESPECIALIZADA
    assert extorsion.matter == "extorsion"
    line = queries.linea_for(catalog, extorsion, SOME_DAY)
    assert line is not None
    assert line.numero == "111"
    assert extorsion.acknowledge_minutes < catalog.prioridades[2].acknowledge_minutes


def test_every_category_has_a_modality_of_the_official_classifier(catalog: Catalog) -> None:
    assert len(catalog.clasificador) == 7 + 27 + 135
    for categoria in catalog.categorias.values():
        entry = catalog.clasificador[categoria.clasificador]
        assert entry.nivel == 3
        assert categoria.needs_description or not entry.demands_description


def test_sensible_matters_never_reach_a_public_layer(catalog: Catalog) -> None:
    sensible = queries.sensible_codes(catalog)
    assert {"extorsion", "venta_drogas", "trata_personas", "violencia_en_casa"} <= sensible
    assert not sensible & queries.public_codes(catalog)
    for codigo in sensible:
        assert catalog.subject(codigo).routing_rule is RoutingRule.UNIDAD_ESPECIALIZADA


def test_a_map_layer_counts_only_the_codes_of_its_group(catalog: Catalog) -> None:
    assert queries.public_codes(catalog, "robo") == {"robo", "robo_casa_negocio", "robo_vehiculo"}
    assert queries.public_codes(catalog, "extorsion") == frozenset()


def test_nobody_can_complain_about_the_police_through_the_alert_list(catalog: Catalog) -> None:
    conduct_of_officials = {"010801", "010802"}
    assert not conduct_of_officials & {c.clasificador for c in catalog.categorias.values()}


def test_what_is_urgent_escalates_first(catalog: Catalog) -> None:
    terms = [catalog.prioridades[priority].acknowledge_minutes for priority in (1, 2, 3)]
    assert terms == sorted(set(terms))
    assert catalog.categoria("robo").is_urgent
    assert not catalog.categoria("danos_pintas").is_urgent


def test_a_category_may_have_terms_of_its_own(catalog: Catalog) -> None:
    assert catalog.categoria("robo").acknowledge_minutes == 5
    assert catalog.categoria("falta_de_luz").acknowledge_minutes == 1440


@pytest.mark.parametrize("kind", [Tipo.HECHO, Tipo.FACTOR_DE_RIESGO])
def test_every_kind_can_be_closed_both_ways(catalog: Catalog, kind: Tipo) -> None:
    ends = queries.desenlaces_for(catalog, queries.categorias_of(catalog, kind)[0])
    assert {end.state for end in ends} == set(ClosedState)


def test_closed_states_are_states_of_a_report() -> None:
    assert {state.value for state in ClosedState} <= {state.value for state in State}


def test_officers_can_say_how_they_verified(catalog: Catalog) -> None:
    assert list(catalog.verificaciones) == [
        "visto_en_el_lugar",
        "confirmado_por_persona",
        "por_camara",
        "por_documentos",
    ]


def test_the_text_of_a_screen_fits(catalog: Catalog) -> None:
    for categoria in catalog.categorias.values():
        assert len(categoria.nombre) <= 40
        assert len(categoria.ayuda) <= 90, categoria.codigo


def test_lines_are_shown_in_order_and_only_while_in_force(catalog: Catalog) -> None:
    today = [line.numero for line in queries.lineas_in_force(catalog, SOME_DAY)]
    assert today == ["105", "116", "106", "100", "111", "1818", "110", "115", "113", "119"]
    before = {line.numero for line in queries.lineas_in_force(catalog, DAY_BEFORE_111)}
    assert before == set(today) - {"111"}
    assert "111" in {line.numero for line in queries.lineas_in_force(catalog, FIRST_DAY_OF_111)}


def test_before_line_111_existed_extortion_had_no_line(catalog: Catalog) -> None:
    extorsion = catalog.categoria("extorsion")
    assert queries.linea_for(catalog, extorsion, DAY_BEFORE_111) is None
    assert queries.linea_for(catalog, catalog.categoria("falta_de_luz"), SOME_DAY) is None


def test_both_days_of_a_period_belong_to_it() -> None:
    line = LineaDeEmergencia(
        "105", "Policía", "…", 1, "…", vigente_desde=date(2025, 1, 1), vigente_hasta=SOME_DAY
    )
    assert line.is_in_force(date(2025, 1, 1))
    assert line.is_in_force(SOME_DAY)
    assert not line.is_in_force(date(2025, 6, 2))
    assert not line.is_in_force(date(2024, 12, 31))


@pytest.mark.parametrize(
    ("look_up", "field"),
    [
        (Catalog.categoria, "categoria"),
        (Catalog.desenlace, "desenlace"),
        (Catalog.rechazo, "motivo"),
        (Catalog.traslado, "motivo"),
        (Catalog.verificacion, "como"),
    ],
)
def test_an_unknown_code_is_the_senders_mistake(catalog: Catalog, look_up, field: str) -> None:
    with pytest.raises(UnknownCode) as refused:
        look_up(catalog, "quejas_policia")
    assert [error.field for error in refused.value.errors] == [field]


def test_the_catalogue_cannot_be_changed_while_running(catalog: Catalog) -> None:
    with pytest.raises(TypeError):
        catalog.categorias["robo"] = catalog.categoria("robo")  # type: ignore[index]
    with pytest.raises(AttributeError):
        catalog.categoria("robo").publica = False  # type: ignore[misc]


def test_every_category_says_where_its_rule_comes_from(catalog: Catalog) -> None:
    def is_explained(categoria: Categoria) -> bool:
        return bool(categoria.source.strip() and categoria.terms_reason.strip())

    assert all(is_explained(categoria) for categoria in catalog.categorias.values())


def test_an_officer_does_not_call_a_denuncia_false(catalog: Catalog) -> None:
    """That is the fiscalía's to say; and whoever is not understood is asked again."""
    alerta = {why.codigo for why in queries.rechazos_for(catalog, catalog.categoria("robo"))}
    denuncia = {why.codigo for why in queries.rechazos_for(catalog, catalog.asunto("estafa"))}
    assert alerta - denuncia == {"aviso_falso", "no_se_entiende"}
    assert denuncia


def test_a_reserved_home_is_replaced_by_the_fiscalia_of_its_place(catalog: Catalog) -> None:
    today = date(2026, 11, 21)
    general = queries.fiscalia_for(catalog, "070101", today)
    assert general is not None
    callao = replace(general, codigo="callao", ubigeo="0701")
    ended = replace(general, codigo="ended", ubigeo="070101", vigente_hasta=date(2025, 1, 1))
    rows = {"callao": callao, "ended": ended, "general": general}
    catalog = replace(catalog, fiscalias=rows)
    assert queries.fiscalia_for(catalog, "070101", today) == callao
    assert queries.fiscalia_for(catalog, "150101", today) == general
    assert queries.fiscalia_for(catalog, None, today) == general
