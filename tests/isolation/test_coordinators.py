"""The junta's side is its coordinator's: another junta, a citizen or an officer learns nothing."""

from uuid import uuid4

import pytest
from freezegun import freeze_time

from backend import clock
from tests.coordinating import PIN, Coordinator, a_coordinator
from tests.isolation.answers import assert_no_secret
from tests.isolation.examples import OF_JUNTA
from tests.isolation.test_public import acceso
from tests.isolation.world import DESCRIPTION, World
from tests.journey.doing import do_all_work


@pytest.fixture
def junta(world: World) -> Coordinator:
    """A coordinator who has told of something."""
    coordinator = a_coordinator(world.app, world.callao.west)
    assert coordinator.tell(descripcion=DESCRIPTION).status_code == 201
    do_all_work(world.parts)
    return coordinator


def ask(world: World, endpoint: str, token: str):
    method, path, body = OF_JUNTA[endpoint]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers["Idempotency-Key"] = uuid4().hex
    return world.phone.open(path, method=method, json=body, headers=headers)


@pytest.mark.parametrize("endpoint", OF_JUNTA)
def test_nothing_of_the_junta_opens_without_its_session(
    world: World, junta: Coordinator, endpoint: str
):
    with freeze_time(clock.now().replace(year=2025)):
        old = a_coordinator(world.app, world.callao.east, code="JV-009").token
    wrong = {
        "nothing": "",
        "forged": "abc.def.ghi",
        "expired": old,
        "the phone's secret": junta.secret,
        "a phone's": world.device["Authorization"].split()[1],
        "a case's": acceso(world, world.case()),
    }
    officer = world.owner("operador").phone
    rows = world.rows()
    for who, token in wrong.items():
        answer = ask(world, endpoint, token)
        assert answer.status_code == 401, who
        assert_no_secret(answer, who)
        assert "JV-001" not in answer.text
    method, path, body = OF_JUNTA[endpoint]
    assert officer.open(path, method=method, json=body).status_code == 401
    assert world.rows() == rows
    assert ask(world, endpoint, junta.token).status_code in (200, 201, 404)


def test_another_junta_reads_nothing_of_what_this_one_told(world: World, junta: Coordinator):
    neighbour = a_coordinator(world.app, world.callao.west, code="JV-002")
    assert junta.get("informes").json["informes"]
    assert neighbour.get("informes").json == {"informes": [], "reservados": 0, "cursor": None}
    assert "1" not in "".join(neighbour.get("resumen").json["lineas"])


def test_no_answer_to_the_junta_has_the_words_or_the_place(world: World, junta: Coordinator):
    for path in ("informes", "resumen", "confirmados"):
        answer = junta.get(path)
        assert_no_secret(answer, path)
        assert "-77.1" not in answer.text


def test_who_guesses_a_code_or_a_pin_learns_nothing(world: World, junta: Coordinator):
    rows = world.rows()
    answers = {junta.open("738154", secret="x" * 43).data, junta.enrol("X" * 28).data}
    assert not any(b"JV-001" in answer for answer in answers)
    assert world.rows() == rows
    assert junta.open(PIN).status_code == 200
