"""Imports districts, units and jurisdictions and draws provisional cells; the CLI calls it."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from backend.db import db, transaction
from backend.territory.cells import CellsReport, draw_cells
from backend.territory.files import Raw, read_csv
from backend.territory.merging import (
    Advance,
    ImportReport,
    merge_districts,
    merge_jurisdictions,
    merge_units,
)
from backend.territory.models import District
from backend.territory.rows import (
    check_districts,
    check_jurisdictions,
    check_unit_columns,
    check_units,
)

DATA = Path(__file__).parent / "data"
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
        return draw_cells(today)


def reniec_codes(raws: Sequence[Raw]) -> dict[str, str]:
    """INEI to RENIEC from a CSV with the columns `inei` and `reniec`; rows without both drop."""
    pairs = ((raw.values.get("inei") or "", raw.values.get("reniec") or "") for raw in raws)
    return {inei: code for inei, code in pairs if _six_digits(inei) and _six_digits(code)}


def _six_digits(code: str) -> bool:
    return len(code) == 6 and code.isascii() and code.isdigit()


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
