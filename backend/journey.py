"""The life of a report after it was taken in, in order: the story that workers carry on.

It begins in `backend.submission`, while the phone waits; everything here is work kept as rows,
rung for through Redis and done by workers. What happens when nobody acts in time is in
`backend.deadlines`, what staff do to a report in `backend.triage`.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from backend import clock, outbox
from backend.catalog.models import Asunto, Categoria
from backend.db import db, transaction
from backend.denuncias.services import term_of
from backend.errors import Conflict, wrong_field
from backend.forwarding import services as forwarding
from backend.forwarding.models import Channel, Envio, Purpose
from backend.media import queries as attachments
from backend.media import services as media
from backend.moderation import queries as lookalikes
from backend.moderation import services as moderation
from backend.moderation.services import PhotoEvidence
from backend.padron.models import PadronImport
from backend.parts import Parts
from backend.queue import MEDIA, NORMAL, PADRON, URGENT, Ring
from backend.reports import services as reports
from backend.reports.audience import GlimpseReason
from backend.reports.models import FORMAL_KINDS, Kind, MessageAuthor, Report, ReportTask, Step
from backend.reports.moves import move, note
from backend.reports.states import UNSEEN_STATES, Moderation, State
from backend.riskmap import services as riskmap
from backend.routing.queries import who_may_know

log = structlog.get_logger()

MODERATION_LEASE_SECONDS = 180
# A store that does not answer is asked again this often before the report goes on without.
DERIVING_ATTEMPTS = 3
FORWARDING_LEASE_SECONDS = 90
RISK_MAP_LEASE_SECONDS = 60


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
            outbox.record_done(task, now)
            rings = _conclude_moderation(parts, report_id, now)
            if any(photo not in waiting for photo in media.pending_photos(report_id)):
                # The author added photos while these were tried.
                reports.owe(report_id, Step.MODERATE, MEDIA, now)
                rings.append(Ring("moderate", (str(report_id),), MEDIA))
    for one in unused:
        if one.derived is not None:
            media.discard_derived(parts.storage, one.derived)
    parts.doorbell.ring(rings)


def _conclude_moderation(parts: Parts, report_id: UUID, now: datetime) -> list[Ring]:
    report = db.session.get_one(Report, report_id, with_for_update=True)
    if report.moderation is not Moderation.PENDING:
        return []
    categoria = parts.catalog.subject(report.categoria)
    arrives = arrives_at(categoria, report.received_at)
    if now < arrives:  # its photos are ready; the rest waits for the shift
        reports.owe(report_id, Step.MODERATE, queue_for(report.priority), arrives)
        return []
    assessment = moderation.assess(
        description=report.description,
        received_at=report.received_at,
        photos=_evidence(report),
        earlier_flags=report.flags,
        same_text_count=lookalikes.same_text_count(report),
        same_place_count=lookalikes.same_place_count(report),
        place_flood_limit=lookalikes.PLACE_FLOOD_LIMIT,
    )
    report.flags = list(assessment.flags)
    report.nuisance = assessment.nuisance
    # A denuncia has an author who gave a name: whoever takes it must act on it (CPP, art. 326).
    if assessment.should_hold and report.kind is not Kind.DENUNCIA:
        report.moderation = Moderation.HELD
        report.held_until = now + timedelta(minutes=categoria.review_minutes)
        note(report, at=now, event="held", details={"flags": report.flags})
        return []
    return pass_on(parts, report, event="passed", now=now)


def _evidence(report: Report) -> list[PhotoEvidence]:
    """What each photo claims; an account of the past may well bring old ones, from elsewhere."""
    claims = attachments.claims_of(report.id)
    if report.kind in FORMAL_KINDS:
        return [PhotoEvidence(None, None, is_broken) for _, _, is_broken in claims]
    return [PhotoEvidence(*each) for each in claims]


def pass_on(
    parts: Parts, report: Report, *, event: str, now: datetime, staff_id: int | None = None
) -> list[Ring]:
    """The report goes forward, by the machines' word, a person's, or because time ran out."""
    report.moderation = Moderation.PASSED
    report.held_until = None
    note(report, at=now, event=event, staff_id=staff_id)
    if report.is_urgent or report.state is not State.RECEIVED:
        return []  # it went forward before
    categoria = parts.catalog.subject(report.categoria)
    report.acknowledge_by = acknowledge_by(categoria, now)
    return deliver(report, report.unit_id, Purpose.DELIVERY, now)


# Forwarding


def forward(parts: Parts, envio_id: UUID, now: datetime) -> None:
    """Make one delivery: claim, send outside any transaction, record how it went."""
    with transaction():
        envio = outbox.claim(Envio, envio_id, now, FORWARDING_LEASE_SECONDS)
        if envio is None or _is_overtaken(envio, now):
            return
        delivery = forwarding.load_delivery(envio)
    result = forwarding.send(delivery, parts.settings)
    with transaction():
        ended = clock.now()  # a slow receiver may have taken longer than the first backoff
        recorded = forwarding.record_result(delivery, result, ended)
        if recorded is not None and recorded.channel is Channel.DESK:
            _arrive_on_desk(recorded, ended)


def _is_overtaken(envio: Envio, now: datetime) -> bool:
    """End a message to a unit that handed the case over before it could be sent."""
    handovers = db.session.scalar(select(Report.handovers).where(Report.id == envio.report_id))
    if envio.channel is Channel.DESK or envio.handover == handovers:
        return False
    outbox.record_done(envio, now)
    envio.last_error = "No se envió: el caso pasó antes a otra unidad."
    return True


def _arrive_on_desk(envio: Envio, now: datetime) -> None:
    report = db.session.get_one(Report, envio.report_id, with_for_update=True)
    if envio.purpose is Purpose.REMINDER:
        report.updated_at = now  # the desk shows the term whatever the state
    elif envio.purpose is Purpose.ESCALATION:
        if envio.handover != report.handovers or report.state not in UNSEEN_STATES:
            return  # it was handed over or seen meanwhile: nobody above is missing anything
        # Notices may arrive late and out of order: a higher level stays.
        report.escalated_unit_id = report.escalated_unit_id or envio.unit_id
        note(report, at=now, event="escalated", details={"to_unit": envio.unit_id})
    elif report.state is State.RECEIVED:
        move(report, State.FORWARDED, at=now, event="forwarded")
    else:
        report.updated_at = now


def deliver(report: Report, unit_id: int, purpose: Purpose, now: datetime) -> list[Ring]:
    """Owe one delivery of the report as it stands now."""
    told = [(unit_id, purpose)]
    return [plan_envios(report.id, report.handovers, told, report.priority, now)]


def plan_envios(
    report_id: UUID, handover: int, told: list[tuple[int, Purpose]], priority: int, now: datetime
) -> Ring:
    """Owe the deliveries to each unit, for its reason; the ring for the new ones."""
    queue = queue_for(priority)
    envio_ids = forwarding.plan_envios(report_id, handover, told, queue, now)
    return Ring("forward", tuple(str(envio_id) for envio_id in envio_ids), queue)


# Handing over


def hand_over(parts: Parts, report: Report, unit_id: int, now: datetime) -> list[Ring]:
    """Give the report to another unit's desk; the former owner keeps a glimpse of it.

    Whoever asks, and however: never to a unit that must not learn of it.
    """
    if not who_may_know(report, [unit_id]):
        raise wrong_field("unidad", "Esa unidad no puede recibir este reporte. Elija otra.")
    reports.end_glimpse(report.id, unit_id)
    reports.let_glimpse(report.id, [report.unit_id], GlimpseReason.FORMER_OWNER, now)
    report.unit_id = unit_id
    report.sector_id = None
    report.escalated_unit_id = None
    report.handovers += 1
    if report.answer_by is not None and report.remind_at is None:
        report.remind_at = now  # the term comes along, and its reminder went to the other desk
    return expect_acknowledgement(parts, report, now)


def expect_acknowledgement(parts: Parts, report: Report, now: datetime) -> list[Ring]:
    """Put the report on its unit's desk anew and start the clock of the acknowledgement."""
    report.acknowledged_at = None
    report.acknowledged_by = None
    report.acknowledge_by = acknowledge_by(parts.catalog.subject(report.categoria), now)
    return deliver(report, report.unit_id, Purpose.DELIVERY, now)


def _begin_term(parts: Parts, report: Report, now: datetime) -> None:
    asunto = parts.catalog.asuntos.get(report.categoria)
    if asunto is not None:
        term = term_of(asunto, now)
        report.answer_by, report.remind_at = term.answer_by, term.remind_at


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
        report.escalated_unit_id = None  # who was told of the first time has to be told again
        report.handovers += 1
        _begin_term(parts, report, now)
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
        if outbox.claim(ReportTask, identity, now, RISK_MAP_LEASE_SECONDS) is None:
            return
    # On its own, so that a failure does not take the counted attempt back.
    with transaction():
        riskmap.feed(report_id, parts.catalog)
        outbox.record_done(db.session.get_one(ReportTask, identity), now)


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
    rings += [
        Ring("check_padron", (str(one.id),), PADRON) for one in outbox.due(PadronImport, now, limit)
    ]
    db.session.rollback()
    parts.doorbell.ring_again(rings)
    return len(rings)


def queue_for(priority: int) -> str:
    """The queue of a report without photos to derive."""
    return URGENT if priority == 1 else NORMAL


def arrives_at(categoria: Categoria, received_at: datetime) -> datetime:
    """When a report received then comes to its desk: at once, or with the next shift.

    By shifts come matters whose very minute would tell who was there (docs/catalogo.md).
    """
    is_batched = isinstance(categoria, Asunto) and categoria.batched
    return clock.next_shift(received_at) if is_batched and not categoria.is_urgent else received_at


def acknowledge_by(categoria: Categoria, now: datetime) -> datetime:
    """When a report of this category that reaches a desk now is overdue."""
    return now + timedelta(minutes=categoria.acknowledge_minutes)
