"""Who must never learn of a queja: the rule as a table, and what always holds of it."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.reports.bars import Bar, Hierarchy, UnitAbove, bars_against, is_barred, line_above

# region 1 > divpol 2 > comisarías 3 and 4; sector 5 below 3. CUD 6 and Inspectoría 7 on their own;
# desk 8 below the region.
UP = {1: None, 2: 1, 3: 2, 4: 2, 5: 3, 6: None, 7: None, 8: 1}


def hierarchy(*independent: int) -> Hierarchy:
    return {unit: UnitAbove(above, unit in independent) for unit, above in UP.items()}


@dataclass(frozen=True)
class Case:
    accused: set[int]
    independent: tuple[int, ...]
    bars: dict[int, bool]
    barred: set[int]


TABLE = {
    "nobody is complained of": Case(set(), (), {}, set()),
    "a comisaría, nobody independent": Case({3}, (), {3: True, 2: False, 1: False}, {1, 2, 3, 5}),
    "a comisaría below an independent region": Case({3}, (1,), {3: True, 2: False}, {2, 3, 5}),
    "a comisaría below an independent divpol": Case({3}, (2,), {3: True}, {3, 5}),
    "the climb stops at the first independent": Case({3}, (2, 1), {3: True}, {3, 5}),
    "an independent comisaría is barred when accused": Case(
        {3}, (3, 1), {3: True, 2: False}, {2, 3, 5}
    ),
    "a sector": Case({5}, (1,), {5: True, 3: False, 2: False}, {2, 3, 5}),
    "a divpol takes all below it": Case({2}, (1,), {2: True}, {2, 3, 4, 5}),
    "a region takes its specialised desk": Case({1}, (), {1: True}, {1, 2, 3, 4, 5, 8}),
    "independence below the accused does not count": Case(
        {3, 1}, (2,), {3: True, 2: False, 1: True}, {1, 2, 3, 4, 5, 8}
    ),
    "a comisaría and its divpol": Case({3, 2}, (1,), {3: True, 2: True}, {2, 3, 4, 5}),
    "the CUD": Case({6}, (7,), {6: True}, {6}),
}


@pytest.mark.parametrize("case", TABLE.values(), ids=TABLE)
def test_bars(case: Case):
    units = hierarchy(*case.independent)
    bars = bars_against(case.accused, units)
    assert dict(bars) == case.bars
    assert {unit for unit in UP if is_barred(unit, bars, units)} == case.barred


def test_a_circle_ends():
    units = {1: UnitAbove(2, False), 2: UnitAbove(1, False)}
    assert bars_against({1}, units) == {Bar(1, True), Bar(2, False)}


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Hierarchy, set[int]]:
    size = draw(st.integers(1, 12))
    units = {
        unit: UnitAbove(
            draw(st.none() | st.integers(1, unit - 1)) if unit > 1 else None, draw(st.booleans())
        )
        for unit in range(1, size + 1)
    }
    return units, draw(st.sets(st.integers(1, size), max_size=3))


@given(worlds())
def test_whatever_the_hierarchy(world):
    units, accused = world
    bars = bars_against(accused, units)
    for unit in units:
        line = [unit, *line_above(unit, units)]
        barred = is_barred(unit, bars, units)
        if not accused.isdisjoint(line):
            assert barred, "below what is complained of"
        below = {one for one in accused if unit in line_above(one, units)}
        if not below:
            assert barred == (not accused.isdisjoint(line)), "neither above nor below: untouched"
        elif barred and accused.isdisjoint(line):
            # Above: somebody complained of stands below with nobody independent in between.
            assert any(_climbs_to(unit, one, units, accused) for one in below)


def _climbs_to(unit: int, accused_one: int, units: Hierarchy, accused: set[int]) -> bool:
    for above in line_above(accused_one, units):
        below_accused = not accused.isdisjoint([above, *line_above(above, units)])
        if units[above].is_independent and not below_accused:
            return False
        if above == unit:
            return True
    return False
