"""Who must never learn that a queja exists: the rule alone, without a database; routing calls it.

A queja is kept from the unit complained of, from everything below it, and from the units above
it, each by itself, up to the first that is independent by configuration and is neither
complained of nor below what is (design §3; docs/decisions/0016-quejas.md).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple


class UnitAbove(NamedTuple):
    """What the rule needs to know of a unit."""

    parent_id: int | None
    is_independent: bool


class Bar(NamedTuple):
    """A unit that must not know; when accused, nor may anything below it, now or later."""

    unit_id: int
    is_accused: bool


Hierarchy = Mapping[int, UnitAbove]


def bars_against(accused: Collection[int], hierarchy: Hierarchy) -> frozenset[Bar]:
    """The bars of a queja against these units; `hierarchy` has them and everything above them."""
    bars = {Bar(unit_id, True) for unit_id in accused}
    for unit_id in accused:
        for above in line_above(unit_id, hierarchy):
            if above in accused:
                break  # its own turn goes on from there
            is_below_accused = not set(accused).isdisjoint(line_above(above, hierarchy))
            if hierarchy[above].is_independent and not is_below_accused:
                break
            bars.add(Bar(above, False))
    return frozenset(bars)


def is_barred(unit_id: int, bars: Iterable[Bar], hierarchy: Hierarchy) -> bool:
    """Whether the unit stands in a bar itself or below one that is accused."""
    line = {unit_id, *line_above(unit_id, hierarchy)}
    return any(bar.unit_id == unit_id or (bar.is_accused and bar.unit_id in line) for bar in bars)


def line_above(unit_id: int, hierarchy: Hierarchy) -> Iterator[int]:
    """The units above, nearest first; ends should somebody have closed a circle by hand."""
    seen = {unit_id}
    above = hierarchy[unit_id].parent_id
    while above is not None and above not in seen:
        yield above
        seen.add(above)
        above = hierarchy[above].parent_id
