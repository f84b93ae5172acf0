"""Registering only the right rows: what stands in the others neither decides nor is lost."""

from datetime import timedelta

from sqlalchemy import select

from backend import clock
from backend.boards.models import JuntaVecinal
from backend.db import db
from backend.identity.models import Staff
from backend.padron.applying import apply_import
from backend.territory.queries import today
from tests.juntas import a_junta, a_member, an_identity
from tests.padron.files import AREA, a_book, a_row, cell, checked, warned, wrong


def register_right(staff: Staff, content: bytes) -> JuntaVecinal:
    """The one new junta of a file with mistakes."""
    one = checked(staff, content)
    apply_import(staff, one.id, only_right=True, now=clock.now())
    db.session.rollback()
    return db.session.scalars(select(JuntaVecinal).where(JuntaVecinal.import_id == one.id)).one()


def test_rows_that_contradict_each_other_below_a_wrong_one(office):
    """The first row says nothing that could be compared: the others are, with each other."""
    other = today() - timedelta(days=20)
    content = [
        a_row(1, junta_nombre=None, vigente_desde="12/03/26"),
        a_row(2),
        a_row(3, junta_nombre="Junta del parque"),
        a_row(4, vigente_desde=other),
    ]
    one = checked(office, a_book(content))
    assert set(wrong(one)) == {
        cell("junta_nombre", 2),
        cell("vigente_desde", 2),
        cell("junta_nombre", 4),
        cell("vigente_desde", 5),
    }
    assert "fila 3" in wrong(one)[cell("junta_nombre", 4)]


def test_an_area_that_also_stands_in_right_rows(office):
    """Offices copy it down: that the first row has a mistake elsewhere is no matter."""
    content = [a_row(1, sexo="M", area=AREA), a_row(2, area=AREA), a_row(3, area=AREA)]
    assert register_right(office, a_book(content)).geom is not None


def test_an_area_below_somebody_who_is_in_another_junta(office, callao):
    a_member(a_junta(callao.west, box=None), identity=an_identity("40000001"))
    junta = register_right(office, a_book([a_row(1, area=AREA), a_row(2, area=AREA)]))
    assert junta.geom is not None


def test_a_wrong_area_and_one_that_stays_are_told_once(office, callao):
    elsewhere = "-12.058,-77.052; -12.058,-77.048; -12.062,-77.048"
    one = checked(office, a_book([a_row(number, area=elsewhere) for number in (1, 2, 3)]))
    assert list(wrong(one)) == [cell("area", 2)]
    junta = a_junta(callao.west, "JV-100", name="Junta de la manzana B")
    same = {"vigente_desde": today() - timedelta(days=180), "vigente_hasta": junta.valid_until}
    one = checked(office, a_book([a_row(number, area=AREA, **same) for number in (1, 2, 3)]))
    assert (wrong(one), len(warned(one))) == ({}, 1)
