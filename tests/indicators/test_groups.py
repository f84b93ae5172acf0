"""No table, and no difference between tables, tells of fewer than five juntas."""

from collections import defaultdict
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.indicators.models import SMALLEST_GROUP, Facts, Level, Row, Station
from backend.indicators.services import groups_of, is_partial, rows_of

ABOVE = (Level.COMISARIA, Level.DISTRICT, Level.PROVINCE)


def a_station(unit_id: int, ubigeo: str, juntas: int, last_day: int | None = None, **more):
    place = f"distrito {ubigeo}", f"provincia {ubigeo[:4]}", f"departamento {ubigeo[:2]}"
    counts = {"juntas": juntas, "juntas_year": juntas, "juntas_last_day": juntas}
    if last_day is not None:
        counts["juntas_last_day"] = last_day
    return Station(unit_id, f"Comisaría {unit_id}", ubigeo, *place, **(counts | more))


def shown(*stations: Station, level: Level = Level.COMISARIA) -> dict[str, int]:
    """Names of the lines, and of how many juntas each is."""
    facts = {one.unit_id: Facts(juntas=one.juntas, juntas_year=one.juntas_year) for one in stations}
    return {row.name: row.facts.juntas for row in rows_of(level, stations, facts)}


# Stories


def test_five_juntas_stand_alone_and_fewer_go_together():
    assert shown(
        a_station(1, "180301", 5), a_station(2, "180301", 3), a_station(3, "180301", 4)
    ) == {"Comisaría 1": 5, "Otras comisarías de distrito 180301": 7}


def test_where_the_rest_is_too_few_the_smallest_joins_it():
    found = shown(a_station(1, "180301", 9), a_station(2, "180301", 6), a_station(3, "180301", 2))
    assert found == {"Comisaría 1": 9, "Otras comisarías de distrito 180301": 8}


def test_all_of_a_district_are_not_called_the_others():
    found = shown(a_station(1, "180301", 6), a_station(2, "180301", 2))
    assert found == {"Comisarías de distrito 180301": 8}


def test_a_lonely_small_one_goes_with_others_of_the_province():
    few, far = a_station(1, "180301", 2), a_station(2, "180302", 4)
    large = a_station(3, "180303", 8)
    assert shown(few, far, large) == {
        "Comisaría 3": 8,
        "Otras comisarías de la provincia de provincia 1803": 6,
    }
    # Neither of the two districts can be shown without the other.
    assert shown(few, far, large, level=Level.DISTRICT) == {
        "distrito 180303": 8,
        "distrito 180301 y distrito 180302": 6,
    }
    assert shown(few, far, large, level=Level.PROVINCE) == {"provincia 1803": 14}


def test_then_with_the_department_and_then_with_nobody():
    few, other = a_station(1, "180301", 2), a_station(2, "180101", 7)
    assert shown(few, other) == {"Comisarías del departamento de departamento 18": 9}
    assert shown(few) == {}
    assert is_partial([few])
    assert not is_partial([few, other])


def test_a_group_that_is_partly_another_units_is_in_no_table_of_either():
    mine, theirs = a_station(1, "180301", 3), a_station(2, "180301", 3, in_scope=False)
    own = a_station(3, "180302", 6)
    assert shown(mine, theirs, own) == {"Comisaría 3": 6}
    assert is_partial([mine, theirs, own])


def test_where_there_is_no_junta_there_is_nobody_to_hide():
    found = shown(a_station(1, "180301", 6), a_station(2, "180301", 0))
    assert found == {"Comisaría 1": 6, "Comisaría 2": 0}


def test_juntas_of_earlier_in_the_year_are_hidden_as_well():
    earlier = a_station(2, "180301", 0, juntas_year=2)
    found = shown(a_station(1, "180301", 6), earlier)
    assert found == {"Comisarías de distrito 180301": 6}


def test_members_of_the_last_day_are_of_five_juntas_or_of_none():
    found = shown(a_station(1, "180301", 7, last_day=2), a_station(2, "180301", 6))
    assert found == {"Comisarías de distrito 180301": 13}
    ended = shown(a_station(1, "180301", 7, last_day=0), a_station(2, "180301", 6))
    assert ended == {"Comisaría 1": 7, "Comisaría 2": 6}


@pytest.mark.parametrize("last_day", [0, 4])
def test_four_are_too_few_even_when_none_is_left(last_day):
    assert shown(a_station(1, "180301", 4, last_day=last_day)) == {}


def test_stations_without_a_district_go_together():
    found = shown(a_station(1, "", 3), a_station(2, "", 4), a_station(3, "180301", 6))
    assert sorted(found.values()) == [6, 7]


@pytest.mark.parametrize("plain", [2, 3])
def test_of_a_group_the_sensible_counts_as_in_a_comisaria(plain):
    facts = Facts(juntas=7, informing=4, informing_plain=plain)
    assert facts.without_hints().informing == (4 if 7 - plain >= SMALLEST_GROUP else plain)


# Whatever the country looks like

ubigeos = st.sampled_from(
    ["", "180101", "180102", "180201", "180301", "180302", "180303", "150101", "150102", "150201"]
)


@st.composite
def countries(draw) -> list[Station]:
    """Stations with few juntas, mostly, some of which ended within the year or the quarter."""
    found = []
    for unit_id in range(1, draw(st.integers(1, 14)) + 1):
        year = draw(st.integers(0, 9))
        quarter = draw(st.integers(0, year)) if draw(st.booleans()) else year
        last_day = draw(st.sampled_from((quarter, 0)) | st.integers(0, quarter))
        ubigeo = draw(ubigeos)
        found.append(a_station(unit_id, ubigeo, quarter, last_day, juntas_year=year))
    return found


def scoped(country: Iterable[Station], units: set[int]) -> list[Station]:
    """The same country for somebody who has only these units below."""
    return [
        Station(
            **{
                **{name: getattr(one, name) for name in Station.__slots__},
                "in_scope": one.unit_id in units,
            }
        )
        for one in country
    ]


def departments(country: Iterable[Station], units: set[int]) -> list[Station]:
    """What the queries read for that scope: the departments that it touches, whole."""
    stations = scoped(country, units)
    touched = {one.ubigeo[:2] for one in stations if one.in_scope}
    return [one for one in stations if one.ubigeo[:2] in touched]


def units_behind(row: Row) -> frozenset[int]:
    return frozenset(station.unit_id for station in row.stations)


def published(country: list[Station], scopes: Iterable[set[int]]) -> set[frozenset[int]]:
    """The comisarías behind every line and every total of every table of every scope."""
    behind = set()
    for units in scopes:
        stations = departments(country, units)
        facts = {one.unit_id: Facts(juntas=one.juntas) for one in stations}
        for level in ABOVE:
            rows = [
                row for row in rows_of(level, stations, facts) if row.facts.juntas or row.stations
            ]
            behind |= {units_behind(row) for row in rows}
            behind.add(frozenset().union(*map(units_behind, rows)))
    return behind


@settings(max_examples=150, deadline=None)
@given(countries(), st.lists(st.sets(st.integers(1, 14), min_size=1), min_size=1, max_size=4))
def test_whoever_puts_all_tables_together_learns_of_five_juntas_or_of_none(country, scopes):
    stations = {one.unit_id: one for one in country}
    behind = published(country, scopes)
    # Sums and differences of the figures never tell apart what the same lines hold.
    alike: dict[frozenset[frozenset[int]], list[Station]] = defaultdict(list)
    for unit_id, station in stations.items():
        alike[frozenset(line for line in behind if unit_id in line)].append(station)
    for lines, together in alike.items():
        if not lines:
            continue
        for counted in ("juntas", "juntas_last_day"):
            number = sum(getattr(one, counted) for one in together)
            assert number == 0 or number >= SMALLEST_GROUP, (counted, together)


@settings(max_examples=100, deadline=None)
@given(countries())
def test_for_the_whole_country_every_level_adds_up_to_the_same(country):
    stations = departments(country, {one.unit_id for one in country})
    facts = {one.unit_id: Facts(juntas=one.juntas) for one in stations}
    totals = {sum(row.facts.juntas for row in rows_of(level, stations, facts)) for level in ABOVE}
    assert len(totals) == 1
    if not is_partial(stations):
        assert totals == {sum(one.juntas for one in country)}


@settings(max_examples=100, deadline=None)
@given(countries())
def test_every_comisaria_is_in_one_group_at_most(country):
    units = [unit for group in groups_of(country) for unit in group.unit_ids]
    assert len(units) == len(set(units))
    assert all(group.hides_each for group in groups_of(country))
