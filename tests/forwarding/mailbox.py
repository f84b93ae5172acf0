"""A mail server's conscience: keeps messages, refuses or hangs up as a test asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """Handler for aiosmtpd. `answers` maps a stage to the answer to give instead of 250."""

    def __init__(self) -> None:
        self.port = 0
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answers: dict[str, str] = {}
        self.hangs_up_after_data = False

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        if "DATA" not in self.answers:
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.messages.append(message)
            self.recipients += envelope.rcpt_tos
        if self.hangs_up_after_data:
            assert server.transport is not None
            server.transport.abort()
        return self.answers.get("DATA", "250 OK")


class _AnyPort(Controller):
    """Listens on a port of the system's choice, which the library's own does not know later."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def receiving(**options: Any) -> Iterator[Mailbox]:
    """A mailbox behind a mail server on loopback; `options` are those of aiosmtpd."""
    box = Mailbox()
    controller = _AnyPort(box, hostname="127.0.0.1", port=0, **options)
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()
