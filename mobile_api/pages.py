"""The citizen's pages as the server renders them, and the alert that works without scripts.

There is no cookie and no session, so there is nothing that another site could ride on: the
credential of the alert form is the hidden token it was rendered with, as the Bearer token is the
app's. A forged form could only send an alert of its own, which anybody may do.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from marshmallow import ValidationError

from backend import clock
from backend.app import parts_of
from backend.catalog.models import Categoria, Tipo
from backend.catalog.queries import linea_for, lineas_in_force
from backend.catalog.tables import LineaDeEmergencia
from backend.errors import (
    FieldError,
    InvalidInput,
    Unauthenticated,
    YoAlertoError,
    status_of,
    wrong_field,
)
from backend.informes.services import kind_of
from backend.reports.models import FORMAL_KINDS, Kind
from backend.reports.states import PUBLIC_STATE
from backend.submission.intake import Receipt
from backend.territory.queries import DistrictName, all_districts
from mobile_api import alertas, limits
from mobile_api.access import device_from, new_device_token
from mobile_api.asuntos import offered
from mobile_api.caso import describe
from mobile_api.lugares import categoria_as_json
from mobile_api.problems import field_errors
from mobile_api.seguimiento import find
from mobile_api.uploads import MAX_REPORT_BYTES, drain

blueprint = Blueprint("pages", __name__, template_folder="templates")

# As many districts as a select can hold on a small screen; past it the name is typed.
MOST_OPTIONS = 60
DISTRICTS_SECONDS = 24 * 3600
WRITTEN_FIELDS = ("categoria", "descripcion", "distrito", "referencia")


@dataclass(frozen=True)
class Group:
    """The tiles under one heading."""

    title: str
    note: str
    categorias: list[Categoria]


@blueprint.get("/")
def alerta() -> Response:
    """The alert: a plain form that the scripts replace where they run."""
    return _alert_form({}, key=str(uuid4()), credential=_new_credential())


@blueprint.post("/alerta")
@limits.limiter.limit(limits.PER_ADDRESS_ALERTS, exempt_when=limits.limits_are_lifted)
def send_alerta() -> Response:
    """Take in an alert from the plain form; its answer, or the form again with what was typed."""
    request.max_content_length = MAX_REPORT_BYTES
    try:
        return _receive(request.form)
    except BaseException:
        drain(request.stream)
        raise


@blueprint.get("/denuncia")
def denuncia() -> str:
    """What cannot be denounced here, then the forms, which need scripts (decision 15)."""
    body = offered()
    return render_template("paginas/denuncia.html", **body, datos_pagina={"denuncia": body})


@blueprint.get("/junta")
def junta() -> str:
    """What a junta vecinal is, and a PIN that scripts ask of everybody alike."""
    known = [{**categoria_as_json(one), "clase": kind_of(one)} for one in _categorias()]
    return render_template(
        "paginas/junta.html", lineas=_lines_today(), datos_pagina={"categorias": known}
    )


@blueprint.get("/seguimiento")
def seguimiento() -> str:
    """Ask for number and clave."""
    return render_template("paginas/seguimiento.html", numero="")


@blueprint.post("/seguimiento")
@limits.limiter.limit(limits.PER_ADDRESS_TRACKING)
def track() -> Response:
    """The case, or its public state alone, without scripts."""
    numero, clave = request.form.get("numero", ""), request.form.get("clave", "").strip()
    try:
        report = find(numero, clave or None)
    except YoAlertoError as problem:
        page = render_template("paginas/seguimiento.html", numero=numero, detalle=problem.detail)
        return make_response(page, status_of(problem))
    page = render_template(
        "paginas/caso.html",
        numero=report.numero,
        estado=PUBLIC_STATE[report.state],
        actualizado_el=None if clave else clock.in_lima(report.updated_at).strftime("%d/%m/%Y"),
        caso=describe(report, parts_of().catalog) if clave else None,
        estados=_state_words(report.kind if clave else None),
    )
    return make_response(page)


@blueprint.get("/emergencias")
def emergencias() -> str:
    """Every emergency line in force today."""
    return render_template("paginas/emergencias.html", lineas=_lines_today())


@blueprint.get("/mapa")
def mapa() -> str:
    """The public risk map, its words first."""
    return render_template("paginas/mapa.html")


@blueprint.get("/privacidad")
def privacidad() -> str:
    """What is kept of a person."""
    return render_template("paginas/privacidad.html")


@blueprint.get("/distritos.json")
def distritos() -> Response:
    """The districts that a written place can name, for the app's own list."""
    listed = [[one.ubigeo, one.name, one.province] for one in all_districts()]
    response = jsonify(distritos=listed)
    response.headers["Cache-Control"] = f"public, max-age={DISTRICTS_SECONDS}"
    return response


def _receive(form: Mapping[str, str]) -> Response:
    key, credential = form.get("clave_de_envio", ""), form.get("credencial", "")
    try:
        receipt = _submit(form, key, credential)
    except YoAlertoError as problem:
        return _alert_form(form, key=key, credential=credential, problem=problem)
    line = _line(parts_of().catalog.categoria(form["categoria"]))
    page = render_template("paginas/recibida.html", **alertas.as_json(receipt), linea=line)
    return make_response(page, 201)


def _submit(form: Mapping[str, str], key: str, credential: str) -> Receipt:
    """Hand over as the API does; raises errors of `backend.errors` alone."""
    device = device_from(credential)
    if device is None or not alertas.IDEMPOTENCY_KEY.fullmatch(key):
        raise Unauthenticated(_("La página estuvo abierta mucho tiempo. Envíala otra vez."))
    try:
        return alertas.submit(_datos(form), request.files.getlist("foto"), device, key)
    except ValidationError as wrong:
        raise InvalidInput(_("Revisa los datos marcados."), field_errors(wrong.messages)) from wrong


def _datos(form: Mapping[str, str]) -> dict[str, Any]:
    """The form as the `datos` of the API (design §5)."""
    if not form.get("categoria"):
        raise wrong_field("categoria", _("Elige qué está pasando."))
    return {
        "categoria": form["categoria"],
        "lugar": {
            "origen": "referencia",
            "distrito": form.get("distrito", "").strip(),
            "referencia": form.get("referencia", "").strip(),
        },
        "descripcion": form.get("descripcion", "").strip(),
    }


def _alert_form(
    written: Mapping[str, str],
    *,
    key: str,
    credential: str,
    problem: YoAlertoError | None = None,
) -> Response:
    """The form, again with what was typed and each problem at its field."""
    page = render_template(
        "paginas/alerta.html",
        grupos=_groups(),
        escrito={field: written.get(field, "") for field in WRITTEN_FIELDS},
        errores=_messages(problem.errors if problem else ()),
        detalle=problem.detail if problem else None,
        hubo_foto=bool(problem and request.files.get("foto")),
        opciones=_options(all_districts()),
        # A refused report has stored nothing, so its key is still good for the corrected one.
        clave_de_envio=key if alertas.IDEMPOTENCY_KEY.fullmatch(key) else str(uuid4()),
        credencial=credential if device_from(credential) else _new_credential(),
        datos_pagina={"categorias": [categoria_as_json(one) for one in _categorias()]},
    )
    return make_response(page, status_of(problem) if problem else 200)


def _new_credential() -> str:
    return new_device_token(secrets.token_urlsafe(16))


def _categorias() -> list[Categoria]:
    return list(parts_of().catalog.categorias.values())


def _groups() -> list[Group]:
    """The tiles in the three groups of the screen; the app shows the same."""
    known = _categorias()
    plain = [categoria for categoria in known if not categoria.sensible]
    note = _("Aquí te cuidamos más: pedimos la zona, no el punto, y tu teléfono no guarda nada.")
    facts = [categoria for categoria in plain if categoria.tipo is Tipo.HECHO]
    risks = [categoria for categoria in plain if categoria.tipo is Tipo.FACTOR_DE_RIESGO]
    return [
        Group(_("Está pasando o lo acabas de ver"), "", facts),
        Group(_("Temas delicados"), note, [one for one in known if one.sensible]),
        Group(_("Algo peligroso en la calle"), "", risks),
    ]


def _lines_today() -> list[LineaDeEmergencia]:
    return lineas_in_force(parts_of().catalog, clock.in_lima(clock.now()).date())


def _options(known: list[DistrictName]) -> list[tuple[str, str]]:
    if len(known) > MOST_OPTIONS:
        return []
    return [(district.ubigeo, f"{district.name}, {district.province}") for district in known]


def _messages(errors: tuple[FieldError, ...]) -> dict[str, str]:
    """The first message of each field, by the last part of its path."""
    messages: dict[str, str] = {}
    for error in errors:
        messages.setdefault(error.field.rsplit(".", 1)[-1], error.message)
    return messages


def _line(categoria: Categoria) -> str:
    line = linea_for(parts_of().catalog, categoria, clock.in_lima(clock.now()).date())
    return line.numero if line else "105"


def _state_words(kind: Kind | None) -> dict[str, str]:
    """By the kind of what was sent; without the clave nobody learns which kind it is."""
    is_formal = kind in FORMAL_KINDS
    return {
        "recibido": _("Recibido"),
        "derivado": _("Enviado a la comisaría"),
        "recibido_por_comisaria": _("Visto por la comisaría"),
        "en_atencion": _("En atención"),
        "atendido": _("Atendido"),
        "desestimado": _("Archivado por ahora") if is_formal else _("Cerrado sin intervención"),
        "rechazado": _("Rechazado"),
        "unido": _("Unido a otro aviso igual"),
    }
