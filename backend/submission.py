"""Taking in a report while the phone waits: one transaction, one answer; `mobile_api` calls it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog

from backend.catalog.models import Categoria, Tipo
from backend.crypto import keyed_hash
from backend.db import db, transaction
from backend.errors import InvalidInput, wrong_field
from backend.forwarding.models import Purpose
from backend.journey import acknowledge_by, plan_envios, queue_for
from backend.media import services as media
from backend.moderation import services as moderation
from backend.moderation.services import Flag
from backend.parts import Parts
from backend.queue import MEDIA, Ring
from backend.reports import services as reports
from backend.reports.models import (
    GlimpseReason,
    IdempotencyRecord,
    Kind,
    PlaceSource,
    Report,
    Step,
)
from backend.reports.numbers import clave_for, new_number
from backend.reports.queries import history_of
from backend.reports.services import Place
from backend.reports.states import State
from backend.routing import services as routing
from backend.routing.services import Route
from backend.territory.models import PoliceUnit

log = structlog.get_logger()

POOR_ACCURACY_METRES = 200
CLOCK_AHEAD = timedelta(minutes=10)
CLOCK_BEHIND = timedelta(days=30)
PHONE_FLOOD_WINDOW_SECONDS = 600
PHONE_FLOOD_LIMIT = 5
MODERATION_PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True)
class Submission:
    """What the phone sent, read and checked by its edge."""

    categoria: Categoria
    place: Place
    occurred_at: datetime | None
    is_ongoing: bool
    description: str
    # The canonical JSON of `datos`, for telling a repetition from another report.
    canonical: bytes


@dataclass(frozen=True)
class Receipt:
    """What the author gets back, and gets again when repeating with the same key."""

    numero: str
    clave: str
    state: State
    received_at: datetime
    unit_name: str
    unit_phone: str | None
    is_repeated: bool


def submit_alerta(
    parts: Parts,
    submission: Submission,
    uploads: Sequence[media.ReceivedPhoto],
    *,
    credential: str,
    idempotency_key: str,
    now: datetime,
) -> Receipt:
    """Take in an alerta, in one transaction, and answer at once.

    Repeating with the same key and content gives the same answer; with other content,
    `InvalidInput`. Nothing of the credential is kept with the report.
    """
    _refuse_point_when_sensible(submission)
    flags = _flags_at_submission(submission, now)
    if _is_flood(parts, credential, idempotency_key, now):
        flags.append(Flag.PHONE_FLOOD)
    report_id = uuid4()
    content_hash = _content_hash(submission, uploads)
    key_hash = _idempotency_hash(parts, credential, idempotency_key)
    with transaction():
        earlier = reports.remember_idempotency(key_hash, content_hash, report_id, now)
        if earlier is not None:
            return _replay(parts, earlier, content_hash)
        found = routing.route(submission.categoria, submission.place, now)
        receipt, rings = _insert(parts, submission, uploads, found, report_id, flags, now)
    parts.doorbell.ring(rings)
    log.info("report.received", report_id=str(report_id), unit_id=found.unit_id)
    return receipt


def _refuse_point_when_sensible(submission: Submission) -> None:
    if submission.categoria.sensible and submission.place.point_wkt is not None:
        raise wrong_field(
            "lugar",
            "Por tu seguridad, aquí no recibimos el punto exacto. Marca una zona del mapa "
            "o escribe el distrito y una referencia.",
        )


def _flags_at_submission(submission: Submission, now: datetime) -> list[str]:
    """What is odd about a report but no reason to refuse it."""
    flags: set[str] = set()
    occurred, place = submission.occurred_at, submission.place
    if occurred is not None and occurred > now + CLOCK_AHEAD:
        flags.add(Flag.CLOCK_AHEAD)
    if occurred is not None and occurred < now - CLOCK_BEHIND:
        flags.add(Flag.CLOCK_BEHIND)
    if place.accuracy_m is not None and place.accuracy_m > POOR_ACCURACY_METRES:
        flags.add(Flag.POOR_ACCURACY)
    if place.source is PlaceSource.REFERENCIA and not submission.categoria.sensible:
        flags.add(Flag.NO_GPS)
    return sorted(flags)


def _is_flood(parts: Parts, credential: str, idempotency_key: str, now: datetime) -> bool:
    """Whether this phone sent many different reports just now; repeating one is no flood.

    Counted under hashes that change every window, that Redis forgets and that no table knows;
    the report keeps the flag alone.
    """
    _, key = parts.settings.keys.current("idempotency")
    window = str(int(now.timestamp() // PHONE_FLOOD_WINDOW_SECONDS)).encode()
    phone = keyed_hash(key, b"flood", window, credential.encode()).hex()[:24]
    one = keyed_hash(key, b"flood", credential.encode(), idempotency_key.encode()).hex()[:16]
    count = parts.doorbell.count_recent(f"flood:{phone}", one, PHONE_FLOOD_WINDOW_SECONDS)
    return count > PHONE_FLOOD_LIMIT


def _content_hash(submission: Submission, uploads: Sequence[media.ReceivedPhoto]) -> bytes:
    digest = hashlib.sha256(submission.canonical)
    for upload in uploads:
        digest.update(bytes.fromhex(upload.sealed.sha256))
    return digest.digest()


def _idempotency_hash(parts: Parts, credential: str, idempotency_key: str) -> bytes:
    # The first version for good: a rotated key would make a phone's retry a second report.
    key = parts.settings.keys.key("idempotency", 1)
    return keyed_hash(key, credential.encode(), idempotency_key.encode())


def _replay(parts: Parts, earlier: IdempotencyRecord, content_hash: bytes) -> Receipt:
    if earlier.content_hash != content_hash:
        raise InvalidInput(
            "Ese envío ya se usó para otro reporte. Empieza uno nuevo para contar otra cosa."
        )
    report = db.session.get_one(Report, earlier.report_id)
    # The unit of the first answer, whoever has the case by now.
    unit = db.session.get_one(PoliceUnit, history_of(report.id)[0].unit_id)
    return _receipt(
        parts,
        report.id,
        report.numero,
        report.clave_key_version,
        report.clave_version,
        report.received_at,
        (unit.name, unit.phone),
        is_repeated=True,
    )


def _insert(
    parts: Parts,
    submission: Submission,
    uploads: Sequence[media.ReceivedPhoto],
    found: Route,
    report_id: UUID,
    flags: list[str],
    now: datetime,
) -> tuple[Receipt, list[Ring]]:
    categoria, place = submission.categoria, submission.place
    numero = new_number()
    key_version, _ = parts.settings.keys.current("clave")
    if found.jurisdiction_id is None and not categoria.sensible:
        flags = sorted({*flags, Flag.NO_JURISDICTION})
    queue = MEDIA if uploads else queue_for(categoria.prioridad)
    reports.insert_report(
        {
            "id": report_id,
            "numero": numero,
            "clave_key_version": key_version,
            "kind": _kind(categoria).value,
            "categoria": categoria.codigo,
            "priority": categoria.prioridad,
            "is_sensible": categoria.sensible,
            "is_ongoing": submission.is_ongoing,
            "description": submission.description,
            "description_hash": moderation.text_hash(submission.description),
            "place_source": place.source.value,
            "point": place.point_wkt,
            "accuracy_m": place.accuracy_m,
            "cell": place.cell,
            "ubigeo": found.ubigeo or place.ubigeo,
            "reference": place.reference,
            "occurred_at": submission.occurred_at,
            "received_at": now,
            "updated_at": now,
            "flags": flags,
            "unit_id": found.unit_id,
            "routing_rule": found.rule,
            "jurisdiction_id": found.jurisdiction_id,
            "border_distance_m": found.border_distance_m,
            "acknowledge_by": acknowledge_by(categoria, now) if categoria.is_urgent else None,
            # Whatever becomes of the workers, at this time it goes forward as it is.
            "held_until": None if categoria.is_urgent else now + MODERATION_PATIENCE,
        },
        Step.MODERATE,
        queue,
    )
    if uploads:
        media.attach(report_id, uploads, now)
    if not categoria.sensible:
        reports.let_glimpse(report_id, found.neighbour_ids, GlimpseReason.NEIGHBOUR, now)
    rings = [Ring("moderate", (str(report_id),), queue)]
    if categoria.is_urgent:
        rings = _first_rings(_plan_urgent(report_id, found, now), rings[0])
    unit = (found.unit_name, found.unit_phone)
    receipt = _receipt(parts, report_id, numero, key_version, 1, now, unit, is_repeated=False)
    return receipt, rings


def _kind(categoria: Categoria) -> Kind:
    return Kind.ALERTA if categoria.tipo is Tipo.HECHO else Kind.FACTOR_DE_RIESGO


def _first_rings(forward: Ring, moderate: Ring) -> list[Ring]:
    """Deliveries before moderation; one ring for both, unless photos wait on another queue."""
    if moderate.queue != forward.queue:
        return [forward, moderate]
    both = moderate.identities + forward.identities
    return [Ring("forward_and_moderate", both, forward.queue)]


def _plan_urgent(report_id: UUID, found: Route, now: datetime) -> Ring:
    """Forward at once; where nobody has the desk open, tell the next level at once, too."""
    told = [(found.unit_id, Purpose.DELIVERY)]
    if found.unit_above_id is not None and not found.is_attended:
        told.append((found.unit_above_id, Purpose.ESCALATION))
    return plan_envios(report_id, 0, told, 1, now)


def _receipt(
    parts: Parts,
    report_id: UUID,
    numero: str,
    key_version: int,
    clave_version: int,
    received_at: datetime,
    unit: tuple[str | None, str | None],
    is_repeated: bool,
) -> Receipt:
    clave = clave_for(parts.settings.keys, key_version, report_id, clave_version)
    name, phone = unit
    return Receipt(numero, clave, State.RECEIVED, received_at, name or "", phone, is_repeated)


def canonical_json(document: Any) -> bytes:
    """The same bytes for the same content, however the phone spaced and ordered it."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
