"""The description of the API: valid, readable, and true of every answer that the API gives."""

import contextvars
import io
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

import pytest
import schemathesis
from h3 import latlng_to_cell
from hypothesis import HealthCheck, Phase, given, seed, settings
from openapi_spec_validator import validate
from schemathesis import Case
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from sqlalchemy import select

from backend import clock, triage
from backend.db import db
from backend.reports.models import Report
from mobile_api.docs import ANSWERS
from mobile_api.limits import limiter
from tests.builders import IN_WEST, Callao, a_device, a_member_of_staff, datos, send
from tests.coordinating import a_coordinator
from tests.journey.doing import do_all_work
from tests.media.made_photos import photo
from tests.phones import a_phone


@pytest.fixture
def described(app, monkeypatch) -> Any:
    """The API as it describes itself, each request in a context of its own, without limits."""
    monkeypatch.setattr(limiter, "enabled", False)

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return contextvars.Context().run(app, environ, start_response)

    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", serve)


@pytest.fixture
def credentials(app, parts) -> dict[str, str]:
    """What opens each security scheme: a phone's token, a case of its own, a junta's session."""
    junta = a_coordinator(app, Callao().west)
    phone = a_phone(app)
    device = a_device(phone)
    picture = [(io.BytesIO(photo(size=(64, 48))), "f.jpg")]
    receipt = send(phone, datos(), headers=device, photos=picture).json
    do_all_work(parts)
    asked = {"numero": receipt["numero"], "clave": receipt["clave"]}
    acceso = phone.post("/api/v1/seguimiento", json=asked).json["acceso"]
    return {
        "dispositivo": device["Authorization"],
        "acceso": f"Bearer {acceso}",
        "junta": junta.headers["Authorization"],
    }


OPERATIONS = (
    "POST /api/v1/dispositivos",
    "GET /api/v1/categorias",
    "GET /api/v1/asuntos",
    "GET /api/v1/asuntos/{codigo}",
    "POST /api/v1/atencion",
    "POST /api/v1/comisarias/cerca",
    "GET /api/v1/emergencias",
    "GET /api/v1/territorio/{z}/{x}/{y}.mvt",
    "GET /api/v1/riesgo/{capa}/{z}/{x}/{y}.mvt",
    "GET /api/v1/riesgo/zonas/{celda_r7}",
    "POST /api/v1/alertas",
    "POST /api/v1/denuncias",
    "POST /api/v1/unidades",
    "POST /api/v1/seguimiento",
    "GET /api/v1/caso",
    "GET /api/v1/caso/fotos/{attachment_id}/{size}",
    "POST /api/v1/caso/mensajes",
    "POST /api/v1/caso/disconformidad",
    "POST /api/v1/caso/ampliaciones",
    "GET /api/v1/caso/constancia",
    "POST /api/v1/junta/inscripcion",
    "POST /api/v1/junta/sesion",
    "POST /api/v1/junta/informes",
    "GET /api/v1/junta/informes",
    "GET /api/v1/junta/resumen",
    "GET /api/v1/junta/confirmados",
    "POST /api/v1/junta/confirmados",
)


NOTHING_TO_GET_WRONG = {
    "POST /api/v1/dispositivos",
    "GET /api/v1/categorias",
    "GET /api/v1/asuntos",
    "GET /api/v1/asuntos/{codigo}",
    "GET /api/v1/emergencias",
    "GET /api/v1/caso",
    "GET /api/v1/caso/constancia",
    "GET /api/v1/junta/confirmados",
    # What they ask for may be left out, and then nothing is wrong; `test_junta_*` send it wrong.
    "GET /api/v1/junta/informes",
    "GET /api/v1/junta/resumen",
}
TRIALS = [
    pytest.param(label, mode, id=f"{label} {mode.value}")
    for label in OPERATIONS
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or label not in NOTHING_TO_GET_WRONG
]


@pytest.mark.parametrize(("label", "mode"), TRIALS)
def test_every_answer_is_described(described, credentials, label, mode):
    operation = described.find_operation_by_label(label)
    numbers = count()

    # The plugin of schemathesis for pytest lags behind pytest: hypothesis drives by itself.
    @seed(2026)
    @settings(
        max_examples=settings.default.max_examples // 10,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers_as_described(case: Case) -> None:
        for scheme in operation.definition.raw.get("security", []):
            (name,) = scheme
            case.headers["Authorization"] = credentials[name]
        # Inside the process nobody unpacks a packed answer, as a browser or a proxy would.
        case.headers["Accept-Encoding"] = "identity"
        if mode is GenerationMode.POSITIVE and next(numbers) % 2:
            come_true(case)
        # What lies in Peru, what the catalogue has and which symbols can be read, no schema says.
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    answers_as_described()


def come_true(case: Case) -> None:
    """Put what no generator guesses in the place of what it made up, so that more is reached."""
    facts = {"categoria": "robo", **IN_WEST, "lugar": {"origen": "gps", **IN_WEST}}
    facts["procedencia"] = "vecino"
    if isinstance(case.body, dict):
        case.body.update({name: facts[name] for name in facts.keys() & case.body.keys()})
    if "celda_r7" in case.path_parameters:
        case.path_parameters["celda_r7"] = latlng_to_cell(*IN_WEST.values(), 7)
    if "z" in case.path_parameters:
        case.path_parameters.update(z=12, x=1170, y=2184)
    if "codigo" in case.path_parameters:
        case.path_parameters["codigo"] = "perdida_documentos"


def test_an_informe_that_the_desk_answered_is_described(described, app, parts, callao):
    junta = a_coordinator(app, callao.west)
    officer = a_member_of_staff("operador.west", "operador", callao.west)
    numero = junta.tell().json["numero"]
    report_id = db.session.scalars(select(Report.id).where(Report.numero == numero)).one()
    triage.answer(parts, officer, report_id, text="Va una patrulla.", now=clock.now())
    operation = described.find_operation_by_label("GET /api/v1/junta/informes")
    answer = operation.Case(headers=junta.headers | {"Accept-Encoding": "identity"}).call()
    operation.validate_response(answer)
    [fate] = answer.json()["informes"]
    assert [one["texto"] for one in fate["respuestas"]] == ["Va una patrulla."]


def test_every_operation_is_tried(described):
    found = [operation.ok().label for operation in described.get_all_operations()]
    assert sorted(found) == sorted(OPERATIONS)


def test_the_description_is_valid(client):
    document = client.get("/api/v1/openapi.json").json
    validate(document)
    assert document["openapi"].startswith("3.")


def test_the_description_covers_the_contract(client):
    paths = client.get("/api/v1/openapi.json").json["paths"]
    assert {
        "/api/v1/dispositivos",
        "/api/v1/categorias",
        "/api/v1/atencion",
        "/api/v1/alertas",
        "/api/v1/seguimiento",
        "/api/v1/caso",
        "/api/v1/caso/mensajes",
        "/api/v1/caso/disconformidad",
        "/api/v1/riesgo/{capa}/{z}/{x}/{y}.mvt",
        "/api/v1/riesgo/zonas/{celda_r7}",
        "/api/v1/comisarias/cerca",
        "/api/v1/emergencias",
    } <= set(paths)


def test_every_route_of_the_api_is_described(app, client):
    described = client.get("/api/v1/openapi.json").json["paths"]
    served = {
        str(rule)
        for rule in app.url_map.iter_rules()
        if str(rule).startswith("/api/v1/") and rule.endpoint != "api-docs.openapi_json"
    }
    assert len(described) == len(served)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_quiet_methods_break_nothing(app, client, method):
    for rule in app.url_map.iter_rules():
        if rule.arguments or not str(rule).startswith("/api/"):
            continue
        answer = client.open(str(rule), method=method)
        assert answer.status_code < 500, str(rule)
        if method == "OPTIONS" and answer.status_code == 200:
            assert "OPTIONS" in answer.headers["Allow"]


def test_no_answer_is_described_by_a_catch_all(client):
    paths = client.get("/api/v1/openapi.json").json["paths"]
    for path in paths.values():
        for method in path.keys() - {"parameters"}:
            assert all(status.isdigit() for status in path[method]["responses"])


# The page to read


def test_the_page_tells_every_call_and_every_field(client):
    page = client.get("/api/docs")
    assert page.status_code == 200
    document = client.get("/api/v1/openapi.json").json
    for path in document["paths"]:
        assert path in page.text
    for field in (
        "lugar.precision_m",
        "adjuntos[].sha256",
        "categorias[].linea.numero",
        "informes[].respuestas[].escrito_el",
    ):
        assert f"<code>{field}</code>" in page.text
    assert "Idempotency-Key" in page.text
    assert "Retry-After" in page.text


def test_the_page_holds_under_the_strict_policy(client):
    page = client.get("/api/docs")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    assert " style=" not in page.text
    assert "<h1>" in page.text and 'lang="es-PE"' in page.text


def test_every_documented_status_has_spanish_words(client):
    paths = client.get("/api/v1/openapi.json").json["paths"]
    for path in paths.values():
        for method in path.keys() - {"parameters"}:
            assert set(path[method]["responses"]) <= set(ANSWERS)


def test_a_tile_that_did_not_change_is_not_sent_again(client):
    tile = "/api/v1/riesgo/delito/12/1170/2184.mvt"
    etag = client.get(tile).headers["ETag"]
    assert client.get(tile, headers={"If-None-Match": etag}).status_code == 304
