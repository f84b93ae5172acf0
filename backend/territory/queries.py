"""Reads territory: whose ground a place is, the hierarchy, what is near; never commits."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, literal, select, true
from sqlalchemy.orm import InstrumentedAttribute

from backend import clock
from backend.db import db
from backend.errors import NotFound
from backend.territory.location import Location
from backend.territory.models import FALLBACK_DESK_CODE, WGS84, District, PoliceUnit, UnitKind
from backend.territory.statements import BORDER_TILE, DISTRICT_STATION, NEAREST, PLACE, SPECIALISED

MAX_DEPTH = 12  # of the hierarchy; stops a climb should somebody close a circle by hand
BORDER_M = 50.0  # a neighbour is told at least this near, whatever the phone claims
MAX_BORDER_M = 500.0
SEA_REACH_M = 15_000  # how far the nearest station may be where no district tells the province

MAX_TILE_ZOOM = 18
TILE_EXTENT = 4096
DISTRICTS_FROM_ZOOM = 5
JURISDICTIONS_FROM_ZOOM = 9


@dataclass(frozen=True)
class Place:
    """What territory knows of a location; `unit_id` is None where no jurisdiction covers it.

    `nearest_unit_id` then names the station to fall back on, if any. Distances are metres.
    """

    unit_id: int | None
    jurisdiction_id: int | None
    is_provisional: bool
    border_m: float | None
    neighbour_ids: tuple[int, ...]
    ubigeo: str | None
    district: str | None
    nearest_unit_id: int | None
    nearest_m: float | None

    @property
    def comisaria_id(self) -> int | None:
        """The comisaría of the place, by jurisdiction or, failing that, by nearness."""
        return self.unit_id or self.nearest_unit_id


@dataclass(frozen=True)
class NearUnit:
    id: int
    name: str
    phone: str | None
    ubigeo: str | None
    lat: float
    lon: float
    distance_m: float


@dataclass(frozen=True)
class DistrictName:
    ubigeo: str
    name: str
    province: str
    department: str


def today() -> date:
    """The calendar day in Peru, by which validity dates are read."""
    return clock.in_lima(clock.now()).date()


def in_force(on: date) -> ColumnElement[bool]:
    """The condition that a unit exists on that day."""
    ends = PoliceUnit.valid_until
    return (PoliceUnit.valid_from <= on) & (ends.is_(None) | (ends > on))


def place_of(location: Location, on: date | None = None) -> Place:
    """Whose ground it is, how far its border, which neighbours are within the GPS's doubt."""
    radius_m = min(max(location.accuracy_m or 0.0, BORDER_M), MAX_BORDER_M)
    ask = {
        "lat": location.lat,
        "lon": location.lon,
        "radius_m": radius_m,
        "reach_m": SEA_REACH_M,
        "today": on or today(),
    }
    return _place(db.session.execute(PLACE, ask).one())


def place_in_district(
    ubigeo: str, on: date | None = None, *, first_id: int | None = None
) -> Place | None:
    """The comisaría to ask about a written reference in that district; None if unknown.

    Of several stations of the district `first_id`, if it is one of them; else the one whose
    ground holds the middle of the district.
    """
    ask = {"ubigeo": ubigeo, "today": on or today(), "first_id": first_id}
    row = db.session.execute(DISTRICT_STATION, ask).first()
    if row is None:
        return None
    return Place(None, None, False, None, (), row.ubigeo, row.name, row.unit_id, None)


def _place(row: Row[Any]) -> Place:
    return Place(
        unit_id=row.unit_id,
        jurisdiction_id=row.jurisdiction_id,
        is_provisional=bool(row.is_provisional),
        border_m=row.border_m,
        neighbour_ids=tuple(n for n in row.neighbour_ids if n != row.nearest_unit_id),
        ubigeo=row.ubigeo,
        district=row.district,
        nearest_unit_id=row.nearest_unit_id,
        nearest_m=row.nearest_m,
    )


def specialised_unit_for(
    matter: str, place: Place | None, location: Location | None = None, on: date | None = None
) -> int | None:
    """The desk for this matter nearest in the hierarchy to the comisaría of the place."""
    ask = {
        "matter": matter,
        "comisaria_id": place.comisaria_id if place else None,
        "ubigeo": place.ubigeo if place else None,
        "lat": location.lat if location else None,
        "lon": location.lon if location else None,
        "max_depth": MAX_DEPTH,
        "today": on or today(),
    }
    return db.session.execute(SPECIALISED, ask).scalar()


def fallback_desk_id() -> int:
    """The desk of last resort, which a migration inserted."""
    query = select(PoliceUnit.id).where(PoliceUnit.code == FALLBACK_DESK_CODE)
    return db.session.execute(query).scalar_one()


def subtree_ids(unit_id: int, on: date | None = None) -> Select[tuple[int]]:
    """The unit and all below it, for `IN`; with a day, only what was in force on it.

    Whoever scopes reports asks without a day: those of a closed comisaría stay visible above.
    """
    day = in_force(on) if on else true()
    tree = select(PoliceUnit.id).where(PoliceUnit.id == unit_id, day).cte(recursive=True)
    below = select(PoliceUnit.id).join(tree, PoliceUnit.parent_id == tree.c.id).where(day)
    return select(tree.union(below).c.id)


def line_ids(unit_id: int) -> Select[tuple[int]]:
    """The unit and all above it, for `IN`."""
    line = select(PoliceUnit.id, PoliceUnit.parent_id).where(PoliceUnit.id == unit_id)
    climb = line.cte(recursive=True)
    above = select(PoliceUnit.id, PoliceUnit.parent_id).join(
        climb, PoliceUnit.id == climb.c.parent_id
    )
    return select(climb.union(above).c.id)


def ancestors(unit_id: int, on: date | None = None) -> list[PoliceUnit]:
    """The units above, nearest first; with a day, only those in force on it."""
    start = select(PoliceUnit.parent_id.label("id"), literal(1).label("step"))
    climb = start.where(PoliceUnit.id == unit_id).cte(recursive=True)
    above = select(PoliceUnit.parent_id, climb.c.step + 1).where(
        PoliceUnit.id == climb.c.id, climb.c.step < MAX_DEPTH
    )
    climb = climb.union_all(above)
    query = select(PoliceUnit).join(climb, PoliceUnit.id == climb.c.id).order_by(climb.c.step)
    return list(db.session.scalars(query.where(in_force(on)) if on else query))


def sectors_of(unit_id: int, on: date | None = None) -> list[PoliceUnit]:
    """The sectors in force of a comisaría, by name."""
    query = (
        select(PoliceUnit)
        .where(PoliceUnit.parent_id == unit_id, PoliceUnit.kind == UnitKind.SECTOR)
        .where(in_force(on or today()))
        .order_by(PoliceUnit.name, PoliceUnit.code)
    )
    return list(db.session.scalars(query))


def nearest_units(location: Location, limit: int = 3, on: date | None = None) -> list[NearUnit]:
    """The nearest named basic comisarías with their distances."""
    ask = {
        "lat": location.lat,
        "lon": location.lon,
        "limit": limit,
        "some": limit * 2 + 4,  # degrees order them a little wrong: measure some more
        "today": on or today(),
    }
    return [NearUnit(**row) for row in db.session.execute(NEAREST, ask).mappings()]


def unit_coded(code: str, on: date | None = None) -> PoliceUnit | None:
    """The unit in force with that code, if any."""
    query = select(PoliceUnit).where(PoliceUnit.code == code.strip(), in_force(on or today()))
    return db.session.scalar(query)


def units_named(words: str, limit: int = 20, on: date | None = None) -> list[PoliceUnit]:
    """Units in force that are meant by these words, comisarías first.

    Each word stands somewhere in the name, the code or the name of the district, whatever the
    accents, the case and the order. Where no unit has them all, words that say little do not
    count: nobody remembers whether it is "de" or "del".
    """
    every = re.findall(r"[^\W_]+(?:[-_][^\W_]+)*", bare_words(words))
    telling = [word for word in every if word not in _SAYS_LITTLE]
    return _units_with(every, words, limit, on) or _units_with(telling, words, limit, on)


def _units_with(wanted: list[str], words: str, limit: int, on: date | None) -> list[PoliceUnit]:
    if not wanted:
        return []
    name, district = searchable(PoliceUnit.name), searchable(District.name)
    told = func.concat_ws(" ", name, func.lower(PoliceUnit.code), district)
    query = (
        select(PoliceUnit)
        .outerjoin(District, District.ubigeo == PoliceUnit.ubigeo)
        .where(in_force(on or today()))
        .where(*(told.contains(word, autoescape=True) for word in wanted))
    )
    order = (
        name.startswith(bare_words(words), autoescape=True).desc(),
        (PoliceUnit.kind == UnitKind.COMISARIA).desc(),
        PoliceUnit.name,
        PoliceUnit.code,
    )
    return list(db.session.scalars(query.order_by(*order).limit(limit)))


def searchable(name: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """A name as it is searched: whatever its accents and case; `bare_words` is what is typed."""
    return func.lower(func.translate(name, _ACCENTED, _BARE))


_SAYS_LITTLE = frozenset({"comisaria", "cia", "pnp", "de", "del", "la", "el", "los", "las", "y"})
DISTRICT_NAME = (District.ubigeo, District.name, District.province, District.department)
_ACCENTED, _BARE = "áéíóúüñÁÉÍÓÚÜÑ", "aeiouunaeiouun"


def district_of(location: Location) -> DistrictName | None:
    """The district whose polygon covers the point, where polygons are loaded."""
    point = func.ST_SetSRID(func.ST_MakePoint(location.lon, location.lat), WGS84)
    query = select(*DISTRICT_NAME).where(func.ST_Covers(District.geom, point))
    row = db.session.execute(query.order_by(District.ubigeo).limit(1)).first()
    return DistrictName(*row) if row else None


def district_by_ubigeo(ubigeo: str) -> DistrictName | None:
    row = db.session.execute(select(*DISTRICT_NAME).where(District.ubigeo == ubigeo)).first()
    return DistrictName(*row) if row else None


def district_names(ubigeos: Collection[str]) -> dict[str, str]:
    """The names of several districts, by ubigeo."""
    query = select(District.ubigeo, District.name).where(District.ubigeo.in_(ubigeos))
    return {row.ubigeo: row.name for row in db.session.execute(query)}


def districts_named(words: str) -> list[DistrictName]:
    """Districts whose name begins so, whatever the accents or the case."""
    bare = func.lower(func.translate(District.name, _ACCENTED, _BARE))
    return _district_names(bare.startswith(bare_words(words), autoescape=True))


def bare_words(words: str) -> str:
    """What somebody typed, without accents, case and spaces around it."""
    return words.strip().translate(str.maketrans(_ACCENTED, _BARE)).lower()


def all_districts() -> list[DistrictName]:
    """Every loaded district in the order of a form: department, province, name."""
    return _district_names(true())


def _district_names(condition: ColumnElement[bool]) -> list[DistrictName]:
    order = (District.department, District.province, District.name)
    rows = db.session.execute(select(*DISTRICT_NAME).where(condition).order_by(*order))
    return [DistrictName(*row) for row in rows]


def border_tile(z: int, x: int, y: int) -> bytes:
    """The Mapbox vector tile with the layers `distritos` and `jurisdicciones`; may be empty."""
    if not (0 <= z <= MAX_TILE_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise NotFound("Ese cuadro del mapa no existe.")
    pixel_degrees = 360 / 2**z / 512
    ask = {
        "z": z,
        "x": x,
        "y": y,
        "extent": TILE_EXTENT,
        "tolerance": pixel_degrees / 2,
        "margin_m": 40_075_017 / 2**z / 32,
        "districts_from": DISTRICTS_FROM_ZOOM,
        "jurisdictions_from": JURISDICTIONS_FROM_ZOOM,
    }
    return bytes(db.session.execute(BORDER_TILE, ask).scalar_one())
