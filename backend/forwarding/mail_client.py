"""Writes the notice to a unit and hands it to the mail server; `forwarding.services` calls it."""

import ipaddress
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from email.utils import format_datetime, parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

from email_validator import EmailNotValidError, validate_email

from backend.forwarding.address_client import AddressRefused
from backend.forwarding.models import Delivery, Notice, Outcome, Purpose, SendResult
from backend.reports.models import Kind

TIMEOUT_SECONDS = 10.0
KIND_WORDS = {
    Kind.ALERTA: "alerta",
    Kind.FACTOR_DE_RIESGO: "factor de riesgo",
    Kind.DENUNCIA: "denuncia",
}
RESERVED_WORDS = "reporte reservado"
URGENCY_WORDS = {1: "Urgente", 2: "Pronto", 3: "En el turno"}
OPENINGS = {
    Purpose.DELIVERY: "Tienes un reporte nuevo en Yo Alerto.",
    Purpose.ESCALATION: "Nadie recibió a tiempo este reporte: ahora te toca verlo.",
    Purpose.REMINDER: "Un caso de tu unidad espera respuesta y su plazo está por vencer.",
}
SUBJECT_MARKS = {Purpose.ESCALATION: "sin atender, ", Purpose.REMINDER: "vence el plazo, "}


@dataclass(frozen=True)
class MailServer:
    """The mail server of an address like `smtp://user:password@host:587?starttls=no`."""

    host: str
    port: int
    user: str
    password: str
    is_tls_from_start: bool
    needs_starttls: bool


def mail_server(url: str) -> MailServer:
    """Read `YA_SMTP_URL`. Only a relay on this machine or `?starttls=no` goes without TLS."""
    parts = urlsplit(url)
    host, user = parts.hostname or "localhost", unquote(parts.username or "")
    is_tls = parts.scheme == "smtps"
    is_plain = _is_this_machine(host) or parse_qs(parts.query).get("starttls") == ["no"]
    default_port = 465 if is_tls else 587 if user else 25
    return MailServer(
        host,
        parts.port or default_port,
        user,
        unquote(parts.password or ""),
        is_tls,
        needs_starttls=not is_tls and not is_plain,
    )


def check_address(address: str) -> str:
    """The address as mail servers want it; raises `AddressRefused`. Looks nothing up."""
    try:
        checked = validate_email(address, allow_smtputf8=False, check_deliverability=False)
    except EmailNotValidError:
        raise AddressRefused("Escribe un correo válido, sin tildes ni ñ.") from None
    return checked.ascii_email or checked.normalized


def write_notice(
    delivery: Delivery, notice: Notice, to: str, mail_from: str, link: str
) -> EmailMessage:
    """The message for an Envio: every attempt writes the very same one, `Message-ID` included."""
    message = EmailMessage(policy=MAIL_POLICY)
    message["From"] = mail_from
    message["To"] = to
    message["Subject"] = _subject(notice, delivery.purpose)
    message["Date"] = format_datetime(delivery.created_at)
    message["Message-ID"] = f"<{delivery.envio_id}@{_domain(mail_from)}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "es-PE"
    message.set_content(_text(notice, delivery.purpose, link), cte="quoted-printable")
    return message


def deliver(
    message: EmailMessage,
    server: MailServer,
    *,
    tls: ssl.SSLContext | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> SendResult:
    """Hand the message over once. Cut off after DATA nobody knows: `NO_ANSWER`."""
    sender = parseaddr(str(message["From"]))[1]
    try:
        smtp = _connect(server, _domain(sender), tls, timeout_seconds)
    except smtplib.SMTPAuthenticationError:
        return SendResult(Outcome.RETRY, "El servidor de correo no aceptó nuestra clave.")
    except smtplib.SMTPNotSupportedError:
        return SendResult(Outcome.RETRY, "El servidor de correo no ofrece una conexión segura.")
    except (smtplib.SMTPException, OSError):
        return SendResult(Outcome.RETRY, "No se pudo conectar con el servidor de correo.")
    try:
        return _hand_over(smtp, message, sender, str(message["To"]))
    finally:
        _leave(smtp)


def _connect(
    server: MailServer, our_name: str, tls: ssl.SSLContext | None, timeout_seconds: float
) -> smtplib.SMTP:
    context = tls or ssl.create_default_context()
    if server.is_tls_from_start:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, our_name, timeout=timeout_seconds, context=context
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, our_name, timeout=timeout_seconds)
    try:
        if server.needs_starttls:
            smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _hand_over(
    smtp: smtplib.SMTP, message: EmailMessage, sender: str, recipient: str
) -> SendResult:
    try:
        for command, address in ((smtp.mail, sender), (smtp.rcpt, recipient)):
            code, _ = command(address)
            if not 200 <= code < 300:
                return _refusal(code)
    except (smtplib.SMTPException, OSError):
        return SendResult(Outcome.RETRY, "El servidor de correo cortó antes del mensaje.")
    try:
        code, _ = smtp.data(message.as_bytes())
    except smtplib.SMTPDataError as error:
        return _refusal(error.smtp_code)
    except (smtplib.SMTPException, OSError):
        return SendResult(
            Outcome.NO_ANSWER, "El servidor de correo no respondió; no se sabe si llegó."
        )
    return SendResult(Outcome.DELIVERED) if 200 <= code < 300 else _refusal(code)


def _refusal(code: int) -> SendResult:
    outcome = Outcome.REFUSED if code >= 500 else Outcome.RETRY
    return SendResult(outcome, f"El servidor de correo respondió {code}.")


def _leave(smtp: smtplib.SMTP) -> None:
    """Say goodbye; what the server thinks of it changes nothing any more."""
    with suppress(smtplib.SMTPException, OSError):
        smtp.quit()
    smtp.close()


def _subject(notice: Notice, purpose: Purpose) -> str:
    what = KIND_WORDS[notice.kind] if notice.kind else RESERVED_WORDS
    mark = SUBJECT_MARKS.get(purpose, "")
    where = f" en {_one_line(notice.district)}" if notice.district else ""
    return f"[{URGENCY_WORDS[notice.priority]}] Yo Alerto: {mark}{what} {notice.numero}{where}"


def _text(notice: Notice, purpose: Purpose, link: str) -> str:
    what = KIND_WORDS[notice.kind] if notice.kind else RESERVED_WORDS
    lines = [
        OPENINGS[purpose],
        "",
        f"Número: {notice.numero}",
        f"Tipo: {what}",
        f"Urgencia: {URGENCY_WORDS[notice.priority]}",
    ]
    if notice.district:
        lines.append(f"Distrito: {_one_line(notice.district)}")
    lines += [
        "",
        "Ábrelo en el panel y marca que lo recibiste:",
        link,
        "",
        "Este mensaje es automático: no lo respondas. Por seguridad no lleva el contenido.",
    ]
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _domain(address: str) -> str:
    """The domain of a mail address, which names us to the server and ends the `Message-ID`."""
    return parseaddr(address)[1].rpartition("@")[2] or "localhost"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
