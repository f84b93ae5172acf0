"""The rows of imports and exports of the padrón: how to call each, on what, and whose it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from backend import clock
from backend.app import parts_of
from backend.db import db, transaction
from backend.identity.models import Staff
from backend.padron.applying import apply_import
from backend.padron.exports import ask_export
from backend.padron.models import PadronExport
from tests.juntas import a_junta, a_member
from tests.padron.files import a_book, a_row, checked, uploaded

MANY = 51
Make = Callable[[Staff], UUID]


def _roster(staff: Staff) -> bytes:
    """Two rows of a junta that no other test has, for the western comisaría."""
    code, start = f"F-{uuid4().hex[:8].upper()}", uuid4().int % 40_000_000
    people = (a_row(start + n, junta_codigo=code, comisaria="WEST") for n in (1, 2))
    return a_book(list(people))


def nothing(staff: Staff) -> UUID:
    return uuid4()


def waiting(staff: Staff) -> UUID:
    return uploaded(db.session.merge(staff), _roster(staff))


def ready(staff: Staff) -> UUID:
    return checked(db.session.merge(staff), _roster(staff)).id


def registered(staff: Staff) -> UUID:
    import_id = ready(staff)
    apply_import(db.session.merge(staff), import_id, only_right=False, now=clock.now())
    return import_id


def small_export(staff: Staff) -> UUID:
    member = a_member(a_junta(db.session.merge(staff).unit, f"E-{uuid4().hex[:6].upper()}"))
    return _asked(staff, member.junta_id)


def large_export(staff: Staff) -> UUID:
    export_id = small_export(staff)
    with transaction():
        asked = db.session.get_one(PadronExport, export_id)
        asked.state, asked.rows = "pedida", MANY
    return export_id


def _asked(staff: Staff, junta_id: UUID) -> UUID:
    return ask_export(
        parts_of().catalog,
        db.session.merge(staff),
        junta_id=junta_id,
        format="csv",
        reason="reunion",
        now=clock.now(),
    )


def fields(**values: str) -> Mapping[str, Any]:
    return values


@dataclass(frozen=True)
class OfFile:
    """A page about imports or exports. `whose`: office, comisario, loader; `make`: about what."""

    method: str
    path: str
    whose: tuple[str, ...]
    make: Make = nothing
    form: Mapping[str, Any] | None = None

    @property
    def is_of_one(self) -> bool:
        return "{" in self.path


OFFICE, LOADING = ("office",), ("office", "loader")
IMPORTS = "/panel/padron/importaciones"
ONE = IMPORTS + "/{id}"
EXPORTS = "/panel/padron/exportaciones"
ASKED = {"junta": "", "formato": "csv", "motivo": "reunion"}

OF_FILES: dict[str, OfFile] = {
    "panel.padron_imports": OfFile("GET", IMPORTS, (*LOADING, "comisario")),
    "panel.padron_template": OfFile("GET", "/panel/padron/plantilla.xlsx", LOADING),
    # Without a file it answers with what to do; `test_padron_imports` sends one.
    "panel.upload_padron": OfFile("POST", IMPORTS, LOADING),
    "panel.padron_import": OfFile("GET", ONE, LOADING, ready),
    "panel.padron_progress": OfFile("GET", ONE + "/avance", LOADING, waiting),
    "panel.padron_problems": OfFile("GET", ONE + "/celdas.xlsx", LOADING, ready),
    "panel.apply_padron": OfFile("POST", ONE + "/registrar", LOADING, ready, fields(que="todo")),
    "panel.discard_padron": OfFile("POST", ONE + "/descartar", LOADING, ready),
    "panel.undo_padron": OfFile("POST", ONE + "/deshacer", LOADING, registered),
    "panel.padron_exports": OfFile("GET", EXPORTS, ("office", "comisario")),
    "panel.ask_export": OfFile("POST", EXPORTS, OFFICE, small_export, ASKED),
    "panel.decide_export": OfFile(
        "POST",
        EXPORTS + "/{id}/decidir",
        ("comisario", "other seat"),
        large_export,
        fields(respuesta="aprobar"),
    ),
    "panel.download_export": OfFile("POST", EXPORTS + "/{id}/descargar", OFFICE, small_export),
}
