"""What a notice by mail says, and what becomes of it, against a real mail server."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest
from aiosmtpd.smtp import AuthResult

from backend.forwarding.address_client import AddressRefused
from backend.forwarding.mail_client import (
    check_address,
    deliver,
    mail_server,
    write_notice,
)
from backend.forwarding.models import Channel, Delivery, Notice, Outcome, Purpose, SendResult
from backend.reports.models import Kind
from tests.forwarding.mailbox import Mailbox, receiving

REPORT = UUID("11111111-2222-4333-8444-555555555555")
ENVIO = UUID("5f0c0f5e-6f6a-4c55-9d0b-0f1a2b3c4d5e")
NOTICE = Notice(REPORT, "YA-7K3M-9QTX-4", 1, Kind.ALERTA, "Ñaña", "150103")
RESERVED = Notice(REPORT, "YA-7K3M-9QTX-4", 2, None, None, None)
LINK = f"https://yoalerto.example/panel/casos/{REPORT}"


def delivery(purpose: Purpose = Purpose.DELIVERY) -> Delivery:
    at = datetime(2026, 11, 21, 15, 4, 5, tzinfo=UTC)
    return Delivery(ENVIO, Channel.EMAIL, purpose, at, None)


def letter(notice: Notice = NOTICE, purpose: Purpose = Purpose.DELIVERY):
    return write_notice(
        delivery(purpose), notice, "mesa@pnp.example", "Yo Alerto <avisos@yoalerto.example>", LINK
    )


def post(port: int, **kwargs) -> SendResult:
    server = mail_server(f"smtp://127.0.0.1:{port}")
    return deliver(letter(), server, timeout_seconds=kwargs.get("timeout_seconds", 2.0))


def test_the_unit_gets_number_kind_urgency_district_and_link(mailbox) -> None:
    assert post(mailbox.port).outcome is Outcome.DELIVERED

    [message] = mailbox.messages
    assert mailbox.recipients == ["mesa@pnp.example"]
    assert message["Subject"] == "[Urgente] Yo Alerto: alerta YA-7K3M-9QTX-4 en Ñaña"
    assert message["From"] == "Yo Alerto <avisos@yoalerto.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] == "Sat, 21 Nov 2026 15:04:05 +0000"
    assert message.get_content_charset() == "utf-8"
    assert message.get_content().splitlines() == [
        "Tienes un reporte nuevo en Yo Alerto.",
        "",
        "Número: YA-7K3M-9QTX-4",
        "Tipo: alerta",
        "Urgencia: Urgente",
        "Distrito: Ñaña",
        "",
        "Ábrelo en el panel y marca que lo recibiste:",
        LINK,
        "",
        "Este mensaje es automático: no lo respondas. Por seguridad no lleva el contenido.",
    ]


def test_a_reserved_report_says_only_that_it_is_reserved() -> None:
    message = letter(RESERVED)
    assert message["Subject"] == "[Pronto] Yo Alerto: reporte reservado YA-7K3M-9QTX-4"
    text = message.get_content()
    assert "Tipo: reporte reservado" in text
    assert "Distrito" not in text
    assert "alerta" not in text.replace("yoalerto", "").replace("Yo Alerto", "")


def test_an_escalation_says_that_nobody_has_answered() -> None:
    message = letter(purpose=Purpose.ESCALATION)
    assert "sin atender" in message["Subject"]
    assert message.get_content().startswith("Nadie recibió a tiempo este reporte")


def test_a_district_cannot_write_headers() -> None:
    message = letter(
        Notice(REPORT, "YA-1", 3, Kind.FACTOR_DE_RIESGO, "Ate\r\nBcc: x@y.pe", "150103")
    )
    assert "Bcc" not in message
    assert message["Subject"].endswith("factor de riesgo YA-1 en Ate Bcc: x@y.pe")


def test_every_attempt_carries_the_same_message_id(mailbox) -> None:
    mailbox.hangs_up_after_data = True
    first = post(mailbox.port)
    mailbox.hangs_up_after_data = False
    second = post(mailbox.port)

    assert (first.outcome, second.outcome) == (Outcome.NO_ANSWER, Outcome.DELIVERED)
    once, again = mailbox.messages  # it had arrived, and arrives again: the same message
    assert once["Message-ID"] == again["Message-ID"] == f"<{ENVIO}@yoalerto.example>"
    assert once.as_bytes() == again.as_bytes()


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("451 luego", Outcome.RETRY), ("550 no existe", Outcome.REFUSED)],
)
def test_refusals_are_temporary_or_final(mailbox, stage, answer, outcome) -> None:
    mailbox.answers[stage] = answer
    result = post(mailbox.port)
    assert result.outcome is outcome
    assert result.error == f"El servidor de correo respondió {answer[:3]}."
    assert mailbox.messages == []


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert post(free.getsockname()[1]).outcome is Outcome.RETRY


@contextmanager
def rude_server(*lines: bytes) -> Iterator[int]:
    """Says its lines one per command, and hangs up (or falls silent at an empty line)."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as commands:
                for number, line in enumerate(lines):
                    if number:
                        commands.readline()
                    if not line:
                        commands.read()
                        return
                    connection.sendall(line + b"\r\n")

        thread = threading.Thread(target=talk)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        ([b"554 fuera"], Outcome.RETRY),
        ([b"hola"], Outcome.RETRY),
        ([b"220 hola", b"250 hola"], Outcome.RETRY),
        ([b"220 hola", b"250 hola", b"250 ok"], Outcome.RETRY),
        ([b"220 hola", b"250 hola", b"250 ok", b"250 ok", b"354 dime"], Outcome.NO_ANSWER),
        ([b"220 hola", b"250 hola", b"250 ok", b"250 ok", b"354 dime", b""], Outcome.NO_ANSWER),
        ([b""], Outcome.RETRY),
    ],
)
def test_a_server_that_hangs_up_or_falls_silent(lines: list[bytes], outcome: Outcome) -> None:
    with rude_server(*lines) as port:
        assert post(port, timeout_seconds=0.3).outcome is outcome


@pytest.fixture
def secure_mailbox(certificates) -> Iterator[Mailbox]:
    """Behind a server that wants STARTTLS and a password."""

    def who(server, session, envelope, mechanism, data) -> AuthResult:
        good = (data.login, data.password) == (b"ya", b"s3/creto")
        return AuthResult(success=good, handled=good)

    with receiving(
        tls_context=certificates[0], require_starttls=True, authenticator=who, auth_required=True
    ) as box:
        yield box


def test_a_server_elsewhere_is_spoken_to_in_secret_with_a_password(
    secure_mailbox, names, tls
) -> None:
    server = mail_server(f"smtp://ya:s3%2Fcreto@receptor.example:{secure_mailbox.port}")
    assert server.needs_starttls
    assert deliver(letter(), server, tls=tls).outcome is Outcome.DELIVERED
    assert len(secure_mailbox.messages) == 1


def test_a_wrong_password_is_tried_again_later(secure_mailbox, names, tls) -> None:
    server = mail_server(f"smtp://ya:otra@receptor.example:{secure_mailbox.port}")
    result = deliver(letter(), server, tls=tls)
    assert result.outcome is Outcome.RETRY
    assert "clave" in result.error


def test_a_server_elsewhere_without_tls_gets_nothing(mailbox, names, tls) -> None:
    server = mail_server(f"smtp://receptor.example:{mailbox.port}")
    result = deliver(letter(), server, tls=tls)
    assert result.outcome is Outcome.RETRY
    assert "conexión segura" in result.error
    assert mailbox.messages == []


def test_a_false_certificate_gets_nothing(secure_mailbox, names) -> None:
    server = mail_server(f"smtp://ya:s3%2Fcreto@receptor.example:{secure_mailbox.port}")
    assert deliver(letter(), server).outcome is Outcome.RETRY
    assert secure_mailbox.messages == []


def test_how_the_setting_is_read() -> None:
    assert mail_server("smtp://relay.example").port == 25
    assert mail_server("smtp://u:p@relay.example").port == 587
    assert mail_server("smtps://u:p@relay.example").port == 465
    assert mail_server("smtps://relay.example").is_tls_from_start
    assert not mail_server("smtps://relay.example").needs_starttls
    assert not mail_server("smtp://relay.example?starttls=no").needs_starttls
    assert not mail_server("smtp://localhost:2525").needs_starttls


def test_addresses_that_a_channel_can_have() -> None:
    assert check_address("mesa@PNP.gob.pe") == "mesa@pnp.gob.pe"
    assert check_address("mesa@ñaña.pe") == "mesa@xn--aa-yjab.pe"
    for wrong in ("mesa", "mesa@", "a b@pnp.gob.pe", "señor@pnp.gob.pe", "a@b.pe\r\nBcc: c@d.pe"):
        with pytest.raises(AddressRefused):
            check_address(wrong)
