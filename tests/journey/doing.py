"""What workers and the scheduler would do, done at once and in order, as functions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend import clock, outbox
from backend.db import db
from backend.forwarding.models import Envio
from backend.parts import Parts
from backend.queue import Ring
from backend.reports.models import HistoryEntry, Report, ReportTask
from workers import jobs

# More rounds than any story has steps: a row that stays due would go round for ever.
MOST_ROUNDS = 10


class Bell:
    """A doorbell that only remembers who rang."""

    def __init__(self) -> None:
        self.rings: list[Ring] = []

    def ring(self, rings: Sequence[Ring]) -> bool:
        self.rings += rings
        return True

    def ring_again(self, rings: Sequence[Ring]) -> bool:
        return self.ring(rings)

    def count_recent(self, *_: object) -> int:
        return 0

    def is_reachable(self) -> bool:
        return True


def with_bell(parts: Parts) -> tuple[Parts, Bell]:
    bell = Bell()
    return replace(parts, doorbell=bell), bell


def do_all_work(parts: Parts) -> int:
    """Run the job of every due row until none is left; how many ran."""
    ran = 0
    for _ in range(MOST_ROUNDS):
        due = due_rings(clock.now())
        if not due:
            return ran
        for ring in due:
            getattr(jobs, ring.job)(*ring.identities)
            ran += 1
    raise AssertionError(f"still due after {MOST_ROUNDS} rounds: {due}")


def due_rings(now: datetime) -> list[Ring]:
    """What the sweep would ring for, urgent work first."""
    rings = [
        Ring(task.step.value, (str(task.report_id),), task.queue)
        for task in outbox.due(ReportTask, now, 100)
    ]
    rings += [
        Ring("forward", (str(envio.id),), envio.queue) for envio in outbox.due(Envio, now, 100)
    ]
    db.session.rollback()
    return sorted(rings, key=lambda ring: ring.queue != "urgente")


def fresh(report_id: UUID) -> Report:
    """The report as it now stands in the database."""
    db.session.rollback()
    return db.session.get_one(Report, report_id, populate_existing=True)


def events(report_id: UUID) -> list[str]:
    """The report's history in one word each."""
    db.session.rollback()
    query = (
        select(HistoryEntry.event)
        .where(HistoryEntry.report_id == report_id)
        .order_by(HistoryEntry.id)
    )
    return list(db.session.scalars(query))


def envios_of(report_id: UUID) -> list[Envio]:
    db.session.rollback()
    query = select(Envio).where(Envio.report_id == report_id).order_by(Envio.created_at, Envio.id)
    return list(db.session.scalars(query))
