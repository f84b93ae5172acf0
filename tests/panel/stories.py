"""Officers at their desks and citizens who report, for the stories of desk and case."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Flask, g
from sqlalchemy import select

from backend.db import db, transaction
from backend.reports.models import Report
from backend.territory.models import District, PoliceUnit
from tests.builders import Callao, a_member_of_staff, datos, send
from tests.panel.conftest import sign_in, token_in


class Officer:
    """A member of staff with a browser of their own, signed in."""

    def __init__(self, app: Flask, role: str, unit: PoliceUnit | None, username: str = "") -> None:
        unit_id = unit.id if unit else None
        self.staff = a_member_of_staff(username or f"{role.replace('_', '-')}{unit_id}", role, unit)
        self.staff_id, self.unit_id = self.staff.id, unit_id
        self.client = sign_in(app.test_client(), self.staff)

    def get(self, url: str, **options: Any):
        """Open an address."""
        self._forget_others()
        return self.client.get(url, **options)

    def post(self, url: str, *, htmx: bool = False, **fields: Any):
        """Send a form with its token."""
        self._forget_others()
        token = token_in(self.client.get("/panel/mi-cuenta").text)
        headers = {"HX-Request": "true"} if htmx else {}
        return self.client.post(url, data={"csrf_token": token, **fields}, headers=headers)

    def act(self, report_id: UUID, act: str, **fields: Any):
        """One of the acts on a case, by the word of its address."""
        return self.post(f"/panel/casos/{report_id}/{act}", **fields)

    def case(self, report_id: UUID):
        """Open a case."""
        return self.get(f"/panel/casos/{report_id}")

    @staticmethod
    def _forget_others() -> None:
        # The tests share one application context, where Flask-Login keeps who asked last.
        g.pop("_login_user", None)
        g.pop("csrf_token", None)
        db.session.rollback()


class Town:
    """Two comisarías with their officers, citizens who report, and workers on demand."""

    def __init__(self, app: Flask, work: Callable[[], None]) -> None:
        self.app, self.work = app, work
        self.parts = app.extensions["yo_alerto"]
        names = {"name": "Callao", "province": "Callao", "department": "Callao"}
        with transaction():
            db.session.add(District(ubigeo="070101", source="prueba", **names))
        self.callao = Callao()
        self.operador = Officer(app, "operador", self.callao.west)

    def officer(self, role: str, unit: PoliceUnit | None, username: str = "") -> Officer:
        """Somebody else."""
        return Officer(self.app, role, unit, username)

    def report(self, categoria: str = "robo", **changes: Any) -> UUID:
        """A citizen reports, and the workers do their part."""
        photos = changes.pop("photos", None)
        answer = send(self.app.test_client(), datos(categoria, **changes), photos=photos)
        assert answer.status_code == 201, answer.text
        self.work()
        return self.id_of(answer.json["numero"])

    def id_of(self, numero: str) -> UUID:
        """The report with that number."""
        db.session.rollback()
        return db.session.scalars(select(Report.id).where(Report.numero == numero)).one()

    def fresh(self, report_id: UUID) -> Report:
        """The report as the database has it now."""
        db.session.rollback()
        db.session.expire_all()
        return db.session.get_one(Report, report_id)

    def numero(self, report_id: UUID) -> str:
        return self.fresh(report_id).numero
