"""Limits: one phone cannot flood, many behind one address are not hindered."""

from collections.abc import Callable
from functools import partial

import pytest
from limits import parse
from redis import Redis
from werkzeug.test import TestResponse

from backend import clock, switches
from backend.cli.limits import lift, restore
from backend.db import transaction
from mobile_api import limits
from tests.api.problems import assert_problem
from tests.builders import a_device, count, datos, send

PER_PHONE, TRACKING, PER_CASE = (
    parse(one).amount
    for one in (limits.PER_PHONE_ALERTS, limits.PER_ADDRESS_TRACKING, limits.PER_CASE_MESSAGES)
)


def until_refused(ask: Callable[[], TestResponse], limit: int) -> int:
    """How many requests were answered before the first 429.

    Twice the limit is possible: a Redis that was slow once makes the process count anew.
    """
    for answered in range(2 * limit + 1):
        if ask().status_code == 429:
            return answered
    raise AssertionError("nothing was ever refused")


def test_one_phone_that_floods_is_told_when_to_come_back(client, callao, device, nothing_stored):
    assert until_refused(lambda: send(client, datos(), headers=device), PER_PHONE) >= PER_PHONE
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
    assert until_refused(lambda: send(client, datos(), headers=device), PER_PHONE) >= 0


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
    guess = partial(client.post, "/api/v1/seguimiento", json=asked)
    assert until_refused(guess, TRACKING) >= TRACKING
    answer = guess()
    assert_problem(answer, 429)
    assert "teléfono" not in answer.json["detail"]  # nothing of a guess is kept there


def test_messages_are_limited_per_case(client, callao, device):
    sent = send(client, datos(), headers=device).json
    asked = {"numero": sent["numero"], "clave": sent["clave"]}
    acceso = client.post("/api/v1/seguimiento", json=asked).json["acceso"]
    headers = {"Authorization": f"Bearer {acceso}"}
    write = partial(client.post, "/api/v1/caso/mensajes", json={"texto": "Hola"}, headers=headers)
    written = until_refused(write, PER_CASE)
    assert written >= PER_CASE
    assert_problem(write(), 429)
    assert count("message") == written


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
