"""What a file was called is known while somebody waits for it, and no longer."""

from datetime import timedelta

from backend import clock
from backend.padron import services as imports
from backend.padron.applying import apply_import
from backend.padron.undoing import undo_import
from tests.padron.files import a_book, checked, fresh, rows, uploaded

NAME = "padron de Persona Inventada.xlsx"


def test_while_it_waits_it_has_its_name(office):
    assert checked(office, a_book(rows(1)), NAME).file_name == NAME


def test_registered_and_undone_it_has_none(office):
    one = checked(office, a_book(rows(1)), NAME)
    apply_import(office, one.id, only_right=False, now=clock.now())
    assert fresh(one.id).file_name == "Nombre ya borrado"
    undo_import(office, one.id, clock.now())
    assert fresh(one.id).file_name == "Nombre ya borrado"


def test_given_up_it_has_none(office):
    import_id = checked(office, a_book(rows(1)), NAME).id
    imports.discard(office, import_id, clock.now())
    assert fresh(import_id).file_name == "Nombre ya borrado"


def test_forgotten_it_has_none(office):
    import_id = uploaded(office, a_book(rows(1)), NAME)
    imports.discard_stale(clock.now() + timedelta(days=8))
    assert fresh(import_id).file_name == "Nombre ya borrado"
