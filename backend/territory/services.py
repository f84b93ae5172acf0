"""Imports districts, units and jurisdictions and draws provisional cells; the CLI calls it."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from sqlalchemy import delete, exists, select, text
from sqlalchemy.dialects.postgresql import insert

from backend.db import db, transaction
from backend.errors import Conflict, NotFound, wrong_field
from backend.territory.cells import CellsReport, draw_cells
from backend.territory.files import Raw, read_csv
from backend.territory.merging import (
    Advance,
    ImportReport,
    merge_districts,
    merge_jurisdictions,
    merge_units,
)
from backend.territory.models import DESKS_FOR_QUEJAS, District, PoliceUnit, QuejaDesk
from backend.territory.queries import in_force
from backend.territory.rows import (
    check_districts,
    check_jurisdictions,
    check_unit_columns,
    check_units,
)

DATA = Path(__file__).parent / "data"
DEMO_INSPECTION = "DEMO-INSPECTORIA"
DEMO_DESKS = ("DEMO-CUD", DEMO_INSPECTION, "DEMO-CUD-SUPLENTE")
DEMO_SOURCE = "Demostración: posiciones del Censo Nacional de Comisarías 2017 (INEI)"


def nobody_watches(rows: int) -> None:
    """The progress of an import that shows none."""


def import_units(
    raws: Sequence[Raw],
    source: str,
    today: date,
    *,
    skip_refused: bool = False,
    advance: Advance = nobody_watches,
) -> ImportReport:
    """Add or update units by code; a column that the file lacks leaves stored values alone."""
    columns = check_unit_columns(raws)
    checked = check_units(raws)
    with transaction():
        _alone()
        return merge_units(checked, columns, source, today, skip_refused, advance)


def import_districts(
    raws: Sequence[Raw],
    source: str,
    *,
    reniec: Mapping[str, str] | None = None,
    skip_refused: bool = False,
    advance: Advance = nobody_watches,
) -> ImportReport:
    """Add or update districts by INEI ubigeo; `reniec` maps it to RENIEC's code."""
    checked = check_districts(raws)
    with transaction():
        _alone()
        return merge_districts(checked, source, reniec, skip_refused, advance)


def import_jurisdictions(
    raws: Sequence[Raw],
    source: str,
    today: date,
    *,
    skip_refused: bool = False,
    advance: Advance = nobody_watches,
) -> ImportReport:
    """Give units their polygons; a replaced one is closed and kept."""
    checked = check_jurisdictions(raws)
    with transaction():
        _alone()
        return merge_jurisdictions(checked, source, today, skip_refused, advance)


def draw_provisional_cells(today: date) -> CellsReport:
    """Voronoi cells for named basic stations in force that have no polygon of their own."""
    with transaction():
        _alone()
        return draw_cells(today)


def load_demo_territory(today: date) -> CellsReport:
    """The comisarías of Callao, Ate and Ilo with an invented hierarchy; harmless to repeat."""
    units = read_csv(DATA / "demo_units.csv")
    checked, columns = check_units(units), check_unit_columns(units)
    with transaction():
        _alone()
        _add_demo_districts()
        merge_units(checked, columns, DEMO_SOURCE, today, False, nobody_watches)
        _add_demo_desks()
        return draw_cells(today)


# Desks for quejas: inside the caller's transaction, which also writes the audit trail.


def add_queja_desk(unit_id: int, today: date) -> None:
    """Let the unit receive quejas, after those that do already."""
    unit = _in_force(unit_id, today)
    if unit.kind not in DESKS_FOR_QUEJAS:
        raise wrong_field("unidad", "Elija una unidad especializada o la mesa sin jurisdicción.")
    order = _desk_order()
    if unit_id in order:
        raise Conflict("Esa unidad ya recibe quejas.")
    _put_in_order([*order, unit_id])


def raise_queja_desk(unit_id: int) -> None:
    """One place up: it comes before the desk that came before it."""
    order = _desk_order()
    place = _place_in(order, unit_id)
    if place > 0:
        order[place - 1 : place + 1] = [unit_id, order[place - 1]]
        _put_in_order(order)


def remove_queja_desk(unit_id: int) -> None:
    """It receives no more quejas; those that it has stay with it."""
    order = _desk_order()
    order.pop(_place_in(order, unit_id))
    _put_in_order(order)


def set_independent(unit_id: int, is_independent: bool, today: date) -> None:
    """Whether the unit may know of quejas about units below it; counts for later ones alone."""
    unit = _in_force(unit_id, today) if is_independent else db.session.get(PoliceUnit, unit_id)
    if unit is None:
        raise NotFound("No encontramos esa unidad.")
    unit.is_independent = is_independent


def _desk_order() -> list[int]:
    _alone()
    return list(db.session.scalars(select(QuejaDesk.unit_id).order_by(QuejaDesk.position)))


def _put_in_order(unit_ids: list[int]) -> None:
    db.session.execute(delete(QuejaDesk))
    rows = [
        {"unit_id": unit_id, "position": place} for place, unit_id in enumerate(unit_ids, start=1)
    ]
    if rows:
        db.session.execute(insert(QuejaDesk), rows)


def _place_in(order: list[int], unit_id: int) -> int:
    if unit_id not in order:
        raise NotFound("Esa unidad no recibe quejas.")
    return order.index(unit_id)


def _in_force(unit_id: int, today: date) -> PoliceUnit:
    query = select(PoliceUnit).where(PoliceUnit.id == unit_id, in_force(today))
    unit = db.session.scalar(query)
    if unit is None:
        raise NotFound("No encontramos esa unidad.")
    return unit


def reniec_codes(raws: Sequence[Raw]) -> dict[str, str]:
    """INEI to RENIEC from a CSV with the columns `inei` and `reniec`; rows without both drop."""
    pairs = ((raw.values.get("inei") or "", raw.values.get("reniec") or "") for raw in raws)
    return {inei: code for inei, code in pairs if _six_digits(inei) and _six_digits(code)}


def _six_digits(code: str) -> bool:
    return len(code) == 6 and code.isascii() and code.isdigit()


def _add_demo_desks() -> None:
    """Who receives quejas in the demonstration; an order that somebody made stays."""
    if db.session.scalar(select(exists(select(QuejaDesk)))):
        return
    query = select(PoliceUnit).where(PoliceUnit.code.in_(DEMO_DESKS))
    by_code = {unit.code: unit for unit in db.session.scalars(query)}
    by_code[DEMO_INSPECTION].is_independent = True
    _put_in_order([by_code[code].id for code in DEMO_DESKS])


def _add_demo_districts() -> None:
    """Names only, for the choice of a written reference; real ones already there stay."""
    rows = [
        {
            "ubigeo": raw.values["ubigeo"],
            "ubigeo_reniec": raw.values["reniec"],
            "name": raw.values["distrito"],
            "province": raw.values["provincia"],
            "department": raw.values["departamento"],
            "source": "Demostración: nombres y códigos del INEI, sin polígono",
        }
        for raw in read_csv(DATA / "demo_districts.csv")
    ]
    db.session.execute(insert(District).on_conflict_do_nothing(), rows)


def _alone() -> None:
    """Two imports at once would each miss what the other adds."""
    db.session.execute(text("SELECT pg_advisory_xact_lock(hashtext('territory'))"))
