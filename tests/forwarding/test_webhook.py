"""What becomes of one webhook delivery, against a real HTTPS receiver."""

import json
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from backend.forwarding.models import Outcome, SendResult
from backend.forwarding.webhook_client import Patience, new_secret, post
from tests.forwarding.receiver import NAME, Behaviour, Receiver, answer, cut, drip, silence

ENVIO = "5f0c0f5e-6f6a-4c55-9d0b-0f1a2b3c4d5e"
BODY = '{"type":"reporte.entrega","data":{"distrito":"Ñaña"}}'.encode()
SECRET = new_secret()
IMPATIENT = Patience(connect_seconds=1.0, read_seconds=0.4, total_seconds=1.0)


def deliver(
    receiver: Receiver, tls: ssl.SSLContext | None, *, secrets: tuple[str, ...] = (SECRET,)
) -> SendResult:
    return post(
        receiver.url(),
        secrets,
        ENVIO,
        BODY,
        datetime.now(UTC),
        allow_private=True,
        tls=tls,
        patience=IMPATIENT,
    )


def test_the_receiver_verifies_it_with_the_public_library(receiver, tls) -> None:
    assert deliver(receiver, tls).outcome is Outcome.DELIVERED

    [request] = receiver.requests
    assert Webhook(SECRET).verify(request.body, request.headers) == json.loads(BODY)
    assert request.body == BODY
    assert request.headers["webhook-id"] == ENVIO
    assert request.headers["content-type"] == "application/json"
    assert request.headers["host"] == f"{NAME}:{receiver.port}"
    assert request.target == "/alertas?canal=1"


def test_a_changed_body_or_another_secret_does_not_verify(receiver, tls) -> None:
    deliver(receiver, tls)

    [request] = receiver.requests
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body + b" ", request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(request.body, request.headers)


def test_during_a_rotation_both_secrets_verify(receiver, tls) -> None:
    fresh = new_secret()
    deliver(receiver, tls, secrets=(fresh, SECRET))

    [request] = receiver.requests
    for secret in (fresh, SECRET):
        Webhook(secret).verify(request.body, request.headers)


def test_a_repeated_delivery_is_recognised_by_its_id(receiver, tls) -> None:
    receiver.behaviour = cut()
    first = deliver(receiver, tls)
    receiver.behaviour = answer(200)
    second = deliver(receiver, tls)

    assert (first.outcome, second.outcome) == (Outcome.NO_ANSWER, Outcome.DELIVERED)
    assert {request.headers["webhook-id"] for request in receiver.requests} == {ENVIO}
    assert len(receiver.requests) == 2


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        (answer(200, b"gracias"), Outcome.DELIVERED),
        (answer(202), Outcome.DELIVERED),
        (answer(301, Location="https://otro.example/"), Outcome.REFUSED),
        (answer(302, Location="/entrar"), Outcome.REFUSED),
        (answer(400), Outcome.RETRY),
        (answer(401), Outcome.RETRY),
        (answer(403), Outcome.RETRY),
        (answer(404), Outcome.RETRY),
        (answer(408), Outcome.RETRY),
        (answer(409), Outcome.RETRY),
        (answer(410), Outcome.REFUSED),
        (answer(425), Outcome.RETRY),
        (answer(429), Outcome.RETRY),
        (answer(500), Outcome.RETRY),
        (answer(503), Outcome.RETRY),
        (silence(1.5), Outcome.NO_ANSWER),
        (cut(), Outcome.NO_ANSWER),
        (cut(b"HTTP/1.1 20"), Outcome.NO_ANSWER),
        (cut(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1234"), Outcome.DELIVERED),
        (cut(b"220 mail.example ESMTP\r\n\r\n"), Outcome.NO_ANSWER),
    ],
)
def test_what_each_answer_comes_to(
    receiver: Receiver, tls, behaviour: Behaviour, outcome: Outcome
) -> None:
    receiver.behaviour = behaviour

    result = deliver(receiver, tls)

    assert result.outcome is outcome
    assert bool(result.error) is (outcome is not Outcome.DELIVERED)
    assert len(receiver.requests) == 1  # neither repeated nor redirected on its own


def test_410_says_that_the_channel_needs_a_look(receiver, tls) -> None:
    receiver.behaviour = answer(410)
    assert "Revisa el canal" in deliver(receiver, tls).error


def test_retry_after_in_seconds_or_as_a_date_within_reason(receiver, tls) -> None:
    receiver.behaviour = answer(429, Retry_After="120")
    assert deliver(receiver, tls).retry_after_seconds == 120

    soon = format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True)
    receiver.behaviour = answer(503, Retry_After=soon)
    assert 290 <= deliver(receiver, tls).retry_after_seconds <= 300

    receiver.behaviour = answer(429, Retry_After="99999999999")
    assert deliver(receiver, tls).retry_after_seconds == 6 * 3600

    for nonsense in ("mañana".encode().decode("latin-1"), "-5", "Mon, 01 Jan 2001 00:00:00 -0000"):
        receiver.behaviour = answer(429, Retry_After=nonsense)
        assert deliver(receiver, tls).retry_after_seconds == 0


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        (drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"z"), Outcome.NO_ANSWER),
        (drip(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), Outcome.NO_ANSWER),
        (drip(b"HTTP/1.1 200 OK\r\n\r\n", b"z"), Outcome.DELIVERED),
    ],
    ids=["headers", "early hints", "body"],
)
def test_a_dripping_server_cannot_hold_us(receiver, tls, behaviour, outcome) -> None:
    receiver.behaviour = behaviour
    begun = time.monotonic()

    assert deliver(receiver, tls).outcome is outcome
    assert time.monotonic() - begun < IMPATIENT.total_seconds + 0.5


def test_an_endless_answer_is_not_read_to_its_end(receiver, tls) -> None:
    receiver.behaviour = drip(b"HTTP/1.1 200 OK\r\n\r\n", b"z" * 40_000)
    begun = time.monotonic()

    assert deliver(receiver, tls).outcome is Outcome.DELIVERED
    assert time.monotonic() - begun < 0.5


def test_nobody_listens(receiver, tls) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"https://{NAME}:{free.getsockname()[1]}/"
        result = post(url, [SECRET], ENVIO, BODY, datetime.now(UTC), allow_private=True, tls=tls)
    assert result.outcome is Outcome.RETRY


def test_an_unknown_name_is_tried_again(receiver, tls, names) -> None:
    names.known[NAME] = []
    assert deliver(receiver, tls).outcome is Outcome.RETRY


def test_an_unknown_authority_gets_nothing(receiver) -> None:
    result = deliver(receiver, tls=None)
    assert result.outcome is Outcome.RETRY
    assert "certificado" in result.error
    assert receiver.requests == []


def test_the_certificate_must_be_of_the_name_not_of_the_address(receiver, tls, names) -> None:
    names.known["otro.example"] = ["127.0.0.1"]
    url = receiver.url(host="otro.example")
    result = post(url, [SECRET], ENVIO, BODY, datetime.now(UTC), allow_private=True, tls=tls)
    assert "certificado" in result.error
    assert receiver.requests == []


def test_what_staff_read_never_quotes_the_receiver(receiver, tls) -> None:
    receiver.behaviour = answer(500, b"Traceback: secreto", X_Pista="secreto")
    assert "secreto" not in deliver(receiver, tls).error
