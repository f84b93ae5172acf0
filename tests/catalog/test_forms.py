"""A form against its schema: what is forgiven, what is refused and in which words, what warns."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from backend.catalog import forms
from backend.catalog.services import load_catalog
from backend.errors import InvalidInput

CATALOG = load_catalog()
THEFT = CATALOG.asunto("robo_celular_denuncia")
QUEJA = CATALOG.asunto("maltrato_policial")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
# Made up; its sum is right.
GOOD_IMEI = "490154203237518"


def theft() -> dict[str, Any]:
    """A phone taken in the street."""
    return {
        "asunto": "robo_celular_denuncia",
        "calificaciones": ["010301"],
        "denunciante": {
            "relacion": "agraviado",
            "identidad": {
                "tipo_documento": "dni",
                "numero_documento": "01234567",
                "nombres": "Persona",
                "apellido_paterno": "Inventada",
            },
        },
        "hecho": {
            "relato": "Dos personas en moto me quitaron el celular en el paradero.",
            "desde": "2026-11-20T18:05:00-05:00",
            "lugar": {"origen": "mapa", "lat": -12.06, "lon": -77.12},
        },
        "celulares": [{"marca": "Uno", "imei": GOOD_IMEI}],
    }


def queja() -> dict[str, Any]:
    return {
        "asunto": "maltrato_policial",
        "denunciado": {"nivel": "no_se"},
        "hecho": {
            "relato": "No quisieron recibir mi denuncia.",
            "lugar": {"origen": "referencia", "distrito": "070101"},
        },
    }


def test_both_can_be_kept_as_they_are() -> None:
    assert forms.read(THEFT, theft()) == theft()
    assert forms.read(QUEJA, queja()) == queja()


def _set(*path: Any) -> Callable[[dict[str, Any]], None]:
    *way, name, value = path

    def change(form: dict[str, Any]) -> None:
        group: Any = form
        for step in way:
            group = group[step]
        group[name] = value

    return change


PERSON = ("denunciante", "identidad")


@pytest.mark.parametrize(
    ("typed", "path", "kept"),
    [
        ("+51 987-654-321", (*PERSON, "celular"), "987654321"),
        ("51987654321", (*PERSON, "celular"), "987654321"),
        ("0051 987 654 321", (*PERSON, "celular"), "987654321"),
        ("(987) 654.321", (*PERSON, "celular"), "987654321"),
        (" 0123 4567 ", (*PERSON, "numero_documento"), "01234567"),
        ("  Rosa   María ", (*PERSON, "nombres"), "Rosa María"),
        ("Nun\u0303ez", (*PERSON, "apellido_paterno"), "Nuñez"),
        ("49-015420-323751-8", ("celulares", 0, "imei"), GOOD_IMEI),
        ("  uno\r\ndos \n", ("hecho", "relato"), "uno\ndos"),
    ],
)
def test_one_spelling_is_kept_of_all_that_people_write(typed, path, kept) -> None:
    form = theft()
    _set(*path, typed)(form)
    found: Any = forms.normalised(THEFT, form)
    for step in path:
        found = found[step]
    assert found == kept


def test_a_plate_is_kept_without_its_dash() -> None:
    form = {"vehiculos": [{"tipo": "auto", "placa": "abc-123"}]}
    asunto = CATALOG.asunto("robo_vehiculo_denuncia")
    assert forms.normalised(asunto, form)["vehiculos"][0]["placa"] == "ABC123"


def test_what_was_left_empty_is_not_kept() -> None:
    form = theft()
    form |= {"testigos": [], "motivo_reserva": " ", "reserva": None}
    form["denunciante"]["identidad"] |= {"correo": "", "domicilio": None}
    assert forms.read(THEFT, form) == theft()


NUMBER = "denunciante.identidad.numero_documento"


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        (_set(*PERSON, "numero_documento", "1234567"), NUMBER, "El DNI tiene 8 números."),
        (_set(*PERSON, "numero_documento", "1234567A"), NUMBER, "El DNI tiene 8 números."),
        (_set(*PERSON, "numero_documento", 12345678), NUMBER, "Debe ser texto."),
        (_set(*PERSON, "tipo_documento", "ruc"), "tipo_documento", "Elige una opción"),
        (_set(*PERSON, "celular", "012345678"), "identidad.celular", "empieza con 9"),
        (_set(*PERSON, "celular", "9876543219"), "identidad.celular", "tiene 9 números"),
        (_set(*PERSON, "correo", "rosa@"), "identidad.correo", "Revisa el correo"),
        (_set(*PERSON, "ruc", "1"), "denunciante.identidad.ruc", "No conocemos"),
        (_set("celulares", 0, "imei", "123"), "celulares.0.imei", "15 números"),
        (_set("celulares", 0, {}), "celulares.0", "Completa este dato o quítalo."),
        (_set("celulares", []), "celulares", "Dinos qué celular"),
        (_set("celulares", [{"marca": "a"}] * 6), "celulares", "hasta 5 celulares"),
        (_set("calificaciones", ["010101"]), "calificaciones.0", "Elige una opción"),
        (_set("calificaciones", ["010301", "010301"]), "calificaciones", "dos veces lo mismo"),
        (_set("hecho", "relato", "corto"), "hecho.relato", "Cuéntanos un poco más"),
        (_set("hecho", "relato", "a" * 4001), "hecho.relato", "hasta 4000 letras"),
        (_set("hecho", "relato", "con \x00 nulo dentro"), "hecho.relato", "símbolos"),
        (_set("hecho", "relato", "media letra \ud800"), "hecho.relato", "símbolos"),
        (_set("hecho", "desde", "2026-11-20T18:05:00"), "hecho.desde", "con zona"),
        (_set("hecho", "desde", "ayer"), "hecho.desde", "con zona"),
        (_set("hecho", "desde", "0001-01-01T00:00:00Z"), "hecho.desde", "con zona"),
        (_set("hecho", "desde", "2026-02-30T00:00:00Z"), "hecho.desde", "con zona"),
        (_set("hecho", "desde", "2026-02-20T00:00:00+99:99"), "hecho.desde", "con zona"),
        (_set("hecho", "hasta", "2026-11-20T18:04:00-05:00"), "hecho.hasta", "Debe ser después"),
        (_set("hecho", "lugar", {"origen": "gps", "lat": -12.0}), "hecho.lugar.lon", "el punto"),
        (_set("hecho", "lugar", "lat", float("nan")), "hecho.lugar.lat", "no es posible"),
        (_set("hecho", "lugar", "lat", float("inf")), "hecho.lugar.lat", "no es posible"),
        (_set("hecho", "lugar", "lat", 10**400), "hecho.lugar.lat", "no es posible"),
        (_set("hecho", "lugar", "lat", True), "hecho.lugar.lat", "Debe ser un número."),
        (_set("hecho", "lugar", "lat", -91), "hecho.lugar.lat", "Debe ser -90 o más."),
        (_set("hecho", "lugar", {"origen": "celda", "celda": "8a"}), "lugar.celda", "Marca una"),
        (_set("hecho", "lugar", {"origen": "celda"}), "hecho.lugar.celda", "Marca una zona"),
        (
            _set("hecho", "lugar", {"origen": "referencia"}),
            "hecho.lugar.referencia",
            "el distrito o una referencia",
        ),
        (_set("denunciante", "relacion", "familiar"), "agraviados", "Dinos a quién le pasó."),
        (_set("testigos", [{"identidad": {}}]), "testigos.0.identidad.nombres", "los nombres"),
        (
            _set("testigos", [{"identidad": {"nombres": "A", "numero_documento": "01234567"}}]),
            "testigos.0.identidad.tipo_documento",
            "Elige el tipo",
        ),
        (_set("reserva", "sí"), "reserva", "true o false"),
        (_set("asunto", "estafa"), "asunto", "otro asunto"),
        (_set("denunciado", {"nivel": "no_se"}), "denunciado", "No conocemos"),
        (_set("x" * 99, 1), "x" * 40, "No conocemos"),
        (_set("a\nb\ud800", 1), "a?b?", "No conocemos"),
        (_set("", [[[[[[[[[[[[]]]]]]]]]]]]), "?.0.0.0.0.0.0.0", "No conocemos"),
        (_set("hecho", []), "hecho", "Debe ser un grupo de datos."),
        (_set("celulares", {}), "celulares", "Debe ser una lista."),
    ],
)
def test_each_wrong_field_is_told_by_its_name(change, field: str, words: str) -> None:
    form = theft()
    change(form)
    found = [each for each in forms.check(THEFT, form) if each.field.endswith(field)]
    assert len(found) == 1, forms.check(THEFT, form)
    assert words in found[0].message


def test_a_missing_group_is_told_by_what_it_must_hold_in_the_order_of_the_steps() -> None:
    assert [each.field for each in forms.check(THEFT, {"asunto": THEFT.codigo})] == [
        "celulares",
        "calificaciones",
        "hecho.relato",
        "hecho.desde",
        "hecho.lugar.origen",
        "denunciante.identidad.tipo_documento",
        "denunciante.identidad.numero_documento",
        "denunciante.identidad.nombres",
        "denunciante.identidad.apellido_paterno",
        "denunciante.relacion",
    ]


def test_too_much_is_told_once() -> None:
    form = theft() | {"otros_bienes": [{"descripcion": "lápiz"}] * 5000}
    assert [each.field for each in forms.check(THEFT, form)] == ["datos"]


@pytest.mark.parametrize("datos", [None, [], "x", 3, {}, {"asunto": 3}, {"asunto": ["estafa"]}])
def test_what_is_no_form_says_what_to_send(datos: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        forms.asunto_of(CATALOG, datos)
    assert refused.value.errors[0].field in ("datos", "asunto")


@pytest.mark.parametrize("name", ["denunciante", "agraviados", "testigos", "reserva"])
def test_a_queja_takes_nobodys_identity_even_if_it_is_sent(name: str) -> None:
    found = forms.check(QUEJA, queja() | {name: theft().get(name, True)})
    assert [each.field for each in found] == [name]


def test_a_queja_takes_no_exact_point() -> None:
    form = queja()
    form["hecho"]["lugar"] = {"origen": "mapa", "lat": -12.06, "lon": -77.12}
    fields = {each.field for each in forms.check(QUEJA, form)}
    assert fields == {"hecho.lugar.origen", "hecho.lugar.lat", "hecho.lugar.lon"}


def test_whoever_complains_of_a_unit_says_which() -> None:
    form = queja() | {"denunciado": {"nivel": "unidad"}}
    assert [each.field for each in forms.check(QUEJA, form)] == ["denunciado.unidad"]


def test_an_odd_imei_and_a_date_to_come_only_warn() -> None:
    form = theft()
    form["celulares"].append({"imei": "490154203237519"})
    form["hecho"]["desde"] = "2026-11-22T10:00:00-05:00"
    assert forms.check(THEFT, form) == []
    warned = {each.field: each.message for each in forms.warnings(THEFT, form, NOW)}
    assert set(warned) == {"celulares.1.imei", "hecho.desde"}
    assert "Compáralo con la caja" in warned["celulares.1.imei"]
    assert forms.warnings(THEFT, theft(), NOW) == []


def test_identities_leave_the_case_with_their_role_place_and_document() -> None:
    form = theft() | {
        "agraviados": [{"identidad": {"nombres": "Ana"}}, {"identidad": {"nombres": "Luis"}}],
        "implicados": [{"rasgos": "Casaca roja"}, {"identidad": {"apodo": "Uno"}}],
    }
    case, parts = forms.split(THEFT, form)
    assert [(each.role, each.position) for each in parts] == [
        ("implicados", 2),
        ("denunciante", 1),
        ("agraviados", 1),
        ("agraviados", 2),
    ]
    assert parts[1].document == ("dni", "01234567")
    assert parts[0].document is None
    assert case["denunciante"] == {"relacion": "agraviado"}
    assert case["implicados"] == [{"rasgos": "Casaca roja"}, {}]
    assert "Inventada" not in repr(parts)
    shown = forms.labelled(case, {("agraviados", 2): "Agraviado 2"})
    assert shown["agraviados"] == [{}, {"identidad": "Agraviado 2"}]


def test_who_chose_no_qualification_gets_that_of_the_asunto() -> None:
    assert forms.calificaciones(THEFT, theft()) == ("010301",)
    assert forms.calificaciones(QUEJA, queja()) == ("010801",)
