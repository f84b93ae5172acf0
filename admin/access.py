"""Who may open each page of the panel: the one table, checked before every request."""

from enum import Enum
from typing import Any, cast

from flask import Flask, Response, redirect, request, session, url_for
from flask_security import current_user
from flask_security.utils import logout_user
from flask_wtf.csrf import CSRFError, CSRFProtect

from admin import limits, uploads
from admin.refusals import SAFE_METHODS, error_page, is_htmx
from backend import clock
from backend.identity.models import CASE_ROLES, RoleName, Staff
from backend.identity.services import end_sessions


class Open(Enum):
    """What is not decided by a role."""

    EVERYBODY = "everybody"
    SIGNED_IN = "signed in"
    NOBODY = "nobody"


Access = Open | frozenset[RoleName]

ADMINISTRADOR = frozenset({RoleName.ADMINISTRADOR})
AUDITOR = frozenset({RoleName.AUDITOR})
CASES = CASE_ROLES
# An operador is often alone at night, so whoever mans the desk may do every act on it. A jefe de
# sector attends to what the sector was given; a supervisor steps in for a unit that does not.
DESK = frozenset({RoleName.OPERADOR, RoleName.COMISARIO})
ATTENDING = DESK | {RoleName.JEFE_SECTOR}
STEPPING_IN = DESK | {RoleName.SUPERVISOR}
RISK_MAP = frozenset({RoleName.ANALISTA, RoleName.SUPERVISOR, RoleName.COMISARIO})
# The office keeps the padrón of its comisaría and alone reads names; its comisario sees the juntas.
PADRON = frozenset({RoleName.PARTICIPACION_CIUDADANA})
JUNTAS = PADRON | {RoleName.COMISARIO}
# A loader writes rosters and reads none; the comisario sees that files came, and opens none.
IMPORTS = PADRON | {RoleName.CARGADOR_PADRON}
IMPORT_LISTS = IMPORTS | {RoleName.COMISARIO}

INDICATORS = frozenset(
    {
        RoleName.PARTICIPACION_CIUDADANA,
        RoleName.COMISARIO,
        RoleName.SUPERVISOR,
        RoleName.ANALISTA,
        RoleName.SECRETARIA_TECNICA,
    }
)

# Endpoint -> who. A route that is missing here refuses everybody, and a test fails.
ROUTES: dict[str, Access] = {
    "security.login": Open.EVERYBODY,
    # These three read from the session who has just given a right password.
    "security.two_factor_setup": Open.EVERYBODY,
    "security.two_factor_token_validation": Open.EVERYBODY,
    "security.mf_recovery": Open.EVERYBODY,
    "security.two_factor_setup_validate": Open.SIGNED_IN,
    "security.mf_recovery_codes": Open.SIGNED_IN,
    "security.change_password": Open.SIGNED_IN,
    "security.verify": Open.SIGNED_IN,
    "security.logout": Open.SIGNED_IN,
    # Flask-Security cannot leave these out: they would help by mail, or choose among factors.
    "security.two_factor_rescue": Open.NOBODY,
    "security.tf_select": Open.NOBODY,
    "panel.nowhere": Open.EVERYBODY,
    "panel.home": Open.SIGNED_IN,
    "panel.account": Open.SIGNED_IN,
    "panel.staff": ADMINISTRADOR,
    "panel.new_staff": ADMINISTRADOR,
    "panel.create_staff": ADMINISTRADOR,
    "panel.staff_member": ADMINISTRADOR,
    "panel.change_staff": ADMINISTRADOR,
    "panel.disable_staff": ADMINISTRADOR,
    "panel.reset_staff": ADMINISTRADOR,
    "panel.units": ADMINISTRADOR,
    "panel.channels": ADMINISTRADOR,
    "panel.unit_channels": ADMINISTRADOR,
    "panel.add_channel": ADMINISTRADOR,
    "panel.disable_channel": ADMINISTRADOR,
    "panel.renew_secret": ADMINISTRADOR,
    "panel.queja_desks": ADMINISTRADOR,
    "panel.add_queja_desk": ADMINISTRADOR,
    "panel.raise_queja_desk": ADMINISTRADOR,
    "panel.remove_queja_desk": ADMINISTRADOR,
    "panel.end_independence": ADMINISTRADOR,
    "panel.limits": ADMINISTRADOR,
    "panel.lift_limits": ADMINISTRADOR,
    "panel.restore_limits": ADMINISTRADOR,
    "panel.audit": AUDITOR,
    "panel.audit_report": AUDITOR,
    "panel.desk": CASES,
    "panel.desk_news": CASES,
    "panel.find_report": CASES,
    "panel.review": CASES,
    "panel.deliveries": STEPPING_IN,
    "panel.retry_delivery": STEPPING_IN,
    "panel.retry_task": STEPPING_IN,
    "panel.case": CASES,
    "panel.case_news": CASES,
    "panel.case_map": CASES,
    "panel.case_photo": CASES,
    "panel.original": STEPPING_IN,
    "panel.acknowledge": CASES,
    "panel.answer": CASES,
    "panel.start": ATTENDING,
    "panel.verify": ATTENDING,
    "panel.let_through": STEPPING_IN,
    "panel.transfer_form": STEPPING_IN,
    "panel.transfer": STEPPING_IN,
    "panel.assign": DESK,
    "panel.close": DESK,
    "panel.reject": DESK,
    "panel.actuacion_form": DESK,
    "panel.record_actuacion": DESK,
    "panel.qualify": DESK,
    # Of these only who is in the owning unit, and for a reserved one only its comisario.
    "panel.open_identity": DESK,
    "panel.openings": AUDITOR,
    "panel.review_opening": AUDITOR,
    "panel.risk_map": RISK_MAP,
    "panel.risk_tile": RISK_MAP,
    "panel.indicators": INDICATORS,
    "panel.indicators_excel": INDICATORS,
    "panel.indicators_pdf": INDICATORS,
    "panel.padron": JUNTAS,
    "panel.new_junta": PADRON,
    "panel.create_junta": PADRON,
    "panel.junta": JUNTAS,
    "panel.junta_form": PADRON,
    "panel.change_junta": PADRON,
    "panel.renew_junta": PADRON,
    "panel.dissolve_junta": PADRON,
    "panel.area_form": PADRON,
    "panel.set_area": PADRON,
    "panel.new_member": PADRON,
    "panel.add_member": PADRON,
    "panel.member": PADRON,
    "panel.change_member": PADRON,
    "panel.end_member": PADRON,
    "panel.record_training": PADRON,
    "panel.read_names": PADRON,
    "panel.enrol_coordinator": PADRON,
    "panel.enrolment_state": PADRON,
    "panel.revoke_coordinator": JUNTAS,
    "panel.padron_imports": IMPORT_LISTS,
    "panel.padron_template": IMPORTS,
    "panel.upload_padron": IMPORTS,
    "panel.padron_import": IMPORTS,
    "panel.padron_progress": IMPORTS,
    "panel.padron_problems": IMPORTS,
    "panel.apply_padron": IMPORTS,
    "panel.discard_padron": IMPORTS,
    "panel.undo_padron": IMPORTS,
    "panel.padron_exports": JUNTAS,
    "panel.ask_export": PADRON,
    "panel.decide_export": JUNTAS,
    "panel.download_export": PADRON,
}

# Requests that a page makes by itself: they keep nobody signed in.
BACKGROUND: frozenset[str] = frozenset(
    {"panel.desk_news", "panel.case_news", "panel.enrolment_state", "panel.padron_progress"}
)


IDLE_SECONDS = 8 * 3600
SESSION_SECONDS = 24 * 3600
# How often the session cookie is written again; more often would only cost bytes.
SEEN_STEP_SECONDS = 60
STAFF_BLUEPRINTS = ("panel", "security")
# What somebody with a one-time password may open.
BEFORE_PASSWORD_CHANGE = ("security.change_password", "security.logout")

NOTHING_LOST = (
    "No se envió. Lo que escribió sigue aquí: cópielo, actualice la página e inténtelo otra vez."
)
WAY_BACK = "Vuelva atrás, actualice la página e inténtelo otra vez. No se guardó ningún cambio."

csrf = CSRFProtect()


def register(app: Flask) -> None:
    """Check the table before every request to the panel."""
    csrf.init_app(app)
    app.before_request(_check)


def current_staff() -> Staff:
    """Who is signed in; only in views that the table does not open to everybody."""
    return cast(Staff, current_user._get_current_object())


def may_open(staff: Staff, endpoint: str) -> bool:
    """Whether this member of staff may open the endpoint, by the table alone."""
    needs = ROUTES.get(endpoint, Open.NOBODY)
    if isinstance(needs, Open):
        return needs is not Open.NOBODY
    return staff.is_one_of(*needs)


def begin_session(session: Any) -> None:
    """Start the clocks of a session, at sign-in."""
    session["since"] = session["seen"] = int(clock.now().timestamp())


def is_signed_in() -> bool:
    """Whether somebody with an account in force is signed in."""
    return bool(current_user.is_authenticated)


def _check() -> Any:
    if request.blueprint not in STAFF_BLUEPRINTS:
        return None
    endpoint = cast(str, request.endpoint)
    _end_stale_session(endpoint)
    if request.method not in SAFE_METHODS:
        refusal = _too_large(endpoint) or _forged() or limits.refuse_guessing(endpoint)
        if refusal:
            return error_page(*refusal)
    return _refuse(endpoint, ROUTES.get(endpoint, Open.NOBODY))


def _refuse(endpoint: str, needs: Access) -> Any:
    if needs is Open.EVERYBODY:
        return None
    if needs is not Open.NOBODY and not is_signed_in():
        return _to_sign_in()
    if needs is Open.NOBODY or not may_open(current_staff(), endpoint):
        return error_page(
            403, "No tiene permiso", "Su cuenta no puede abrir esta página. Pida el rol a su jefe."
        )
    if current_staff().must_change_password and endpoint not in BEFORE_PASSWORD_CHANGE:
        return _go(url_for("security.change_password"))
    if endpoint == "security.logout":
        # The cookie is the session: only another mark on the account ends copies of it.
        end_sessions(current_staff().id)
    return None


def _too_large(endpoint: str) -> tuple[int, str, str] | None:
    """Only of those who may send it is a file taken in, before its form is read."""
    allowed = is_signed_in() and may_open(current_staff(), endpoint)
    return uploads.admit_file(endpoint) if allowed else None


def _forged() -> tuple[int, str, str] | None:
    try:
        csrf.protect()
    except CSRFError:
        return (
            400,
            "La página venció",
            NOTHING_LOST if is_htmx() else WAY_BACK,
        )
    return None


def _end_stale_session(endpoint: str) -> None:
    """Sign out who was idle, or signed in, for too long; else note that they are here."""
    if not is_signed_in():
        return
    now = int(clock.now().timestamp())
    since, seen = session.get("since", 0), session.get("seen", 0)
    if now - seen > IDLE_SECONDS or now - since > SESSION_SECONDS:
        logout_user()
    elif endpoint not in BACKGROUND and now - seen >= SEEN_STEP_SECONDS:
        session["seen"] = now


def _to_sign_in() -> Any:
    path = request.full_path.rstrip("?")
    back = path if request.method == "GET" and not is_htmx() else None
    return _go(url_for("security.login", next=back))


def _go(address: str) -> Any:
    """Send the whole page there, also when htmx asked for a piece of it."""
    if is_htmx():
        return Response(status=401, headers={"HX-Redirect": address})
    return redirect(address, 303)
