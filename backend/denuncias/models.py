"""The formal part of a denuncia or queja, apart from the report that carries it.

No row here holds anybody's identity: persons are labels, and what is behind a label lies in the
vault under the same id (`backend.vault`).
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, Word
from backend.reports.models import INSTANT
from backend.territory.models import one_of

MAX_LABEL = 40


class Verdict(StrEnum):
    """What an auditor thinks of the opening of an identity."""

    JUSTIFIED = "justificada"
    QUESTIONED = "observada"


class Denuncia(Base):
    """The checked form as the author sent it, but with labels in the place of identities."""

    __tablename__ = "denuncia"
    __table_args__ = (
        CheckConstraint("(ratified_at IS NULL) = (ratified_by IS NULL)", name="ratified_by_staff"),
    )

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), primary_key=True)
    datos: Mapped[dict[str, Any]] = mapped_column(JSONB)
    # Confirmed by its author before an officer, "ratificada en persona".
    ratified_at: Mapped[datetime | None] = mapped_column(INSTANT)
    ratified_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class Calificacion(Base):
    """One legal name for what happened (domain.md §2.1: a fact may have several); appended."""

    __tablename__ = "calificacion"
    __table_args__ = (Index("uq_calificacion_report_codigo", "report_id", "codigo", unique=True),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"))
    codigo: Mapped[str] = mapped_column(String(6))
    at: Mapped[datetime] = mapped_column(INSTANT)
    # Null: as the author's own answers said.
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class CasePerson(Base):
    """Somebody (or some number) behind a label; the vault has the rest under the same id."""

    __tablename__ = "case_person"
    __table_args__ = (
        CheckConstraint(f"length(label) BETWEEN 1 AND {MAX_LABEL}", name="label_length"),
        Index("uq_case_person_report_label", "report_id", "label", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"))
    role: Mapped[str]
    position: Mapped[int] = mapped_column(SmallInteger)
    label: Mapped[str]


class Constancia(Base):
    """The signed receipt of a denuncia, as it was issued; the key of that day verifies it."""

    __tablename__ = "constancia"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), primary_key=True)
    payload: Mapped[str]
    key_version: Mapped[int] = mapped_column(SmallInteger)
    issued_at: Mapped[datetime] = mapped_column(INSTANT)


class OpeningReview(Base):
    """An auditor's word on one opening of an identity (`vault.opening`); appended."""

    __tablename__ = "opening_review"
    __table_args__ = (CheckConstraint(one_of("verdict", Verdict), name="verdict_known"),)

    opening_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(INSTANT)
    verdict: Mapped[Verdict] = mapped_column(Word(Verdict))
    words: Mapped[str] = mapped_column(server_default=text("''"))
