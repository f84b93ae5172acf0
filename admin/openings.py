"""Every opening of an identity, for auditors: who, when, why, how often; and their word on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased

from admin.access import current_staff
from admin.blueprint import blueprint
from admin.opaque import fingerprint, opened, sealed
from admin.problems import field_messages
from backend import clock, unmasking
from backend.app import parts_of
from backend.db import db
from backend.denuncias.models import CasePerson, OpeningReview, Verdict
from backend.errors import InvalidInput, NotFound, YoAlertoError
from backend.identity.models import Staff
from backend.identity.queries import staff_id_named
from backend.identity.services import record_reading
from backend.territory.models import PoliceUnit
from backend.vault.models import Opening

PAGE_ROWS = 50
WEEK, MONTH = timedelta(days=7), timedelta(days=30)
MOST_OFFICERS = 20
NOBODY = -1
REFERENCE = "apertura"
NOT_REVIEWED, REVIEWED, QUESTIONED = "sin_revisar", "revisadas", "observadas"


@dataclass(frozen=True)
class Opener:
    """How many identities somebody opened of late."""

    username: str
    name: str
    unit: str | None
    week: int
    month: int


@blueprint.get("/identidades")
def openings() -> str:
    """The openings, the latest first, and who opens most."""
    return _render()


@blueprint.post("/identidades/<reference>/revisar")
def review_opening(reference: str) -> Any:
    """Say whether an opening was justified."""
    form, opening_id = request.form, _read_reference(reference)
    if opening_id is None:
        raise NotFound(_("No existe esa apertura."))
    try:
        unmasking.review_opening(
            current_staff(),
            opening_id,
            verdict=form.get("resultado", ""),
            words=form.get("detalle", ""),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _render(opening_id, problem), 422
    flash(_("La revisión quedó registrada."), "success")
    asked = request.args
    there = url_for("panel.openings", usuario=asked.get("usuario"), ver=asked.get("ver"))
    return redirect(there, 303)


def reference_of(opening_id: int) -> str:
    """An opening's id for addresses: a gap between two ids would tell that one was left out."""
    return sealed(f"{REFERENCE} {opening_id}")


def _read_reference(reference: str) -> int | None:
    kind, _space, number = (opened(reference) or "").partition(" ")
    return int(number) if kind == REFERENCE else None


def _render(act: int | None = None, problem: YoAlertoError | None = None) -> str:
    asked, now = request.args, clock.now()
    rows = _rows(asked.get("usuario", ""), asked.get("ver", ""), asked.get("antes", ""))
    record_reading(current_staff().id, "openings_read", None)
    return render_template(
        "openings/list.html",
        rows=rows,
        openers=_openers(now),
        aperturas=parts_of().catalog.aperturas,
        per_day=unmasking.OPENINGS_PER_DAY,
        asked=asked,
        reference=reference_of,
        mark=lambda opening_id: fingerprint(f"{REFERENCE} {opening_id}"),
        following=reference_of(rows[-1].Opening.id) if len(rows) == PAGE_ROWS else None,
        act=act,
        typed=request.form,
        errors=field_messages(problem) if problem else {},
        problem=problem,
    )


def _rows(username: str, wanted: str, before: str) -> Sequence[Row[Any]]:
    """A page of openings with the names that their ids stand for, and what was said of each."""
    reviewer = aliased(Staff)
    query = (
        select(
            Opening,
            Staff.username,
            Staff.display_name,
            func.coalesce(PoliceUnit.name, PoliceUnit.code).label("unit"),
            CasePerson.label,
            OpeningReview,
            reviewer.username.label("reviewer"),
            _nth_of_the_day().label("nth"),
        )
        .outerjoin(Staff, Staff.id == Opening.staff_id)
        .outerjoin(PoliceUnit, PoliceUnit.id == Opening.unit_id)
        .outerjoin(CasePerson, CasePerson.id == Opening.person_id)
        .outerjoin(OpeningReview, OpeningReview.opening_id == Opening.id)
        .outerjoin(reviewer, reviewer.id == OpeningReview.staff_id)
        .where(unmasking.may_review(current_staff()))
        .order_by(Opening.id.desc())
        .limit(PAGE_ROWS)
    )
    if username.strip():
        query = query.where(Opening.staff_id == (staff_id_named(username) or NOBODY))
    if wanted == NOT_REVIEWED:
        query = query.where(OpeningReview.opening_id.is_(None))
    elif wanted == QUESTIONED:
        query = query.where(OpeningReview.verdict == Verdict.QUESTIONED)
    after = _read_reference(before)
    if after is not None:
        query = query.where(Opening.id < after)
    return db.session.execute(query).all()


def _nth_of_the_day() -> Any:
    """Whether it was the officer's first opening of that day in Lima, or the thirtieth."""
    earlier = aliased(Opening)
    lima = func.timezone("America/Lima", Opening.at)
    midnight = func.timezone("America/Lima", func.date_trunc("day", lima))
    same_day = earlier.at.between(midnight, Opening.at)
    return (
        select(func.count())
        .where(earlier.staff_id == Opening.staff_id, same_day)
        .where(unmasking.may_review(current_staff(), earlier))
        .correlate(Opening)
        .scalar_subquery()
    )


def _openers(now: datetime) -> list[Opener]:
    """Who opened most in the last thirty days."""
    week = func.count().filter(Opening.at >= now - WEEK)
    query = (
        select(
            Staff.username,
            Staff.display_name,
            func.coalesce(PoliceUnit.name, PoliceUnit.code),
            week,
            func.count(),
        )
        .join(Staff, Staff.id == Opening.staff_id)
        .outerjoin(PoliceUnit, PoliceUnit.id == Staff.unit_id)
        .where(Opening.at >= now - MONTH, unmasking.may_review(current_staff()))
        .group_by(Staff.username, Staff.display_name, PoliceUnit.name, PoliceUnit.code)
        .order_by(week.desc(), func.count().desc(), Staff.username)
        .limit(MOST_OFFICERS)
    )
    return [Opener(*row) for row in db.session.execute(query)]
