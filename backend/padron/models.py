"""An import from its upload to its undoing, and an export from its request to its download."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, Word
from backend.outbox import Outbox, WorkState
from backend.territory.models import one_of

INSTANT = DateTime(timezone=True)
# Up to so many persons' names are read or taken out without a second person's word; the vault's
# own function knows the number, too (migration 2026_11_21_08).
ROWS_WITHOUT_APPROVAL = 50


class ImportState(StrEnum):
    """Where an import stands."""

    UPLOADED = "subida"
    CHECKED = "revisada"
    APPLIED = "aplicada"
    DISCARDED = "descartada"
    UNDONE = "deshecha"
    UNREADABLE = "ilegible"


class PadronImport(Outbox, Base):
    """One uploaded file: sealed until a worker has read it, then gone; the findings stay.

    The worker puts each person straight into the vault, from where nothing comes back to it.
    """

    __tablename__ = "padron_import"
    __table_args__ = (
        CheckConstraint(one_of("state", ImportState), name="state_known"),
        CheckConstraint(one_of("work_state", WorkState), name="work_state_known"),
        CheckConstraint("(sealed_file IS NULL) = (key_version IS NULL)", name="file_has_key"),
        CheckConstraint("(applied_at IS NULL) = (applied_by IS NULL)", name="applied_by_staff"),
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone_by_staff"),
        Index("ix_padron_import_unit", "unit_id", "created_at"),
        Index(
            "ix_padron_import_due",
            "next_attempt_at",
            postgresql_where=text("work_state IN ('pending', 'no_answer')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("police_unit.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    # A loader imports for the units below its own, and learns nothing of what they have.
    is_loader: Mapped[bool] = mapped_column(server_default=text("false"))
    file_name: Mapped[str]  # as its owner called it, until it is decided on
    # Megabytes that lists, sweeps and progress have no use for.
    sealed_file: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    key_version: Mapped[int | None] = mapped_column(SmallInteger)
    state: Mapped[ImportState] = mapped_column(Word(ImportState), server_default=text("'subida'"))
    rows_total: Mapped[int] = mapped_column(server_default=text("0"))
    rows_done: Mapped[int] = mapped_column(server_default=text("0"))
    rows_right: Mapped[int] = mapped_column(server_default=text("0"))
    # Rows of members that the unit has already, in the same junta: nothing changes.
    rows_known: Mapped[int] = mapped_column(server_default=text("0"))
    # Why the file could not be read at all, in words for the officer.
    problem: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(INSTANT)
    checked_at: Mapped[datetime | None] = mapped_column(INSTANT)
    applied_at: Mapped[datetime | None] = mapped_column(INSTANT)
    applied_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    undone_at: Mapped[datetime | None] = mapped_column(INSTANT)
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class PadronRow(Base):
    """A right row of a checked import, without the person; gone when applied or discarded."""

    __tablename__ = "padron_row"

    import_id: Mapped[UUID] = mapped_column(
        ForeignKey("padron_import.id", ondelete="CASCADE"), primary_key=True
    )
    row: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("police_unit.id"))
    junta_code: Mapped[str]
    member_id: Mapped[UUID]
    is_repeated: Mapped[bool] = mapped_column(server_default=text("false"))
    # The columns of junta, term and member, by name; nothing that says who.
    junta: Mapped[dict[str, Any]] = mapped_column(JSONB)
    member: Mapped[dict[str, Any]] = mapped_column(JSONB)


class PadronProblem(Base):
    """A wrong cell, in words, without what stands in it; or what is only worth knowing.

    Row 0 speaks of the file as a whole.
    """

    __tablename__ = "padron_problem"
    __table_args__ = (Index("ix_padron_problem_import", "import_id", "row", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    import_id: Mapped[UUID] = mapped_column(ForeignKey("padron_import.id", ondelete="CASCADE"))
    row: Mapped[int]
    cell: Mapped[str]  # as the spreadsheet names it, `F14`
    column: Mapped[str]
    message: Mapped[str]
    is_warning: Mapped[bool] = mapped_column(server_default=text("false"))


class ExportState(StrEnum):
    """Where an export stands; it is made anew at its download and stored nowhere."""

    ASKED = "pedida"
    APPROVED = "aprobada"
    REFUSED = "rechazada"
    DOWNLOADED = "descargada"


class PadronExport(Base):
    """That somebody asked for names as a file, who let them, and that they took it, once."""

    __tablename__ = "padron_export"
    __table_args__ = (
        CheckConstraint(one_of("state", ExportState), name="state_known"),
        CheckConstraint("decided_by <> asked_by", name="second_person"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided_by_staff"),
        CheckConstraint("rows > 0", name="rows_positive"),
        CheckConstraint(
            f"state IN ('pedida', 'rechazada') OR rows <= {ROWS_WITHOUT_APPROVAL}"
            " OR decided_by IS NOT NULL",
            name="many_rows_need_second_person",
        ),
        Index("ix_padron_export_unit", "unit_id", "asked_at"),
        # To undo an import, each of its juntas is looked up here.
        Index("ix_padron_export_junta", "junta_id", postgresql_where=text("junta_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("police_unit.id"))
    junta_id: Mapped[UUID | None] = mapped_column(ForeignKey("junta_vecinal.id"))
    format: Mapped[str]
    reason: Mapped[str]  # a code of `catalog.juntas.lecturas`
    rows: Mapped[int]
    state: Mapped[ExportState] = mapped_column(Word(ExportState))
    asked_at: Mapped[datetime] = mapped_column(INSTANT)
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(INSTANT)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    downloaded_at: Mapped[datetime | None] = mapped_column(INSTANT)
