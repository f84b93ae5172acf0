"""A hierarchy with desks for quejas, and quejas as the submission stores them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from h3 import latlng_to_cell

from backend.catalog.models import Asunto
from backend.db import db, transaction
from backend.journey import arrives_at
from backend.parts import Parts
from backend.queue import NORMAL
from backend.reports import services as reports
from backend.reports.models import PlaceSource, Step
from backend.reports.services import Place
from backend.routing.services import Complained, Level, route_queja
from backend.submission import intake
from backend.submission.intake import Told
from backend.territory.models import PoliceUnit, QuejaDesk
from tests.builders import IN_WEST, Callao, a_unit

WEST_CELL = latlng_to_cell(IN_WEST["lat"], IN_WEST["lon"], 8)
IN_THE_CELL = Place(PlaceSource.CELDA, cell=WEST_CELL)
NOWHERE = Place(PlaceSource.REFERENCIA, reference="No digo dónde")
MATTERS = (
    "maltrato_policial",
    "corrupcion",
    "queja_trata",
    "crimen_organizado",
    "cobro_de_cupos",
    "punto_de_drogas",
)


class Ladder(Callao):
    """The Callao of the other tests, a CUD, an independent Inspectoría, and an alternate."""

    def __init__(self) -> None:
        super().__init__()
        self.cud = a_unit("CUD", "especializada")
        self.inspection = a_unit("INSP", "especializada", is_independent=True)
        self.alternate = a_unit("ALT", "especializada")
        self.drugs_desk = a_unit("DROGAS", "especializada", parent=self.region, matters=["drogas"])
        order_desks(self.cud, self.inspection, self.alternate)


def order_desks(*units: PoliceUnit) -> None:
    """Make these the desks for quejas, in this order."""
    with transaction():
        db.session.query(QuejaDesk).delete()
        for position, unit in enumerate(units, start=1):
            db.session.add(QuejaDesk(unit_id=unit.id, position=position))


def against(unit: PoliceUnit) -> Complained:
    return Complained(Level.UNIT, unit.id)


NOT_KNOWN = Complained(Level.UNKNOWN)
THE_CUD = Complained(Level.CUD)


def a_queja(
    parts: Parts,
    now: datetime,
    asunto: str = "maltrato_policial",
    complained: Complained | None = NOT_KNOWN,
    place: Place = IN_THE_CELL,
    description: str = "Me insultaron en la puerta",
    **changes: Any,
) -> UUID:
    """Stored as the submission would, with the first step that workers owe it."""
    matter: Asunto = parts.catalog.asunto(asunto)
    told = Told(matter, place, None, False, description)
    report_id = uuid4()
    with transaction():
        found = route_queja(matter, place, complained, now)
        row = intake.report_row(parts, told, found, report_id, set(), now)
        row |= {
            "kind": "queja",
            "acknowledge_by": None,
            "held_until": arrives_at(matter, now) + timedelta(minutes=10),
            **changes,
        }
        reports.insert_report(row, Step.MODERATE, NORMAL)
        reports.keep_from(report_id, found.bars)
    return report_id


def codes(units: Iterable[int]) -> set[str]:
    """The codes of units by id."""
    query = db.session.query(PoliceUnit.code).where(PoliceUnit.id.in_(list(units)))
    return {code for (code,) in query}
