"""The areas in a file: each read once, and kept with a row that is registered; the check asks."""

from collections.abc import Iterable
from datetime import date

from backend.boards.areas import Area, read_area
from backend.errors import InvalidInput
from backend.padron.cells import Wrong
from backend.padron.places import as_geojson
from backend.padron.rows import CheckedRow
from backend.padron.standing import Key, Registered


class Areas:
    """What the rows of a file say of their juntas' areas, which most of them repeat."""

    def __init__(self) -> None:
        self._read: dict[tuple[Key, str], Area | None] = {}
        self._given: set[Key] = set()

    def read(self, rows: Iterable[CheckedRow], on: date) -> None:
        """Read each area, inside a transaction; what is wrong is told in the first row of it."""
        for row in rows:
            said = (row.key, row.area)
            if row.area and said not in self._read and not {"area", "comisaria"} & row.wrong.keys():
                self._read[said] = _area_of(row, on)

    def hand_out(
        self, right: Iterable[CheckedRow], registered: Registered, *, is_loader: bool
    ) -> None:
        """Give each junta's area to the first of its right rows that says it."""
        for row in right:
            area = self._read.get((row.key, row.area))
            if area is None or row.key in self._given:
                continue
            self._given.add(row.key)
            known = registered.juntas.get(row.key)
            if known is not None and known.has_area and not is_loader:
                row.warnings["area"] = "La junta ya tiene su área, y se queda como está."
            else:
                row.junta |= {"area": area.ewkb.hex(), "ubigeo": area.ubigeo}


def _area_of(row: CheckedRow, on: date) -> Area | None:
    try:
        return read_area(row.unit_id, as_geojson(row.area), on)
    except Wrong as problem:
        row.wrong["area"] = str(problem)
    except InvalidInput as problem:
        row.wrong["area"] = problem.detail
    return None
