"""Districts, police units and jurisdictions, as rows with validity dates."""

from datetime import date
from enum import StrEnum
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, Word

WGS84 = 4326
FALLBACK_DESK_CODE = "SIN-JURISDICCION"


class UnitKind(StrEnum):
    """Levels of the police hierarchy that the system knows (domain.md §2.4)."""

    REGION = "region"
    DIVPOL = "divpol"
    COMISARIA = "comisaria"
    SPECIALISED = "especializada"
    SECTOR = "sector"
    FALLBACK_DESK = "mesa"


# Only these may be chosen to receive quejas: nobody stands below them whose boss they are.
DESKS_FOR_QUEJAS = (UnitKind.SPECIALISED, UnitKind.FALLBACK_DESK)


def one_of(column: str, values: type[StrEnum]) -> str:
    """The SQL condition of a CHECK constraint that allows just the enum's values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"


class District(Base):
    """A district by its INEI ubigeo; the first two digits are the department, four the province."""

    __tablename__ = "district"
    __table_args__ = (
        CheckConstraint("ubigeo ~ '^[0-9]{6}$'", name="ubigeo_six_digits"),
        CheckConstraint(
            "ubigeo_reniec IS NULL OR ubigeo_reniec ~ '^[0-9]{6}$'", name="reniec_six_digits"
        ),
        Index("ix_district_geom", "geom", postgresql_using="gist"),
        Index("ix_district_province", text("left(ubigeo, 4)")),
    )

    ubigeo: Mapped[str] = mapped_column(String(6), primary_key=True)
    ubigeo_reniec: Mapped[str | None] = mapped_column(String(6))
    name: Mapped[str]
    province: Mapped[str]
    department: Mapped[str]
    geom: Mapped[Any | None] = mapped_column(
        Geometry("MULTIPOLYGON", srid=WGS84, spatial_index=False)
    )
    source: Mapped[str]


class PoliceUnit(Base):
    """A unit of the PNP; `parent_id` builds the hierarchy, sectors hang below their comisaría."""

    __tablename__ = "police_unit"
    __table_args__ = (
        CheckConstraint(one_of("kind", UnitKind), name="kind_known"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="valid_period"),
        CheckConstraint("kind <> 'sector' OR parent_id IS NOT NULL", name="sector_has_parent"),
        CheckConstraint(
            "kind = 'especializada' OR matters = '{}'", name="matters_only_if_specialised"
        ),
        Index("ix_police_unit_parent", "parent_id"),
        Index("ix_police_unit_point", "point", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("police_unit.id"))
    kind: Mapped[UnitKind] = mapped_column(Word(UnitKind))
    name: Mapped[str | None]
    is_basic: Mapped[bool] = mapped_column(server_default=text("true"))
    matters: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"))
    ubigeo: Mapped[str | None] = mapped_column(String(6))
    point: Mapped[Any | None] = mapped_column(Geometry("POINT", srid=WGS84, spatial_index=False))
    phone: Mapped[str | None]
    # By configuration: may know of complaints about the units below it (e.g. an Inspectoría).
    is_independent: Mapped[bool] = mapped_column(server_default=text("false"))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    source: Mapped[str]


class QuejaDesk(Base):
    """A unit that receives quejas: the CUD, then the Inspectoría, then their alternates.

    The first in order that is not barred from a queja receives it.
    """

    __tablename__ = "queja_desk"
    __table_args__ = (CheckConstraint("position > 0", name="position_positive"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("police_unit.id"), primary_key=True)
    position: Mapped[int] = mapped_column(unique=True)


class Jurisdiction(Base):
    """The area that a unit answers for during a period; provisional ones are Voronoi cells."""

    __tablename__ = "jurisdiction"
    __table_args__ = (
        # Replaced on its first day: an empty period, yet reports may already point to it.
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="valid_period"),
        Index("ix_jurisdiction_unit", "unit_id"),
        Index(
            "uq_jurisdiction_current_unit",
            "unit_id",
            unique=True,
            postgresql_where=text("valid_until IS NULL"),
        ),
        Index(
            "ix_jurisdiction_geom_current",
            "geom",
            postgresql_using="gist",
            postgresql_where=text("valid_until IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("police_unit.id"))
    geom: Mapped[Any] = mapped_column(Geometry("MULTIPOLYGON", srid=WGS84, spatial_index=False))
    is_provisional: Mapped[bool]
    source: Mapped[str]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
