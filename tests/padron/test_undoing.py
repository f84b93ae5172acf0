"""Undoing an import: what stands in its way, and that all of it is as it was before."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backend import clock
from backend.boards.models import JuntaTerm, JuntaVecinal
from backend.db import db, transaction
from backend.errors import Conflict
from backend.identity.models import Staff
from backend.informes.models import Informe, InformeKind, Source
from backend.padron.applying import apply_import
from backend.padron.models import PadronImport
from backend.padron.undoing import undo_import
from backend.territory.models import PoliceUnit
from backend.territory.queries import today
from tests.builders import count
from tests.juntas import a_junta
from tests.padron.files import AREA, a_book, a_row, checked, fresh, rows, wrong


def registered(staff: Staff, content: bytes) -> PadronImport:
    one = checked(staff, content)
    assert wrong(one) == {}
    apply_import(staff, one.id, only_right=False, now=clock.now())
    return fresh(one.id)


def undo(staff: Staff, one: PadronImport) -> None:
    undo_import(staff, one.id, clock.now())


def told(junta_id: UUID, days: int) -> None:
    """The junta told of something some days from now; sensible, as it needs no report."""
    day = (today() + timedelta(days=days)).replace(day=1)
    with transaction():
        db.session.add(
            Informe(
                id=uuid4(),
                junta_id=junta_id,
                kind=InformeKind.DELITO,
                source=Source.OWN,
                told_on=day,
            )
        )


def test_the_later_one_first_and_then_the_earlier_one(office):
    """Two wrong files one after the other: once the second is undone, the first can be."""
    first = registered(office, a_book(rows(2)))
    second = registered(office, a_book(rows(3)))
    with pytest.raises(Conflict, match="cambios posteriores"):
        undo(office, first)
    undo(office, second)
    undo(office, first)
    assert [count(table) for table in ("junta_vecinal", "junta_member")] == [0, 0]


def test_what_a_junta_told_in_the_renewed_term_stands_in_the_way(office, callao):
    """Without its term, a junta that was not in force would have told of it."""
    ended = (today() - timedelta(days=70)).replace(day=1)
    junta = a_junta(callao.west, "JV-100", name="Junta de la manzana B", until=ended, box=None)
    junta_id = junta.id
    told(junta_id, -150)
    renewal = a_row(1, reconocida_el=today(), vigente_desde=ended + timedelta(days=1))
    one = registered(office, a_book([renewal]))
    undo(office, one)
    one = registered(office, a_book([renewal]))
    told(junta_id, 0)
    with pytest.raises(Conflict, match=r"informes \(1\)"):
        undo(office, one)
    assert len(db.session.scalars(select(JuntaTerm)).all()) == 2


def test_without_its_area_a_junta_is_in_its_comisarias_district_again(office, callao):
    """Figures go by the district of the area's middle, and without one by the comisaría's."""
    with transaction():
        db.session.get_one(PoliceUnit, callao.west.id).ubigeo = "070103"
    junta = a_junta(callao.west, "JV-100", name="Junta de la manzana B", box=None, ubigeo="070103")
    [term] = db.session.scalars(select(JuntaTerm))
    same = {"vigente_desde": term.valid_from, "vigente_hasta": term.valid_until}
    one = registered(office, a_book([a_row(1, area=AREA, **same)]))
    with transaction():
        db.session.get_one(JuntaVecinal, junta.id).ubigeo = "070101"  # where the area lies
    undo(office, one)
    db.session.expire_all()
    found = db.session.scalars(select(JuntaVecinal)).one()
    assert (found.geom, found.ubigeo) == (None, "070103")
