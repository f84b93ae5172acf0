"""The page of a case, its photos and its map; every look at it goes to the audit trail."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin import words
from admin.access import current_staff
from admin.blueprint import blueprint
from admin.case_map import map_of
from admin.case_view import case_context, case_version
from admin.refusals import is_htmx
from backend.app import parts_of
from backend.errors import Forbidden, NotFound, YoAlertoError, wrong_field
from backend.identity.services import record_reading
from backend.media.models import Attachment, PictureSize
from backend.media.queries import attachment_of, open_derivative, open_original
from backend.reports.queries import report_for
from backend.unmasking import may_have_originals

SIZES: dict[str, PictureSize] = {"grande": "large", "chica": "small"}
MAX_WORDS = 500


@blueprint.get("/casos/<uuid:report_id>")
def case(report_id: UUID) -> str:
    """The whole case."""
    return render_case("case/case.html", report_id)


@blueprint.get("/casos/<uuid:report_id>/novedades")
def case_news(report_id: UUID) -> Any:
    """Tells an open case that somebody changed it meanwhile."""
    report = report_for(current_staff(), report_id)
    if case_version(report) == request.args.get("desde"):
        return Response(status=204)
    return render_template("case/_news.html", report=report)


@blueprint.get("/casos/<uuid:report_id>/mapa.json")
def case_map(report_id: UUID) -> Response:
    """What the case's map draws; the place stands in the body, never in an address."""
    staff = current_staff()
    drawn = map_of(report_for(staff, report_id))
    record_reading(staff.id, "case_map_read", report_id)
    return jsonify(drawn)


@blueprint.get("/casos/<uuid:report_id>/fotos/<uuid:attachment_id>/<any(grande, chica):size>")
def case_photo(report_id: UUID, attachment_id: UUID, size: str) -> Response:
    """A derived picture: upright, without what cameras write into files."""
    attachment = _attachment(report_id, attachment_id)
    parts = parts_of()
    picture = open_derivative(attachment, SIZES[size], parts.storage, parts.settings.keys)
    if picture is None:
        raise NotFound(_("Esa foto no está disponible."))
    record_reading(
        current_staff().id, "photo_read", report_id, photo=str(attachment_id), size=SIZES[size]
    )
    return Response(picture, mimetype="image/jpeg")


@blueprint.post("/casos/<uuid:report_id>/fotos/<uuid:attachment_id>/original")
def original(report_id: UUID, attachment_id: UUID) -> Any:
    """The bytes as received, for a reason from the list and words; both go to the trail."""
    attachment = _attachment(report_id, attachment_id)
    sha256, kind = attachment.sha256, attachment.content_type
    staff = current_staff()
    if not may_have_originals(staff, report_for(staff, report_id)):
        raise Forbidden(
            _("El original dice dónde se tomó: lo baja solo el comisario de la unidad.")
        )
    try:
        reason, why = _reason(request.form)
    except YoAlertoError as problem:
        form = f"original-{attachment_id}"
        return render_case("case/case.html", report_id, problem, act=form), 422
    parts = parts_of()
    record_reading(
        current_staff().id,
        "original_downloaded",
        report_id,
        photo=str(attachment_id),
        sha256=sha256,
        reason=reason,
        words=why,
    )
    attachment = _attachment(report_id, attachment_id)
    photo = open_original(attachment, parts.storage, parts.settings.keys)
    name = f"{sha256[:16]}.{kind.rpartition('/')[2]}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(photo, mimetype="application/octet-stream", headers=headers)


def render_case(
    template: str,
    report_id: UUID,
    problem: YoAlertoError | None = None,
    *,
    act: str = "",
    **more: Any,
) -> str:
    """The case as it is now, with what was typed and what was wrong with it.

    Whoever is shown a case has read it, also beside a refused form: that is written down here.
    """
    staff = current_staff()
    report_for(staff, report_id)
    record_reading(staff.id, "case_read", report_id)
    report = report_for(staff, report_id)
    return render_template(
        template,
        **case_context(staff, report, parts_of().catalog),
        act=act,
        typed=request.form,
        problem=problem,
        errors={one.field: one.message for one in problem.errors} if problem else {},
        **more,
    )


def answer_with(address: str, message: str) -> Any:
    """Go there with a message, also when htmx asked."""
    flash(message, "success")
    if is_htmx():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def case_address(report_id: UUID) -> str:
    return url_for("panel.case", report_id=report_id)


def _attachment(report_id: UUID, attachment_id: UUID) -> Attachment:
    report = report_for(current_staff(), report_id)
    attachment = attachment_of(report.id, attachment_id)
    if attachment is None:
        raise NotFound(_("Esa foto no está disponible."))
    return attachment


def _reason(form: Mapping[str, str]) -> tuple[str, str]:
    reason, why = form.get("motivo_original", ""), form.get("detalle_original", "").strip()
    if reason not in frozenset(words.OriginalReason):
        raise wrong_field("motivo_original", _("Elija un motivo de la lista."))
    if not 10 <= len(why) <= MAX_WORDS:
        message = _("Explique para qué lo necesita, en 10 a %(most)s letras.", most=MAX_WORDS)
        raise wrong_field("detalle_original", message)
    return reason, why
