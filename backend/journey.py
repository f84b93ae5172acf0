"""The whole life of a report, in order: the story that edges start and workers carry on.

Submission and routing happen while the phone waits; everything after is work kept as rows,
rung for through Redis and done by workers. What staff do to a report is in `backend.triage`.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import select

from backend import clock, outbox
from backend.catalog.models import Categoria, Tipo
from backend.crypto import keyed_hash
from backend.db import db, transaction
from backend.errors import Conflict, InvalidInput, wrong_field
from backend.forwarding import services as forwarding
from backend.forwarding.models import Channel, Envio, Purpose
from backend.media import queries as attachments
from backend.media import services as media
from backend.moderation import queries as lookalikes
from backend.moderation import services as moderation
from backend.moderation.services import Flag, PhotoEvidence
from backend.parts import Parts
from backend.queue import MEDIA, NORMAL, URGENT, Ring
from backend.reports import services as reports
from backend.reports.models import (
    GlimpseReason,
    IdempotencyRecord,
    Kind,
    MessageAuthor,
    PlaceSource,
    Report,
    ReportTask,
    Step,
)
from backend.reports.numbers import clave_for, new_number
from backend.reports.queries import history_of
from backend.reports.services import Place
from backend.reports.states import Moderation, State, move, note
from backend.riskmap import services as riskmap
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
MODERATION_LEASE_SECONDS = 180
# A store that does not answer is asked again this often before the report goes on without.
DERIVING_ATTEMPTS = 3
FORWARDING_LEASE_SECONDS = 90
RISK_MAP_LEASE_SECONDS = 60


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


# Submission


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
    if _is_flood(parts, credential, idempotency_key):
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


def _is_flood(parts: Parts, credential: str, idempotency_key: str) -> bool:
    """Whether this phone sent many different reports just now; repeating one is no flood.

    Counted under hashes that Redis forgets within minutes and that no table knows; the report
    keeps the flag alone.
    """
    _, key = parts.settings.keys.current("idempotency")
    phone = keyed_hash(key, b"flood", credential.encode()).hex()[:24]
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
    queue = MEDIA if uploads else _queue(categoria.prioridad)
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
            "acknowledge_by": _acknowledge_by(categoria, now) if categoria.is_urgent else None,
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
    return _plan_envios(report_id, 0, told, 1, now)


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


# Moderation


def moderate(parts: Parts, report_id: UUID, now: datetime) -> None:
    """Derive the photos, look for signs of a nuisance, then pass the report on or hold it."""
    identity = (report_id, Step.MODERATE)
    with transaction():
        task = outbox.claim(ReportTask, identity, now, MODERATION_LEASE_SECONDS)
        if task is None:
            return
        attempts = task.attempts
        waiting = media.pending_photos(report_id)
    keys = parts.settings.keys
    tried = [media.attempt_to_derive(photo, parts.storage, keys) for photo in waiting]
    with transaction():
        task = db.session.get_one(ReportTask, identity, with_for_update=True)
        if any(one.is_worth_another_try for one in tried) and attempts < DERIVING_ATTEMPTS:
            outbox.record_failure(task, now, "El almacén de fotos no respondió.", no_answer=True)
            unused, rings = tried, []
        else:
            unused = [one for one in tried if not media.record_attempt(one, now)]
            rings = _conclude_moderation(parts, report_id, now)
            outbox.record_done(task, now)
    for one in unused:
        if one.derived is not None:
            media.discard_derived(parts.storage, one.derived)
    parts.doorbell.ring(rings)


def _conclude_moderation(parts: Parts, report_id: UUID, now: datetime) -> list[Ring]:
    report = db.session.get_one(Report, report_id, with_for_update=True)
    if report.moderation is not Moderation.PENDING:
        return []
    categoria = parts.catalog.categoria(report.categoria)
    assessment = moderation.assess(
        description=report.description,
        received_at=report.received_at,
        photos=[PhotoEvidence(*claims) for claims in attachments.claims_of(report_id)],
        earlier_flags=report.flags,
        same_text_count=lookalikes.same_text_count(report),
        same_place_count=lookalikes.same_place_count(report),
        place_flood_limit=lookalikes.PLACE_FLOOD_LIMIT,
    )
    report.flags = list(assessment.flags)
    report.nuisance = assessment.nuisance
    if assessment.should_hold:
        report.moderation = Moderation.HELD
        report.held_until = now + timedelta(minutes=categoria.review_minutes)
        note(report, at=now, event="held", details={"flags": report.flags})
        return []
    return pass_on(parts, report, event="passed", now=now)


def pass_on(
    parts: Parts, report: Report, *, event: str, now: datetime, staff_id: int | None = None
) -> list[Ring]:
    """The report goes forward, by the machines' word, a person's, or because time ran out."""
    report.moderation = Moderation.PASSED
    report.held_until = None
    note(report, at=now, event=event, staff_id=staff_id)
    if report.is_urgent or report.state is not State.RECEIVED:
        return []  # it went forward before
    categoria = parts.catalog.categoria(report.categoria)
    report.acknowledge_by = _acknowledge_by(categoria, now)
    return _deliver(report, report.unit_id, Purpose.DELIVERY, now)


def release_overdue_reviews(parts: Parts, now: datetime, limit: int = 200) -> int:
    """Forward as they are the reports that nobody reviewed in time; returns how many."""
    with transaction():
        overdue = db.session.scalars(
            select(Report)
            .where(Report.held_until <= now)
            .order_by(Report.held_until)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        rings = [
            ring
            for report in overdue
            for ring in pass_on(parts, report, event="review_ran_out", now=now)
        ]
    parts.doorbell.ring(rings)
    return len(overdue)


# Forwarding


def forward(parts: Parts, envio_id: UUID, now: datetime) -> None:
    """Make one delivery: claim, send outside any transaction, record how it went."""
    with transaction():
        envio = outbox.claim(Envio, envio_id, now, FORWARDING_LEASE_SECONDS)
        if envio is None:
            return
        delivery = forwarding.load_delivery(envio)
    result = forwarding.send(delivery, parts.settings)
    with transaction():
        ended = clock.now()  # a slow receiver may have taken longer than the first backoff
        recorded = forwarding.record_result(delivery, result, ended)
        if recorded is not None and recorded.channel is Channel.DESK:
            _arrive_on_desk(recorded, ended)


def _arrive_on_desk(envio: Envio, now: datetime) -> None:
    report = db.session.get_one(Report, envio.report_id, with_for_update=True)
    if envio.purpose is Purpose.ESCALATION:
        if envio.handover != report.handovers:
            return  # it was handed over meanwhile, and its new desk has a clock of its own
        # Notices may arrive late and out of order: a higher level stays.
        report.escalated_unit_id = report.escalated_unit_id or envio.unit_id
        note(report, at=now, event="escalated", details={"to_unit": envio.unit_id})
    elif report.state is State.RECEIVED:
        move(report, State.FORWARDED, at=now, event="forwarded")
    else:
        report.updated_at = now


def _deliver(report: Report, unit_id: int, purpose: Purpose, now: datetime) -> list[Ring]:
    told = [(unit_id, purpose)]
    return [_plan_envios(report.id, report.handovers, told, report.priority, now)]


def _plan_envios(
    report_id: UUID, handover: int, told: list[tuple[int, Purpose]], priority: int, now: datetime
) -> Ring:
    queue = _queue(priority)
    envio_ids = forwarding.plan_envios(report_id, handover, told, queue, now)
    return Ring("forward", tuple(str(envio_id) for envio_id in envio_ids), queue)


# Handing over, escalation


def hand_over(parts: Parts, report: Report, unit_id: int, now: datetime) -> list[Ring]:
    """Give the report to another unit's desk; the former owner keeps a glimpse of it."""
    reports.end_glimpse(report.id, unit_id)
    reports.let_glimpse(report.id, [report.unit_id], GlimpseReason.FORMER_OWNER, now)
    report.unit_id = unit_id
    report.sector_id = None
    report.escalated_unit_id = None
    report.handovers += 1
    return expect_acknowledgement(parts, report, now)


def expect_acknowledgement(parts: Parts, report: Report, now: datetime) -> list[Ring]:
    """Put the report on its unit's desk anew and start the clock of the acknowledgement."""
    report.acknowledged_at = None
    report.acknowledged_by = None
    report.acknowledge_by = _acknowledge_by(parts.catalog.categoria(report.categoria), now)
    return _deliver(report, report.unit_id, Purpose.DELIVERY, now)


def escalate_overdue(parts: Parts, now: datetime, limit: int = 200) -> int:
    """Tell one level up about reports that nobody acknowledged in time; returns how many."""
    rings: list[Ring] = []
    with transaction():
        overdue = db.session.scalars(
            select(Report)
            .where(Report.acknowledge_by <= now)
            .order_by(Report.acknowledge_by)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        for report in overdue:
            rings += _escalate(parts, report, now)
    parts.doorbell.ring(rings)
    return len(overdue)


def _escalate(parts: Parts, report: Report, now: datetime) -> list[Ring]:
    last_told = db.session.get_one(PoliceUnit, report.escalated_unit_id or report.unit_id)
    if last_told.parent_id is None:
        report.acknowledge_by = None
        note(report, at=now, event="nobody_above")
        return []
    report.acknowledge_by = _acknowledge_by(parts.catalog.categoria(report.categoria), now)
    report.escalated_unit_id = last_told.parent_id
    return _deliver(report, last_told.parent_id, Purpose.ESCALATION, now)


# The author's voice


def add_author_message(report_id: UUID, text: str, now: datetime) -> None:
    """The author adds to the thread with the unit."""
    with transaction():
        report = db.session.get_one(Report, report_id, with_for_update=True)
        reports.add_message(report, MessageAuthor.CITIZEN, text, now)


def contest_closure(parts: Parts, report_id: UUID, reason: str, now: datetime) -> None:
    """The author does not agree with a closure; once only, and somebody has to look again."""
    with transaction():
        report = db.session.get_one(Report, report_id, with_for_update=True)
        if report.contested_at is not None:
            raise Conflict("Ya dijiste que no estás de acuerdo. Puedes escribir un mensaje.")
        if report.state not in (State.RESOLVED, State.DISMISSED):
            raise Conflict("Solo puedes decirlo cuando la comisaría cerró tu reporte.")
        move(report, State.FORWARDED, at=now, event="contested")
        report.contested_at = now
        report.closed_at = None
        report.outcome = None
        report.handovers += 1
        if reason:
            reports.add_message(report, MessageAuthor.CITIZEN, reason, now)
        rings = expect_acknowledgement(parts, report, now)
    parts.doorbell.ring(rings)


# Risk map


def owe_risk_map(report: Report, now: datetime) -> Ring:
    """The map has to hear of this report (again); inside the caller's transaction."""
    reports.owe(report.id, Step.FEED_RISK_MAP, NORMAL, now)
    return Ring("feed_risk_map", (str(report.id),), NORMAL)


def feed_risk_map(parts: Parts, report_id: UUID, now: datetime) -> None:
    """Count a verified report in its cells, or take out one that is verified no longer."""
    identity = (report_id, Step.FEED_RISK_MAP)
    with transaction():
        task = outbox.claim(ReportTask, identity, now, RISK_MAP_LEASE_SECONDS)
        if task is None:
            return
        riskmap.feed(report_id, parts.catalog)
        outbox.record_done(task, now)


# The sweep


def ring_due(parts: Parts, now: datetime, limit: int = 1000) -> int:
    """Ring again for every row whose time has come; returns how many rows were due."""
    rings = [
        Ring(task.step.value, (str(task.report_id),), task.queue)
        for task in outbox.due(ReportTask, now, limit)
    ]
    rings += [
        Ring("forward", (str(envio.id),), envio.queue) for envio in outbox.due(Envio, now, limit)
    ]
    db.session.rollback()
    parts.doorbell.ring(rings)
    return len(rings)


def canonical_json(document: Any) -> bytes:
    """The same bytes for the same content, however the phone spaced and ordered it."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _queue(priority: int) -> str:
    return URGENT if priority == 1 else NORMAL


def _acknowledge_by(categoria: Categoria, now: datetime) -> datetime:
    return now + timedelta(minutes=categoria.acknowledge_minutes)
