"""A junta as its page shows it: members by number, accesses and history in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app, render_template, url_for
from flask_babel import gettext
from sqlalchemy import select

from admin import words
from admin.access import current_staff, may_open
from admin.blueprint import blueprint
from admin.padron_forms import sent_form
from admin.padron_map import map_of
from backend import clock
from backend.app import parts_of
from backend.boards.access import AccessRow, access_of
from backend.boards.models import JuntaEvent, JuntaTraining, JuntaVecinal, Sex
from backend.boards.queries import (
    events_of,
    junta_for,
    members_of,
    state_on,
    terms_of,
    trainings_of,
)
from backend.boards.readings import names_left, record_list_read
from backend.boards.rows import AccessState, JuntaState, MemberRow
from backend.boards.standing import RENEWED
from backend.catalog.juntas import JuntaTables, Opcion
from backend.db import db
from backend.errors import YoAlertoError
from backend.identity.models import Staff

REVOKED = "quitado"


@dataclass(frozen=True)
class MemberLine:
    """A member without who it is."""

    id: UUID
    position: int
    cargo: str
    sex: str
    since: date
    until: date | None
    state: str
    is_active: bool
    has_ended: bool
    is_repeated: bool
    coordinates: bool
    trainings: list[str]


@dataclass(frozen=True)
class AccessLine:
    """An access that a coordinator has or had, without whose it is."""

    id: UUID
    position: int
    state: str
    words: str
    is_open: bool


@dataclass(frozen=True)
class Choice:
    """One line of a list to choose from."""

    codigo: str
    nombre: str


@dataclass(frozen=True)
class HistoryLine:
    """Something that happened to the junta."""

    at: datetime
    words: str
    by: str


def junta_address(junta_id: UUID) -> str:
    """The page of a junta."""
    return url_for("panel.junta", junta_id=junta_id)


def render_junta(junta_id: UUID, problem: YoAlertoError | None = None, act: str = "") -> str:
    """Its page; after a refusal with the form open that was sent, and what it said."""
    staff, now = current_staff(), clock.now()
    # First: writing down who looks ends the transaction, and with it what was read.
    record_list_read(staff, junta_for(staff, junta_id).id)
    junta, on = junta_for(staff, junta_id), clock.in_lima(now).date()
    tables, state = parts_of().catalog.juntas, state_of(junta, on)
    members = member_lines(tables, junta, on)
    accesses = [access_line(one, tables, now) for one in access_of(junta.id, now)]
    return render_template(
        "padron/junta.html",
        junta=junta,
        state=state,
        is_alive=state is not JuntaState.DISSOLVED,
        members=members,
        named_members=_still_there(members) if state is not JuntaState.DISSOLVED else [],
        names_left=names_left(staff, now),
        terms=terms_of(junta.id),
        accesses=accesses,
        with_access={one.position for one in accesses if one.is_open},
        revocaciones=[one for code, one in tables.revocaciones.items() if code != RENEWED],
        history=_history(junta, tables, members),
        map=map_of(junta),
        juntas=tables,
        today=on,
        one_day=timedelta(days=1),
        problem=problem,
        form=sent_form(problem, act),
    )


def state_of(junta: JuntaVecinal, on: date) -> JuntaState:
    """How it stands on a day."""
    query = select(state_on(on)).where(JuntaVecinal.id == junta.id)
    return JuntaState(db.session.execute(query).scalar_one())


def member_lines(tables: JuntaTables, junta: JuntaVecinal, on: date) -> list[MemberLine]:
    """Its members by number, those who are no more included."""
    trainings = trainings_of(junta.id)
    return [_member(row, tables, trainings.get(row.id, []), on) for row in members_of(junta.id, on)]


def name_in(table: Mapping[str, Opcion], code: str) -> str:
    """What a list calls it; a code that was taken out of the list keeps its own name."""
    return table[code].nombre if code in table else code


def access_line(row: AccessRow, tables: JuntaTables, now: datetime) -> AccessLine:
    """An access in words: until when, or why not."""
    one = row.coordinator
    said, state = str(words.ACCESS_STATES[row.state]), row.state.value
    if one.revoked_at is not None:
        state = REVOKED
        reason = name_in(tables.revocaciones, one.revoke_reason or "")
        day = _day(clock.in_lima(one.revoked_at).date())
        said = _("Quitado el %(day)s: %(reason)s", day=day, reason=reason)
    elif row.state is AccessState.ACTIVE:
        said = _("Con acceso hasta el %(day)s", day=_day(row.last_day))
    elif row.state is AccessState.EXPIRED:
        said = _("Venció el %(day)s", day=_day(row.last_day))
    elif row.state is AccessState.NONE:
        said = _("Nadie usó el código a tiempo")
    is_open = one.revoked_at is None and row.state is not AccessState.NONE
    return AccessLine(one.id, row.position, state, said, is_open)


def _still_there(members: list[MemberLine]) -> list[Choice]:
    """Whose names there is a reason to read: who left is called by nobody."""
    return [
        Choice(str(one.id), _("Solo del miembro %(n)s (%(post)s)", n=one.position, post=one.cargo))
        for one in members
        if not one.has_ended
    ]


def _member(
    row: MemberRow, tables: JuntaTables, trainings: list[JuntaTraining], on: date
) -> MemberLine:
    post = tables.cargos.get(row.post)
    return MemberLine(
        id=row.id,
        position=row.position,
        cargo=post.nombre if post else row.post,
        sex=str(words.SEXES[Sex(row.sex)]),
        since=row.since,
        until=row.until,
        state=_member_state(row, tables, on),
        is_active=row.is_active,
        has_ended=row.ended_on is not None,
        is_repeated=row.is_repeated,
        coordinates=bool(post and post.is_coordinator and row.is_active),
        trainings=[
            f"{name_in(tables.capacitaciones, one.topic)}, {_day(one.held_on)}" for one in trainings
        ],
    )


def _member_state(row: MemberRow, tables: JuntaTables, on: date) -> str:
    if row.ended_on is not None:
        reason = name_in(tables.bajas, row.end_reason or "")
        return _("Baja desde el %(day)s: %(reason)s", day=_day(row.ended_on), reason=reason)
    if row.until is not None and row.until < on:
        return _("Terminó su periodo")
    if row.since > on:
        return _("Todavía no empieza")
    return _("Activo") if row.is_active else _("La junta no está vigente")


def _history(
    junta: JuntaVecinal, tables: JuntaTables, members: list[MemberLine]
) -> list[HistoryLine]:
    events = events_of(junta.id)
    positions = {member.id: member.position for member in members}
    accounts = {one.staff_id for one in events if one.staff_id is not None}
    query = select(Staff.id, Staff.username).where(Staff.id.in_(accounts))
    names = dict(db.session.execute(query).tuples().all())
    return [
        HistoryLine(
            event.at,
            _event_words(event, tables, positions),
            names.get(event.staff_id, "") if event.staff_id else _("El sistema"),
        )
        for event in events
    ]


def _event_words(event: JuntaEvent, tables: JuntaTables, positions: Mapping[UUID, int]) -> str:
    said = [str(words.JUNTA_EVENTS.get(event.event, event.event))]
    if event.member_id is not None and event.member_id in positions:
        said.append(_("miembro %(n)s", n=positions[event.member_id]))
    said += [
        told for key, value in event.details.items() if (told := _detail(event, key, value, tables))
    ]
    return " · ".join(said)


def _detail(event: JuntaEvent, key: str, value: Any, tables: JuntaTables) -> str:
    """What a detail adds; codes that no list has, and ids, say nothing to a person."""
    lists: Mapping[str, Mapping[str, Opcion]] = {
        "dissolved": tables.disoluciones,
        "member_ended": tables.bajas,
        "access_revoked": tables.revocaciones,
        "training_recorded": tables.capacitaciones,
        "member_added": tables.cargos,
    }
    if key == "was":
        old, new = (name_in(tables.cargos, code) for code in (value, event.details["post"]))
        return _("de %(old)s a %(new)s", old=old, new=new)
    if key in ("reason", "topic", "post") and event.event in lists:
        return name_in(lists[event.event], value)
    if key in words.DETAIL_DAYS and isinstance(value, str):
        return f"{words.DETAIL_DAYS[key]} {_day(date.fromisoformat(value))}"
    if key == "source":
        return str(words.AREA_SOURCES.get(value, ""))
    return ""


def _(text: str, **values: Any) -> str:
    return str(gettext(text, **values))


@blueprint.app_template_filter("dia")
def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


IMPORTS = "panel.padron_imports"
# Pages of the padrón, each for whoever may open it.
TABS = (
    ("panel.padron", "Juntas"),
    ("panel.indicators", "Resultados"),
    (IMPORTS, "Cargas"),
    ("panel.padron_exports", "Exportaciones"),
)


@blueprint.app_context_processor
def _tools() -> dict[str, Any]:
    return {"padron_tabs": _tabs, "may": _may}


def _tabs() -> list[tuple[str, str]]:
    staff, there = current_staff(), current_app.view_functions
    return [tab for tab in TABS if tab[0] in there and may_open(staff, tab[0])]


def imports_page() -> str | None:
    """The page where whole spreadsheets come in, if this account may open it."""
    return IMPORTS if IMPORTS in dict(_tabs()) else None


def _may(view: str) -> bool:
    return may_open(current_staff(), f"panel.{view}")
