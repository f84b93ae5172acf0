"""History and audit can be appended to, and nothing else."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.db import transaction
from backend.identity.services import audit

APPEND_ONLY = ("history_entry", "message", "audit_entry")


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_application_has_no_right_to_edit(db, table, statement):
    with pytest.raises(DBAPIError, match="permission denied"), transaction():
        db.session.execute(text(statement.format(table)))


def test_even_the_owner_cannot_edit_the_trail(db, owner_engine):
    with transaction():
        audit(None, "something_happened")
    with pytest.raises(DBAPIError, match="append-only"), owner_engine.begin() as connection:
        connection.execute(text("UPDATE audit_entry SET action = 'nothing_happened'"))
