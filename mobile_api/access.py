"""Which credential each public route asks for: the one table, checked before every request."""

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from flask import Flask, g, request

from backend import clock
from backend.app import parts_of
from backend.boards.access import coordinator_in_force
from backend.boards.standing import Standing
from backend.crypto import read_token, sign_token
from backend.errors import Unauthenticated

DEVICE_DAYS = 400
ACCESO_SECONDS = 30 * 60


class Needs(Enum):
    """What a caller must show."""

    NOTHING = "nothing"
    DEVICE = "device"
    ACCESO = "acceso"
    # A coordinator's session; whether the access is still in force is read at each call.
    JUNTA = "junta"


# Endpoint -> credential. A route that is missing here refuses everybody, and a test fails.
ROUTES: dict[str, Needs] = {
    "dispositivos.create": Needs.NOTHING,
    "lugares.categorias": Needs.NOTHING,
    "lugares.atencion": Needs.NOTHING,
    "asuntos.asuntos": Needs.NOTHING,
    "asuntos.form": Needs.NOTHING,
    "lugares.comisarias_cerca": Needs.NOTHING,
    "lugares.emergencias": Needs.NOTHING,
    "lugares.borders": Needs.NOTHING,
    "riesgo.tile": Needs.NOTHING,
    "riesgo.zones": Needs.NOTHING,
    "alertas.create": Needs.DEVICE,
    "denuncias.create": Needs.DEVICE,
    "denuncias.units": Needs.NOTHING,
    "seguimiento.track": Needs.NOTHING,
    # Each brings its own: a code of the comisaría, or the phone's secret and the PIN.
    "junta.enrol_phone": Needs.NOTHING,
    "junta.open_session": Needs.NOTHING,
    "junta-informes.create": Needs.JUNTA,
    "junta-informes.fates": Needs.JUNTA,
    "junta-informes.summary": Needs.JUNTA,
    "junta-informes.confirmed": Needs.JUNTA,
    "junta-informes.confirm": Needs.JUNTA,
    "caso.read": Needs.ACCESO,
    "caso.photo": Needs.ACCESO,
    "caso.write_message": Needs.ACCESO,
    "caso.contest": Needs.ACCESO,
    "ampliaciones.create": Needs.ACCESO,
    "constancias.read": Needs.ACCESO,
    "constancia.ask": Needs.NOTHING,
    "constancia.check": Needs.NOTHING,
    "constancia.keys": Needs.NOTHING,
    "pages.alerta": Needs.NOTHING,
    # Its device token comes in a hidden field; the view checks it.
    "pages.send_alerta": Needs.NOTHING,
    "pages.denuncia": Needs.NOTHING,
    "pages.junta": Needs.NOTHING,
    "pages.seguimiento": Needs.NOTHING,
    "pages.track": Needs.NOTHING,
    "pages.emergencias": Needs.NOTHING,
    "pages.mapa": Needs.NOTHING,
    "pages.privacidad": Needs.NOTHING,
    "pages.distritos": Needs.NOTHING,
    "salud.alive": Needs.NOTHING,
    "salud.ready": Needs.NOTHING,
    "api-docs.openapi_json": Needs.NOTHING,
    "docs.read": Needs.NOTHING,
}
# Blueprints of the staff edge have a table of their own (`admin.access`).
STAFF_BLUEPRINTS = ("panel", "security")


@dataclass(frozen=True)
class Acceso:
    """What a 30-minute token of a case says."""

    report_id: UUID
    clave_version: int


def register(app: Flask) -> None:
    """Check the table before every request."""
    app.before_request(_check)


def new_device_token(device_id: str) -> str:
    """A credential for one installation; it is stored nowhere."""
    return sign_token(parts_of().settings.keys, "device", device_id)


def device_from(token: str) -> str | None:
    """The installation that a credential speaks for, or None."""
    payload = read_token(parts_of().settings.keys, "device", token, DEVICE_DAYS * 24 * 3600)
    return payload if isinstance(payload, str) else None


def new_acceso(report_id: UUID, clave_version: int) -> str:
    """A token for the calls about one case, good for thirty minutes."""
    payload = [report_id.hex, clave_version]
    return sign_token(parts_of().settings.keys, "acceso", payload)


def _check() -> None:
    if request.endpoint is None or request.blueprint in STAFF_BLUEPRINTS:
        return  # no such route, or the panel's own table decides
    needs = ROUTES.get(request.endpoint)
    if needs is None:
        raise Unauthenticated("Esta dirección no está disponible.")
    if needs is Needs.DEVICE:
        g.device = _device()
    elif needs is Needs.ACCESO:
        g.acceso = _acceso()
    elif needs is Needs.JUNTA:
        g.junta = _junta()


def _device() -> str:
    device = device_from(_bearer())
    if device is None:
        raise Unauthenticated(
            "Tu teléfono aún no está registrado o su registro venció. Vuelve a abrir la página."
        )
    return device


def _acceso() -> Acceso:
    payload = read_token(parts_of().settings.keys, "acceso", _bearer(), ACCESO_SECONDS)
    if payload is None:
        raise Unauthenticated("Tu acceso venció. Escribe otra vez tu número y tu clave.")
    report_hex, clave_version = payload
    return Acceso(UUID(report_hex), clave_version)


def _junta() -> Standing:
    parts = parts_of()
    return coordinator_in_force(parts.settings.keys, parts.catalog, _bearer(), clock.now())


def _bearer() -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""
