"""GET /asuntos: what can be denounced, what cannot be here, and each form."""

import gzip

import pytest
from jsonschema import Draft202012Validator

from backend.catalog.services import load_catalog

CODES = list(load_catalog().asuntos)


def test_seven_denuncias_and_six_quejas_are_offered(client):
    found = client.get("/api/v1/asuntos").json["asuntos"]
    kinds = [each["tipo"] for each in found]
    assert (kinds.count("denuncia"), kinds.count("queja")) == (7, 6)
    assert found[0] == {
        "codigo": "perdida_documentos",
        "nombre": "Perdí mis documentos",
        "ayuda": "DNI, licencia, tarjetas u otros. Si te los robaron, elige otra opción.",
        "tipo": "denuncia",
        "icono": "id-off",
        "sensible": False,
        "plazo_dias": 3,
        "linea": None,
    }


def test_a_queja_is_sensible_and_has_a_line_to_call(client):
    quejas = [
        one for one in client.get("/api/v1/asuntos").json["asuntos"] if one["tipo"] == "queja"
    ]
    assert all(one["sensible"] and one["linea"] for one in quejas)
    assert {one["plazo_dias"] for one in quejas} == {15}


def test_what_cannot_be_denounced_here_says_whom_to_call_and_where_to_go(client):
    desvios = {one["codigo"]: one for one in client.get("/api/v1/asuntos").json["desvios"]}
    assert {"emergencia", "delito_en_curso", "violencia_sexual", "violencia_familiar"} <= set(
        desvios
    )
    assert desvios["violencia_sexual"]["linea"]["numero"] == "100"
    assert desvios["delito_en_curso"]["ir_a"] == "alerta"
    assert all(one["linea"] for one in desvios.values())


@pytest.mark.parametrize("codigo", CODES)
def test_the_form_is_a_whole_schema_by_itself(client, codigo):
    form = client.get(f"/api/v1/asuntos/{codigo}").json
    Draft202012Validator.check_schema(form)
    assert form["properties"]["asunto"]["const"] == codigo
    assert "$ref" not in str(form)


def test_a_form_that_did_not_change_is_not_sent_again(client):
    for address in ("/api/v1/asuntos", "/api/v1/asuntos/estafa"):
        answer = client.get(address)
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_a_form_travels_compressed_to_who_can_read_it(client):
    address = "/api/v1/asuntos/robo_celular_denuncia"
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < 6000


@pytest.mark.parametrize("codigo", ["robo", "no_existe", "..", "%00"])
def test_what_is_no_asunto_is_not_found(client, codigo):
    answer = client.get(f"/api/v1/asuntos/{codigo}")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


def test_the_list_of_alertas_stays_as_it_was(client):
    found = client.get("/api/v1/categorias").json["categorias"]
    assert {one["tipo"] for one in found} == {"hecho", "factor_de_riesgo"}
