"""Settles the parents and periods of a file of units against the stored ones; no database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from graphlib import TopologicalSorter

from backend.territory.files import Refusal
from backend.territory.models import UnitKind
from backend.territory.rows import UnitRow


@dataclass(frozen=True)
class StoredUnit:
    """What the database already says of a unit."""

    id: int
    kind: UnitKind
    parent: str | None
    valid_from: date


def settle(
    rows: list[UnitRow],
    stored: Mapping[str, StoredUnit],
    refused_codes: set[str],
    today: date,
    *,
    with_parents: bool,
) -> tuple[list[UnitRow], list[Refusal]]:
    """Rows with parent and first day filled in, and those that cannot stand in the hierarchy.

    A refused parent takes its children with it, so the look is repeated until nothing changes.
    """
    left = {row.code: _filled(row, stored.get(row.code), today, with_parents) for row in rows}
    refused_codes = set(refused_codes)
    refusals: list[Refusal] = []
    while True:
        reasons = _reasons(left, stored, refused_codes)
        if not reasons:
            return list(left.values()), refusals
        for code, reason in reasons.items():
            refusals.append(Refusal(left.pop(code).number, code, reason))
        refused_codes |= reasons.keys()


def generations(rows: list[UnitRow]) -> Iterator[list[UnitRow]]:
    """The rows in batches, each after the one that holds its parents."""
    by_code = {row.code: row for row in rows}
    sorter = TopologicalSorter(
        {row.code: [row.parent] if row.parent in by_code else [] for row in rows}
    )
    sorter.prepare()
    while sorter.is_active():
        ready = sorter.get_ready()
        yield [by_code[code] for code in ready]
        sorter.done(*ready)


def _filled(row: UnitRow, stored: StoredUnit | None, today: date, with_parents: bool) -> UnitRow:
    return replace(
        row,
        parent=row.parent if with_parents or stored is None else stored.parent,
        valid_from=row.valid_from or (stored.valid_from if stored else today),
    )


def _reasons(
    rows: Mapping[str, UnitRow], stored: Mapping[str, StoredUnit], refused_codes: set[str]
) -> dict[str, str]:
    parents = {code: unit.parent for code, unit in stored.items()}
    parents |= {code: row.parent for code, row in rows.items()}
    kinds = {code: unit.kind for code, unit in stored.items()}
    kinds |= {code: row.kind for code, row in rows.items()}
    found = {code: _reason(row, parents, kinds, refused_codes) for code, row in rows.items()}
    return {code: reason for code, reason in found.items() if reason}


def _reason(
    row: UnitRow,
    parents: Mapping[str, str | None],
    kinds: Mapping[str, UnitKind],
    refused_codes: set[str],
) -> str | None:
    if row.valid_until and row.valid_from and row.valid_until <= row.valid_from:
        return f"vigente_hasta {row.valid_until} no es posterior a vigente_desde {row.valid_from}"
    if row.parent and row.parent not in parents:
        was = "fue rechazado" if row.parent in refused_codes else "no existe"
        return f"el padre «{row.parent}» {was}"
    if row.kind is UnitKind.SECTOR and kinds.get(row.parent or "") != UnitKind.COMISARIA:
        return "un sector necesita una comisaría como padre"
    above = [kinds.get(code) for code in _way_up(row.code, parents)[1:]]
    if row.kind is UnitKind.SPECIALISED and UnitKind.COMISARIA in above:
        # Whoever is above sees everything, and these matters are kept from the neighbourhood.
        return "una unidad especializada no puede depender de una comisaría"
    circle = _circle(row.code, parents)
    return f"la jerarquía da vueltas: {' → '.join(circle)}" if circle else None


def _circle(code: str, parents: Mapping[str, str | None]) -> list[str]:
    """The way from a unit up to itself, or nothing."""
    way = _way_up(code, parents)
    return [*way, code] if parents.get(way[-1]) == code else []


def _way_up(code: str, parents: Mapping[str, str | None]) -> list[str]:
    """The unit and those above it, each once."""
    way = [code]
    above = parents.get(code)
    while above and above not in way:
        way.append(above)
        above = parents.get(above)
    return way
