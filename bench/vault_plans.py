"""What the vault's own functions do inside, which EXPLAIN does not show; `bench.padron` calls it.

PostgreSQL's auto_explain tells the session that it watches the plan of each nested statement.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

Told = tuple[str, dict[str, Any]]  # the statement in one line, the root of its plan

_WATCH = (
    "LOAD 'auto_explain'",
    "SET auto_explain.log_min_duration = 0",
    "SET auto_explain.log_analyze = on",
    "SET auto_explain.log_buffers = on",
    "SET auto_explain.log_nested_statements = on",
    "SET auto_explain.log_format = json",
    "SET jit = off",
    "SET client_min_messages = log",
)
_A_UNIT = """
    SELECT s.unit_id, s.staff_id, array_agg(m.id), array_agg(v.document_index)
    FROM padron_seat s JOIN junta_vecinal j USING (unit_id) JOIN junta_member m ON m.junta_id = j.id
    JOIN vault.member v ON v.id = m.id
    WHERE s.unit_id = (SELECT id FROM police_unit WHERE code = 'GEN-7') GROUP BY 1, 2
"""
_TABLES = ("vault.member", "vault.reading")
_RECORD = "SELECT vault.record_reading(%s, %s, NULL, NULL, %s::uuid[], 'reunion')"
VAULT_CALLS = {
    "known_documents, los 84 de una comisaría": (
        "SELECT count(*) FROM vault.known_documents(%(unit)s, %(documents)s)"
    ),
    "record_reading, 12 nombres": (
        "SELECT vault.record_reading(%(staff)s, %(unit)s, NULL, NULL, %(some)s::uuid[], 'reunion')"
    ),
    "read_members, 12 nombres": "SELECT count(*) FROM vault.read_members(%(reading)s)",
    "replace_member": (
        "SELECT vault.replace_member(%(one)s, %(unit)s, 'x'::bytea, 1::smallint, 'y'::bytea,"
        " 1::smallint)"
    ),
    "forget_loose_members": "SELECT vault.forget_loose_members(gen_random_uuid())",
}


def vault_plans(superuser_url: str) -> Iterator[tuple[str, list[Told]]]:
    """Each function with the statements inside it; nothing that they change stays."""
    with psycopg.connect(superuser_url.replace("+psycopg", "")) as connection:
        values = vault_values(connection)
        with _watched(connection) as told:
            for name, call in VAULT_CALLS.items():
                told.clear()
                connection.execute(call, values)
                connection.rollback()
                yield name, [one for one in told if any(name in one[0] for name in _TABLES)]


def vault_values(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """What the calls are made with: the account and the members of one generated comisaría."""
    unit, staff, members, documents = connection.execute(_A_UNIT).fetchone() or ()
    reading = connection.execute(_RECORD, (staff, unit, members[:12])).fetchone()
    connection.commit()  # a reading counts only once it is committed
    assert reading is not None
    values = {"unit": unit, "staff": staff, "documents": documents, "reading": reading[0]}
    return values | {"some": members[:12], "one": members[0]}


@contextmanager
def _watched(connection: psycopg.Connection[Any]) -> Iterator[list[Told]]:
    told: list[Told] = []

    def hear(said: psycopg.errors.Diagnostic) -> None:
        words = said.message_primary or ""
        if "plan:" in words:
            plan = json.loads(words.split("plan:", 1)[1])
            told.append((" ".join(plan["Query Text"].split()), plan["Plan"]))

    connection.add_notice_handler(hear)
    for statement in _WATCH:
        connection.execute(statement)
    connection.commit()
    yield told
    connection.remove_notice_handler(hear)
