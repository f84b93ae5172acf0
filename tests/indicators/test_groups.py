"""No table, and no difference between tables, tells of fewer than five juntas."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.indicators.models import SMALLEST_GROUP, Facts, Level, Row, Station
from backend.indicators.services import groups_of, is_partial, rows_of

ABOVE = (Level.COMISARIA, Level.DISTRICT, Level.PROVINCE)


def a_station(unit_id: int, ubigeo: str, juntas: int, *first_days: int, **more):
    """One with its juntas on the first day of each quarter until the one that is looked at."""
    place = f"distrito {ubigeo}", f"provincia {ubigeo[:4]}", f"departamento {ubigeo[:2]}"
    counts = {"juntas": juntas, "juntas_year": max(juntas, *first_days, 0)}
    counts["first_days"] = first_days or (juntas,)
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
    large, earlier = a_station(1, "180301", 6, 6, 6), a_station(2, "180301", 0, 2, 0)
    assert shown(large, earlier) == {"Comisarías de distrito 180301": 6}


def test_four_are_too_few():
    assert shown(a_station(1, "180301", 4)) == {}


# As time goes by


def test_within_a_quarter_nothing_changes_but_who_comes_into_sight():
    """Or today's line of two less yesterday's line of one would be the other's alone."""
    large = a_station(1, "180301", 8)
    before = shown(large, a_station(2, "180301", 4, 4), a_station(3, "180302", 0))
    assert before == {"Comisarías de distrito 180301": 12, "Comisaría 3": 0}
    # A fifth junta does not take the small one out; a first one pulls nobody in.
    grown = a_station(2, "180301", 5, 4)
    assert shown(large, grown, a_station(3, "180302", 1, 0)) == {
        "Comisarías de distrito 180301": 13
    }
    assert is_partial([large, grown, a_station(3, "180302", 1, 0)])
    assert shown(large, grown, a_station(3, "180302", 5, 0))["Comisaría 3"] == 5


def test_who_has_too_few_in_a_later_quarter_joins_a_neighbour_and_stays():
    falling = [a_station(1, "180301", 8, 8), a_station(2, "180301", 6, 6)]
    assert len(shown(*falling)) == 2
    joined = [a_station(1, "180301", 8, 8, 8), a_station(2, "180301", 4, 6, 4)]
    assert shown(*joined) == {"Comisarías de distrito 180301": 12}
    again = [a_station(1, "180301", 8, 8, 8, 8), a_station(2, "180301", 9, 6, 4, 9)]
    assert shown(*again) == {"Comisarías de distrito 180301": 17}


def year_of(*stations: Station) -> dict[str, tuple[int, int]]:
    facts = {one.unit_id: Facts(juntas=one.juntas, juntas_year=9) for one in stations}
    rows = rows_of(Level.COMISARIA, stations, facts)
    return {row.name: (row.facts.juntas_year, row.joined_late) for row in rows}


def test_the_year_is_not_shown_where_one_joined_that_was_never_seen():
    """Joined since January less the neighbour's until March would be what it did until March."""
    large = a_station(1, "180301", 8, 8, 8)
    newcomer = a_station(2, "180301", 3, 0, 3)
    assert year_of(large, newcomer) == {"Comisarías de distrito 180301": (0, True)}
    known = a_station(2, "180301", 3, 5, 3)
    assert year_of(large, known) == {"Comisarías de distrito 180301": (18, False)}


def members_of(stations: list[Station], last_day: dict[int, int]) -> int:
    facts = {
        unit: Facts(juntas=9, juntas_last_day=juntas, women=juntas)
        for unit, juntas in last_day.items()
    }
    return sum(row.facts.members for row in rows_of(Level.COMISARIA, stations, facts))


def test_members_are_of_five_juntas_of_the_last_day_or_of_none():
    alone = [a_station(1, "180301", 7), a_station(2, "180301", 6)]
    assert members_of(alone, {1: 7, 2: 6}) == 13
    assert members_of(alone, {1: 4, 2: 6}) == 6
    # Of whoever joined later still apart: the neighbour's of yesterday may be taken away.
    joined = [a_station(1, "180301", 8, 8, 8), a_station(2, "180301", 4, 6, 4)]
    assert members_of(joined, {1: 8, 2: 4}) == 8
    assert members_of(joined, {1: 8, 2: 5}) == 13
    together = [a_station(1, "180301", 8), a_station(2, "180301", 4)]
    assert members_of(together, {1: 8, 2: 4}) == 12


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
def years(draw) -> list[list[Station]]:
    """A country in each quarter of a year so far; few juntas, mostly, that come and go."""
    quarters = range(draw(st.integers(1, 4)))
    country: list[list[Station]] = [[] for _ in quarters]
    for unit_id in range(1, draw(st.integers(1, 14)) + 1):
        firsts: list[int] = []
        of_year, ubigeo = 0, draw(ubigeos)
        for at in quarters:
            firsts.append(draw(st.integers(0, 9)))
            juntas = firsts[-1] + draw(st.sampled_from((0, 0, 1, 5)))
            of_year = max(of_year, juntas)
            station = a_station(unit_id, ubigeo, juntas, *firsts, juntas_year=of_year)
            country[at].append(station)
    return country


countries = years().map(lambda year: year[-1])


def scoped(country: Iterable[Station], units: set[int]) -> list[Station]:
    """The same country for somebody who has only these units below."""
    return [replace(one, in_scope=one.unit_id in units) for one in country]


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
@given(countries, st.lists(st.sets(st.integers(1, 14), min_size=1), min_size=1, max_size=4))
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
        number = sum(one.juntas for one in together)
        assert number == 0 or number >= SMALLEST_GROUP, together


@settings(max_examples=100, deadline=None)
@given(countries)
def test_for_the_whole_country_every_level_adds_up_to_the_same(country):
    stations = departments(country, {one.unit_id for one in country})
    facts = {one.unit_id: Facts(juntas=one.juntas) for one in stations}
    totals = {sum(row.facts.juntas for row in rows_of(level, stations, facts)) for level in ABOVE}
    assert len(totals) == 1
    if not is_partial(stations):
        assert totals == {sum(one.juntas for one in country)}


@settings(max_examples=100, deadline=None)
@given(countries)
def test_every_comisaria_is_in_one_group_at_most(country):
    units = [unit for group in groups_of(country) for unit in group.unit_ids]
    assert len(units) == len(set(units))
    assert all(group.juntas >= SMALLEST_GROUP for group in groups_of(country))


def later_in_the_quarter(country: Iterable[Station], more: list[int]) -> list[Station]:
    """Some juntas more, that came since the quarter's first day."""
    return [
        replace(one, juntas=one.juntas + extra, juntas_year=one.juntas_year + extra)
        for one, extra in zip(country, more, strict=False)
    ]


@settings(max_examples=150, deadline=None)
@given(countries, st.lists(st.integers(0, 6), min_size=14, max_size=14))
def test_within_a_quarter_no_group_changes(country, more):
    later = groups_of(later_in_the_quarter(country, more))
    before, after = ({group.unit_ids for group in groups} for groups in (groups_of(country), later))
    assert before <= after
    shown_before = {unit for group in before for unit in group}
    assert all(shown_before.isdisjoint(group) for group in after - before)


@settings(max_examples=150, deadline=None)
@given(years())
def test_within_a_year_groups_only_ever_join(year):
    """Whole, so that the difference of two quarters' years is of whole groups as well."""
    seen: list[set[int]] = []
    for country in year:
        groups = groups_of(country)
        known = {unit for units in seen for unit in units}
        for group in groups:
            mine = set(group.unit_ids)
            assert all(units <= mine or units.isdisjoint(mine) for units in seen)
            if known & mine and mine - known:
                assert group.joined_late
        seen = [units for units in seen if not any(units <= set(g.unit_ids) for g in groups)]
        seen += [set(group.unit_ids) for group in groups]
