"""What a check tells an office of its own roster is counted, and a day has its limit."""

from datetime import timedelta

from sqlalchemy import select

from backend import clock
from backend.boards import known
from backend.db import db, transaction
from backend.identity.models import AuditEntry
from backend.identity.services import audit
from tests.builders import count
from tests.juntas import a_junta, a_member, an_identity
from tests.padron.files import a_book, a_row, checked, rows, uploaded, work_on, wrong


def told() -> list[dict]:
    db.session.rollback()
    query = select(AuditEntry.details).where(AuditEntry.action == "padron_known_told")
    return list(db.session.scalars(query.order_by(AuditEntry.id)))


def spent(staff, **details: int) -> None:
    with transaction():
        audit(staff.id, "padron_known_told", **details)


def a_roster(unit, members: int, code: str = "JV-001"):
    """Whom `rows` of a file would bring into another junta."""
    junta = a_junta(unit, code, box=None)
    for number in range(1, members + 1):
        a_member(junta, identity=an_identity(f"{40_000_000 + number:08}"))
    return junta


def test_who_is_known_is_told_and_counted_without_documents(office, callao):
    a_roster(callao.west, 2)
    one = checked(office, a_book(rows(3)))
    assert len(wrong(one)) == 2
    assert told() == [{"padron_import": str(one.id), "count": 2, "known": 0}]


def test_a_file_of_strangers_tells_nothing(office):
    checked(office, a_book(rows(3)))
    assert told() == []


def test_a_loader_is_told_nothing_and_nothing_is_counted(loader, callao):
    a_roster(callao.west, 1)
    checked(loader, a_book(rows(2, comisaria=callao.west.code)))
    assert told() == []


def test_past_the_limit_of_the_day_the_whole_file_is_held_back(
    office, callao, monkeypatch, owner_engine
):
    """Which of its people are known cannot be read off what is left."""
    monkeypatch.setattr(known, "NAMED_PER_DAY", 3)
    a_roster(callao.west, 2)
    assert checked(office, a_book(rows(2))).state == "revisada"
    one = checked(office, a_book(rows(4)))
    assert (one.state, one.rows_right, one.rows_known) == ("ilegible", 0, 0)
    assert "códigos de junta" in one.problem
    assert wrong(one) == {}
    assert count("padron_row") == 0
    assert told()[1] == {
        "padron_import": str(one.id),
        "count": 0,
        "known": 0,
        "over_limit": True,
    }


def test_the_next_day_it_goes_on(office, callao):
    a_roster(callao.west, 1)
    spent(office, count=known.NAMED_PER_DAY)
    assert checked(office, a_book(rows(2))).state == "ilegible"
    tomorrow = uploaded(office, a_book(rows(2)))
    work_on(tomorrow, clock.now() + timedelta(days=1))
    assert told()[-1]["count"] == 1


def test_each_account_has_a_limit_of_its_own(office, second, callao):
    a_roster(callao.west, 1)
    spent(office, count=known.NAMED_PER_DAY)
    assert checked(second, a_book(rows(2))).state == "revisada"


def test_an_office_brings_its_whole_roster_again(office, callao):
    """Who is in the file's own junta is counted and not named: hundreds are no matter."""
    a_roster(callao.west, 1)
    spent(office, count=known.NAMED_PER_DAY - 1, known=400)
    assert checked(office, a_book(rows(2))).state == "revisada"


def test_files_of_one_document_each_come_to_an_end(office, callao):
    a_roster(callao.west, 1)
    for _ in range(known.ANSWERS_PER_DAY):
        spent(office, count=0, known=1)
    one = checked(office, a_book([a_row(1)]))
    assert (one.state, wrong(one)) == ("ilegible", {})
    assert "Suba este mañana" in one.problem
    assert checked(office, a_book([a_row(9)])).state == "revisada", "new people may come"
