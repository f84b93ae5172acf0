"""Two rosters with words that only their own office may read, and everybody who might try."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import Engine, select, text
from werkzeug.routing import Rule

from backend import clock
from backend.boards import access
from backend.boards.models import Coordinator, JuntaMember, JuntaVecinal
from backend.db import Base, db, transaction
from backend.identity.models import Staff
from backend.padron.models import ExportState, ImportState, PadronExport, PadronImport
from backend.territory.models import PoliceUnit
from backend.territory.queries import today
from tests.builders import a_member_of_staff
from tests.isolation.world import Browser, World
from tests.juntas import BLOCK, a_junta, a_member, an_identity, an_office_account

ACTIVE, ENDED, LAPSED, DISSOLVED = "active", "ended", "lapsed", "dissolved"
STATES = (ACTIVE, ENDED, LAPSED, DISSOLVED)


@dataclass(frozen=True)
class Markers:
    """What stands nowhere but in one roster, by field."""

    name: str
    document: str
    phone: str
    junta: str
    code: str
    act: str

    def seen_in(self, answer: bytes) -> set[str]:
        """The fields of which the answer tells something."""
        return {name for name, value in vars(self).items() if value.encode() in answer}


def markers_of(place: str, state: str) -> Markers:
    """Letters and digits that no page has by chance."""
    number = STATES.index(state)
    of = "quizco" if place == "own" else "yarumo"
    digits = f"{'71' if place == 'own' else '82'}{number}"
    word = f"{of}{'abcd'[number]}"
    return Markers(
        name=f"Nombre{word}",
        document=f"40{digits}271",
        phone=f"9{digits}62718"[:9].ljust(9, "3"),
        junta=f"Los {word.title()}s",
        code=f"{word.upper()}-{number + 1}",
        act=f"Acta {word} 77",
    )


@dataclass
class Roster:
    """The juntas of one comisaría: one of each state, with a member each, and a coordinator."""

    place: str
    unit: PoliceUnit
    juntas: dict[str, JuntaVecinal] = field(default_factory=dict)
    members: dict[str, JuntaMember] = field(default_factory=dict)

    def markers(self, state: str) -> Markers:
        return markers_of(self.place, state)


def a_roster(place: str, unit: PoliceUnit, box: tuple[float, float, float, float]) -> Roster:
    """One junta in force with a member and one who left, one that lapsed, one dissolved."""
    roster, on = Roster(place, unit), today()
    for state in (ACTIVE, LAPSED, DISSOLVED):
        marks = markers_of(place, state)
        ended = {"ended_on": on, "end_reason": "sin_actividad"} if state == DISSOLVED else {}
        until = on - timedelta(days=1) if state == LAPSED else None
        junta = a_junta(unit, marks.code, until=until, box=box, name=marks.junta, **ended)
        with transaction():
            db.session.execute(
                text("UPDATE junta_term SET act = :act WHERE junta_id = :id"),
                {"act": marks.act, "id": junta.id},
            )
        roster.juntas[state] = junta
        roster.members[state] = _somebody(junta, marks, "coordinador")
    roster.juntas[ENDED] = roster.juntas[ACTIVE]
    gone = {"ended_on": on, "end_reason": "renuncia"}
    roster.members[ENDED] = _somebody(roster.juntas[ACTIVE], markers_of(place, ENDED), **gone)
    return roster


def _somebody(
    junta: JuntaVecinal, marks: Markers, post: str = "integrante", **columns: object
) -> JuntaMember:
    who = an_identity(marks.document, nombres=marks.name, celular=marks.phone)
    return a_member(junta, post, identity=who, **columns)


class Rosters:
    """The own comisaría and one far away, each with a roster, an import and an export."""

    def __init__(self, app: Flask) -> None:
        self.world = World(app)
        self.app, self.parts = app, self.world.parts
        self.own_unit, self.far_unit = self.world.callao.west, self.world.far
        self.own = a_roster("own", self.own_unit, BLOCK)
        self.far = a_roster("far", self.far_unit, (-77.052, -12.062, -77.048, -12.058))
        self.offices: dict[str, Staff] = {
            "office": an_office_account(self.own_unit, "oficina.propia"),
            "far office": an_office_account(self.far_unit, "oficina.lejana"),
        }
        self.tokens = {
            "coordinator": self._session("office", self.own),
            "far coordinator": self._session("far office", self.far),
        }
        self.import_id = self._an_import()
        self.export_id = self._an_export()

    def _session(self, office: str, roster: Roster) -> str:
        staff = db.session.merge(self.offices[office])
        keys, catalog, now = self.parts.settings.keys, self.parts.catalog, clock.now()
        member_id = roster.members[ACTIVE].id
        offered = access.start_enrolment(keys, catalog, staff, member_id, now)
        phone = access.enrol(keys, catalog, offered.token, "284917", now)
        return access.open_session(keys, catalog, phone.secret, "284917", now).token

    def _an_import(self) -> UUID:
        import_id = uuid4()
        with transaction():
            db.session.add(
                PadronImport(
                    id=import_id,
                    unit_id=self.own_unit.id,
                    staff_id=self.offices["office"].id,
                    file_name="padron.xlsx",
                    state=ImportState.CHECKED,
                    work_state="done",
                    created_at=clock.now(),
                    checked_at=clock.now(),
                )
            )
        return import_id

    def _an_export(self) -> UUID:
        export_id = uuid4()
        with transaction():
            db.session.add(
                PadronExport(
                    id=export_id,
                    unit_id=self.own_unit.id,
                    format="xlsx",
                    reason="reunion",
                    rows=1,
                    state=ExportState.ASKED,
                    asked_at=clock.now(),
                    asked_by=self.offices["office"].id,
                )
            )
        return export_id

    # Everybody

    def everybody(self) -> dict[str, Browser]:
        """One browser for each row of the matrix that signs in to the panel, or does not."""
        world, callao = self.world, self.world.callao
        return {
            "office": Browser(self.app, db.session.merge(self.offices["office"])),
            "far office": Browser(self.app, db.session.merge(self.offices["far office"])),
            "comisario": world.browser("comisario", callao.west),
            "far comisario": world.browser("comisario", world.far),
            "office of a neighbour": Browser(self.app, _office_of(callao.east)),
            "loader above": world.browser("cargador_padron", callao.divpol),
            "loader of the unit": world.browser("cargador_padron", callao.west),
            "operador": world.browser("operador", callao.west),
            "jefe_sector": world.browser("jefe_sector", callao.sector),
            "supervisor": world.browser("supervisor", callao.divpol),
            "analista": world.browser("analista", callao.divpol),
            "secretaria_tecnica": world.browser("secretaria_tecnica", callao.divpol),
            "administrador": world.browser("administrador", None),
            "auditor": world.browser("auditor", None),
            "extortion desk": world.browser("operador", callao.extortion_desk),
            "somebody without a seat": Browser(
                self.app, a_member_of_staff("sin.sede", "participacion_ciudadana", callao.west)
            ),
            "a stranger": Browser(self.app),
        }

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Every address of the product that can be read, about the own roster where it is one."""
        for rule in self.app.url_map.iter_rules():
            if "GET" in (rule.methods or ()):
                for state in STATES if _is_of_roster(rule) else (ACTIVE,):
                    yield rule.endpoint, self._filled(rule, state)

    def _filled(self, rule: Rule, state: str) -> str:
        ids = {
            "junta_id": self.own.juntas[state].id,
            "member_id": self.own.members[state].id,
            "import_id": self.import_id,
            "export_id": self.export_id,
            "coordinator_id": self._coordinator(self.own.members[state].id),
            "unit_id": self.own_unit.id,
        }
        tile = {"z": 12, "x": 1170, "y": 2184, "capa": "delito"}
        values = {name: ids.get(name, tile.get(name, 1)) for name in rule.arguments}
        for name in rule.arguments - ids.keys() - tile.keys():
            is_uuid = "uuid" in str(rule) and re.search(rf"<uuid:{name}>", rule.rule)
            values[name] = uuid4() if is_uuid else 1
        return re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda found: str(values[found[1]]), rule.rule)

    @staticmethod
    def _coordinator(member_id: UUID) -> UUID:
        query = select(Coordinator.id).where(Coordinator.member_id == member_id)
        return db.session.scalar(query) or uuid4()

    def seen_by(self, browser: Browser, address: str) -> dict[str, set[str]]:
        """Which fields of which roster an answer tells, by place and state."""
        return self.told(browser.ask("GET", address).data)

    def told(self, answer: bytes) -> dict[str, set[str]]:
        """The fields of either roster that stand in these bytes."""
        found = {
            f"{place} {state}": markers_of(place, state).seen_in(answer)
            for place in ("own", "far")
            for state in STATES
        }
        return {where: fields for where, fields in found.items() if fields}


def _office_of(unit: PoliceUnit) -> Staff:
    return an_office_account(unit, f"oficina.{unit.code.lower()}")


def _is_of_roster(rule: Rule) -> bool:
    return bool({"junta_id", "member_id", "coordinator_id"} & rule.arguments)


def everything_written(owner: Engine) -> bytes:
    """All that stands in the database, as whoever owns it reads it."""
    with owner.connect() as connection:
        rows = (
            row
            for table in Base.metadata.sorted_tables
            for row in connection.execute(
                text(f"SELECT CAST(t AS text) FROM {table.fullname} AS t")
            ).scalars()
        )
        return "\n".join(rows).encode()
