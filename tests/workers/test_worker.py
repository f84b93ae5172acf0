"""One real worker in its own process: it handles reports, and outlives its Redis."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import select

from backend import clock, journey
from backend.app import parts_of
from backend.db import db
from backend.media.models import Attachment
from backend.queue import QUEUES
from backend.reports.models import Report
from backend.settings import Settings
from deploy.embedded_redis import RedisHandle, start_redis
from deploy.ownership import folders_of, remove_folder
from mobile_api.limits import limiter
from tests.builders import Callao, a_device, datos, send
from tests.media.made_photos import photo
from tests.phones import Phone, a_phone
from wsgi import compose

PROJECT = Path(__file__).parents[2]


class OwnRedis:
    """A Redis that the test may flush, stop and start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.handle: RedisHandle = start_redis(folder)

    @property
    def url(self) -> str:
        return self.handle.url

    def flush(self) -> None:
        with Redis.from_url(self.url) as connection:
            connection.flushall()

    def stop(self) -> None:
        self.handle.stop()

    def start(self) -> None:
        self.handle = start_redis(self.folder)


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    made = OwnRedis(tmp_path / "redis")
    yield made
    made.stop()
    for folder in folders_of(tmp_path / "redis"):
        remove_folder(folder)


@pytest.fixture
def city(app: Flask, settings: Settings, own_redis: OwnRedis) -> Iterator[Flask]:
    """The web that rings at that Redis."""
    Callao()
    before = limiter._storage, limiter._limiter, limiter._storage_dead
    made = compose(replace(settings, redis_url=own_redis.url))
    yield made
    with made.app_context():
        db.engine.dispose()
    limiter._storage, limiter._limiter, limiter._storage_dead = before


@pytest.fixture
def worker(
    city: Flask, environ: dict[str, str], own_redis: OwnRedis, tmp_path: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m workers.main`, as the supervisor starts it."""
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "workers.main", *QUEUES],
            cwd=PROJECT,
            env={**os.environ, **environ, "YA_REDIS_URL": own_redis.url},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        yield process
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def eventually(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)
        db.session.rollback()


def states() -> list[str]:
    query = select(Report.state).order_by(Report.received_at)
    return [str(state) for state in db.session.scalars(query)]


def test_a_worker_takes_reports_to_the_desk_whatever_happens_to_redis(
    city: Flask, worker: subprocess.Popen[bytes], own_redis: OwnRedis
):
    phone = a_phone(city)
    device = a_device(phone)

    # Rung for, with a photo that becomes a picture.
    picture = [(io.BytesIO(photo(size=(64, 48))), "f.jpg")]
    report(phone, device, "Con foto", photos=picture)
    eventually(lambda: states() == ["forwarded"])
    eventually(lambda: db.session.scalars(select(Attachment.state)).one() == "derived")

    # Redis forgets everything: the worker goes on, and takes what is rung for next.
    own_redis.flush()
    report(phone, device, "Después de que Redis olvidó todo")
    eventually(lambda: states() == ["forwarded"] * 2)

    # Redis is away: the report is taken, and the sweep rings when it is back.
    own_redis.stop()
    report(phone, device, "Mientras Redis no estaba")
    assert states() == ["forwarded"] * 2 + ["received"]
    own_redis.start()

    def swept() -> bool:
        with city.app_context():
            journey.ring_due(parts_of(city), clock.now())
        return states() == ["forwarded"] * 3

    eventually(swept)
    assert worker.poll() is None  # the same process all along


def report(phone: Phone, device: dict[str, str], words: str, photos: list | None = None) -> None:
    answer = send(phone, datos("robo_vehiculo", descripcion=words), headers=device, photos=photos)
    assert answer.status_code == 201, answer.text


def test_a_worker_without_settings_says_what_is_missing():
    ended = subprocess.run(
        [sys.executable, "-m", "workers.main"],
        cwd=PROJECT,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    assert "YA_DATABASE_URL is missing" in ended.stderr
    assert "YA_REDIS_URL is missing" in ended.stderr
    assert "Traceback" not in ended.stderr
