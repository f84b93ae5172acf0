"""Redis is away: every report is still taken, quickly, and its work is rung for later."""

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from backend import clock, journey
from backend.db import db
from backend.parts import Parts
from backend.queue import Doorbell
from backend.reports.models import Report
from backend.settings import Settings
from mobile_api.limits import limiter
from tests.builders import a_device, count, datos, send
from tests.journey.doing import do_all_work, with_bell
from tests.phones import Phone, a_phone
from wsgi import compose

SOON_SECONDS = 1.0


@pytest.fixture(params=["refuses", "hangs"])
def dead_redis(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a Redis that is not there, or that takes calls and never answers."""
    path = tmp_path / "redis.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        if request.param == "hangs":
            listener.bind(str(path))
            listener.listen(128)
        yield f"unix://{path}?db=0"


@pytest.fixture
def lonely(app: Flask, callao: object, settings: Settings, dead_redis: str) -> Iterator[Flask]:
    """The web, started while Redis is away."""
    storage, web_limiter = limiter._storage, limiter._limiter
    made = compose(replace(settings, redis_url=dead_redis))
    made.testing = True
    yield made
    with made.app_context():
        db.engine.dispose()
    limiter._storage, limiter._limiter = storage, web_limiter
    limiter._storage_dead = False


def timed(call: Callable[[], object]) -> tuple[object, float]:
    started = time.monotonic()
    return call(), time.monotonic() - started


def test_every_report_is_taken_quickly(lonely: Flask, parts: Parts):
    phone: Phone = a_phone(lonely)
    device = a_device(phone)
    for _ in range(4):
        answer, seconds = timed(lambda: send(phone, datos(), headers=device))
        assert answer.status_code == 201, answer.text
        assert seconds < SOON_SECONDS
    assert count("report") == 4
    # The sweep finds what nobody was rung for.
    listening, bell = with_bell(parts)
    assert journey.ring_due(listening, clock.now()) == len(bell.rings)
    assert {ring.job for ring in bell.rings} == {"forward", "moderate"}
    do_all_work(parts)
    db.session.rollback()
    assert {report.state for report in db.session.scalars(select(Report))} == {"forwarded"}


def test_each_process_counts_for_itself_meanwhile(lonely: Flask):
    phone = a_phone(lonely)
    device = a_device(phone)
    statuses = [send(phone, datos(), headers=device).status_code for _ in range(13)]
    assert statuses == [201] * 12 + [429]


def test_readiness_only_mentions_it(lonely: Flask):
    answer = a_phone(lonely).get("/listo")
    assert answer.status_code == 200
    assert answer.json["redis"] is False


def test_the_bell_rests_and_then_rings_again(settings: Settings, dead_redis: str, monkeypatch):
    bell = Doorbell(dead_redis)
    ring = journey.Ring("moderate", ("00000000-0000-0000-0000-000000000000",), "normal")
    rang, seconds = timed(lambda: bell.ring([ring]))
    assert not rang and seconds < SOON_SECONDS
    rang, seconds = timed(lambda: bell.ring([ring]))
    assert not rang and seconds < 0.05  # it does not even try
    back = Doorbell(settings.redis_url)
    bell._redis, bell._queues = back._redis, back._queues
    later = time.monotonic() + 10
    monkeypatch.setattr("backend.queue.time.monotonic", lambda: later)
    assert bell.ring([ring])
