"""Decides which unit answers for a report; the journey calls it inside the submission."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import h3
from sqlalchemy import bindparam, func, select

from backend.catalog.models import Asunto, Categoria, RoutingRule
from backend.db import db
from backend.errors import Conflict
from backend.reports.audience import DeskHeartbeat
from backend.reports.bars import Bar, Hierarchy, bars_against, line_above
from backend.reports.models import Report
from backend.reports.queries import HEARTBEAT
from backend.reports.services import Place
from backend.routing.queries import (
    bars_of,
    cud_id,
    queja_desk_ids,
    still_there,
    unbarred,
    whole_hierarchy,
)
from backend.territory import queries as territory
from backend.territory.location import Location
from backend.territory.models import PoliceUnit

# The rule of a place in words: no jurisdiction was looked for, and none is missing.
BY_DISTRICT = "district"


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
    # Of a queja: who must never learn of it. Stored with the report before anybody can look.
    bars: frozenset[Bar] = frozenset()


class Level(StrEnum):
    """Of whom somebody complains; the words are those of the form."""

    UNIT = "unidad"
    UNKNOWN = "no_se"
    CUD = "cud"


@dataclass(frozen=True)
class Complained:
    """The unit or level complained of, as the author marked it."""

    nivel: Level
    unit_id: int | None = None


def route(
    categoria: Categoria, place: Place, now: datetime, *, junta_unit_id: int | None = None
) -> Route:
    """By the category's rule and the place; the desk of last resort when nothing fits.

    What a junta tells of a district in words is for its own comisaría, where that is one of the
    district's; of a sensible matter its author must leave no mark, here neither.

    A matter for a specialised desk never falls down to the neighbourhood's comisaría: without
    such a desk it goes to the level above it (docs/catalogo.md).
    """
    location = location_of(place)
    ground = _ground(place, location, None if categoria.sensible else junta_unit_id)
    if categoria.routing_rule is RoutingRule.UNIDAD_ESPECIALIZADA:
        unit_id, rule = _specialised(categoria.matter or "", ground, location)
        return _route(unit_id, rule, ground, now, keeps_neighbours=False)
    unit_id, rule = _comisaria(ground)
    return _route(unit_id, rule, ground, now, keeps_neighbours=True)


def route_queja(
    asunto: Asunto, place: Place, complained: Complained | None, now: datetime
) -> Route:
    """To the first desk that may know of it, with the bars that keep everybody else out.

    The matter's own specialised desk if it has one, else the CUD, the Inspectoría or their
    alternates in their configured order, else the desk of last resort. `Conflict` when even
    that is barred: nobody is told rather than the unit complained of.
    """
    location = location_of(place)
    ground = _ground(place, location)
    hierarchy = whole_hierarchy()
    bars = bars_against(_accused(complained, ground), hierarchy)
    desks = queja_desk_ids()
    ways = [(desk_id, "queja_desk") for desk_id in desks]
    # A desk of the list that also has the matter keeps its place in the list.
    own = territory.specialised_unit_for(asunto.matter or "", ground, location)
    if own is not None and own not in desks:
        ways.insert(0, (own, "specialised"))
    ways.append((territory.fallback_desk_id(), "no_jurisdiction"))
    told = unbarred([unit_id for unit_id, _ in ways], bars, hierarchy)
    for unit_id, rule in ways:
        if unit_id in told:
            found = _route(unit_id, rule, ground, now, keeps_neighbours=False)
            above = next(iter(_told_after(unit_id, desks, bars, hierarchy)), None)
            return replace(found, unit_above_id=above, bars=bars)
    raise Conflict(
        "Ahora no hay una mesa que pueda recibir esto sin riesgo. Llama a la línea 1818."
    )


def next_to_tell(report: Report) -> int | None:
    """Who hears of a queja that nobody acknowledged in time; never a barred unit.

    The next queja desk in order; after the last one, the units above the owning one.
    """
    order = _told_after(report.unit_id, queja_desk_ids(), bars_of(report.id), whole_hierarchy())
    told = report.escalated_unit_id
    later = order[order.index(told) + 1 :] if told in order else order
    return later[0] if later else None


def _accused(complained: Complained | None, ground: territory.Place | None) -> set[int]:
    """Who is complained of. Nobody, when the matter is not about the police."""
    if complained is None:
        return set()
    if complained.nivel is Level.CUD:
        unit_id = cud_id()
    elif complained.nivel is Level.UNKNOWN:
        # The author does not know who: most likely it is the comisaría of the place, and
        # keeping it out costs nothing, while letting it in may cost the author dearly.
        unit_id = ground.comisaria_id if ground else None
    else:
        unit_id = complained.unit_id
    return set() if unit_id is None else {unit_id}


def _told_after(
    unit_id: int, desks: list[int], bars: Collection[Bar], hierarchy: Hierarchy
) -> list[int]:
    """Who hears of a queja of this unit when it stays silent, one after another."""
    after = desks[desks.index(unit_id) + 1 :] if unit_id in desks else desks
    above = [one for one in line_above(unit_id, hierarchy) if one not in after]
    return still_there(unbarred([*after, *above], bars, hierarchy))


def location_of(place: Place) -> Location | None:
    """The point, or the middle of the marked cell, or nothing."""
    if place.lat is not None and place.lon is not None:
        return Location(place.lat, place.lon, place.accuracy_m)
    if place.cell is not None:
        lat, lon = h3.cell_to_latlng(place.cell)
        return Location(lat, lon)
    return None


def _ground(
    place: Place, location: Location | None, first_id: int | None = None
) -> territory.Place | None:
    if location is not None:
        return territory.place_of(location)
    if place.ubigeo is not None:
        return territory.place_in_district(place.ubigeo, first_id=first_id)
    return None


def _comisaria(ground: territory.Place | None) -> tuple[int, str]:
    if ground is not None and ground.unit_id is not None:
        return ground.unit_id, "jurisdiction"
    if ground is not None and ground.nearest_unit_id is not None:
        by_words = ground.nearest_m is None
        return ground.nearest_unit_id, BY_DISTRICT if by_words else "nearest"
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
