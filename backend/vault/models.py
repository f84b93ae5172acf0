"""Sealed identities and the trace of every opening, in a schema of their own.

The application's role may only add persons: it reads neither what is sealed nor whose it is.
Functions of the schema do the rest (migration 2026_11_21_05, docs/decisions/0012-vault.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base

SCHEMA = "vault"
INSTANT = DateTime(timezone=True)


class Person(Base):
    """One sealed identity (or number, or exact place); `case_person` has its label by its id.

    No foreign keys: whatever reads the case cannot be joined to this, and it may move elsewhere.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint(
            "(document_index IS NULL) = (document_index_version IS NULL)",
            name="document_index_has_version",
        ),
        Index(
            "ix_person_document_index",
            "document_index",
            postgresql_where=text("document_index IS NOT NULL"),
        ),
        {"schema": SCHEMA},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    report_id: Mapped[UUID]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key_version: Mapped[int] = mapped_column(SmallInteger)
    document_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    document_index_version: Mapped[int | None] = mapped_column(SmallInteger)
    created_at: Mapped[datetime] = mapped_column(INSTANT)


class Opening(Base):
    """That somebody opened an identity, and why; written by the schema's function, appended."""

    __tablename__ = "opening"
    __table_args__ = (
        CheckConstraint("btrim(reason) <> ''", name="reason_given"),
        CheckConstraint("btrim(words) <> ''", name="words_given"),
        Index("ix_opening_report", "report_id", "id"),
        Index("ix_opening_staff", "staff_id", "at"),
        {"schema": SCHEMA},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[UUID]
    report_id: Mapped[UUID]
    staff_id: Mapped[int]
    unit_id: Mapped[int | None]
    reason: Mapped[str]
    words: Mapped[str]
    # The database's clock and transaction, which whoever opens cannot choose.
    at: Mapped[datetime] = mapped_column(INSTANT, server_default=text("clock_timestamp()"))
    written_by: Mapped[int] = mapped_column(BigInteger)


class Member(Base):
    """Who a member of a junta vecinal is, sealed; `junta_member` has the rest under the same id.

    The document's index is keyed by the unit as well: equal documents in the rosters of two units
    cannot be told to be equal.
    """

    __tablename__ = "member"
    __table_args__ = (
        Index("ix_member_document_index", "document_index"),
        Index("ix_member_import", "import_id", postgresql_where=text("import_id IS NOT NULL")),
        {"schema": SCHEMA},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[int]
    import_id: Mapped[UUID | None]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key_version: Mapped[int] = mapped_column(SmallInteger)
    document_index: Mapped[bytes] = mapped_column(LargeBinary)
    document_index_version: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[datetime] = mapped_column(INSTANT)


class Reading(Base):
    """That somebody read names of a roster, whose, and why; written by the schema's function."""

    __tablename__ = "reading"
    __table_args__ = (
        CheckConstraint("btrim(reason) <> ''", name="reason_given"),
        CheckConstraint("cardinality(member_ids) > 0", name="members_named"),
        Index("ix_reading_staff", "staff_id", "at"),
        Index("ix_reading_unit", "unit_id", "id"),
        {"schema": SCHEMA},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    # What the names are asked for by: numbers follow each other, and anybody could guess one.
    handle: Mapped[UUID] = mapped_column(unique=True, server_default=text("gen_random_uuid()"))
    staff_id: Mapped[int]
    unit_id: Mapped[int]
    junta_id: Mapped[UUID | None]
    export_id: Mapped[UUID | None]
    member_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    reason: Mapped[str]
    at: Mapped[datetime] = mapped_column(INSTANT, server_default=text("clock_timestamp()"))
    written_by: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True)
class NewMember:
    """Who a member is, before it is sealed: the keys of `MEMBER_FIELDS`."""

    id: UUID
    data: Mapping[str, Any] = field(repr=False)


# What the vault keeps of a member; the document is the last two.
MEMBER_FIELDS = (
    "nombres",
    "apellido_paterno",
    "apellido_materno",
    "celular",
    "tipo_documento",
    "numero_documento",
)


@dataclass(frozen=True)
class NewPerson:
    """What `keep` seals: the whole `identidad`, and its document for finding equal ones."""

    id: UUID
    data: Mapping[str, Any] = field(repr=False)
    document: tuple[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class OpeningCount:
    """How often a case's identities were opened, and by how many members of staff."""

    times: int
    people: int
