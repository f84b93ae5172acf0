"""Reads deliveries and channels for the panel and the metrics."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, tuple_

from backend.db import db
from backend.forwarding.models import Channel, Envio, UnitChannel
from backend.outbox import WAITING, WorkState
from backend.reports.models import Report
from backend.territory.models import PoliceUnit

PAGE_ROWS = 50


@dataclass(frozen=True)
class FailedEnvio:
    """A delivery that was given up, as the panel lists it."""

    id: UUID
    report_id: UUID
    numero: str
    unit_id: int
    unit_name: str | None
    channel: Channel
    purpose: str
    attempts: int
    error: str | None
    failed_at: datetime
    hides_minute: bool


@dataclass(frozen=True)
class EnvioCount:
    """How many deliveries of a channel wait or have failed."""

    channel: Channel
    state: WorkState
    count: int


def failed_envios(
    condition: ColumnElement[bool],
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = PAGE_ROWS,
) -> list[FailedEnvio]:
    """Failed deliveries of the reports within `condition` (on `Report`), the latest first.

    The next page comes `after` the last row's `(failed_at, id)`.
    """
    query = (
        select(
            Envio.id,
            Envio.report_id,
            Report.numero,
            Envio.unit_id,
            PoliceUnit.name,
            Envio.channel,
            Envio.purpose,
            Envio.attempts,
            Envio.last_error,
            Envio.finished_at,
            and_(Report.is_sensible, Report.priority != 1),
        )
        .join(Report, Report.id == Envio.report_id)
        .join(PoliceUnit, PoliceUnit.id == Envio.unit_id)
        .where(Envio.work_state == WorkState.FAILED, condition)
        .order_by(Envio.finished_at.desc(), Envio.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Envio.finished_at, Envio.id) < after)
    return [FailedEnvio(*row) for row in db.session.execute(query)]


def envio_counts() -> list[EnvioCount]:
    """Deliveries that wait or failed, by channel; those done are too many to count."""
    query = (
        select(Envio.channel, Envio.work_state, func.count())
        .where(Envio.work_state.in_((*WAITING, WorkState.FAILED)))
        .group_by(Envio.channel, Envio.work_state)
    )
    return [
        EnvioCount(Channel(channel), WorkState(state), count)
        for channel, state, count in db.session.execute(query)
    ]


def oldest_waiting() -> datetime | None:
    """When the delivery that has waited longest was planned; None when nothing waits."""
    query = select(func.min(Envio.created_at)).where(Envio.work_state.in_(WAITING))
    return db.session.scalar(query)


def channels_of(unit_id: int) -> Sequence[UnitChannel]:
    """The unit's channels besides its desk, those in use first."""
    query = (
        select(UnitChannel)
        .where(UnitChannel.unit_id == unit_id)
        .order_by(UnitChannel.active.desc(), UnitChannel.id)
    )
    return db.session.scalars(query).all()


def channel_page(after: int = 0, limit: int = PAGE_ROWS) -> list[tuple[UnitChannel, PoliceUnit]]:
    """Every unit's channels with their units, in the order they were made."""
    query = (
        select(UnitChannel, PoliceUnit)
        .join(PoliceUnit, PoliceUnit.id == UnitChannel.unit_id)
        .where(UnitChannel.id > after)
        .order_by(UnitChannel.id)
        .limit(limit)
    )
    return list(db.session.execute(query).tuples())


def secrets_to_rewrap(version: int, after: int | None, limit: int) -> Sequence[UnitChannel]:
    """Channels with a secret under another master key than `version`, locked, in order of id."""
    query = (
        select(UnitChannel)
        .where(UnitChannel.secret_key_version != version)
        .order_by(UnitChannel.id)
        .limit(limit)
        .with_for_update()
    )
    if after is not None:
        query = query.where(UnitChannel.id > after)
    return db.session.scalars(query).all()


def secrets_by_key() -> dict[int, int]:
    """How many channels' secrets lie under each version of the master key."""
    version = UnitChannel.secret_key_version
    query = select(version, func.count()).where(version.is_not(None)).group_by(version)
    return {one: count for one, count in db.session.execute(query).tuples() if one is not None}
