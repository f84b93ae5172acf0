"""The office of a comisaría and its comisario, in front of the pages of the padrón."""

import re
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from backend.boards.models import JuntaVecinal
from backend.db import db
from backend.identity.models import AuditEntry
from tests.builders import Callao, a_member_of_staff
from tests.isolation.world import Browser
from tests.juntas import an_office_account

LIST = "/panel/padron"


class Padron:
    """A comisaría with its office and its comisario, and a neighbour with an office, too."""

    def __init__(self, app: Flask) -> None:
        self.app, self.callao = app, Callao()
        self.west = self.callao.west
        self.office_account = an_office_account(self.west)
        self.office = Browser(app, self.office_account)
        self.comisario = Browser(app, a_member_of_staff("jefe", "comisario", self.west))
        self.neighbour = Browser(app, an_office_account(self.callao.east, "otra.oficina"))

    def junta(self, code: str) -> JuntaVecinal:
        """As the database has it now."""
        db.session.rollback()
        query = select(JuntaVecinal).where(JuntaVecinal.code == code)
        return db.session.scalars(query.execution_options(populate_existing=True)).one()


def address(junta_id: UUID, act: str = "") -> str:
    return f"{LIST}/juntas/{junta_id}{act}"


def member_address(member_id: UUID, act: str = "") -> str:
    return f"{LIST}/integrantes/{member_id}{act}"


def trail(action: str) -> list[dict[str, Any]]:
    """What the audit trail says of these."""
    db.session.rollback()
    query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
    return [one.details for one in db.session.scalars(query)]


def value_of(page: TestResponse, field: str) -> str:
    """What stands in a field of a form."""
    found = re.search(rf'name="{field}"[^>]*value="([^"]*)"', page.text)
    return found[1] if found else ""


def has_error(page: TestResponse, field: str) -> bool:
    """Whether a field is marked as wrong, and says why."""
    marked = re.search(
        rf'name="{field}"[^>]*aria-describedby="([^"]*)"[^>]*aria-invalid', page.text
    )
    return marked is not None and f'id="{marked[1]}"' in page.text
