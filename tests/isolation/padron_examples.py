"""The rows of the pages of the padrón: how to call each, and whether a comisario may, too."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from backend import clock
from backend.boards import access
from backend.db import db
from backend.identity.models import Staff
from backend.parts import Parts
from backend.territory.models import PoliceUnit
from backend.territory.queries import today
from tests.juntas import BLOCK, a_box, a_junta, a_member, an_identity

DAYS_LEFT = 30
Form = Callable[[], Mapping[str, str]]


@dataclass(frozen=True)
class OneJunta:
    """What stands in the addresses about one junta; of nobody's, unless told otherwise."""

    junta_id: UUID = field(default_factory=uuid4)
    member_id: UUID = field(default_factory=uuid4)
    coordinator_id: UUID = field(default_factory=uuid4)

    def hidden_in(self, page: str) -> str:
        """A page without what only says which junta was asked for."""
        for own in (self.junta_id, self.member_id, self.coordinator_id):
            page = page.replace(str(own), "…")
        return page


def one_junta(parts: Parts, office: Staff, unit: PoliceUnit) -> OneJunta:
    """A junta that ends soon, with a coordinator whose phone has read the code."""
    until = today() + timedelta(days=DAYS_LEFT)
    member = a_member(a_junta(unit, f"JV-{uuid4().hex[:8].upper()}", until=until), "coordinador")
    junta_id, member_id, keys, now = member.junta_id, member.id, parts.settings.keys, clock.now()
    offered = access.start_enrolment(keys, parts.catalog, db.session.merge(office), member_id, now)
    access.enrol(keys, parts.catalog, offered.token, "284917", now)
    [row] = access.access_of(junta_id, now)
    return OneJunta(junta_id, member_id, row.coordinator.id)


def nothing() -> dict[str, str]:
    return {}


def named() -> dict[str, str]:
    return {"codigo": f"N-{uuid4().hex[:8]}", "nombre": "Junta nueva", "ambito": "barrio"}


def term(in_days: int) -> dict[str, str]:
    begin = (today() + timedelta(days=in_days)).isoformat()
    return {"acto": "Acta 9", "reconocida": today().isoformat(), "desde": begin, "hasta": ""}


def somebody() -> dict[str, str]:
    joined = {"cargo": "vocal", "sexo": "mujer", "designado_por": "junta", "hasta": ""}
    who = an_identity(str(uuid4().int)[:8])
    return {**who, **joined, "desde": today().isoformat()}


def drawn() -> dict[str, str]:
    return {"area": json.dumps(a_box(*BLOCK))}


def for_reason(motivo: str, day: str = "") -> Form:
    return lambda: {"motivo": motivo, **({"fecha": today().isoformat()} if day else {})}


@dataclass(frozen=True)
class OfPadron:
    """A page of the padrón: the office's, and where it says so its comisario's."""

    method: str
    path: str
    form: Form = nothing
    of_comisario: bool = False

    @property
    def is_of_a_junta(self) -> bool:
        return "{" in self.path

    def address(self, junta: OneJunta) -> str:
        return self.path.format(
            junta=junta.junta_id, member=junta.member_id, coordinator=junta.coordinator_id
        )


JUNTA = "/panel/padron/juntas/{junta}"
MEMBER = "/panel/padron/integrantes/{member}"
ACCESS = "/panel/padron/accesos/{coordinator}"
OF_PADRON: dict[str, OfPadron] = {
    "panel.padron": OfPadron("GET", "/panel/padron", of_comisario=True),
    "panel.new_junta": OfPadron("GET", "/panel/padron/nueva"),
    "panel.create_junta": OfPadron("POST", "/panel/padron/nueva", lambda: named() | term(0)),
    "panel.junta": OfPadron("GET", JUNTA, of_comisario=True),
    "panel.junta_form": OfPadron("GET", JUNTA + "/editar"),
    "panel.change_junta": OfPadron("POST", JUNTA + "/editar", named),
    "panel.renew_junta": OfPadron("POST", JUNTA + "/renovar", lambda: term(DAYS_LEFT + 1)),
    "panel.dissolve_junta": OfPadron("POST", JUNTA + "/disolver", for_reason("fusion", "today")),
    "panel.area_form": OfPadron("GET", JUNTA + "/area"),
    "panel.set_area": OfPadron("POST", JUNTA + "/area", drawn),
    "panel.new_member": OfPadron("GET", JUNTA + "/integrantes/nuevo"),
    "panel.add_member": OfPadron("POST", JUNTA + "/integrantes/nuevo", somebody),
    "panel.member": OfPadron("GET", MEMBER),
    "panel.change_member": OfPadron("POST", MEMBER, somebody),
    "panel.end_member": OfPadron("POST", MEMBER + "/baja", for_reason("renuncia", "today")),
    "panel.record_training": OfPadron(
        "POST",
        MEMBER + "/capacitacion",
        lambda: {"tema": "induccion", "fecha": today().isoformat()},
    ),
    "panel.read_names": OfPadron("POST", JUNTA + "/nombres", for_reason("reunion")),
    "panel.enrol_coordinator": OfPadron("POST", MEMBER + "/acceso"),
    "panel.enrolment_state": OfPadron("GET", ACCESS),
    "panel.revoke_coordinator": OfPadron(
        "POST", ACCESS + "/quitar", for_reason("a_su_pedido"), of_comisario=True
    ),
}
