"""What every submission shares: repetition, flags, the number and clave, the report's own row."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from backend.catalog.models import Categoria
from backend.crypto import keyed_hash
from backend.db import db
from backend.errors import InvalidInput, wrong_field
from backend.media import services as media
from backend.moderation import services as moderation
from backend.moderation.services import Flag
from backend.parts import Parts
from backend.reports.models import IdempotencyRecord, PlaceSource, Report
from backend.reports.numbers import clave_for, new_number
from backend.reports.queries import history_of
from backend.reports.services import Place
from backend.reports.states import State
from backend.routing.services import BY_DISTRICT, Route
from backend.territory.models import PoliceUnit

POOR_ACCURACY_METRES = 200
CLOCK_AHEAD = timedelta(minutes=10)
PHONE_FLOOD_WINDOW_SECONDS = 600
PHONE_FLOOD_LIMIT = 5


@dataclass(frozen=True)
class Told:
    """Where, when and what, as each kind of submission has it."""

    categoria: Categoria
    place: Place
    occurred_at: datetime | None
    is_ongoing: bool
    description: str


@dataclass(frozen=True)
class Receipt:
    """What the author gets back, and gets again when repeating with the same key."""

    numero: str
    clave: str
    state: State
    received_at: datetime
    unit_name: str
    unit_phone: str | None
    is_repeated: bool
    answer_by: date | None = None
    # When it goes on to its unit, where that is not at once.
    passes_on_at: datetime | None = None


def refuse_point_when_sensible(told: Told, path: str) -> None:
    """The server does not want to know; `path` is the field as the client calls it."""
    if told.categoria.sensible and told.place.point_wkt is not None:
        raise wrong_field(
            path,
            "Por tu seguridad, aquí no recibimos el punto exacto. Marca una zona del mapa "
            "o escribe el distrito y una referencia.",
        )


def odd_clock_and_place(told: Told, now: datetime, longest_ago: timedelta) -> set[str]:
    """What is odd about a report but no reason to refuse it."""
    flags: set[str] = set()
    occurred, place = told.occurred_at, told.place
    if occurred is not None and occurred > now + CLOCK_AHEAD:
        flags.add(Flag.CLOCK_AHEAD)
    if occurred is not None and occurred < now - longest_ago:
        flags.add(Flag.CLOCK_BEHIND)
    if place.accuracy_m is not None and place.accuracy_m > POOR_ACCURACY_METRES:
        flags.add(Flag.POOR_ACCURACY)
    if place.source is PlaceSource.REFERENCIA and not told.categoria.sensible:
        flags.add(Flag.NO_GPS)
    return flags


def is_flood(parts: Parts, credential: str, idempotency_key: str, now: datetime) -> bool:
    """Whether this phone sent many different reports just now; repeating one is no flood.

    Counted under hashes that change every window, that Redis forgets and that no table knows;
    the report keeps the flag alone.
    """
    _, key = parts.settings.keys.current("idempotency")
    window = str(int(now.timestamp() // PHONE_FLOOD_WINDOW_SECONDS)).encode()
    phone = keyed_hash(key, b"flood", window, credential.encode()).hex()[:24]
    one = keyed_hash(key, b"flood", credential.encode(), idempotency_key.encode()).hex()[:16]
    count = parts.doorbell.count_recent(f"flood:{phone}", one, PHONE_FLOOD_WINDOW_SECONDS)
    return count > PHONE_FLOOD_LIMIT


def content_hash(canonical: bytes, uploads: Sequence[media.ReceivedPhoto]) -> bytes:
    """Tells a repetition from another report: the canonical `datos` and each photo's hash."""
    digest = hashlib.sha256(canonical)
    for upload in uploads:
        digest.update(bytes.fromhex(upload.sealed.sha256))
    return digest.digest()


def idempotency_hash(parts: Parts, credential: str, idempotency_key: str) -> bytes:
    """Of credential and key together: nobody can go from a credential to its reports."""
    # The first version for good: a rotated key would make a phone's retry a second report.
    key = parts.settings.keys.key("idempotency", 1)
    return keyed_hash(key, credential.encode(), idempotency_key.encode())


def replay(parts: Parts, earlier: IdempotencyRecord, content: bytes) -> Receipt:
    """The first answer again; `InvalidInput` when the content is another."""
    if earlier.content_hash != content:
        raise InvalidInput(
            "Ese envío ya se usó para otro reporte. Empieza uno nuevo para contar otra cosa."
        )
    report = db.session.get_one(Report, earlier.report_id)
    # The unit of the first answer, whoever has the case by now.
    unit = db.session.get_one(PoliceUnit, history_of(report.id)[0].unit_id)
    return Receipt(
        numero=report.numero,
        clave=clave_for(
            parts.settings.keys, report.clave_key_version, report.id, report.clave_version
        ),
        state=State.RECEIVED,
        received_at=report.received_at,
        unit_name=unit.name or "",
        unit_phone=unit.phone,
        is_repeated=True,
        answer_by=report.answer_by,
    )


def report_row(
    parts: Parts, told: Told, found: Route, report_id: UUID, flags: set[str], now: datetime
) -> dict[str, Any]:
    """The report's columns as every kind of submission fills them; the kind adds its own."""
    categoria, place = told.categoria, told.place
    key_version, _ = parts.settings.keys.current("clave")
    if found.jurisdiction_id is None and found.rule != BY_DISTRICT and not categoria.sensible:
        flags = {*flags, Flag.NO_JURISDICTION}
    return {
        "id": report_id,
        "numero": new_number(),
        "clave_key_version": key_version,
        "categoria": categoria.codigo,
        "priority": categoria.prioridad,
        "is_sensible": categoria.sensible,
        "is_reserved": False,
        "is_ongoing": told.is_ongoing,
        "from_junta": False,
        "description": told.description,
        "description_hash": moderation.text_hash(told.description),
        "place_source": place.source.value,
        "point": place.point_wkt,
        "accuracy_m": place.accuracy_m,
        "cell": place.cell,
        "ubigeo": found.ubigeo or place.ubigeo,
        "reference": place.reference,
        "occurred_at": told.occurred_at,
        "received_at": now,
        "updated_at": now,
        "flags": sorted(flags),
        "unit_id": found.unit_id,
        "routing_rule": found.rule,
        "jurisdiction_id": found.jurisdiction_id,
        "border_distance_m": found.border_distance_m,
        "answer_by": None,
        "remind_at": None,
    }


def receipt_for(parts: Parts, row: dict[str, Any], found: Route) -> Receipt:
    """The answer to a report that is about to be committed."""
    return Receipt(
        numero=row["numero"],
        clave=clave_for(parts.settings.keys, row["clave_key_version"], row["id"], 1),
        state=State.RECEIVED,
        received_at=row["received_at"],
        unit_name=found.unit_name,
        unit_phone=found.unit_phone,
        is_repeated=False,
        answer_by=row["answer_by"],
    )


def canonical_json(document: Any) -> bytes:
    """The same bytes for the same content, however the phone spaced and ordered it."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
