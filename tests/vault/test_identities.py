"""An identity goes into the vault with its case and comes out with a trace, or not at all."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select, text

from backend import clock
from backend.crypto import KeyRing
from backend.db import NestedTransaction, db, transaction
from backend.errors import InvalidInput, NotFound
from backend.vault import queries
from backend.vault.models import NewPerson, Opening
from backend.vault.services import IdentityLost, keep, open_person, same_document_count

ANA = {"tipo_documento": "dni", "numero_documento": "40123456", "nombres": "Ana Lucía"}
REASON = ("diligencia", "Citación del 3 de diciembre")
LONG_AGO = clock.now() - timedelta(days=365)


@pytest.fixture
def ring(parts) -> KeyRing:
    return parts.settings.keys


def kept(ring: KeyRing, data=ANA, document: tuple[str, str] | None = ("dni", "40123456")):
    """Ids of a case and of the one person in it."""
    report_id, person = uuid4(), NewPerson(uuid4(), data, document)
    with transaction():
        keep(report_id, [person], ring, clock.now())
    return person.id, report_id


def openings() -> list[Opening]:
    db.session.rollback()
    return list(db.session.scalars(select(Opening).order_by(Opening.id.desc())))


def stored(owner_engine: Engine, person_id: UUID):
    with owner_engine.connect() as connection:
        query = text("SELECT * FROM vault.person WHERE id = :id")
        return connection.execute(query, {"id": person_id}).one()


def test_what_is_kept_is_opened_again_and_the_trace_says_by_whom_and_why(db, ring):
    person_id, report_id = kept(ring)

    assert open_person(ring, person_id, report_id, 7, 3, *REASON) == ANA

    [opening] = openings()
    assert (opening.person_id, opening.report_id) == (person_id, report_id)
    assert (opening.staff_id, opening.unit_id) == (7, 3)
    assert (opening.reason, opening.words) == REASON
    assert abs(opening.at - clock.now()) < timedelta(minutes=1)


def test_nothing_of_the_identity_is_in_the_row(db, ring, owner_engine):
    person_id, _ = kept(ring)
    row = repr(tuple(stored(owner_engine, person_id)))
    for word in ("Ana", "Luc", "40123456", "dni", "nombres"):
        assert word not in row


def test_the_same_identity_never_looks_the_same(db, ring, owner_engine):
    one, other = (stored(owner_engine, kept(ring)[0]) for _ in range(2))
    assert one.sealed != other.sealed
    assert one.document_index == other.document_index


def test_a_case_that_is_not_committed_leaves_no_identity(db, ring, owner_engine):
    person = NewPerson(uuid4(), ANA)
    with pytest.raises(RuntimeError), transaction():
        keep(uuid4(), [person], ring, clock.now())
        raise RuntimeError
    with owner_engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM vault.person")).scalar_one() == 0


def test_a_case_without_persons_keeps_none(db, ring):
    with transaction():
        keep(uuid4(), [], ring, clock.now())


@pytest.mark.parametrize("pair", [("", "x"), ("x", ""), (" ", "x"), ("x", "\n"), ("x", "y" * 501)])
def test_without_a_reason_in_words_nothing_is_opened(db, ring, pair):
    person_id, report_id = kept(ring)
    with pytest.raises(InvalidInput) as refused:
        open_person(ring, person_id, report_id, 7, 3, *pair)
    assert refused.value.errors[0].field in ("motivo", "palabras")
    assert openings() == []


def test_a_person_is_opened_in_its_own_case_only(db, ring):
    person_id, _ = kept(ring)
    _, other_case = kept(ring)
    with pytest.raises(NotFound):
        open_person(ring, person_id, other_case, 7, 3, *REASON)
    assert openings() == []


def test_identities_are_never_opened_inside_a_transaction(db, ring):
    person_id, report_id = kept(ring)
    with pytest.raises(NestedTransaction), transaction():
        open_person(ring, person_id, report_id, 7, 3, *REASON)


def test_a_row_moved_to_another_person_or_case_does_not_open(db, ring, owner_engine):
    """Whoever can write to the table cannot pass one person off as another."""
    person_id, _ = kept(ring)
    other_id, other_report = kept(ring, {"nombres": "Otra"}, None)
    with owner_engine.begin() as connection:
        sealed = stored(owner_engine, person_id).sealed
        query = text("UPDATE vault.person SET sealed = :sealed WHERE id = :id")
        connection.execute(query, {"sealed": sealed, "id": other_id})
    with pytest.raises(IdentityLost):
        open_person(ring, other_id, other_report, 7, 3, *REASON)


def test_with_another_key_it_is_lost_and_the_attempt_still_shows(db, ring):
    person_id, report_id = kept(ring)
    with pytest.raises(IdentityLost):
        open_person(KeyRing.generate(), person_id, report_id, 7, 3, *REASON)
    assert queries.openings_of(report_id).times == 1


def test_the_author_sees_how_often_and_by_how_many(db, ring):
    person_id, report_id = kept(ring)
    for staff_id in (7, 7, 8):
        open_person(ring, person_id, report_id, staff_id, None, *REASON)
    found = queries.openings_of(report_id)
    assert (found.times, found.people) == (3, 2)
    assert queries.openings_of(uuid4()).times == 0


def test_equal_documents_are_counted_without_opening_anything(db, ring):
    kept(ring)
    kept(ring, {"nombres": "A."}, ("DNI", " 4012-3456 "))
    kept(ring, {"nombres": "B."}, ("ce", "40123456"))
    kept(ring, {"nombres": "C."}, None)
    assert same_document_count(ring, "dni", "40123456", LONG_AGO) == 2
    assert same_document_count(ring, "ce", "40123456", LONG_AGO) == 1
    assert same_document_count(ring, "dni", "99999999", LONG_AGO) == 0
    assert same_document_count(ring, "dni", "40123456", clock.now() + timedelta(hours=1)) == 0
    assert openings() == []


def test_one_case_that_names_a_document_twice_counts_once(db, ring):
    persons = [NewPerson(uuid4(), ANA, ("dni", "40123456")) for _ in range(2)]
    with transaction():
        keep(uuid4(), persons, ring, clock.now())
    assert same_document_count(ring, "dni", "40123456", LONG_AGO) == 1


def test_after_a_rotation_old_and_new_are_found_and_opened(db, ring):
    person_id, report_id = kept(ring)
    rotated = ring.rotated("vault").rotated("blind")
    other_id, other_report = kept(rotated)
    assert open_person(rotated, person_id, report_id, 7, 3, *REASON) == ANA
    assert open_person(rotated, other_id, other_report, 7, 3, *REASON) == ANA
    assert same_document_count(rotated, "dni", "40123456", LONG_AGO) == 2


def test_what_is_printed_hides_who_it_is():
    assert "Ana" not in repr(NewPerson(uuid4(), ANA, ("dni", "40123456")))
    assert "40123456" not in repr(NewPerson(uuid4(), ANA, ("dni", "40123456")))
