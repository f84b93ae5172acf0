"""Coordinators with their phones, for the stories of juntas: from the code to the call."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from werkzeug.test import TestResponse

from backend import clock
from backend.boards.access import revoke_member_access, start_enrolment
from backend.boards.models import JuntaVecinal
from backend.db import db, transaction
from backend.identity.models import Staff
from backend.territory.models import PoliceUnit
from tests.builders import datos
from tests.juntas import a_junta, a_member, an_office_account
from tests.phones import a_phone

PIN = "482913"


class Coordinator:
    """Somebody who coordinates a junta, with a phone that is bound, or not yet."""

    def __init__(self, app: Flask, junta: JuntaVecinal, office: Staff) -> None:
        self.app, self.parts, self.phone = app, app.extensions["yo_alerto"], a_phone(app)
        self.junta_id, self.office_id = junta.id, office.id
        self.member_id: UUID = a_member(junta, "coordinador").id
        self.secret = self.token = ""

    # In the comisaría

    @property
    def office(self) -> Staff:
        """Who keeps the roster there."""
        return db.session.get_one(Staff, self.office_id)

    def code(self, now: datetime | None = None) -> str:
        """What the screen of the office shows."""
        keys, catalog, member = self.parts.settings.keys, self.parts.catalog, self.member_id
        return start_enrolment(keys, catalog, self.office, member, now or clock.now()).token

    def enrol(self, code: str = "", pin: str = PIN) -> TestResponse:
        """Read the code and choose a PIN."""
        sent = {"codigo": code or self.code(), "pin": pin}
        answer = self.phone.post("/api/v1/junta/inscripcion", json=sent)
        if answer.status_code == 201:
            self.secret = answer.json["secreto"]
        return answer

    def another(self) -> "Coordinator":
        """Somebody else who coordinates the same junta, with a session of their own."""
        found = Coordinator(self.app, db.session.get_one(JuntaVecinal, self.junta_id), self.office)
        assert found.enrol().status_code == 201
        assert found.open().status_code == 200
        return found

    def lose_access(self, reason: str = "dejo_el_cargo") -> None:
        """What the office does when somebody coordinates no more."""
        with transaction():
            revoke_member_access(self.member_id, reason, self.office_id, clock.now())

    # At home

    def open(self, pin: str = PIN, secret: str = "") -> TestResponse:
        """Type the PIN."""
        sent = {"secreto": secret or self.secret, "pin": pin}
        answer = self.phone.post("/api/v1/junta/sesion", json=sent)
        if answer.status_code == 200:
            self.token = answer.json["acceso"]
        return answer

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str) -> TestResponse:
        return self.phone.get(f"/api/v1/junta/{path}", headers=self.headers)

    def post(self, path: str, body: Any) -> TestResponse:
        return self.phone.post(f"/api/v1/junta/{path}", json=body, headers=self.headers)

    def tell(
        self, categoria: str = "robo", procedencia: str = "propia", key: str = "", **changes: Any
    ) -> TestResponse:
        """Send an informe."""
        body = datos(categoria, **changes) | {"procedencia": procedencia}
        headers = self.headers | {"Idempotency-Key": key or str(uuid4())}
        return self.phone.post("/api/v1/junta/informes", json=body, headers=headers)


def a_coordinator(
    app: Flask, unit: PoliceUnit, *, is_in: bool = True, code: str = "JV-001", **junta: Any
) -> Coordinator:
    """A coordinator of a junta of that unit; by default with an open session."""
    office = an_office_account(unit, f"juntas.{code.lower().replace('-', '.')}")
    found = Coordinator(app, a_junta(unit, code, **junta), office)
    if is_in:
        assert found.enrol().status_code == 201
        assert found.open().status_code == 200
    return found


SENSIBLE_PLACE = {"origen": "referencia", "distrito": "Callao", "referencia": "Paradero"}
