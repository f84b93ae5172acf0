"""`POST /alertas` again: a phone that heard no answer repeats, and nothing doubles."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from backend import clock
from backend.crypto import keyed_hash
from backend.db import db, transaction
from backend.reports import services as reports
from backend.reports.models import IdempotencyRecord, Report
from backend.triage import record_acknowledgement, transfer
from tests.api.problems import assert_problem
from tests.builders import a_device, a_member_of_staff, count, datos, send
from tests.journey.doing import do_all_work
from tests.media.made_photos import photo
from tests.phones import a_phone

PHOTO = photo(size=(64, 48))
OTHER_PHOTO = photo(size=(48, 64))


def photos(*contents: bytes) -> list:
    return [(io.BytesIO(content), "foto.jpg") for content in contents]


def test_the_same_report_gets_the_same_answer(client, device, callao, nothing_stored):
    key = str(uuid4())
    first = send(client, datos(), headers=device, key=key)
    with nothing_stored():
        again = send(client, datos(), headers=device, key=key)
    assert again.status_code == first.status_code == 201
    assert again.json == first.json
    assert count("report") == 1


def test_the_order_of_the_fields_does_not_matter(client, device, callao):
    key = str(uuid4())
    first = send(client, datos(), headers=device, key=key)
    backwards = dict(reversed(list(datos().items())))
    assert send(client, backwards, headers=device, key=key).json == first.json


def test_the_way_it_is_packed_does_not_matter(client, device, callao):
    key = str(uuid4())
    first = send(client, datos(), headers=device, key=key)
    assert send(client, datos(), headers=device, key=key, photos=[]).json == first.json


def test_a_replay_leaves_no_second_photo(client, device, callao, nothing_stored):
    key = str(uuid4())
    first = send(client, datos(), headers=device, key=key, photos=photos(PHOTO, OTHER_PHOTO))
    assert first.status_code == 201
    with nothing_stored():
        again = send(client, datos(), headers=device, key=key, photos=photos(PHOTO, OTHER_PHOTO))
    assert again.json == first.json
    assert count("attachment") == 2


@pytest.mark.parametrize(
    "other",
    [
        {"body": datos(descripcion="Otra cosa muy distinta")},
        {"body": datos("disparos_armas")},
        {"body": datos(en_curso=True)},
        {"body": datos(), "photos": photos(OTHER_PHOTO)},
        {"body": datos(), "photos": photos(PHOTO, OTHER_PHOTO)},
        {"body": datos(), "photos": []},
    ],
    ids=["text", "category", "ongoing", "another photo", "one photo more", "no photo"],
)
def test_another_content_under_the_same_key_is_refused(
    client, device, callao, nothing_stored, other
):
    key = str(uuid4())
    assert send(client, datos(), headers=device, key=key, photos=photos(PHOTO)).status_code == 201
    fresh = [(io.BytesIO(stream.getvalue()), name) for stream, name in other.get("photos", [])]
    with nothing_stored():
        answer = send(client, other["body"], headers=device, key=key, photos=fresh)
    assert_problem(answer, 422)


def test_a_commit_whose_answer_was_lost_keeps_its_photo(
    client, device, callao, stored, monkeypatch
):
    """PostgreSQL may commit and die before it says so: the report is there, so is its photo."""
    key, commit = str(uuid4()), Session.commit
    _, files_before = stored()

    def commit_and_lose_the_answer(session: Session) -> None:
        commit(session)
        raise OperationalError("COMMIT", {}, Exception("server closed the connection"))

    monkeypatch.setattr(Session, "commit", commit_and_lose_the_answer)
    answer = send(client, datos(), headers=device, key=key, photos=photos(PHOTO))
    monkeypatch.undo()
    assert answer.status_code == 500
    kept = send(client, datos(), headers=device, key=key, photos=photos(PHOTO))
    assert kept.status_code == 201
    rows, files = stored()
    assert (rows["report"], rows["attachment"], len(files - files_before)) == (1, 1, 1)


def test_another_phone_with_the_same_key_sends_another_report(client, callao):
    key = str(uuid4())
    one = send(client, datos(), headers=a_device(client), key=key)
    other = send(client, datos(), headers=a_device(client), key=key)
    assert one.status_code == other.status_code == 201
    assert one.json["numero"] != other.json["numero"]
    assert one.json["clave"] != other.json["clave"]


@pytest.mark.parametrize("with_photo", [False, True])
def test_ten_at_once_are_one_report(app, client, device, callao, stored, with_photo):
    key = str(uuid4())
    files_before = stored()[1]

    def repeat(_: int):
        sent = photos(PHOTO) if with_photo else None
        return send(a_phone(app), datos(), headers=device, key=key, photos=sent)

    with ThreadPoolExecutor(10) as phones:
        answers = list(phones.map(repeat, range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    rows, files = stored()
    assert rows["report"] == rows["idempotency_record"] == rows["history_entry"] == 1
    assert rows["envio"] >= 1
    assert len(files - files_before) == rows["attachment"] == int(with_photo)


def test_the_answer_stays_the_same_when_the_case_has_moved_on(client, device, callao, parts):
    """A late repetition is answered as the first time, whoever has the case by now."""
    key = str(uuid4())
    first = send(client, datos(), headers=device, key=key)
    do_all_work(parts)
    report = db.session.scalars(select(Report)).one()
    officer = a_member_of_staff("guardia", "operador", callao.west)
    record_acknowledgement(parts, officer, report.id, clock.now())
    transfer(
        parts,
        officer,
        report.id,
        unit_id=callao.east.id,
        reason="otra_jurisdiccion",
        words="",
        now=clock.now(),
    )
    assert send(client, datos(), headers=device, key=key).json == first.json


def test_repeating_is_not_flooding(client, device, callao):
    """A bad network repeats one report many times; that must not mark the phone's next one."""
    key = str(uuid4())
    for _ in range(8):
        assert send(client, datos("robo_vehiculo"), headers=device, key=key).status_code == 201
    assert send(client, datos(), headers=device).status_code == 201
    flags = [flag for report in db.session.scalars(select(Report)) for flag in report.flags]
    assert flags == []


def test_a_refused_report_frees_its_key(client, device, callao):
    key = str(uuid4())
    assert_problem(send(client, datos("nada"), headers=device, key=key), 422)
    assert send(client, datos(), headers=device, key=key).status_code == 201


def test_the_key_is_kept_for_seven_days(client, device, callao):
    key = str(uuid4())
    first = send(client, datos(), headers=device, key=key)
    forget_at(clock.now() + timedelta(days=6, hours=23))
    assert send(client, datos(), headers=device, key=key).json == first.json
    forget_at(clock.now() + timedelta(days=7, minutes=1))
    assert send(client, datos(), headers=device, key=key).json["numero"] != first.json["numero"]


def test_nobody_can_go_from_a_phone_to_its_reports(client, device, callao, parts):
    """What is kept of key and credential is a keyed hash of both, and the report keeps none."""
    key = str(uuid4())
    send(client, datos(), headers=device, key=key)
    record = db.session.scalars(select(IdempotencyRecord)).one()
    assert len(record.key_hash) == len(keyed_hash(b"", b""))
    columns = {column.name for column in Report.__table__.columns}
    assert not {name for name in columns if "device" in name or "credential" in name}
    report = db.session.scalars(select(Report)).one()
    token = device["Authorization"].split()[1]
    kept = " ".join(str(getattr(report, name)) for name in columns)
    assert token not in kept and key not in kept


def forget_at(now) -> None:
    with transaction():
        reports.forget_idempotency(now)
