"""What a constancia says of a form: the words of its matter, and nobody's identity."""

import json
from datetime import UTC, datetime

import pytest

from backend.catalog import forms
from backend.catalog.services import load_catalog
from backend.constancia.queries import content_of
from backend.constancia.services import digest_of
from tests.constancia.examples import NUMERO, SALT
from tests.denouncing import IMEI, a_person, burglary, lost_papers, stolen_phone

CATALOG = load_catalog()
HIDDEN = ("4000000", "90000000", "Persona", "Inventad", "Primera", "Segunda", "Vecina", "Jirón")


def said_of(sent, **changes):
    asunto = CATALOG.asunto(sent["asunto"])
    datos = forms.read(asunto, sent)
    return content_of(
        **{
            "numero": NUMERO,
            "kind": asunto.kind,
            "matter": asunto.nombre,
            "received_at": datetime(2026, 11, 21, 13, 15, 7, tzinfo=UTC),
            "unit": "Comisaría de prueba",
            "district": None,
            "datos": datos,
            "form": asunto.form,
            "photo_hashes": ["ab" * 32],
            **changes,
        }
    )


def test_the_theft_of_a_telephone():
    said = said_of(stolen_phone())
    assert said["asunto"] == "Me robaron el celular"
    assert said["recibido_en"] == "2026-11-21T08:15-05:00"
    assert said["ocurrio"] == {
        "desde": "2026-11-20T18:00-05:00",
        "hasta": "2026-11-20T18:30-05:00",
    }
    assert said["personas"] == [
        {"papel": "denunciante", "cuantas": 1},
        {"papel": "implicados", "cuantas": 1},
    ]
    (phone,) = said["bienes"]
    assert phone["clase"] == "Celular"
    assert {"campo": "IMEI", "valor": IMEI} in phone["detalles"]
    assert said["fotos"] == ["ab" * 32]


def test_goods_are_told_in_the_words_of_the_form():
    goods = said_of(burglary())["bienes"]
    assert [one["clase"] for one in goods] == ["Monto", "Cosa"]
    values = [detail["valor"] for one in goods for detail in one["detalles"]]
    assert values == ["800", "Soles", "En efectivo", "Televisor", "1500"]


def test_an_amount_with_cents_becomes_words():
    money = [{"monto": 12.5, "moneda": "PEN"}]
    said = said_of(burglary(dinero=money))
    assert said["bienes"][0]["detalles"][0]["valor"] == "12.50"
    assert digest_of(said, SALT)


def test_a_plate_is_told():
    sent = burglary(asunto="robo_vehiculo_denuncia", calificaciones=["010302"])
    sent["vehiculos"] = [{"tipo": "moto", "placa": "abc-123"}]
    for name in ("otros_bienes", "dinero"):
        sent.pop(name)
    asunto = CATALOG.asunto("robo_vehiculo_denuncia")
    said = said_of({**sent, "calificaciones": [asunto.calificaciones[0]]})
    values = [detail["valor"] for one in said["bienes"] for detail in one["detalles"]]
    assert values == ["Moto", "ABC123"]


@pytest.mark.parametrize("sent", [lost_papers(), stolen_phone(), burglary()])
def test_nobody_is_named_even_when_the_whole_form_is_given(sent):
    said = json.dumps(said_of(sent), ensure_ascii=False)
    assert not [word for word in HIDDEN if word in said]


def test_persons_are_counted_by_role():
    more = {"agraviados": [{"identidad": a_person(f"4000000{n}")} for n in range(3)]}
    said = said_of(burglary(**more))
    assert said["personas"] == [
        {"papel": "denunciante", "cuantas": 1},
        {"papel": "agraviados", "cuantas": 3},
        {"papel": "testigos", "cuantas": 1},
    ]


def test_a_time_without_a_zone_stays_as_it_was_written():
    sent = stolen_phone()
    asunto = CATALOG.asunto(sent["asunto"])
    datos = {**sent, "hecho": {"relato": "Algo pasó", "desde": "2026-11-20T18:00"}}
    said = said_of(sent, datos=datos, form=asunto.form)
    assert said["ocurrio"]["desde"] == "2026-11-20T18:00"
