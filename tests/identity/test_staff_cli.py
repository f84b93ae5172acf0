"""`flask staff …`: the first administrator, a lost factor, a leaver."""

import re

from sqlalchemy import select

from backend.db import db
from backend.identity.models import AuditEntry, PadronSeat, Staff
from backend.territory.models import UnitKind
from tests.builders import a_member_of_staff


def the_staff(username: str) -> Staff:
    db.session.rollback()
    return db.session.scalars(select(Staff).where(Staff.username == username)).unique().one()


def run(app, *words: str):
    return app.test_cli_runner().invoke(args=["staff", *words])


def test_the_first_administrator_gets_a_password_that_works_once(app):
    told = run(app, "create-admin", "Jefa", "--name", "Jefa de turno")
    password = re.search(r"one-time password (\S+)", told.output)[1]
    made = the_staff("jefa")
    assert made.verify_and_update_password(password)
    assert made.must_change_password
    assert made.display_name == "Jefa de turno"
    assert [role.name for role in made.roles] == ["administrador"]
    again = run(app, "create-admin", "jefa")
    assert again.exit_code != 0
    assert "Ya existe una cuenta" in again.output
    assert "Traceback" not in again.output


def test_a_lost_factor_is_reset(app):
    before = a_member_of_staff("luis", "auditor", None).fs_uniquifier
    told = run(app, "reset-second-factor", "luis")
    password = re.search(r"one-time password (\S+)", told.output)[1]
    reset = the_staff("luis")
    assert reset.verify_and_update_password(password)
    assert reset.tf_primary_method is None
    assert reset.fs_uniquifier != before


def test_a_leaver_is_out_but_not_the_last_administrator(app):
    a_member_of_staff("luis", "auditor", None)
    a_member_of_staff("jefa", "administrador", None)
    assert run(app, "disable", "luis").exit_code == 0
    assert the_staff("luis").active is False
    told = run(app, "disable", "jefa")
    assert told.exit_code != 0
    assert "último administrador" in told.output
    assert the_staff("jefa").active is True
    assert "No existe" in run(app, "disable", "nadie").output
    assert "staff_disabled" in set(db.session.scalars(select(AuditEntry.action)))


def test_the_demonstration_leaves_no_desk_without_somebody_who_sees_it(app):
    told = app.test_cli_runner().invoke(args=["demo", "load"])
    assert told.exit_code == 0, told.output
    assert re.search(r"operador\.general +\S+ +Mesa sin jurisdicción", told.output)
    assert the_staff("operador.general").unit.code == "SIN-JURISDICCION"
    seats = db.session.scalars(select(PadronSeat.staff_id)).all()
    assert {the_staff(name).id for name in ("juntas.callao", "juntas2.callao")} == set(seats)
    assert the_staff("cargador.callao").unit.kind == UnitKind.REGION
    assert "operador.general" not in app.test_cli_runner().invoke(args=["demo", "load"]).output
