"""Whoever left a junta may come back, or go elsewhere, and their post is free again."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.app import parts_of
from backend.boards.members import end_member
from backend.boards.models import JuntaMember, JuntaTerm, JuntaVecinal
from backend.db import db
from backend.identity.models import Staff
from backend.padron.applying import apply_import
from backend.territory.queries import today
from tests.juntas import a_junta, a_member, an_identity
from tests.padron.files import a_book, a_row, cell, checked, wrong
from tests.padron.test_told import told

LEFT = 10  # days ago


@pytest.fixture
def junta(callao) -> JuntaVecinal:
    return a_junta(callao.west, "JV-100", name="Junta de la manzana B", box=None)


def somebody_who_left(office: Staff, junta: JuntaVecinal, post: str = "integrante") -> JuntaMember:
    """The person of the first row of a file, let go of some days ago."""
    member = a_member(junta, post, identity=an_identity("40000001"))
    catalog, on = parts_of().catalog, today() - timedelta(days=LEFT)
    reason = next(iter(catalog.juntas.bajas))
    end_member(catalog, office, member.id, reason=reason, on=on, now=clock.now())
    return member


def its_term() -> dict[str, date]:
    """The term of the junta as a file repeats it."""
    term = db.session.scalars(select(JuntaTerm)).one()
    return {"vigente_desde": term.valid_from, "vigente_hasta": term.valid_until}


def last_day() -> str:
    return f"{today() - timedelta(days=LEFT + 1):%d/%m/%Y}"


def test_a_new_coordinator_after_the_one_who_left(office, junta):
    """The office has let them go: it is not told to do that again, but what is missing."""
    somebody_who_left(office, junta, "coordinador")
    row = a_row(2, cargo="coordinador", **its_term())
    one = checked(office, a_book([row]))
    assert list(wrong(one)) == [cell("desde")]
    assert f"tuvo ese cargo hasta el {last_day()}" in wrong(one)[cell("desde")]
    row["desde"] = today() - timedelta(days=LEFT)
    assert wrong(checked(office, a_book([row]))) == {}


def test_who_comes_back_is_not_there_already(office, junta):
    somebody_who_left(office, junta)
    row = a_row(1, **its_term())
    one = checked(office, a_book([row]))
    assert (one.rows_known, list(wrong(one))) == (0, [cell("desde")])
    assert f"hasta el {last_day()}" in wrong(one)[cell("desde")]
    assert told()[-1]["count"] == 1, "it says of a document that a junta had it"
    row["desde"] = today()
    one = checked(office, a_book([row]))
    assert (wrong(one), one.rows_known) == ({}, 0)
    apply_import(office, one.id, only_right=False, now=clock.now())
    active = select(JuntaMember.since).where(JuntaMember.ended_on.is_(None))
    assert db.session.scalars(active).all() == [today()]


def test_who_came_back_is_there_already(office, junta):
    somebody_who_left(office, junta)
    a_member(junta, identity=an_identity("40000001"), since=today() - timedelta(days=LEFT))
    one = checked(office, a_book([a_row(1, **its_term())]))
    assert (wrong(one), one.rows_known) == ({}, 1)


def test_who_left_for_another_junta(office, junta, callao):
    """They were let go of there: the office is not told to do so first."""
    somebody_who_left(office, junta)
    one = checked(office, a_book([a_row(1, junta_codigo="JV-200")]))
    assert list(wrong(one)) == [cell("desde")]
    assert f"junta JV-100 hasta el {last_day()}" in wrong(one)[cell("desde")]


def test_who_changed_juntas_stays_where_they_are(office, junta, callao):
    other = a_junta(callao.west, "JV-200", name="Junta de la manzana C", box=None)
    same = {"vigente_desde": today() - timedelta(days=180), "vigente_hasta": other.valid_until}
    somebody_who_left(office, junta)
    a_member(other, identity=an_identity("40000001"), since=today() - timedelta(days=LEFT))
    row = a_row(1, junta_codigo="JV-200", junta_nombre="Junta de la manzana C", **same)
    one = checked(office, a_book([row]))
    assert (wrong(one), one.rows_known) == ({}, 1)
    assert told()[-1]["count"] == 0


def test_an_agreed_last_day_that_has_passed(office, junta):
    a_member(junta, identity=an_identity("40000001"), until=today() - timedelta(days=1))
    one = checked(office, a_book([a_row(1, **its_term())]))
    assert (one.rows_known, list(wrong(one))) == (0, [cell("desde")])
    still = a_member(junta, identity=an_identity("40000002"), until=today())
    assert still.until == today()
    assert checked(office, a_book([a_row(2, **its_term())])).rows_known == 1
