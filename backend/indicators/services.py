"""The results of a quarter as each account may see them, with few juntas never by themselves.

The own comisaría sees each of its juntas. Above it, comisarías are put together until no figure
tells of few juntas. Groups are the same for everybody who looks, and every line and total of every
table is made of whole groups: subtracting one table from another gives whole groups again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from backend.boards.queries import sees_juntas
from backend.catalog.models import Catalog
from backend.identity.models import RoleName, Staff
from backend.indicators import queries
from backend.indicators.models import (
    SMALLEST_GROUP,
    Facts,
    Group,
    Level,
    Period,
    Quarter,
    Results,
    Row,
    Station,
    total,
)
from backend.territory.models import UnitKind

# How much of the ubigeo is equal inside a district, a province and a department.
DISTRICT_DIGITS, PROVINCE_DIGITS, DEPARTMENT_DIGITS = 6, 4, 2
DIGITS = {Level.DISTRICT: DISTRICT_DIGITS, Level.PROVINCE: PROVINCE_DIGITS}
MOST_NAMED = 3

# Who sees the juntas of the units below, put together.
ABOVE_ROLES = (RoleName.SUPERVISOR, RoleName.ANALISTA, RoleName.SECRETARIA_TECNICA)


def is_own(staff: Staff) -> bool:
    """Whether the account belongs to the comisaría whose juntas it asks about."""
    is_station = staff.unit is not None and staff.unit.kind is UnitKind.COMISARIA
    return is_station and sees_juntas(staff)


def levels_for(staff: Staff) -> tuple[Level, ...]:
    """What the lines of this account's tables may be, the usual first; none: it sees nothing."""
    if is_own(staff):
        return (Level.JUNTA,)
    if staff.unit_id is not None and staff.is_one_of(*ABOVE_ROLES):
        return (Level.COMISARIA, Level.DISTRICT, Level.PROVINCE)
    return ()


def results_for(
    staff: Staff, catalog: Catalog, quarter: Quarter, level: Level, now: datetime, today: date
) -> Results:
    """The results of a quarter for this account; `level` is one of `levels_for`."""
    if level not in levels_for(staff) or staff.unit_id is None or staff.unit is None:
        raise ValueError(f"not a level for this account: {level}")
    is_by_junta = level is Level.JUNTA
    period = Period(quarter, today, by_weeks=is_by_junta)
    find = _own_rows if is_by_junta else _rows_above
    rows, whole, partial = find(staff.unit_id, level, catalog, period, now)
    [goal] = [m.acumulado for m in catalog.juntas.metas.values() if m.trimestre == quarter.number]
    return Results(
        period=period,
        level=level,
        unit_name=staff.unit.name or staff.unit.code,
        goal=goal,
        answer_days=catalog.juntas.plazos[queries.ANSWER].dias,
        rows=tuple(rows),
        total=whole,
        is_partial=partial,
    )


Found = tuple[list[Row], Facts, bool]


def _own_rows(unit_id: int, level: Level, catalog: Catalog, period: Period, now: datetime) -> Found:
    """Each junta of the own comisaría by itself, and their sum.

    Of sensible matters nothing, not even in the sum: the junta that turns to one that informed
    while the sum stays as it was would be the one that had told.
    """
    found = queries.facts_by_junta(unit_id, catalog, period, now)
    rows = [Row(one.name, one.facts.without_hints()) for one in found]
    return sorted(rows, key=lambda row: plain(row.name)), total(row.facts for row in rows), False


def _rows_above(
    unit_id: int, level: Level, catalog: Catalog, period: Period, now: datetime
) -> Found:
    """Comisarías below the own unit, or their districts or provinces, put together."""
    stations = queries.stations_around(unit_id, period)
    units = [station.unit_id for station in stations if station.in_scope]
    facts = queries.facts_by_unit(units, catalog, period, now)
    rows = rows_of(level, stations, facts)
    return rows, total(row.facts for row in rows), is_partial(stations)


def groups_of(stations: Iterable[Station]) -> list[Group]:
    """The comisarías of whole departments in groups that may be shown.

    They are made on the first day of each quarter, and within a year only ever join: were they
    made anew each day, today's line of two less yesterday's line of one would be the other's.
    Whoever gets enough juntas later in the quarter stands alone until the next.
    """
    seen = sorted((one for one in stations if one.juntas_year), key=lambda one: one.unit_id)
    groups = [Group.of(station) for station in seen]
    for quarter in range(len(seen[0].first_days) if seen else 0):
        groups = _regrouped(groups, quarter)
    return [group for group in groups if group.juntas >= SMALLEST_GROUP]


def _regrouped(groups: Sequence[Group], quarter: int) -> list[Group]:
    """The groups as they are from that quarter's first day on.

    One that has enough juntas stands alone. The others are put together with those of their
    district; where that is not enough, also with the smallest that stand alone there, then with
    those of the province, and of the department. Who is not known yet and has none on that day
    waits for the next quarter.
    """
    enough = [one for one in groups if one.juntas_on(quarter) >= SMALLEST_GROUP]
    few = [one for one in groups if one not in enough and (one.juntas_on(quarter) or one.is_known)]
    waiting = [one for one in groups if one not in enough and one not in few]
    for digits in (DISTRICT_DIGITS, PROVINCE_DIGITS, DEPARTMENT_DIGITS):
        by_place: dict[str | None, list[Group]] = defaultdict(list)
        for group in few:
            by_place[_place_code(group, digits)].append(group)
        few = by_place.pop(None, [])
        for place, loose in by_place.items():
            joined = _joined(loose, [one for one in enough if _is_in(one, place, digits)], quarter)
            if joined is None:
                few += loose
            else:
                absorbed = set(joined.unit_ids)
                enough = [one for one in enough if absorbed.isdisjoint(one.unit_ids)] + [joined]
    return [replace(one, is_known=True) for one in enough] + few + waiting


def _joined(few: Sequence[Group], around: Iterable[Group], quarter: int) -> Group | None:
    """One group of the few, with as many of the groups around as it takes; None: not enough."""
    together = sorted(few, key=lambda one: (one.juntas_on(quarter), one.unit_ids))
    for group in sorted(around, key=lambda one: (one.juntas_on(quarter), one.unit_ids)):
        if sum(one.juntas_on(quarter) for one in together) >= SMALLEST_GROUP:
            break
        together.append(group)
    if sum(one.juntas_on(quarter) for one in together) < SMALLEST_GROUP:
        return None
    stations = tuple(station for one in together for station in one.stations)
    is_first = quarter == 0
    parts = (tuple(one.unit_id for one in stations),)
    return Group(
        stations,
        parts if is_first else tuple(part for one in together for part in one.parts),
        joined_late=not is_first and any(one.joined_late or not one.is_known for one in together),
    )


def _place_code(group: Group, digits: int) -> str | None:
    """Where a group is; None: it goes beyond such a place."""
    [place, *others] = {station.ubigeo[:digits] for station in group.stations}
    return None if others else place


def _is_in(group: Group, place: str | None, digits: int) -> bool:
    # Cut, not begun with: every ubigeo begins with one that nobody recorded.
    return all(station.ubigeo[:digits] == place for station in group.stations)


def rows_of(level: Level, stations: Sequence[Station], facts: Mapping[int, Facts]) -> list[Row]:
    """The lines of a table for whoever sees the stations in scope; `facts` by unit."""
    shown = [group for group in groups_of(stations) if group.in_scope]
    counted = {group: _facts_of(group, facts) for group in shown}
    if level is Level.COMISARIA:
        rows = [_group_row(group, counted[group], stations) for group in shown]
        rows += [Row(one.name, Facts(), (one,)) for one in _empty(stations)]
    else:
        rows = list(_place_rows(level, shown, counted, stations))
    return sorted(rows, key=lambda row: (len(row.reunites) > 1, plain(row.name)))


def is_partial(stations: Sequence[Station]) -> bool:
    """Whether some comisaría in scope with juntas is in no table of this scope."""
    shown = {unit for one in groups_of(stations) if one.in_scope for unit in one.unit_ids}
    return any(one.in_scope and one.juntas_year and one.unit_id not in shown for one in stations)


def _facts_of(group: Group, facts: Mapping[int, Facts]) -> Facts:
    """What may be shown of a group: of members, those of its parts that have enough juntas left.

    Members are those of a day, and not of a quarter: of a part that joined later they would
    otherwise be what the line has more than its neighbour had the day before.
    """
    parts = [total(facts.get(unit, Facts()) for unit in part) for part in group.parts]
    many = total(part for part in parts if part.juntas_last_day >= SMALLEST_GROUP)
    shown = replace(
        total(parts).without_hints(),
        juntas_last_day=many.juntas_last_day,
        women=many.women,
        men=many.men,
    )
    return shown.without_year() if group.joined_late else shown


def _empty(stations: Iterable[Station]) -> list[Station]:
    """Comisarías that had no junta in force all the year: there is nobody to hide."""
    return [one for one in stations if one.in_scope and not one.juntas_year]


def _group_row(group: Group, facts: Facts, stations: Sequence[Station]) -> Row:
    names = tuple(sorted((station.name for station in group.stations), key=plain))
    if len(names) == 1:
        return Row(names[0], facts, group.stations, joined_late=group.joined_late)
    digits, words = _place_of(group)
    place = group.stations[0].ubigeo[:digits]
    inside = [one for one in stations if one.ubigeo[:digits] == place and one.in_scope]
    are_all = {one.unit_id for one in inside} == set(group.unit_ids)
    name = f"Comisarías {words}" if are_all else f"Otras comisarías {words}"
    return Row(name, facts, group.stations, reunites=names, joined_late=group.joined_late)


def _place_of(group: Group) -> tuple[int, str]:
    """The smallest place that holds the group: how much of the ubigeo it is, and in words."""
    one = group.stations[0]
    for digits, words in (
        (DISTRICT_DIGITS, f"de {one.district}"),
        (PROVINCE_DIGITS, f"de la provincia de {one.province}"),
        (DEPARTMENT_DIGITS, f"del departamento de {one.department}"),
    ):
        if _is_in(group, one.ubigeo[:digits], digits):
            return digits, words
    raise ValueError("a group never goes beyond a department")


def _place_rows(
    level: Level,
    shown: Sequence[Group],
    counted: Mapping[Group, Facts],
    stations: Sequence[Station],
) -> Iterable[Row]:
    """Districts or provinces; those that share a group can only be shown together."""
    digits = DIGITS[level]
    in_scope = [one for one in stations if one.in_scope]
    names = {one.ubigeo[:digits]: _place_name(level, one) for one in in_scope}
    seen = {unit for group in shown for unit in group.unit_ids}
    left_out = {
        one.ubigeo[:digits] for one in in_scope if one.juntas_year and one.unit_id not in seen
    }
    for places in _linked(names, [_places(group, digits) for group in shown]):
        inside = [group for group in shown if _places(group, digits) <= places]
        if not inside and places & left_out:
            continue
        called = sorted((names[place] for place in places), key=plain)
        yield Row(
            _listed(called),
            total(counted[group] for group in inside),
            tuple(one for group in inside for one in group.stations),
            reunites=tuple(called) if len(called) > 1 else (),
            is_partial=bool(places & left_out),
            joined_late=any(group.joined_late for group in inside),
        )


def _linked(places: Iterable[str], links: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """The places, put together wherever one link touches several."""
    parts = [frozenset({place}) for place in places]
    for link in links:
        touched = [part for part in parts if part & link]
        parts = [part for part in parts if not part & link] + [frozenset().union(*touched)]
    return parts


def _places(group: Group, digits: int) -> frozenset[str]:
    return frozenset(station.ubigeo[:digits] for station in group.stations)


def _place_name(level: Level, station: Station) -> str:
    return station.district if level is Level.DISTRICT else station.province


def _listed(names: Sequence[str]) -> str:
    """ "Ilo", "Ilo y Pacocha", "Ilo, Pacocha, El Algarrobal y 2 más"."""
    named, more = list(names[:MOST_NAMED]), len(names) - MOST_NAMED
    if more > 0:
        return f"{', '.join(named)} y {more} más"
    return " y ".join(filter(None, (", ".join(named[:-1]), named[-1])))


def plain(name: str) -> str:
    """A name as lists are ordered: without accents and capitals."""
    return name.casefold().translate(str.maketrans("áéíóúüñ", "aeiouun"))
