"""What staff do to the desk itself: attend it, and retry what was given up; the panel calls it."""

from datetime import datetime
from uuid import UUID

from backend import outbox
from backend.db import db, transaction
from backend.errors import Conflict, NotFound
from backend.forwarding import services as forwarding
from backend.identity.models import Staff
from backend.identity.services import audit
from backend.parts import Parts
from backend.queue import Ring
from backend.reports.models import ReportTask, Step
from backend.reports.queries import report_for, visible_to
from backend.reports.services import HEARTBEAT_EVERY, beat


def attend_desk(staff: Staff, beaten_at: datetime | None, now: datetime) -> None:
    """The open desk calls home; written down at most every fifteen seconds."""
    if staff.unit_id is None or (beaten_at is not None and beaten_at > now - HEARTBEAT_EVERY):
        return
    with transaction():
        beat(staff.unit_id, now)


def retry_envio(parts: Parts, staff: Staff, envio_id: UUID, now: datetime) -> None:
    """Another round of attempts for a delivery that was given up."""
    with transaction():
        envio = forwarding.retry_failed(envio_id, visible_to(staff), now)
        audit(staff.id, "envio_retried", report_id=envio.report_id, channel=envio.channel)
        ring = Ring("forward", (str(envio.id),), envio.queue)
    parts.doorbell.ring([ring])


def retry_task(parts: Parts, staff: Staff, report_id: UUID, step: Step, now: datetime) -> None:
    """Another round of attempts for a step of the journey that was given up."""
    with transaction():
        report_for(staff, report_id)
        task = db.session.get(ReportTask, (report_id, step), with_for_update=True)
        if task is None:
            raise NotFound("No encontramos esa tarea.")
        if task.work_state != outbox.WorkState.FAILED:
            raise Conflict("Esa tarea ya no está fallida. Actualice la página.")
        outbox.try_again(task, now)
        audit(staff.id, "task_retried", report_id=report_id, step=step)
        ring = Ring(step.value, (str(report_id),), task.queue)
    parts.doorbell.ring([ring])
