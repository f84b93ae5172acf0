"""What a filled form says: every matter, by its own schema and nothing else."""

from datetime import datetime

import pytest

from backend.catalog.form_words import Block, Line, blocks_of, identity_lines
from backend.catalog.models import Catalog
from backend.catalog.services import load_catalog


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def tell(instant: datetime) -> str:
    return f"{instant:%d/%m %H:%M}"


def said(blocks: list[Block]) -> dict[str, str]:
    return {line.title: line.text for b in blocks for g in b.groups for line in g.lines}


def test_a_stolen_phone_is_told_step_by_step(catalog: Catalog):
    datos = {
        "asunto": "robo_celular_denuncia",
        "calificaciones": ["010301", "010309"],
        "hecho": {"relato": "Me lo quitaron", "desde": "2026-11-20T18:05:00-05:00"},
        "celulares": [
            {"marca": "Uno", "operador": "claro", "identidad": "Línea 1"},
            {"marca": "B"},
        ],
        "otros_bienes": [{"descripcion": "Una mochila", "valor": 1250}],
        "denunciante": {"relacion": "agraviado", "identidad": "Denunciante"},
        "reserva": False,
    }
    blocks = blocks_of(catalog.asunto("robo_celular_denuncia").form, datos, tell, str)
    assert [block.title for block in blocks] == [
        "Qué celular",
        "Qué pasó",
        "Qué más se llevaron",
        "Quién denuncia",
        "Tu seguridad",
    ]
    assert [group.title for group in blocks[0].groups] == ["Celular 1", "Celular 2"]
    words = said(blocks)
    assert words["Operador"] == "Claro"
    assert words["Cuándo pasó"] == "20/11 18:05"
    assert words["¿A quién le pasó?"] == "A mí"
    assert words["Cuánto costaba, en soles"] == "S/ 1,250.00"
    assert "golpes o arma; Sin que me diera cuenta" in words["¿Cómo fue?"]
    assert words["Quiero que mi nombre quede en reserva"] == "No"
    assert Line("Tus datos", "Denunciante", is_label=True) in blocks[3].groups[0].lines
    told = Line("Cuéntalo con tus palabras", "Me lo quitaron", is_long=True)
    assert told in blocks[1].groups[1].lines


def test_money_is_told_with_its_currency(catalog: Catalog):
    datos = {"dinero": [{"monto": 20, "moneda": "USD", "forma": "efectivo"}]}
    words = said(blocks_of(catalog.asunto("estafa").form, datos, tell, str))
    assert words["Cuánto"] == "US$ 20.00"
    assert "Moneda" not in words


def test_a_unit_is_told_by_its_name(catalog: Catalog):
    datos = {"denunciado": {"nivel": "unidad", "unidad": "U-1"}}
    form = catalog.asunto("maltrato_policial").form
    assert said(blocks_of(form, datos, tell, lambda code: f"Comisaría {code}"))["Cuál"] == (
        "Comisaría U-1"
    )


def test_what_a_later_form_no_longer_asks_is_told_all_the_same(catalog: Catalog):
    datos = {"hecho": {"relato": "Así fue", "turno": "noche"}, "color_favorito": "azul"}
    words = said(blocks_of(catalog.asunto("estafa").form, datos, tell, str))
    assert words["turno"] == "noche"
    assert words["color_favorito"] == "azul"


def test_a_place_is_left_to_the_report(catalog: Catalog):
    datos = {"hecho": {"relato": "Así fue", "lugar": {"origen": "gps", "lat": -12.0, "lon": -77.0}}}
    assert "-12" not in str(blocks_of(catalog.asunto("estafa").form, datos, tell, str))


def test_an_opened_identity_has_the_titles_of_its_form(catalog: Catalog):
    form = catalog.asunto("robo_celular_denuncia").form
    person = {"tipo_documento": "dni", "numero_documento": "01234567", "nombres": "Rosa"}
    assert identity_lines(form, "denunciante", person, tell) == (
        Line("Tipo de documento", "DNI"),
        Line("Número de documento", "01234567"),
        Line("Nombres", "Rosa"),
    )
    assert identity_lines(form, "testigos", {"celular": "900000001"}, tell)[0].title == "Celular"
    place = identity_lines(form, "lugar", {"lat": -12.05, "referencia": "Frente al mercado"}, tell)
    assert [line.title for line in place] == ["Latitud", "Referencia"]


def test_every_form_names_every_field_that_it_has(catalog: Catalog):
    for asunto in catalog.asuntos.values():
        steps = {name for step in asunto.form["x-pasos"] for name in step["campos"]}
        assert steps | {"asunto"} == set(asunto.form["properties"]), asunto.codigo
