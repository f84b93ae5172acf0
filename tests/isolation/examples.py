"""Every route of the product: how to call it, and whose it is. One row each, no exception."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from admin.openings import reference_of
from backend import clock
from backend.db import db
from backend.vault.models import Opening
from tests.builders import datos
from tests.isolation.padron_examples import OF_PADRON
from tests.isolation.padron_file_examples import OF_FILES
from tests.isolation.world import KINDS, SENSIBLE, Case, World
from tests.quejas.builders import order_desks

Form = Callable[[World, Case], dict[str, Any]]


def no_form(world: World, case: Case) -> dict[str, Any]:
    return {}


def fields(**values: Any) -> Form:
    return lambda world, case: values


@dataclass(frozen=True)
class OfCase:
    """A route about one case: whoever does not own it gets nothing."""

    method: str
    path: str
    form: Form = no_form
    stage: str = "on_desk"
    role: str = "operador"
    kinds: tuple[str, ...] = KINDS

    @property
    def has_photo(self) -> bool:
        return "{photo}" in self.path

    def address(self, case: Case) -> str:
        return self.path.format(
            id=case.report_id,
            photo=case.attachment_id,
            envio=case.envio_id,
            person=case.person_id,
        )


def _other_unit(world: World, case: Case) -> dict[str, Any]:
    target = world.second_desk if case.kind == SENSIBLE else world.callao.east
    return {"unidad": str(target.id), "motivo": "llego_por_error", "detalle": "No es de aquí"}


def _sector(world: World, case: Case) -> dict[str, Any]:
    return {"sector": str(world.callao.sector.id)}


ORIGINAL = fields(motivo_original="fiscalia", detalle_original="Lo pide el fiscal a cargo")
VERIFIED = fields(resultado="verified", como="visto_en_el_lugar", detalle="")
CLOSED = fields(desenlace="patrulla_intervino", detalle="")
REJECTED = fields(motivo="no_es_un_aviso", detalle="Era una prueba")

OPENED = fields(motivo="diligencia", detalle="Para la diligencia del martes")


def _diligence(world: World, case: Case) -> dict[str, Any]:
    return {"fecha": clock.in_lima(clock.now()).date().isoformat(), "detalle": "Se fue al lugar"}


CASE = "/panel/casos/{id}"
DILIGENCE = CASE + "/actuacion/inspeccion"
OF_CASE: dict[str, OfCase] = {
    "panel.case": OfCase("GET", CASE),
    "panel.case_news": OfCase("GET", CASE + "/novedades"),
    "panel.case_map": OfCase("GET", CASE + "/mapa.json"),
    "panel.case_photo": OfCase("GET", CASE + "/fotos/{photo}/grande"),
    "panel.original": OfCase("POST", CASE + "/fotos/{photo}/original", ORIGINAL),
    "panel.acknowledge": OfCase("POST", CASE + "/recibir"),
    "panel.let_through": OfCase("POST", CASE + "/dejar-pasar", stage="held"),
    "panel.start": OfCase("POST", CASE + "/atender", stage="acknowledged"),
    "panel.verify": OfCase("POST", CASE + "/verificar", VERIFIED, stage="acknowledged"),
    "panel.assign": OfCase(
        "POST", CASE + "/asignar", _sector, stage="acknowledged", kinds=KINDS[:2]
    ),
    "panel.answer": OfCase("POST", CASE + "/responder", fields(texto="Vamos para allá")),
    "panel.transfer_form": OfCase("GET", CASE + "/trasladar"),
    "panel.transfer": OfCase("POST", CASE + "/trasladar", _other_unit),
    "panel.close": OfCase("POST", CASE + "/cerrar", CLOSED, stage="acknowledged"),
    "panel.reject": OfCase("POST", CASE + "/rechazar", REJECTED),
    "panel.actuacion_form": OfCase("GET", DILIGENCE, stage="denounced"),
    "panel.record_actuacion": OfCase("POST", DILIGENCE, _diligence, stage="denounced"),
    "panel.qualify": OfCase(
        "POST", CASE + "/calificar", fields(calificacion="010304"), stage="denounced"
    ),
    "panel.open_identity": OfCase(
        "POST", CASE + "/personas/{person}/abrir", OPENED, stage="denounced"
    ),
    "panel.retry_delivery": OfCase("POST", "/panel/envios/{envio}/reintentar", stage="failed"),
    "panel.retry_task": OfCase("POST", CASE + "/tareas/moderate/reintentar", stage="failed"),
}


@dataclass(frozen=True)
class OfOwnCases:
    """A page that lists or counts the cases of whoever looks."""

    method: str
    path: str
    roles: tuple[str, ...]
    form: Form = no_form


DESK_ROLES = ("operador", "comisario", "jefe_sector", "supervisor")
STEPPING_IN = ("operador", "comisario", "supervisor")


def _number(world: World, case: Case) -> dict[str, Any]:
    return {"numero": case.numero}


OF_OWN_CASES: dict[str, OfOwnCases] = {
    "panel.desk": OfOwnCases("GET", "/panel/mesa", DESK_ROLES),
    "panel.desk_news": OfOwnCases("GET", "/panel/mesa/novedades", DESK_ROLES),
    "panel.find_report": OfOwnCases("POST", "/panel/mesa/buscar", DESK_ROLES, _number),
    "panel.review": OfOwnCases("GET", "/panel/revision", DESK_ROLES),
    "panel.deliveries": OfOwnCases("GET", "/panel/envios", STEPPING_IN),
    "panel.risk_map": OfOwnCases("GET", "/panel/mapa", ("analista", "supervisor", "comisario")),
    "panel.risk_tile": OfOwnCases(
        "GET", "/panel/mapa/delito/12/1170/2184.mvt", ("analista", "supervisor", "comisario")
    ),
}


@dataclass(frozen=True)
class OfRole:
    """A page that belongs to a role and tells nothing of any case."""

    method: str
    path: Callable[[World], str]
    roles: tuple[str, ...]
    form: Form = no_form


def at(address: str) -> Callable[[World], str]:
    return lambda world: address


def _account(act: str = "") -> Callable[[World], str]:
    def address(world: World) -> str:
        return f"/panel/cuentas/{world.person('operador', world.far).id}{act}"

    return address


def _channel(act: str) -> Callable[[World], str]:
    def address(world: World) -> str:
        return f"/panel/canales/{world.channel_id}{act}"

    return address


def _unit_channels(world: World) -> str:
    return f"/panel/canales/unidad/{world.far.id}"


def _queja_desk(act: str) -> Callable[[World], str]:
    def address(world: World) -> str:
        order_desks(world.callao.extortion_desk, world.second_desk)
        return f"/panel/mesas-de-quejas/{world.second_desk.id}{act}"

    return address


def _new_channel(world: World, case: Case) -> dict[str, Any]:
    return {"unidad": "FAR", "tipo": "correo", "direccion": "mesa@example.org"}


def _opening(world: World) -> str:
    """An identity that somebody opened and nobody has reviewed."""
    case = world.case(stage="denounced")
    world.owner("operador").ask(
        "POST", OF_CASE["panel.open_identity"].address(case), OPENED(world, case)
    )
    query = select(Opening).where(Opening.report_id == case.report_id)
    opening = db.session.scalars(query).one()
    return f"/panel/identidades/{reference_of(opening.id)}/revisar"


ADMIN = ("administrador",)
# What juntas told and what came of it: sums, of the own juntas or of those of units below.
RESULTS = ("participacion_ciudadana", "comisario", "supervisor", "analista", "secretaria_tecnica")
WITHOUT_DESK = ("analista", "secretaria_tecnica", "administrador", "auditor")
EVERY_ROLE = (*DESK_ROLES, *WITHOUT_DESK, "participacion_ciudadana", "cargador_padron")
CHANGED = fields(display_name="Otra", roles="operador", unidad="FAR", username="nueva.cuenta")

OF_ROLE: dict[str, OfRole] = {
    "panel.home": OfRole("GET", at("/panel/"), EVERY_ROLE),
    "panel.account": OfRole("GET", at("/panel/mi-cuenta"), EVERY_ROLE),
    "security.change_password": OfRole("GET", at("/panel/clave"), EVERY_ROLE),
    "security.verify": OfRole("GET", at("/panel/confirmar"), EVERY_ROLE),
    "security.mf_recovery_codes": OfRole("GET", at("/panel/codigos-de-recuperacion"), EVERY_ROLE),
    "security.two_factor_setup_validate": OfRole(
        "POST", at("/panel/segundo-factor/no-es-uno"), EVERY_ROLE
    ),
    "security.logout": OfRole("POST", at("/panel/salir"), EVERY_ROLE),
    "panel.staff": OfRole("GET", at("/panel/cuentas"), ADMIN),
    "panel.new_staff": OfRole("GET", at("/panel/cuentas/nueva"), ADMIN),
    "panel.create_staff": OfRole("POST", at("/panel/cuentas"), ADMIN, CHANGED),
    "panel.staff_member": OfRole("GET", _account(), ADMIN),
    "panel.change_staff": OfRole("POST", _account(), ADMIN, CHANGED),
    "panel.disable_staff": OfRole("POST", _account("/desactivar"), ADMIN),
    "panel.reset_staff": OfRole("POST", _account("/restablecer"), ADMIN),
    "panel.units": OfRole("GET", at("/panel/unidades?unidad=FAR"), ADMIN),
    "panel.channels": OfRole("GET", at("/panel/canales"), ADMIN),
    "panel.unit_channels": OfRole("GET", _unit_channels, ADMIN),
    "panel.add_channel": OfRole("POST", at("/panel/canales"), ADMIN, _new_channel),
    "panel.disable_channel": OfRole("POST", _channel("/desactivar"), ADMIN),
    "panel.renew_secret": OfRole("POST", _channel("/secreto"), ADMIN),
    "panel.queja_desks": OfRole("GET", at("/panel/mesas-de-quejas"), ADMIN),
    "panel.add_queja_desk": OfRole(
        "POST", at("/panel/mesas-de-quejas"), ADMIN, fields(unidad="FAR", que="independiente")
    ),
    "panel.raise_queja_desk": OfRole("POST", _queja_desk("/subir"), ADMIN),
    "panel.remove_queja_desk": OfRole("POST", _queja_desk("/quitar"), ADMIN),
    "panel.end_independence": OfRole("POST", _queja_desk("/dependiente"), ADMIN),
    "panel.limits": OfRole("GET", at("/panel/limites"), ADMIN),
    "panel.lift_limits": OfRole("POST", at("/panel/limites/levantar"), ADMIN),
    "panel.restore_limits": OfRole("POST", at("/panel/limites/reponer"), ADMIN),
    "panel.audit": OfRole("GET", at("/panel/auditoria"), ("auditor",)),
    "panel.openings": OfRole("GET", at("/panel/identidades"), ("auditor",)),
    "panel.review_opening": OfRole(
        "POST", _opening, ("auditor",), fields(resultado="justificada", detalle="")
    ),
    "panel.indicators": OfRole("GET", at("/panel/juntas/resultados"), RESULTS),
    "panel.indicators_excel": OfRole("GET", at("/panel/juntas/resultados.xlsx"), RESULTS),
    "panel.indicators_pdf": OfRole("GET", at("/panel/juntas/resultados.pdf"), RESULTS),
    "panel.audit_report": OfRole("POST", at("/panel/auditoria/reporte"), ("auditor",), _number),
}

# Between a right password and the second factor; without the first they lead back to sign-in.
HALF_SIGNED_IN = {
    "security.two_factor_setup": "/panel/segundo-factor",
    "security.two_factor_token_validation": "/panel/codigo",
    "security.mf_recovery": "/panel/codigo-de-recuperacion",
}
# Flask-Security cannot leave these out; they answer nobody.
NOBODYS = {
    "security.two_factor_rescue": "/panel/segundo-factor/ayuda",
    "security.tf_select": "/panel/segundo-factor/elegir",
}

# The public edge: what anybody may ask, and must learn nothing of a case by it.
POINT = {"lat": -12.06, "lon": -77.12}
PUBLIC: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "dispositivos.create": ("POST", "/api/v1/dispositivos", None),
    "lugares.categorias": ("GET", "/api/v1/categorias", None),
    "asuntos.asuntos": ("GET", "/api/v1/asuntos", None),
    "asuntos.form": ("GET", "/api/v1/asuntos/perdida_documentos", None),
    "lugares.atencion": ("POST", "/api/v1/atencion", {**POINT, "categoria": "robo"}),
    "lugares.comisarias_cerca": ("POST", "/api/v1/comisarias/cerca", POINT),
    "denuncias.units": ("POST", "/api/v1/unidades", {"texto": "comisaria"}),
    "lugares.emergencias": ("GET", "/api/v1/emergencias", None),
    "lugares.borders": ("GET", "/api/v1/territorio/12/1170/2184.mvt", None),
    "riesgo.tile": ("GET", "/api/v1/riesgo/delito/12/1170/2184.mvt", None),
    "riesgo.zones": ("GET", "/api/v1/riesgo/zonas/878e62c56ffffff", None),
    "api-docs.openapi_json": ("GET", "/api/v1/openapi.json", None),
    "docs.read": ("GET", "/api/docs", None),
    "pages.alerta": ("GET", "/", None),
    "pages.denuncia": ("GET", "/denuncia", None),
    "pages.junta": ("GET", "/junta", None),
    "pages.seguimiento": ("GET", "/seguimiento", None),
    "pages.emergencias": ("GET", "/emergencias", None),
    "pages.mapa": ("GET", "/mapa", None),
    "pages.privacidad": ("GET", "/privacidad", None),
    "pages.distritos": ("GET", "/distritos.json", None),
    "constancia.ask": ("GET", "/constancia", None),
    "constancia.keys": ("GET", "/constancia/llaves.json", None),
    "salud.alive": ("GET", "/salud", None),
    "salud.ready": ("GET", "/listo", None),
    "security.login": ("GET", "/panel/entrar", None),
}

INFORME = datos() | {"procedencia": "vecino"}
CONFIRMED = {"celda": "898e62c5637ffff", "categoria": "robo", "dia": "2026-01-31"}

# The author's own: opened by the token of the case (`acceso`).
OF_AUTHOR: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "caso.read": ("GET", "/api/v1/caso", None),
    "caso.photo": ("GET", "/api/v1/caso/fotos/{photo}/grande", None),
    "caso.write_message": ("POST", "/api/v1/caso/mensajes", {"texto": "Hola"}),
    "caso.contest": ("POST", "/api/v1/caso/disconformidad", {"motivo": "No vinieron"}),
    "constancias.read": ("GET", "/api/v1/caso/constancia", None),
    "ampliaciones.create": ("POST", "/api/v1/caso/ampliaciones", {"texto": "Vi otra vez la moto"}),
}

# The coordinator's: opened by a session of the junta (`acceso` of `/junta/sesion`).
OF_JUNTA: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "junta-informes.create": ("POST", "/api/v1/junta/informes", INFORME),
    "junta-informes.fates": ("GET", "/api/v1/junta/informes", None),
    "junta-informes.summary": ("GET", "/api/v1/junta/resumen", None),
    "junta-informes.confirmed": ("GET", "/api/v1/junta/confirmados", None),
    "junta-informes.confirm": ("POST", "/api/v1/junta/confirmados", CONFIRMED),
}

# Each of these has a test of its own below the tables.
TOLD_APART = {
    "alertas.create",
    "denuncias.create",
    "junta.enrol_phone",
    "junta.open_session",
    "constancia.check",
    "seguimiento.track",
    "pages.track",
    "pages.send_alerta",
    "panel.nowhere",
}

ALL = {
    *OF_CASE,
    *OF_OWN_CASES,
    *OF_ROLE,
    *HALF_SIGNED_IN,
    *NOBODYS,
    *PUBLIC,
    *OF_AUTHOR,
    *OF_JUNTA,
    *OF_PADRON,
    *OF_FILES,
    *TOLD_APART,
}
