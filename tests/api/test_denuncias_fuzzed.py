"""Forms made up from their schemas, whole and spoiled: taken whole, or refused by field."""

import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from backend.catalog.models import Asunto
from backend.catalog.services import load_catalog
from mobile_api.limits import limiter
from tests.api.problems import ENGLISH
from tests.builders import a_device
from tests.catalog import filled

ASUNTOS = list(load_catalog().asuntos.values())
BY_NAME = pytest.mark.parametrize("asunto", ASUNTOS, ids=lambda each: each.codigo)
FUZZED = settings(
    max_examples=5,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking through the whole product takes minutes
    suppress_health_check=list(HealthCheck),
)
# What one denuncia writes; whoever stores half of one leaves these apart.
COUNTED = text("""
    SELECT (SELECT count(*) FROM report), (SELECT count(*) FROM denuncia),
           (SELECT count(*) FROM idempotency_record), (SELECT count(*) FROM report_task),
           (SELECT count(*) FROM calificacion) > 0,
           (SELECT count(*) FROM case_person), (SELECT count(*) FROM vault.person)
""")


@pytest.fixture
def sent(client, callao, owner_engine: Engine, monkeypatch):
    """Sends a form as it is and says what came of it, having looked at what was stored."""
    monkeypatch.setattr(limiter, "enabled", False)
    device = a_device(client)

    def counted() -> tuple[Any, ...]:
        with owner_engine.connect() as connection:
            return tuple(connection.execute(COUNTED).one())

    def send(datos: Any):
        before = counted()
        body = json.dumps(datos)
        answer = client.post(
            "/api/v1/denuncias",
            data=body,
            content_type="application/json",
            headers={**device, "Idempotency-Key": str(uuid4())},
        )
        after = counted()
        reports, forms, keys, tasks, _, persons, sealed = after
        assert reports == forms == keys == tasks
        assert persons == sealed
        is_taken = answer.status_code == 201
        assert reports == before[0] + is_taken
        if not is_taken:
            assert after == before, "something of a refused form stayed"
        return answer

    return send


@BY_NAME
def test_whatever_its_schema_allows_is_taken_or_its_place_is_asked_again(sent, asunto: Asunto):
    @seed(2026)
    @FUZZED
    @given(datos=filled.forms(asunto))
    def send_one(datos: dict[str, Any]) -> None:
        answer = sent(datos)
        if answer.status_code != 201:
            # No schema says what lies in Peru, or which unit exists.
            assert answer.status_code == 422, answer.text
            wrong = {one["campo"] for one in answer.json["errores"]}
            assert all(one.startswith(("hecho.lugar", "denunciado.unidad")) for one in wrong), wrong

    send_one()


@BY_NAME
def test_a_spoiled_form_is_refused_at_its_fields_and_leaves_nothing(sent, asunto: Asunto):
    @seed(2026)
    @FUZZED
    @given(datos=st.one_of(filled.spoiled(asunto), filled.anything()))
    def send_one(datos: Any) -> None:
        answer = sent(datos)
        assert answer.status_code in (201, 400, 413, 422), answer.text
        if answer.status_code == 422:
            for one in answer.json["errores"]:
                field, message = one["campo"], one["mensaje"]
                assert field.strip() and message.strip(), one
                assert not [word for word in ENGLISH if word in message.lower()], one

    send_one()
