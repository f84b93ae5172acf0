"""A report's deliveries from plan to end, in the database and over real channels."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, true
from standardwebhooks.webhooks import Webhook

from backend.db import transaction
from backend.errors import Conflict, NotFound
from backend.forwarding import queries, services
from backend.forwarding.models import Channel, Delivery, Envio, Outcome, Purpose, SendResult
from backend.outbox import MAX_ATTEMPTS, WorkState, claim
from backend.reports.models import Kind, PlaceSource, Report
from backend.territory.models import District, PoliceUnit, UnitKind
from tests.forwarding.receiver import answer, cut

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
LEASE_SECONDS = 60
DELIVERED = SendResult(Outcome.DELIVERED)
SECRET_WORDS = ("le quitaron el celular", "frente a la botica", "-12.0")


@pytest.fixture
def unit_id(db) -> int:
    with transaction():
        unit = PoliceUnit(
            code="C-1",
            kind=UnitKind.COMISARIA,
            name="Santa Anita",
            valid_from=NOW.date(),
            source="prueba",
        )
        db.session.add(unit)
        if db.session.get(District, "150137") is None:
            district = District(
                ubigeo="150137",
                name="Santa Anita",
                province="Lima",
                department="Lima",
                source="prueba",
            )
            db.session.add(district)
        db.session.flush()
        return unit.id


@pytest.fixture
def send_report(db, unit_id):
    """Stores a report of the unit and returns its id."""

    def store(**columns) -> UUID:
        values = {
            "id": uuid4(),
            "numero": "YA-7K3M-9QTX-4",
            "clave_key_version": 1,
            "kind": Kind.ALERTA,
            "categoria": "robo",
            "priority": 1,
            "is_sensible": False,
            "is_ongoing": True,
            "description": "le quitaron el celular",
            "reference": "frente a la botica",
            "place_source": PlaceSource.GPS,
            "point": "SRID=4326;POINT(-76.97 -12.04)",
            "ubigeo": "150137",
            "received_at": NOW,
            "updated_at": NOW,
            "unit_id": unit_id,
            "routing_rule": "poligono",
        }
        report = Report(**{**values, **columns})
        with transaction():
            db.session.add(report)
        return report.id

    return store


def plan(db, report_id: UUID, unit_id: int, purpose: Purpose = Purpose.DELIVERY) -> list[UUID]:
    with transaction():
        handover = db.session.get(Report, report_id).handovers
        return list(services.plan_envios(report_id, handover, [(unit_id, purpose)], "urgente", NOW))


def take(envio_id: UUID, now: datetime = NOW) -> Delivery:
    with transaction():
        envio = claim(Envio, envio_id, now, LEASE_SECONDS)
        assert envio is not None
        return services.load_delivery(envio)


def record(delivery: Delivery, result: SendResult, now: datetime = NOW) -> WorkState | None:
    with transaction():
        envio = services.record_result(delivery, result, now)
        return envio and WorkState(envio.work_state)


def add_channel(parts, unit_id: int, kind: Channel, address: str):
    with transaction():
        return services.add_channel(unit_id, kind, address, parts.settings.keys, allow_private=True)


def read(db, envio_id: UUID) -> Envio:
    db.session.rollback()
    return db.session.get(Envio, envio_id)


@pytest.fixture
def office(parts, mailbox):
    """Webhooks may stay on this machine, and so does the mail server."""
    return replace(
        parts.settings,
        webhook_private=True,
        smtp_url=f"smtp://127.0.0.1:{mailbox.port}",
        mail_from="avisos@yoalerto.example",
        public_url="https://yoalerto.example",
    )


def test_the_desk_always_and_each_active_channel(db, parts, unit_id, send_report) -> None:
    add_channel(parts, unit_id, Channel.EMAIL, "mesa@pnp.gob.pe")
    off = add_channel(parts, unit_id, Channel.WEBHOOK, "https://receptor.example/")
    with transaction():
        services.disable_channel(off.id)
    report_id = send_report()

    assert len(plan(db, report_id, unit_id)) == 2
    envios = db.session.scalars(select(Envio).order_by(Envio.channel)).all()
    assert [envio.channel for envio in envios] == [Channel.EMAIL, Channel.DESK]
    assert {envio.next_attempt_at for envio in envios} == {NOW}


def test_planning_twice_adds_only_what_is_missing(db, parts, unit_id, send_report) -> None:
    report_id = send_report()
    assert len(plan(db, report_id, unit_id)) == 1
    assert plan(db, report_id, unit_id) == []

    add_channel(parts, unit_id, Channel.EMAIL, "mesa@pnp.gob.pe")
    assert len(plan(db, report_id, unit_id)) == 1
    assert len(plan(db, report_id, unit_id, Purpose.ESCALATION)) == 2
    with transaction():
        db.session.get(Report, report_id).handovers = 1
    assert len(plan(db, report_id, unit_id)) == 2


def test_the_desk_needs_no_network(db, office, unit_id, send_report) -> None:
    [desk] = plan(db, send_report(), unit_id)
    delivery = take(desk)
    result = services.send(delivery, office)
    assert record(delivery, result) is WorkState.DONE
    assert read(db, desk).finished_at == NOW


def test_the_webhook_tells_number_kind_district_and_link_alone(
    db, parts, office, unit_id, send_report, receiver, tls
) -> None:
    channel = add_channel(parts, unit_id, Channel.WEBHOOK, receiver.url())
    report_id = send_report()
    _, envio_id = plan(db, report_id, unit_id)

    delivery = take(envio_id)
    assert record(delivery, services.send(delivery, office, tls)) is WorkState.DONE

    [request] = receiver.requests
    assert Webhook(channel.secret).verify(request.body, request.headers) == {
        "type": "reporte.entrega",
        "timestamp": "2026-11-21T15:00:00+00:00",
        "data": {
            "envio": str(envio_id),
            "numero": "YA-7K3M-9QTX-4",
            "tipo": "alerta",
            "prioridad": 1,
            "distrito": {"ubigeo": "150137", "nombre": "Santa Anita"},
            "enlace": f"https://yoalerto.example/panel/casos/{report_id}",
        },
    }
    assert request.headers["webhook-id"] == str(envio_id)


def test_mail_and_webhook_keep_content_and_place_to_themselves(
    db, parts, office, unit_id, send_report, receiver, tls, mailbox
) -> None:
    add_channel(parts, unit_id, Channel.WEBHOOK, receiver.url())
    add_channel(parts, unit_id, Channel.EMAIL, "mesa@pnp.gob.pe")
    for envio_id in plan(db, send_report(), unit_id):
        delivery = take(envio_id)
        assert record(delivery, services.send(delivery, office, tls)) is WorkState.DONE

    [request], [message] = receiver.requests, mailbox.messages
    for words in SECRET_WORDS:
        assert words not in request.body.decode()
        assert words not in message.get_content()
        assert words not in str(message["Subject"])
    assert mailbox.recipients == ["mesa@pnp.gob.pe"]


def test_a_reserved_report_hides_kind_and_district(
    db, parts, office, unit_id, send_report, receiver, tls, mailbox
) -> None:
    add_channel(parts, unit_id, Channel.WEBHOOK, receiver.url())
    add_channel(parts, unit_id, Channel.EMAIL, "mesa@pnp.gob.pe")
    report_id = send_report(
        is_sensible=True, point=None, place_source=PlaceSource.CELDA, categoria="extorsion"
    )
    for envio_id in plan(db, report_id, unit_id):
        services.send(take(envio_id), office, tls)

    data = json.loads(receiver.requests[0].body)["data"]
    assert (data["tipo"], data["distrito"]) == ("reservado", None)
    text = mailbox.messages[0].get_content()
    assert "reporte reservado" in text
    assert "Santa Anita" not in text + str(mailbox.messages[0]["Subject"])


def test_a_half_answer_is_retried_with_the_same_id(
    db, parts, office, unit_id, send_report, receiver, tls
) -> None:
    add_channel(parts, unit_id, Channel.WEBHOOK, receiver.url())
    _, envio_id = plan(db, send_report(), unit_id)
    receiver.behaviour = cut()
    delivery = take(envio_id)
    assert record(delivery, services.send(delivery, office, tls)) is WorkState.NO_ANSWER

    receiver.behaviour = answer(200)
    later = read(db, envio_id).next_attempt_at
    delivery = take(envio_id, later)
    assert record(delivery, services.send(delivery, office, tls), later) is WorkState.DONE
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


def test_the_receiver_may_ask_for_more_time_but_not_for_less(db, unit_id, send_report) -> None:
    [envio_id] = plan(db, send_report(), unit_id)
    wait = SendResult(Outcome.RETRY, "429", retry_after_seconds=120)
    assert record(take(envio_id), wait) is WorkState.PENDING
    assert read(db, envio_id).next_attempt_at == NOW + timedelta(seconds=120)

    later = NOW + timedelta(seconds=120)
    record(take(envio_id, later), SendResult(Outcome.RETRY, "503", retry_after_seconds=1), later)
    assert read(db, envio_id).next_attempt_at == later + timedelta(seconds=15)


def test_a_refusal_is_final_and_visible_until_a_person_tries_again(
    db, unit_id, send_report
) -> None:
    report_id = send_report()
    [envio_id] = plan(db, report_id, unit_id)
    delivery = take(envio_id)
    refused = SendResult(Outcome.REFUSED, "El receptor respondió 404.")
    assert record(delivery, refused) is WorkState.FAILED

    [failed] = queries.failed_envios(Report.id == report_id)
    assert (failed.numero, failed.unit_name) == ("YA-7K3M-9QTX-4", "Santa Anita")
    assert (failed.error, failed.attempts) == ("El receptor respondió 404.", 1)
    assert queries.failed_envios(Report.id != report_id) == []
    assert queries.failed_envios(true(), after=(failed.failed_at, failed.id)) == []

    with pytest.raises(NotFound), transaction():
        services.retry_failed(envio_id, Report.id != report_id, NOW)
    with transaction():
        services.retry_failed(envio_id, Report.id == report_id, NOW)
    with pytest.raises(Conflict), transaction():
        services.retry_failed(envio_id, Report.id == report_id, NOW)
    assert queries.failed_envios(true()) == []
    assert record(take(envio_id), DELIVERED) is WorkState.DONE


def test_attempts_run_out(db, unit_id, send_report) -> None:
    [envio_id] = plan(db, send_report(), unit_id)
    at = NOW
    for _ in range(MAX_ATTEMPTS):
        state = record(
            take(envio_id, at), SendResult(Outcome.RETRY, "El receptor respondió 500."), at
        )
        at = read(db, envio_id).next_attempt_at
    assert state is WorkState.FAILED


def test_a_late_failure_does_not_undo_a_second_run(db, unit_id, send_report) -> None:
    [envio_id] = plan(db, send_report(), unit_id)
    slow = take(envio_id)
    after_lease = NOW + timedelta(seconds=LEASE_SECONDS + 1)
    second = take(envio_id, after_lease)

    assert record(slow, SendResult(Outcome.REFUSED, "tarde"), after_lease) is None
    assert record(second, DELIVERED, after_lease) is WorkState.DONE
    assert record(slow, SendResult(Outcome.NO_ANSWER, "tarde"), after_lease) is None
    assert read(db, envio_id).work_state == WorkState.DONE


def test_a_late_success_counts_once_even_after_a_second_run_failed(
    db, unit_id, send_report
) -> None:
    [envio_id] = plan(db, send_report(), unit_id)
    slow = take(envio_id)
    after_lease = NOW + timedelta(seconds=LEASE_SECONDS + 1)
    second = take(envio_id, after_lease)

    assert record(second, SendResult(Outcome.REFUSED, "no"), after_lease) is WorkState.FAILED
    assert record(slow, DELIVERED, after_lease) is WorkState.DONE
    assert record(second, DELIVERED, after_lease) is None
    assert read(db, envio_id).last_error is None


def test_a_claim_from_before_a_person_tried_again_is_not_ours(db, unit_id, send_report) -> None:
    [envio_id] = plan(db, send_report(), unit_id)
    old = take(envio_id)
    record(old, SendResult(Outcome.REFUSED, "no"))
    with transaction():
        services.retry_failed(envio_id, true(), NOW)
    take(envio_id, NOW + timedelta(seconds=1))  # the first attempt again, as the old one was
    assert record(old, SendResult(Outcome.REFUSED, "otra vez")) is None


def test_a_channel_switched_off_meanwhile_gets_nothing(
    db, parts, office, unit_id, send_report, receiver, tls
) -> None:
    channel = add_channel(parts, unit_id, Channel.WEBHOOK, receiver.url())
    _, envio_id = plan(db, send_report(), unit_id)
    with transaction():
        services.disable_channel(channel.id)
    assert services.send(take(envio_id), office, tls).outcome is Outcome.REFUSED
    assert receiver.requests == []


def test_without_a_mail_server_mail_waits(db, parts, office, unit_id, send_report) -> None:
    add_channel(parts, unit_id, Channel.EMAIL, "mesa@pnp.gob.pe")
    _, envio_id = plan(db, send_report(), unit_id)
    result = services.send(take(envio_id), replace(office, smtp_url=""))
    assert result.outcome is Outcome.RETRY
    assert "YA_SMTP_URL" in result.error


def test_what_waits_and_what_failed_is_counted(db, parts, unit_id, send_report) -> None:
    assert queries.oldest_waiting() is None
    add_channel(parts, unit_id, Channel.EMAIL, "mesa@pnp.gob.pe")
    desk, mail = plan(db, send_report(), unit_id)
    record(take(mail), SendResult(Outcome.REFUSED, "no"))

    counts = {(row.channel, row.state): row.count for row in queries.envio_counts()}
    assert counts == {(Channel.DESK, WorkState.PENDING): 1, (Channel.EMAIL, WorkState.FAILED): 1}
    assert queries.oldest_waiting() == NOW
    record(take(desk), DELIVERED)
    assert queries.oldest_waiting() is None
