"""Nobody gets an identity of a denuncia, by any page or other way, but by a logged opening."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from prometheus_client import generate_latest
from prometheus_client.registry import CollectorRegistry
from sqlalchemy import select

from backend import clock, unmasking
from backend.db import db
from backend.denuncias.models import CasePerson
from backend.errors import Forbidden, NotFound
from backend.identity.models import AuditEntry
from backend.reports.models import Report
from mobile_api.limits import limiter
from tests.denouncing import a_person, an_author, burglary, denounce, stolen_phone
from tests.forwarding.mailbox import receiving
from tests.forwarding.receiver import serving
from tests.isolation.examples import EVERY_ROLE, OF_CASE
from tests.isolation.two_worlds import Onlooker, TwoWorlds
from tests.isolation.world import Case
from tests.journey.doing import do_all_work
from workers.metrics import FromDatabase

NAME, SURNAME, DOCUMENT = "Canariolina", "Apellidocanario", "47382916"
MOBILE, HOME = "987612345", "Pasaje Canario 451"
WITNESS, WITNESS_DOCUMENT = "Testigocanaria", "46273819"
OWNER_MOBILE = "976501234"
CANARIES = (NAME, SURNAME, DOCUMENT, MOBILE, HOME, WITNESS, WITNESS_DOCUMENT, OWNER_MOBILE)


@pytest.fixture
def worlds(app: Flask, monkeypatch: pytest.MonkeyPatch, owner_engine: Any) -> Iterator[TwoWorlds]:
    monkeypatch.setattr(limiter, "enabled", False)
    with receiving() as mailbox, serving(None) as receiver:
        yield TwoWorlds(app, monkeypatch, owner_engine, mailbox, receiver)


def author() -> dict[str, Any]:
    told = an_author(number=DOCUMENT, name=NAME, apellido_paterno=SURNAME)
    told["identidad"] |= {"celular": MOBILE, "domicilio": HOME}
    return told


def test_no_way_but_a_logged_opening(worlds: TwoWorlds, capsys: pytest.CaptureFixture[str]):
    witness = {"identidad": a_person(WITNESS_DOCUMENT, WITNESS), "vio": "Una camioneta"}
    phone = {"marca": "Marca 1", "identidad": {"numero": OWNER_MOBILE}}
    cases = [
        sent(worlds, stolen_phone(denunciante=author(), celulares=[phone])),
        sent(worlds, burglary(denunciante=author(), testigos=[witness])),
    ]
    do_all_work(worlds.world.parts)
    everybody = [Onlooker(role, "WEST") for role in EVERY_ROLE]
    everybody += [Onlooker("supervisor", "REG"), Onlooker("operador", "EAST")]
    for case in cases:
        for who in everybody:
            for page, told in worlds.look(who, case).items():
                tells_nobody(str(told), f"{who} {page}")
            browser = worlds.world.browser(who.role, worlds.unit(who.unit or ""))
            for endpoint, example in OF_CASE.items():
                if example.method == "GET":
                    answer = browser.ask("GET", example.address(case))
                    tells_nobody(answer.text, f"{who} {endpoint}")
    tells_nobody(str(worlds.look_from_outside()), "outside")
    assert worlds.mailbox.messages
    for message in worlds.mailbox.messages:
        tells_nobody(message.as_string(), "mail")
    for request in worlds.receiver.requests:
        tells_nobody(request.body.decode(), "webhook")
    registry = CollectorRegistry()
    registry.register(FromDatabase(worlds.app))
    tells_nobody(generate_latest(registry).decode(), "metrics")

    found = opened(worlds, cases[0].report_id, "operador", "WEST")
    assert found["nombres"] == NAME
    query = select(AuditEntry.report_id).where(AuditEntry.action == unmasking.OPENED)
    assert db.session.scalars(query).all() == [cases[0].report_id]
    for role, code in (("supervisor", "REG"), ("operador", "EAST"), ("auditor", "WEST")):
        with pytest.raises((Forbidden, NotFound)):
            opened(worlds, cases[0].report_id, role, code)
    with pytest.raises(Forbidden):
        opened(worlds, cases[1].report_id, "operador", "WEST")
    for who in everybody:
        for page, told in worlds.look(who, cases[0]).items():
            tells_nobody(str(told), f"{who} {page} after an opening")
    output = capsys.readouterr()
    tells_nobody(output.out + output.err, "log")


def tells_nobody(text: str, where: str) -> None:
    for canary in CANARIES:
        assert canary.lower() not in text.lower(), f"{where} tells {canary}"


def sent(worlds: TwoWorlds, body: dict[str, Any]) -> Case:
    answer = denounce(worlds.world.phone, body)
    assert answer.status_code == 201, answer.text
    numero = answer.json["numero"]
    report_id = db.session.scalars(select(Report.id).where(Report.numero == numero)).one()
    nothing = worlds.world.no_case()
    return Case(report_id, nothing.attachment_id, nothing.envio_id, numero, answer.json["clave"])


def opened(worlds: TwoWorlds, report_id: UUID, role: str, code: str) -> dict[str, Any]:
    query = select(CasePerson.id).where(
        CasePerson.report_id == report_id, CasePerson.role == "denunciante"
    )
    return unmasking.open_identity(
        worlds.world.parts,
        worlds.world.person(role, worlds.unit(code)),
        report_id,
        db.session.scalars(query).one(),
        reason="diligencia",
        words="Citación para el tres de diciembre",
        now=clock.now(),
    )
