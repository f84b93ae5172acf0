"""Who asks for which screen of the rosters: `bench.padron` measures, a test reads the plans."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse as Answer

from backend import clock
from backend.boards import access
from backend.boards.rows import JuntaState
from backend.db import db
from backend.identity.models import Staff
from tests.clients import SeparateRequests
from tests.panel.conftest import csrf_token, sign_in

# The comisaría that most screens are asked for; others take turns where a day has its limit.
UNIT = 7
TURNS = 60
PIN = "280714"
# A phone opens ten sessions in ten minutes.
PHONES = 6


@dataclass(frozen=True)
class Screen:
    """One page or call: `ask` gets the number of the request, `who` is whose session it is."""

    name: str
    who: str
    ask: Callable[[int], Answer]
    status: int = 200


_IN_FORCE = """
    FROM junta_vecinal j JOIN police_unit u ON u.id = j.unit_id JOIN junta_member m
        ON m.junta_id = j.id AND m.post = 'coordinador'
    WHERE u.code = 'GEN-' || :n AND j.ended_on IS NULL AND j.valid_until > current_date
        AND j.geom IS NOT NULL ORDER BY j.code
"""


class People:
    """The generated accounts, each signed in once; units and their rows by number."""

    def __init__(self, app: Flask, units: int) -> None:
        self.app, self.turns = app, min(units, TURNS)
        self._clients: dict[str, FlaskClient] = {}
        self._tokens: dict[str, str] = {}
        app.test_client_class = SeparateRequests

    def get(self, username: str, address: str) -> Answer:
        """A page of the panel."""
        return self._client(username).get(address)

    def send(self, username: str, address: str, **fields: object) -> Answer:
        """A form of the panel."""
        client = self._client(username)
        if username not in self._tokens:
            self._tokens[username] = csrf_token(client)
        return client.post(address, data={"csrf_token": self._tokens[username], **fields})

    def empty_page(self, username: str) -> None:
        """The floor: a page of the panel that has to know nothing but who asks."""
        assert self.get(username, "/panel/mi-cuenta").status_code == 200

    def one(self, query: str, **values: object) -> Any:
        """The only value that a query finds."""
        with self.app.app_context():
            found = db.session.scalars(text(query), values).first()
            db.session.rollback()
        assert found is not None, query
        return found

    def staff(self, username: str) -> Staff:
        """The account itself, in the caller's application context."""
        query = select(Staff).where(Staff.username == username)
        return db.session.scalars(query).unique().one()

    def junta(self, n: int) -> Any:
        """The id of a junta in force of the unit with that number."""
        return self.one(f"SELECT j.id {_IN_FORCE} LIMIT 1", n=n)

    def _client(self, username: str) -> FlaskClient:
        if username not in self._clients:
            with self.app.app_context():
                self._clients[username] = sign_in(self.app.test_client(), self.staff(username))
        return self._clients[username]


def screens(people: People) -> Iterator[Screen]:
    """Every screen of the roster, its files, the proof, and the coordinator's calls."""
    yield from _lists(people)
    yield from _junta(people)
    yield from _names(people)
    yield from _files(people)
    yield from _exports(people)
    yield from _proof(people)
    yield from _coordinator(people)


def _pages(people: People, who: str, pages: dict[str, str]) -> Iterator[Screen]:
    for name, address in pages.items():
        yield Screen(name, who, lambda _, address=address: people.get(who, address))


def _lists(people: People) -> Iterator[Screen]:
    me = f"opc-{UNIT}"
    # Above it stands how many juntas end soon.
    yield from _pages(people, me, {"lista": "/panel/padron"})
    filters = {f"lista, {one.value}": f"/panel/padron?estado={one.value}" for one in JuntaState}
    yield from _pages(people, me, filters)
    yield from _pages(people, me, {"lista, búsqueda": "/panel/padron?buscar=inventada+7-3"})
    yield from _pages(people, me, {"junta nueva": "/panel/padron/nueva"})
    comisario = f"comisario-{UNIT}"
    yield from _pages(people, comisario, {"lista, comisario": "/panel/padron"})


def _junta(people: People) -> Iterator[Screen]:
    me = f"opc-{UNIT}"
    junta = f"/panel/padron/juntas/{people.junta(UNIT)}"
    member = people.one(
        "SELECT id FROM junta_member WHERE junta_id = :junta AND position = 2",
        junta=people.junta(UNIT),
    )
    pages = {
        "junta": junta,
        "junta, editar": f"{junta}/editar",
        "junta, área": f"{junta}/area",
        "integrante nuevo": f"{junta}/integrantes/nuevo",
        "integrante": f"/panel/padron/integrantes/{member}",
    }
    yield from _pages(people, me, pages)
    yield from _pages(people, f"comisario-{UNIT}", {"junta, comisario": junta})


def _names(people: People) -> Iterator[Screen]:
    """Each time in another comisaría: an account reads 120 names a day."""

    def read(number: int) -> Answer:
        n = number % people.turns
        address = f"/panel/padron/juntas/{people.junta(n)}/nombres"
        return people.send(f"opc-{n}", address, motivo="reunion")

    yield Screen("nombres de una junta", f"opc-{UNIT}", read)


def _files(people: People) -> Iterator[Screen]:
    checked = "SELECT i.id FROM padron_import i JOIN staff s ON s.id = i.staff_id"
    checked += " WHERE s.username = :who AND i.state = 'revisada'"
    for who, words in ((f"opc-{UNIT}", ""), ("cargador-R0", ", quien carga")):
        one = f"/panel/padron/importaciones/{people.one(checked, who=who)}"
        pages = {
            f"cargas{words}": "/panel/padron/importaciones",
            f"carga revisada{words}": one,
            f"celdas por corregir{words}": f"{one}/celdas.xlsx",
        }
        yield from _pages(people, who, pages)
    template = {"plantilla": "/panel/padron/plantilla.xlsx"}
    yield from _pages(people, f"opc-{UNIT}", template)


def _exports(people: People) -> Iterator[Screen]:
    """Asked for by the office, approved by the comisario, downloaded once: in turns by unit."""
    who, home = f"opc-{UNIT}", "/panel/padron/exportaciones"
    yield from _pages(people, who, {"exportaciones": home})

    def export(n: int, state: str) -> str:
        query = "SELECT e.id FROM padron_export e JOIN police_unit u ON u.id = e.unit_id"
        query += " WHERE u.code = 'GEN-' || :n AND e.state = :state ORDER BY asked_at LIMIT 1"
        return f"{home}/{people.one(query, n=n, state=state)}"

    def ask(number: int) -> Answer:
        n = number % people.turns
        return people.send(f"opc-{n}", home, formato="xlsx", motivo="registro_nacional")

    def decide(number: int) -> Answer:
        n = number % people.turns
        address = f"{export(n, 'pedida')}/decidir"
        return people.send(f"comisario-{n}", address, respuesta="aprobar")

    def download(number: int) -> Answer:
        n = number % people.turns
        return people.send(f"opc-{n}", f"{export(n, 'aprobada')}/descargar")

    yield Screen("pedir una exportación", who, ask, 303)
    yield Screen("aprobar una exportación", f"comisario-{UNIT}", decide, 303)
    yield Screen("descargar unos 70 nombres", who, download)


def _proof(people: People) -> Iterator[Screen]:
    page = "/panel/juntas/resultados"
    own = {"resultados de las juntas propias": page}
    yield from _pages(people, f"opc-{UNIT}", own)
    yield from _pages(people, f"comisario-{UNIT}", {"resultados propios, comisario": page})
    levels = ("comisaria", "distrito", "provincia")
    pages = {f"resultados de una región, por {one}": f"{page}?nivel={one}" for one in levels}
    yield from _pages(people, "supervisor-R0", pages)


def _coordinator(people: People) -> Iterator[Screen]:
    """A phone each of some juntas; whose session it is does not matter to the floor."""
    phones = [_enrolled(people, UNIT if n == 0 else n % people.turns) for n in range(PHONES)]
    client = people.app.test_client()
    address, who = "/api/v1/junta", f"opc-{UNIT}"

    def open_session(number: int) -> Answer:
        secret = phones[number % PHONES]
        return client.post(f"{address}/sesion", json={"secreto": secret, "pin": PIN})

    yield Screen("coordinador: abrir con el PIN", who, open_session)
    headers = {"Authorization": f"Bearer {open_session(0).json['acceso']}"}
    month = f"{clock.in_lima(clock.now()):%Y-%m}"
    calls = {
        "qué pasó con lo que contamos": f"{address}/informes",
        "resumen del mes": f"{address}/resumen?mes={month}",
        "lo confirmado ayer": f"{address}/confirmados",
    }
    for name, call in calls.items():

        def ask(_: int, call: str = call) -> Answer:
            return client.get(call, headers=headers)

        yield Screen(f"coordinador: {name}", who, ask)


def _enrolled(people: People, n: int) -> str:
    """The secret of a phone that the coordinator of a junta in force has just enrolled."""
    coordinator = people.one(f"SELECT m.id {_IN_FORCE} LIMIT 1", n=n)
    with people.app.app_context():
        parts = people.app.extensions["yo_alerto"]
        ring, now = parts.settings.keys, clock.now()
        made = access.start_enrolment(
            ring, parts.catalog, people.staff(f"opc-{n}"), coordinator, now
        )
        secret = access.enrol(ring, parts.catalog, made.token, PIN, now).secret
        db.session.remove()
    return secret
