"""Limits: one phone cannot flood, many behind one address are not hindered."""

import pytest
from redis import Redis

from backend import clock, switches
from backend.cli.limits import lift, restore
from backend.db import transaction
from tests.api.problems import assert_problem
from tests.builders import a_device, count, datos, send

PER_PHONE = 12


def test_one_phone_that_floods_is_told_when_to_come_back(client, callao, device, nothing_stored):
    for _ in range(PER_PHONE):
        assert send(client, datos(), headers=device).status_code == 201
    with nothing_stored():
        answer = send(client, datos(), headers=device)
    assert_problem(answer, 429)
    assert 0 < int(answer.headers["Retry-After"]) <= 601  # the window, rounded up
    assert "105" in answer.json["detail"]
    assert "teléfono" in answer.json["detail"]


def test_many_phones_behind_one_address_do_not_hinder_each_other(client, callao):
    answers = []
    for _ in range(5):
        device = a_device(client)
        answers += [send(client, datos(), headers=device) for _ in range(PER_PHONE)]
    assert {answer.status_code for answer in answers} == {201}


def test_the_emergency_switch_lifts_the_limit_of_a_phone(client, callao, device):
    with transaction():
        switches.turn(switches.LIMITS_LIFTED, True, clock.now())
    answers = [send(client, datos(), headers=device) for _ in range(PER_PHONE + 3)]
    assert {answer.status_code for answer in answers} == {201}
    with transaction():
        switches.turn(switches.LIMITS_LIFTED, False, clock.now())
    statuses = [send(client, datos(), headers=device).status_code for _ in range(PER_PHONE + 1)]
    assert statuses[-1] == 429


def test_the_switch_is_turned_from_the_command_line(app, client, callao, device):
    runner = app.test_cli_runner()
    assert runner.invoke(lift).exit_code == 0
    assert switches.is_on(switches.LIMITS_LIFTED)
    assert runner.invoke(restore).exit_code == 0
    assert not switches.is_on(switches.LIMITS_LIFTED)


def test_no_address_is_written_down_beside_what_was_sent_from_it(client, callao, parts):
    """Redis keeps its log on disk, where the next line names the report."""
    assert send(client, datos()).status_code == 201
    keys = Redis.from_url(parts.settings.redis_url).keys("*")
    assert [key for key in keys if b"alertas.create" in key]
    assert not [key for key in keys if b"127.0.0.1" in key]


def test_guessing_numbers_is_slowed_down(client, app):
    asked = {"numero": "YA-0000-0000-0"}
    # Twice the limit and a bit: a minute may end in between.
    statuses = [client.post("/api/v1/seguimiento", json=asked).status_code for _ in range(1210)]
    assert statuses[:600] == [404] * 600
    assert 429 in statuses


def test_messages_are_limited_per_case(client, callao, device):
    sent = send(client, datos(), headers=device).json
    asked = {"numero": sent["numero"], "clave": sent["clave"]}
    acceso = client.post("/api/v1/seguimiento", json=asked).json["acceso"]
    headers = {"Authorization": f"Bearer {acceso}"}
    for n in range(20):
        answer = client.post("/api/v1/caso/mensajes", json={"texto": f"Hola {n}"}, headers=headers)
        assert answer.status_code == 201
    again = client.post("/api/v1/caso/mensajes", json={"texto": "Hola"}, headers=headers)
    assert_problem(again, 429)
    assert count("message") == 20


def test_the_limiter_keeps_no_phone_and_no_case_in_the_clear(client, callao, device, redis):
    send(client, datos(), headers=device)
    token = device["Authorization"].split()[1]
    names = b" ".join(redis.keys("*")).decode()
    assert "phone:" in names
    assert token not in names


@pytest.fixture
def redis(parts):
    with Redis.from_url(parts.settings.redis_url) as connection:
        yield connection
