"""`POST /seguimiento`: the state under a number, and nothing to learn for those who guess."""

import statistics
import time
from datetime import timedelta

import pytest
from freezegun import freeze_time
from sqlalchemy import update

from backend import clock
from backend.db import db, transaction
from backend.reports.models import Report
from backend.reports.numbers import new_number
from tests.api.problems import assert_problem
from tests.builders import datos, send

NOWHERE = {"origen": "referencia", "referencia": "Por la plaza"}


@pytest.fixture
def receipt(client, device, callao) -> dict:
    return send(client, datos(), headers=device).json


def track(client, numero: str, clave: str | None = None):
    asked = {"numero": numero} if clave is None else {"numero": numero, "clave": clave}
    return client.post("/api/v1/seguimiento", json=asked)


def test_the_number_alone_tells_the_state_and_its_day(client, receipt):
    answer = track(client, receipt["numero"])
    assert answer.status_code == 200
    assert answer.json == {
        "estado": "recibido",
        "actualizado_el": clock.in_lima(clock.now()).date().isoformat(),
    }


def test_with_the_clave_there_is_access_to_the_case(client, receipt):
    answer = track(client, receipt["numero"], receipt["clave"])
    assert answer.json.keys() == {"estado", "actualizado_el", "acceso"}
    assert case(client, answer.json["acceso"]).json["numero"] == receipt["numero"]


@pytest.mark.parametrize(
    "written",
    [
        str.lower,
        lambda number: number.replace("-", ""),
        lambda number: number.removeprefix("YA-"),
        lambda number: number.removeprefix("YA-").replace("-", " ").lower(),
        lambda number: f"  {number}\n",
        lambda number: number.replace("1", "I").replace("0", "O"),
        lambda number: number.replace("1", "l").replace("0", "o"),
        lambda number: number.replace("-", "–"),
    ],
)
def test_a_number_is_read_as_people_write_it(client, receipt, written):
    assert track(client, written(receipt["numero"])).status_code == 200
    # A clave has no prefix to leave out, and may well begin with these two letters itself.
    clave = receipt["clave"] if receipt["clave"].startswith("YA") else written(receipt["clave"])
    assert track(client, receipt["numero"], clave).status_code == 200


# Whoever guesses


@pytest.fixture
def refusals(client, device, receipt) -> dict[str, tuple[str, str | None]]:
    """Number and clave of everything that must look as if it were nothing."""
    sensible = send(client, datos("extorsion", lugar=NOWHERE), headers=device).json
    expired = send(client, datos(descripcion=""), headers=device).json
    with transaction():
        years_ago = clock.now() - timedelta(days=366)
        old = update(Report).where(Report.numero == expired["numero"])
        db.session.execute(old.values(updated_at=years_ago))
    numero = receipt["numero"]
    wrong_check = numero[:-1] + ("0" if numero[-1] != "0" else "1")
    return {
        "unknown": (new_number(), None),
        "wrong check symbol": (wrong_check, None),
        "no number at all": ("hola", None),
        "sensible": (sensible["numero"], None),
        "expired": (expired["numero"], None),
        "unknown, with a clave": (new_number(), receipt["clave"]),
        "wrong clave": (numero, "0000-0000-0000-0000"),
        "clave of another case": (numero, sensible["clave"]),
        "clave cut off": (numero, receipt["clave"][:-1]),
        "sensible, wrong clave": (sensible["numero"], receipt["clave"]),
        "blank clave": (sensible["numero"], " "),
        "empty clave": (sensible["numero"], ""),
    }


def test_every_refusal_is_the_same_to_the_byte(client, refusals):
    answers = {story: track(client, *asked) for story, asked in refusals.items()}
    for answer in answers.values():
        assert_problem(answer, 404)
    assert len({answer.data for answer in answers.values()}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers.values()}) == 1


def test_every_refusal_takes_about_as_long(client, receipt, refusals, monkeypatch):
    monkeypatch.setattr("mobile_api.limits.limiter.enabled", False)
    seconds: dict[str, list[float]] = {story: [] for story in refusals}
    for _ in range(15):
        for story, asked in refusals.items():
            started = time.perf_counter()
            track(client, *asked)
            seconds[story].append(time.perf_counter() - started)
    medians = {story: statistics.median(taken) for story, taken in seconds.items()}
    # Generous, for a busy machine; what a look-up more or less costs would still show.
    assert max(medians.values()) < 3 * min(medians.values()), medians


def test_a_sensible_case_is_open_to_its_clave(client, device, callao):
    sent = send(client, datos("extorsion", lugar=NOWHERE), headers=device).json
    answer = track(client, sent["numero"], sent["clave"])
    assert answer.status_code == 200
    assert case(client, answer.json["acceso"]).status_code == 200


def test_an_expired_case_is_open_to_its_clave(client, receipt):
    with transaction():
        db.session.execute(update(Report).values(updated_at=clock.now() - timedelta(days=800)))
    assert_problem(track(client, receipt["numero"]), 404)
    assert track(client, receipt["numero"], receipt["clave"]).status_code == 200


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "numero"),
        ({"numero": 5}, "numero"),
        ({"numero": None}, "numero"),
        ({"numero": "YA\x00"}, "numero"),
        ({"numero": "9" * 65}, "numero"),
        ({"numero": "YA-1", "clave": 5}, "clave"),
        ({"numero": "YA-1", "otro": 1}, "otro"),
    ],
)
def test_nonsense_is_refused_with_its_field(client, app, asked, field):
    assert_problem(client.post("/api/v1/seguimiento", json=asked), 422, field)


def test_the_number_never_stands_in_an_address(app):
    carried = {name for rule in app.url_map.iter_rules() for name in rule.arguments}
    assert not [name for name in carried if "num" in name or "clave" in name]


# The token of a case


def test_access_ends_after_thirty_minutes(client, receipt):
    acceso = track(client, receipt["numero"], receipt["clave"]).json["acceso"]
    assert case(client, acceso).status_code == 200
    with freeze_time(clock.now() + timedelta(minutes=29)):
        assert case(client, acceso).status_code == 200
    with freeze_time(clock.now() + timedelta(minutes=31)):
        assert_problem(case(client, acceso), 401)


def test_a_revoked_clave_ends_the_access_and_a_new_one_opens_it(client, receipt, device):
    acceso = track(client, receipt["numero"], receipt["clave"]).json["acceso"]
    with transaction():
        db.session.execute(update(Report).values(clave_version=Report.clave_version + 1))
    assert_problem(case(client, acceso), 401)
    assert_problem(track(client, receipt["numero"], receipt["clave"]), 404)


def test_a_forged_access_opens_nothing(client, receipt, device):
    for token in ("", "x", device["Authorization"].split()[1]):
        assert_problem(case(client, token), 401)


def case(client, acceso: str):
    return client.get("/api/v1/caso", headers={"Authorization": f"Bearer {acceso}"})
