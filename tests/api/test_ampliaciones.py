"""`/caso/ampliaciones`: what its author adds to a case later."""

import io
from uuid import uuid4

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from backend.db import db
from backend.media.models import Attachment
from tests.api.problems import assert_problem
from tests.api.test_caso import Case
from tests.journey.doing import do_all_work
from tests.media.made_photos import photo


@pytest.fixture
def case(client, device, callao, parts) -> Case:
    case = Case(client, device, callao, parts, photos=[(io.BytesIO(photo()), "1.jpg")])
    do_all_work(parts)
    return case


def add(case: Case, texto: str, photos: int = 0, key: str | None = None):
    form = {"texto": texto}
    files = [FileStorage(io.BytesIO(photo()), f"{n}.jpg") for n in range(photos)]
    boundary, content = encode_multipart({**form, "foto": files})
    headers = {**case.headers, "Idempotency-Key": key or str(uuid4())}
    return case.client.post(
        "/api/v1/caso/ampliaciones",
        data=content,
        headers=headers,
        content_type=f"multipart/form-data; boundary={boundary}",
    )


def test_facts_and_photos_reach_the_desk_and_show_in_the_case(case, parts):
    answer = add(case, "Hallé la caja: tiene el IMEI", photos=2)
    assert answer.status_code == 201, answer.text
    do_all_work(parts)
    seen = case.read()
    assert [one["texto"] for one in seen["mensajes"]] == ["Hallé la caja: tiene el IMEI"]
    assert [one["estado"] for one in seen["adjuntos"]] == ["listo"] * 3
    assert seen["pasos"][-1]["texto"] == "Agregaste datos o fotos a tu caso."


def test_sending_it_again_adds_nothing(case):
    key = str(uuid4())
    assert add(case, "Otra vez", photos=1, key=key).status_code == 201
    assert add(case, "Otra vez", photos=1, key=key).status_code == 201
    seen = case.read()
    assert len(seen["mensajes"]) == 1
    assert len(seen["adjuntos"]) == 2
    assert_problem(add(case, "Algo distinto", key=key), 422)


def test_words_alone_may_come_as_json(case):
    headers = {**case.headers, "Idempotency-Key": str(uuid4())}
    path = "/api/v1/caso/ampliaciones"
    answer = case.client.post(path, json={"texto": "Solo texto"}, headers=headers)
    assert answer.status_code == 201
    assert case.read()["mensajes"][0]["texto"] == "Solo texto"


def test_nothing_to_add_is_said_at_its_field(case):
    assert_problem(add(case, "   "), 422, "texto")
    assert_problem(add(case, "x" * 1001), 422, "texto")


def test_without_a_key_it_is_refused_kindly(case):
    answer = case.client.post(
        "/api/v1/caso/ampliaciones", json={"texto": "Hola"}, headers=case.headers
    )
    assert_problem(answer, 400)


def test_a_case_holds_twelve_photos_and_says_so(case):
    for _ in range(2):
        assert add(case, "", photos=4).status_code == 201
    assert add(case, "", photos=3).status_code == 201
    assert_problem(add(case, "", photos=1), 422, "foto")
    assert len(db.session.scalars(select(Attachment.id)).all()) == 12


def test_a_photo_that_is_no_file_is_not_dropped_in_silence(case):
    boundary, content = encode_multipart({"texto": "Con foto", "foto": "no es un archivo"})
    answer = case.client.post(
        "/api/v1/caso/ampliaciones",
        data=content,
        headers={**case.headers, "Idempotency-Key": str(uuid4())},
        content_type=f"multipart/form-data; boundary={boundary}",
    )
    assert_problem(answer, 422, "foto")
    assert case.read()["mensajes"] == []
