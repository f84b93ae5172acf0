"""Gathers all that the page of a case shows; `admin.cases` and the acts call it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from admin import words
from admin.acts import offered
from admin.formal_view import formal_case
from admin.opaque import fingerprint
from backend import clock
from backend.catalog.models import Catalog
from backend.catalog.queries import desenlaces_for, rechazos_for
from backend.db import db
from backend.forwarding.models import Envio
from backend.identity.models import Staff
from backend.informes.models import Source
from backend.informes.queries import confirmations_of, source_of
from backend.media.queries import attachments_of, photo_states
from backend.moderation.services import Flag
from backend.reports.models import HistoryEntry, Report
from backend.reports.queries import history_of, messages_of, near
from backend.territory.models import Jurisdiction, PoliceUnit
from backend.territory.queries import district_by_ubigeo, sectors_of
from backend.unmasking import may_have_originals

Names = dict[int, str]


@dataclass(frozen=True)
class Step:
    """One line of the history in words."""

    at: datetime
    text: str
    details: tuple[str, ...]
    words: str
    unit: str
    staff: str | None


@dataclass(frozen=True)
class Delivery:
    """One delivery of this case."""

    envio: Envio
    unit: str


def case_context(staff: Staff, report: Report, catalog: Catalog) -> dict[str, Any]:
    """Everything that the templates of a case need; some ten queries, however long its history."""
    history, messages = history_of(report.id), messages_of(report.id)
    envios = _envios(report.id)
    units = _unit_names({report.unit_id, *_units_of(history), *(e.unit_id for e in envios)})
    people = _people(
        {
            *(h.staff_id for h in history),
            *(h.details.get("investigador") for h in history),
            *(m.staff_id for m in messages),
        }
    )
    now = clock.now()
    sectors = sectors_of(report.unit_id)
    categoria, photos = catalog.subject(report.categoria), attachments_of(report.id)
    return {
        "staff": staff,
        "report": report,
        "categoria": categoria,
        "told_by_neighbour": report.from_junta and source_of(report.id) is Source.NEIGHBOUR,
        "juntas_too": confirmations_of(report.id) if report.verified_at else 0,
        "hides_minute": report.is_sensible and not report.is_urgent,
        "unit": units[report.unit_id],
        "sector": units.get(report.sector_id or 0) or _name_in(sectors, report.sector_id),
        "district": district_by_ubigeo(report.ubigeo) if report.ubigeo else None,
        "position": report.lat_lon if report.point is not None else None,
        "photos": photos,
        "photo_states": photo_states(photos),
        "steps": [_step(entry, catalog, units, people) for entry in history],
        "messages": [(one, people.get(one.staff_id or 0)) for one in messages],
        "deliveries": [Delivery(envio, units[envio.unit_id]) for envio in envios],
        "near_ones": near(report, staff),
        "is_provisional": _is_provisional(report),
        "acts": offered(staff, report, has_sectors=bool(sectors)),
        "sectors": sectors,
        "outcomes": desenlaces_for(catalog, categoria),
        "rejections": rechazos_for(catalog, categoria),
        "formal": formal_case(staff, report, catalog, history, people, now),
        "original_reasons": words.ORIGINAL_REASONS,
        "may_have_originals": may_have_originals(staff, report),
        "case_version": case_version(report),
        "now": now,
    }


def case_version(report: Report) -> str:
    """What tells an open page that the case changed since; no clock can be read from it."""
    return fingerprint(f"{report.id} {report.updated_at.timestamp()}")


def _step(entry: HistoryEntry, catalog: Catalog, units: Names, people: Names) -> Step:
    return Step(
        at=entry.at,
        text=_event_words(entry, catalog),
        details=tuple(_details(entry, catalog, units, people)),
        words=str(entry.details.get("words", "")),
        unit=units[entry.unit_id],
        staff=people.get(entry.staff_id or 0),
    )


def _event_words(entry: HistoryEntry, catalog: Catalog) -> str:
    said = str(words.EVENTS.get(entry.event, entry.event))
    if entry.event != "actuacion":
        return said
    return f"{said}: {catalog.actuacion(entry.details['actuacion']).nombre.lower()}"


def _details(entry: HistoryEntry, catalog: Catalog, units: Names, people: Names) -> Iterable[str]:
    details = entry.details
    match entry.event:
        case "actuacion":
            yield from _diligence(details, people)
        case "enlarged" if details.get("photos"):
            yield ngettext("1 foto", "%(num)s fotos", details["photos"])
        case "qualified":
            yield f"{details['codigo']} {catalog.clasificador[details['codigo']].nombre}"
        case "verified" | "refuted":
            yield catalog.verificacion(details["way"]).nombre
        case "transferred":
            yield catalog.traslado(details["reason"]).nombre
            yield f"{units[details['from']]} → {units[details['to']]}"
        case "closed":
            yield catalog.desenlace(details["outcome"]).nombre
        case "rejected":
            yield catalog.rechazo(details["reason"]).nombre
        case "assigned":
            yield units[details["sector"]]
        case "escalated":
            yield units[details["to_unit"]]
        case "held":
            yield from (str(words.FLAGS[Flag(name)]) for name in details.get("flags", ()))


def _diligence(details: Mapping[str, Any], people: Names) -> Iterable[str]:
    yield _("El %(day)s", day=f"{date.fromisoformat(details['on']):%d/%m/%Y}")
    if "fiscalia" in details:
        yield f"{details['fiscalia']} · {details['numero']}"
    if "investigador" in details:
        yield people.get(details["investigador"], "")


def _units_of(history: Sequence[HistoryEntry]) -> Iterable[int]:
    for entry in history:
        yield entry.unit_id
        for name in ("from", "to", "sector", "to_unit"):
            if name in entry.details:
                yield int(entry.details[name])


def _unit_names(unit_ids: set[int]) -> Names:
    query = select(PoliceUnit.id, PoliceUnit.name, PoliceUnit.code).where(
        PoliceUnit.id.in_(unit_ids)
    )
    return {unit_id: name or code for unit_id, name, code in db.session.execute(query)}


def _people(staff_ids: set[int | None]) -> Names:
    wanted = {staff_id for staff_id in staff_ids if staff_id is not None}
    if not wanted:
        return {}
    query = select(Staff.id, Staff.display_name).where(Staff.id.in_(wanted))
    return dict(db.session.execute(query).tuples().all())


def _envios(report_id: UUID) -> list[Envio]:
    query = select(Envio).where(Envio.report_id == report_id)
    return list(db.session.scalars(query.order_by(Envio.created_at, Envio.channel)))


def _name_in(sectors: Sequence[PoliceUnit], sector_id: int | None) -> str | None:
    return next((s.name or s.code for s in sectors if s.id == sector_id), None)


def _is_provisional(report: Report) -> bool:
    if report.jurisdiction_id is None:
        return False
    query = select(Jurisdiction.is_provisional).where(Jurisdiction.id == report.jurisdiction_id)
    return bool(db.session.scalar(query))
