"""Decides which unit answers for a report; the journey calls it inside the submission."""

from dataclasses import dataclass
from datetime import datetime

import h3
from sqlalchemy import bindparam, func, select

from backend.catalog.models import Categoria, RoutingRule
from backend.db import db
from backend.reports.models import DeskHeartbeat
from backend.reports.queries import HEARTBEAT
from backend.reports.services import Place
from backend.territory import queries as territory
from backend.territory.location import Location
from backend.territory.models import PoliceUnit


@dataclass(frozen=True)
class Route:
    """The unit chosen, and how: kept with the report so that anybody can check it later."""

    unit_id: int
    unit_name: str
    unit_phone: str | None
    unit_above_id: int | None
    is_attended: bool
    rule: str
    jurisdiction_id: int | None
    border_distance_m: float | None
    neighbour_ids: tuple[int, ...]
    ubigeo: str | None


def route(categoria: Categoria, place: Place, now: datetime) -> Route:
    """By the category's rule and the place; the desk of last resort when nothing fits.

    A matter for a specialised desk never falls down to the neighbourhood's comisaría: without
    such a desk it goes to the level above it (docs/catalogo.md).
    """
    location = location_of(place)
    ground = _ground(place, location)
    if categoria.routing_rule is RoutingRule.UNIDAD_ESPECIALIZADA:
        unit_id, rule = _specialised(categoria.matter or "", ground, location)
        return _route(unit_id, rule, ground, now, keeps_neighbours=False)
    unit_id, rule = _comisaria(ground)
    return _route(unit_id, rule, ground, now, keeps_neighbours=True)


def location_of(place: Place) -> Location | None:
    """The point, or the middle of the marked cell, or nothing."""
    if place.lat is not None and place.lon is not None:
        return Location(place.lat, place.lon, place.accuracy_m)
    if place.cell is not None:
        lat, lon = h3.cell_to_latlng(place.cell)
        return Location(lat, lon)
    return None


def _ground(place: Place, location: Location | None) -> territory.Place | None:
    if location is not None:
        return territory.place_of(location)
    if place.ubigeo is not None:
        return territory.place_in_district(place.ubigeo)
    return None


def _comisaria(ground: territory.Place | None) -> tuple[int, str]:
    if ground is not None and ground.unit_id is not None:
        return ground.unit_id, "jurisdiction"
    if ground is not None and ground.nearest_unit_id is not None:
        by_words = ground.nearest_m is None
        return ground.nearest_unit_id, "district" if by_words else "nearest"
    return territory.fallback_desk_id(), "no_jurisdiction"


def _specialised(
    matter: str, ground: territory.Place | None, location: Location | None
) -> tuple[int, str]:
    desk_id = territory.specialised_unit_for(matter, ground, location)
    if desk_id is not None:
        return desk_id, "specialised"
    if ground is not None and ground.comisaria_id is not None:
        above = territory.ancestors(ground.comisaria_id, territory.today())
        if above:
            return above[0].id, "above_comisaria"
    return territory.fallback_desk_id(), "no_jurisdiction"


_UNIT = (
    select(
        PoliceUnit.name,
        PoliceUnit.phone,
        PoliceUnit.parent_id,
        func.coalesce(DeskHeartbeat.seen_at >= bindparam("since"), False),
    )
    .outerjoin(DeskHeartbeat, DeskHeartbeat.unit_id == PoliceUnit.id)
    .where(PoliceUnit.id == bindparam("unit_id"))
)


def _route(
    unit_id: int,
    rule: str,
    ground: territory.Place | None,
    now: datetime,
    *,
    keeps_neighbours: bool,
) -> Route:
    asked = {"unit_id": unit_id, "since": now - HEARTBEAT}
    name, phone, above_id, is_attended = db.session.execute(_UNIT, asked).one()
    return Route(
        unit_id=unit_id,
        unit_name=name or "",
        unit_phone=phone,
        unit_above_id=above_id,
        is_attended=is_attended,
        rule=rule,
        jurisdiction_id=ground.jurisdiction_id if ground and keeps_neighbours else None,
        border_distance_m=ground.border_m if ground and keeps_neighbours else None,
        neighbour_ids=ground.neighbour_ids if ground and keeps_neighbours else (),
        ubigeo=ground.ubigeo if ground else None,
    )
