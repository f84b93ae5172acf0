"""Cases that have owners, and everybody else who might try to learn something of them."""

import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from h3 import latlng_to_cell
from sqlalchemy import select, text, update
from werkzeug.test import TestResponse

from backend import clock, journey, triage
from backend.db import Base, db, transaction
from backend.denuncias.models import CasePerson
from backend.forwarding import services as forwarding
from backend.forwarding.models import Channel, Envio
from backend.identity import services as identity
from backend.identity.models import RoleName, Staff
from backend.media.models import Attachment
from backend.reports.models import Report, ReportTask
from backend.reports.numbers import new_number
from backend.territory.models import PoliceUnit
from tests.builders import Callao, a_comisaria, a_device, a_member_of_staff, a_unit, datos, send
from tests.formal import make_formal
from tests.journey.doing import do_all_work
from tests.juntas import an_office_account
from tests.media.made_photos import photo
from tests.phones import Phone, a_phone

# Words that nobody but the owner may ever read.
DESCRIPTION, REFERENCE, MESSAGE = "zapato-rojo-3141", "pasaje-oculto-2718", "mensaje-oculto-1618"
# What the vault alone knows.
IDENTITY = "nombre-oculto-1414"
SECRETS = (DESCRIPTION, REFERENCE, MESSAGE, IDENTITY)
PLAIN, HANDED_OVER, SENSIBLE = "plain", "handed over", "sensible"
KINDS = (PLAIN, HANDED_OVER, SENSIBLE)

HOURS = 3600
AT_THE_BORDER = {"lat": -12.06, "lon": -77.12005}
BEYOND_THE_BORDER = {"lat": -12.06, "lon": -77.1195}
FAR = (-77.06, -12.07, -77.04, -12.05)


@dataclass(frozen=True)
class Case:
    """What stands in the addresses and forms about one case."""

    report_id: UUID
    attachment_id: UUID
    envio_id: UUID
    numero: str
    clave: str
    kind: str = PLAIN
    person_id: UUID = field(default_factory=uuid4)

    def hidden_in(self, page: str) -> str:
        """A page without what only says which case was asked for."""
        for own in (self.report_id, self.attachment_id, self.envio_id, self.person_id):
            page = page.replace(str(own), "…")
        for own in (self.numero, self.clave):
            page = page.replace(str(own), "…")
        return page


class Browser:
    """Somebody in front of the panel: signed in, signed out, or too long away."""

    def __init__(self, app: Flask, staff: Staff | None = None, hours_ago: float = 0) -> None:
        self.phone: Phone = a_phone(app)
        self._token = ""
        if staff is not None:
            then = int(time.time() - hours_ago * HOURS)
            with self.phone.session_transaction("/panel/") as session:
                session.update(
                    _user_id=staff.fs_uniquifier, _fresh=True, fs_paa=then, since=then, seen=then
                )

    def ask(self, method: str, address: str, form: dict[str, Any] | None = None) -> TestResponse:
        """One request, with the token of the page's forms where it is one."""
        if method == "GET":
            return self.phone.get(address)
        if not self._token:
            page = self.phone.get("/panel/ninguna").text
            self._token = page.split('name="csrf-token" content="')[1].split('"')[0]
        return self.phone.post(address, data={"csrf_token": self._token, **(form or {})})


class World:
    """Two neighbours, a third comisaría, specialised desks, and a browser for each person."""

    def __init__(self, app: Flask) -> None:
        self.app, self.parts = app, app.extensions["yo_alerto"]
        self.callao = Callao()
        self.far = a_comisaria("FAR", FAR, self.callao.divpol)
        self.second_desk = a_unit(
            "EXT2", "especializada", parent=self.far, matters=["extorsion"], name="Otra mesa"
        )
        self.phone = a_phone(app)
        self.device = a_device(self.phone)
        self.people: dict[str, Staff] = {}
        with transaction():
            keys = self.parts.settings.keys
            url = "https://mesa.example.org/avisos"
            self.channel_id = forwarding.add_channel(self.far.id, Channel.WEBHOOK, url, keys).id

    # People

    def person(self, role: str, unit: PoliceUnit | None) -> Staff:
        name = f"{role.replace('_', '-')}.{unit.code.lower() if unit else 'nadie'}"
        if name not in self.people:
            self.people[name] = a_member_of_staff(name, role, unit)
        return db.session.merge(self.people[name])

    def browser(self, role: str, unit: PoliceUnit | None) -> Browser:
        return Browser(self.app, self.person(role, unit))

    def seated(self, role: str) -> Browser:
        """Somebody with that role in the western comisaría, and its seat where it needs one."""
        if role != RoleName.PARTICIPACION_CIUDADANA:
            return self.browser(role, self.callao.west)
        if "oficina" not in self.people:
            self.people["oficina"] = an_office_account(self.callao.west, "oficina")
        return Browser(self.app, db.session.merge(self.people["oficina"]))

    def owner_unit(self, kind: str) -> PoliceUnit:
        return self.callao.extortion_desk if kind == SENSIBLE else self.callao.west

    def owner(self, role: str, kind: str = PLAIN) -> Browser:
        """Somebody with that role, where the case belongs."""
        return self.browser(role, self.owner_unit(kind))

    def absent(self) -> dict[str, Browser]:
        """People of the owning unit who are not there any more, and nobody at all."""
        return {
            "a stranger": Browser(self.app),
            "somebody away since yesterday": Browser(
                self.app, self.person("operador", self.callao.west), hours_ago=25
            ),
            "somebody away since the morning": Browser(
                self.app, self.person("comisario", self.callao.west), hours_ago=9
            ),
            "a leaver": self._leaver(),
        }

    def _leaver(self) -> Browser:
        leaver = a_member_of_staff("cesada", "operador", self.callao.west)
        browser = Browser(self.app, leaver)
        identity.disable("cesada", by=None, now=clock.now())
        return browser

    def others(self, kind: str = PLAIN) -> dict[str, Browser]:
        """Everybody signed in who may work on cases or elsewhere, but not on this one."""
        callao = self.callao
        places: dict[str, tuple[str, PoliceUnit | None]] = {
            "another comisaría": ("operador", self.far),
            "another comisario": ("comisario", self.far),
            "another supervisor": ("supervisor", self.far),
            "the neighbour or former owner": ("operador", callao.east),
            "the neighbour's comisario": ("comisario", callao.east),
            "a sector it was not assigned to": ("jefe_sector", callao.sector),
            "another specialised desk": ("operador", self.second_desk),
            "somebody without a unit": ("operador", None),
        }
        if kind == SENSIBLE:
            places["the comisaría of the place"] = ("operador", callao.west)
            places["its comisario"] = ("comisario", callao.west)
        else:
            places["the extortion desk"] = ("operador", callao.extortion_desk)
        for role in WITHOUT_CASES:
            places[f"{role} of the same unit"] = (role, self.owner_unit(kind))
        return {who: self.browser(role, unit) for who, (role, unit) in places.items()}

    # Cases

    def case(self, kind: str = PLAIN, stage: str = "on_desk", *, with_photo: bool = False) -> Case:
        """A fresh case at that stage, with a thread and words that nobody may read."""
        where = AT_THE_BORDER if kind == PLAIN else BEYOND_THE_BORDER
        place: dict[str, Any] = {"origen": "gps", "precision_m": 12, "referencia": REFERENCE}
        place |= where
        if kind == SENSIBLE:
            cell = latlng_to_cell(*where.values(), 8)
            place = {"origen": "celda", "celda": cell, "referencia": REFERENCE}
        body = datos(
            "extorsion" if kind == SENSIBLE else "robo",
            lugar=place,
            descripcion=f"{DESCRIPTION} {uuid4()}",
        )
        picture = [(io.BytesIO(photo(size=(64, 48))), "f.jpg")] if with_photo else None
        answer = send(self.phone, body, headers=self.device, photos=picture)
        assert answer.status_code == 201, answer.text
        report_id = self._id_of(answer.json["numero"])
        do_all_work(self.parts)
        if kind == HANDED_OVER:
            self._hand_over(report_id)
        journey.add_author_message(report_id, MESSAGE, clock.now())
        STAGES[stage](self, report_id, kind)
        assert self._report(report_id).unit_id == self.owner_unit(kind).id
        return Case(
            report_id,
            self._one(select(Attachment.id).where(Attachment.report_id == report_id)) or uuid4(),
            self._one(select(Envio.id).where(Envio.report_id == report_id)),
            answer.json["numero"],
            answer.json["clave"],
            kind,
            self._one(select(CasePerson.id).where(CasePerson.report_id == report_id)) or uuid4(),
        )

    def no_case(self, kind: str = PLAIN) -> Case:
        """One that does not exist."""
        return Case(uuid4(), uuid4(), uuid4(), new_number(), "0000-0000-0000-0000", kind)

    def rows(self) -> dict[str, int]:
        """How many rows every table has."""
        db.session.rollback()
        # The application itself may not count the sealed persons.
        sealed = ("vault.person", "vault.member")  # what the application cannot count
        tables = [one for one in Base.metadata.sorted_tables if one.fullname not in sealed]
        names = [one.fullname for one in tables]
        counts = {name: self._one(text(f"SELECT count(*) FROM {name}")) for name in names}
        db.session.rollback()
        return counts

    def picture_of(self, case: Case) -> tuple[Any, ...]:
        """Everything of a report that an act could change."""
        db.session.rollback()
        columns = [one for one in Report.__table__.columns if one.name != "point"]
        return tuple(db.session.execute(select(*columns).where(Report.id == case.report_id)).one())

    def _hand_over(self, report_id: UUID) -> None:
        east = self.person("operador", self.callao.east)
        triage.transfer(
            self.parts,
            east,
            report_id,
            unit_id=self.callao.west.id,
            reason="otra_jurisdiccion",
            words="",
            now=clock.now(),
        )
        do_all_work(self.parts)

    def _report(self, report_id: UUID) -> Report:
        db.session.rollback()
        return db.session.get_one(Report, report_id, populate_existing=True)

    def _id_of(self, numero: str) -> UUID:
        return self._one(select(Report.id).where(Report.numero == numero))

    @staticmethod
    def _one(query: Any) -> Any:
        db.session.rollback()
        return db.session.execute(query).scalars().first()


WITHOUT_CASES = (
    RoleName.ANALISTA,
    RoleName.SECRETARIA_TECNICA,
    RoleName.ADMINISTRADOR,
    RoleName.AUDITOR,
    RoleName.PARTICIPACION_CIUDADANA,
    RoleName.CARGADOR_PADRON,
)


def _leave(world: World, report_id: UUID, kind: str) -> None:
    pass


def _acknowledge(world: World, report_id: UUID, kind: str) -> None:
    officer = world.person("operador", world.owner_unit(kind))
    triage.record_acknowledgement(world.parts, officer, report_id, clock.now())


def _denounce(world: World, report_id: UUID, kind: str) -> None:
    """As a denuncia, or a queja where it is sensible, that its unit has received."""
    known = {"rasgos": "Alto", "identidad": {"nombres": IDENTITY}}
    datos = {
        "asunto": "cobro_de_cupos" if kind == SENSIBLE else "robo_celular_denuncia",
        "hecho": {"relato": world._report(report_id).description},
        "implicados": [known],
    }
    make_formal(world.parts, report_id, clock.now(), datos=datos)
    _acknowledge(world, report_id, kind)


def _hold(world: World, report_id: UUID, kind: str) -> None:
    later = clock.now() + timedelta(hours=1)
    with transaction():
        held = update(Report).where(Report.id == report_id)
        db.session.execute(held.values(moderation="held", held_until=later))


def _hold_and_fail(world: World, report_id: UUID, kind: str) -> None:
    _hold(world, report_id, kind)
    _fail(world, report_id, kind)


def _fail(world: World, report_id: UUID, kind: str) -> None:
    failed = {"work_state": "failed", "finished_at": clock.now(), "last_error": "Sin respuesta"}
    with transaction():
        for outbox in (Envio, ReportTask):
            mine = update(outbox).where(outbox.report_id == report_id)
            db.session.execute(mine.values(**failed))


STAGES: dict[str, Callable[[World, UUID, str], None]] = {
    "on_desk": _leave,
    "acknowledged": _acknowledge,
    "denounced": _denounce,
    "held": _hold,
    "failed": _fail,
    "in every list": _hold_and_fail,
}

_TOKENS = (
    re.compile(r'name="csrf-token" content="[^"]*"'),
    re.compile(r'name="csrf_token"[^>]*value="[^"]*"'),
)


def same_for_all(page: str) -> str:
    """A page without the tokens that differ each time it is made."""
    for token in _TOKENS:
        page = token.sub("", page)
    return page
