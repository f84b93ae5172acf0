"""Reads what came of a junta's informes, and what others confirmed around it; never commits."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import h3
from sqlalchemy import ColumnElement, exists, func, select, text, tuple_

from backend.boards.models import Coordinator, JuntaTerm
from backend.boards.standing import RENEWED
from backend.catalog.juntas import JuntaTables, Logro
from backend.clock import LIMA, in_lima
from backend.db import db
from backend.informes.models import Informe, InformeKind, JuntaConfirmation, Source
from backend.reports.models import HistoryEntry, Kind, Message, MessageAuthor, Report
from backend.reports.states import OPEN_STATES, State

PAGE_ROWS = 20


class Cursor(NamedTuple):
    """Where the next page of informes begins: after this one."""

    received_at: datetime
    id: UUID


class Fate(NamedTuple):
    """An informe and how its report stands: never its words nor its place."""

    id: UUID
    kind: InformeKind
    told_on: date
    report_id: UUID
    report_kind: Kind
    categoria: str
    state: State
    outcome: str | None
    received_at: datetime
    updated_at: datetime

    @property
    def cursor(self) -> Cursor:
        """Where the next page begins."""
        return Cursor(self.received_at, self.id)


class Answer(NamedTuple):
    """What the desk wrote to the junta, and when."""

    text: str
    at: datetime


@dataclass
class Summary:
    """A month of a junta in numbers; nothing sensible is among them."""

    by_kind: Counter[InformeKind] = field(default_factory=Counter)
    achieved: Counter[Logro] = field(default_factory=Counter)
    acknowledged: int = 0
    closed: int = 0

    @property
    def told(self) -> int:
        return self.by_kind.total()

    @property
    def waiting(self) -> int:
        """What nobody has closed yet."""
        return self.told - self.closed


def fates_page(junta_id: UUID, after: Cursor | None = None, limit: int = PAGE_ROWS) -> list[Fate]:
    """The junta's informes, the newest first; of sensible ones nobody knows which they were."""
    query = (
        select(
            *(Informe.id, Informe.kind, Informe.told_on),
            *(Report.id, Report.kind, Report.categoria, Report.state, Report.outcome),
            *(Report.received_at, Report.updated_at),
        )
        .join(Report, Report.id == Informe.report_id)
        .where(Informe.junta_id == junta_id)
        .order_by(Report.received_at.desc(), Informe.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Report.received_at, Informe.id) < after)
    return [Fate(*row) for row in db.session.execute(query)]


def answers_to(report_ids: Collection[UUID]) -> dict[UUID, list[Answer]]:
    """What the desk wrote about several reports, oldest first, by one query; never who wrote."""
    found: dict[UUID, list[Answer]] = {report_id: [] for report_id in report_ids}
    query = (
        select(Message.report_id, Message.text, Message.at)
        .where(Message.report_id.in_(found), Message.author == MessageAuthor.UNIT)
        .order_by(Message.id)
    )
    for report_id, words, at in db.session.execute(query):
        found[report_id].append(Answer(words, at))
    return found


def reserved_in(junta_id: UUID, member_id: UUID, month: date) -> int:
    """How many sensible matters the junta told of in the month that begins on that day.

    None, for a member who was not alone in having an access in that month: the count would tell
    of whoever came before, or coordinates beside them.
    """
    query = select(func.count()).where(
        Informe.junta_id == junta_id,
        Informe.report_id.is_(None),
        Informe.told_on == month,
        ~_access_of_another(junta_id, member_id, month),
    )
    return db.session.scalar(query) or 0


def _access_of_another(junta_id: UUID, member_id: UUID, month: date) -> ColumnElement[bool]:
    """Whether anybody else could have told in that month, or since.

    Also under the member's own number: it is somebody else's where the person was put right, and
    a phone that was lost spoke for whoever had it.
    """
    is_own = Coordinator.revoke_reason.is_(None) | (Coordinator.revoke_reason == RENEWED)
    midnight = datetime.combine(month, time(), LIMA)
    return exists().where(
        Coordinator.junta_id == junta_id,
        (Coordinator.member_id != member_id) | ~is_own,
        Coordinator.valid_until >= month,
        Coordinator.revoked_at.is_(None) | (Coordinator.revoked_at >= midnight),
    )


def first_day(junta_id: UUID) -> date | None:
    """The first day on which the junta was ever in force."""
    query = select(func.min(JuntaTerm.valid_from)).where(JuntaTerm.junta_id == junta_id)
    return db.session.scalar(query)


def summary_of(junta_id: UUID, month: date, tables: JuntaTables) -> Summary:
    """What the junta told in the month that begins on that day, and how that stands now."""
    rows = db.session.execute(
        select(
            Informe.kind,
            Report.state,
            Report.outcome,
            func.count(),
            func.count().filter(_was_seen()),
        )
        .join(Report, Report.id == Informe.report_id)
        .where(Informe.junta_id == junta_id, Informe.told_on.between(month, last_day_of(month)))
        .group_by(Informe.kind, Report.state, Report.outcome)
    )
    summary = Summary()
    for kind, state, outcome, times, acknowledged in rows:
        summary.by_kind[kind] += times
        summary.acknowledged += acknowledged
        summary.closed += 0 if state in OPEN_STATES else times
        logro = logro_of(state, outcome, tables)
        if logro is not None:
            summary.achieved[logro] += times
    return summary


def _was_seen() -> ColumnElement[bool]:
    """Whether somebody of the police took note of a report, ever: reopened, or handed over, it
    waits for another to do so; and who rejects it has seen it. As the proof counts it."""
    seen = HistoryEntry.event.in_(("acknowledged", "rejected"))
    return exists().where(HistoryEntry.report_id == Report.id, seen).correlate(Report)


def logro_of(state: State, outcome: str | None, tables: JuntaTables) -> Logro | None:
    """What a closed report led to, as the proof counts it."""
    found = tables.logros.get(outcome or "") if state is State.RESOLVED else None
    return found.logro if found else None


def last_day_of(month: date) -> date:
    """The last day of the month that begins on that day."""
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)


# What neighbours confirm


def yesterday(now: datetime) -> date:
    """The day in Lima whose confirmed facts a junta reads."""
    return in_lima(now).date() - timedelta(days=1)


def confirmed_in(junta_id: UUID, day: date) -> dict[str, list[str]]:
    """Which categories the police verified that day, by res-9 cell that the junta's area touches.

    Only what may stand on a public map, and nothing that this very junta told: it would confirm
    itself. Cells, because the point of a fact could be a home.
    """
    cells = list(db.session.scalars(_TOUCHED, {"junta": junta_id}))
    rows = db.session.execute(_CONFIRMED, _in_cells(junta_id, cells, day)) if cells else ()
    found: dict[str, list[str]] = {}
    for cell, categoria in rows:
        found.setdefault(cell, []).append(categoria)
    return found


def said_by(junta_id: UUID, day: date) -> set[tuple[str, str]]:
    """The cells and categories of that day of which the junta said that it saw them, too."""
    query = select(JuntaConfirmation.cell, JuntaConfirmation.categoria).where(
        JuntaConfirmation.junta_id == junta_id, JuntaConfirmation.day == day
    )
    return set(db.session.execute(query).tuples())


def _in_cells(junta_id: UUID, cells: Collection[str], day: date) -> dict[str, Any]:
    midnight = datetime.combine(day, time(), LIMA)
    return {
        "junta": junta_id,
        "cells": cells,
        "parents": list({h3.cell_to_parent(cell, 7) for cell in cells}),
        "since": midnight,
        "until": midnight + timedelta(days=1),
    }


# The risk map's rows, read as text: the steps do not know each other.
_TOUCHED = text("""
    SELECT h.cell FROM junta_vecinal j
    JOIN risk_hexagon h ON h.resolution = 9 AND ST_Intersects(h.geom, ST_Transform(j.geom, 3857))
    WHERE j.id = :junta
""")
_CONFIRMED = text("""
    SELECT DISTINCT f.cell_9, f.categoria FROM risk_fact f
    WHERE f.cell_7 = ANY(:parents) AND f.cell_9 = ANY(:cells) AND f.is_public
      AND f.verified_at >= :since AND f.verified_at < :until
      AND NOT EXISTS (SELECT FROM informe i WHERE i.report_id = f.report_id AND i.junta_id = :junta)
    ORDER BY f.cell_9, f.categoria
""")


# For the case


def source_of(report_id: UUID) -> Source | None:
    """Whether the coordinator or a neighbour saw it, if a junta told of this report at all."""
    return db.session.scalar(select(Informe.source).where(Informe.report_id == report_id))


def confirmations_of(report_id: UUID) -> int:
    """How many juntas said of its cell, category and day of verification that they saw it, too."""
    return db.session.scalar(_CONFIRMATIONS, {"report": report_id}) or 0


_CONFIRMATIONS = text("""
    SELECT count(*) FROM risk_fact f JOIN junta_confirmation c
      ON c.cell = f.cell_9 AND c.categoria = f.categoria
     AND c.day = CAST(f.verified_at AT TIME ZONE 'America/Lima' AS date)
    WHERE f.report_id = :report
""")
