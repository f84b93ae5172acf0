"""Taking in an alerta or a factor de riesgo."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog

from backend.catalog.models import Categoria, Tipo
from backend.db import transaction
from backend.forwarding.models import Purpose
from backend.informes import services as informes
from backend.informes.services import Informant
from backend.journey import acknowledge_by, plan_envios, queue_for
from backend.media import services as media
from backend.moderation.services import Flag
from backend.parts import Parts
from backend.queue import MEDIA, Ring
from backend.reports import services as reports
from backend.reports.audience import GlimpseReason
from backend.reports.models import Kind, Step
from backend.routing import services as routing
from backend.routing.services import Route
from backend.submission import intake
from backend.submission.intake import Receipt, Told

log = structlog.get_logger()

CLOCK_BEHIND = timedelta(days=30)
MODERATION_PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True)
class Submission(Told):
    """What the phone sent, read and checked by its edge."""

    # The canonical JSON of `datos`, for telling a repetition from another report.
    canonical: bytes


def submit_alerta(
    parts: Parts,
    submission: Submission,
    uploads: Sequence[media.ReceivedPhoto],
    *,
    credential: str,
    idempotency_key: str,
    now: datetime,
    informant: Informant | None = None,
) -> Receipt:
    """Take in an alerta, in one transaction, and answer at once.

    Repeating with the same key and content gives the same answer; with other content,
    `InvalidInput`. Nothing of the credential is kept with the report; that a junta told of it is,
    unless the matter is sensible.
    """
    intake.refuse_point_when_sensible(submission, "lugar")
    flags = intake.odd_clock_and_place(submission, now, CLOCK_BEHIND)
    if intake.is_flood(parts, credential, idempotency_key, now):
        flags.add(Flag.PHONE_FLOOD)
    report_id = uuid4()
    content = intake.content_hash(submission.canonical, uploads)
    key_hash = intake.idempotency_hash(parts, credential, idempotency_key)
    with transaction():
        earlier = reports.remember_idempotency(key_hash, content, report_id, now)
        if earlier is not None:
            return intake.replay(parts, earlier, content)
        unit_id = informant.unit_id if informant else None
        found = routing.route(submission.categoria, submission.place, now, junta_unit_id=unit_id)
        row = intake.report_row(parts, submission, found, report_id, flags, now)
        row["from_junta"] = informant is not None and not submission.categoria.sensible
        rings = _insert(submission.categoria, row, uploads, found, now)
        if informant is not None and row["from_junta"]:
            informes.record(report_id, informant, submission.categoria, now)
    parts.doorbell.ring(rings)
    if not submission.categoria.sensible:  # the log keeps the second, which the panel does not
        log.info("report.received", report_id=str(report_id), unit_id=found.unit_id)
    return intake.receipt_for(parts, row, found)


def _insert(
    categoria: Categoria,
    row: dict[str, Any],
    uploads: Sequence[media.ReceivedPhoto],
    found: Route,
    now: datetime,
) -> list[Ring]:
    report_id: UUID = row["id"]
    row |= {
        "kind": _kind(categoria).value,
        "acknowledge_by": acknowledge_by(categoria, now) if categoria.is_urgent else None,
        # Whatever becomes of the workers, at this time it goes forward as it is.
        "held_until": None if categoria.is_urgent else now + MODERATION_PATIENCE,
    }
    queue = MEDIA if uploads else queue_for(categoria.prioridad)
    reports.insert_report(row, Step.MODERATE, queue)
    if uploads:
        media.attach(report_id, uploads, now)
    if not categoria.sensible:
        reports.let_glimpse(report_id, found.neighbour_ids, GlimpseReason.NEIGHBOUR, now)
    rings = [Ring("moderate", (str(report_id),), queue)]
    if categoria.is_urgent:
        rings = _first_rings(_plan_urgent(report_id, found, now), rings[0])
    return rings


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
