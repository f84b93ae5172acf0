"""Channels besides the desk by which a unit hears of reports; for administrators."""

from typing import Any

from flask import redirect, render_template, request, url_for

from admin.access import current_staff
from admin.blueprint import blueprint
from admin.problems import field_messages
from admin.units import unit_id_typed, unit_label
from backend import clock
from backend.app import parts_of
from backend.db import db, transaction
from backend.errors import NotFound, YoAlertoError, status_of, wrong_field
from backend.forwarding import services as forwarding
from backend.forwarding.models import Channel, UnitChannel
from backend.forwarding.queries import PAGE_ROWS, channel_page, channels_of
from backend.identity.services import audit
from backend.territory.models import PoliceUnit

KINDS = {"correo": Channel.EMAIL, "webhook": Channel.WEBHOOK}


@blueprint.get("/canales")
def channels() -> Any:
    """Every channel, or those of the unit that was looked for."""
    try:
        unit_id = unit_id_typed(request.args.get("unidad", ""))
    except YoAlertoError as problem:
        return _page({}, problem)
    if unit_id is not None:
        return redirect(url_for("panel.unit_channels", unit_id=unit_id), 303)
    return _page({})


@blueprint.get("/canales/unidad/<int:unit_id>")
def unit_channels(unit_id: int) -> Any:
    """One unit's channels."""
    unit = _unit(unit_id)
    rows = [(channel, unit) for channel in channels_of(unit_id)]
    return render_template(
        "channels/list.html", rows=rows, unit=unit, typed={"unidad": unit_label(unit)}, errors={}
    )


@blueprint.post("/canales")
def add_channel() -> Any:
    """Add a channel; a webhook's secret is on the answer and nowhere else."""
    typed = {name: request.form.get(name, "") for name in ("unidad", "tipo", "direccion")}
    settings = parts_of().settings
    try:
        unit_id, kind = _destination(typed)
        with transaction():
            added = forwarding.add_channel(
                unit_id,
                kind,
                typed["direccion"],
                settings.keys,
                allow_private=settings.webhook_private,
            )
            audit(current_staff().id, "channel_added", channel_id=added.id, unit_id=unit_id)
    except YoAlertoError as problem:
        return _page(typed, problem)
    if added.secret:
        return _secret(added.id, added.secret, 201)
    return redirect(url_for("panel.unit_channels", unit_id=unit_id), 303)


@blueprint.post("/canales/<int:channel_id>/desactivar")
def disable_channel(channel_id: int) -> Any:
    """Send nothing more there."""
    with transaction():
        forwarding.disable_channel(channel_id)
        audit(current_staff().id, "channel_disabled", channel_id=channel_id)
    return redirect(url_for("panel.unit_channels", unit_id=_channel(channel_id).unit_id), 303)


@blueprint.post("/canales/<int:channel_id>/secreto")
def renew_secret(channel_id: int) -> Any:
    """Another secret for a webhook; the old one signs along for a day."""
    with transaction():
        secret = forwarding.rotate_secret(channel_id, parts_of().settings.keys, clock.now())
        audit(current_staff().id, "channel_secret_renewed", channel_id=channel_id)
    return _secret(channel_id, secret, 200)


def _destination(typed: dict[str, str]) -> tuple[int, Channel]:
    unit_id = unit_id_typed(typed["unidad"])
    if unit_id is None:
        raise wrong_field("unidad", "Elija la unidad.")
    if typed["tipo"] not in KINDS:
        raise wrong_field("tipo", "Elija correo o webhook.")
    return unit_id, KINDS[typed["tipo"]]


def _page(typed: dict[str, str], problem: YoAlertoError | None = None) -> Any:
    after = request.args.get("despues", 0, type=int)
    rows = channel_page(after)
    page = render_template(
        "channels/list.html",
        rows=rows,
        unit=None,
        typed=typed,
        errors=field_messages(problem) if problem else {},
        detail=problem.detail if problem else None,
        following=rows[-1][0].id if len(rows) == PAGE_ROWS else None,
    )
    return page, status_of(problem) if problem else 200


def _secret(channel_id: int, secret: str, status: int) -> Any:
    channel = _channel(channel_id)
    return render_template("channels/secret.html", channel=channel, secret=secret), status


def _channel(channel_id: int) -> UnitChannel:
    channel = db.session.get(UnitChannel, channel_id)
    if channel is None:
        raise NotFound("No encontramos ese canal.")
    return channel


def _unit(unit_id: int) -> PoliceUnit:
    unit = db.session.get(PoliceUnit, unit_id)
    if unit is None:
        raise NotFound("No encontramos esa unidad.")
    return unit
