"""That a junta told something, and that it saw what others confirmed."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, Word
from backend.territory.models import one_of


class InformeKind(StrEnum):
    """What A 28 counts (seed 002): the classifier's first level tells a crime from a falta."""

    DELITO = "delito"
    FALTA = "falta"
    FACTOR_DE_RIESGO = "factor_de_riesgo"
    OTRO = "otro"


class Source(StrEnum):
    """Who saw it: of the neighbour who told, nothing else is ever asked or kept."""

    OWN = "propia"
    NEIGHBOUR = "vecino"


class Informe(Base):
    """A report that came from a junta.

    Of a sensible matter neither the report nor the day is kept, only that the junta told of one
    in that month: who can read this table must not find out who told of whom.
    """

    __tablename__ = "informe"
    __table_args__ = (
        CheckConstraint(one_of("kind", InformeKind), name="kind_known"),
        CheckConstraint(one_of("source", Source), name="source_known"),
        CheckConstraint(
            "report_id IS NOT NULL OR extract(day FROM told_on) = 1", name="sensible_by_month"
        ),
        Index("ix_informe_junta", "junta_id", "told_on", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    junta_id: Mapped[UUID] = mapped_column(ForeignKey("junta_vecinal.id"))
    report_id: Mapped[UUID | None] = mapped_column(ForeignKey("report.id"), unique=True)
    kind: Mapped[InformeKind] = mapped_column(Word(InformeKind))
    source: Mapped[Source] = mapped_column(Word(Source))
    # Lima's day; of a sensible matter the first of its month.
    told_on: Mapped[date]


class JuntaConfirmation(Base):
    """ "Yo también lo vi": a junta saw what was confirmed in a cell of its area on a day.

    The day is the fact's: when the coordinator said so is nobody's business.
    """

    __tablename__ = "junta_confirmation"
    __table_args__ = (Index("ix_junta_confirmation_cell", "cell", "day"),)

    junta_id: Mapped[UUID] = mapped_column(
        ForeignKey("junta_vecinal.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    cell: Mapped[str] = mapped_column(String(15), primary_key=True)  # H3, resolution 9
    categoria: Mapped[str] = mapped_column(primary_key=True)
