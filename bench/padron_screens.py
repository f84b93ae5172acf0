"""Who asks for which screen of the rosters; `bench.padron` measures them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse as Answer

from backend.db import db
from backend.identity.models import Staff
from tests.clients import SeparateRequests
from tests.panel.conftest import sign_in

# The comisaría that most screens are asked for; others take turns where a day has its limit.
UNIT = 7


@dataclass(frozen=True)
class Screen:
    """One page or call: `ask` gets the number of the request, `who` is whose session it is."""

    name: str
    who: str
    ask: Callable[[int], Answer]
    status: int = 200


class People:
    """The generated accounts, each signed in once."""

    def __init__(self, app: Flask, units: int) -> None:
        self.app, self.units = app, units
        self.clients: dict[str, FlaskClient] = {}
        app.test_client_class = SeparateRequests
        with app.app_context():
            query = text("SELECT id FROM junta_vecinal WHERE unit_id = :unit ORDER BY code")
            self.juntas = {
                n: [str(one) for one in db.session.scalars(query, {"unit": self._unit_id(n)})]
                for n in range(min(units, 60))
            }

    def client(self, username: str) -> FlaskClient:
        """The session of a generated account."""
        if username not in self.clients:
            with self.app.app_context():
                query = select(Staff).where(Staff.username == username)
                staff = db.session.scalars(query).unique().one()
                self.clients[username] = sign_in(self.app.test_client(), staff)
        return self.clients[username]

    def get(self, username: str, address: str) -> Answer:
        """A page of the panel."""
        return self.client(username).get(address)

    def empty_page(self, username: str) -> None:
        """The floor: a page of the panel that has to know nothing but who asks."""
        assert self.get(username, "/panel/mi-cuenta").status_code == 200

    def _unit_id(self, n: int) -> int:
        query = text("SELECT id FROM police_unit WHERE code = 'GEN-' || :n")
        return int(db.session.scalar(query, {"n": n}) or 0)


def screens(people: People) -> Iterator[Screen]:
    """Every screen of the roster, its files, the proof, and the coordinator's calls."""
    yield from _roster(people)


def _roster(people: People) -> Iterator[Screen]:
    me = f"opc-{UNIT}"

    def page(name: str, address: str) -> Screen:
        return Screen(name, me, lambda _: people.get(me, address))

    yield page("padrón: lista", "/panel/padron")
