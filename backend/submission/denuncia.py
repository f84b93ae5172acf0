"""Taking in a denuncia, whose author the vault knows, or a queja, which asks nobody's name."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import h3
import structlog

from backend.catalog import forms
from backend.catalog.forms import Part
from backend.catalog.models import Asunto
from backend.constancia import services as constancia
from backend.constancia.queries import content_of
from backend.constancia.services import SALT_BYTES
from backend.crypto import keyed_hash
from backend.db import transaction
from backend.denuncias import services as denuncias
from backend.denuncias.services import Person
from backend.forwarding.models import Purpose
from backend.journey import acknowledge_by, arrives_at, plan_envios, queue_for
from backend.media import services as media
from backend.moderation.services import Flag
from backend.parts import Parts
from backend.queue import MEDIA, Ring
from backend.reports import services as reports
from backend.reports.models import PlaceSource, Step
from backend.reports.services import Place
from backend.routing import services as routing
from backend.routing.services import Complained, Route, location_of
from backend.submission import intake
from backend.submission.intake import Receipt, Told
from backend.territory.queries import district_by_ubigeo
from backend.vault import services as vault
from backend.vault.models import NewPerson

log = structlog.get_logger()

# A denuncia tells of the past; only a date that is surely mistaken is flagged.
CLOCK_BEHIND = timedelta(days=10 * 365)
MODERATION_PATIENCE = timedelta(minutes=10)
# H3 resolution 8 is about half a kilometre across: the quarter, not the house.
RESERVED_RESOLUTION = 8
SAME_PERSON_WINDOW = timedelta(days=1)
SAME_PERSON_LIMIT = 3


@dataclass(frozen=True)
class Denouncement(Told):
    """What the phone sent, checked against the form of its asunto by the edge."""

    asunto: Asunto
    # The whole form, identities included: never logged, never stored as it is.
    datos: Mapping[str, Any] = field(repr=False)
    complained: Complained | None

    @property
    def is_reserved(self) -> bool:
        """By the author's wish or by the matter; a queja has no identity to reserve."""
        if self.asunto.is_queja:
            return False
        return bool(self.datos.get("reserva")) or self.asunto.reserved_by_matter


@dataclass(frozen=True)
class _Formal:
    """The form as the case keeps it, and who stands behind its labels."""

    datos: Mapping[str, Any]
    persons: Sequence[Person]


def submit_denuncia(
    parts: Parts,
    told: Denouncement,
    uploads: Sequence[media.ReceivedPhoto],
    *,
    credential: str,
    idempotency_key: str,
    now: datetime,
) -> Receipt:
    """Take in a denuncia or queja: case, identity and receipt in one transaction, or nothing.

    Repeating with the same key and content gives the same answer; with other content,
    `InvalidInput`. Nothing of the credential is kept with the report.
    """
    intake.refuse_point_when_sensible(told, "hecho.lugar")
    flags = intake.odd_clock_and_place(told, now, CLOCK_BEHIND)
    # Counted apart: a mark on an alerta must not tell that its phone sent quejas as well.
    phone = f"queja {credential}" if told.asunto.is_queja else credential
    if intake.is_flood(parts, phone, idempotency_key, now):
        flags.add(Flag.PHONE_FLOOD)
    formal = _formal(told)
    report_id = uuid4()
    content = _content_hash(parts, told, uploads)
    key_hash = intake.idempotency_hash(parts, credential, idempotency_key)
    with transaction():
        earlier = reports.remember_idempotency(key_hash, content, report_id, now)
        if earlier is not None:
            again = intake.replay(parts, earlier, content)
            return replace(again, passes_on_at=_passes_on_at(told.asunto, again.received_at))
        if _is_same_person_again(parts, formal, now):
            flags.add(Flag.SAME_PERSON)
        found = _route(told, now)
        # Routed by the exact place, kept without it.
        kept = replace(told, place=_coarse(told.place)) if told.is_reserved else told
        row = intake.report_row(parts, kept, found, report_id, flags, now)
        rings = _insert(parts, told, row, formal, uploads, found, now)
    parts.doorbell.ring(rings)
    if not told.asunto.sensible:  # the log keeps the second, which the panel does not show
        log.info("report.received", report_id=str(report_id))
    return replace(
        intake.receipt_for(parts, row, found), passes_on_at=_passes_on_at(told.asunto, now)
    )


def _passes_on_at(asunto: Asunto, received_at: datetime) -> datetime | None:
    arrives = arrives_at(asunto, received_at)
    return arrives if arrives > received_at else None


def _content_hash(
    parts: Parts, told: Denouncement, uploads: Sequence[media.ReceivedPhoto]
) -> bytes:
    """Keyed: by a plain hash whoever reads the table could try out who the author is."""
    key = parts.settings.keys.key("idempotency", 1)  # the first, as for `idempotency_hash`
    canonical = intake.canonical_json(told.datos)
    return intake.content_hash(keyed_hash(key, b"denuncia", canonical), uploads)


def _formal(told: Denouncement) -> _Formal:
    """The form in two; the exact place of who asks for reserve is part of the identity."""
    split = forms.split(told.asunto, told.datos)
    case, found = split.case, split.parts
    hecho = dict(case["hecho"])
    # The report has the place; a reserved one has it in the vault alone.
    lugar = hecho.pop("lugar", None)
    case = {**case, "hecho": hecho}
    counts = Counter(part.role for part in found)

    def label(part: Part) -> str:
        count = counts[part.role]
        return denuncias.labelled(part.role, part.position, count, is_reserved=told.is_reserved)

    persons = [
        Person(uuid4(), part.role, part.position, label(part), part.data, part.document)
        for part in found
    ]
    labels = {(one.role, one.position): one.label for one in persons}
    case = forms.labelled(case, labels)
    if told.is_reserved and lugar is not None:
        persons.append(Person(uuid4(), "lugar", 1, denuncias.LABELS["lugar"], lugar))
    return _Formal(case, persons)


def _coarse(place: Place) -> Place:
    """The quarter instead of the house; written references name houses, so they go, too.

    A zone that was marked as wide as that, or wider, stays as wide.
    """
    if place.cell is not None and h3.get_resolution(place.cell) <= RESERVED_RESOLUTION:
        return Place(PlaceSource.CELDA, cell=place.cell, ubigeo=place.ubigeo)
    location = location_of(place)
    if location is None:
        return Place(PlaceSource.REFERENCIA, ubigeo=place.ubigeo)
    cell = h3.latlng_to_cell(location.lat, location.lon, RESERVED_RESOLUTION)
    return Place(PlaceSource.CELDA, cell=cell, ubigeo=place.ubigeo)


def _is_same_person_again(parts: Parts, formal: _Formal, now: datetime) -> bool:
    """Whether the author's document stands in several denuncias of the last day, this one apart."""
    since = now - SAME_PERSON_WINDOW
    documents = [one.document for one in formal.persons if one.role == "denunciante"]
    return any(
        vault.same_document_count(parts.settings.keys, *document, since) >= SAME_PERSON_LIMIT
        for document in documents
        if document is not None
    )


def _route(told: Denouncement, now: datetime) -> Route:
    if told.asunto.is_queja:
        return routing.route_queja(told.asunto, told.place, told.complained, now)
    return routing.route(told.asunto, told.place, now)


def _insert(
    parts: Parts,
    told: Denouncement,
    row: dict[str, Any],
    formal: _Formal,
    uploads: Sequence[media.ReceivedPhoto],
    found: Route,
    now: datetime,
) -> list[Ring]:
    asunto, report_id = told.asunto, row["id"]
    term = denuncias.term_of(asunto, now)
    if told.is_reserved:
        row["border_distance_m"] = None  # a circle around the house, with the cell
    row |= {
        "kind": asunto.kind,
        "is_reserved": told.is_reserved,
        "answer_by": term.answer_by,
        "remind_at": term.remind_at,
        "acknowledge_by": acknowledge_by(asunto, now) if asunto.is_urgent else None,
        # Whatever becomes of the workers, at this time it goes forward as it is.
        "held_until": None if asunto.is_urgent else arrives_at(asunto, now) + MODERATION_PATIENCE,
    }
    queue = MEDIA if uploads else queue_for(asunto.prioridad)
    reports.insert_report(row, Step.MODERATE, queue)
    # Before anything else refers to the report: who must never learn of it.
    reports.keep_from(report_id, found.bars)
    denuncias.keep_form(
        report_id, formal.datos, forms.calificaciones(asunto, told.datos), formal.persons, now
    )
    vault.keep(
        report_id,
        [NewPerson(one.id, dict(one.data), one.document) for one in formal.persons],
        parts.settings.keys,
        now,
    )
    if uploads:
        media.attach(report_id, uploads, now)
    if not asunto.is_queja:
        _sign(parts, told, row, formal, uploads, found, now)
    rings = [Ring("moderate", (str(report_id),), queue)]
    if asunto.is_urgent:
        rings.append(plan_envios(report_id, 0, [(found.unit_id, Purpose.DELIVERY)], 1, now))
    return rings


def _sign(
    parts: Parts,
    told: Denouncement,
    row: dict[str, Any],
    formal: _Formal,
    uploads: Sequence[media.ReceivedPhoto],
    found: Route,
    now: datetime,
) -> None:
    """The receipt of this very moment; later changes of words or keys leave it as it is."""
    district = district_by_ubigeo(row["ubigeo"]) if row["ubigeo"] else None
    content = content_of(
        numero=row["numero"],
        kind=told.asunto.kind,
        matter=told.asunto.nombre,
        received_at=now,
        unit=found.unit_name,
        district=district.name if district else None,
        datos=formal.datos,
        form=told.asunto.form,
        photo_hashes=[upload.sealed.sha256 for upload in uploads],
    )
    payload = constancia.issue(
        parts.settings.keys, row["numero"], now, content, secrets.token_bytes(SALT_BYTES)
    )
    denuncias.keep_constancia(row["id"], payload.text, payload.key_version, now)
