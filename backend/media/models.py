"""The row of each received photo: its sealed original, what was derived, and the claims in it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, Word
from backend.photo_headers import CONTENT_TYPES
from backend.sealing import Sealed, SealedKey
from backend.territory.models import WGS84, one_of

MAX_PHOTOS = 4
# What the author of a denuncia may add later comes on top.
MAX_PHOTOS_OF_CASE = 12
NAME_LENGTH = 32

INSTANT = DateTime(timezone=True)
PictureSize = Literal["large", "small"]
Part = Literal["original", "large", "small"]
PARTS: tuple[Part, ...] = ("original", "large", "small")


class AttachmentState(StrEnum):
    """Whether there is a picture to show."""

    PENDING = "pending"
    DERIVED = "derived"
    FAILED = "failed"


def _all_or_none(part: str) -> str:
    """The SQL condition that a sealed file's columns are known together or not at all."""
    columns = f"{part}_name, {part}_key, {part}_key_version, {part}_size_bytes"
    return f"num_nulls({columns}) IN (0, 4)"


class Attachment(Base):
    """One photo of a report. Names of files are random; the sender's file name is not kept."""

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("report_id", "position", name="uq_attachment_position"),
        CheckConstraint(f"position BETWEEN 1 AND {MAX_PHOTOS_OF_CASE}", name="position_range"),
        CheckConstraint(one_of("state", AttachmentState), name="state_known"),
        CheckConstraint(
            f"content_type IN ({', '.join(repr(kind) for kind in CONTENT_TYPES)})",
            name="content_type_known",
        ),
        CheckConstraint("size_bytes > 0", name="size_positive"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_hex"),
        CheckConstraint(_all_or_none("large"), name="large_whole"),
        CheckConstraint(_all_or_none("small"), name="small_whole"),
        CheckConstraint(
            "(state = 'derived') = (large_name IS NOT NULL AND small_name IS NOT NULL)",
            name="derived_has_pictures",
        ),
        CheckConstraint(
            "(state = 'failed') = (failure_reason IS NOT NULL)", name="failed_has_reason"
        ),
        CheckConstraint("(state = 'pending') = (finished_at IS NULL)", name="finished_has_time"),
        # No index on report_id alone: the one of uq_attachment_position begins with it.
        Index("ix_attachment_pending", "created_at", postgresql_where=text("state = 'pending'")),
        Index("ix_attachment_original_name", "original_name", unique=True),
        Index("ix_attachment_large_name", "large_name", unique=True),
        Index("ix_attachment_small_name", "small_name", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    content_type: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[AttachmentState] = mapped_column(
        Word(AttachmentState), server_default=text("'pending'")
    )
    failure_reason: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(INSTANT)
    finished_at: Mapped[datetime | None] = mapped_column(INSTANT)

    original_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    original_key: Mapped[bytes] = mapped_column(LargeBinary)
    original_key_version: Mapped[int] = mapped_column(SmallInteger)

    large_name: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    large_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    large_key_version: Mapped[int | None] = mapped_column(SmallInteger)
    large_size_bytes: Mapped[int | None]

    small_name: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    small_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    small_key_version: Mapped[int | None] = mapped_column(SmallInteger)
    small_size_bytes: Mapped[int | None]

    width: Mapped[int | None]  # of the original, upright
    height: Mapped[int | None]
    photo_taken_at: Mapped[datetime | None] = mapped_column(INSTANT)
    photo_point: Mapped[Any | None] = mapped_column(
        Geometry("POINT", srid=WGS84, spatial_index=False)
    )

    @property
    def original_sealed(self) -> SealedKey:
        """What opens the bytes as they were received."""
        return SealedKey(self.original_name, self.original_key, self.original_key_version)

    def sealed_key(self, part: Part) -> SealedKey | None:
        """What opens one of the three files, or None while there is none."""
        name, key = getattr(self, f"{part}_name"), getattr(self, f"{part}_key")
        if name is None or key is None:
            return None
        return SealedKey(name, key, getattr(self, f"{part}_key_version"))


@dataclass(frozen=True)
class PendingPhoto:
    """What deriving needs to know of an attachment."""

    id: UUID
    original: SealedKey


@dataclass(frozen=True)
class DerivedPhoto:
    """The sealed pictures of one attachment and its claims, not yet recorded."""

    large: Sealed
    small: Sealed
    width: int
    height: int
    taken_at: datetime | None
    gps: tuple[float, float] | None


@dataclass(frozen=True)
class Attempt:
    """How deriving one photo went: pictures, or why there are none and whether to try again."""

    photo: PendingPhoto
    derived: DerivedPhoto | None = None
    failure: str | None = None
    is_worth_another_try: bool = False
