"""Which units may glimpse a report, must never know of it, and have their desk open.

`reports.services` writes it, `reports.queries` and `reports.barred` go by it.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, Word
from backend.reports.models import INSTANT
from backend.territory.models import one_of


class GlimpseReason(StrEnum):
    """Why a unit that does not own the report may know something of it."""

    NEIGHBOUR = "vecina"
    FORMER_OWNER = "transferida"


class Glimpse(Base):
    """A unit that may know of a report without owning it, and why."""

    __tablename__ = "glimpse"
    __table_args__ = (
        CheckConstraint(one_of("reason", GlimpseReason), name="reason_known"),
        Index("ix_glimpse_unit", "unit_id", "since"),
    )

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("police_unit.id"), primary_key=True)
    reason: Mapped[GlimpseReason] = mapped_column(Word(GlimpseReason))
    since: Mapped[datetime] = mapped_column(INSTANT)


class ComplaintBar(Base):
    """A unit that must never learn that this queja exists.

    The unit complained of, with everything below it; and units above it, each by itself, up to
    the first that is independent and not complained of.
    """

    __tablename__ = "complaint_bar"
    __table_args__ = (Index("ix_complaint_bar_unit", "unit_id"),)

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("police_unit.id"), primary_key=True)
    is_accused: Mapped[bool]


class DeskHeartbeat(Base):
    """When somebody of a unit last had its desk open."""

    __tablename__ = "desk_heartbeat"

    unit_id: Mapped[int] = mapped_column(ForeignKey("police_unit.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(INSTANT)
