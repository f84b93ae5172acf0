"""By its number nobody learns that a queja exists: not by content, headers, or time."""

import math
import random
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from backend import clock
from backend.db import db, transaction
from backend.reports.models import Report
from backend.reports.numbers import new_number
from mobile_api import seguimiento
from mobile_api.limits import limiter
from tests.quejas.builders import Ladder, a_queja, against

ROUNDS = 200
# Of a normal distribution less than one in 15,000 lies beyond: no false alarm in a lifetime,
# while one more statement to the database is seen without fail (the control below).
MOST_DEVIATIONS = 4.0
WRONG_CLAVE = "0000-0000-0000-0000"


@pytest.fixture
def numbers(parts, app, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A number of each kind that must look unknown, and one that is."""
    monkeypatch.setattr(limiter, "enabled", False)
    ladder = Ladder()
    of = {
        "queja": a_queja(parts, clock.now(), complained=against(ladder.west)),
        "queja answered": a_queja(parts, clock.now(), complained=against(ladder.east)),
        "reserved": a_queja(parts, clock.now(), complained=None),
        "expired": a_queja(parts, clock.now(), complained=None),
    }
    plain = {"kind": "denuncia", "is_sensible": False}
    long_ago = clock.now() - timedelta(days=366)
    with transaction():
        for name, changes in (
            ("queja answered", {"state": "resolved"}),
            ("reserved", {**plain, "is_reserved": True}),
            ("expired", {**plain, "updated_at": long_ago}),
        ):
            mine = update(Report).where(Report.id == of[name])
            db.session.execute(mine.values(**changes))
    found = {
        name: db.session.scalars(select(Report.numero).where(Report.id == report_id)).one()
        for name, report_id in of.items()
    }
    db.session.rollback()
    return {"unknown": new_number(), **found}


@pytest.mark.parametrize("path", ["/api/v1/seguimiento", "/seguimiento"])
@pytest.mark.parametrize("clave", [None, WRONG_CLAVE])
def test_content_and_headers_are_alike(client: FlaskClient, numbers, path: str, clave):
    def answer(numero: str) -> tuple[int, str, dict[str, str]]:
        sent = {"numero": numero} | ({"clave": clave} if clave else {})
        way = {"json": sent} if path.startswith("/api") else {"data": sent}
        got = client.post(path, **way)
        headers = {name: value for name, value in got.headers if name != "Date"}
        return got.status_code, got.text.replace(numero, "…"), headers

    answers = {name: answer(numero) for name, numero in numbers.items()}
    assert answers["unknown"][0] == 404
    for name, told in answers.items():
        assert told == answers["unknown"], name


@pytest.mark.parametrize("clave", [None, WRONG_CLAVE], ids=["number alone", "wrong clave"])
def test_the_time_is_alike(client: FlaskClient, numbers, clave):
    deviations = compare(client, numbers, clave)
    assert max(map(abs, deviations.values())) < MOST_DEVIATIONS, deviations


def test_the_measure_would_notice_one_more_statement(
    client: FlaskClient, numbers, monkeypatch: pytest.MonkeyPatch
):
    honest = seguimiento.tracked

    def looks_twice(*asked):
        found = honest(*asked)
        if numero_exists(asked[0]):
            db.session.execute(select(Report.id).where(Report.numero == asked[0])).all()
        return found

    known = {numbers[name] for name in numbers if name != "unknown"}
    monkeypatch.setattr(seguimiento, "tracked", looks_twice)

    def numero_exists(numero: str) -> bool:
        return numero in known

    deviations = compare(client, numbers, None)
    assert min(deviations.values()) > MOST_DEVIATIONS, deviations


def compare(client: FlaskClient, numbers: Mapping[str, str], clave: str | None) -> dict[str, float]:
    """How far each kind's times lie from those of unknown numbers, by Mann and Whitney's test.

    All kinds take turns in an order drawn anew each round, so that a busy machine slows all of
    them alike.
    """
    took: dict[str, list[float]] = {name: [] for name in numbers}
    order = list(numbers)
    ask = asker(client, clave)
    for numero in numbers.values():
        ask(numero)  # statements prepared, caches warm
    for _ in range(ROUNDS):
        random.shuffle(order)
        for name in order:
            began = time.perf_counter()
            ask(numbers[name])
            took[name].append(time.perf_counter() - began)
    return {
        name: deviation(times, took["unknown"]) for name, times in took.items() if name != "unknown"
    }


def asker(client: FlaskClient, clave: str | None) -> Callable[[str], None]:
    def ask(numero: str) -> None:
        sent = {"numero": numero} | ({"clave": clave} if clave else {})
        assert client.post("/api/v1/seguimiento", json=sent).status_code == 404

    return ask


def deviation(these: list[float], those: list[float]) -> float:
    """Mann and Whitney's U in standard deviations; above zero when `these` take longer."""
    ranked = sorted([(value, 1) for value in these] + [(value, 0) for value in those])
    rank_sum = sum(rank for rank, (_, is_these) in enumerate(ranked, start=1) if is_these)
    n, m = len(these), len(those)
    u = rank_sum - n * (n + 1) / 2
    return (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
