"""Juntas, what they told and what came of it, as raw rows: no rule of the product makes them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert

from backend import clock
from backend.boards.models import JuntaMember, JuntaTerm, JuntaVecinal
from backend.db import db, transaction
from backend.informes.models import Informe
from backend.reports.models import HistoryEntry, Message, Report
from backend.territory.models import District, PoliceUnit
from tests.builders import a_unit

_numbers = count(1)
NOON = 12


def lima(day: date, hour: int = NOON, minute: int = 0) -> datetime:
    """An instant on Peru's clocks."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.LIMA)


def a_district(ubigeo: str, name: str, province: str, department: str = "Moquegua") -> None:
    names = {"name": name, "province": province, "department": department}
    with transaction():
        db.session.add(District(ubigeo=ubigeo, source="prueba", **names))


def a_station(code: str, ubigeo: str | None, parent: PoliceUnit | None = None) -> PoliceUnit:
    name = f"Comisaría {code}"
    return a_unit(code, "comisaria", parent=parent, name=name, ubigeo=ubigeo)


def a_junta(
    unit: PoliceUnit | int,
    *terms: tuple[date, date],
    ended_on: date | None = None,
    name: str | None = None,
) -> UUID:
    """A junta with its terms, the last day of each in force."""
    number, junta_id = next(_numbers), uuid4()
    now = clock.now()
    junta = {
        "id": junta_id,
        "unit_id": unit if isinstance(unit, int) else unit.id,
        "code": f"JV-{number:05}",
        "name": name or f"Junta {number:05}",
        "scope": "barrio",
        "valid_until": max(until for _, until in terms),
        "ended_on": ended_on,
        "end_reason": "sin_actividad" if ended_on else None,
        "created_at": now,
    }
    periods = [
        {
            "junta_id": junta_id,
            "act": f"Acta {number}",
            "recognised_on": since,
            "valid_from": since,
            "valid_until": until,
            "recorded_at": now,
        }
        for since, until in terms
    ]
    with transaction():
        db.session.execute(insert(JuntaVecinal), junta)
        db.session.execute(insert(JuntaTerm), periods)
    return junta_id


def juntas(unit: PoliceUnit | int, how_many: int, *terms: tuple[date, date]) -> list[UUID]:
    return [a_junta(unit, *terms) for _ in range(how_many)]


def a_member(
    junta_id: UUID,
    sex: str = "mujer",
    since: date = date(2024, 1, 1),
    until: date | None = None,
    ended_on: date | None = None,
) -> None:
    with transaction():
        db.session.execute(
            insert(JuntaMember),
            {
                "id": uuid4(),
                "junta_id": junta_id,
                "position": next(_numbers) % 32000,
                "post": "integrante",
                "sex": sex,
                "since": since,
                "until": until,
                "designated_by": "comisario",
                "ended_on": ended_on,
                "end_reason": "renuncia" if ended_on else None,
                "created_at": clock.now(),
            },
        )


def a_sensible_informe(junta_id: UUID, month: date, kind: str = "delito") -> None:
    """Neither report nor day, only the month."""
    row = {"junta_id": junta_id, "report_id": None, "told_on": month.replace(day=1)}
    with transaction():
        db.session.execute(insert(Informe), {"id": uuid4(), "kind": kind, "source": "propia"} | row)


Step = tuple[str, str, datetime]  # event, state, when


def an_informe(
    junta_id: UUID,
    unit_id: int,
    at: datetime,
    *,
    kind: str = "delito",
    steps: Iterable[Step] = (),
    written: Iterable[tuple[str, datetime]] = (),
    staff_id: int | None = None,
    **columns: Any,
) -> UUID:
    """An informe told at an instant, with the history and messages of its report.

    How it was closed or verified stands in its history as well, as the panel writes it.
    """
    report_id, number = uuid4(), next(_numbers)
    steps = _all_steps(at, list(steps), columns)
    report = {
        "id": report_id,
        "numero": f"J{number:013}",
        "clave_key_version": 1,
        "kind": "alerta",
        "categoria": "robo",
        "priority": 1,
        "is_sensible": False,
        "is_ongoing": False,
        "from_junta": True,
        "place_source": "referencia",
        "received_at": at,
        "updated_at": at,
        "unit_id": unit_id,
        "routing_rule": "test",
        "state": steps[-1][1] if steps else "received",
        **columns,
    }
    told_on = at.astimezone(clock.LIMA).date()
    entries = [("received", "received", at), *steps]
    with transaction():
        db.session.execute(insert(Report), report)
        db.session.execute(
            insert(Informe),
            {
                "id": uuid4(),
                "junta_id": junta_id,
                "report_id": report_id,
                "kind": kind,
                "source": "propia",
                "told_on": told_on,
            },
        )
        of_it = {"report_id": report_id, "unit_id": unit_id, "details": {}}
        closed = {**of_it, "details": {"outcome": columns.get("outcome")}}
        history = [
            {"event": e, "state": s, "at": when, **(closed if e == "closed" else of_it)}
            for e, s, when in entries
        ]
        db.session.execute(insert(HistoryEntry), history)
        for author, when in written:
            by = staff_id if author == "comisaria" else None
            row = {"report_id": report_id, "at": when, "author": author, "staff_id": by}
            db.session.execute(insert(Message), {**row, "text": "Hola"})
    return report_id


def _all_steps(at: datetime, steps: list[Step], columns: dict[str, Any]) -> list[Step]:
    if columns.get("outcome") and all(event != "closed" for event, _, _ in steps):
        steps.append(("closed", "resolved", at + timedelta(days=2)))
    if "verification" in columns:
        state = steps[-1][1] if steps else "acknowledged"
        steps.append((columns["verification"], state, columns["verified_at"]))
    return steps


def a_step(
    report_id: UUID, unit_id: int, event: str, state: str, at: datetime, **details: Any
) -> None:
    """One more entry in the history of a report."""
    entry = {"report_id": report_id, "unit_id": unit_id, "event": event, "state": state}
    with transaction():
        db.session.execute(insert(HistoryEntry), {**entry, "at": at, "details": details})


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)
