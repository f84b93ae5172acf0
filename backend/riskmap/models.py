"""Tables and constants of the risk maps; the formula in words is docs/mapa_de_riesgo.md."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import h3
from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.catalog.models import Catalog
from backend.clock import in_lima
from backend.db import Base, Word
from backend.reports.models import Kind, PlaceSource
from backend.reports.states import State, Verification
from backend.territory.models import one_of

WEB_MERCATOR = 3857
FINEST = 9
ZONE_RESOLUTION = 6
# The edge of a res-9 cell: a point that may be farther off says nothing about its cell.
MAX_ACCURACY_M = 200
# Who reports from inside a comisaría tells where the comisaría is, not where it happened.
STATION_RADIUS_M = 25
OLDEST = timedelta(days=3650)
ALL = ""  # in the place of a group or a band: all of them together

# Scores are kept as sums seen from this instant, so that time passing changes no row. A double
# holds 2^1023: with a half-life of 90 days that is enough for 250 years to either side.
REFERENCE = datetime(2026, 1, 1, tzinfo=UTC)


class Capa(StrEnum):
    """The three maps; the words are those of the public API."""

    DELITO = "delito"
    RIESGO = "riesgo"
    INTEGRADO = "integrado"


class Band(StrEnum):
    """A quarter of Lima's day: 0-5, 6-11, 12-17, 18-23."""

    MADRUGADA = "madrugada"
    MANANA = "manana"
    TARDE = "tarde"
    NOCHE = "noche"


# A fact belongs to the map of its kind, and the integrated map counts both.
OWN_CAPA = {Kind.ALERTA: Capa.DELITO, Kind.FACTOR_DE_RIESGO: Capa.RIESGO}
INSTANT = DateTime(timezone=True)


@dataclass(frozen=True, slots=True)
class Share:
    """How much a fact of `source` adds to `capa` when new, and in how many days that halves."""

    capa: Capa
    source: Capa
    weight: float
    half_life_days: int


# Ours, not official: no published weights exist (docs/mapa_de_riesgo.md). One map has one
# half-life, or its decayed sum could not be kept in one number.
HALF_LIFE_DAYS = {Capa.DELITO: 90, Capa.RIESGO: 180, Capa.INTEGRADO: 120}
SHARES = (
    Share(Capa.DELITO, Capa.DELITO, 1.0, HALF_LIFE_DAYS[Capa.DELITO]),
    Share(Capa.RIESGO, Capa.RIESGO, 1.0, HALF_LIFE_DAYS[Capa.RIESGO]),
    Share(Capa.INTEGRADO, Capa.DELITO, 1.0, HALF_LIFE_DAYS[Capa.INTEGRADO]),
    Share(Capa.INTEGRADO, Capa.RIESGO, 0.5, HALF_LIFE_DAYS[Capa.INTEGRADO]),
)


def band_of(instant: datetime) -> Band:
    """The band of the day in Lima."""
    return list(Band)[in_lima(instant).hour // 6]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the maps need to know of a report as it stands now."""

    id: UUID
    kind: Kind
    categoria: str
    is_sensible: bool
    is_ongoing: bool
    state: State
    verification: Verification
    verified_at: datetime | None
    received_at: datetime
    occurred_at: datetime | None
    place_source: PlaceSource
    accuracy_m: float | None
    ubigeo: str | None
    lat: float | None
    lon: float | None
    is_at_station: bool

    @property
    def is_verified(self) -> bool:
        """An officer found it true, and it is neither thrown out nor counted as another one."""
        left_out = (State.REJECTED, State.MERGED)
        return self.verification == Verification.VERIFIED and self.state not in left_out

    @property
    def is_place(self) -> bool:
        """Whether the point says where it happened, not just where the phone or a station was."""
        if self.lat is None or self.is_at_station:
            return False
        if self.accuracy_m is None:  # a hand on the map needs no radius, a receiver does
            return self.place_source == PlaceSource.MAPA
        located = self.place_source in (PlaceSource.GPS, PlaceSource.MAPA)
        return located and self.accuracy_m <= MAX_ACCURACY_M

    @property
    def happened_at(self) -> datetime:
        """When it happened, or when we heard of it if the phone's clock cannot be believed."""
        if self.occurred_at is None or self.is_ongoing:
            return self.received_at
        is_believable = self.received_at - OLDEST < self.occurred_at <= self.received_at
        return self.occurred_at if is_believable else self.received_at

    def as_fact(self, catalog: Catalog) -> dict[str, Any] | None:
        """The row of `RiskFact` that it stands for, or None when it must not be on any map."""
        # No denuncia or queja: its place may be a home, and an alerta may have told of it already.
        categoria = catalog.categorias.get(self.categoria)
        if categoria is None or categoria.sensible or self.is_sensible:
            return None
        if not (self.is_verified and self.is_place):
            return None
        cell = h3.latlng_to_cell(self.lat, self.lon, FINEST)
        return {
            "report_id": self.id,
            "capa": OWN_CAPA[self.kind],
            "grupo": categoria.grupo,
            "categoria": categoria.codigo,
            "band": band_of(self.happened_at),
            "cell_9": cell,
            "cell_8": h3.cell_to_parent(cell, 8),
            "cell_7": h3.cell_to_parent(cell, 7),
            "zone": self.ubigeo or h3.cell_to_parent(cell, ZONE_RESOLUTION),
            "happened_at": self.happened_at,
            "verified_at": self.verified_at,
            "is_public": categoria.publica,
        }


class RiskFact(Base):
    """A verified report at a place known well enough to count; one row per such report."""

    __tablename__ = "risk_fact"
    __table_args__ = (
        CheckConstraint(one_of("capa", Capa) + " AND capa <> 'integrado'", name="capa_own"),
        CheckConstraint(one_of("band", Band), name="band_known"),
        CheckConstraint("grupo <> ''", name="grupo_given"),
        Index("ix_risk_fact_cell_7", "cell_7"),
        Index("ix_risk_fact_happened_at", "happened_at"),
    )

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), primary_key=True)
    capa: Mapped[Capa] = mapped_column(Word(Capa))
    grupo: Mapped[str]
    categoria: Mapped[str]
    band: Mapped[Band] = mapped_column(Word(Band))
    cell_9: Mapped[str] = mapped_column(String(15))
    cell_8: Mapped[str] = mapped_column(String(15))
    cell_7: Mapped[str] = mapped_column(String(15))
    # Its district's ubigeo, or the res-6 cell around it where the district is unknown: the
    # area inside which public classes are compared.
    zone: Mapped[str] = mapped_column(String(15))
    happened_at: Mapped[datetime] = mapped_column(INSTANT)
    verified_at: Mapped[datetime] = mapped_column(INSTANT)
    is_public: Mapped[bool]


class RiskHexagon(Base):
    """The outline of a cell that has ever held a fact, once for all maps, as tiles need it."""

    __tablename__ = "risk_hexagon"
    __table_args__ = (
        CheckConstraint("resolution BETWEEN 7 AND 9", name="resolution_range"),
        Index("ix_risk_hexagon_geom", "geom", postgresql_using="gist"),
    )

    cell: Mapped[str] = mapped_column(String(15), primary_key=True)
    resolution: Mapped[int] = mapped_column(SmallInteger)
    geom: Mapped[Any] = mapped_column(Geometry("POLYGON", srid=WEB_MERCATOR, spatial_index=False))


class RiskCell(Base):
    """What analysts see of a cell: how many facts, and their decayed sum seen from REFERENCE."""

    __tablename__ = "risk_cell"
    __table_args__ = (
        CheckConstraint(one_of("capa", Capa), name="capa_known"),
        CheckConstraint(f"band = '' OR {one_of('band', Band)}", name="band_known"),
        CheckConstraint("facts > 0", name="facts_positive"),
    )

    cell: Mapped[str] = mapped_column(ForeignKey("risk_hexagon.cell"), primary_key=True)
    capa: Mapped[Capa] = mapped_column(Word(Capa), primary_key=True)
    grupo: Mapped[str] = mapped_column(primary_key=True)
    band: Mapped[str] = mapped_column(primary_key=True)
    facts: Mapped[int]
    score_at_reference: Mapped[float]


class PublicCell(Base):
    """What citizens see of a cell until the next publication: its outline and a class.

    The outline is copied here because joining it costs the busiest tiles half their speed.
    """

    __tablename__ = "public_cell"
    __table_args__ = (
        CheckConstraint(one_of("capa", Capa), name="capa_known"),
        CheckConstraint("clase BETWEEN 1 AND 4", name="clase_range"),
        CheckConstraint("resolution BETWEEN 7 AND 9", name="resolution_range"),
        Index("ix_public_cell_cell_7", "cell_7", "capa"),
        Index("ix_public_cell_geom", "geom", postgresql_using="gist"),
    )

    cell: Mapped[str] = mapped_column(String(15), primary_key=True)
    capa: Mapped[Capa] = mapped_column(Word(Capa), primary_key=True)
    resolution: Mapped[int] = mapped_column(SmallInteger)
    cell_7: Mapped[str] = mapped_column(String(15))
    clase: Mapped[int] = mapped_column(SmallInteger)
    geom: Mapped[Any] = mapped_column(Geometry("POLYGON", srid=WEB_MERCATOR, spatial_index=False))


class RiskPublication(Base):
    """When the citizens' snapshot was last made, and a hash of it; the only row has id 1."""

    __tablename__ = "risk_publication"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    version: Mapped[str] = mapped_column(String(32))
    published_at: Mapped[datetime] = mapped_column(INSTANT)
