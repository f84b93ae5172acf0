"""Plans, sends and records deliveries, and keeps units' channels; the journey calls it.

Nothing here opens a transaction. `send` alone talks to the network and is called outside any
transaction; everything else is called inside one.
"""

import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, select, text

from backend import clock, outbox
from backend.crypto import KeyRing
from backend.db import db
from backend.errors import Conflict, NotFound, wrong_field
from backend.forwarding import mail_client, queries, webhook_client
from backend.forwarding.address_client import AddressRefused, check_url
from backend.forwarding.models import (
    Channel,
    Delivery,
    Destination,
    Envio,
    NewChannel,
    Notice,
    Outcome,
    Purpose,
    SendResult,
    UnitChannel,
)
from backend.forwarding.webhook_client import (
    SecretLost,
    new_secret,
    open_secrets,
    reseal_secrets,
    seal_secrets,
)
from backend.outbox import WorkState
from backend.reports.models import Kind, Report
from backend.settings import Settings
from backend.territory.models import District

log = structlog.get_logger()

# How long messages carry the old secret's signature too, so that nothing is lost meanwhile.
OLD_SECRET_HOURS = 24


# ------------------------------------------------------------------ Planning


# One statement for all units: this runs while a phone waits. The desk's row comes first.
_PLAN = text("""
INSERT INTO envio (id, report_id, handover, unit_id, channel, purpose, unit_channel_id, queue,
                   created_at, next_attempt_at)
SELECT gen_random_uuid(), :report_id, :handover, told.unit_id, way.channel, told.purpose, way.id,
       :queue, :at, :at
FROM unnest(CAST(:unit_ids AS int[]), CAST(:purposes AS text[])) AS told (unit_id, purpose)
CROSS JOIN LATERAL (
    SELECT 'mesa' AS channel, CAST(NULL AS int) AS id
    UNION ALL
    SELECT kind, id FROM unit_channel WHERE unit_id = told.unit_id AND active
) AS way
ORDER BY way.id NULLS FIRST
ON CONFLICT ON CONSTRAINT uq_envio_destination DO NOTHING
RETURNING id
""")


def plan_envios(
    report_id: UUID,
    handover: int,
    told: Sequence[tuple[int, Purpose]],
    queue: str,
    at: datetime,
) -> tuple[UUID, ...]:
    """Write down the deliveries that this handover still lacks: desk and channels of each unit.

    `told` are units and why each is told. Returns the ids of the new rows, to ring for.
    """
    values = {
        "report_id": report_id,
        "handover": handover,
        "unit_ids": [unit_id for unit_id, _ in told],
        "purposes": [purpose.value for _, purpose in told],
        "queue": queue,
        "at": at,
    }
    return tuple(db.session.connection().execute(_PLAN, values).scalars())


# ------------------------------------------------------------------ Delivering


def load_delivery(envio: Envio) -> Delivery:
    """Everything needed to send a claimed Envio; call in the transaction of the claim."""
    notice, destination = None, None
    if envio.unit_channel_id is not None:
        notice = _notice(envio.report_id)
        destination = _channel(envio.unit_channel_id).destination
    return Delivery(
        envio.id,
        Channel(envio.channel),
        Purpose(envio.purpose),
        envio.created_at,
        envio.leased_until,
        notice,
        destination,
    )


def send(delivery: Delivery, settings: Settings, tls: ssl.SSLContext | None = None) -> SendResult:
    """Send once; never inside a transaction. A row is on the desk by existing: nothing to send."""
    if delivery.notice is None or delivery.destination is None:
        return SendResult(Outcome.DELIVERED)
    if not delivery.destination.is_active:
        return SendResult(Outcome.REFUSED, "El canal fue desactivado antes del envío.")
    if delivery.channel is Channel.EMAIL:
        return _send_mail(delivery, delivery.notice, delivery.destination, settings, tls)
    return _send_webhook(delivery, delivery.notice, delivery.destination, settings, tls)


def record_result(delivery: Delivery, result: SendResult, now: datetime) -> Envio | None:
    """Write down how the attempt went; the row, or None when it is no longer ours to write.

    That something arrived is true whoever says it, so it is recorded even after our lease was
    lost. A failure counts only while the claim is still ours: a later claim may be succeeding.
    """
    envio = db.session.get(Envio, delivery.envio_id, with_for_update=True)
    if envio is None or envio.work_state == WorkState.DONE:
        return None
    if result.outcome is Outcome.DELIVERED:
        outbox.record_done(envio, now)
    elif envio.leased_until is None or envio.leased_until != delivery.leased_until:
        return None
    else:
        _record_failure(envio, result, now)
    log.info("envio", envio=str(envio.id), outcome=result.outcome, state=envio.work_state)
    return envio


def retry_failed(envio_id: UUID, condition: ColumnElement[bool], now: datetime) -> Envio:
    """Another round for a failed delivery of a report within `condition`; ring afterwards."""
    query = (
        select(Envio)
        .join(Report, Report.id == Envio.report_id)
        .where(Envio.id == envio_id, condition)
        .with_for_update(of=Envio)
    )
    envio = db.session.scalar(query)
    if envio is None:
        raise NotFound("No encontramos ese envío.")
    if envio.work_state != WorkState.FAILED:
        raise Conflict("Ese envío ya no está fallido. Actualice la página.")
    outbox.try_again(envio, now)
    return envio


def _notice(report_id: UUID) -> Notice:
    """A reserved report's kind and district are left behind here, so no channel can tell them."""
    query = (
        select(Report.numero, Report.priority, Report.is_sensible | Report.is_reserved, Report.kind)
        .add_columns(District.name, Report.ubigeo)
        .outerjoin(District, District.ubigeo == Report.ubigeo)
        .where(Report.id == report_id)
    )
    numero, priority, tells_nothing, kind, district, ubigeo = db.session.execute(query).one()
    if tells_nothing:
        return Notice(report_id, numero, priority, None, None, None)
    return Notice(report_id, numero, priority, Kind(kind), district, ubigeo)


def _send_mail(
    delivery: Delivery,
    notice: Notice,
    destination: Destination,
    settings: Settings,
    tls: ssl.SSLContext | None,
) -> SendResult:
    if not settings.smtp_url:
        return SendResult(Outcome.RETRY, "Falta configurar el servidor de correo (YA_SMTP_URL).")
    message = mail_client.write_notice(
        delivery, notice, destination.address, settings.mail_from, _link(notice, settings)
    )
    return mail_client.deliver(message, mail_client.mail_server(settings.smtp_url), tls=tls)


def _send_webhook(
    delivery: Delivery,
    notice: Notice,
    destination: Destination,
    settings: Settings,
    tls: ssl.SSLContext | None,
) -> SendResult:
    at = clock.now()
    sealed, version = destination.sealed_secret or b"", destination.secret_key_version or 0
    try:
        signing = open_secrets(sealed, version, settings.keys, destination.channel_id, at)
    except SecretLost:
        return SendResult(Outcome.REFUSED, "No se pudo abrir el secreto del canal: renuévalo.")
    return webhook_client.post(
        destination.address,
        signing,
        str(delivery.envio_id),
        webhook_client.write_body(delivery, notice, _link(notice, settings)),
        at,
        allow_private=settings.webhook_private,
        tls=tls,
    )


def _link(notice: Notice, settings: Settings) -> str:
    return f"{settings.public_url}/panel/casos/{notice.report_id}"


def _record_failure(envio: Envio, result: SendResult, now: datetime) -> None:
    outbox.record_failure(
        envio,
        now,
        result.error,
        no_answer=result.outcome is Outcome.NO_ANSWER,
        final=result.outcome is Outcome.REFUSED,
    )
    if envio.finished_at is None:
        asked = now + timedelta(seconds=result.retry_after_seconds)
        envio.next_attempt_at = max(envio.next_attempt_at, asked)


# ------------------------------------------------------------------ Channels


def add_channel(
    unit_id: int, kind: Channel, address: str, ring: KeyRing, *, allow_private: bool = False
) -> NewChannel:
    """Give a unit another channel, or wake one that it had; raises `InvalidInput`, `Conflict`."""
    address = _checked_address(kind, address.strip(), allow_private)
    query = select(UnitChannel).filter_by(unit_id=unit_id, kind=kind, address=address)
    channel = db.session.scalar(query.with_for_update())
    if channel is None:
        channel = UnitChannel(unit_id=unit_id, kind=kind, address=address)
        channel.sealed_secret = b"" if kind == Channel.WEBHOOK else None
        db.session.add(channel)
        db.session.flush()  # the secret is bound to the id
    elif channel.active:
        raise Conflict("La unidad ya tiene ese canal.")
    channel.active = True
    secret = _give_secret(channel, ring) if kind == Channel.WEBHOOK else None
    return NewChannel(channel.id, secret)


def disable_channel(channel_id: int) -> None:
    """Send nothing more there; deliveries under way end as failed."""
    _channel(channel_id).active = False


def rotate_secret(channel_id: int, ring: KeyRing, now: datetime) -> str:
    """A fresh secret, shown this once; for a day messages carry the old signature as well."""
    channel = _channel(channel_id)
    if channel.kind != Channel.WEBHOOK:
        raise Conflict("Ese canal no lleva secreto.")
    old_until = now + timedelta(hours=OLD_SECRET_HOURS)
    return _give_secret(channel, ring, _current_secret(channel, ring, now), old_until)


def rewrap_secrets(ring: KeyRing, after: int | None, limit: int) -> tuple[int | None, list[int]]:
    """Bring up to `limit` channels' secrets, past `after`, under the current master key.

    Returns where to go on, None at the end, and the channels whose secret does not open.
    """
    rows = queries.secrets_to_rewrap(ring.current("master")[0], after, limit)
    lost = []
    for row in rows:
        sealed, version = row.sealed_secret or b"", row.secret_key_version or 0
        try:
            row.secret_key_version, row.sealed_secret = reseal_secrets(
                sealed, version, ring, row.id
            )
        except SecretLost:
            lost.append(row.id)
    return (rows[-1].id if len(rows) == limit else None), lost


def _channel(channel_id: int) -> UnitChannel:
    channel = db.session.get(UnitChannel, channel_id)
    if channel is None:
        raise NotFound("No encontramos ese canal.")
    return channel


def _give_secret(
    channel: UnitChannel, ring: KeyRing, old: str | None = None, old_until: datetime | None = None
) -> str:
    secret = new_secret()
    channel.secret_key_version, channel.sealed_secret = seal_secrets(
        ring, channel.id, secret, old, old_until
    )
    return secret


def _current_secret(channel: UnitChannel, ring: KeyRing, now: datetime) -> str | None:
    """The secret about to be replaced; None when it no longer opens."""
    sealed, version = channel.sealed_secret or b"", channel.secret_key_version or 0
    try:
        return open_secrets(sealed, version, ring, channel.id, now)[0]
    except SecretLost:
        return None


def _checked_address(kind: Channel, address: str, allow_private: bool) -> str:
    try:
        if kind == Channel.EMAIL:
            return mail_client.check_address(address)
        return check_url(address, allow_private=allow_private).geturl()
    except AddressRefused as refusal:
        raise wrong_field("direccion", str(refusal)) from None
