"""What staff do to a case, as small forms; each calls one function of `backend.triage`."""

import unicodedata
from collections.abc import Callable, Container
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.access import current_staff
from admin.blueprint import blueprint
from admin.cases import answer_with, case_address, render_case
from admin.refusals import is_htmx
from admin.words import STATES
from backend import clock, triage
from backend.app import parts_of
from backend.errors import Conflict, InvalidInput, NotFound, YoAlertoError, wrong_field
from backend.identity.models import Staff
from backend.parts import Parts
from backend.reports.models import Report
from backend.reports.queries import report_for
from backend.reports.states import Verification
from backend.territory.location import Location
from backend.territory.models import PoliceUnit
from backend.territory.queries import nearest_units

MOST_TARGETS = 20
Act = Callable[[Parts, Staff, UUID, datetime], None]


@blueprint.post("/casos/<uuid:report_id>/recibir")
def acknowledge(report_id: UUID) -> Any:
    """ "Recibido": this person has taken note."""
    done = _("Quedó recibido. El ciudadano ya puede ver que una persona lo vio.")
    return perform(report_id, "acknowledge", done, triage.record_acknowledgement)


@blueprint.post("/casos/<uuid:report_id>/dejar-pasar")
def let_through(report_id: UUID) -> Any:
    """Nothing wrong with a held report."""
    return perform(report_id, "let_through", _("El reporte pasó a la mesa."), triage.let_through)


@blueprint.post("/casos/<uuid:report_id>/atender")
def start(report_id: UUID) -> Any:
    """The unit attends to it."""

    def work(parts: Parts, staff: Staff, report_id: UUID, now: datetime) -> None:
        triage.start(parts, staff, report_id, now=now)

    return perform(report_id, "start", _("Quedó en atención."), work)


@blueprint.post("/casos/<uuid:report_id>/verificar")
def verify(report_id: UUID) -> Any:
    """True or not, and how it is known."""

    def work(parts: Parts, staff: Staff, report_id: UUID, now: datetime) -> None:
        result = chosen("resultado", frozenset(Verification) - {Verification.UNVERIFIED})
        triage.verify(
            parts,
            staff,
            report_id,
            verification=Verification(result),
            way=chosen("como", parts.catalog.verificaciones),
            words=clean("detalle"),
            now=now,
        )

    return perform(report_id, "verify", _("La verificación quedó registrada."), work)


@blueprint.post("/casos/<uuid:report_id>/asignar")
def assign(report_id: UUID) -> Any:
    """To a sector of the owning unit."""

    def work(parts: Parts, staff: Staff, report_id: UUID, now: datetime) -> None:
        triage.assign(parts, staff, report_id, sector_id=id_typed("sector"), now=now)

    return perform(report_id, "assign", _("Quedó asignado al sector."), work)


@blueprint.post("/casos/<uuid:report_id>/responder")
def answer(report_id: UUID) -> Any:
    """A message that the author reads under their number and clave."""

    def work(parts: Parts, staff: Staff, report_id: UUID, now: datetime) -> None:
        triage.answer(parts, staff, report_id, text=clean("texto"), now=now)

    return perform(report_id, "answer", _("Su respuesta fue enviada."), work)


@blueprint.get("/casos/<uuid:report_id>/trasladar")
def transfer_form(report_id: UUID) -> str:
    """To whom it may go: the nearest units, or those whose name was looked for."""
    return _transfer_form(report_id, request.args.get("buscar", ""))


@blueprint.post("/casos/<uuid:report_id>/trasladar")
def transfer(report_id: UUID) -> Any:
    """Hand the case to another unit, with a reason."""
    parts = parts_of()
    try:
        triage.transfer(
            parts,
            current_staff(),
            report_id,
            unit_id=id_typed("unidad"),
            reason=chosen("motivo", parts.catalog.traslados),
            words=clean("detalle"),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _transfer_form(report_id, request.form.get("buscar", ""), problem), 422
    except Conflict as problem:
        return _conflict(report_id, "transfer", problem)
    return answer_with(url_for("panel.desk"), _("El reporte fue trasladado a la otra unidad."))


@blueprint.post("/casos/<uuid:report_id>/cerrar")
def close(report_id: UUID) -> Any:
    """With an outcome from the list."""

    def work(parts: Parts, staff: Staff, report_id: UUID, now: datetime) -> None:
        outcome = chosen("desenlace", parts.catalog.desenlaces)
        triage.close(parts, staff, report_id, outcome=outcome, words=clean("detalle"), now=now)

    return perform(report_id, "close", _("El caso quedó cerrado."), work)


@blueprint.post("/casos/<uuid:report_id>/rechazar")
def reject(report_id: UUID) -> Any:
    """Set it aside, for a reason from the list."""

    def work(parts: Parts, staff: Staff, report_id: UUID, now: datetime) -> None:
        reason = chosen("motivo", parts.catalog.rechazos)
        triage.reject(parts, staff, report_id, reason=reason, words=clean("detalle"), now=now)

    return perform(report_id, "reject", _("El reporte quedó rechazado."), work)


def perform(report_id: UUID, act: str, done: str, work: Act) -> Any:
    """Do it, and show the case as it is then, with what was wrong or that it is done."""
    try:
        work(parts_of(), current_staff(), report_id, clock.now())
    except InvalidInput as problem:
        return _page(report_id, problem, act=act), 422
    except Conflict as problem:
        return _conflict(report_id, act, problem)
    back = request.form.get("volver")
    if back == "revision":
        return answer_with(url_for("panel.review"), done)
    if is_htmx():
        return _page(report_id, act="", done=done)
    flash(done, "success")
    return redirect(case_address(report_id), 303)


def _conflict(report_id: UUID, act: str, problem: YoAlertoError) -> Any:
    """Somebody was faster: the case as it is now, what was typed, and a kind word."""
    try:
        state = STATES[report_for(current_staff(), report_id).state]
    except NotFound:
        done = _("Otra persona se adelantó: el reporte ya no es de su unidad.")
        return answer_with(url_for("panel.desk"), done)
    kind = _(
        "Otra persona se adelantó: el reporte ya está «%(state)s». Así está ahora; lo que "
        "usted escribió sigue aquí.",
        state=state,
    )
    return _page(report_id, act=act, conflict=kind), 409


def _page(report_id: UUID, problem: YoAlertoError | None = None, **more: Any) -> str:
    template = "case/_changed.html" if is_htmx() else "case/case.html"
    return render_case(template, report_id, problem, **more)


def _transfer_form(report_id: UUID, wanted: str, problem: YoAlertoError | None = None) -> str:
    parts, staff = parts_of(), current_staff()
    report = report_for(staff, report_id)
    targets = triage.transfer_targets(parts, report)
    found = _named(targets, wanted) if wanted.strip() else _nearest(targets, report)
    return render_template(
        "case/transfer.html",
        report=report,
        categoria=parts.catalog.subject(report.categoria),
        reasons=parts.catalog.traslados.values(),
        targets=found[:MOST_TARGETS],
        more=max(0, len(found) - MOST_TARGETS),
        wanted=wanted,
        typed=request.form,
        errors={one.field: one.message for one in problem.errors} if problem else {},
    )


def _named(units: list[PoliceUnit], wanted: str) -> list[PoliceUnit]:
    words = _bare(wanted).split()
    return [u for u in units if all(word in _bare(u.name or u.code) for word in words)]


def _nearest(units: list[PoliceUnit], report: Report) -> list[PoliceUnit]:
    """The nearest ones first, where there is a point to measure from; else by name."""
    if report.point is None:
        return units
    order = [one.id for one in nearest_units(Location(*report.lat_lon), MOST_TARGETS)]
    by_id = {unit.id: unit for unit in units}
    return [by_id[unit_id] for unit_id in order if unit_id in by_id] or units


def _bare(name: str) -> str:
    """Without accents or case."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore")
    return plain.decode().lower()


def chosen(name: str, allowed: Container[str]) -> str:
    """What was picked from a list; raises `InvalidInput` for anything else."""
    value = request.form.get(name, "")
    if value not in allowed:
        raise wrong_field(name, _("Elija una opción de la lista."))
    return value


def id_typed(name: str) -> int:
    """A row picked from a list, by its id; raises `InvalidInput`."""
    value = request.form.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise wrong_field(name, _("Elija una opción de la lista."))
    return int(value)


def clean(name: str) -> str:
    """What was typed, without symbols that cannot be stored or read."""
    text = request.form.get(name, "").replace("\r\n", "\n")
    if any(ord(symbol) < 32 and symbol not in "\n\t" for symbol in text):
        raise wrong_field(name, _("Quite los símbolos que no se pueden leer."))
    return text
