"""The screen where an administrator says who receives quejas, with its warnings in words."""

import pytest
from sqlalchemy import select

from backend.db import db
from backend.identity.models import AuditEntry
from backend.territory.models import PoliceUnit, QuejaDesk
from tests.isolation.world import Browser
from tests.quejas.builders import Ladder, order_desks

PAGE = "/panel/mesas-de-quejas"


@pytest.fixture
def ladder(app) -> Ladder:
    return Ladder()


@pytest.fixture
def admin(app, ladder: Ladder) -> Browser:
    from tests.builders import a_member_of_staff

    for unit in (ladder.cud, ladder.inspection, ladder.alternate):
        a_member_of_staff(f"operador.{unit.code.lower()}", "operador", unit)
    return Browser(app, a_member_of_staff("admin", "administrador", None))


def order() -> list[str]:
    db.session.rollback()
    query = select(PoliceUnit.code).join(QuejaDesk, QuejaDesk.unit_id == PoliceUnit.id)
    return list(db.session.scalars(query.order_by(QuejaDesk.position)))


def test_an_order_that_serves_everybody_warns_of_nothing(admin: Browser):
    page = admin.ask("GET", PAGE).text
    assert "alert-warning" not in page
    assert page.index("Cud") < page.index("Insp") < page.index("Alt")


def test_the_order_is_changed(admin: Browser, ladder: Ladder):
    assert admin.ask("POST", f"{PAGE}/{ladder.alternate.id}/subir").status_code == 303
    assert order() == ["CUD", "ALT", "INSP"]
    admin.ask("POST", f"{PAGE}/{ladder.cud.id}/subir")
    assert order() == ["CUD", "ALT", "INSP"]
    admin.ask("POST", f"{PAGE}/{ladder.cud.id}/quitar")
    assert order() == ["ALT", "INSP"]
    admin.ask("POST", PAGE, {"unidad": "CUD", "que": "mesa"})
    assert order() == ["ALT", "INSP", "CUD"]
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-4:] == [
        "queja_desk_raised",
        "queja_desk_raised",
        "queja_desk_removed",
        "queja_desk_added",
    ]


def test_who_has_people_below_receives_no_quejas(admin: Browser):
    for code in ("WEST", "REG"):
        answer = admin.ask("POST", PAGE, {"unidad": code, "que": "mesa"})
        assert answer.status_code == 422
        assert "unidad especializada" in answer.text
    assert admin.ask("POST", PAGE, {"unidad": "CUD", "que": "mesa"}).status_code == 409
    assert admin.ask("POST", PAGE, {"unidad": "CUD", "que": "otra"}).status_code == 422
    assert admin.ask("POST", PAGE, {"unidad": "", "que": "mesa"}).status_code == 422
    assert order() == ["CUD", "INSP", "ALT"]


def test_independence(admin: Browser, ladder: Ladder):
    admin.ask("POST", PAGE, {"unidad": "DIV", "que": "independiente"})
    db.session.expire_all()
    assert db.session.get(PoliceUnit, ladder.divpol.id).is_independent
    admin.ask("POST", f"{PAGE}/{ladder.divpol.id}/dependiente")
    db.session.expire_all()
    assert not db.session.get(PoliceUnit, ladder.divpol.id).is_independent


def test_it_warns_in_words(admin: Browser, ladder: Ladder):
    def warnings() -> str:
        return admin.ask("GET", PAGE).text

    order_desks(ladder.cud)
    page = warnings()
    assert "No hay suplente" in page
    assert "contra estas unidades no tendría mesa" in page
    order_desks(ladder.extortion_desk, ladder.drugs_desk)
    page = warnings()
    assert "Reg" in page.split("sin jurisdicción:")[1].split(".")[0], "it covers both desks"
    assert "Nadie tiene cuenta para atender Ext." in page
    order_desks()
    assert "Ninguna unidad recibe quejas" in warnings()
    assert "mesa sin jurisdicción no se podría recibir" in warnings()


def test_a_desk_that_is_no_more(admin: Browser, ladder: Ladder):
    admin.ask("GET", PAGE)
    assert admin.ask("POST", f"{PAGE}/{ladder.drugs_desk.id}/subir").status_code == 404
    assert admin.ask("POST", f"{PAGE}/{ladder.drugs_desk.id}/quitar").status_code == 404
    assert admin.ask("POST", f"{PAGE}/999999/dependiente").status_code == 404
