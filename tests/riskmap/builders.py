"""Verified reports at known cells, put straight into the database."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import h3
from sqlalchemy import delete, insert, select, text, update

from backend.db import db, transaction
from backend.reports.models import Report
from backend.riskmap.models import PublicCell, RiskCell, RiskFact, RiskHexagon, RiskPublication
from backend.territory.models import FALLBACK_DESK_CODE, PoliceUnit

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # ten in the morning in Lima
HOURS = timedelta(hours=1)
DAYS = timedelta(days=1)

# A res-7 cell in Callao with its children, so that tests can name places.
DISTRICT_CELL = h3.latlng_to_cell(-12.06, -77.12, 7)
QUARTER_CELLS = sorted(h3.cell_to_children(DISTRICT_CELL, 8))
BLOCK_CELLS = [sorted(h3.cell_to_children(quarter, 9)) for quarter in QUARTER_CELLS]

_numbers = count(1)


def block(quarter: int, number: int) -> str:
    """The res-9 cell with this number inside the res-8 cell with that number."""
    return BLOCK_CELLS[quarter][number]


def point_in(cell: str, east_m: float = 0.0) -> str:
    """WKT of a cell's centre, moved east."""
    lat, lon = h3.cell_to_latlng(cell)
    return f"SRID=4326;POINT({lon + east_m / 108_900} {lat})"


def a_report(cell: str | None, **changes: Any) -> UUID:
    """A robbery by the centre of `cell`, verified yesterday; `changes` are columns of Report."""
    number = next(_numbers)
    row: dict[str, Any] = {
        "id": uuid4(),
        "numero": f"T{number:013}",
        "clave_key_version": 1,
        "kind": "alerta",
        "categoria": "robo",
        "priority": 1,
        "is_sensible": False,
        "is_ongoing": False,
        "place_source": "gps" if cell else "referencia",
        "point": point_in(cell) if cell else None,
        "accuracy_m": 12 if cell else None,
        "ubigeo": "070101",
        # A day apart, so that each is an incident of its own.
        "occurred_at": NOW - 2 * DAYS - (number % 300) * DAYS,
        "received_at": NOW - 2 * DAYS,
        "updated_at": NOW - DAYS,
        "verification": "verified",
        "verified_at": NOW - DAYS,
        "unit_id": select(PoliceUnit.id)
        .where(PoliceUnit.code == FALLBACK_DESK_CODE)
        .scalar_subquery(),
        "routing_rule": "test",
    }
    row |= changes
    with transaction():
        db.session.execute(insert(Report).values(**row))
    return row["id"]


def a_dark_corner(cell: str, **changes: Any) -> UUID:
    """A risk factor: a street without light."""
    return a_report(cell, **{"kind": "factor_de_riesgo", "categoria": "falta_de_luz"} | changes)


def change(report_id: UUID, **changes: Any) -> None:
    """What an officer or the journey did to a report since."""
    with transaction():
        db.session.execute(update(Report).where(Report.id == report_id).values(**changes))


def verified(**changes: Any) -> dict[str, Any]:
    return {"verification": "verified", "verified_at": NOW - DAYS} | changes


def refuted() -> dict[str, Any]:
    return {"verification": "refuted", "verified_at": NOW - DAYS}


def unverified() -> dict[str, Any]:
    return {"verification": "unverified", "verified_at": None}


def state_of_the_maps() -> tuple[list[Any], list[Any]]:
    """Every fact and every analysts' cell, to compare to the last bit."""
    db.session.rollback()
    facts = db.session.execute(text("SELECT * FROM risk_fact ORDER BY report_id")).all()
    cells = db.session.execute(
        text("SELECT * FROM risk_cell ORDER BY cell, capa, grupo, band")
    ).all()
    return list(facts), list(cells)


def published() -> dict[tuple[str, str], int]:
    """The citizens' snapshot: (capa, cell) and its class."""
    db.session.rollback()
    rows = db.session.execute(select(PublicCell.capa, PublicCell.cell, PublicCell.clase))
    return {(str(capa), cell): clase for capa, cell, clase in rows}


def drawn(capa: str = "delito") -> set[str]:
    """The cells that citizens see on one map."""
    return {cell for of, cell in published() if of == capa}


def empty_maps() -> None:
    """Forget reports and maps between two examples of one test."""
    with transaction():
        for table in (PublicCell, RiskPublication, RiskCell, RiskFact, RiskHexagon, Report):
            db.session.execute(delete(table))
