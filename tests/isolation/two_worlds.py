"""The same world with and without quejas, for everybody who must not tell which it is."""

import re
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from prometheus_client import generate_latest
from prometheus_client.registry import CollectorRegistry
from sqlalchemy import Engine, select, text, update

from backend import clock, deadlines, journey, triage
from backend.db import db, transaction
from backend.forwarding import services as forwarding
from backend.forwarding.models import Channel, Envio
from backend.identity import services as identity
from backend.identity.models import RoleName
from backend.reports.models import Report, ReportTask
from backend.reports.states import Verification
from backend.routing.services import Complained, Level
from backend.territory.models import PoliceUnit
from tests.builders import a_unit
from tests.denouncing import denounce
from tests.forwarding.mailbox import Mailbox
from tests.forwarding.receiver import Receiver
from tests.isolation.answers import words_of
from tests.isolation.examples import OF_OWN_CASES, OF_ROLE, PUBLIC
from tests.isolation.world import Browser, Case, World, same_for_all
from tests.journey.doing import do_all_work
from tests.phones import a_phone
from tests.quejas.builders import IN_THE_CELL, MATTERS, WEST_CELL, a_queja, order_desks
from workers.metrics import FromDatabase

CANARY = "canario-queja-{}"
# Ways to ask the desk that its own page does not offer to everybody.
MORE_DESKS = (
    "/panel/mesa?unidad=todas&ver=todos",
    "/panel/mesa/novedades?unidad=todas&solo=avisos",
)
# Sealed page marks differ each time they are made; the times of the trail are those of the test.
VARYING = (
    re.compile(r"(cursor|antes)=[\w%.=-]+"),
    re.compile(r"\d\d/\d\d/\d{4} \d\d:\d\d"),
)
OF_QUEJAS = (
    *("message", "history_entry", "envio", "report_task", "attachment", "glimpse"),
    *("complaint_bar", "denuncia", "calificacion", "case_person", "idempotency_record"),
    *("audit_entry", "risk_fact"),
)


@dataclass(frozen=True)
class Onlooker:
    """Somebody by role and the code of their unit."""

    role: str
    unit: str | None


@dataclass(frozen=True)
class Planted:
    """The quejas of one complaint, one of each matter, each at another stage."""

    cases: tuple[Case, ...]
    words: tuple[str, ...]
    told: frozenset[str]
    told_or_above: frozenset[str]


class TwoWorlds:
    """Plants quejas into a world with ordinary reports, and takes them out again."""

    def __init__(
        self,
        app: Flask,
        patch: pytest.MonkeyPatch,
        owner: Engine,
        mailbox: Mailbox,
        receiver: Receiver,
    ) -> None:
        self.app, self.patch, self.owner = app, patch, owner
        self.mailbox, self.receiver = mailbox, receiver
        parts = app.extensions["yo_alerto"]
        settings = replace(
            parts.settings, smtp_url=f"smtp://127.0.0.1:{mailbox.port}", webhook_private=True
        )
        patch.setitem(app.extensions, "yo_alerto", replace(parts, settings=settings))
        self.world = World(app)
        region = self.world.callao.region
        self.cud = a_unit("CUD", "especializada")
        self.inspection = a_unit("INSP", "especializada", is_independent=True)
        self.alternate = a_unit("ALT", "especializada")
        a_unit("DROGAS", "especializada", parent=region, matters=["drogas"])
        order_desks(self.cud, self.inspection, self.alternate)
        self._give_everybody_channels()
        self._give_everybody_accounts()
        for stage in ("on_desk", "in every list"):
            self.world.case(stage=stage)
        do_all_work(self.world.parts)
        self.began = clock.now()
        self.evening = clock.next_shift(self.began) + timedelta(minutes=3)
        mailbox.messages.clear()
        mailbox.recipients.clear()
        receiver.requests.clear()
        with transaction():  # what is not planted must not escalate meanwhile
            never = self.evening + timedelta(days=30)
            db.session.execute(update(Report).values(acknowledge_by=never))
        self._set_clock(self.evening)

    # Planting

    def plant(self, against: str, *, is_independent: str | None = None) -> Planted:
        """One queja of each matter: stored, arrived with the shift, and worked upon."""
        self._set_clock(self.began)
        if is_independent:
            self.make_independent(is_independent, True)
        words = tuple(CANARY.format(uuid4().hex) for _ in MATTERS)
        asked = zip(MATTERS, words, strict=True)
        made = [self._send(asunto, against, word) for asunto, word in asked]
        self._set_clock(self.evening)
        do_all_work(self.world.parts)
        for number, (report_id, _, _) in enumerate(made):
            self._work_on(report_id, number)
        do_all_work(self.world.parts)
        self._set_clock(self.evening)
        cases = tuple(self._case(*one) for one in made)
        return Planted(cases, words, *self._told_of([one.report_id for one in cases]))

    def _told_of(self, report_ids: Iterable[UUID]) -> tuple[frozenset[str], frozenset[str]]:
        """Codes of the units to which a delivery of any was planned; the same and those above."""
        asked = text("""
            WITH RECURSIVE told (id, is_above) AS (
                SELECT unit_id, false FROM envio WHERE report_id = ANY(:ids)
                UNION SELECT u.parent_id, true FROM police_unit u JOIN told ON told.id = u.id)
            SELECT code, is_above FROM police_unit JOIN told USING (id)
        """)
        found = db.session.execute(asked, {"ids": list(report_ids)}).tuples().all()
        db.session.rollback()
        return frozenset(one for one, is_above in found if not is_above), frozenset(dict(found))

    def take_out(self, planted: Planted) -> None:
        """As if they had never been."""
        ids = {"ids": [case.report_id for case in planted.cases]}
        with self.owner.begin() as connection:
            for table in OF_QUEJAS:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
                connection.execute(text(f"DELETE FROM {table} WHERE report_id = ANY(:ids)"), ids)
                connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
            connection.execute(text("DELETE FROM report WHERE id = ANY(:ids)"), ids)
        self.mailbox.messages.clear()
        self.mailbox.recipients.clear()
        self.receiver.requests.clear()

    def make_independent(self, code: str, is_independent: bool) -> None:
        with transaction():
            mine = update(PoliceUnit).where(PoliceUnit.code == code)
            db.session.execute(mine.values(is_independent=is_independent))

    def _send(self, asunto: str, against: str, words: str) -> tuple[UUID, str, str]:
        """As a phone does; what the form does not offer is stored as the submission would."""
        place = {"origen": "celda", "celda": WEST_CELL}
        body: dict[str, Any] = {"asunto": asunto, "hecho": {"relato": words, "lugar": place}}
        if against in (Level.UNKNOWN, Level.CUD):
            body["denunciado"] = {"nivel": against}
        elif self.unit(against).kind in ("sector", "mesa"):
            complained = Complained(Level.UNIT, self.unit(against).id)
            parts = self.world.parts
            report_id = a_queja(
                parts, clock.now(), asunto, complained, IN_THE_CELL, description=words
            )
            query = select(Report.numero).where(Report.id == report_id)
            return report_id, db.session.scalars(query).one(), "0000-0000-0000-0000"
        else:
            body["denunciado"] = {"nivel": "unidad", "unidad": against}
        answer = denounce(self.world.phone, body)  # each from another phone: no flood
        assert answer.status_code == 201, answer.text
        numero = answer.json["numero"]
        query = select(Report.id).where(Report.numero == numero)
        return db.session.scalars(query).one(), numero, answer.json["clave"]

    def _work_on(self, report_id: UUID, number: int) -> None:
        """What an owner, and time, may do to it."""
        parts, now = self.world.parts, clock.now()
        journey.add_author_message(report_id, CANARY.format("mensaje"), now)
        report = db.session.get_one(Report, report_id, populate_existing=True)
        owner = self.world.person("operador", db.session.get_one(PoliceUnit, report.unit_id))
        page = Browser(self.app, owner).ask("GET", f"/panel/casos/{report_id}")
        assert page.status_code == 200
        if number in (1, 2):
            triage.record_acknowledgement(parts, owner, report_id, now)
            triage.answer(parts, owner, report_id, text="Lo estamos viendo", now=now)
        if number == 2:
            _mark_as_verified(report_id, now)
        elif number == 3:
            report = db.session.get_one(Report, report_id, populate_existing=True)
            target = triage.transfer_targets(parts, report)[0]
            asked = {"unit_id": target.id, "reason": "llego_por_error", "words": "No es de aquí"}
            triage.transfer(parts, owner, report_id, now=now, **asked)
        elif number == 4:
            for _ in range(4):
                self._change(report_id, acknowledge_by=now)
                deadlines.escalate_overdue(parts, now)
        elif number == 5:
            self._change(report_id, moderation="held", held_until=now + timedelta(hours=1))
            with transaction():
                failed = {"work_state": "failed", "finished_at": now, "last_error": "Sin respuesta"}
                for outbox in (Envio, ReportTask):
                    mine = update(outbox).where(outbox.report_id == report_id)
                    db.session.execute(mine.values(**failed))

    # Looking

    def look(self, who: Onlooker, case: Case) -> dict[str, tuple[int, str, str]]:
        """All that this person gets from every page of theirs, but for what differs anyway."""
        browser = self.world.browser(who.role, self.unit(who.unit) if who.unit else None)
        asked: dict[str, tuple[str, str, Mapping[str, Any]]] = {}
        for name, own in OF_OWN_CASES.items():
            if who.role in own.roles:
                asked[name] = own.method, own.path, own.form(self.world, case)
        for name, page in OF_ROLE.items():
            reads = page.method == "GET" or name == "panel.audit_report"
            if who.role in page.roles and reads:
                asked[name] = page.method, page.path(self.world), page.form(self.world, case)
        if who.role in OF_OWN_CASES["panel.desk"].roles:
            asked |= {address: ("GET", address, {}) for address in MORE_DESKS}
        if who.role == RoleName.AUDITOR:
            asked["trail"] = "GET", f"/panel/auditoria?reporte={case.report_id}", {}
        with self._unrecorded():
            return {
                name: self._told(browser, method, address, dict(form), case)
                for name, (method, address, form) in asked.items()
            }

    def look_from_outside(self) -> dict[str, Any]:
        """What anybody may ask, and the figures."""
        told: dict[str, Any] = {}
        for name, (method, path, body) in PUBLIC.items():
            answer = a_phone(self.app).open(path, method=method, json=body)
            varying = re.compile(rb'value="[\w.\-]{30,}"|content="[^"]{30,}"|"token":"[^"]+"')
            told[name] = answer.status_code, varying.sub(b"", answer.data)
        registry = CollectorRegistry()
        registry.register(FromDatabase(self.app))
        figures = generate_latest(registry).decode().splitlines()
        told["metrics"] = [line for line in figures if "oldest" not in line]
        return told

    def unit(self, code: str) -> PoliceUnit:
        return db.session.scalars(select(PoliceUnit).where(PoliceUnit.code == code)).one()

    def codes(self) -> set[str]:
        return set(db.session.scalars(select(PoliceUnit.code)))

    @staticmethod
    def _told(
        browser: Browser, method: str, address: str, form: dict[str, Any], case: Case
    ) -> tuple[int, str, str]:
        answer = browser.ask(method, address, form)
        page = case.hidden_in(same_for_all(words_of(answer)))
        page = page.replace(str(case.report_id)[:8], "…")
        for one in VARYING:
            page = one.sub("…", page)
        return answer.status_code, case.hidden_in(answer.location or ""), page

    @contextmanager
    def _unrecorded(self):
        """Looking itself leaves no entry in the trail, which the next one would read."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(identity, "audit", lambda *_, **__: None)
            yield

    def _give_everybody_channels(self) -> None:
        keys = self.world.parts.settings.keys
        with transaction():
            for unit in db.session.scalars(select(PoliceUnit)).all():
                mail, hook = f"{unit.code.lower()}@example.org", f"/{unit.code}"
                forwarding.add_channel(unit.id, Channel.EMAIL, mail, keys)
                url = self.receiver.url("127.0.0.1", hook)
                forwarding.add_channel(unit.id, Channel.WEBHOOK, url, keys, allow_private=True)

    def _give_everybody_accounts(self) -> None:
        """Beforehand, because administrators see them in their list."""
        units = db.session.scalars(select(PoliceUnit)).all()
        for unit in units:
            for role in RoleName:
                self.world.person(role, unit)

    def _case(self, report_id: UUID, numero: str, clave: str) -> Case:
        query = select(Envio.id).where(Envio.report_id == report_id).limit(1)
        envio_id = db.session.scalars(query).one()
        return Case(report_id, uuid4(), envio_id, numero, clave)

    def _change(self, report_id: UUID, **columns: Any) -> None:
        with transaction():
            mine = update(Report).where(Report.id == report_id)
            db.session.execute(mine.values(**columns))

    def _set_clock(self, now: Any) -> None:
        self.patch.setattr(clock, "now", lambda: now)


def _mark_as_verified(report_id: UUID, now: datetime) -> None:
    """No act verifies a queja; should one be marked all the same, no map may count it."""
    with transaction():
        report = db.session.get_one(Report, report_id, with_for_update=True)
        report.verification, report.verified_at = Verification.VERIFIED, now
        journey.owe_risk_map(report, now)
